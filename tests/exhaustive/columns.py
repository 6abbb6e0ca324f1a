"""The naive side: planes from columns, and columns from planes.

A word has 256 columns that do not touch each other, so what is to be tried is laid side by side,
256 at a time.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, TypeVar

from plumbline.settlement.sheet import Sheet, pack

COLUMNS: Final = 256
ALL: Final = 2**COLUMNS - 1
OPTIONS: Final = range(16)
Answer = int | None
ANSWERS: Final[tuple[Answer, ...]] = (None, *OPTIONS)  # None is a skip

Item = TypeVar("Item")


def plane(columns: Sequence[object]) -> int:
    """The plane with a 1 in each column that holds something true."""
    return sum(1 << column for column, bit in enumerate(columns) if bit)


def bits(word: int, columns: int) -> list[bool]:
    """The first columns of a plane."""
    return [bool(word >> column & 1) for column in range(columns)]


def counter(counts: Sequence[int]) -> tuple[int, ...]:
    """Eight planes of binary digits."""
    return tuple(plane([count >> digit & 1 for count in counts]) for digit in range(8))


def counters(tasks: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    """A counter for each of 16 options, from the votes for each option on each task."""
    return [counter([votes[x] if x < len(votes) else 0 for votes in tasks]) for x in OPTIONS]


def sheet(answers: Sequence[Answer]) -> Sheet:
    """Five planes: the answered tasks, and four binary digits."""
    return pack(answers, options=16)


def values(planes: Sequence[int], columns: int) -> list[int]:
    """The numbers whose binary digits these planes hold."""
    return [sum((p >> column & 1) << j for j, p in enumerate(planes)) for column in range(columns)]


def in_words(items: Sequence[Item], size: int = COLUMNS) -> Iterator[list[Item]]:
    """As many at a time as there are columns."""
    left = iter(items)
    while word := list(islice(left, size)):
        yield word
