"""How far a figure that was measured may be off: 95% intervals of shares and of means."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Z: Final = 1.959964  # standard deviations on either side that hold 95% of a normal distribution


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `rounds`, with the interval of Wilson (1927)."""

    hits: int
    rounds: int

    @property
    def value(self) -> float:
        return self.hits / self.rounds

    @property
    def interval(self) -> tuple[float, float]:
        """95% of the time the true share is in here."""
        n, p = self.rounds, self.value
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def ppm(self) -> int:
        """The share in millionths, cut off."""
        return self.hits * 1_000_000 // self.rounds

    @property
    def interval_ppm(self) -> tuple[int, int]:
        """The interval in millionths, rounded outwards."""
        low, high = self.interval
        return math.floor(low * 1_000_000), math.ceil(high * 1_000_000)

    @property
    def short(self) -> str:
        """The share alone; `below 0.2%` if it was never seen, `above 99.8%` if always."""
        if self.hits == 0:
            return f"below {self.interval[1]:.1%}"
        return f"above {self.interval[0]:.1%}" if self.hits == self.rounds else f"{self.value:.1%}"

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.1%} ({low:.1%} to {high:.1%})"


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of independent rounds; `half` is half of its 95% interval (normal)."""

    value: float
    half: float

    @property
    def low(self) -> float:
        return self.value - self.half

    @property
    def high(self) -> float:
        return self.value + self.half

    def __str__(self) -> str:
        return f"{self.value:.1%} ±{self.half:.1%}"

    @classmethod
    def of(cls, values: npt.NDArray[np.float64]) -> "Mean":
        """The mean of one number for each round, of two at least."""
        return cls(float(values.mean()), float(Z * values.std(ddof=1) / math.sqrt(len(values))))
