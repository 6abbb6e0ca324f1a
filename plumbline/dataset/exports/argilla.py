"""Argilla: records with our labels as suggestions, and the settings of their dataset.

    records.json, .argilla/    a folder that `argilla.Dataset.from_disk` takes
    records_flat.json          the same records with a value a key, and with what each labeler who
                               is heard answered as a response

Users of a server are its own, and it takes no responses of others: so those stand only in the flat
records, under an id that follows from the labeler's address.
"""

import json
import re
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from plumbline.dataset.conversations import content_of
from plumbline.dataset.exports.chosen import choices_of_labelers, labeled_choices
from plumbline.dataset.exports.export import DatasetExport, ExportedFile
from plumbline.dataset.exports.labels import rounded
from plumbline.dataset.exports.own_fields import as_text, shown_fields
from plumbline.dataset.records import Dataset, LabeledItem
from plumbline.dataset.split import SplitDataset
from plumbline.formats.task_text import readable
from plumbline.questions.checklist import Checklist
from plumbline.questions.question import Question
from plumbline.questions.ranking import Ranking
from plumbline.settlement.terms import Kind

_FOLDER: Final = "argilla"
_QUESTION: Final = "label"
_THING: Final = "thing"
_METADATA: Final = {
    "confidence": "float", "answers": "integer", "contested": "terms", "gold": "terms",
    "split": "terms", "group": "terms",
}  # fmt: skip
_DISTRIBUTION: Final = {"strategy": "overlap", "min_submitted": 1}
_NOT_IN_NAMES: Final = re.compile("[^a-z0-9_-]")
# What a collection of settings has methods of that name for.
_RESERVED: Final = frozenset({"add", "count", "index", "remove", "serialize"})
# Characters: of names, of options as records have them, of titles, and of what is asked.
_LONGEST_NAME: Final = 180
_LONGEST_VALUE: Final = 200
_LONGEST_TEXT: Final = 500
_LONGEST_GUIDELINES: Final = 9_999  # and a line break
_RATINGS: Final = range(11)
_FEWEST_VISIBLE: Final = 3
_ROOT_DIGITS: Final = 16  # hex

Json = dict[str, object]


class ArgillaFiles(DatasetExport):
    """A dataset of Argilla."""

    def files(self, source: SplitDataset) -> Iterator[ExportedFile]:
        number_of_things = _number_of_things(source.dataset)
        if number_of_things is None:
            return
        records = _Records.of(source, number_of_things)
        items = source.dataset.items
        yield _file("records.json", [records.record(item) for item in items])
        yield _file("records_flat.json", [records.flat(item) for item in items])
        yield _file(".argilla/settings.json", records.settings)
        yield _file(".argilla/dataset.json", records.about)

    def notes(self, source: SplitDataset) -> Sequence[str]:
        if _number_of_things(source.dataset) is not None:
            return ()
        return (
            "nothing for Argilla, which ranks the same number of things in every record: these "
            "have more or fewer",
        )


# ---------------------------------------------------------------- fields


@dataclass(frozen=True, slots=True)
class _RecordField:
    """A field of records, by its name there; `is_chat` if it holds turns of a conversation."""

    name: str
    title: str
    is_chat: bool
    is_required: bool

    @property
    def settings(self) -> Json:
        """As settings have it."""
        return {
            "name": self.name,
            "title": self.title[:_LONGEST_TEXT].strip() or self.name,
            "required": self.is_required,
            "description": None,
            "settings": {"type": "chat" if self.is_chat else "text", "use_markdown": False},
        }

    def value(self, held: object) -> object:
        """A value as it may stand there."""
        return held if self.is_chat or isinstance(held, str) else readable(held)


class _Names:
    """Names that a server takes, each given once."""

    def __init__(self) -> None:
        self.taken = set(_RESERVED)

    def of(self, name: str) -> str:
        """A name for this one, and for nothing else."""
        plain = _NOT_IN_NAMES.sub("_", name.lower()).strip("_-")[:_LONGEST_NAME] or "field"
        found, number = plain, 1
        while found in self.taken:
            number += 1
            found = f"{plain}_{number}"
        self.taken.add(found)
        return found


def _shown(item: LabeledItem, question: Question) -> Mapping[str, object]:
    """What labelers were shown, but for nothing: the name of an item that has nothing else."""
    fields = {
        name: value for name, value in shown_fields(item, question).items() if value is not None
    }
    return fields if fields or question.has_own_choices else {"item": item.name}


def _fields(dataset: Dataset, names: _Names) -> dict[str, _RecordField]:
    """All fields that any item has, by their own names."""
    values: dict[str, list[object]] = {}
    for item in dataset.items:
        for field, value in _shown(item, dataset.question).items():
            values.setdefault(field, []).append(value)
    return {
        field: _field(names.of(field), field, held, len(held) == len(dataset.items))
        for field, held in values.items()
    }


def _field(name: str, title: str, values: Sequence[object], is_required: bool) -> _RecordField:
    is_chat = all(
        isinstance(value, (list, tuple)) and content_of(value) is not None for value in values
    )
    return _RecordField(name, title, is_chat, is_required)


def _number_of_things(dataset: Dataset) -> int | None:
    """How many things every item ranks; None if some rank more than others."""
    if not dataset.question.has_own_choices:
        return 0
    sizes = {len(item.item.choices) for item in dataset.items}
    return sizes.pop() if len(sizes) == 1 else None


# ---------------------------------------------------------------- what is asked


class _RecordQuestion(ABC):
    """The question of records, under its name there."""

    type: ClassVar[str]

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    @abstractmethod
    def options(self) -> list[Json]:
        """What can be chosen."""

    @property
    def settings(self) -> Json:
        """As settings have it. Its title is its name: what it asks is in the guidelines."""
        return {
            "name": self.name,
            "title": self.name,
            "description": None,
            "required": True,
            "settings": {"type": self.type, "options": self.options, **self.more},
        }

    @property
    def more(self) -> Json:
        """What the settings of its kind have besides."""
        return {}

    @abstractmethod
    def value(self, chosen: Sequence[int]) -> object:
        """What was chosen, as suggestions and responses hold it; None if they cannot."""

    def score(self, item: LabeledItem) -> object:
        """How sure a label is, as suggestions hold it."""
        return None if item.confidence is None else rounded([item.confidence])[0]


class _LabelSelection(_RecordQuestion):
    type = "label_selection"

    def __init__(self, name: str, choices: Sequence[str]) -> None:
        super().__init__(name)
        self.choices = choices
        self.values = [
            choice if len(choice) <= _LONGEST_VALUE else str(number)
            for number, choice in enumerate(choices, start=1)
        ]

    @property
    def options(self) -> list[Json]:
        return [
            {"value": value, "text": choice[:_LONGEST_TEXT], "description": None}
            for value, choice in zip(self.values, self.choices, strict=True)
        ]

    @property
    def more(self) -> Json:
        count = len(self.choices)
        return {"visible_options": count if count >= _FEWEST_VISIBLE else None}

    def value(self, chosen: Sequence[int]) -> object:
        return self.values[chosen[0]]


class _MultiLabelSelection(_LabelSelection):
    type = "multi_label_selection"

    @property
    def more(self) -> Json:
        return {**super().more, "options_order": "natural"}

    def value(self, chosen: Sequence[int]) -> object:
        # The program has no answer for nothing.
        return [self.values[number] for number in chosen] or None

    def score(self, item: LabeledItem) -> object:
        """Of each label that applies."""
        sure = {
            about[0]: task.distribution[1]
            for about, task in zip(item.item.about, item.tasks, strict=True)
            if task.label
        }
        return rounded([sure[number] for number in sorted(sure)])


class _RatingQuestion(_RecordQuestion):
    type = "rating"

    def __init__(self, name: str, steps: Sequence[int]) -> None:
        super().__init__(name)
        self.steps = steps

    @property
    def options(self) -> list[Json]:
        return [{"value": step} for step in self.steps]

    def value(self, chosen: Sequence[int]) -> object:
        return self.steps[chosen[0]]


class _RankingQuestion(_RecordQuestion):
    """Fields in order, best first."""

    type = "ranking"

    def __init__(self, name: str, fields: Sequence[str]) -> None:
        super().__init__(name)
        self.fields = fields

    @property
    def options(self) -> list[Json]:
        return [{"value": name, "text": name, "description": None} for name in self.fields]

    def value(self, chosen: Sequence[int]) -> object:
        return [self.fields[number] for number in chosen]

    def score(self, item: LabeledItem) -> object:
        # A list has a score of each entry, or none: an order is right as a whole.
        return None


def _asked(question: Question, name: str, things: Sequence[str]) -> _RecordQuestion:
    if isinstance(question, Ranking):
        return _RankingQuestion(name, things)
    if isinstance(question, Checklist):
        return _MultiLabelSelection(name, question.labels)
    steps = [int(option) for option in question.options if option.isascii() and option.isdigit()]
    is_rating = question.kind is Kind.ORDINAL and tuple(map(str, steps)) == question.options
    if is_rating and set(steps) <= set(_RATINGS):
        return _RatingQuestion(name, steps)
    return _LabelSelection(name, question.options)


# ---------------------------------------------------------------- records


@dataclass(frozen=True, slots=True)
class _Records:
    """A dataset as records.

    fields      by their own names
    things      the fields of what is ranked, in their order
    metadata    names of what else is said, by what it is; `kept` of the requester's fields
    """

    source: SplitDataset
    fields: Mapping[str, _RecordField]
    things: Sequence[_RecordField]
    asked: _RecordQuestion
    metadata: Mapping[str, str]
    kept: Mapping[str, str]

    @classmethod
    def of(cls, source: SplitDataset, number_of_things: int) -> "_Records":
        """All names are such as a server takes."""
        dataset, names = source.dataset, _Names()
        fields = _fields(dataset, names)
        things = []
        for number in range(number_of_things):
            title = f"{_THING} {number + 1}"
            held = [item.item.choices[number] for item in dataset.items]
            things.append(_field(names.of(title), title, held, is_required=True))
        asked = _asked(dataset.question, names.of(_QUESTION), [thing.name for thing in things])
        metadata = {name: names.of(name) for name in _METADATA}
        own = dict.fromkeys(name for item in dataset.items for name in item.kept)
        kept = {name: names.of(name) for name in own}
        return cls(source, fields, things, asked, metadata, kept)

    @property
    def settings(self) -> Json:
        """Fields, question and metadata, as its client writes them."""
        fields = [*self.fields.values(), *self.things]
        instructions = self.source.dataset.instructions.strip()[:_LONGEST_GUIDELINES]
        metadata = [
            {
                "name": name,
                "title": name,
                "visible_for_annotators": True,
                "settings": {"type": _METADATA[what], "visible_for_annotators": True},
            }
            for what, name in self.metadata.items()
        ]
        return {
            # With a line break at the end, since the client reads a file that is called like its
            # guidelines, and sends what is in it.
            "guidelines": f"{instructions}\n" if instructions else None,
            "questions": [self.asked.settings],
            "fields": [field.settings for field in fields],
            "vectors": [],
            "metadata": metadata,
            "allow_extra_metadata": True,
            "distribution": _DISTRIBUTION,
            "mapping": None,
        }

    @property
    def about(self) -> Json:
        """The dataset: under a name of its own, as records go into one that is there."""
        roots = [each.tasks_root.hex()[:_ROOT_DIGITS] for each in self.source.dataset.rounds[:1]]
        return {
            "name": "-".join(["plumbline", *roots]),
            "guidelines": None,
            "allow_extra_metadata": True,
            "distribution": _DISTRIBUTION,
        }

    def record(self, item: LabeledItem) -> Json:
        """An item with its label."""
        return {
            "id": item.name,
            "fields": self._shown(item),
            "metadata": self._beside(item),
            "suggestions": self._suggestions(item),
            "responses": {},
            "vectors": {},
            "status": "pending",
            "_server_id": None,
        }

    def flat(self, item: LabeledItem) -> Json:
        """The same with a value a key, and with responses."""
        name = self.asked.name
        answers = [
            (labeler, value)
            for labeler, chosen in choices_of_labelers(self.source.dataset.question, item)
            if (value := self.asked.value(chosen)) is not None
        ]
        responses: Json = {
            f"{name}.responses": [value for _, value in answers],
            f"{name}.responses.users": [user_id(labeler) for labeler, _ in answers],
            f"{name}.responses.status": ["submitted"] * len(answers),
        }
        suggested: Json = {
            f"{name}.suggestion": None,
            f"{name}.suggestion.score": None,
            f"{name}.suggestion.agent": None,
        }
        for suggestion in self._suggestions(item).values():
            suggested = {
                f"{name}.suggestion": suggestion["value"],
                f"{name}.suggestion.score": suggestion["score"],
                f"{name}.suggestion.agent": suggestion["agent"],
            }
        return {
            "id": item.name,
            "status": "pending",
            "_server_id": None,
            **self._shown(item),
            **self._beside(item),
            **(responses if answers else {}),
            **suggested,
        }

    def _shown(self, item: LabeledItem) -> Json:
        shown = {
            self.fields[field].name: self.fields[field].value(value)
            for field, value in _shown(item, self.source.dataset.question).items()
        }
        things = zip(self.things, item.item.choices, strict=False)
        return {**shown, **{thing.name: thing.value(held) for thing, held in things}}

    def _beside(self, item: LabeledItem) -> Json:
        facts = {
            "confidence": None if item.confidence is None else rounded([item.confidence])[0],
            "answers": sum(sum(task.votes) for task in item.tasks),
            "contested": "yes" if item.is_contested else "no",
            "gold": "yes" if item.is_gold else "no",
            "split": self.source.split_of(item).value,
            "group": item.group,
        }
        kept = {self.kept[name]: _plain(value) for name, value in item.kept.items()}
        beside = {**{self.metadata[name]: value for name, value in facts.items()}, **kept}
        return {name: value for name, value in beside.items() if value is not None}

    def _suggestions(self, item: LabeledItem) -> dict[str, Json]:
        chosen = labeled_choices(self.source.dataset.question, item)
        value = None if chosen is None else self.asked.value(chosen)
        if value is None:
            return {}
        agent = f"plumbline {self.source.dataset.how.method}"
        return {self.asked.name: {"value": value, "score": self.asked.score(item), "agent": agent}}


def user_id(labeler: str) -> str:
    """The id under which responses of a labeler stand."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"ethereum:{labeler}"))


def _plain(value: object) -> object:
    """A value as metadata may hold it."""
    is_plain = value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))
    return value if is_plain else as_text(value)


def _file(path: str, content: object) -> ExportedFile:
    # In ASCII, since its client reads files in the encoding of the machine.
    return ExportedFile(f"{_FOLDER}/{path}", f"{json.dumps(content, indent=1)}\n".encode())
