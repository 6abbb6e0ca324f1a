"""The tasks of a round file: from a list or a file, with what labelers see of them.

    .csv .tsv    a task a row, its fields by the header; `delimiter` if that is unclear
    .jsonl       a task a line
    .json        a list of tasks

A task is a text or an object of fields. Of an object `id` is its name; the fields in `show` are
published, or all but the one that holds gold answers. Tasks with fields that look like the answer
are refused until `show` or `gold` says what these are: every labeler can read what is published.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json, read_object, read_text
from plumbline.formats.media_files import MediaFile
from plumbline.formats.names import listed, look_of, quoted
from plumbline.formats.table import read_table

ID: Final = "id"
_TABLES: Final = (".csv", ".tsv")
_ENDINGS: Final = ".csv, .tsv, .jsonl or .json"
# What people call the column that names a row.
_LIKE_ID: Final = frozenset(
    {"id", "ids", "task", "task id", "item", "item id", "uid", "uuid", "key", "index", "idx"}
    | {"row", "row id", "example id", "question id", "record id", "no", "nr", "number"}
)
# What people call what they know about a task.
_LIKE_ANSWER: Final = frozenset(
    {"answer", "answers", "label", "labels", "labelled", "labeled", "gold", "golden", "truth"}
    | {"correct", "target", "targets", "solution", "solutions", "expected", "reference"}
    | {"chosen", "rejected", "winner", "preferred", "preference", "choice", "verdict"}
    | {"score", "scores", "rating", "ratings", "rank", "ranking", "class", "category"}
    | {"annotation", "annotations", "prediction", "predictions", "judgement", "judgment", "vote"}
    | {"votes", "groundtruth"}
)
_FLAGS: Final = frozenset({"0", "1", "true", "false", "yes", "no"})
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")


class TasksError(PlumblineError):
    """Tasks of which no round can be made; the message has the file and the line, or the key."""


class TasksKeyError(TasksError):
    """Tasks that are not what the round file says of them; the message names its key."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What a round file says about the fields of its tasks; None for what it does not say.

    name     the field that is the name of a task
    show     the fields that labelers see
    gold     the field that holds gold answers
    """

    name: str | None = None
    show: tuple[str, ...] | None = None
    gold: str | None = None


@dataclass(frozen=True, slots=True)
class TaskList:
    """The tasks as published, where each was, and the gold answer of each if a field has them.

    `files` are those that they refer to, by hash.
    """

    published: tuple[object, ...]
    places: tuple[str, ...]
    gold: tuple[object, ...] | None
    files: Mapping[str, MediaFile]


def read_tasks(
    given: object,
    folder: Path,
    options: Sequence[str],
    columns: Columns,
    delimiter: str | None = None,
) -> TaskList:
    """The tasks that a round file gives, a list or the name of a file in `folder`.

    Raises TasksError, or the error of the file's format.
    """
    is_table = isinstance(given, str) and Path(given).suffix.lower() in _TABLES
    if delimiter is not None and not is_table:
        raise TasksKeyError("delimiter is for tasks in a .csv file: leave it out")
    if isinstance(given, str):
        found = _of_file(folder / given, delimiter)
    elif isinstance(given, list) and given:
        found = [(f"task {number}", task) for number, task in enumerate(given, start=1)]
    else:
        raise TasksKeyError(f"tasks must be a list, or the name of a {_ENDINGS} file")
    places = tuple(place for place, _ in found)
    tasks = [task for _, task in found]
    _require_meant(tasks, options, columns)
    gold = None
    if columns.gold is not None:
        gold = tuple(
            task.get(columns.gold) if isinstance(task, Mapping) else None for task in tasks
        )
    published = tuple(_published(place, task, columns) for place, task in found)
    _require_names(places, published)
    return TaskList(published, places, gold, {})


# ---------------------------------------------------------------- files


def _of_file(path: Path, delimiter: str | None) -> list[tuple[str, object]]:
    ending = path.suffix.lower()
    if ending in _TABLES:
        return _of_table(path, delimiter)
    if ending == ".jsonl":
        return list(_of_lines(path))
    if ending == ".json":
        given = read_object(path)
        if isinstance(given, list):
            return [(f"{path}, task {number}", task) for number, task in enumerate(given, 1)]
        raise TasksError(f"{path} must hold a list of tasks")
    raise TasksError(f"{path} must end in {_ENDINGS}: save it as one of these")


def _of_table(path: Path, delimiter: str | None) -> list[tuple[str, object]]:
    table = read_table(path, delimiter)
    tasks: list[tuple[str, object]] = []
    for row in table.rows:
        # A checkout with other line ends means the same tasks.
        cells = [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row.cells]
        tasks.append((table.place(row), dict(zip(table.columns, cells, strict=True))))
    return tasks


def _of_lines(path: Path) -> Iterator[tuple[str, object]]:
    # Only a line feed ends a line of JSON: other breaks may stand in its texts.
    lines = [line.strip(" \t\r") for line in read_text(path).split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        place = f"{path}, line {number}"
        if not line:
            raise TasksError(f"{place}: an empty line: remove it, since tasks are counted")
        yield place, parse_json(line, place)


# ---------------------------------------------------------------- fields


def _require_meant(tasks: Sequence[object], options: Sequence[str], columns: Columns) -> None:
    """Fields that are named are there, and what nobody named is neither id nor answer."""
    fields = dict.fromkeys(
        str(field) for task in tasks if isinstance(task, Mapping) for field in task
    )
    for key, field in (("id", columns.name), ("gold", columns.gold)):
        if field is not None and field not in fields:
            raise TasksKeyError(f"{key}: tasks have no field {quoted(field)}{_fields(fields)}")
    for field in columns.show or ():
        if field not in fields:
            raise TasksKeyError(f"show: tasks have no field {quoted(field)}{_fields(fields)}")
        if field == columns.gold:
            raise TasksKeyError(f"show has {field}, which holds the gold answers: leave it out")
    if columns.gold is not None and columns.gold in (columns.name, ID):
        raise TasksKeyError(f"gold: {columns.gold} is what tasks are called by")
    if (
        columns.name not in (None, ID)
        and ID in fields
        and (columns.show is None or ID in columns.show)
    ):
        raise TasksKeyError(
            f"id is {columns.name}, and tasks have a field id too: list the fields to be shown, "
            "without it, as show"
        )
    if columns.show is None:
        rest = [field for field in fields if field not in (columns.gold, columns.name)]
        if ID not in fields and columns.name is None:
            _require_no_id(rest)
        _require_no_answer(tasks, rest, options)


def _fields(fields: Mapping[str, object]) -> str:
    return f" (they have {listed(list(fields))})" if fields else ": they are texts"


def _require_no_id(fields: Sequence[str]) -> None:
    for field in fields:
        if " ".join(_words(field)) in _LIKE_ID and len(fields) > 1:
            raise TasksKeyError(
                f"tasks have no field id, but {quoted(field)}: if they are called by it, say "
                f"`id: {field}`; if not, list the fields to be shown as show"
            )


def _require_no_answer(
    tasks: Sequence[object], fields: Sequence[str], options: Sequence[str]
) -> None:
    if len(set(fields) - {ID}) < 2:
        return  # it is all there is of a task
    for field in fields:
        values = [task[field] for task in tasks if isinstance(task, Mapping) and field in task]
        inner = (found for value in values for found in _inner(value, field))
        named = next((path for path, name in ((field, field), *inner) if _is_answer(name)), None)
        if field == ID or (named is None and not _tells(values, options)):
            continue
        why = "" if named else ", with nothing but answers in it"
        others = ", ".join(other for other in fields if other not in (ID, field))
        raise TasksKeyError(
            f"tasks have a field {quoted(named or field)}{why}: would labelers see the answer? "
            f"Say which fields are shown, like `show: [{others}]`; if it holds gold answers, say "
            f"`gold: {field}`"
        )


def _inner(value: object, path: str) -> Iterator[tuple[str, str]]:
    """The fields within a field: each with the way there, and its name."""
    if isinstance(value, Mapping):
        for name, held in value.items():
            yield f"{path}.{name}", str(name)
            yield from _inner(held, f"{path}.{name}")
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _inner(each, path)


def _is_answer(name: str) -> bool:
    return bool(_LIKE_ANSWER & set(_words(name)))


def _tells(values: Sequence[object], options: Sequence[str]) -> bool:
    """Whether a field holds nothing but options, or yes and no, and not always the same."""
    plain = (str, int, bool)
    if not all(isinstance(value, plain) or value is None for value in values):
        return False
    looks = {look_of(str(value), has_case=False) for value in values if value not in (None, "")}
    known = {look_of(name, has_case=False) for name in options}
    return len(looks) > 1 and (looks <= known or looks <= _FLAGS)


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]


def _published(place: str, task: object, columns: Columns) -> object:
    """A task as labelers get it."""
    if not isinstance(task, Mapping):
        if columns.name or columns.show or columns.gold:
            raise TasksError(f"{place}: the task is no object, and has none of the fields named")
        return task
    name = columns.name or ID
    named: dict[object, object] = {}
    if name in task:
        named[ID] = task[name].strip() if isinstance(task[name], str) else task[name]
    rest = {
        field: value
        for field, value in task.items()
        if field not in (name, columns.gold) and (columns.show is None or field in columns.show)
    }
    if not rest and named and len(task) > 1:
        raise TasksError(f"{place}: nothing of the task is shown")
    return {**named, **rest}


def _require_names(places: Sequence[str], tasks: Sequence[object]) -> None:
    """All tasks have an id of their own, or none has one."""
    names = [task.get(ID) if isinstance(task, Mapping) else None for task in tasks]
    if not any(isinstance(task, Mapping) and ID in task for task in tasks):
        return
    looks: dict[str, int] = {}
    for number, (place, name) in enumerate(zip(places, names, strict=True)):
        if name is None or name == "":
            raise TasksError(f"{place}: the task has no id, and others have one: give one to each")
        if isinstance(name, bool) or not isinstance(name, (str, int)):
            raise TasksError(f"{place}: the id {quoted(name)} is no text and no whole number")
        if any(unicodedata.category(letter) == "Cc" for letter in str(name)):
            raise TasksError(f"{place}: the id {quoted(name)} has a line break or a tab in it")
        look = look_of(str(name), has_case=True)
        if not look:
            raise TasksError(
                f"{place}: the id {quoted(name)} shows nothing: give each task one that can be seen"
            )
        if look in looks:
            other = looks[look]
            raise TasksError(
                f"{place}: the id {quoted(name)} is that of another task, {quoted(names[other])} "
                f"({places[other]}), or looks like it: ids must be unique"
            )
        looks[look] = number
