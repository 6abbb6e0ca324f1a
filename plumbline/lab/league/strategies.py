"""How seats are played: what is handed in, what work it took, and what is known.

Nobody sees another's answers before having committed. A commitment binds its labeler, so what is
copied from the chain cannot be opened; sheets are only ever shared by consent. Given several
seats, most strategies play each alone; those of blocs play them as one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import numpy as np

from plumbline.lab.worlds import SKIP, Answers, Deal, Dice, Row
from plumbline.settlement.terms import MIN_TASKS, Kind


class Conduct(Enum):
    """What a seat does besides answering."""

    REVEALS = "reveals"  # commits, keeps the secret, reveals
    SILENT = "silent"  # commits and never reveals
    COPIES = "copies"  # commits to the hash seen in somebody's seat, which it cannot open


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to play one seat or several.

    answer  what is committed to, a row for each of so many seats
    work    of a seat: 1 if it looks at every task; of all seats together if `is_shared`
    """

    answer: Callable[[Dice, Deal, int], Answers]
    work: float = 0.0
    is_shared: bool = False
    conduct: Conduct = Conduct.REVEALS
    needs_gold: bool = False  # senseless where there are no gold tasks

    def effort(self, seats: int) -> float:
        """Work a seat, if it plays so many."""
        return self.work / max(seats, 1) if self.is_shared else self.work


def honest(accuracy: float) -> Strategy:
    """Looks at every task; this share of the answers is right."""
    return Strategy(lambda dice, deal, seats: deal.work(dice, np.full(seats, accuracy)), 1.0)


def silent(accuracy: float) -> Strategy:
    """Works, commits, and never reveals."""
    return replace(honest(accuracy), conduct=Conduct.SILENT)


def inverted(accuracy: float) -> Strategy:
    """Works at an accuracy and says something else: the next option, the other end of a scale."""

    def answer(dice: Dice, deal: Deal, seats: int) -> Answers:
        seen, options = honest(accuracy).answer(dice, deal, seats), deal.world.options
        ordinal = deal.world.kind is Kind.ORDINAL
        turned = options - 1 - seen if ordinal else (seen + 1) % options
        return np.where(seen == SKIP, SKIP, turned)

    return Strategy(answer, 1.0)


def half_lazy(accuracy: float, skips: bool = False) -> Strategy:
    """Works at an accuracy on a random half of the tasks; guesses the rest evenly, or skips it."""

    def answer(dice: Dice, deal: Deal, seats: int) -> Answers:
        seen = honest(accuracy).answer(dice, deal, seats)
        rest = dice.integers(deal.world.options, size=seen.shape)
        return np.where(dice.random(seen.shape) < 0.5, seen, SKIP if skips else rest)

    return Strategy(answer, 0.5)


def guesser(knows_prior: bool = False) -> Strategy:
    """Any option without a look: evenly, or as often as each is true, which it knows exactly."""

    def answer(dice: Dice, deal: Deal, seats: int) -> Answers:
        size, options = (seats, deal.world.tasks), deal.world.options
        if not knows_prior:
            return dice.integers(options, size=size)
        prior = np.array(deal.world.prior) / sum(deal.world.prior)
        drawn: Answers = dice.choice(options, size=size, p=prior)
        return drawn

    return Strategy(answer)


def knows_gold(rest: Strategy) -> Strategy:
    """Knows all gold answers: right on these, and plays another strategy on the rest."""

    def answer(dice: Dice, deal: Deal, seats: int) -> Answers:
        rows = rest.answer(dice, deal, seats).copy()
        rows[:, list(deal.gold)] = list(deal.gold.values())
        return rows

    return replace(rest, answer=answer, needs_gold=True)


def one_sheet(source: Strategy) -> Strategy:
    """One sheet, made once in the manner of `source` and handed in from every seat.

    Of an honest source these are sybil sheets: the work of one, the pay of many. Of a guesser it
    is a bloc with a random sheet; of `inverted` one with an inverted sheet.
    """

    def answer(dice: Dice, deal: Deal, seats: int) -> Answers:
        return np.repeat(source.answer(dice, deal, 1), seats, axis=0)

    return Strategy(answer, source.effort(1), is_shared=True)


def targeted_lies(accuracy: float, share: float) -> Strategy:
    """Each works alone at an accuracy, but on a share of the tasks all tell one agreed lie.

    Which tasks is agreed before anybody looks. Somebody in the bloc knows these tasks well.
    """

    def answer(dice: Dice, deal: Deal, seats: int) -> Answers:
        about = dice.random(deal.world.tasks) < share
        return np.where(about, lie(deal), honest(accuracy).answer(dice, deal, seats))

    return Strategy(answer, 1.0 - share)


def same_model(accuracy: float, changed: float = 0.05) -> Strategy:
    """Seats that know nothing of each other ask the same model, and each changes a few answers.

    `changed` is the share of the answers that each seat gives afresh, by a look of its own that
    is as good as the model.
    """

    def answer(dice: Dice, deal: Deal, seats: int) -> Answers:
        model = honest(accuracy).answer(dice, deal, 1)
        own = honest(accuracy).answer(dice, deal, seats)
        return np.where(dice.random(own.shape) < changed, own, model)

    return Strategy(answer, changed)


def prepared_sheet(sheet: Callable[[Deal], Row | int]) -> Strategy:
    """Every seat hands in the same sheet, or one option to all, without a look at the tasks."""
    return Strategy(
        lambda dice, deal, seats: np.broadcast_to(sheet(deal), (seats, deal.world.tasks))
    )


def target(deal: Deal) -> int:
    """The task that `LIE_ABOUT_ONE` lies about, no gold task. Tasks are alike: any will do."""
    return next(task for task in range(deal.world.tasks) if task not in deal.gold)


def lie(deal: Deal) -> Row:
    """To every task the option after the true one."""
    return (deal.truth + 1) % deal.world.options


def _crowd(dice: Dice, deal: Deal, seats: int) -> Answers:
    return deal.work(dice, dice.uniform(*deal.world.crowd, seats))


def _lie_about_one(dice: Dice, deal: Deal, seats: int) -> Answers:
    rows, task = _crowd(dice, deal, seats), target(deal)
    rows[:, task] = lie(deal)[task]
    return rows


HONEST_CROWD: Final = Strategy(_crowd, 1.0)
"""The honest others: accuracies drawn evenly between the world's two bounds."""

LIE_ABOUT_ONE: Final = Strategy(_lie_about_one, 1.0)
"""The honest crowd's work, but for one task."""

CONSTANT: Final = prepared_sheet(lambda deal: int(np.argmax(deal.world.prior)))
"""The option that is true most often, which it knows, to every task."""

LAST_OPTION: Final = prepared_sheet(lambda deal: deal.world.options - 1)

STALE_SHEET: Final = prepared_sheet(lambda deal: deal.other)
"""The true answers of another batch of the same kind, of no use in this one."""

DECOY: Final = prepared_sheet(lambda deal: deal.decoy)
"""A random sheet that the requester can know."""

BRIBED: Final = prepared_sheet(lie)
"""What a briber wrote who knows the tasks as well as it takes: the wrong answer to every task."""

COPIED_COMMITMENT: Final = replace(prepared_sheet(lambda deal: SKIP), conduct=Conduct.COPIES)
"""A commitment seen on chain, and even its opening once that is public; it opens nothing."""


class GoldUse(Enum):
    """Which gold answers a round is opened with. All but NONE are committed to at the opening."""

    NONE = "none"
    HONEST = "honest"  # true, opened in time; secret unless a strategy knows them
    WITHHELD = "withheld"  # the same, never opened
    WRONG = "wrong"  # the same tasks with wrong answers, opened
    FEW_WRONG = "a quarter wrong"
    NEARLY_ALL = "nearly all tasks"  # the truth of so many tasks that 11 are left to score
    ONE_SIDED = "one option only"  # true, but only of tasks whose truth is the last option
    PLANTED = "planted"  # what the requester's own decoy sheet says, whatever the truth

    def of(self, deal: Deal) -> Mapping[int, int]:
        """The gold answers committed to, by task."""
        known, last = dict(deal.gold), deal.world.options - 1
        match self:
            case GoldUse.NONE:
                return {}
            case GoldUse.WRONG | GoldUse.FEW_WRONG:
                bent = list(known)[: len(known) if self is GoldUse.WRONG else len(known) // 4]
                return known | {task: int(lie(deal)[task]) for task in bent}
            case GoldUse.NEARLY_ALL:
                tasks = range(deal.world.tasks - MIN_TASKS + 1)
                return {task: int(deal.truth[task]) for task in tasks}
            case GoldUse.ONE_SIDED:
                fit = np.flatnonzero(deal.truth == last).tolist()
                return dict.fromkeys(fit[: deal.world.golds], last)
            case GoldUse.PLANTED:
                return {task: int(deal.decoy[task]) for task in known}
        return known

    @property
    def opens(self) -> bool:
        """Whether the gold answers are shown at the close."""
        return self not in (GoldUse.NONE, GoldUse.WITHHELD)

    @property
    def exist(self) -> bool:
        """Whether any are committed to."""
        return self is not GoldUse.NONE
