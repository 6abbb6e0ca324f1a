"""Two to six things in order, best first: a task for each pair of them.

Things are shown in an order drawn for each item, and so are the sides of each pair: an order
that is the same for all items, or always the left side, is worth nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar, Final, Self

from plumbline.questions.lots import Lots
from plumbline.questions.parts import ITEM, common, grouped, marked, part_of, require_fields
from plumbline.questions.question import PART, Item, Layout, Part, Question, QuestionError
from plumbline.settlement.labels import Label
from plumbline.settlement.terms import Kind

THINGS: Final = "items"
_SIDES: Final = ("A", "B")
_PAIR: Final = "pair"
_FEWEST, _MOST = 2, 6
_WRITTEN: Final = re.compile(r"\s*[1-9](\s*[>,]\s*[1-9])*\s*")


@dataclass(frozen=True, slots=True)
class Ranking(Question):
    """Things in order, best first. An item has the field `items`, a list of two to six."""

    name: ClassVar[str] = "ranking"
    meaning: ClassVar[str] = "two to six things in order, best first"
    kind: ClassVar[Kind] = Kind.NOMINAL
    layout: ClassVar[Layout] = Layout.RANKING
    has_parts: ClassVar[bool] = True
    has_own_choices: ClassVar[bool] = True
    joint: ClassVar[str] = " > "

    @classmethod
    def of(cls, given: object) -> Self:
        if given not in (None, _SIDES):
            raise QuestionError(f"options: leave them out, things to rank are in {THINGS}")
        return cls(_SIDES)

    @property
    def wording(self) -> str:
        return "a ranking, best first"

    @property
    def example(self) -> str:
        return "numbers of things, best first, like 2 > 1 > 3"

    @property
    def hidden(self) -> frozenset[str]:
        return frozenset({PART})

    def parts(self, item: object, name: str, lots: Lots) -> tuple[Part, ...]:
        fields = _fields(item, name)
        things = _things(fields, name)
        order = lots.order(len(things), name)
        rest = {key: value for key, value in fields.items() if key != THINGS}
        parts = []
        for left, right in _pairs(len(things), name, lots):
            suffix = f"{left + 1}-{right + 1}"
            sides = {"A": things[order[left]], "B": things[order[right]]}
            mark = {ITEM: name, _PAIR: [left + 1, right + 1]}
            parts.append(Part(suffix, marked({**rest, **sides}, suffix, mark)))
        return tuple(parts)

    def items(self, tasks: Sequence[object], names: Sequence[str]) -> list[Item]:
        del names
        return [_item(name, numbers, tasks) for name, numbers in grouped(tasks).items()]

    def known(self, answer: object, item: object, name: str, lots: Lots) -> tuple[object, ...]:
        """The sides that a ranking means: `[2, 3, 1]` or `2 > 3 > 1`, as the file counts things."""
        count = len(_things(_fields(item, name), name))
        ranks = {thing: rank for rank, thing in enumerate(_given(answer, count))}
        order = lots.order(count, name)
        return tuple(
            _SIDES[ranks[order[left]] > ranks[order[right]]]
            for left, right in _pairs(count, name, lots)
        )

    def hotkeys(self) -> list[tuple[str, ...]]:
        """Things go by their number."""
        return [(str(number),) for number in range(1, _MOST + 1)]

    def answers(self, item: Item, chosen: Sequence[int]) -> dict[int, int]:
        """The answer to each task of an item: `chosen` has its things, best first, from 0."""
        ranks = {choice: rank for rank, choice in enumerate(chosen)}
        return {
            task: int(ranks[left] > ranks[right])
            for task, (left, right) in zip(item.tasks, item.about, strict=True)
        }

    def chosen(self, item: Item, answers: Sequence[int]) -> tuple[int, ...] | None:
        """The things, best first; None if the answers contradict each other."""
        won = [0] * len(item.choices)
        for (left, right), answer in zip(item.about, answers, strict=True):
            won[right if answer else left] += 1
        if len(set(won)) < len(won):
            return None
        return tuple(sorted(range(len(won)), key=lambda choice: -won[choice]))

    def words(self, item: Item, chosen: Sequence[int]) -> str:
        """The numbers of the things as shown, best first: `2 > 3 > 1`."""
        del item
        return self.joint.join(str(choice + 1) for choice in chosen)

    def read(self, item: Item, answer: object) -> tuple[int, ...]:
        """An order of things as they are shown: `[2, 3, 1]` or `2 > 3 > 1`."""
        return tuple(_given(answer, len(item.choices)))

    def combined(self, item: Item, labels: Sequence[Label]) -> object:
        """The things, best first: by pairs won, then by votes; None if a pair has no label."""
        count = len(item.choices)
        won, votes = [0] * count, [0] * count
        for (left, right), label in zip(item.about, labels, strict=True):
            if label.consensus is None:
                return None
            won[right if label.consensus else left] += 1
            votes[left] += label.votes[0]
            votes[right] += label.votes[1]
        best = sorted(range(count), key=lambda choice: (-won[choice], -votes[choice], choice))
        return [item.choices[choice] for choice in best]


def _fields(item: object, name: str) -> Mapping[str, object]:
    if not isinstance(item, Mapping) or THINGS not in item:
        raise QuestionError(f"{name}: there is no field {THINGS}, a list of things to rank")
    require_fields(item, _SIDES, name)
    return item


def _things(fields: Mapping[str, object], name: str) -> list[object]:
    things = fields[THINGS]
    if not isinstance(things, (list, tuple)) or not _FEWEST <= len(things) <= _MOST:
        raise QuestionError(f"{name}: {THINGS} must be a list of {_FEWEST} to {_MOST} things")
    if any(thing in things[:place] for place, thing in enumerate(things)):
        raise QuestionError(f"{name}: two of its {THINGS} are the same")
    return list(things)


def _pairs(count: int, name: str, lots: Lots) -> list[tuple[int, int]]:
    """All pairs of things as shown, from 0, the sides of each drawn."""
    return [
        (second, first) if lots.coin(f"{first}-{second}:{name}") else (first, second)
        for first, second in combinations(range(count), 2)
    ]


def _given(answer: object, count: int) -> list[int]:
    """A ranking of things as the file counts them, from 1, as numbers from 0."""
    given = answer
    if isinstance(answer, str) and _WRITTEN.fullmatch(answer):
        given = [int(number) for number in re.findall(r"[1-9]", answer)]
    if not isinstance(given, (list, tuple)) or sorted(map(_number, given)) != list(
        range(1, count + 1)
    ):
        raise QuestionError(
            f"{answer!r} is no ranking: give the numbers 1 to {count} of the things, best first, "
            "like 2 > 1 > 3"
        )
    return [_number(thing) - 1 for thing in given]


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _item(name: str, numbers: Sequence[int], tasks: Sequence[object]) -> Item:
    """An item from its tasks, which must be all its pairs."""
    members: list[Mapping[str, object]] = []
    about: list[tuple[int, int]] = []
    choices: dict[int, object] = {}
    for number in numbers:
        task = tasks[number]
        mark = part_of(task)
        assert isinstance(task, Mapping) and mark is not None  # it was grouped by it
        members.append(task)
        pair = _pair(mark, name)
        about.append(pair)
        for choice, side in zip(pair, _SIDES, strict=True):
            if side not in task:
                raise QuestionError(f"a task of item {name} has no side {side}")
            if choices.setdefault(choice, task[side]) != task[side]:
                raise QuestionError(f"thing {choice + 1} of item {name} differs between its tasks")
    count = len(choices)
    if any(choices[one] == choices[other] for one, other in combinations(sorted(choices), 2)):
        raise QuestionError(f"two things of item {name} are the same")
    pairs = sorted((min(pair), max(pair)) for pair in about)
    if not _FEWEST <= count <= _MOST or pairs != list(combinations(range(count), 2)):
        raise QuestionError(f"the tasks of item {name} are not all pairs of its things")
    things = tuple(choices[choice] for choice in range(count))
    return Item(name, tuple(numbers), common(members, _SIDES, name), things, tuple(about))


def _pair(mark: Mapping[str, object], name: str) -> tuple[int, int]:
    pair = mark.get(_PAIR)
    if isinstance(pair, (list, tuple)) and len(pair) == 2:
        left, right = (_number(side) for side in pair)
        if 1 <= left <= _MOST and 1 <= right <= _MOST:
            return left - 1, right - 1
    raise QuestionError(f"a task of item {name} does not say which pair it is")
