"""The rounds that are played to measure gas."""

from dataclasses import dataclass
from enum import Enum
from itertools import product
from typing import Final

from plumbline.chain.contract import MAX_RELAYED, MAX_REVEALED
from plumbline.settlement.terms import Kind

# The most that one transaction takes, and fewer.
_RELAYED: Final = (MAX_RELAYED, 10, 1)
_REVEALED: Final = (MAX_REVEALED, 10, 1)


class Course(Enum):
    """What becomes of a round; the value is how its name ends."""

    USUAL = ""
    """Everybody reveals, then it is closed."""

    GOLDS = "with golds"
    """Likewise, and the close opens golds."""

    CONCLUDED = "concluded"
    """Revealed and closed in one transaction."""

    SILENT = "silent"
    """One labeler's answers leak, the others do not reveal and forfeit."""

    EXPIRED = "expired"
    """Everybody reveals, nobody closes it for 30 days."""


@dataclass(frozen=True, slots=True)
class Case:
    """A round to be played: K options, T tasks, N labelers.

    `relayed` and `revealed` are the numbers of labelers in one transaction that are measured, the
    largest first; where there are too few labelers for the largest, it has what the others leave.
    """

    kind: Kind
    options: int
    width: int
    labelers: int
    tasks: int = 256
    relayed: tuple[int, ...] = _RELAYED
    revealed: tuple[int, ...] = _REVEALED
    course: Course = Course.USUAL

    @property
    def name(self) -> str:
        """As tables and the snapshot have it."""
        width = "" if self.kind is Kind.NOMINAL else f" w={self.width}"
        name = f"{self.kind.label} K={self.options}{width} T={self.tasks} N={self.labelers}"
        return f"{name} {self.course.value}".rstrip()

    @property
    def is_settled(self) -> bool:
        """Whether it ends with labels."""
        return self.course not in (Course.SILENT, Course.EXPIRED)

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
    *(
        Case(Kind.NOMINAL, 4, 1, 100, course=course)
        for course in Course
        if course is not Course.USUAL
    ),
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
