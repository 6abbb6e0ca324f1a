"""The requester's own fields as columns: what was shown, and what was kept."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from plumbline.dataset.exports.export import Column
from plumbline.dataset.records import LabeledItem
from plumbline.dataset.split import Row
from plumbline.formats.imports.imported import ID
from plumbline.formats.task_pool import TEXT
from plumbline.questions.question import Question

_INT64: Final = range(-(2**63), 2**63)
_MESSAGES: Final = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of items under the name of its column; `is_json` if its values go in as JSON."""

    key: str
    is_shown: bool
    column: Column
    is_json: bool


@dataclass(frozen=True, slots=True)
class OwnFields:
    """All of them, in the order of the items' fields."""

    fields: tuple[_Field, ...]
    question: Question

    @classmethod
    def of(
        cls, items: Sequence[LabeledItem], question: Question, taken: Iterable[str]
    ) -> "OwnFields":
        """Those of any item. A field that is called like one of the columns that are `taken` goes
        by another name: `own_label`.
        """
        names = {name.casefold() for name in taken}
        sources: tuple[tuple[bool, str, Callable[[LabeledItem], Mapping[str, object]]], ...] = (
            (True, "what labelers were shown", lambda item: shown_fields(item, question)),
            (False, "kept beside, not shown", lambda item: item.kept),
        )
        fields = []
        for is_shown, meaning, fields_of in sources:
            values: dict[str, list[object]] = {}
            for item in items:
                for key, value in fields_of(item).items():
                    values.setdefault(key, []).append(value)
            for key, given in values.items():
                name = key or "unnamed"
                while name.casefold() in names:
                    name = f"own_{name}"
                names.add(name.casefold())
                kind = _type_of([value for value in given if value is not None])
                said = meaning if kind is not None else f"{meaning}, as JSON"
                column = Column(name, pa.string() if kind is None else kind, said)
                fields.append(_Field(key, is_shown, column, kind is None))
        return cls(tuple(fields), question)

    @property
    def columns(self) -> tuple[Column, ...]:
        """A column for each."""
        return tuple(field.column for field in self.fields)

    def row(self, item: LabeledItem) -> Row:
        """Those of an item, by the names of their columns."""
        shown = shown_fields(item, self.question)
        row: dict[str, object] = {}
        for field in self.fields:
            value = (shown if field.is_shown else item.kept).get(field.key)
            if field.is_json and value is not None:
                value = json.dumps(value, ensure_ascii=False)
            row[field.column.name] = value
        return row


def shown_fields(item: LabeledItem, question: Question) -> Mapping[str, object]:
    """What labelers were shown of an item by field, without its name and its choices."""
    shown = item.item.shown
    if not isinstance(shown, Mapping):
        return {TEXT: shown}
    left_out = {ID, *question.hidden}
    return {str(key): value for key, value in shown.items() if key not in left_out}


def as_text(value: object) -> str:
    """A text as it is, and all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _type_of(values: Sequence[object]) -> pa.DataType | None:
    """The type of Arrow that all of these have; None if there is none but their JSON."""
    if all(isinstance(value, str) for value in values):
        return pa.string()
    if all(isinstance(value, bool) for value in values):
        return pa.bool_()
    if all(_is_whole(value) for value in values):
        return pa.int64()
    if all(_is_whole(value) or isinstance(value, float) for value in values):
        return pa.float64()
    if all(isinstance(value, (list, tuple)) for value in values):
        entries = [entry for value in values if isinstance(value, (list, tuple)) for entry in value]
        if all(isinstance(entry, str) for entry in entries):
            return pa.list_(pa.string())
        if all(map(_is_message, entries)):
            return _MESSAGES
    return None


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in _INT64


def _is_message(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == {"role", "content"}
        and all(isinstance(each, str) for each in value.values())
    )
