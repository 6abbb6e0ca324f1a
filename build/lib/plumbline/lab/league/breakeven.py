"""From which share of the seats on a bloc gains.

A bloc is played at every share of a grid, against the same tasks and honest others, and the mean
return of its seats is followed from below zero to above. The interval is by bootstrap: rounds
are drawn again with replacement, the same ones at every share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from plumbline.lab.league.tournament import Series

_DRAWS: Final = 400
_ENDS: Final = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where a mean goes above zero, as a share of the seats.

    share      None if it is never above zero up to the last share that was played
    low, high  95% interval; None likewise
    at_least   the first share that was played
    at_most    the last
    """

    share: float | None
    low: float | None
    high: float | None
    at_least: float
    at_most: float

    def __str__(self) -> str:
        if self.share is None:
            return f"never, up to {self.at_most:.0%}"
        if self.share <= self.at_least:
            return f"from the first, {self.share:.0%}"
        high = f"above {self.at_most:.0%}" if self.high is None else f"{self.high:.0%}"
        low = self.share if self.low is None else self.low
        return f"{self.share:.0%} ({low:.0%} to {high})"

    def to_json(self) -> dict[str, float | None]:
        """Shares with four digits."""
        return {
            name: None if value is None else round(value, 4)
            for name, value in (
                ("share", self.share),
                ("low", self.low),
                ("high", self.high),
                ("at_least", self.at_least),
                ("at_most", self.at_most),
            )
        }


def crossing(shares: Sequence[float], gains: Sequence[Series], seed: int) -> Crossing:
    """Where the mean gain goes above zero.

    `shares` rise; `gains` has for each of them a number for every round, of the same rounds.
    """
    table = np.stack(gains)
    found = _first(shares, table.mean(axis=1))
    dice = np.random.default_rng(seed)
    drawn = dice.integers(table.shape[1], size=(_DRAWS, table.shape[1]))
    again = sorted(_first(shares, table[:, rounds].mean(axis=1)) for rounds in drawn)
    low, high = (again[round(end * (_DRAWS - 1))] for end in _ENDS)
    return Crossing(_known(found), _known(low), _known(high), shares[0], shares[-1])


def _first(shares: Sequence[float], means: npt.NDArray[np.float64]) -> float:
    """The first share above zero, on straight lines between those played; else infinity."""
    above = np.flatnonzero(means > 0)
    if len(above) == 0:
        return float("inf")
    place = int(above[0])
    if place == 0:
        return shares[0]
    before, after = float(means[place - 1]), float(means[place])
    step = shares[place] - shares[place - 1]
    return shares[place - 1] + step * -before / (after - before)


def _known(share: float) -> float | None:
    return None if np.isinf(share) else share
