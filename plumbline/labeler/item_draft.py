"""A draft item by item, as a labeler answers it: an item may take several tasks of the round.

The file knows tasks only. An item is answered once all of its tasks are, in a way that means an
answer to it, and skipped once all of them are; whatever else is there is open.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from plumbline.labeler.drafts import SKIP, Draft, Mark
from plumbline.questions.question import Item, Question

Given = tuple[int, ...] | Literal["skip"] | None
"""The answer to an item: the numbers of its choices, SKIP, or None if it is open."""


class ItemDraft:
    """The items of a round with the answers so far. `draft` has their tasks."""

    __slots__ = ("_draft", "_given", "_marks", "_places", "items", "question")

    def __init__(self, question: Question, items: Sequence[Item], draft: Draft) -> None:
        self.question = question
        self.items = tuple(items)
        self._draft = draft
        self._places = {task: place for place, item in enumerate(items) for task in item.tasks}
        self._marks: tuple[Mark, ...] = ()
        self._given: tuple[Given, ...] = ()

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return self._draft.path

    @property
    def at(self) -> int:
        """The current item, the number of items for the review."""
        return self._places.get(self._draft.at, len(self.items))

    @property
    def given(self) -> tuple[Given, ...]:
        """The answer to every item."""
        if self._marks != self._draft.marks:
            self._marks = self._draft.marks
            self._given = tuple(map(self._given_to, self.items))
        return self._given

    @property
    def missing(self) -> list[int]:
        """Items that are neither answered nor skipped."""
        return [place for place, given in enumerate(self.given) if given is None]

    @property
    def skipped(self) -> list[int]:
        """Items that are skipped."""
        return [place for place, given in enumerate(self.given) if given == SKIP]

    @property
    def answered(self) -> int:
        """How many items have an answer."""
        return len(self.items) - len(self.missing) - len(self.skipped)

    @property
    def done(self) -> bool:
        """Whether every item is answered or skipped."""
        return not self.missing

    def tasks(self, places: Sequence[int]) -> int:
        """How many tasks of the round these items are."""
        return sum(len(self.items[place].tasks) for place in places)

    def keep(self, place: int, chosen: Sequence[int], at: int) -> None:
        """Answer an item, and go on to the item `at`; both are on disk on return."""
        self._set(place, self.question.answers(self.items[place], chosen), at)

    def skip(self, place: int, at: int) -> None:
        """Skip an item, and go on to the item `at`."""
        self._set(place, dict.fromkeys(self.items[place].tasks, SKIP), at)

    def clear(self, place: int) -> None:
        """Take an answer or a skip back."""
        self._set(place, dict.fromkeys(self.items[place].tasks), self.at)

    def go(self, at: int) -> None:
        """Go to an item, or with the number of items to the review."""
        self._draft.go(self._task(at))

    def answers(self) -> list[int | None]:
        """The answers to all tasks, None for a skip; DraftError while one is neither."""
        return self._draft.answers()

    def _set(self, place: int, marks: Mapping[int, Mark], at: int) -> None:
        self._draft.update(marks, self._task(at))

    def _task(self, at: int) -> int:
        return self.items[at].tasks[0] if at < len(self.items) else len(self._draft.marks)

    def _given_to(self, item: Item) -> Given:
        marks = [self._draft.marks[task] for task in item.tasks]
        if all(mark == SKIP for mark in marks):
            return SKIP
        answers = [mark for mark in marks if isinstance(mark, int)]
        return self.question.chosen(item, answers) if len(answers) == len(marks) else None
