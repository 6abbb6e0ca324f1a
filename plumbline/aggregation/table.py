"""Answers as arrays: who answered which task how."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

UNKNOWN: Final = -1
"""In an array of gold answers: no gold task."""


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """One row for each answer that was given; everything is numbered from 0.

    task, labeler, answer      arrays of one length
    tasks, labelers, options   how many there are
    is_ordinal                 whether the options are in an order
    """

    task: Integers
    labeler: Integers
    answer: Integers
    tasks: int
    labelers: int
    options: int
    is_ordinal: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for numbers that stand for nothing."""
        for name, column, most in (
            ("task", self.task, self.tasks),
            ("labeler", self.labeler, self.labelers),
            ("answer", self.answer, self.options),
        ):
            if len(column) != len(self.task):
                raise ValueError(f"{name} has {len(column)} rows, and task {len(self.task)}")
            if len(column) and not 0 <= column.min() <= column.max() < most:
                raise ValueError(f"{name} must be 0 to {most - 1}")

    @classmethod
    def of(
        cls,
        rows: Sequence[tuple[int, int, int]],
        tasks: int,
        labelers: int,
        options: int,
        is_ordinal: bool,
    ) -> "AnswerTable":
        """From rows of task, labeler and option."""
        task, labeler, answer = np.array(rows, dtype=np.int64).reshape(-1, 3).T
        return cls(task, labeler, answer, tasks, labelers, options, is_ordinal)

    @property
    def answers_a_task(self) -> float:
        """How many answers a task has on average."""
        return len(self.task) / self.tasks

    def votes(self, weights: Floats | None = None) -> Floats:
        """What each option of each task got, (tasks, options); `weights` are by answer."""
        return self._by_option(self.task, self.tasks, weights)

    def by_labeler(self, weights: Floats) -> Floats:
        """Sums of a number for each answer, by labeler."""
        return np.bincount(self.labeler, weights, self.labelers).astype(np.float64)

    def given(self, weights: Floats | None = None) -> Floats:
        """How often each labeler gave each option, (labelers, options)."""
        return self._by_option(self.labeler, self.labelers, weights)

    def only(self, rows: npt.NDArray[np.bool_]) -> "AnswerTable":
        """Some of the answers; tasks and labelers keep their numbers."""
        return replace(
            self, task=self.task[rows], labeler=self.labeler[rows], answer=self.answer[rows]
        )

    def _by_option(self, row: Integers, rows: int, weights: Floats | None) -> Floats:
        counted = np.bincount(row * self.options + self.answer, weights, rows * self.options)
        return counted.reshape(rows, self.options).astype(np.float64)


def gold_of(answers: Iterable[int | None]) -> Integers:
    """Gold answers as an array: an option for each task, None where it is no gold task."""
    return np.array([UNKNOWN if each is None else each for each in answers], dtype=np.int64)


def shares(votes: Floats) -> Floats:
    """Rows as shares; even where there is nothing."""
    total = votes.sum(axis=1, keepdims=True)
    return np.where(total > 0, votes / np.where(total > 0, total, 1), 1 / votes.shape[1])


def softmax(logarithms: Floats) -> Floats:
    """Probabilities from logarithms, row by row."""
    raised: Floats = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
    result: Floats = raised / raised.sum(axis=1, keepdims=True)
    return result


def with_gold(distribution: Floats, gold: Integers) -> Floats:
    """The same with what is known as known."""
    known = np.flatnonzero(gold != UNKNOWN)
    fixed = distribution.copy()
    fixed[known] = 0
    fixed[known, gold[known]] = 1
    return fixed
