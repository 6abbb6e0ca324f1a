"""The rounds that are played to measure gas."""

from dataclasses import dataclass
from itertools import product
from typing import Final

from plumbline.contract import MAX_CARRIED, MAX_OPENED
from plumbline.terms import Kind

# The most that one transaction takes, and fewer.
_RELAYED: Final = (MAX_CARRIED, 10, 1)
_REVEALED: Final = (MAX_OPENED, 10, 1)


@dataclass(frozen=True, slots=True)
class Case:
    """A round to be played: K options, T tasks, N labelers.

    `relayed` and `revealed` are the numbers of labelers in one transaction that are measured, the
    largest first; where there are too few labelers for the largest, it has what the others leave.
    `concluded`: revealed and closed in one transaction.
    """

    kind: Kind
    options: int
    width: int
    labelers: int
    tasks: int = 256
    relayed: tuple[int, ...] = _RELAYED
    revealed: tuple[int, ...] = _REVEALED
    concluded: bool = False

    @property
    def name(self) -> str:
        """As tables and the snapshot have it."""
        width = "" if self.kind is Kind.NOMINAL else f" w={self.width}"
        end = " concluded" if self.concluded else ""
        return f"{self.kind.label} K={self.options}{width} T={self.tasks} N={self.labelers}{end}"

    @property
    def labels(self) -> int:
        """Answers in the round, skips included."""
        return self.labelers * self.tasks


# Kind, options and width: what a close costs depends on little else.
_SHAPES: Final = (
    (Kind.NOMINAL, 2, 1),
    (Kind.NOMINAL, 4, 1),
    (Kind.NOMINAL, 16, 1),
    (Kind.ORDINAL, 5, 3),
    (Kind.ORDINAL, 16, 8),
)

CASES: Final[tuple[Case, ...]] = (
    Case(Kind.NOMINAL, 2, 1, 10),
    *(Case(kind, options, width, 100) for kind, options, width in _SHAPES),
    Case(Kind.NOMINAL, 4, 1, 100, concluded=True),
)
"""What the snapshot holds and CI plays."""

GRID: Final[tuple[Case, ...]] = CASES + tuple(
    case
    for (kind, options, width), tasks, labelers in product(_SHAPES, (64, 128, 256), (10, 100, 255))
    if (case := Case(kind, options, width, labelers, tasks)) not in CASES
)
"""Every shape with every number of tasks and of labelers, too long for CI."""

JOB: Final = Case(Kind.NOMINAL, 4, 1, 255)
"""That of the grid of which a million answers are made, see `job`."""

WARM_UP: Final = Case(Kind.NOMINAL, 2, 1, 10, tasks=64)
"""Played first and not measured: a contract in use has a sink that is not empty."""


def matching(cases: tuple[Case, ...], part: str) -> tuple[Case, ...]:
    """Those whose name contains a text; a number at its end is a whole one."""
    return tuple(case for case in cases if f"{part} " in f"{case.name} ")
