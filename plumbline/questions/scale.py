"""Options in an order: a scale, numbers in a range, which of two is better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Final, Self

from plumbline.questions.keys import keys_of
from plumbline.questions.question import (
    Item,
    Layout,
    Question,
    QuestionError,
    require_count,
    require_names,
)
from plumbline.settlement.labels import Label
from plumbline.settlement.terms import MAX_OPTIONS, Kind

TIES: Final = frozenset({"tie", "draw", "equal", "even", "same", "both", "neither"})
"""What people call an option that says that two are alike, in lower case."""

_RANGE: Final = ("from", "to", "step", "unit")
_LARGEST: Final = 10**15


@dataclass(frozen=True, slots=True)
class Scale(Question):
    """A step of a scale, lowest first."""

    name: ClassVar[str] = "scale"
    meaning: ClassVar[str] = "a step of a scale, lowest first"
    kind: ClassVar[Kind] = Kind.ORDINAL
    layout: ClassVar[Layout] = Layout.SCALE

    @classmethod
    def of(cls, given: object) -> Self:
        if isinstance(given, int):
            require_count(given)
        steps = 5 if given is None else given
        if isinstance(steps, int):
            return cls(tuple(str(number) for number in range(1, steps + 1)))
        return cls(require_names(given, "[poor, fair, good]"))

    @property
    def wording(self) -> str:
        return f"a scale of {len(self.options)}"

    def hotkeys(self) -> list[tuple[str, ...]]:
        """As for all; a middle that says that both are alike goes by `=` too."""
        keys = keys_of(self.options)
        if len(self.options) == 3 and self.options[1].strip().lower() in TIES:
            keys[1] = (*keys[1], "=")
        return keys


@dataclass(frozen=True, slots=True)
class Preference(Scale):
    """Which of two is better."""

    name: ClassVar[str] = "preference"
    meaning: ClassVar[str] = "which of two is better"

    @classmethod
    def of(cls, given: object) -> Self:
        if given is None:
            return cls(("A", "tie", "B"))
        question = super(Preference, cls).of(given)
        if len(question.options) != 3:
            raise QuestionError(
                f"options are {len(question.options)}: this question has 3, the tie in the middle"
            )
        return question

    @property
    def wording(self) -> str:
        return "which of two is better"


@dataclass(frozen=True, slots=True)
class Range(Scale):
    """A number in a range, in at most sixteen steps; `unit` stands behind it on screens."""

    unit: str = ""

    name: ClassVar[str] = "range"
    meaning: ClassVar[str] = f"a number, in {MAX_OPTIONS} steps at most"
    layout: ClassVar[Layout] = Layout.NUMBER

    @classmethod
    def of(cls, given: object) -> Self:
        if isinstance(given, tuple):
            _require_steps(given)
            return cls(given)
        if not isinstance(given, Mapping):
            raise QuestionError(
                'options must say the range, like {from: 0, to: 100, step: 10, unit: "%"}'
            )
        for key in given:
            if key not in _RANGE:
                raise QuestionError(f"options: {key} is not known: known are {', '.join(_RANGE)}")
        low, high, step = (_whole(given, key) for key in ("from", "to", "step"))
        unit = given.get("unit", "")
        if not isinstance(unit, str) or not unit.isprintable():
            raise QuestionError("options: unit must be a text in one line")
        if step < 1 or high <= low or (high - low) % step:
            raise QuestionError(
                f"options: {low} to {high} is no range in steps of {step}: the last step must "
                "come out at the end"
            )
        count = (high - low) // step + 1
        if count > MAX_OPTIONS:
            raise QuestionError(
                f"options: {low} to {high} in steps of {step} are {count} numbers: at most "
                f"{MAX_OPTIONS} can be told apart, take steps of {-(-(high - low) // 15)}"
            )
        return cls(tuple(str(number) for number in range(low, high + 1, step)), unit)

    @classmethod
    def from_json(cls, options: tuple[str, ...], details: Mapping[str, object]) -> Self:
        unit = details.get("unit", "")
        if not isinstance(unit, str):
            raise QuestionError("the unit of the question must be text")
        _require_steps(options)
        return cls(options, unit)

    def to_json(self) -> dict[str, object]:
        """The `question` of a task manifest."""
        return {"kind": self.name, **({"unit": self.unit} if self.unit else {})}

    @property
    def wording(self) -> str:
        return f"a number from {self.options[0]} to {self.options[-1]}{self._behind}"

    def hotkeys(self) -> list[tuple[str, ...]]:
        """Numbers go by themselves."""
        return [(name,) for name in self.options]

    def words(self, item: Item, chosen: Sequence[int]) -> str:
        """The number and its unit."""
        return super(Range, self).words(item, chosen) + self._behind

    @property
    def _behind(self) -> str:
        return f" {self.unit}" if self.unit else ""

    def combined(self, item: Item, labels: Sequence[Label]) -> object:
        """The number itself."""
        name = super(Range, self).combined(item, labels)
        return None if name is None else int(str(name))


def _whole(given: Mapping[str, object], key: str) -> int:
    value = given.get(key, 1 if key == "step" else None)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
        raise QuestionError(f"options: {key} is {value!r}: must be a whole number")
    return value


def _require_steps(options: Sequence[str]) -> None:
    """Raise QuestionError unless the options are numbers in even steps."""
    require_count(len(options))
    try:
        numbers = [int(name) for name in options]
    except ValueError:
        raise QuestionError("options of a range must be whole numbers") from None
    steps = {high - low for low, high in pairwise(numbers)}
    if [str(number) for number in numbers] != list(options) or len(steps) > 1 or min(steps) < 1:
        raise QuestionError("options of a range must be whole numbers in even steps, lowest first")
