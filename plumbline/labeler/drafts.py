"""A draft: the answers so far of one labeler to one round, on disk after every single one.

Answering takes hours and may be cut off at any moment; it goes on where it stopped. A draft
belongs to the tasks it was begun with, by their root, and is never applied to others. It is
private, as the answers in it are worth money until the round opens. Where it is kept is for
the caller to say; beside the secret of the round its name is

    <folder of the vault>/round-<n>/<labeler>.draft.json
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from plumbline.files.private import StorageError, damaged, read_record, write_over
from plumbline.files.values import word

_VERSION: Final = 1

SKIP: Final = "skip"

Mark = int | Literal["skip"] | None
"""The answer to a task: the number of an option, SKIP, or None if it is open."""


class DraftError(StorageError):
    """A draft that is not of these tasks, not complete, or changed by somebody else."""


class Draft:
    """Answers so far, the same in memory and on disk whenever no method is running.

    `at` is the current task, or the number of tasks for the review after the last. A change
    that cannot be written raises StorageError and is not made in memory either.
    """

    __slots__ = ("_at", "_marks", "_ours", "options", "path", "root")

    def __init__(self, path: Path, root: bytes, tasks: int, options: int) -> None:
        self.path = path
        self.root = root
        self.options = options
        self._at = 0
        self._marks: tuple[Mark, ...] = (None,) * tasks
        # What may be in the file by our doing: what was written last, and what failed since.
        self._ours: list[dict[str, Any]] = []

    @classmethod
    def open(cls, path: Path, root: bytes, tasks: int, options: int) -> "Draft":
        """The draft that is kept there, or a new one; `root` is that of the tasks.

        Nothing is written before the first change. Raises DraftError if the one that is there
        was begun with other tasks, StorageError if it cannot be read.
        """
        draft = cls(path, root, tasks, options)
        values = read_record(path, _VERSION)
        if values is not None:
            draft._resume(values)
        return draft

    @property
    def at(self) -> int:
        """The current task, the number of tasks for the review."""
        return self._at

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The answer to every task."""
        return self._marks

    @property
    def missing(self) -> list[int]:
        """Tasks that are neither answered nor skipped."""
        return self._marked(None)

    @property
    def skipped(self) -> list[int]:
        """Tasks that are skipped."""
        return self._marked(SKIP)

    @property
    def answered(self) -> int:
        """How many tasks have an answer."""
        return len(self._marks) - len(self.missing) - len(self.skipped)

    @property
    def done(self) -> bool:
        """Whether every task is answered or skipped."""
        return None not in self._marks

    def set(self, task: int, mark: Mark, at: int | None = None) -> None:
        """Answer a task or skip it, and go on to the task `at`; both are on disk on return."""
        self.update({task: mark}, at)

    def update(self, given: Mapping[int, Mark], at: int | None = None) -> None:
        """Answer several tasks, all or none of them, and go on to the task `at`."""
        marks = list(self._marks)
        for task, mark in given.items():
            if mark != SKIP and mark is not None and not 0 <= mark < self.options:
                raise ValueError(f"there is no option {mark}")
            if not 0 <= task < len(marks):
                raise ValueError(f"there is no task {task}")
            marks[task] = mark
        self._keep(tuple(marks), self._at if at is None else at)

    def clear(self, task: int) -> None:
        """Take an answer or a skip back."""
        self.set(task, None)

    def go(self, at: int) -> None:
        """Go to a task, or with the number of tasks to the review."""
        if at != self._at:
            self._keep(self._marks, at)

    def answers(self) -> list[int | None]:
        """All answers, None for a skip; DraftError while a task is neither."""
        missing = self.missing
        if missing:
            raise DraftError(
                f"{len(missing)} of {len(self._marks)} tasks are neither answered nor skipped, "
                f"the first is number {missing[0] + 1}: answer or skip it"
            )
        return [mark if isinstance(mark, int) else None for mark in self._marks]

    def discard(self) -> None:
        """Remove the file, once its answers are kept elsewhere; nothing if there is none."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise DraftError(f"{self.path} cannot be removed ({error.strerror})") from None
        self._ours.clear()

    def _marked(self, mark: Mark) -> list[int]:
        return [task for task, kept in enumerate(self._marks) if kept == mark]

    def _resume(self, values: dict[str, Any]) -> None:
        try:
            root = word(values["tasks_root"])
            options, at, marks = values["options"], values["at"], tuple(values["answers"])
        except (KeyError, TypeError, ValueError, AttributeError):
            raise damaged(self.path) from None
        if root != self.root:
            raise DraftError(
                f"{self.path} holds answers to other tasks (root 0x{root.hex()[:8]}.., these have "
                f"0x{self.root.hex()[:8]}..): get the tasks they belong to, or move that file away "
                "to begin anew"
            )
        fits = type(at) is int and 0 <= at <= len(self._marks) == len(marks)
        if not fits or options != self.options or not all(map(self._is_mark, marks)):
            raise damaged(self.path)
        self._at, self._marks = at, marks
        self._ours = [values]

    def _is_mark(self, value: object) -> bool:
        # `type`, because true is an int too.
        return value is None or value == SKIP or (type(value) is int and 0 <= value < self.options)

    def _keep(self, marks: tuple[Mark, ...], at: int) -> None:
        if not 0 <= at <= len(marks):
            raise ValueError(f"there is no task {at}")
        self._require_ours()
        values = {
            "version": _VERSION,
            "tasks_root": "0x" + self.root.hex(),
            "options": self.options,
            "at": at,
            "answers": list(marks),
        }
        self._ours.append(values)
        write_over(self.path, json.dumps(values) + "\n")
        self._marks, self._at, self._ours = marks, at, [values]

    def _require_ours(self) -> None:
        """Two windows on one draft would undo each other's answers without a word."""
        there = read_record(self.path, _VERSION)
        if there is not None and there not in self._ours:
            raise DraftError(
                f"{self.path} was changed by another window: go on there, or quit here and begin "
                "again with what it holds"
            )
