"""Reading a labeler's answers from a file, with the line in every error.

    CSV    columns `task` and `answer` by a header line, in any order, others ignored; or one
           answer per line without a header, in the order of the tasks
    JSON   a list of answers in the order of the tasks, or an object {task: answer}

A task goes by its `id` if the tasks have one, else by its number from 1, as on the screen. An
answer is the name of an option, or its number where that cannot be taken for a name (`names`).
Nothing, `-`, `skip` or null is a skip; a task without a line is an error, since silence about a
task is more often a slip than a choice.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json, read_text
from plumbline.formats.names import SKIPS, Names, NamesError, look_of, option_number, quoted
from plumbline.formats.spreadsheet import to_csv
from plumbline.formats.table import read_rows, table_of

_SPACE: Final = " \t\r\n"
_COLUMNS: Final = ("task", "answer")


class AnswersError(PlumblineError):
    """Answers that do not fit the round."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One answer as written: the task's name or None if it goes by position."""

    line: int
    task: str | None
    answer: object


def read_answers(path: Path, options: Sequence[str], tasks: Sequence[str]) -> list[int | None]:
    """The T answers of a file in the order of `tasks` (their names), None for a skip.

    `options` are the names of the options, lowest first. Raises AnswersError, with the line.
    """
    json_like = path.suffix.lower() == ".json"
    entries = list(_json_entries(path) if json_like else _csv_entries(path))
    try:
        return _place(entries, options, tasks)
    except NamesError as error:
        raise AnswersError(
            f"{path} has no sure meaning, as the requester's tasks have not ({error}): answer them "
            "on the screen, with `plumbline labeler answer`"
        ) from None
    except AnswersError as error:
        raise AnswersError(f"{path}, {error}") from None


def write_answers(
    path: Path, answers: Sequence[int | None], options: Sequence[str], tasks: Sequence[str]
) -> None:
    """Write a CSV file that `read_answers` reads."""
    rows = zip(tasks, answers, strict=True)
    written = [(task, "skip" if answer is None else options[answer]) for task, answer in rows]
    path.write_text(to_csv([_COLUMNS, *written]), encoding="utf-8", newline="")


def _place(entries: list[_Entry], options: Sequence[str], tasks: Sequence[str]) -> list[int | None]:
    names = Names.of(tasks, has_case=True)
    lines: dict[int, int] = {}
    answers: list[int | None] = [None] * len(tasks)
    for position, entry in enumerate(entries):
        number = _task_number(entry, position, names)
        if number in lines:
            raise AnswersError(
                f"line {entry.line}: task {quoted(tasks[number])} was answered in line "
                f"{lines[number]}"
            )
        lines[number] = entry.line
        answers[number] = _answer(entry, options)
    missing = [name for number, name in enumerate(tasks) if number not in lines]
    if missing:
        last = max(lines.values(), default=0)
        raise AnswersError(
            f"line {last}: the file ends, {len(missing)} of {len(tasks)} tasks have no answer "
            f"(task {quoted(missing[0])} is the first): write `skip` to skip a task"
        )
    return answers


def _task_number(entry: _Entry, position: int, tasks: Names) -> int:
    if entry.task is None:
        if position >= len(tasks.names):
            raise AnswersError(
                f"line {entry.line}: one answer too many for {len(tasks.names)} tasks"
            )
        return position
    number = tasks.find(entry.task)
    if number is None:
        first, last = tasks.names[0], tasks.names[-1]
        from_one = first == "1" and look_of(entry.task, has_case=True) == "0"
        hint = " (they are counted from 1, as on the answer screen)" if from_one else ""
        raise AnswersError(
            f"line {entry.line}: there is no task {quoted(entry.task)}: tasks are {quoted(first)} "
            f"to {quoted(last)}{hint}"
        )
    return number


def _answer(entry: _Entry, options: Sequence[str]) -> int | None:
    if entry.answer is None:
        return None
    # An option of such a name is meant as the option.
    skips = SKIPS - {look_of(name, has_case=False) for name in options}
    if isinstance(entry.answer, str) and look_of(entry.answer, has_case=False) in skips:
        return None
    try:
        return option_number(entry.answer, options)
    except NamesError as error:
        raise AnswersError(f"line {entry.line}: {error}") from None


def _csv_entries(path: Path) -> Iterator[_Entry]:
    rows = read_rows(path)
    if rows and len(rows[0].cells) > 1:
        table = table_of(path, rows)
        task, answer = (table.column(name) for name in _COLUMNS)
        for row in table.rows:
            yield _Entry(row.line, row.cells[task], row.cells[answer])
        return
    for row in rows:
        if len(row.cells) > 1:
            raise AnswersError(
                f"{path}, line {row.line}: {len(row.cells)} columns and no header: `task,answer`"
            )
        yield _Entry(row.line, None, row.cells[0])


def _json_entries(path: Path) -> Iterator[_Entry]:
    text = read_text(path)
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
