"""How far each two labelers say the same, beyond what their habits alone would give.

For each pair, over the tasks that both answered, with the credit s(x, y) of the settlement rule:

    agreement = (observed - expected) / (most - expected)

observed is the mean credit, expected the mean credit if the answers of each were shuffled, most
the full credit w. This is Cohen's kappa, weighted for a scale. 1 is the same sheet, 0 is chance,
below 0 is contradiction, and -1 the least: w - s is a mix of splits into two, for each of which
that is so. Statistics for the eye: no money follows from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from plumbline.settlement.consensus import Row
from plumbline.settlement.kappa import credit

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Pairs of labelers.

    order    places of the labelers in the given rows, so that groups stand together
    values   of -1..1 for each pair in that order; None where nothing can be said, because they
             share no task, or both always said the same one thing
    """

    order: tuple[int, ...]
    values: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A labeler beside others: number and address as a page has them, and how it stands, in one
    word of the style sheet."""

    number: int
    address: str
    state: str


def agreement(options: int, width: int, rows: Sequence[Row]) -> Agreement:
    """The agreement of each two of these rows of answers; `width` as in the terms of a round."""
    if not rows:
        return Agreement((), ())
    known = _matrix(options, width, rows)
    order = _order(np.where(np.isnan(known), 0.0, known))
    values = tuple(
        tuple(None if np.isnan(known[a, b]) else float(known[a, b]) for b in order) for a in order
    )
    return Agreement(tuple(order), values)


def _matrix(count: int, width: int, rows: Sequence[Row]) -> Matrix:
    options = range(count)
    # One plane per option: whole numbers, so sums of floats are exact and in any order the same.
    given = np.array(
        [[[answer == option for answer in row] for row in rows] for option in options], dtype=float
    )
    answered = given.sum(axis=0)
    shared = answered @ answered.T
    counts = np.array([given[option] @ answered.T for option in options])
    observed: Matrix = np.zeros(shared.shape)
    expected: Matrix = np.zeros(shared.shape)
    for x in options:
        for y in options:
            worth = credit(width, x, y)
            if worth:
                observed += worth * (given[x] @ given[y].T)
                expected += worth * counts[x] * counts[y].T
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = observed * shared - expected
        best = width * shared * shared - expected
        matrix: Matrix = gain / best  # 0 / 0, which is NaN, where nothing can be said
    np.fill_diagonal(matrix, 1.0)
    return matrix


def _order(likeness: Matrix) -> list[int]:
    """The leaves of a tree that joins the most alike first (average linkage).

    When two branches are joined, each may be turned round so that the most alike ends meet.
    Ties go to the lowest places, so the order is always the same.
    """
    size = len(likeness)
    branches: list[list[int]] = [[place] for place in range(size)]
    weights = np.ones(size)
    between = likeness.copy()
    np.fill_diagonal(between, -np.inf)
    for _ in range(size - 1):
        left, right = sorted(int(i) for i in np.unravel_index(np.argmax(between), between.shape))
        branches[left] = _joined(branches[left], branches[right], likeness)
        total = weights[left] + weights[right]
        merged = (weights[left] * between[left] + weights[right] * between[right]) / total
        between[left] = merged
        between[:, left] = merged
        between[left, left] = -np.inf
        between[right] = -np.inf
        between[:, right] = -np.inf
        weights[left] = total
        branches[right] = []
    return branches[0]


def _joined(left: list[int], right: list[int], likeness: Any) -> list[int]:
    turns = (
        (left, right),
        (left, right[::-1]),
        (left[::-1], right),
        (left[::-1], right[::-1]),
    )
    first, second = max(turns, key=lambda turn: likeness[turn[0][-1], turn[1][0]])
    return first + second
