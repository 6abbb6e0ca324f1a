"""Label Studio: tasks as they are imported there, and its exports, with the labeling config.

    JSON            tasks with their annotations and predictions
    JSON_MIN, CSV, TSV    a row an annotation, with the fields of its task
    any table       tasks as they are imported

The config says what is shown and what is asked; a control is asked as

    Choices         one of its choices; of several choices, which of them apply
    Rating          a scale
    Pairwise        which of two, whose fields are called by its sides
    Ranker          a ranking; with buckets, in which of them each thing belongs

What annotators answered is never shown. An annotation that is marked as ground truth is in the
field `ground_truth`, and what all annotators of a task agree on in the field of the control.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

from plumbline.files.text import FileError, parse_json
from plumbline.formats.imports.file_question import FileQuestion
from plumbline.formats.imports.imported import (
    ID,
    Imported,
    NoAnswerError,
    ProgramFormat,
    Source,
    TaskRow,
    TasksError,
    TasksKeyError,
    Unusable,
    fields_of,
)
from plumbline.formats.imports.labeling_config import (
    Control,
    LabelingConfig,
    LabelingConfigError,
    Option,
    read_labeling_config,
)
from plumbline.formats.names import quoted
from plumbline.progress import track
from plumbline.questions.ranking import THINGS

GROUND_TRUTH: Final = "ground_truth"
_ANSWERS: Final = ("annotations", "predictions")
_BESIDE: Final = frozenset({"id", "meta", *_ANSWERS})
# The columns of a table of annotations that are not those of its tasks.
_OF_ANNOTATION: Final = frozenset(
    {"annotation_id", "annotator", "created_at", "updated_at", "lead_time", "agreement"}
)
_BODY: Final = "body"
_RATING: Final = re.compile("[1-9][0-9]?")
_TELLING: Final = frozenset({"annotation_id", "annotator", "lead_time"})


@dataclass(frozen=True, slots=True)
class _Annotation:
    """What somebody answered to the control that is asked, None for nothing; whether it is the
    truth, None where that is not said."""

    value: object
    is_truth: bool | None


@dataclass(frozen=True, slots=True)
class _Task:
    """A task with all that is known of it; `number` is from 1, and `beside` what its annotators
    made of it."""

    number: int
    place: str
    name: object
    data: Mapping[str, object]
    annotations: tuple[_Annotation, ...]
    beside: Mapping[str, object]


class LabelStudio(ProgramFormat):
    """Tasks and exports of Label Studio."""

    config: ClassVar[str | None] = ".xml"

    def recognises(self, rows: Sequence[TaskRow]) -> bool:
        tasks = [row.task for row in rows]
        return all(_is_nested(task) for task in tasks) or all(_is_annotation(t) for t in tasks)

    def read(self, rows: Sequence[TaskRow], source: Source) -> Imported:
        if source.config is None:
            raise TasksKeyError(
                f"config: {source.path} is of Label Studio: name its labeling config, like "
                "`config: label_config.xml` (in its project: Settings, Labeling Interface, Code)"
            )
        config = read_labeling_config(source.config)
        control = config.control(source.question, tuple(_ASKED))
        try:
            asked = _ASKED[control.tag](config, control)
            question = asked.question
        except LabelingConfigError as error:
            raise config.error(error) from None
        tasks = list(_tasks(rows, config, control))
        _require_shown(tasks, config)
        found = [
            row
            for task in track(tasks, "reading tasks", source.progress)
            for row in asked.rows(task)
        ]
        names = {control.name} - {field for task in tasks for field in task.data}
        return Imported(
            "label-studio",
            tuple(found),
            len(rows),
            shown=asked.shown,
            group=asked.group,
            answers=frozenset({GROUND_TRUTH, *_ANSWERS, *names, *_OF_ANNOTATION}),
            question=question,
            notes=(*asked.notes, *_notes(config, control, found)),
        )


def _notes(config: LabelingConfig, control: Control, rows: Sequence[TaskRow]) -> Iterator[str]:
    others = [other for other in config.controls if other is not control]
    if others:
        listed = ", ".join(f"{other.name} ({other.tag})" for other in others)
        yield f"not asked: {listed}"
    known = sum(fields_of(row).get(GROUND_TRUTH) is not None for row in rows)
    if known:
        yield f"ground truths, in the field {GROUND_TRUTH}: {known}"


# ---------------------------------------------------------------- tasks


def _is_nested(task: object) -> bool:
    if not isinstance(task, Mapping) or not isinstance(task.get("data"), Mapping):
        return False
    return any(key in task for key in _ANSWERS) or set(task) - {"data"} <= _BESIDE


def _is_annotation(task: object) -> bool:
    return isinstance(task, Mapping) and set(task) >= _TELLING


def _tasks(rows: Sequence[TaskRow], config: LabelingConfig, control: Control) -> Iterator[_Task]:
    if all(_is_annotation(row.task) for row in rows):
        yield from _of_annotations(rows, config, control)
        return
    for number, row in enumerate(rows, start=1):
        task = fields_of(row)
        if not _is_nested(task):
            data = _without_id(_structured(task, config))
            yield _Task(number, row.place, task.get(ID), data, (), {})
            continue
        own = task["data"]
        assert isinstance(own, Mapping)
        beside = {key: task[key] for key in _ANSWERS if task.get(key)}
        annotations = tuple(_annotations(row.place, task.get("annotations"), control))
        name = own.get(ID, task.get(ID))
        yield _Task(number, row.place, name, _without_id(own), annotations, beside)


def _annotations(place: str, given: object, control: Control) -> Iterator[_Annotation]:
    """Of a task: those that were not skipped."""
    if given is None:
        return
    if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
        raise TasksError(f"{place}: its annotations must be a list of objects")
    for annotation in given:
        results = annotation.get("result")
        if annotation.get("was_cancelled") is True or not isinstance(results, list):
            continue
        values = [
            result.get("value")
            for result in results
            if isinstance(result, Mapping) and result.get("from_name") == control.name
        ]
        value = values[0] if len(values) == 1 else values or None
        yield _Annotation(value, annotation.get(GROUND_TRUTH) is True)


def _of_annotations(
    rows: Sequence[TaskRow], config: LabelingConfig, control: Control
) -> Iterator[_Task]:
    """The tasks of a table of annotations: rows of one id are one task."""
    groups: dict[str, list[TaskRow]] = {}
    for row in rows:
        groups.setdefault(str(fields_of(row).get(ID)), []).append(row)
    for number, group in enumerate(groups.values(), start=1):
        first, *_ = group
        data = [
            {
                key: value
                for key, value in fields_of(row).items()
                if key not in _OF_ANNOTATION and key not in config.names and key != ID
            }
            for row in group
        ]
        for row, other in zip(group, data, strict=True):
            if other != data[0]:
                raise TasksError(
                    f"{row.place}: the same id as in {first.place}, and other fields: is it "
                    "another task?"
                )
        annotations = tuple(
            _Annotation(fields_of(row).get(control.name), is_truth=None) for row in group
        )
        beside = {
            key: [fields_of(row).get(key) for row in group]
            for key in fields_of(first)
            if key in _OF_ANNOTATION
        }
        name = fields_of(first).get(ID)
        own = _structured(data[0], config)
        yield _Task(number, first.place, name, own, annotations, beside)


def _structured(data: Mapping[str, object], config: LabelingConfig) -> dict[str, object]:
    """The fields of a table, in which lists and objects are written as JSON."""
    return {
        key: _parsed(value) if key in config.structured else value for key, value in data.items()
    }


def _without_id(data: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in data.items() if key != ID}


def _parsed(value: object) -> object:
    """What a cell says in JSON, or the text that it is."""
    if not isinstance(value, str) or not value.strip().startswith(("[", "{")):
        return value
    try:
        return parse_json(value, "")
    except FileError:
        return value


def _require_shown(tasks: Sequence[_Task], config: LabelingConfig) -> None:
    for task in tasks:
        for name in config.shown:
            if name not in task.data:
                raise TasksError(
                    f"{task.place}: the task has no field {quoted(name)}, which {config.path} shows"
                )


# ---------------------------------------------------------------- what is asked


class _Asked(ABC):
    """A control as a question.

    question    what it asks
    shown       the fields that labelers see
    group       the field that says which rows belong together, if there is one
    notes       what a requester should know
    """

    def __init__(self, config: LabelingConfig, control: Control) -> None:
        self.config = config
        self.control = control
        self.shown = config.shown
        self.group: str | None = None
        self.notes: tuple[str, ...] = ()

    @property
    @abstractmethod
    def question(self) -> FileQuestion:
        """What it asks."""

    @abstractmethod
    def answer(self, value: object, data: Mapping[str, object]) -> object:
        """An answer as the question has it. Raises NoAnswerError if it is none."""

    def fields(self, place: str, data: Mapping[str, object]) -> dict[str, object]:
        """The fields of a task as labelers get them."""
        del place
        return dict(data)

    def rows(self, task: _Task) -> Iterator[TaskRow]:
        """A task with its answers."""
        fields = self.fields(task.place, task.data)
        yield self.row(task, task.name, fields, lambda value: self.answer(value, task.data))

    def row(
        self,
        task: _Task,
        name: object,
        fields: Mapping[str, object],
        answer: Callable[[object], object],
    ) -> TaskRow:
        """A row of these fields, with what annotators answered to it."""
        answers: list[object] = []
        truths: list[object] = []
        for annotation in task.annotations:
            if annotation.value in (None, ""):
                continue
            try:
                found = answer(annotation.value)
            except NoAnswerError as error:
                found = Unusable(str(error))
            (truths if annotation.is_truth else answers).append(found)
        both = [*truths, *answers]
        agreed = both[0] if both and all(each == both[0] for each in both) else None
        truth = truths[0] if truths else None
        if any(each != truth for each in truths):
            truth = Unusable("is two ground truths that differ")
        named = {} if name is None else {ID: name}
        tells = any(annotation.is_truth is not None for annotation in task.annotations)
        known: dict[str, object] = {GROUND_TRUTH: truth} if tells else {}
        if task.annotations and self.control.name not in task.data:
            known[self.control.name] = agreed
        return TaskRow(task.place, {**named, **fields, **known, **task.beside})

    def of(self, *presets: str, options: tuple[str, ...] | None) -> FileQuestion:
        """The question, with the instructions of the config."""
        config = self.config
        return FileQuestion(config.path.name, dict.fromkeys(presets, options), config.instructions)


class _Choices(_Asked):
    def __init__(self, config: LabelingConfig, control: Control) -> None:
        super().__init__(config, control)
        self.options = control.options("Choice", "value", "alias")
        if not self.options:
            raise control.refused("has no choices of its own: name them in the config")
        self.is_several = control.element.attributes.get("choice", "single") == "multiple"

    @property
    def question(self) -> FileQuestion:
        names = tuple(option.name for option in self.options)
        if self.is_several:
            return self.of("labels", options=names)
        if len(names) == 2:
            return self.of("binary", "choice", options=names)
        return self.of("choice", "scale", "range", "preference", options=names)

    def answer(self, value: object, data: Mapping[str, object]) -> object:
        del data
        names = [_option(self.options, each) for each in self._chosen(value)]
        if self.is_several:
            return names
        if len(names) != 1:
            raise NoAnswerError(f"is {len(names)} choices: one is wanted")
        return names[0]

    def _chosen(self, value: object) -> Sequence[object]:
        if isinstance(value, str) and any(value in (o.name, o.alias) for o in self.options):
            return [value]
        chosen = _held(value, "choices", value)
        return chosen if isinstance(chosen, list) else [chosen]


class _Rating(_Asked):
    @property
    def question(self) -> FileQuestion:
        return self.of("scale", "range", options=tuple(map(str, range(1, self.most + 1))))

    @property
    def most(self) -> int:
        """The best rating."""
        given = self.control.element.attributes.get("maxRating", "5")
        if not _RATING.fullmatch(given):
            raise self.control.refused(f"has maxRating {quoted(given)}: a whole number is wanted")
        return int(given)

    def answer(self, value: object, data: Mapping[str, object]) -> object:
        del data
        rating = _held(value, "rating", value)
        if isinstance(rating, bool) or str(rating) not in map(str, range(1, self.most + 1)):
            raise NoAnswerError(f"is {quoted(rating)}, which is no rating from 1 to {self.most}")
        return str(rating)


class _Pairwise(_Asked):
    _SIDES: ClassVar[tuple[str, str]] = ("left", "right")

    def __init__(self, config: LabelingConfig, control: Control) -> None:
        super().__init__(config, control)
        attributes = control.element.attributes
        self.names = tuple(attributes.get(f"{side}Class", side).strip() for side in self._SIDES)
        fields = [config.variables.get(name) for name in control.about]
        if len(fields) != 2 or None in fields or fields[0] == fields[1]:
            raise control.refused(
                "must be toName two elements, each of which shows a field of its own"
            )
        self.renamed = {str(field): name for field, name in zip(fields, self.names, strict=True)}
        self.shown = tuple(self.renamed.get(name, name) for name in config.shown)
        changed = {field: name for field, name in self.renamed.items() if field != name}
        if changed:
            pairs = ", ".join(f"{field} as {name}" for field, name in changed.items())
            self.notes = (f"shown under the name of its side: {pairs}",)

    @property
    def question(self) -> FileQuestion:
        return self.of("binary", "choice", options=self.names)

    def fields(self, place: str, data: Mapping[str, object]) -> dict[str, object]:
        for field, name in self.renamed.items():
            if name in data and self.renamed.get(name) != name and field != name:
                raise TasksError(
                    f"{place}: the field {quoted(name)} is called like a side of "
                    f"{self.control.name}: rename it"
                )
        return {self.renamed.get(key, key): value for key, value in data.items()}

    def answer(self, value: object, data: Mapping[str, object]) -> object:
        del data
        side = _held(value, "selected", value)
        if side not in self._SIDES:
            raise NoAnswerError(f"is {quoted(side)}, which is no side")
        return self.names[self._SIDES.index(str(side))]


class _Ranker(_Asked):
    def __init__(self, config: LabelingConfig, control: Control) -> None:
        super().__init__(config, control)
        field = config.variables.get(control.about[0]) if len(control.about) == 1 else None
        if field is None:
            raise control.refused("must be toName a List that shows a field of the task")
        self.field = field
        self.shown = tuple(THINGS if name == field else name for name in config.shown)

    @property
    def question(self) -> FileQuestion:
        return self.of("ranking", options=None)

    def fields(self, place: str, data: Mapping[str, object]) -> dict[str, object]:
        if self.field != THINGS and THINGS in data:
            raise TasksError(f"{place}: the field {THINGS} is taken by the ranking: rename it")
        shown = [_shown(thing) for thing in self.things(place, data)]
        return {
            (THINGS if key == self.field else key): shown if key == self.field else value
            for key, value in data.items()
        }

    def things(self, place: str, data: Mapping[str, object]) -> list[Mapping[str, object]]:
        """The things to be ranked, each with an id of its own."""
        things = data[self.field]
        if not isinstance(things, list) or not all(isinstance(thing, Mapping) for thing in things):
            raise TasksError(f"{place}: {self.field} must be a list of objects")
        ids = [str(thing.get(ID)) for thing in things]
        if len(set(ids)) != len(ids) or not all(ID in thing for thing in things):
            raise TasksError(f"{place}: each of {self.field} must have an id of its own")
        return things

    def answer(self, value: object, data: Mapping[str, object]) -> object:
        order = _held(_held(value, "ranker", value), self.control.name, None)
        things = data[self.field]
        assert isinstance(things, list)  # as `fields` has seen
        numbers = {str(thing[ID]): number for number, thing in enumerate(things, start=1)}
        if not isinstance(order, list) or sorted(map(str, order)) != sorted(numbers):
            raise NoAnswerError(f"is {quoted(order)}, which does not rank all of {self.field}")
        return [numbers[str(thing)] for thing in order]


class _Buckets(_Ranker):
    """Every thing is a task of its own, about which it is asked where it belongs."""

    def __init__(self, config: LabelingConfig, control: Control) -> None:
        super().__init__(config, control)
        self.options = tuple(
            Option(bucket.attributes.get("title", name), name)
            for bucket in control.element.walk()
            if bucket.tag == "Bucket" and (name := bucket.attributes.get("name", ""))
        )
        self.shown = config.shown
        self.group = f"{control.name}.task"
        self.notes = (
            f"each of {self.field} is a task of its own, in the group of its list: it is asked "
            "where it belongs, and not in what order things lie there",
        )

    @property
    def question(self) -> FileQuestion:
        presets = ("binary", "choice") if len(self.options) == 2 else ("choice", "scale")
        return self.of(*presets, options=tuple(option.name for option in self.options))

    def rows(self, task: _Task) -> Iterator[TaskRow]:
        assert self.group is not None
        for number, thing in enumerate(self.things(task.place, task.data), start=1):
            name = None if task.name is None else f"{task.name}/{thing[ID]}"
            list_name = task.number if task.name is None else task.name
            fields = {**task.data, self.field: _shown(thing), self.group: list_name}
            row = self.row(task, name, fields, partial(self.bucket, str(thing[ID])))
            yield TaskRow(f"{task.place}, {self.field} {number}", row.task)

    def bucket(self, thing: str, value: object) -> object:
        """Where a thing was put; None if nowhere."""
        buckets = _held(value, "ranker", value)
        if not isinstance(buckets, Mapping):
            raise NoAnswerError(f"is {quoted(value)}, which are no buckets")
        for option in self.options:
            held = buckets.get(option.alias)
            if isinstance(held, list) and thing in map(str, held):
                return option.name
        return None


def _ranker(config: LabelingConfig, control: Control) -> _Asked:
    has_buckets = any(each.tag == "Bucket" for each in control.element.walk())
    return (_Buckets if has_buckets else _Ranker)(config, control)


_ASKED: Final[Mapping[str, Callable[[LabelingConfig, Control], _Asked]]] = {
    "Choices": _Choices,
    "Rating": _Rating,
    "Pairwise": _Pairwise,
    "Ranker": _ranker,
}
"""The controls that can be asked."""


def _option(options: Sequence[Option], value: object) -> str:
    """The option that a result means, by its alias or its name."""
    for option in options:
        if value in (option.alias, option.name):
            return option.name
    raise NoAnswerError(f"is {quoted(value)}, which is no choice of the config")


def _shown(thing: Mapping[str, object]) -> object:
    """A thing of a list as people see it: without the name that the program has for it, and a text
    if it is nothing but its body."""
    fields = {key: value for key, value in thing.items() if key != ID}
    body = fields.get(_BODY)
    return body if isinstance(body, str) and len(fields) == 1 else fields


def _held(value: object, key: str, other: object) -> Any:
    """What a result holds, however it is wrapped: `{key: ..}`, a list of one, JSON in a cell."""
    value = _parsed(value)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping):
        value = value[0]
    if isinstance(value, Mapping):
        return value.get(key, other)
    return _parsed(other)
