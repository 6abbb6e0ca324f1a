"""Reading a labeler's answers from a file, with the line in every error.

    CSV    columns `task` and `answer` by a header line, in any order, others ignored; or one
           answer per line without a header, in the order of the tasks
    JSON   a list of answers in the order of the tasks, or an object {task: answer}

A task goes by its `id` if the tasks have one, else by its number from 1, as on the screen. An
answer is the name of an option, or its number where that cannot be taken for a name (`names`).
Nothing, `-`, `skip` or null is a skip; a task without a line is an error, since silence about a
task is more often a slip than a choice.

Where an item takes several tasks, one answer may be given to the item, by its name or in the order
of the items: `2 > 1 > 3` as the things are shown, `toxic; threat`, `none`. Its tasks go by their
names too, but not both in one file.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json, read_text
from plumbline.formats.item_text import item_blocks
from plumbline.formats.names import SKIPS, Names, NamesError, look_of, option_number, quoted
from plumbline.formats.spreadsheet import to_csv, unguarded
from plumbline.formats.table import read_rows, table_of
from plumbline.questions.question import Item, Question, QuestionError

_SPACE: Final = " \t\r\n"
_COLUMNS: Final = ("task", "answer")
_LONGEST: Final = 32_000  # characters; spreadsheets cut a cell off at 32,767


class AnswersError(PlumblineError):
    """Answers that do not fit the round."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One answer as written: the task's name or None if it goes by position."""

    line: int
    task: str | None
    answer: object


def read_answers(
    path: Path, question: Question, tasks: Sequence[str], items: Sequence[Item] = ()
) -> list[int | None]:
    """The T answers of a file in the order of `tasks` (their names), None for a skip.

    `items` are those that the tasks are made of, where one takes several. Raises AnswersError, with
    the line.
    """
    json_like = path.suffix.lower() == ".json"
    entries = list(_json_entries(path) if json_like else _csv_entries(path))
    try:
        sheet = _AnswersSoFar(question, Names.of(tasks, has_case=True), items)
        for position, entry in enumerate(entries):
            sheet.take(entry, position)
        return sheet.answers()
    except NamesError as error:
        raise AnswersError(
            f"{path} has no sure meaning, as the requester's tasks have not ({error}): answer them "
            "on the screen, with `plumbline labeler answer`"
        ) from None
    except AnswersError as error:
        raise AnswersError(f"{path}, {error}") from None


def template(question: Question, items: Sequence[Item]) -> str:
    """A CSV file to be filled in: a row an item with its text, and no answer yet."""
    rows = [(item.name, "", _cell(question, item)) for item in items]
    return to_csv([(*_COLUMNS, "text"), *rows])


def _cell(question: Question, item: Item) -> str:
    text = "\n\n".join(item_blocks(question, item))
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}.. ({len(text):,} characters, see the task file)"


class _AnswersSoFar:
    """What a file has said so far."""

    def __init__(self, question: Question, tasks: Names, items: Sequence[Item]) -> None:
        self._question, self._tasks, self._items = question, tasks, items
        self._item_names = Names.of([item.name for item in items], has_case=True)
        self._given: dict[int, int | None] = {}
        self._lines: dict[int, int] = {}

    def take(self, entry: _Entry, position: int) -> None:
        """One more answer. Raises AnswersError, with the line."""
        item = self._item(entry, position)
        if item is not None:
            given = self._item_answers(entry, item)
        else:
            number = _task_number(entry, position, self._tasks)
            given = {number: _answer(entry, self._question.options)}
        for task in given:
            if task in self._lines:
                raise AnswersError(f"line {entry.line}: {self._twice(task, item)}")
            self._lines[task] = entry.line
        self._given |= given

    def answers(self) -> list[int | None]:
        """All answers. Raises AnswersError if a task has none."""
        tasks = self._tasks.names
        missing = [number for number in range(len(tasks)) if number not in self._given]
        if missing:
            last = max(self._lines.values(), default=0)
            raise AnswersError(
                f"line {last}: the file ends, {len(missing)} of {len(tasks)} tasks have no answer "
                f"(task {quoted(tasks[missing[0]])} is the first): write `skip` to skip a task"
            )
        return [self._given[number] for number in range(len(tasks))]

    def _item(self, entry: _Entry, position: int) -> Item | None:
        """The item that an answer is to, None if it is to a task."""
        if not self._items:
            return None
        if entry.task is None:
            if position >= len(self._items):
                raise AnswersError(
                    f"line {entry.line}: one answer too many for {len(self._items)} items"
                )
            return self._items[position]
        number = self._item_names.find(entry.task)
        if number is None:
            return None
        if self._tasks.find(entry.task) is not None:
            raise AnswersError(
                f"line {entry.line}: both an item and a task are called {quoted(entry.task)}: "
                "answer on the screen, with `plumbline labeler answer`"
            )
        return self._items[number]

    def _item_answers(self, entry: _Entry, item: Item) -> Mapping[int, int | None]:
        answer = entry.answer
        if isinstance(answer, str):
            answer = unguarded(answer.strip())
        if _is_skip(answer, [str(choice) for choice in item.choices]):
            return dict.fromkeys(item.tasks)
        try:
            return self._question.answers(item, self._question.read(item, answer))
        except QuestionError as error:
            raise AnswersError(f"line {entry.line}: {error}") from None

    def _twice(self, task: int, item: Item | None) -> str:
        line = self._lines[task]
        if item is None:
            return f"task {quoted(self._tasks.names[task])} was answered in line {line}"
        if all(self._lines.get(other) == line for other in item.tasks):
            return f"item {quoted(item.name)} was answered in line {line}"
        return (
            f"task {quoted(self._tasks.names[task])} of item {quoted(item.name)} was answered in "
            f"line {line}: answer the item, or each of its tasks"
        )


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


def _is_skip(answer: object, options: Sequence[str]) -> bool:
    # An option of such a name is meant as the option.
    skips = SKIPS - {look_of(name, has_case=False) for name in options}
    return answer is None or (isinstance(answer, str) and look_of(answer, has_case=False) in skips)


def _answer(entry: _Entry, options: Sequence[str]) -> int | None:
    if _is_skip(entry.answer, options):
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
