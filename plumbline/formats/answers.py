"""Reading a labeler's answers from a file, with the line in every error.

    CSV    columns `task` and `answer` by a header line, in any order, others ignored; or one
           answer per line without a header, in the order of the tasks
    JSON   a list of answers in the order of the tasks, or an object {task: answer}

A task goes by its `id` if the tasks have one, else by its number from 0. An answer is the name
of an option in upper or lower case, or the option's number from 0 unless names are numbers
themselves. Nothing, `-`, `skip` or null is a skip; a task without a line is an error, since
silence about a task is more often a slip than a choice.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json, read_text

_SKIPS: Final = frozenset({"", "-", "skip"})
_SPACE: Final = " \t\r\n"
_SHOWN: Final = 5  # names listed in an error


class AnswersError(PlumblineError):
    """Answers that do not fit the round."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One answer as written: the task's name or None if it goes by position."""

    line: int
    task: str | None
    answer: object


def option_number(value: object, options: Sequence[str]) -> int:
    """The number of an option given by name or number; AnswersError for anything else."""
    text = str(value).strip().lower() if type(value) in (str, int) else ""
    names = [name.lower() for name in options]
    if text in names:
        return names.index(text)
    numbered = not any(name.isdigit() for name in names)
    if numbered and text in [str(number) for number in range(len(options))]:
        return int(text)
    listed = ", ".join(options[:_SHOWN]) + (", .." if len(options) > _SHOWN else "")
    raise AnswersError(f"{value!r} is not an option: give one of {listed}")


def read_answers(path: Path, options: Sequence[str], tasks: Sequence[str]) -> list[int | None]:
    """The T answers of a file in the order of `tasks` (their names), None for a skip.

    `options` are the names of the options, lowest first. Raises AnswersError, with the line.
    """
    text = read_text(path)
    entries = _json_entries(text, path) if path.suffix.lower() == ".json" else _csv_entries(text)
    try:
        return _place(list(entries), options, tasks)
    except AnswersError as error:
        raise AnswersError(f"{path}, {error}") from None


def write_answers(
    path: Path, answers: Sequence[int | None], options: Sequence[str], tasks: Sequence[str]
) -> None:
    """Write a CSV file that `read_answers` reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["task", "answer"])
        for task, answer in zip(tasks, answers, strict=True):
            rows.writerow([task, "skip" if answer is None else options[answer]])


def _place(entries: list[_Entry], options: Sequence[str], tasks: Sequence[str]) -> list[int | None]:
    index = {name: number for number, name in enumerate(tasks)}
    lines: dict[int, int] = {}
    answers: list[int | None] = [None] * len(tasks)
    for position, entry in enumerate(entries):
        number = _task_number(entry, position, index)
        if number in lines:
            raise AnswersError(
                f"line {entry.line}: task {tasks[number]} was answered in line {lines[number]}"
            )
        lines[number] = entry.line
        answers[number] = _answer(entry, options)
    missing = [name for number, name in enumerate(tasks) if number not in lines]
    if missing:
        last = max(lines.values(), default=0)
        raise AnswersError(
            f"line {last}: the file ends, {len(missing)} of {len(tasks)} tasks have no answer "
            f"(task {missing[0]} is the first): write `skip` to skip a task"
        )
    return answers


def _task_number(entry: _Entry, position: int, index: Mapping[str, int]) -> int:
    if entry.task is None:
        if position >= len(index):
            raise AnswersError(f"line {entry.line}: one answer too many for {len(index)} tasks")
        return position
    if entry.task not in index:
        first, *_, last = index
        raise AnswersError(
            f"line {entry.line}: there is no task {entry.task!r}: tasks are {first} to {last}"
        )
    return index[entry.task]


def _answer(entry: _Entry, options: Sequence[str]) -> int | None:
    if entry.answer is None:
        return None
    # An option of such a name is meant as the option.
    skips = _SKIPS - {name.lower() for name in options}
    if isinstance(entry.answer, str) and entry.answer.strip().lower() in skips:
        return None
    try:
        return option_number(entry.answer, options)
    except AnswersError as error:
        raise AnswersError(f"line {entry.line}: {error}") from None


def _csv_entries(text: str) -> Iterator[_Entry]:
    rows = csv.reader(io.StringIO(text, newline=""))
    columns: tuple[int, int] | None = None
    try:
        for number, row in enumerate(rows):
            if number == 0:
                columns = _columns(row)
                if columns is not None:
                    continue
            if not any(field.strip() for field in row) and columns is not None:
                continue
            yield _csv_entry(rows.line_num, row, columns)
    except csv.Error as error:
        raise AnswersError(f"line {rows.line_num}: not valid CSV, {error}") from None


def _columns(row: Sequence[str]) -> tuple[int, int] | None:
    """Where task and answer are, None if the line is not a header."""
    names = [field.strip().lower() for field in row]
    if "task" in names and "answer" in names:
        return names.index("task"), names.index("answer")
    if len(names) == 1:
        return None
    raise AnswersError("line 1: the header must name the columns `task` and `answer`")


def _csv_entry(line: int, row: Sequence[str], columns: tuple[int, int] | None) -> _Entry:
    if columns is None:
        if len(row) > 1:
            raise AnswersError(f"line {line}: {len(row)} columns and no header: `task,answer`")
        return _Entry(line, None, row[0] if row else "")
    task, answer = columns
    if max(columns) >= len(row):
        raise AnswersError(f"line {line}: a column is missing")
    return _Entry(line, row[task].strip(), row[answer])


def _json_entries(text: str, path: Path) -> Iterator[_Entry]:
    content = parse_json(text, str(path))
    if not isinstance(content, (list, dict)):
        raise AnswersError(f"{path} must hold a list of answers or an object {{task: answer}}")
    # The text is valid JSON: walk over the outermost values only to learn their lines.
    walk = _Walk(text)
    walk.expect("[{")
    for item in content:
        line = walk.line
        task = None
        if isinstance(content, dict):
            task = str(walk.value())
            walk.expect(":")
        walk.value()
        walk.expect(",]}")
        yield _Entry(line, task, content[item] if isinstance(content, dict) else item)


class _Walk:
    """A position in a valid JSON text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._decoder = json.JSONDecoder()

    @property
    def line(self) -> int:
        self._skip_space()
        return self._text.count("\n", 0, self._at) + 1

    def expect(self, marks: str) -> None:
        self._skip_space()
        if self._text[self._at] not in marks:
            raise AssertionError(f"{self._text[self._at]!r} is not one of {marks}")
        self._at += 1

    def value(self) -> Any:
        self._skip_space()
        value, self._at = self._decoder.raw_decode(self._text, self._at)
        return value

    def _skip_space(self) -> None:
        while self._text[self._at] in _SPACE:
            self._at += 1
