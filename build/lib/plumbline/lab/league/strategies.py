"""How one labeler may play: what is handed in for it, what work it took, and what is known.

Nobody sees another's answers before having committed. A commitment binds its labeler, so what is
copied from the chain cannot be opened; sheets are only ever shared by consent (see `blocs`).
"""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np

from plumbline.lab.league.world import SKIP, Deal, Dice, Table
from plumbline.settlement.terms import Kind


class Conduct(Enum):
    """What a seat does besides answering."""

    REVEALS = "reveals"  # commits, keeps the secret, reveals
    SILENT = "silent"  # commits and never reveals
    COPIES = "copies"  # commits to the hash seen in somebody's seat, which it cannot open


class Strategy(Protocol):
    """A way to play one seat or several."""

    @property
    def conduct(self) -> Conduct:
        """What its seats do besides answering."""

    def effort(self, seats: int) -> float:
        """Work a seat: 1 is looking at every task once."""

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """What is committed to, a row for each seat."""


@dataclass(frozen=True, slots=True)
class Honest:
    """Looks at every task; this share of the answers is right."""

    accuracy: float
    conduct: Conduct = Conduct.REVEALS

    def effort(self, seats: int) -> float:
        """All of it."""
        return 1.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """What it sees."""
        return deal.work(dice, np.full(seats, self.accuracy))


@dataclass(frozen=True, slots=True)
class Crowd:
    """The honest others: accuracies drawn evenly between the world's two bounds."""

    conduct: Conduct = Conduct.REVEALS

    def effort(self, seats: int) -> float:
        """All of it."""
        return 1.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """What each sees."""
        low, high = deal.world.crowd
        return deal.work(dice, dice.uniform(low, high, seats))


@dataclass(frozen=True, slots=True)
class Guesser:
    """Any option, evenly, without a look."""

    conduct: Conduct = Conduct.REVEALS

    def effort(self, seats: int) -> float:
        """None."""
        return 0.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """Dice."""
        return dice.integers(deal.world.options, size=(seats, deal.world.tasks))


@dataclass(frozen=True, slots=True)
class PriorGuesser:
    """Guesses as often as each option is true, which it knows exactly; no look at the tasks."""

    conduct: Conduct = Conduct.REVEALS

    def effort(self, seats: int) -> float:
        """None."""
        return 0.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """Weighted dice."""
        prior = np.array(deal.world.prior) / sum(deal.world.prior)
        size = (seats, deal.world.tasks)
        drawn: Table = dice.choice(deal.world.options, size=size, p=prior)
        return drawn


@dataclass(frozen=True, slots=True)
class Constant:
    """Gives the option that is true most often, which it knows, to every task."""

    conduct: Conduct = Conduct.REVEALS

    def effort(self, seats: int) -> float:
        """None."""
        return 0.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """One option."""
        return np.full((seats, deal.world.tasks), int(np.argmax(deal.world.prior)))


@dataclass(frozen=True, slots=True)
class Inverted:
    """Works at an accuracy and says something else: the next option, the other end of a scale."""

    accuracy: float
    conduct: Conduct = Conduct.REVEALS

    def effort(self, seats: int) -> float:
        """All of it."""
        return 1.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """The opposite of what it sees."""
        return inverse(deal, deal.work(dice, np.full(seats, self.accuracy)))


def inverse(deal: Deal, seen: Table) -> Table:
    """The next option, or the other end of a scale; a skip stays one."""
    options = deal.world.options
    ordinal = deal.world.kind is Kind.ORDINAL
    turned = options - 1 - seen if ordinal else (seen + 1) % options
    return np.where(seen == SKIP, SKIP, turned)


@dataclass(frozen=True, slots=True)
class StaleSheet:
    """Hands in the true answers of another batch of the same kind: copied, but of no use here."""

    conduct: Conduct = Conduct.REVEALS

    def effort(self, seats: int) -> float:
        """None."""
        return 0.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """The other batch's answers."""
        return np.repeat(deal.other[None], seats, axis=0)


@dataclass(frozen=True, slots=True)
class CommitmentCopier:
    """Copies a commitment seen on chain, and even its opening once that is public.

    It binds another address, so it opens nothing: the seat ends as silent.
    """

    conduct: Conduct = Conduct.COPIES

    def effort(self, seats: int) -> float:
        """None."""
        return 0.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """Never seen by anybody."""
        return np.full((seats, deal.world.tasks), SKIP)


@dataclass(frozen=True, slots=True)
class Silent:
    """Works, commits, and never reveals."""

    accuracy: float
    conduct: Conduct = Conduct.SILENT

    def effort(self, seats: int) -> float:
        """All of it, for nothing."""
        return 1.0

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """Never seen by anybody."""
        return deal.work(dice, np.full(seats, self.accuracy))


@dataclass(frozen=True, slots=True)
class HalfLazy:
    """Works at an accuracy on a random share of the tasks; guesses the rest evenly, or skips it."""

    accuracy: float
    worked: float = 0.5
    skips: bool = False
    conduct: Conduct = Conduct.REVEALS

    def effort(self, seats: int) -> float:
        """The share that was looked at."""
        return self.worked

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """Half of each."""
        seen = deal.work(dice, np.full(seats, self.accuracy))
        rest = dice.integers(deal.world.options, size=seen.shape)
        looked = dice.random(seen.shape) < self.worked
        return np.where(looked, seen, SKIP if self.skips else rest)


@dataclass(frozen=True, slots=True)
class KnowsGold:
    """Has been told all golds: right on these, and plays another strategy on the rest."""

    rest: Strategy

    @property
    def conduct(self) -> Conduct:
        """As the other."""
        return self.rest.conduct

    def effort(self, seats: int) -> float:
        """As the other."""
        return self.rest.effort(seats)

    def answer(self, dice: Dice, deal: Deal, seats: int) -> Table:
        """The golds, put over the other's answers."""
        rows = self.rest.answer(dice, deal, seats).copy()
        rows[:, list(deal.gold)] = list(deal.gold.values())
        return rows
