"""What an importer is given, and what it makes of a file."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from plumbline.errors import PlumblineError
from plumbline.formats.imports.file_question import FileQuestion
from plumbline.progress import Progress, no_progress

ID: Final = "id"
"""The field that tasks are called by."""


class TasksError(PlumblineError):
    """Tasks of which no round can be made; the message has the file and the line, or the key."""


class TasksKeyError(TasksError):
    """Tasks that are not what the round file says of them; the message names its key."""


class NoAnswerError(Exception):
    """Why what somebody answered in another program is no answer to the question."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of tasks, and what a round file says of how to read it.

    path         the file
    delimiter    what separates the cells of a table; None: as its header tells
    config       the file with the settings of the program that wrote the tasks
    question     which question of that program is asked, by its name
    seed         what is drawn is drawn from this and from all that the file says
    progress     is told how far the reading is
    """

    path: Path
    delimiter: str | None = None
    config: Path | None = None
    question: str | None = None
    seed: str | None = None
    progress: Progress = no_progress


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as it was in a file: any JSON, and the place for errors."""

    place: str
    task: object


@dataclass(frozen=True, slots=True)
class Unusable:
    """A value that has no meaning here: refused where it is used, and else left out."""

    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """The tasks of a file.

    format      the name of its format
    rows        its tasks
    read        how many rows, records or annotations they were made of
    shown       the fields that labelers see if nobody says which; None: the rules for any table
    kept        the fields that are carried to the labels if nobody says which
    group       the field that says which tasks belong together if nobody says which
    answers     the fields that hold what others answered: gold answers, or for the labels, but
                never shown
    question    what the file says of the question; None for nothing
    notes       what a requester should know of how it was read, a sentence each
    """

    format: str
    rows: tuple[TaskRow, ...]
    read: int
    shown: tuple[str, ...] | None = None
    kept: tuple[str, ...] = ()
    group: str | None = None
    answers: frozenset[str] = frozenset()
    question: FileQuestion | None = None
    notes: tuple[str, ...] = ()


class FileFormat(ABC):
    """How rows lie in a file."""

    @abstractmethod
    def rows(self, source: Source) -> Sequence[TaskRow]:
        """All rows of a file. Raises an error with file and line."""


class ProgramFormat(ABC):
    """What rows mean if a program wrote them.

    config    the ending of the file with its settings, if it has one
    """

    config: ClassVar[str | None] = None

    @abstractmethod
    def recognises(self, rows: Sequence[TaskRow]) -> bool:
        """Whether rows look as this program writes them, and not as other tables do."""

    @abstractmethod
    def read(self, rows: Sequence[TaskRow], source: Source) -> Imported:
        """Its tasks. Raises TasksError with file and row, TasksKeyError with the key."""

    def folder(self, path: Path) -> tuple[Path, Path] | None:
        """The records and the settings in a folder that this program writes; None if it is
        none."""
        del path
        return None


def fields_of(row: TaskRow) -> Mapping[str, object]:
    """The fields of a row. Raises TasksError if it is no object."""
    if not isinstance(row.task, Mapping):
        raise TasksError(f"{row.place}: an object of fields is wanted here")
    return row.task
