"""The rounds that are played to measure gas."""

from dataclasses import dataclass
from enum import Enum
from itertools import product
from typing import Final

from plumbline.settlement.terms import Kind


class Course(Enum):
    """How a round goes; the value is how its name ends."""

    USUAL = ""  # everybody reveals, then it is closed
    GOLD = "with gold tasks"  # likewise, and the close opens gold answers
    CONCLUDED = "concluded"  # revealed and closed in one transaction
    SILENT = "silent"  # one labeler's answers leak, the others do not reveal and forfeit
    EXPIRED = "expired"  # everybody reveals, nobody closes it for 30 days


@dataclass(frozen=True, slots=True)
class Case:
    """A round to be played: K options, N labelers, T tasks."""

    kind: Kind
    options: int
    width: int
    labelers: int
    tasks: int = 256
    course: Course = Course.USUAL

    @property
    def shape(self) -> str:
        """Kind and options."""
        width = "" if self.kind is Kind.NOMINAL else f" w={self.width}"
        return f"{self.kind.label} K={self.options}{width}"

    @property
    def name(self) -> str:
        """As tables and the snapshot have it."""
        return f"{self.shape} T={self.tasks} N={self.labelers} {self.course.value}".rstrip()

    @property
    def seed(self) -> str:
        """Of the answers: another one, other figures. It stays what the round was first called."""
        return self.name.replace("gold tasks", "golds")

    @property
    def is_settled(self) -> bool:
        """Whether it ends with labels."""
        return self.course not in (Course.SILENT, Course.EXPIRED)


# Kind, options and width: what a close costs depends on little else.
_SHAPES: Final = (
    *((Kind.NOMINAL, options, 1) for options in (2, 4, 16)),
    *((Kind.ORDINAL, options, width) for options, width in ((5, 3), (16, 8))),
)

CASES: Final[tuple[Case, ...]] = (
    Case(Kind.NOMINAL, 2, 1, 10),
    *(Case(*shape, 100) for shape in _SHAPES),
    *(Case(Kind.NOMINAL, 4, 1, 100, course=course) for course in list(Course)[1:]),
)
"""What the snapshot holds and CI plays."""

GRID: Final[tuple[Case, ...]] = CASES + tuple(
    case
    for shape, tasks, labelers in product(_SHAPES, (64, 128, 256), (10, 100, 255))
    if (case := Case(*shape, labelers, tasks)) not in CASES
)
"""Every shape with every number of tasks and of labelers, too long for CI."""

JOB: Final = Case(Kind.NOMINAL, 4, 1, 255)
"""That of the grid of which a million answers are made: 4,096 tasks in 16 rounds."""

JOB_ROUNDS: Final = 4_096 // JOB.tasks
JOB_LABELS: Final = JOB_ROUNDS * JOB.labelers * JOB.tasks

WARM_UP: Final = Case(Kind.NOMINAL, 2, 1, 10, tasks=64)
"""Played first and not measured: a contract in use has a sink that is not empty."""


def matching(cases: tuple[Case, ...], part: str) -> tuple[Case, ...]:
    """Those whose name contains a text; a number at its end is a whole one."""
    return tuple(case for case in cases if f"{part} " in f"{case.name} ")
