"""What all kinds of questions have in common."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final, Self

from plumbline.errors import PlumblineError
from plumbline.questions.keys import keys_of
from plumbline.questions.lots import Lots
from plumbline.settlement.labels import Label
from plumbline.settlement.terms import MAX_OPTIONS, MIN_OPTIONS, Kind

PART: Final = "part"
"""The field that says to which item a task belongs, where an item takes several."""


NONE: Final = "none"
"""The answer of whoever chooses nothing of what could be chosen."""


class QuestionError(PlumblineError):
    """A question that cannot be asked, an item that does not fit it, or an answer to neither."""


class Layout(StrEnum):
    """How an answer is given on a screen."""

    OPTIONS = "options"  # one of several
    SCALE = "scale"  # a place in a row
    NUMBER = "number"  # a number that is typed, or a place in a row of them
    RANKING = "ranking"  # things, one after the other
    CHECKLIST = "checklist"  # all that apply


@dataclass(frozen=True, slots=True)
class Part:
    """One task of an item as published; `suffix` tells it from the others, "" if it is the only
    one."""

    suffix: str
    task: object


@dataclass(frozen=True, slots=True)
class Item:
    """What people are asked about as one thing.

    name       what it is called
    tasks      the numbers of its tasks in the round, from 0
    shown      what people see of it, without its choices
    choices    the options, the things to be ranked, or the labels that may apply
    about      for each of its tasks, the choices that it is about, by number from 0; nothing if it
               is about all
    """

    name: str
    tasks: tuple[int, ...]
    shown: object
    choices: tuple[object, ...]
    about: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Question(ABC):
    """A question that is asked about every item of a round; `options` are those of a task.

    name             what a round file calls it
    meaning          the same in a few words
    kind             how answers are compared on the chain
    layout           how it is answered
    has_parts        whether an item takes a task for each of its parts, and not one
    has_own_choices  whether each item has choices of its own, to be read as its text is
    joint            what stands between several choices that are one answer
    """

    options: tuple[str, ...]

    name: ClassVar[str]
    meaning: ClassVar[str]
    kind: ClassVar[Kind]
    layout: ClassVar[Layout]
    has_parts: ClassVar[bool] = False
    has_own_choices: ClassVar[bool] = False
    joint: ClassVar[str] = "; "

    @classmethod
    @abstractmethod
    def of(cls, given: object) -> Self:
        """From what a round file says of options: names (a tuple), a number, or None.

        Raises QuestionError for what makes no such question.
        """

    @classmethod
    def from_json(cls, options: tuple[str, ...], details: Mapping[str, object]) -> Self:
        """From the task manifest: its options and the rest of its `question`.

        Raises QuestionError if they do not fit. Fields that nobody knows are for others.
        """
        del details
        return cls.of(options)

    def to_json(self) -> dict[str, object]:
        """The `question` of a task manifest."""
        return {"kind": self.name}

    @property
    def choices(self) -> tuple[str, ...]:
        """What people choose from: the options of a task, or the labels of an item."""
        return self.options

    @property
    def width(self) -> int:
        """The usual width of credit: on a scale an answer half of it off earns none."""
        return 1 if self.kind is Kind.NOMINAL else max(2, (len(self.options) + 1) // 2)

    @property
    @abstractmethod
    def wording(self) -> str:
        """What is asked, for the head of a page: `one of 3 options`."""

    @property
    def example(self) -> str:
        """How an answer to an item is written."""
        return f"one of {', '.join(self.options)}"

    @property
    def hidden(self) -> frozenset[str]:
        """The fields of a task that are not for people, besides its id."""
        return frozenset()

    @property
    def credit(self) -> str:
        """How answers are compared, in words."""
        if self.kind is Kind.NOMINAL:
            return "an answer is right or it is not"
        return f"an answer {self.width} steps off earns nothing, one nearer a part"

    def hotkeys(self) -> list[tuple[str, ...]]:
        """The keys of every choice of an item; the one to show first in front."""
        return keys_of(self.options)

    # ------------------------------------------------------------ items and tasks

    def parts(self, item: object, name: str, lots: Lots) -> tuple[Part, ...]:
        """The tasks that an item takes. Raises QuestionError if it is none of this question.

        `name` tells it from others; `lots` shuffle what must not give the answer away.
        """
        del name, lots
        return (Part("", item),)

    def items(self, tasks: Sequence[object], names: Sequence[str]) -> list[Item]:
        """The items that the tasks of a round are made of, in their order.

        Raises QuestionError if tasks are missing, or do not belong together.
        """
        return [
            Item(name, (number,), task, self.options)
            for number, (task, name) in enumerate(zip(tasks, names, strict=True))
        ]

    def known(self, answer: object, item: object, name: str, lots: Lots) -> tuple[object, ...]:
        """A known answer to an item as one to each of its parts: options, by name.

        Raises QuestionError for what is no answer to it.
        """
        del item, name, lots
        return (answer,)

    # ------------------------------------------------------------ answers to items

    def answers(self, item: Item, chosen: Sequence[int]) -> dict[int, int]:
        """The answer to each task of an item: `chosen` has choices of it by number, from 0."""
        (task,), (option,) = item.tasks, chosen
        return {task: option}

    def chosen(self, item: Item, answers: Sequence[int]) -> tuple[int, ...] | None:
        """The choices that answers to the tasks of an item mean; None if they mean none."""
        del item
        return tuple(answers)

    def words(self, item: Item, chosen: Sequence[int]) -> str:
        """An answer in words."""
        return self.joint.join(str(item.choices[number]) for number in chosen)

    def read(self, item: Item, answer: object) -> tuple[int, ...]:
        """The choices of an item that somebody has written down.

        Raises QuestionError for what is no answer to it, and where an item has no parts: its
        options have names, which are read like all names.
        """
        del answer
        raise QuestionError(f"{item.name} is one task: give the name of an option")

    def combined(self, item: Item, labels: Sequence[Label]) -> object:
        """What the labels of an item's tasks say together, as JSON; None if they say nothing."""
        del item
        (label,) = labels
        return None if label.consensus is None else self.options[label.consensus]


def require_names(given: object, what: str) -> tuple[str, ...]:
    """Names of options. Raises QuestionError if there are none, too few or too many."""
    if not isinstance(given, tuple):
        raise QuestionError(f"options are missing: name them, like {what}")
    require_count(len(given))
    return given


def require_count(options: int) -> None:
    """Raise QuestionError unless a round may have so many options."""
    if not MIN_OPTIONS <= options <= MAX_OPTIONS:
        raise QuestionError(f"options are {options}: there must be {MIN_OPTIONS} to {MAX_OPTIONS}")
