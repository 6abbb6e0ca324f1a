"""One of several options in no order."""

from dataclasses import dataclass
from typing import ClassVar, Self

from plumbline.questions.question import (
    Layout,
    Question,
    QuestionError,
    require_count,
    require_names,
)
from plumbline.settlement.terms import Kind


@dataclass(frozen=True, slots=True)
class Choice(Question):
    """One of several, in no order."""

    name: ClassVar[str] = "choice"
    meaning: ClassVar[str] = "one of several, in no order"
    kind: ClassVar[Kind] = Kind.NOMINAL
    layout: ClassVar[Layout] = Layout.OPTIONS

    @classmethod
    def of(cls, given: object) -> Self:
        if isinstance(given, int):
            require_count(given)
            return cls(tuple(str(number) for number in range(given)))
        return cls(require_names(given, "[red, green, blue]"))

    @property
    def wording(self) -> str:
        return f"one of {len(self.options)} options"


@dataclass(frozen=True, slots=True)
class Binary(Choice):
    """One of two."""

    name: ClassVar[str] = "binary"
    meaning: ClassVar[str] = "one of two"

    @classmethod
    def of(cls, given: object) -> Self:
        if given is None:
            return cls(("no", "yes"))
        question = super(Binary, cls).of(given)
        if len(question.options) != 2:
            raise QuestionError(f"options are {len(question.options)}: this question has 2")
        return question
