"""How seats are played: what is handed in, what work it took, and what is known.

Nobody sees another's answers before having committed. A commitment binds its labeler, so what is
copied from the chain cannot be opened; sheets are only ever shared by consent. Given several
seats, most strategies play each alone; those of blocs play them as one.
"""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
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


@dataclass(frozen=True)
class Strategy:
    """A way to play one seat or several; `work` of a seat is 1 if it looks at every task."""

    _: KW_ONLY
    conduct: Conduct = Conduct.REVEALS
    work: float = 0.0

    def effort(self, seats: int) -> float:
        """Work a seat, if it plays so many."""
        return self.work

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        """What is committed to, a row for each seat."""
        raise NotImplementedError


@dataclass(frozen=True)
class Honest(Strategy):
    """Looks at every task; this share of the answers is right."""

    accuracy: float
    _: KW_ONLY
    work: float = 1.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        return deal.work(dice, np.full(seats, self.accuracy))


def silent(accuracy: float) -> Strategy:
    """Works, commits, and never reveals."""
    return Honest(accuracy, conduct=Conduct.SILENT)


@dataclass(frozen=True)
class HonestCrowd(Strategy):
    """The honest others: accuracies drawn evenly between the world's two bounds."""

    _: KW_ONLY
    work: float = 1.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        return deal.work(dice, dice.uniform(*deal.world.crowd, seats))


class Inverted(Honest):
    """Works at an accuracy and says something else: the next option, the other end of a scale."""

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        seen, options = super().answer(dice, deal, seats), deal.world.options
        ordinal = deal.world.kind is Kind.ORDINAL
        turned = options - 1 - seen if ordinal else (seen + 1) % options
        return np.where(seen == SKIP, SKIP, turned)


@dataclass(frozen=True)
class HalfLazy(Honest):
    """Works at an accuracy on a random half of the tasks; guesses the rest evenly, or skips it."""

    skips: bool = False
    _: KW_ONLY
    work: float = 0.5

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        seen = super().answer(dice, deal, seats)
        rest = dice.integers(deal.world.options, size=seen.shape)
        looked = dice.random(seen.shape) < self.work
        return np.where(looked, seen, SKIP if self.skips else rest)


@dataclass(frozen=True)
class Guesser(Strategy):
    """Any option without a look: evenly, or as often as each is true, which it knows exactly."""

    knows_prior: bool = False

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        size, options = (seats, deal.world.tasks), deal.world.options
        if not self.knows_prior:
            return dice.integers(options, size=size)
        prior = np.array(deal.world.prior) / sum(deal.world.prior)
        drawn: Answers = dice.choice(options, size=size, p=prior)
        return drawn


@dataclass(frozen=True)
class KnowsGold(Strategy):
    """Knows all gold answers: right on these, and plays another strategy on the rest."""

    rest: Strategy

    def effort(self, seats: int) -> float:
        return self.rest.effort(seats)

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        rows = self.rest.answer(dice, deal, seats).copy()
        rows[:, list(deal.gold)] = list(deal.gold.values())
        return rows


@dataclass(frozen=True)
class OneSheet(Strategy):
    """One sheet, made once in the manner of `source` and handed in from every seat.

    Of an honest source these are sybil sheets: the work of one, the pay of many. Of a guesser it
    is a bloc with a random sheet; of `Inverted` one with an inverted sheet.
    """

    source: Strategy

    def effort(self, seats: int) -> float:
        return self.source.effort(1) / max(seats, 1)

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        return np.repeat(self.source.answer(dice, deal, 1), seats, axis=0)


@dataclass(frozen=True)
class TargetedLies(Honest):
    """Each works alone at an accuracy, but on a share of the tasks all tell one agreed lie.

    Which tasks is agreed before anybody looks. Somebody in the bloc knows these tasks well.
    """

    share: float

    def effort(self, seats: int) -> float:
        return 1.0 - self.share

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        about = dice.random(deal.world.tasks) < self.share
        return np.where(about, lie(deal), super().answer(dice, deal, seats))


class LieAboutOne(HonestCrowd):
    """The honest crowd's work, but for one task, the first that is no gold task."""

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        rows, task = super().answer(dice, deal, seats), target(deal)
        rows[:, task] = lie(deal)[task]
        return rows


@dataclass(frozen=True)
class SameModel(Honest):
    """Seats that know nothing of each other ask the same model, and each changes a few answers.

    `changed` is the share of the answers that each seat gives afresh, by a look of its own that
    is as good as the model.
    """

    changed: float = 0.05

    def effort(self, seats: int) -> float:
        return self.changed

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        model = super().answer(dice, deal, 1)
        own = super().answer(dice, deal, seats)
        return np.where(dice.random(own.shape) < self.changed, own, model)


def target(deal: Deal) -> int:
    """The task that `LieAboutOne` lies about. Tasks are alike, so any will do."""
    return next(task for task in range(deal.world.tasks) if task not in deal.gold)


def lie(deal: Deal) -> Row:
    """To every task the option after the true one."""
    return (deal.truth + 1) % deal.world.options


@dataclass(frozen=True)
class PreparedSheet(Strategy):
    """Every seat hands in the same sheet, without a look at the tasks."""

    sheet: Callable[[Deal], Row]

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        return np.repeat(self.sheet(deal)[None], seats, axis=0)


def _always(deal: Deal, option: int) -> Row:
    return np.full(deal.world.tasks, option)


CONSTANT: Final = PreparedSheet(lambda deal: _always(deal, int(np.argmax(deal.world.prior))))
"""The option that is true most often, which it knows, to every task."""

LAST_OPTION: Final = PreparedSheet(lambda deal: _always(deal, deal.world.options - 1))

STALE_SHEET: Final = PreparedSheet(lambda deal: deal.other)
"""The true answers of another batch of the same kind, of no use in this one."""

DECOY: Final = PreparedSheet(lambda deal: deal.decoy)
"""A random sheet that the requester can know."""

BRIBED: Final = PreparedSheet(lie)
"""What a briber wrote who knows the tasks as well as it takes: the wrong answer to every task."""

COPIED_COMMITMENT: Final = PreparedSheet(lambda deal: _always(deal, SKIP), conduct=Conduct.COPIES)
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
        world, known = deal.world, dict(deal.gold)
        if self in (GoldUse.WRONG, GoldUse.FEW_WRONG):
            bent = list(known)[: len(known) if self is GoldUse.WRONG else len(known) // 4]
            return known | {task: (known[task] + 1) % world.options for task in bent}
        if self is GoldUse.NEARLY_ALL:
            return {task: int(deal.truth[task]) for task in range(world.tasks - MIN_TASKS + 1)}
        if self is GoldUse.ONE_SIDED:
            last = world.options - 1
            fit = [task for task in range(world.tasks) if deal.truth[task] == last]
            return dict.fromkeys(fit[: world.golds], last)
        if self is GoldUse.PLANTED:
            return {task: int(deal.decoy[task]) for task in known}
        return known if self.exist else {}

    @property
    def opens(self) -> bool:
        """Whether the gold answers are shown at the close."""
        return self not in (GoldUse.NONE, GoldUse.WITHHELD)

    @property
    def exist(self) -> bool:
        """Whether any are committed to."""
        return self is not GoldUse.NONE
