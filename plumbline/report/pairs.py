"""The two labelers who agree most, and the next, in numbers: what a picture cannot give."""

from dataclasses import dataclass
from itertools import combinations
from typing import Final

from plumbline.report.facts import RoundFacts
from plumbline.report.labelers import LabelerFacts

_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class ClosePair:
    """Two labelers and their agreement, -1..1."""

    first: LabelerFacts
    second: LabelerFacts
    value: float


def closest_pairs(facts: RoundFacts, most: int = _SHOWN) -> tuple[ClosePair, ...]:
    """The closest first; equally close ones by their numbers."""
    agreement = facts.agreement
    pairs = []
    for (row, left), (column, right) in combinations(enumerate(agreement.order), 2):
        value = agreement.values[row][column]
        if value is not None:
            labelers = (facts.roll[left], facts.roll[right])
            first, second = sorted(labelers, key=lambda labeler: labeler.number)
            pairs.append(ClosePair(first, second, value))
    pairs.sort(key=lambda pair: (-pair.value, pair.first.number, pair.second.number))
    return tuple(pairs[:most])
