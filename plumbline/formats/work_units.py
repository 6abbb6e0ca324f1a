"""The rounds that recorded answers suggest: tasks go together if the same people answered them.

A platform hands out work in units, some tasks at a time to some people, so a crowd is often sparse:
nobody answered everything. One round of all tasks would be full of skips. But the tasks of a unit
have nearly the same labelers, and make a round that most of these answered as a whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from plumbline.formats.recorded_answers import RecordedAnswers, RecordedAnswersError
from plumbline.settlement.terms import MAX_SEATS, MAX_TASKS, MIN_SEATS, MIN_TASKS

_SHARED: Final = (1, 2)
"""Units are one if they share at least this part of all their labelers."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """Tasks, by number, and who answered some of them."""

    tasks: tuple[int, ...]
    labelers: frozenset[str]

    def __or__(self, other: "_Unit") -> "_Unit":
        return _Unit(self.tasks + other.tasks, self.labelers | other.labelers)

    @property
    def is_round(self) -> bool:
        return len(self.tasks) >= MIN_TASKS and len(self.labelers) >= MIN_SEATS

    def fits(self, other: "_Unit") -> bool:
        """Whether both are still one round."""
        both = self | other
        return len(both.tasks) <= MAX_TASKS and len(both.labelers) <= MAX_SEATS

    def is_like(self, other: "_Unit") -> bool:
        shared = len(self.labelers & other.labelers)
        part, whole = _SHARED
        return shared * whole >= len(self.labelers | other.labelers) * part


def rounds(crowd: RecordedAnswers) -> tuple[RecordedAnswers, ...]:
    """The rounds, in the order of their first tasks; a complete crowd's are all of one size.

    Units too small for a round are put together in the order of the tasks. Tasks that nobody
    answered are left out, and so are those at the end too few for a round of their own.
    Raises RecordedAnswersError if there is no round.
    """
    units = list(_joined(_units(crowd)))
    large = [unit for unit in units if unit.is_round]
    small = [unit for unit in units if not unit.is_round]
    found = large + [unit for unit in _filled(small) if unit.is_round]
    if not found:
        raise RecordedAnswersError(
            f"{crowd.name} makes no round: that takes {MIN_TASKS} tasks and {MIN_SEATS} labelers"
        )
    found.sort(key=lambda unit: unit.tasks)
    return tuple(crowd.part(sorted(unit.tasks), unit.labelers) for unit in found)


def _units(crowd: RecordedAnswers) -> Iterator[_Unit]:
    """Tasks that exactly the same people answered, split evenly if they are too many."""
    by_labelers: dict[frozenset[str], list[int]] = {}
    for task in range(len(crowd.tasks)):
        labelers = frozenset(who for who, row in crowd.answers.items() if row[task] is not None)
        by_labelers.setdefault(labelers, []).append(task)
    for labelers, tasks in by_labelers.items():
        if labelers:
            parts = -(-len(tasks) // MAX_TASKS)
            size = -(-len(tasks) // parts)
            for start in range(0, len(tasks), size):
                yield _Unit(tuple(tasks[start : start + size]), labelers)


def _joined(units: Iterator[_Unit]) -> Sequence[_Unit]:
    """Those that are alike as one: who skipped a task parts a unit that was handed out whole."""
    joined: list[_Unit] = []
    for unit in units:
        for place, other in enumerate(joined):
            if other.is_like(unit) and other.fits(unit):
                joined[place] = other | unit
                break
        else:
            joined.append(unit)
    return joined


def _filled(units: Sequence[_Unit]) -> Iterator[_Unit]:
    """As many as fit, one after the other."""
    full: _Unit | None = None
    for unit in units:
        if full is not None and not full.fits(unit):
            yield full
            full = None
        full = unit if full is None else full | unit
    if full is not None:
        yield full
