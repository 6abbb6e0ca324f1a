"""Tasks as they are published, item by item, with the known answers to them.

A round has them all; what is larger than a round is divided between items, never within one.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.formats.imports.imported import ID
from plumbline.formats.media_files import MediaFile
from plumbline.formats.names import Names, NamesError, look_of, option_number, quoted
from plumbline.formats.tasks import TaskList
from plumbline.protocol.manifest import ManifestError, canonical
from plumbline.questions.lots import Lots
from plumbline.questions.question import Question, QuestionError

TEXT: Final = "text"  # the field of a task that is nothing but a text


class PoolError(PlumblineError):
    """Tasks that do not fit the question, or gold answers that do not fit the tasks."""


@dataclass(frozen=True, slots=True)
class PoolItem:
    """An item of a file.

    name     its id, or its number in the file, from 1
    place    where it was, for errors
    called   what labelers see it called: by its name, or by a number that was drawn
    tasks    its tasks as published
    known    the known answer to each, the number of an option or None
    group    what it belongs together with, None for nothing
    kept     fields that are carried to the labels, and in nothing that is published
    """

    name: str
    place: str
    called: str
    tasks: tuple[object, ...]
    known: tuple[int | None, ...]
    group: str | None = None
    kept: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskPool:
    """All items that a question is asked about, and the files they refer to, by hash."""

    question: Question
    items: tuple[PoolItem, ...]
    files: Mapping[str, MediaFile]

    @property
    def tasks(self) -> tuple[object, ...]:
        """The tasks of all items, in order."""
        return tuple(task for item in self.items for task in item.tasks)

    @property
    def known(self) -> dict[int, int]:
        """Task, by its number from 0 -> the option that is known to be right."""
        answers = [answer for item in self.items for answer in item.known]
        return {task: answer for task, answer in enumerate(answers) if answer is not None}


def pool_of(
    question: Question,
    tasks: TaskList,
    gold: Mapping[object, object] | str | None,
    seed: str | None,
    is_numbered: bool = False,
) -> TaskPool:
    """The pool of the tasks of a file. `gold` has answers by the name of the item, or is the field
    with them. With `is_numbered` items are published under numbers that are drawn, which do not
    tell where they stood in the file.

    What must not give answers away is shuffled from all that the file says of its items, and from
    `seed`: who does not know both cannot shuffle back. Raises PoolError or QuestionError.
    """
    names = _names(tasks.published)
    lots = Lots(_digest(tasks, seed))
    answers = _answers(tasks, gold, names)
    called_by = _drawn_numbers(len(names), lots) if is_numbered else names
    items = []
    for number, (name, place, called, own) in enumerate(
        zip(names, tasks.places, called_by, tasks.published, strict=True)
    ):
        item = _with_id(own, called) if is_numbered else own
        try:
            parts = question.parts(item, called, lots)
        except QuestionError as error:
            raise PoolError(f"{place}: {error}") from None
        known: tuple[int | None, ...] = (None,) * len(parts)
        if number in answers:
            answer_place, answer = answers[number]
            try:
                given = question.known(answer, item, called, lots)
                known = tuple(option_number(part, question.options) for part in given)
            except (QuestionError, NamesError) as error:
                raise PoolError(f"{answer_place}: {error}") from None
        published = tuple(part.task for part in parts)
        group, kept = tasks.groups[number], tasks.kept[number]
        items.append(PoolItem(name, place, called, published, known, group, kept))
    return TaskPool(question, tuple(items), tasks.files)


def _drawn_numbers(count: int, lots: Lots) -> tuple[str, ...]:
    """A number from 1 for each item, drawn."""
    return tuple(str(number + 1) for number in lots.order(count, "numbers of items"))


def _with_id(task: object, number: str) -> dict[object, object]:
    """A task under that id, in place of one that it may have."""
    fields = task if isinstance(task, Mapping) else {TEXT: task}
    return {ID: number, **{key: value for key, value in fields.items() if key != ID}}


def _names(items: Sequence[object]) -> tuple[str, ...]:
    if not _has_ids(items):
        return tuple(str(number) for number in range(1, len(items) + 1))
    return tuple(str(item[ID]) for item in items if isinstance(item, Mapping))


def _has_ids(items: Sequence[object]) -> bool:
    return any(isinstance(item, Mapping) and ID in item for item in items)


def _digest(tasks: TaskList, seed: str | None) -> bytes:
    digest = hashlib.sha256((seed or "").encode() + b"\n")
    for place, item in zip(tasks.places, tasks.published, strict=True):
        try:
            digest.update(canonical(item) + b"\n")
        except ManifestError as error:
            raise PoolError(f"{place}: {error}") from None
    return digest.digest()


def _answers(
    tasks: TaskList, gold: Mapping[object, object] | str | None, names: Sequence[str]
) -> dict[int, tuple[str, object]]:
    """The known answers by the number of their item, with what to call each in an error."""
    if isinstance(gold, str):
        # Where nothing stands is no gold task.
        found = enumerate(zip(tasks.places, tasks.gold or (), strict=True))
        return {
            number: (f"gold: {place}, {gold}", answer)
            for number, (place, answer) in found
            if answer is not None and not (isinstance(answer, str) and not answer.strip())
        }
    known = Names.of(names, has_case=True)
    answers: dict[int, tuple[str, object]] = {}
    for name, answer in (gold or {}).items():
        number = known.find(str(name))
        if number is None:
            raise PoolError(_no_such_task(str(name), names, _has_ids(tasks.published)))
        if number in answers:
            raise PoolError(f"gold has task {name} twice")
        answers[number] = (f"gold of task {quoted(name)}", answer)
    return answers


def _no_such_task(task: str, names: Sequence[str], has_ids: bool) -> str:
    reason = f"gold has a task {quoted(task)} that is not among the tasks"
    if not has_ids and look_of(task, has_case=True) == "0":
        return (
            f"{reason}: they are counted from 1, as labelers see them; if yours are counted from "
            "0, add 1 to each"
        )
    called = "called by their id" if has_ids else "counted from 1"
    return f"{reason}: they are {called}, {quoted(names[0])} to {quoted(names[-1])}"
