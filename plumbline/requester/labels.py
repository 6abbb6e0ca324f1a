"""The labels of a closed round, for whoever paid for them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from plumbline.dataset.firmness import confidences
from plumbline.errors import PlumblineError
from plumbline.formats import spreadsheet
from plumbline.formats.asked import Asked, asked_in
from plumbline.formats.item_text import answer_text
from plumbline.formats.task_pool import PoolItem, TaskPool
from plumbline.history.rounds import RoundHistory
from plumbline.protocol.manifest import Manifest, require_root
from plumbline.questions.question import Item, Question, QuestionError
from plumbline.settlement.labels import Label, labels

_DIGITS: Final = 6  # of a probability


class LabelsError(PlumblineError):
    """A round that has no labels yet, or whose tasks make no items."""


@dataclass(frozen=True, slots=True)
class NamedLabel:
    """A label with the names of task and options.

    confidence  how likely it is right, None without one
    votes       for each option, in their order
    """

    task: str
    label: str | None
    confidence: float | None
    contested: bool
    votes: dict[str, int]
    gold: str | None


@dataclass(frozen=True, slots=True)
class ItemLabel:
    """What the labels of an item's tasks say together.

    label       as JSON: a list of things, best first, or of the labels that apply; None if one of
                the tasks has no votes
    contested   if one of the tasks is
    gold        the same of the gold answers; None unless all of the tasks are gold tasks
    tasks       one by one, in the order of the round
    """

    item: str
    label: object
    contested: bool
    gold: object
    tasks: tuple[NamedLabel, ...]


@dataclass(frozen=True, slots=True)
class CarriedFields:
    """What the file of tasks says of them besides, to be put beside their labels.

    items         by the name of the record that is about them
    fields        that are kept, in the order of the file
    has_groups    whether any item belongs to a group
    """

    items: Mapping[str, PoolItem]
    fields: tuple[str, ...]
    has_groups: bool

    @classmethod
    def of(cls, pool: TaskPool, manifest: Manifest, by_task: bool) -> "CarriedFields":
        """What the items of a pool carry; `by_task` for records of single tasks."""
        names = iter(manifest.names)
        items: dict[str, PoolItem] = {}
        for item in pool.items:
            own = tuple(islice(names, len(item.tasks)))
            items |= dict.fromkeys(own if by_task else (item.called,), item)
        return cls(
            items,
            tuple(dict.fromkeys(field for item in pool.items for field in item.kept)),
            any(item.group is not None for item in pool.items),
        )

    @property
    def header(self) -> list[str]:
        """The columns of a table."""
        groups = ["group"] if self.has_groups else []
        return [*groups, *(f"kept {field}" for field in self.fields)]

    def cells(self, name: str) -> list[object]:
        """Those of a record."""
        item = self.items[name]
        groups = [item.group or ""] if self.has_groups else []
        return [*groups, *(spreadsheet.cell_of(item.kept.get(field)) for field in self.fields)]

    def values(self, name: str) -> dict[str, object]:
        """The same as JSON."""
        item = self.items[name]
        groups = {"group": item.group} if self.has_groups else {}
        return {**groups, **({"kept": dict(item.kept)} if self.fields else {})}


def named_labels(history: RoundHistory, manifest: Manifest | None) -> list[NamedLabel]:
    """The labels of all tasks. Without a manifest they are called `task 1` and `option 1`, which
    nobody takes for an id or for the name of an option.

    Raises LabelsError if the round is not closed, and an error if these are not its tasks.
    """
    return _named(history, manifest, _labels(history))


def items_of(history: RoundHistory, manifest: Manifest) -> Asked | None:
    """What a round asks whose items take several tasks each; None if each takes one.

    Raises LabelsError for a manifest whose question does not fit the round, or whose tasks make no
    items.
    """
    try:
        asked = asked_in(history.rules.kind, manifest)
    except QuestionError as error:
        raise LabelsError(
            f"{error}: labels of the single tasks are to be had with --by-task"
        ) from None
    return asked if asked.question.has_parts else None


def item_labels(history: RoundHistory, manifest: Manifest, asked: Asked) -> list[ItemLabel]:
    """The labels of all items. Raises LabelsError if the round is not closed, and an error if these
    are not its tasks.
    """
    found = _labels(history)
    named = _named(history, manifest, found)
    return [_combined(asked.question, item, found, named) for item in asked.items]


def _labels(history: RoundHistory) -> list[Label]:
    if history.closed is None:
        raise LabelsError(
            f"round {history.round_id} is not closed: `plumbline requester close "
            f"{history.round_id}`, or look ahead with `plumbline rewards preview "
            f"{history.round_id}`"
        )
    return labels(history.settlement())


def _combined(
    question: Question, item: Item, found: Sequence[Label], named: Sequence[NamedLabel]
) -> ItemLabel:
    tasks = [found[task] for task in item.tasks]
    return ItemLabel(
        item=item.name,
        label=question.combined(item, tasks),
        contested=any(label.contested for label in tasks),
        gold=question.combined(item, [replace(label, consensus=label.gold) for label in tasks]),
        tasks=tuple(named[task] for task in item.tasks),
    )


def _named(
    history: RoundHistory, manifest: Manifest | None, found: Sequence[Label]
) -> list[NamedLabel]:
    rules = history.rules
    tasks = [f"task {number}" for number in range(1, rules.tasks + 1)]
    options = [f"option {number}" for number in range(1, rules.options + 1)]
    if manifest is not None:
        require_root(manifest, history.opened.tasks_root, rules.tasks)
        tasks, options = list(manifest.names), list(manifest.options)
    return [
        NamedLabel(
            task=tasks[label.task],
            label=None if label.consensus is None else options[label.consensus],
            confidence=None if sure is None else round(sure, _DIGITS),
            contested=label.contested,
            votes=dict(zip(options, label.votes, strict=True)),
            gold=None if label.gold is None else options[label.gold],
        )
        for label, sure in zip(found, confidences(history, found), strict=True)
    ]


def to_json(records: Sequence[NamedLabel | ItemLabel], carried: CarriedFields | None = None) -> str:
    """A list of objects, one for each task, or one for each item with its tasks."""
    values = [
        _value(record) | (carried.values(_name(record)) if carried else {}) for record in records
    ]
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def _value(record: NamedLabel | ItemLabel) -> dict[str, object]:
    if isinstance(record, ItemLabel):
        return {
            "item": record.item,
            "label": record.label,
            "contested": record.contested,
            "gold": record.gold,
            "tasks": [_value(task) for task in record.tasks],
        }
    return {
        "task": record.task,
        "label": record.label,
        "confidence": record.confidence,
        "contested": record.contested,
        "votes": record.votes,
        "gold": record.gold,
    }


def _name(record: NamedLabel | ItemLabel) -> str:
    return record.item if isinstance(record, ItemLabel) else record.task


def items_to_csv(
    records: Sequence[ItemLabel], question: Question, carried: CarriedFields | None = None
) -> str:
    """A row for each item, safe in a spreadsheet."""
    rows = [
        [
            record.item,
            answer_text(question, record.label, spreadsheet.cell_of),
            _standing(record),
            answer_text(question, record.gold, spreadsheet.cell_of),
            *(carried.cells(record.item) if carried else ()),
        ]
        for record in records
    ]
    more = carried.header if carried else []
    return spreadsheet.to_csv([["item", "label", "contested", "gold", *more], *rows])


def _standing(record: NamedLabel | ItemLabel) -> str:
    return "no votes" if record.label is None else "yes" if record.contested else "no"


def to_csv(records: Sequence[NamedLabel], carried: CarriedFields | None = None) -> str:
    """A row for each task, with a column of votes for each option, safe in a spreadsheet."""
    options = list(records[0].votes) if records else []
    header = [
        "task",
        "label",
        "confidence",
        "contested",
        "gold",
        *(f"votes {name}" for name in options),
    ]
    header += carried.header if carried else []
    rows = [
        [
            record.task,
            "" if record.label is None else record.label,
            spreadsheet.cell_of(record.confidence),
            _standing(record),
            "" if record.gold is None else record.gold,
            *record.votes.values(),
            *(carried.cells(record.task) if carried else ()),
        ]
        for record in records
    ]
    return spreadsheet.to_csv([header, *rows])
