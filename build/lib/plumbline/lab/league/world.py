"""The tasks of a simulated round, and what labelers see of them.

A world says how tasks and honest labelers are; a deal is what one round draws from it. Nobody in
a deal knows the truth: `work` is what looking at the tasks gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from plumbline.settlement.terms import Kind, ScoringTerms, usual_terms

Dice = np.random.Generator
Table = npt.NDArray[np.int64]  # labelers by tasks: the answer, -1 for a skip
Row = npt.NDArray[np.int64]
Chances = npt.NDArray[np.float64]

SKIP: Final = -1
PRICE: Final = 10**16  # wei
_SKIPS: Final = 0.03  # of tasks that people leave out
_TRAPS: Final = 0.7  # of a Dirichlet distribution: how errors crowd on one wrong option


@dataclass(frozen=True, slots=True)
class World:
    """How tasks and the honest crowd are.

    prior       how often each option is true, in order
    width       credit of a scale; 1 if nominal
    difficulty  standard deviation of the log-odds of being right from task to task. 0: honest
                labelers err independently. Above: they err together, on the hard tasks, and with
                several options in the same way
    crowd       accuracies of the honest crowd, drawn evenly between these two
    golds       how many tasks the requester could use as golds
    stake       in prices
    """

    name: str
    prior: tuple[float, ...]
    width: int = 1
    tasks: int = 128
    seats: int = 20
    difficulty: float = 0.0
    crowd: tuple[float, float] = (0.6, 0.9)
    golds: int = 16
    stake: float = 2.0

    @property
    def options(self) -> int:
        """K."""
        return len(self.prior)

    @property
    def kind(self) -> Kind:
        """Ordinal if near answers have credit."""
        return Kind.NOMINAL if self.width == 1 else Kind.ORDINAL

    def terms(self) -> ScoringTerms:
        """The usual terms, price 10^16 wei."""
        return usual_terms(
            kind=self.kind,
            options=self.options,
            width=self.width,
            tasks=self.tasks,
            price=PRICE,
            stake=round(self.stake * 1_000) * PRICE // 1_000,
            seats=self.seats,
        )


@dataclass(frozen=True, slots=True)
class Deal:
    """One round's tasks.

    truth     the true answers
    hardness  by task, in standard deviations
    traps     tasks by options - 1: where errors go, added up; 1 + the place is the distance
    gold      the tasks whose truth the requester knows and may use as gold
    decoy     a random sheet, for whoever wants all of a group to hand in the same nonsense
    other     true answers of another batch of the same kind
    """

    world: World
    truth: Row
    hardness: Chances
    traps: Chances
    gold: Mapping[int, int]
    decoy: Row
    other: Row

    def work(self, dice: Dice, accuracy: Chances) -> Table:
        """Look at every task: the answers of one labeler for each accuracy.

        `accuracy` is the share of all tasks that is answered right, of those not skipped.
        """
        world, labelers = self.world, len(accuracy)
        chance = self._chances(accuracy)
        right = dice.random((labelers, world.tasks)) < chance
        luck = dice.random((labelers, world.tasks))
        skips = dice.random((labelers, world.tasks)) < _SKIPS
        wrong = self._wrong(luck)
        return np.where(skips, SKIP, np.where(right, self.truth, wrong))

    def _chances(self, accuracy: Chances) -> Chances:
        spread = self.world.difficulty
        if not spread:
            return accuracy[:, None]
        # A logistic curve averaged over a normal distribution is nearly one that is flatter by
        # this much; so the mean over tasks is the accuracy that was asked for.
        steeper = np.sqrt(1 + np.pi * spread**2 / 8)
        odds = np.log(accuracy / (1 - accuracy))[:, None] * steeper
        found: Chances = 1 / (1 + np.exp(spread * self.hardness[None] - odds))
        return found

    def _wrong(self, luck: Chances) -> Table:
        options = self.world.options
        if self.world.kind is Kind.ORDINAL:
            # Who errs on a scale errs by a step.
            up = (self.truth == 0) | ((luck < 0.5) & (self.truth < options - 1))
            return np.where(up, self.truth + 1, self.truth - 1)
        place = (luck[:, :, None] > self.traps[None, :, :-1]).sum(axis=2)
        wrong: Table = (self.truth + 1 + place) % options
        return wrong


def deal(world: World, dice: Dice) -> Deal:
    """Draw one round's tasks."""
    prior = np.array(world.prior) / sum(world.prior)
    truth = dice.choice(world.options, size=world.tasks, p=prior)
    hardness = dice.normal(size=world.tasks)
    weights = np.full(world.options - 1, _TRAPS)
    traps = dice.dirichlet(weights, size=world.tasks).cumsum(axis=1)
    if not world.difficulty:
        even = np.full((world.tasks, world.options - 1), 1 / (world.options - 1))
        traps = even.cumsum(axis=1)
    places = np.sort(dice.permutation(world.tasks)[: world.golds])
    return Deal(
        world=world,
        truth=truth,
        hardness=hardness,
        traps=traps,
        gold={int(task): int(truth[task]) for task in places},
        decoy=dice.integers(world.options, size=world.tasks),
        other=dice.choice(world.options, size=world.tasks, p=prior),
    )
