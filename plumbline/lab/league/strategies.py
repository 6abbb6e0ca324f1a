"""How seats are played: what is handed in, what work it took, and what is known.

Nobody sees another's answers before having committed. A commitment binds its labeler, so what is
copied from the chain cannot be opened; sheets are only ever shared by consent. Given several
seats, most strategies play each alone; those of blocs play them as one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

import numpy as np

from plumbline.lab.worlds import SKIP, Answers, Deal, Dice
from plumbline.settlement.terms import MIN_TASKS, Kind


class Conduct(Enum):
    """What a seat does besides answering."""

    REVEALS = "reveals"  # commits, keeps the secret, reveals
    SILENT = "silent"  # commits and never reveals
    COPIES = "copies"  # commits to the hash seen in somebody's seat, which it cannot open


@dataclass(frozen=True)
class Strategy:
    """A way to play one seat or several.

    conduct  what its seats do besides answering
    work     of a seat; 1 is a look at every task
    """

    conduct: ClassVar[Conduct] = Conduct.REVEALS
    work: ClassVar[float] = 0.0

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
    work = 1.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        return deal.work(dice, np.full(seats, self.accuracy))


class Crowd(Strategy):
    """The honest others: accuracies drawn evenly between the world's two bounds."""

    work = 1.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        return deal.work(dice, dice.uniform(*deal.world.crowd, seats))


class Guesser(Strategy):
    """Any option, evenly, without a look."""

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        return dice.integers(deal.world.options, size=(seats, deal.world.tasks))


class PriorGuesser(Strategy):
    """Guesses as often as each option is true, which it knows exactly; no look at the tasks."""

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        prior = np.array(deal.world.prior) / sum(deal.world.prior)
        size = (seats, deal.world.tasks)
        drawn: Answers = dice.choice(deal.world.options, size=size, p=prior)
        return drawn


class Constant(Strategy):
    """Gives the option that is true most often, which it knows, to every task."""

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        return np.full((seats, deal.world.tasks), int(np.argmax(deal.world.prior)))


class Inverted(Honest):
    """Works at an accuracy and says something else: the next option, the other end of a scale."""

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        seen = super().answer(dice, deal, seats)
        options = deal.world.options
        ordinal = deal.world.kind is Kind.ORDINAL
        turned = options - 1 - seen if ordinal else (seen + 1) % options
        return np.where(seen == SKIP, SKIP, turned)


class StaleSheet(Strategy):
    """Hands in the true answers of another batch of the same kind, of no use in this one."""

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        return np.repeat(deal.other[None], seats, axis=0)


class CommitmentCopier(Strategy):
    """Copies a commitment seen on chain, and even its opening once that is public.

    It binds another address, so it opens nothing: the seat ends as silent.
    """

    conduct = Conduct.COPIES

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        return np.full((seats, deal.world.tasks), SKIP)


class Silent(Honest):
    """Works, commits, and never reveals."""

    conduct = Conduct.SILENT


@dataclass(frozen=True)
class HalfLazy(Honest):
    """Works at an accuracy on a random half of the tasks; guesses the rest evenly, or skips it."""

    skips: bool = False
    work = 0.5

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        seen = super().answer(dice, deal, seats)
        rest = dice.integers(deal.world.options, size=seen.shape)
        looked = dice.random(seen.shape) < self.work
        return np.where(looked, seen, SKIP if self.skips else rest)


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


# ----------------------------------------------------------------------- blocs


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

    Which tasks is agreed before anybody looks. The lie is the option after the true one, so it
    is always a lie: somebody in the bloc knows these tasks well.
    """

    share: float

    def effort(self, seats: int) -> float:
        return 1.0 - self.share

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        about = dice.random(deal.world.tasks) < self.share
        return np.where(about, lie(deal), super().answer(dice, deal, seats))


class LieAboutOne(Crowd):
    """The honest crowd's work, but for one task, the first that is no gold task."""

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        rows = super().answer(dice, deal, seats)
        task = target(deal)
        rows[:, task] = lie(deal)[task]
        return rows


@dataclass(frozen=True)
class SameModel(Honest):
    """Seats that know nothing of each other ask the same model, and each changes a few answers.

    accuracy   of the model
    changed    share of the answers that each seat gives afresh, by a look of its own that is as
               good as the model
    """

    changed: float = 0.05

    def effort(self, seats: int) -> float:
        return self.changed

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        model = super().answer(dice, deal, 1)
        own = super().answer(dice, deal, seats)
        return np.where(dice.random(own.shape) < self.changed, own, model)


class Decoy(Strategy):
    """Every seat hands in the deal's decoy: a random sheet that the requester can know."""

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        return np.repeat(deal.decoy[None], seats, axis=0)


class LastOption(Strategy):
    """Every seat gives the last option to every task."""

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        return np.full((seats, deal.world.tasks), deal.world.options - 1)


class Bribed(Strategy):
    """Hands in what a briber wrote: the wrong answer to every task, without a look.

    The briber knows the tasks as well as it takes: the worst case for the others.
    """

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Answers:
        return np.repeat(lie(deal)[None], seats, axis=0)


def target(deal: Deal) -> int:
    """The task that `LieAboutOne` lies about. Tasks are alike, so any will do."""
    return next(task for task in range(deal.world.tasks) if task not in deal.gold)


def lie(deal: Deal) -> Answers:
    """To every task the option after the true one."""
    return (deal.truth + 1) % deal.world.options


# ------------------------------------------------------------------ gold tasks


class GoldUse(Enum):
    """Which gold answers a round is opened with. All but NONE are committed to at the opening.

    NONE        no gold tasks
    HONEST      the truth of some tasks, opened in time; secret unless a strategy knows them
    WITHHELD    the same, never opened
    WRONG       the same tasks with wrong answers, opened
    FEW_WRONG   a quarter of them are wrong
    NEARLY_ALL  the truth of so many tasks that 11 are left to score
    ONE_SIDED   true, but only of tasks whose truth is the last option
    PLANTED     those that the requester's own decoy sheet matches, whatever the truth
    """

    NONE = "none"
    HONEST = "honest"
    WITHHELD = "withheld"
    WRONG = "wrong"
    FEW_WRONG = "a quarter wrong"
    NEARLY_ALL = "nearly all tasks"
    ONE_SIDED = "one option only"
    PLANTED = "planted"

    def of(self, deal: Deal) -> Mapping[int, int]:
        """The gold answers committed to, by task."""
        options, last = deal.world.options, deal.world.options - 1
        known = dict(deal.gold)
        if self is GoldUse.NONE:
            return {}
        if self in (GoldUse.WRONG, GoldUse.FEW_WRONG):
            bent = list(known)[: len(known) if self is GoldUse.WRONG else len(known) // 4]
            return known | {task: (known[task] + 1) % options for task in bent}
        if self is GoldUse.NEARLY_ALL:
            number = deal.world.tasks - MIN_TASKS + 1
            return {task: int(deal.truth[task]) for task in range(number)}
        if self is GoldUse.ONE_SIDED:
            fit = [task for task in range(deal.world.tasks) if deal.truth[task] == last]
            return dict.fromkeys(fit[: deal.world.golds], last)
        if self is GoldUse.PLANTED:
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
