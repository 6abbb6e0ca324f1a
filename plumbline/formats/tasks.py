"""The tasks of a file as labelers get them, with what is known of them besides.

A task is a text or an object of fields. Of an object `id` is its name; the fields in `show` are
published, or all but those with another use: gold answers, the group that a task belongs to, and
what is kept for the labels. Tasks with fields that look like the answer are refused until somebody
says what these are: every labeler can read what is published.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from plumbline.formats.imports.imported import (
    ID,
    Imported,
    TaskRow,
    TasksError,
    TasksKeyError,
    Unusable,
)
from plumbline.formats.media_files import MediaFile
from plumbline.formats.names import listed, look_of, quoted

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


@dataclass(frozen=True, slots=True)
class Columns:
    """What a round file says about the fields of its tasks; None for what it does not say.

    name     the field that is the name of a task
    show     the fields that labelers see
    gold     the field that holds gold answers
    group    the field that says which tasks belong together
    keep     the fields that are carried to the labels, and never published
    """

    name: str | None = None
    show: tuple[str, ...] | None = None
    gold: str | None = None
    group: str | None = None
    keep: tuple[str, ...] = ()

    @property
    def secret(self) -> frozenset[str]:
        """The fields that are never published."""
        return frozenset(self.keep if self.gold is None else (self.gold, *self.keep))


@dataclass(frozen=True, slots=True)
class FieldUses:
    """What each field of a file is used for, by name; None or nothing where none is."""

    name: str | None
    shown: tuple[str, ...]
    gold: str | None
    group: str | None
    kept: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskList:
    """The tasks of a file, one entry of each list for each task.

    published    as labelers get them
    places       where they were, for errors
    gold         what the field of gold answers says; None if none was named
    groups       what they belong together with, None for nothing
    kept         the fields that are carried to the labels
    uses         where each field goes
    files        those that tasks refer to, by hash
    """

    published: tuple[object, ...]
    places: tuple[str, ...]
    gold: tuple[object, ...] | None
    groups: tuple[str | None, ...]
    kept: tuple[Mapping[str, object], ...]
    uses: FieldUses
    files: Mapping[str, MediaFile]


def task_list(imported: Imported, options: Sequence[str], columns: Columns) -> TaskList:
    """The tasks of a file as a round file has them published.

    Raises TasksKeyError for a field that is named and not there, or that nobody should see,
    TasksError for a task.
    """
    tasks = [row.task for row in imported.rows]
    fields = list(
        dict.fromkeys(str(field) for task in tasks if isinstance(task, Mapping) for field in task)
    )
    columns = _completed(imported, columns)
    _require_meant(imported, fields, options, columns)
    gold = None
    if columns.gold is not None:
        gold = tuple(_used(row, columns.gold) for row in imported.rows)
    published = tuple(_published(row, columns) for row in imported.rows)
    places = tuple(row.place for row in imported.rows)
    _require_names(places, published)
    return TaskList(
        published,
        places,
        gold,
        groups=tuple(_group(row, columns) for row in imported.rows),
        kept=tuple(_kept(row, columns) for row in imported.rows),
        uses=_uses(fields, columns),
        files={},
    )


def _completed(imported: Imported, columns: Columns) -> Columns:
    """What is said of fields, and for what is not said what the file says."""
    if imported.shown is None:
        return columns
    named = {columns.name, columns.gold, columns.group}
    # Who says what is shown leaves out the rest.
    rest = () if columns.show else imported.kept
    return replace(
        columns,
        show=columns.show or imported.shown,
        keep=columns.keep or tuple(field for field in rest if field not in named),
        group=columns.group or imported.group,
    )


def _uses(fields: Sequence[str], columns: Columns) -> FieldUses:
    taken = {columns.name or ID, columns.group, *columns.secret}
    named = columns.show or tuple(field for field in fields if field not in taken)
    shown = tuple(field for field in named if field in fields and field != (columns.name or ID))
    used = {*taken, *shown}
    return FieldUses(
        name=(columns.name or ID) if (columns.name or ID) in fields else None,
        shown=shown,
        gold=columns.gold,
        group=columns.group,
        kept=columns.keep,
        left_out=tuple(field for field in fields if field not in used),
    )


def _used(row: TaskRow, field: str) -> object:
    """A field of a row that is used. Raises TasksError if it has no meaning here."""
    value = row.task.get(field) if isinstance(row.task, Mapping) else None
    if isinstance(value, Unusable):
        raise TasksError(f"{row.place}: {field} {value.reason}")
    return value


# ---------------------------------------------------------------- fields


def _require_meant(
    imported: Imported, fields: Sequence[str], options: Sequence[str], columns: Columns
) -> None:
    """Fields that are named are there, and what nobody named is neither id nor answer."""
    named = (("id", columns.name), ("gold", columns.gold), ("group", columns.group))
    for key, field in (*named, *(("keep", field) for field in columns.keep)):
        if field is not None and field not in fields:
            raise TasksKeyError(f"{key}: tasks have no field {quoted(field)}{_fields(fields)}")
    if columns.name in imported.answers:
        raise TasksKeyError(f"id is {columns.name}, which holds what others answered: ids are seen")
    for field in columns.show or ():
        if field not in fields:
            raise TasksKeyError(f"show: tasks have no field {quoted(field)}{_fields(fields)}")
        if field == columns.gold:
            raise TasksKeyError(f"show has {field}, which holds the gold answers: leave it out")
        if field in columns.keep:
            raise TasksKeyError(f"show has {field}, which is never shown by keep: leave out one")
        if field in imported.answers:
            raise TasksKeyError(f"show has {field}, which holds what others answered: leave it out")
    for key, field in (*named[1:], *(("keep", field) for field in columns.keep)):
        if field is not None and field in (columns.name, ID):
            raise TasksKeyError(f"{key}: {field} is what tasks are called by")
    if columns.group is not None and columns.group == columns.gold:
        raise TasksKeyError(f"group: {columns.gold} holds the gold answers")
    if (
        columns.name not in (None, ID)
        and ID in fields
        and (columns.show is None or ID in columns.show)
    ):
        raise TasksKeyError(
            f"id is {columns.name}, and tasks have a field id too: list the fields to be shown, "
            "without it, as show"
        )
    if columns.show == ():
        raise TasksKeyError(
            f"show: which fields labelers see is not said in these records (they have "
            f"{listed(fields)}): list them, or name the settings as config"
        )
    if columns.show is None:
        tasks = [row.task for row in imported.rows]
        used = {columns.name, columns.group, *columns.secret}
        rest = [field for field in fields if field not in used]
        if ID not in fields and columns.name is None:
            _require_no_id(rest)
        _require_no_answer(tasks, rest, options)


def _fields(fields: Sequence[str]) -> str:
    return f" (they have {listed(fields)})" if fields else ": they are texts"


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
            f"`gold: {field}`; if it is for the labels only, `keep: [{field}]`"
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


def _published(row: TaskRow, columns: Columns) -> object:
    """A task as labelers get it."""
    task = row.task
    if not isinstance(task, Mapping):
        if columns != Columns():
            raise TasksError(
                f"{row.place}: the task is no object, and has none of the fields named"
            )
        return task
    name = columns.name or ID
    named: dict[object, object] = {}
    if name in task:
        value = _used(row, name)
        named[ID] = value.strip() if isinstance(value, str) else value
    taken = {name, *columns.secret} | ({columns.group} if columns.show is None else set())
    rest = {
        field: _used(row, field)
        for field in (task if columns.show is None else columns.show)
        if field in task and field not in taken
    }
    if not rest and named and len(task) > 1:
        raise TasksError(f"{row.place}: nothing of the task is shown")
    return {**named, **rest}


def _group(row: TaskRow, columns: Columns) -> str | None:
    """What a task belongs together with."""
    value = None if columns.group is None else _used(row, columns.group)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise TasksError(f"{row.place}: the group {quoted(value)} is no text and no whole number")
    return str(value).strip()


def _kept(row: TaskRow, columns: Columns) -> Mapping[str, object]:
    if not isinstance(row.task, Mapping):
        return {}
    return {field: _used(row, field) for field in columns.keep if field in row.task}


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
