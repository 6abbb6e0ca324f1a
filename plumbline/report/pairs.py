"""The two labelers who agree most, and the next, in numbers: what a picture cannot give."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from plumbline.report.agreement import Agreement, Compared

_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class ClosePair:
    """Two labelers and their agreement, -1..1."""

    first: Compared
    second: Compared
    value: float


def closest_pairs(
    agreement: Agreement, roll: Sequence[Compared], most: int = _SHOWN
) -> tuple[ClosePair, ...]:
    """The closest first; equally close ones by their numbers. `roll` is in the order of the rows
    that were compared."""
    pairs = []
    for (row, left), (column, right) in combinations(enumerate(agreement.order), 2):
        value = agreement.values[row][column]
        if value is not None:
            labelers = (roll[left], roll[right])
            first, second = sorted(labelers, key=lambda labeler: labeler.number)
            pairs.append(ClosePair(first, second, value))
    pairs.sort(key=lambda pair: (-pair.value, pair.first.number, pair.second.number))
    return tuple(pairs[:most])
