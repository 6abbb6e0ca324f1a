"""Tasks as they are, and what labelers see of them: with numpy, for many rounds.

A world says how tasks and honest labelers are; a deal is what one round draws from it. Nobody in
a deal knows the truth: `work` is what looking at the tasks gives.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from plumbline.formats.gold_choice import evenly
from plumbline.settlement.terms import Kind, ScoringTerms, usual_gold_count, usual_terms

Dice = np.random.Generator
Answers = npt.NDArray[np.int64]  # labelers by tasks: the answer, -1 for a skip
Row = npt.NDArray[np.int64]
Chances = npt.NDArray[np.float64]

SKIP: Final = -1
PRICE: Final = 10**16  # wei, full pay of a labeler, wherever rounds are played
SKIPS: Final = 0.03  # of tasks that people leave out
_MIDDLING: Final = 0.6745  # standard deviations of the mean that half of the tasks are within
_TRAPS: Final = 0.7  # of a Dirichlet distribution: how errors crowd on one wrong option


@dataclass(frozen=True, slots=True)
class World:
    """How tasks and the honest crowd are. Its text seeds the dice: other names, other figures.

    difficulty  standard deviation of the log-odds of being right from task to task. 0: honest
                labelers err independently. Above: they err together, on the hard tasks, and
                with several options in the same way
    crowd       accuracies of the honest crowd, drawn evenly between these two
    """

    name: str
    prior: tuple[float, ...]  # how often each option is true, in order
    width: int = 1  # credit of a scale; 1 if nominal
    tasks: int = 128
    seats: int = 20
    difficulty: float = 0.0
    crowd: tuple[float, float] = (0.6, 0.9)
    stake: float = 2.0  # in prices
    gold_tasks: int | None = None  # if there is gold; None for the usual number

    @property
    def shares(self) -> Chances:
        """How often each option is true, of 1."""
        return np.array(self.prior) / sum(self.prior)

    @property
    def commonest(self) -> int:
        """The option that is true most often."""
        return int(np.argmax(self.prior))

    @property
    def options(self) -> int:
        return len(self.prior)

    @property
    def kind(self) -> Kind:
        """Ordinal if near answers have credit."""
        return Kind.NOMINAL if self.width == 1 else Kind.ORDINAL

    @property
    def gold_count(self) -> int:
        """How many gold tasks the requester has, if any."""
        return self.gold_tasks or usual_gold_count(self.options, self.tasks)

    def terms(self, has_gold: bool = False) -> ScoringTerms:
        """The usual terms, price 10^16 wei."""
        shape = (self.kind, self.options, self.width, self.tasks)
        stake = round(self.stake * 1_000) * PRICE // 1_000
        gold_count = self.gold_count if has_gold else 0
        return usual_terms(*shape, PRICE, stake, self.seats, gold_count)


@dataclass(frozen=True, slots=True)
class Deal:
    """One round's tasks."""

    world: World
    truth: Row  # the true answers
    hardness: Chances  # by task, in standard deviations
    traps: Chances  # tasks by options - 1: where errors go, added up; 1 + the place is the distance
    gold: Mapping[int, int]  # the tasks whose truth the requester knows and may use as gold answers
    decoy: Row  # a random sheet, for whoever wants all of a group to hand in the same nonsense
    other: Row  # true answers of another batch of the same kind

    def work(self, dice: Dice, accuracy: Chances) -> Answers:
        """Look at every task: the answers of one labeler for each accuracy.

        `accuracy` is the share of all tasks that is answered right, of those not skipped.
        """
        shape = (len(accuracy), self.world.tasks)
        right = dice.random(shape) < self._chances(accuracy)
        luck = dice.random(shape)
        skips = dice.random(shape) < SKIPS
        return np.where(skips, SKIP, np.where(right, self.truth, self._wrong(luck)))

    def _chances(self, accuracy: Chances) -> Chances:
        spread = self.world.difficulty
        if not spread:
            return accuracy[:, None]
        # A logistic curve averaged over a normal distribution is nearly one that is flatter by
        # this much; so the mean over tasks is the accuracy that was asked for.
        steeper = np.sqrt(1 + np.pi * spread**2 / 8)
        odds = np.log(accuracy / (1 - accuracy))[:, None] * steeper
        chances: Chances = 1 / (1 + np.exp(spread * self.hardness[None] - odds))
        return chances

    def _wrong(self, luck: Chances) -> Answers:
        options = self.world.options
        if self.world.kind is Kind.ORDINAL:
            # Who errs on a scale errs by a step.
            up = (self.truth == 0) | ((luck < 0.5) & (self.truth < options - 1))
            return np.where(up, self.truth + 1, self.truth - 1)
        return trapped(self.truth, self.traps, luck)


def dice_of(seed: int, name: str, number: int) -> Dice:
    """The dice of one round of something that is played with a seed."""
    return np.random.default_rng([seed, zlib.crc32(name.encode()), number])


def deal(world: World, dice: Dice) -> Deal:
    """Draw one round's tasks. The gold tasks are even over the options, of middling difficulty."""
    options, tasks = world.options, world.tasks
    truth = dice.choice(options, size=tasks, p=world.shares)
    hardness = dice.normal(size=tasks)
    traps = draw_traps(dice, tasks, options)
    if not world.difficulty:
        traps = np.full((tasks, options - 1), 1 / (options - 1)).cumsum(axis=1)
    order = dice.permutation(tasks)
    is_odd = np.abs(hardness[order]) > _MIDDLING
    places = evenly(truth.tolist(), order[is_odd.argsort(kind="stable")].tolist())
    gold = {task: int(truth[task]) for task in sorted(places[: world.gold_count])}
    decoy = dice.integers(options, size=tasks)
    return Deal(
        world, truth, hardness, traps, gold, decoy, dice.choice(options, tasks, p=world.shares)
    )


def draw_traps(dice: Dice, tasks: int, options: int) -> Chances:
    """How errors on each task spread over its wrong options, added up."""
    return dice.dirichlet(np.full(options - 1, _TRAPS), size=tasks).cumsum(axis=1)


def trapped(truth: Row, traps: Chances, luck: Chances) -> Answers:
    """Wrong answers, labelers by tasks: each falls for one of its task's traps."""
    place = (luck[:, :, None] > traps[None, :, :-1]).sum(axis=2)
    wrong: Answers = (truth + 1 + place) % (traps.shape[1] + 1)
    return wrong


def rows_of(answers: Answers) -> list[list[int | None]]:
    """A table as answers with None for a skip."""
    return [[None if answer < 0 else answer for answer in row] for row in answers.tolist()]
