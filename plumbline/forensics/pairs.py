"""How far apart two sheets are, and how far apart they should be.

    differences   tasks on which two labelers answered differently
    expected      how many there would be if both only shared the crowd's view: by the model,
                  sum over the tasks that both answered of 1 - sum over x of p[i,t,x] p[j,t,x]
    distance      the one as a share of the other: about 1 for two strangers, less for two who
                  share a reading of the guideline, 0 for two copies

What all say, what one who always says the same says, and what one of two skipped is expected
to differ by nothing, so it counts for nothing. Distances of few answers are drawn towards 1.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from plumbline.forensics.model import Answers, Array

_PRIOR: Final = 2.0  # differences, seen and expected, that are added to those of every pair


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs of N labelers, N * N each; the diagonal is 0 differences of 0 expected."""

    differences: Array
    expected: Array

    @property
    def distances(self) -> Array:
        """Distances, infinite on the diagonal: nobody is next to themselves."""
        found: Array = (self.differences + _PRIOR) / (self.expected + _PRIOR)
        np.fill_diagonal(found, np.inf)
        return found


def count_differences(answers: Answers, options: int) -> Array:
    """On how many tasks every pair of rows differs, of those that both answered."""
    given = np.stack([answers == option for option in range(options)], axis=2).astype(np.float32)
    flat, answered = given.reshape(len(given), -1), (answers >= 0).astype(np.float32)
    found: Array = (answered @ answered.T - flat @ flat.T).astype(np.float64)
    return found


def compare(given: Array, chances: Array) -> Pairs:
    """All pairs of rows, N * T * K each."""
    flat, likely = given.reshape(len(given), -1), chances.reshape(len(chances), -1)
    answered = given.sum(axis=2)
    both = answered @ answered.T
    differences, expected = both - flat @ flat.T, np.maximum(both - likely @ likely.T, 0.0)
    np.fill_diagonal(differences, 0.0)
    np.fill_diagonal(expected, 0.0)
    return Pairs(differences, expected)
