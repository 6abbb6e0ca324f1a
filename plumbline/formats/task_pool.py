"""Tasks as they are published, item by item, with the known answers to them.

A round has them all; what is larger than a round is divided between items, never within one.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plumbline.errors import PlumblineError
from plumbline.formats.media_files import MediaFile
from plumbline.formats.names import Names, NamesError, look_of, option_number, quoted
from plumbline.formats.tasks import ID, TaskList
from plumbline.protocol.manifest import Manifest, ManifestError, canonical
from plumbline.questions.lots import Lots
from plumbline.questions.question import Question, QuestionError


class PoolError(PlumblineError):
    """Tasks that do not fit the question, or gold answers that do not fit the tasks."""


@dataclass(frozen=True, slots=True)
class PoolItem:
    """An item of a file.

    name     its id, or its number in the file, from 1
    place    where it was, for errors
    tasks    its tasks as published
    known    the known answer to each, the number of an option or None
    """

    name: str
    place: str
    tasks: tuple[object, ...]
    known: tuple[int | None, ...]


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

    def manifest(self, instructions: str) -> Manifest:
        """What labelers get. Raises ManifestError if a task has no canonical form."""
        question = self.question
        return Manifest(question.options, self.tasks, instructions, question.to_json())


def pool_of(
    question: Question,
    tasks: TaskList,
    gold: Mapping[object, object] | str | None,
    seed: str | None,
) -> TaskPool:
    """The pool of the tasks of a file. `gold` has answers by the name of the item, or is the field
    with them.

    What must not give answers away is shuffled from `seed`, or, without one, from all that the
    file says of its items: who does not know all of it cannot shuffle back. Raises PoolError or
    QuestionError.
    """
    names = _names(tasks.published)
    lots = Lots(seed.encode() if seed is not None else _digest(tasks))
    answers = _answers(tasks, gold, names)
    items = []
    for number, (name, place, item) in enumerate(
        zip(names, tasks.places, tasks.published, strict=True)
    ):
        try:
            parts = question.parts(item, name, lots)
        except QuestionError as error:
            raise PoolError(f"{place}: {error}") from None
        known: tuple[int | None, ...] = (None,) * len(parts)
        if number in answers:
            called, answer = answers[number]
            try:
                given = question.known(answer, item, name, lots)
                known = tuple(option_number(part, question.options) for part in given)
            except (QuestionError, NamesError) as error:
                raise PoolError(f"{called}: {error}") from None
        items.append(PoolItem(name, place, tuple(part.task for part in parts), known))
    return TaskPool(question, tuple(items), tasks.files)


def _names(items: Sequence[object]) -> tuple[str, ...]:
    if not _has_ids(items):
        return tuple(str(number) for number in range(1, len(items) + 1))
    return tuple(str(item[ID]) for item in items if isinstance(item, Mapping))


def _has_ids(items: Sequence[object]) -> bool:
    return any(isinstance(item, Mapping) and ID in item for item in items)


def _digest(tasks: TaskList) -> bytes:
    digest = hashlib.sha256()
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
