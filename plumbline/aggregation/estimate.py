"""What a method makes of the answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from plumbline.aggregation.table import AnswerTable, Floats, Integers


@dataclass(frozen=True, slots=True)
class Estimate:
    """A label for each task, and how likely each option is, (tasks, options)."""

    labels: Integers
    distribution: Floats

    @classmethod
    def of(cls, distribution: Floats) -> Self:
        """The likeliest option of each task, the lowest of several."""
        return cls(distribution.argmax(axis=1), distribution)

    @property
    def confidence(self) -> Floats:
        """How likely each label is."""
        found: Floats = self.distribution[np.arange(len(self.labels)), self.labels]
        return found


Method = Callable[[AnswerTable, Integers], Estimate]
"""From answers and gold answers (an option for each task, or UNKNOWN)."""
