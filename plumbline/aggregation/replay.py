"""What it saves to ask more people only where labels are not sure, replayed on crowds.

Some people answer every task; then those tasks whose labels are below a target are asked of some
others, again and again, as `campaign extend` does. The same crowd in the same order answers all
tasks, as many people for each, and what is compared is how many labels it takes to be as often
right. Who decides sees the answers and the gold answers, and never the truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from plumbline.aggregation.choice import choose
from plumbline.aggregation.comparison import ComparisonError, draw_gold, table_of
from plumbline.aggregation.stopping import Target
from plumbline.aggregation.table import UNKNOWN, AnswerTable, Integers, gold_of
from plumbline.formats.recorded_answers import RecordedAnswers
from plumbline.planning.worlds import SKIP, World, deal, dice_of
from plumbline.progress import Progress, no_progress, track
from plumbline.settlement.terms import MIN_SEATS, Kind, fewest_gold_tasks

_ROUND: Final = 96  # tasks, of which the fewest that will do are gold tasks
_RESAMPLED: Final = 2_000

Flags = npt.NDArray[np.bool_]


class Crowd(Protocol):
    """Somebody who answers; `drawn` is all their answers and what is right, where it is known."""

    @property
    def name(self) -> str: ...

    def drawn(self, seed: int) -> tuple[AnswerTable, Integers]: ...


@dataclass(frozen=True, slots=True)
class RecordedCrowd:
    """What people once answered: the same for every seed."""

    answers: RecordedAnswers

    @property
    def name(self) -> str:
        return self.answers.name

    def drawn(self, seed: int) -> tuple[AnswerTable, Integers]:
        """All of it."""
        del seed
        return table_of(self.answers), gold_of(self.answers.truth)


@dataclass(frozen=True, slots=True)
class SimulatedCrowd:
    """People of a world, other people and tasks for every seed."""

    world: World
    people: int = 30

    @property
    def name(self) -> str:
        return self.world.name

    def drawn(self, seed: int) -> tuple[AnswerTable, Integers]:
        """What they answer."""
        dice = dice_of(seed, f"extend, {self.name}", 0)
        dealt = deal(self.world, dice)
        answers = dealt.work(dice, dice.uniform(*self.world.crowd, self.people))
        labeler, task = np.nonzero(answers != SKIP)
        table = AnswerTable(
            task,
            labeler,
            answers[labeler, task],
            tasks=self.world.tasks,
            labelers=self.people,
            options=self.world.options,
            is_ordinal=self.world.kind is Kind.ORDINAL,
        )
        return table, dealt.truth


SIMULATED: Final = tuple(
    SimulatedCrowd(World(name, prior, width=width, tasks=240, difficulty=difficulty))
    for name, prior, width, difficulty in (
        ("two options, tasks alike", (1, 1), 1, 0.0),
        ("two options", (1, 1), 1, 1.0),
        ("four options", (1, 1, 1, 1), 1, 1.0),
        ("scale of five", (1, 1, 1, 1, 1), 3, 1.0),
    )
)
"""Crowds with accuracies of 0.6 to 0.9, as in docs/expectations.md; tasks unequally hard."""


@dataclass(frozen=True, slots=True)
class LabelsSpent:
    """Labels a task, gold tasks included, and the share of tasks that are right; by draw."""

    labels: tuple[float, ...]
    right: tuple[float, ...]

    @property
    def mean_labels(self) -> float:
        return float(np.mean(self.labels))

    @property
    def mean_right(self) -> float:
        return float(np.mean(self.right))


@dataclass(frozen=True, slots=True)
class Saving:
    """A share of labels that are not needed, with its 95% interval.

    as_many     labels a task for all alike that are as often right
    is_beyond   whether not even all people are, so that it is more than is said
    """

    as_many: float
    value: float
    low: float
    high: float
    is_beyond: bool


@dataclass(frozen=True, slots=True)
class Replay:
    """What a crowd came to.

    extended   with labels where they are needed
    alike      as many for every task, fewest first
    """

    crowd: str
    target: Target
    extended: LabelsSpent
    alike: tuple[LabelsSpent, ...]

    @property
    def saving(self) -> Saving:
        """How many labels less it takes; the interval is that of a bootstrap over draws."""
        draws = len(self.extended.right)
        whole = np.arange(draws)
        dice = np.random.default_rng(1)
        resampled = [self._saving(dice.integers(draws, size=draws))[1] for _ in range(_RESAMPLED)]
        as_many, value, is_beyond = (*self._saving(whole), self._is_beyond)
        low, high = np.percentile(resampled, (2.5, 97.5))
        return Saving(as_many, value, float(low), float(high), is_beyond)

    @property
    def _is_beyond(self) -> bool:
        return self.extended.mean_right > max(each.mean_right for each in self.alike)

    def _saving(self, draws: Integers) -> tuple[float, float]:
        """As many labels, and the saving, over some of the draws."""
        labels = np.array([np.array(each.labels)[draws].mean() for each in self.alike])
        right = np.array([np.array(each.right)[draws].mean() for each in self.alike])
        # More labels are no worse: what looks so is chance, and counts for those who ask alike.
        reached = np.maximum.accumulate(right)
        wanted = np.array(self.extended.right)[draws].mean()
        steps, first = np.unique(reached, return_index=True)
        as_many = float(np.interp(wanted, steps, labels[first]))
        return as_many, 1 - float(np.array(self.extended.labels)[draws].mean()) / as_many


def replay(
    crowd: Crowd,
    targets: Sequence[Target],
    first: int,
    gold_count: int,
    seeds: int,
    progress: Progress = no_progress,
) -> list[Replay]:
    """Both ways over draws of people and gold answers, for each target; `first` is how many answer
    every task.

    Raises ComparisonError if too little of the truth is known, or if there are too few people.
    """
    extended: list[list[tuple[float, float]]] = [[] for _ in targets]
    alike: dict[int, list[tuple[float, float]]] = {}
    for seed in track(range(seeds), crowd.name, progress):
        draw = _Draw.of(crowd, gold_count, seed)
        people, needed = draw.table.labelers, first + max(target.labels for target in targets)
        if people < needed:
            raise ComparisonError(
                f"{crowd.name} has {people} people: {needed} are needed to ask some of them later"
            )
        for own, target in zip(extended, targets, strict=True):
            own.append(draw.extended(target, first))
        for number in _numbers(people):
            alike.setdefault(number, []).append(draw.alike(number))
    same = tuple(_spent(alike[number]) for number in sorted(alike))
    return [
        Replay(crowd.name, target, _spent(own), same)
        for own, target in zip(extended, targets, strict=True)
    ]


def _spent(pairs: Sequence[tuple[float, float]]) -> LabelsSpent:
    labels, right = zip(*pairs, strict=True)
    return LabelsSpent(labels, right)


def _numbers(people: int) -> list[int]:
    """How many to ask alike: from few to all, in steps that grow."""
    numbers, number = [], MIN_SEATS
    while number < people:
        numbers.append(number)
        number += max(1, number // 6)
    return [*numbers, people]


@dataclass(frozen=True, slots=True)
class _Draw:
    """A crowd in a drawn order, and drawn gold answers.

    turn     of each answer: when the one who gave it is asked
    scored   tasks that tell who is right
    """

    table: AnswerTable
    truth: Integers
    gold: Integers
    turn: Integers
    scored: Flags
    dice: np.random.Generator

    @classmethod
    def of(cls, crowd: Crowd, gold_count: int, seed: int) -> "_Draw":
        table, truth = crowd.drawn(seed)
        known = int((truth != UNKNOWN).sum())
        if known < 2 * gold_count:
            raise ComparisonError(
                f"{crowd.name} has {known} tasks with a known answer: twice as many as gold "
                f"answers are needed, and these are {gold_count}"
            )
        gold = draw_gold(truth, gold_count, seed)
        dice = dice_of(seed, f"replay, {crowd.name}", 1)
        turns = dice.permutation(table.labelers)
        return cls(
            table, truth, gold, turns[table.labeler], (truth != UNKNOWN) & (gold == UNKNOWN), dice
        )

    def alike(self, number: int) -> tuple[float, float]:
        """So many people answer every task."""
        return self._right(self.turn < number)[:2]

    def extended(self, target: Target, first: int) -> tuple[float, float]:
        """Some answer every task, then others where labels are not sure."""
        asked, turn = self.turn < first, first
        while True:
            labels, right, confidence = self._right(asked)
            given = np.bincount(self.table.task[asked], minlength=self.table.tasks)
            again = np.array(
                [
                    self.gold[task] == UNKNOWN
                    and target.asks_again(float(confidence[task]), int(given[task]))
                    for task in range(self.table.tasks)
                ]
            )
            if not again.any() or turn + target.labels > self.table.labelers:
                return labels, right
            again[self._gold_tasks(int(again.sum()))] = True
            others = (self.turn >= turn) & (self.turn < turn + target.labels)
            asked = asked | (others & again[self.table.task])
            turn += target.labels

    def _gold_tasks(self, others: int) -> Integers:
        """Gold tasks for so many others, of these as many as a round of usual size has."""
        each = fewest_gold_tasks(self.table.options)
        known = np.flatnonzero(self.gold != UNKNOWN)
        number = min(len(known), -(-others * each // (_ROUND - each)))
        return self.dice.choice(known, number, replace=False)

    def _right(self, asked: Flags) -> tuple[float, float, npt.NDArray[np.float64]]:
        """Labels a task, the share of labels that are right, and how sure each is."""
        estimate = choose(self.table.only(asked), self.gold).estimate
        right = (estimate.labels == self.truth)[self.scored].mean()
        return float(asked.sum()) / self.table.tasks, float(right), estimate.confidence
