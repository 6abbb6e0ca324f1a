"""Which labels apply, none, one or several: a task with yes or no for each label."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from plumbline.questions.keys import keys_of
from plumbline.questions.lots import Lots
from plumbline.questions.parts import ITEM, common, grouped, marked, part_of, require_fields
from plumbline.questions.question import NONE, PART, Item, Layout, Part, Question, QuestionError
from plumbline.settlement.labels import Label
from plumbline.settlement.terms import Kind

LABEL: Final = "label"
_ANSWERS: Final = ("no", "yes")
_FEWEST, _MOST = 2, 16


@dataclass(frozen=True, slots=True)
class Checklist(Question):
    """Which of `labels` apply."""

    labels: tuple[str, ...] = ()

    name: ClassVar[str] = "labels"
    meaning: ClassVar[str] = "which of several labels apply"
    kind: ClassVar[Kind] = Kind.NOMINAL
    layout: ClassVar[Layout] = Layout.CHECKLIST
    has_parts: ClassVar[bool] = True

    @classmethod
    def of(cls, given: object) -> Self:
        if not isinstance(given, tuple) or not _FEWEST <= len(given) <= _MOST:
            raise QuestionError(
                f"options must be {_FEWEST} to {_MOST} labels, like [toxic, insult, threat]"
            )
        looks = {label.casefold().strip() for label in given}
        if len(looks) < len(given) or NONE in looks:
            raise QuestionError(
                f"options: labels must differ, and none may be called {NONE}, which is the answer "
                "where none applies"
            )
        return cls(_ANSWERS, given)

    @classmethod
    def from_json(cls, options: tuple[str, ...], details: Mapping[str, object]) -> Self:
        labels = details.get("labels")
        if not isinstance(labels, (list, tuple)) or not all(isinstance(x, str) for x in labels):
            raise QuestionError("the question must name its labels")
        if options != _ANSWERS:
            raise QuestionError("each label must be a task of its own, answered no or yes")
        return cls.of(tuple(labels))

    def to_json(self) -> dict[str, object]:
        """The `question` of a task manifest."""
        return {"kind": self.name, "labels": list(self.labels)}

    @property
    def choices(self) -> tuple[str, ...]:
        return self.labels

    @property
    def wording(self) -> str:
        return f"which of {len(self.labels)} labels apply"

    @property
    def example(self) -> str:
        return f"those that apply, like {self.joint.join(self.labels[:2])}, or {NONE}"

    @property
    def hidden(self) -> frozenset[str]:
        return frozenset({PART})

    def hotkeys(self) -> list[tuple[str, ...]]:
        """The keys of every label."""
        return keys_of(self.labels)

    def parts(self, item: object, name: str, lots: Lots) -> tuple[Part, ...]:
        del lots
        if not isinstance(item, Mapping):
            item = {"text": item}
        require_fields(item, (LABEL,), name)
        return tuple(
            Part(label, marked({**item, LABEL: label}, label, {ITEM: name}))
            for label in self.labels
        )

    def items(self, tasks: Sequence[object], names: Sequence[str]) -> list[Item]:
        del names
        return [self._item(name, numbers, tasks) for name, numbers in grouped(tasks).items()]

    def known(self, answer: object, item: object, name: str, lots: Lots) -> tuple[object, ...]:
        """No or yes for each label: `[toxic, threat]`, `toxic; threat`, or `none`."""
        del item, name, lots
        given = self._given(answer)
        return tuple(_ANSWERS[label in given] for label in self.labels)

    def answers(self, item: Item, chosen: Sequence[int]) -> dict[int, int]:
        """The answer to each task of an item: `chosen` has the labels that apply, from 0."""
        return {
            task: int(label in chosen)
            for task, (label,) in zip(item.tasks, item.about, strict=True)
        }

    def chosen(self, item: Item, answers: Sequence[int]) -> tuple[int, ...] | None:
        """The labels that apply, in their order."""
        return tuple(
            sorted(label for (label,), yes in zip(item.about, answers, strict=True) if yes)
        )

    def words(self, item: Item, chosen: Sequence[int]) -> str:
        """The labels that apply, or `none`."""
        return super(Checklist, self).words(item, chosen) or NONE

    def read(self, item: Item, answer: object) -> tuple[int, ...]:
        """The labels that apply: `[toxic, threat]`, `toxic; threat`, or `none`."""
        del item
        given = self._given(answer)
        return tuple(number for number, label in enumerate(self.labels) if label in given)

    def combined(self, item: Item, labels: Sequence[Label]) -> object:
        """The labels that apply; None if one of them has no votes."""
        if any(label.consensus is None for label in labels):
            return None
        return [
            self.labels[number]
            for (number,), label in sorted(
                zip(item.about, labels, strict=True), key=lambda pair: pair[0]
            )
            if label.consensus
        ]

    def _given(self, answer: object) -> set[str]:
        looks = {label.casefold(): label for label in self.labels}
        if isinstance(answer, str):
            whole = answer.strip().casefold()
            if whole in looks:
                return {looks[whole]}
            answer = [] if whole == NONE else re.split(r"[;|,]", answer)
        given = answer if isinstance(answer, (list, tuple)) else [answer]
        names = [str(name).strip().casefold() for name in given]
        for name in names:
            if name not in looks:
                raise QuestionError(
                    f"{answer!r} are not labels: give those that apply of "
                    f"{', '.join(self.labels)}, or {NONE}"
                )
        return {looks[name] for name in names}

    def _item(self, name: str, numbers: Sequence[int], tasks: Sequence[object]) -> Item:
        members: list[Mapping[str, object]] = []
        about: list[tuple[int]] = []
        for number in numbers:
            task = tasks[number]
            assert isinstance(task, Mapping) and part_of(task) is not None  # it was grouped by it
            label = task.get(LABEL)
            if label not in self.labels:
                raise QuestionError(f"a task of item {name} is about no label of the question")
            members.append(task)
            about.append((self.labels.index(str(label)),))
        if sorted(about) != [(label,) for label in range(len(self.labels))]:
            raise QuestionError(f"the tasks of item {name} are not one for each label")
        return Item(
            name, tuple(numbers), common(members, (LABEL,), name), self.labels, tuple(about)
        )
