"""How several seats play as one: sheets shared by consent, agreed lies, one model for many."""

from dataclasses import dataclass

import numpy as np

from plumbline.lab.league.strategies import Conduct, Honest, Strategy
from plumbline.lab.league.world import Deal, Dice, Table


@dataclass(frozen=True, slots=True)
class OneSheet:
    """One sheet, made once in the manner of `source` and handed in from every seat.

    Of an honest source these are sybil sheets: the work of one, the pay of many. Of a guesser it
    is a bloc with a random sheet; of `Inverted` one with an inverted sheet.
    """

    source: Strategy
    conduct: Conduct = Conduct.REVEALS

    def effort(self, seats: int) -> float:
        """The work of one, shared by all."""
        return self.source.effort(1) / max(seats, 1)

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """Copies."""
        return np.repeat(self.source.answer(dice, deal, 1), seats, axis=0)


@dataclass(frozen=True, slots=True)
class TargetedLies:
    """Each works alone at an accuracy, but on a share of the tasks all tell one agreed lie.

    Which tasks is agreed before anybody looks. The lie is the option after the true one, so it
    is always a lie: somebody in the bloc knows these tasks well.
    """

    accuracy: float
    share: float
    conduct: Conduct = Conduct.REVEALS

    def effort(self, seats: int) -> float:
        """What is not lied about is worked on."""
        return 1.0 - self.share

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """Lies over honest work."""
        about = dice.random(deal.world.tasks) < self.share
        seen = deal.work(dice, np.full(seats, self.accuracy))
        return np.where(about, (deal.truth + 1) % deal.world.options, seen)


@dataclass(frozen=True, slots=True)
class LieAboutOne:
    """The honest crowd's work, but for one task, the first that is no gold, answered falsely."""

    conduct: Conduct = Conduct.REVEALS

    def effort(self, seats: int) -> float:
        """All of it."""
        return 1.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """Work with one lie in it."""
        low, high = deal.world.crowd
        rows = deal.work(dice, dice.uniform(low, high, seats))
        task = target(deal)
        rows[:, task] = (deal.truth[task] + 1) % deal.world.options
        return rows


def target(deal: Deal) -> int:
    """The task that `LieAboutOne` lies about. Tasks are alike, so any will do."""
    return next(task for task in range(deal.world.tasks) if task not in deal.gold)


@dataclass(frozen=True, slots=True)
class SameModel:
    """Seats that know nothing of each other ask the same model, and each changes a few answers.

    accuracy   of the model
    changed    share of the answers that each seat gives afresh, by a look of its own that is as
               good as the model
    """

    accuracy: float
    changed: float = 0.05
    conduct: Conduct = Conduct.REVEALS

    def effort(self, seats: int) -> float:
        """What was changed was looked at."""
        return self.changed

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """The model's answers with own ones among them."""
        model = Honest(self.accuracy).answer(dice, deal, 1)
        own = Honest(self.accuracy).answer(dice, deal, seats)
        return np.where(dice.random(own.shape) < self.changed, own, model)


@dataclass(frozen=True, slots=True)
class Decoy:
    """Every seat hands in the deal's decoy: a random sheet that the requester can know."""

    conduct: Conduct = Conduct.REVEALS

    def effort(self, seats: int) -> float:
        """None."""
        return 0.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """The decoy."""
        return np.repeat(deal.decoy[None], seats, axis=0)


@dataclass(frozen=True, slots=True)
class LastOption:
    """Every seat gives the last option to every task."""

    conduct: Conduct = Conduct.REVEALS

    def effort(self, seats: int) -> float:
        """None."""
        return 0.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """One option."""
        return np.full((seats, deal.world.tasks), deal.world.options - 1)


@dataclass(frozen=True, slots=True)
class Bribed:
    """Hands in what a briber wrote: the wrong answer to every task, without a look.

    The briber knows the tasks as well as it takes: the worst case for the others.
    """

    conduct: Conduct = Conduct.REVEALS

    def effort(self, seats: int) -> float:
        """None: the briber did it."""
        return 0.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """The briber's sheet."""
        wrong = (deal.truth + 1) % deal.world.options
        return np.repeat(wrong[None], seats, axis=0)
