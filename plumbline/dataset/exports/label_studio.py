"""Label Studio: a labeling config that fits the question, and tasks as its server imports them.

    label_config.xml    what is shown and what is asked
    tasks.json          each task with our label as a prediction
    annotations.json    the same, with an annotation for each labeler who is heard, and the gold
                        answer as ground truth

Both files of tasks are imported as they are; one is enough. Annotations belong to whoever imports
them, since the users of a server are its own: the labeler's address stands in the result.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from plumbline.dataset.conversations import content_of
from plumbline.dataset.exports.chosen import choices_of_labelers, gold_choices, labeled_choices
from plumbline.dataset.exports.export import DatasetExport, ExportedFile
from plumbline.dataset.exports.labels import rounded
from plumbline.dataset.exports.own_fields import as_text, shown_fields
from plumbline.dataset.records import Dataset, LabeledItem
from plumbline.dataset.split import SplitDataset
from plumbline.formats.imports.imported import ID
from plumbline.formats.task_text import readable
from plumbline.questions.checklist import Checklist
from plumbline.questions.question import Question
from plumbline.questions.ranking import THINGS, Ranking

_FOLDER: Final = "label_studio"
_CONTROL: Final = "label"
# What stands for a field in a config may be written in JavaScript's letters only.
_NOT_IN_NAMES: Final = re.compile("[^A-Za-z0-9_]")
# Its value would be looked for in the task.
_VARIABLE: Final = re.compile(r"\$(?=\S)")
_DOLLAR: Final = "\uff04"  # looks like one
# What XML cannot hold, not even escaped.
_NOT_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES: Final = {
    "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;",
    "\t": "&#9;", "\n": "&#10;", "\r": "&#13;",
}  # fmt: skip


class LabelStudioFiles(DatasetExport):
    """A project of Label Studio."""

    def files(self, source: SplitDataset) -> Iterator[ExportedFile]:
        project = _Project.of(source)
        yield ExportedFile(f"{_FOLDER}/label_config.xml", project.config.encode())
        for name, has_annotations in (("tasks", False), ("annotations", True)):
            tasks = [project.task(item, has_annotations) for item in source.dataset.items]
            written = json.dumps(tasks, ensure_ascii=False, indent=1)
            yield ExportedFile(f"{_FOLDER}/{name}.json", f"{written}\n".encode())


@dataclass(frozen=True, slots=True)
class _Project:
    """A dataset as a project: its elements by the field that each shows, and what is asked."""

    source: SplitDataset
    shown: Mapping[str, "_Shown"]
    control: "_Control"

    @classmethod
    def of(cls, source: SplitDataset) -> "_Project":
        dataset = source.dataset
        question = dataset.question
        taken = {ID, THINGS} if isinstance(question, Ranking) else {ID}
        shown = _shown(dataset, taken)
        return cls(source, shown, _control(question, shown))

    @property
    def config(self) -> str:
        """The labeling config."""
        instructions = self.source.dataset.instructions.strip()
        lines = [_element("Header", value=_plain(instructions))] if instructions else []
        lines += [each.element for each in self.shown.values()]
        lines += self.control.elements
        return "\n".join(["<View>", *(f"  {line}" for line in lines), "</View>", ""])

    def task(self, item: LabeledItem, has_annotations: bool) -> dict[str, object]:
        """A task with its prediction, and with its annotations."""
        question = self.source.dataset.question
        fields = _fields(item, question)
        data: dict[str, object] = {ID: item.name}
        data |= {shown.name: shown.value(fields.get(field)) for field, shown in self.shown.items()}
        data |= self.control.data(item)
        task: dict[str, object] = {"data": data, "meta": self._meta(item)}
        label = labeled_choices(question, item)
        task["predictions"] = (
            []
            if label is None or item.confidence is None
            else [
                {
                    "model_version": f"plumbline {self.source.dataset.how.method}",
                    "score": rounded([item.confidence])[0],
                    "result": [self.control.result(item, label)],
                }
            ]
        )
        if has_annotations:
            task["annotations"] = list(self._annotations(item))
        return task

    def _meta(self, item: LabeledItem) -> dict[str, object]:
        """What is beside the task."""
        group = {} if item.group is None else {"group": item.group}
        return {
            "split": self.source.split_of(item).value,
            **group,
            "is_contested": item.is_contested,
            "votes": [list(task.votes) for task in item.tasks],
            "rounds": [[place.round_id for place in task.places] for task in item.tasks],
            "kept": dict(item.kept),
        }

    def _annotations(self, item: LabeledItem) -> Iterator[dict[str, object]]:
        question = self.source.dataset.question
        gold = gold_choices(question, item)
        if gold is not None:
            yield {"ground_truth": True, "result": [self.control.result(item, gold)]}
        for labeler, chosen in choices_of_labelers(question, item):
            result = {**self.control.result(item, chosen), "meta": {"text": [labeler]}}
            # Said of each: an annotation that does not say it is taken for the truth.
            yield {"ground_truth": False, "result": [result]}


# ---------------------------------------------------------------- what is shown


@dataclass(frozen=True, slots=True)
class _Shown:
    """A field under a name that a config can have, as Text, Paragraphs or Table."""

    name: str
    tag: str

    @property
    def element(self) -> str:
        """What shows it."""
        keys = {"layout": "dialogue", "nameKey": "role", "textKey": "content"}
        more = keys if self.tag == "Paragraphs" else {}
        return _element(self.tag, name=self.name, value=f"${self.name}", **more)

    def value(self, held: object) -> object:
        """A value as it may stand there: the server refuses tasks without, or with null."""
        if self.tag == "Text":
            return "" if held is None else held
        if held is None:
            return []
        return held if isinstance(held, (Mapping, list, tuple)) else as_text(held)


def _fields(item: LabeledItem, question: Question) -> Mapping[str, object]:
    """What labelers were shown: the name of an item that has nothing else."""
    fields = shown_fields(item, question)
    return fields if fields or isinstance(question, Ranking) else {"item": item.name}


def _shown(dataset: Dataset, taken: set[str]) -> dict[str, _Shown]:
    """All fields that any item has, by their own names."""
    values: dict[str, list[object]] = {}
    for item in dataset.items:
        for field, value in _fields(item, dataset.question).items():
            values.setdefault(field, []).append(value)
    names = set(taken)
    found = {}
    for field, held in values.items():
        name = plain = _NOT_IN_NAMES.sub("_", field) or "_"
        if plain[0].isdigit():
            name = plain = f"_{plain}"
        number = 1
        while name in names:
            number += 1
            name = f"{plain}_{number}"
        names.add(name)
        found[field] = _Shown(name, _tag([value for value in held if value is not None]))
    return found


def _tag(values: Sequence[object]) -> str:
    if all(map(_is_text, values)):
        return "Text"
    if all(isinstance(value, (list, tuple)) and content_of(value) is not None for value in values):
        return "Paragraphs"
    return "Table"


def _is_text(value: object) -> bool:
    each = value if isinstance(value, (list, tuple)) else (value,)
    return all(isinstance(one, (str, int, float)) for one in each)


# ---------------------------------------------------------------- what is asked


class _Control(ABC):
    """What is asked, about the elements of the names `about`."""

    type: ClassVar[str]

    def __init__(self, name: str, about: Sequence[str]) -> None:
        self.name = name
        self.about = about

    @property
    @abstractmethod
    def elements(self) -> list[str]:
        """Its lines of the config."""

    @abstractmethod
    def value(self, item: LabeledItem, chosen: Sequence[int]) -> dict[str, object]:
        """What was chosen, as results hold it."""

    def data(self, item: LabeledItem) -> dict[str, object]:
        """Fields of a task that only it needs."""
        del item
        return {}

    def result(self, item: LabeledItem, chosen: Sequence[int]) -> dict[str, object]:
        """An answer, as predictions and annotations hold it."""
        return {
            "id": self.name,
            "from_name": self.name,
            "to_name": self.about[0],
            "type": self.type,
            "value": self.value(item, chosen),
        }


class _ChoicesControl(_Control):
    type = "choices"

    def __init__(
        self, name: str, about: Sequence[str], options: Sequence[str], is_several: bool
    ) -> None:
        super().__init__(name, about[:1])
        self.options = [_clean(option) for option in options]
        self.is_several = is_several

    @property
    def elements(self) -> list[str]:
        kind = "multiple" if self.is_several else "single"
        head = _element("Choices", name=self.name, toName=self.about[0], choice=kind)
        return [f"{head.removesuffix('/>')}>", *map(self._choice, self.options), "</Choices>"]

    def value(self, item: LabeledItem, chosen: Sequence[int]) -> dict[str, object]:
        del item
        return {"choices": [self.options[number] for number in chosen]}

    def _choice(self, option: str) -> str:
        shown = _plain(option)
        alias = {} if shown == option else {"alias": option}
        return "  " + _element("Choice", value=shown, **alias)


class _RatingControl(_Control):
    type = "rating"

    def __init__(self, name: str, about: Sequence[str], most: int) -> None:
        super().__init__(name, about[:1])
        self.most = most

    @property
    def elements(self) -> list[str]:
        rating = {"name": self.name, "toName": self.about[0], "maxRating": str(self.most)}
        return [_element("Rating", **rating)]

    def value(self, item: LabeledItem, chosen: Sequence[int]) -> dict[str, object]:
        del item
        return {"rating": chosen[0] + 1}


class _PairwiseControl(_Control):
    type = "pairwise"

    @property
    def elements(self) -> list[str]:
        left, right = self.about
        sides = {"leftClass": left, "rightClass": right}
        return [_element("Pairwise", name=self.name, toName=f"{left},{right}", **sides)]

    def value(self, item: LabeledItem, chosen: Sequence[int]) -> dict[str, object]:
        del item
        return {"selected": ("left", "right")[chosen[0]]}


class _RankerControl(_Control):
    type = "ranker"

    def __init__(self, name: str) -> None:
        super().__init__(name, [THINGS])

    @property
    def elements(self) -> list[str]:
        return [
            _element("List", name=THINGS, value=f"${THINGS}"),
            _element("Ranker", name=self.name, toName=THINGS),
        ]

    def value(self, item: LabeledItem, chosen: Sequence[int]) -> dict[str, object]:
        names = _names_of_things(item)
        return {"ranker": {self.name: [names[number] for number in chosen]}}

    def data(self, item: LabeledItem) -> dict[str, object]:
        things = zip(item.item.choices, _names_of_things(item), strict=True)
        return {THINGS: [_thing(thing, name) for thing, name in things]}


def _control(question: Question, shown: Mapping[str, _Shown]) -> _Control:
    """What the question is asked as."""
    about = [each.name for each in shown.values()]
    name = _CONTROL
    while name in (*about, THINGS):
        name += "_"
    if isinstance(question, Ranking):
        return _RankerControl(name)
    if isinstance(question, Checklist):
        return _ChoicesControl(name, about, question.labels, is_several=True)
    options = question.options
    if options == tuple(str(number + 1) for number in range(len(options))):
        return _RatingControl(name, about, len(options))
    # A side that is called otherwise than its field would come back under the name of the side.
    if len(options) == 2 and all(field in about and field in shown for field in options):
        return _PairwiseControl(name, options)
    return _ChoicesControl(name, about, options, is_several=False)


def _names_of_things(item: LabeledItem) -> list[str]:
    """What things are called: as they call themselves, or by number from 1."""
    things = item.item.choices
    own = [str(thing.get(ID, "")) for thing in things if isinstance(thing, Mapping)]
    if len(own) == len(things) == len(set(own)) and all(own):
        return own
    return [str(number) for number in range(1, len(things) + 1)]


def _thing(thing: object, name: str) -> dict[str, object]:
    """A thing as a list shows it, by its title and its body."""
    if not isinstance(thing, Mapping):
        return {ID: name, "body": readable(thing)}
    fields = {str(key): value for key, value in thing.items()}
    shown = {} if {"title", "body"} & set(fields) else {"body": readable(thing)}
    return {**fields, **shown, ID: name}


# ---------------------------------------------------------------- XML


def _element(tag: str, **attributes: str) -> str:
    written = "".join(f' {name}="{_escaped(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}/>"


def _escaped(value: str) -> str:
    return "".join(_ESCAPES.get(letter, letter) for letter in _clean(value))


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)


def _plain(text: str) -> str:
    """A text in which nothing is taken for a field of the task."""
    return _VARIABLE.sub(_DOLLAR, _clean(text))
