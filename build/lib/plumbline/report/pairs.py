"""The two labelers who agree most, and the next, in numbers: what a picture cannot give."""

from dataclasses import dataclass
from itertools import combinations
from typing import Final

from plumbline.report.facts import RoundFacts
from plumbline.report.lines import LabelerFacts

_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Pair:
    """Two labelers and their agreement, -1..1."""

    one: LabelerFacts
    other: LabelerFacts
    value: float


def closest_pairs(facts: RoundFacts, most: int = _SHOWN) -> tuple[Pair, ...]:
    """The closest first; equally close ones by their numbers."""
    found = facts.agreement
    pairs = []
    for (row, first), (column, second) in combinations(enumerate(found.order), 2):
        value = found.values[row][column]
        if value is not None:
            one, other = sorted((facts.roll[first], facts.roll[second]), key=lambda x: x.number)
            pairs.append(Pair(one, other, value))
    pairs.sort(key=lambda pair: (-pair.value, pair.one.number, pair.other.number))
    return tuple(pairs[:most])
