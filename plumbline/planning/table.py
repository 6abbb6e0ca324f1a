"""The table of simulated rounds: how often what happens, with the usual terms.

expectations.csv has a line for each setting, written by `plumbline simulate expectations --write`;
lines that begin with # say how it was made. It is read strictly, since advice about money follows
from it: whoever has changed it gets an error instead of other figures.
"""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from importlib.resources import files
from itertools import product
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.planning.intervals import Mean, Share
from plumbline.settlement.terms import (
    PPM,
    TASKS_PER_GOLD,
    Kind,
    ScoringTerms,
    fewest_gold_tasks,
    usual_gold_count,
    usual_terms,
)

NAME: Final = "expectations.csv"
LABELER_PPM: Final = 700_000  # accuracy of the one labeler whom the table follows
_PRICE: Final = 10**16  # wei; shares do not depend on it


class ExpectationTableError(PlumblineError):
    """A table of simulated rounds that is not as it was written."""


class Truth(Enum):
    """How often each option is the right answer."""

    EVEN = "even"  # each as often
    ONE_SIDED = "one-sided"  # one of them in 80% of the tasks, the others share the rest

    def shares(self, options: int) -> tuple[float, ...]:
        """How often each option is right. The commonest is the last: a tie goes to the lowest."""
        if self is Truth.EVEN:
            return (1 / options,) * options
        return (*(0.2 / (options - 1),) * (options - 1), 0.8)


@dataclass(frozen=True, slots=True)
class Setting:
    """What was simulated: rounds of the usual terms, and an honest crowd that answers them.

    seats      labels a task
    crowd_ppm  mean accuracy of the crowd
    """

    kind: Kind
    options: int
    width: int
    truth: Truth
    gold_count: int
    tasks: int
    seats: int
    crowd_ppm: int

    @property
    def terms(self) -> ScoringTerms:
        """The usual terms, stake twice the price."""
        shape = (self.kind, self.options, self.width, self.tasks)
        return usual_terms(*shape, _PRICE, 2 * _PRICE, self.seats, self.gold_count)


@dataclass(frozen=True, slots=True)
class Cell:
    """What was seen in `rounds` rounds of a setting.

    The labeler is an honest one of accuracy 0.7 in one of the seats; all others are of the crowd.

    void               rounds in which nobody was judged
    slashed            rounds in which the labeler lost stake
    underpaid          rounds in which the labeler was paid less than half of the price
    labeler_pay_ppm    mean pay of the labeler, of the price
    pay_ppm            mean pay of everybody in the crowd, of the price
    spent_ppm          of the escrow, what does not come back to the requester
    accuracy_ppm       labels that are right, of all tasks but gold tasks
    accuracy_half_ppm  half of the 95% interval of that
    contested_ppm      labels that are contested
    """

    rounds: int
    void: int
    slashed: int
    underpaid: int
    labeler_pay_ppm: int
    pay_ppm: int
    spent_ppm: int
    accuracy_ppm: int
    accuracy_half_ppm: int
    contested_ppm: int

    def share(self, hits: int) -> Share:
        """So many of the rounds, with the interval."""
        return Share(hits, self.rounds)

    @property
    def accuracy(self) -> Mean:
        """Share of the labels that are right, with the interval."""
        return Mean(self.accuracy_ppm / PPM, self.accuracy_half_ppm / PPM)


SHAPES: Final = (
    *((Kind.NOMINAL, options, 1) for options in (2, 3, 4)),
    *((Kind.ORDINAL, options, width) for options, width in ((3, 2), (5, 3))),
)
"""Kind, options and width. The last two are A / tie / B and a scale of five."""

TASKS: Final = (32, 48, 96, 192, 256)
SEATS: Final = (3, 5, 7, 9, 15, 25)
CROWDS_PPM: Final = (600_000, 700_000, 800_000, 900_000)


def sizes(options: int, has_gold: bool) -> list[int]:
    """Numbers of tasks that were simulated: with gold those that a round may have."""
    fewest = TASKS_PER_GOLD * fewest_gold_tasks(options) if has_gold else 0
    return [tasks for tasks in TASKS if tasks >= fewest]


def _settings() -> Iterable[Setting]:
    for shape, truth, has_gold in product(SHAPES, Truth, (True, False)):
        for tasks, seats, crowd_ppm in product(sizes(shape[1], has_gold), SEATS, CROWDS_PPM):
            gold_count = usual_gold_count(shape[1], tasks) if has_gold else 0
            yield Setting(*shape, truth, gold_count, tasks, seats, crowd_ppm)


SETTINGS: Final = tuple(_settings())
"""All settings of the table, in its order."""

_KEYS: Final = tuple(field.name for field in fields(Setting))
_FIGURES: Final = tuple(field.name for field in fields(Cell))
_COUNTS: Final = ("void", "slashed", "underpaid")
_HEADER: Final = ",".join((*_KEYS, *_FIGURES))


@dataclass(frozen=True, slots=True)
class ExpectationTable:
    """The table: `seed` is that of the dice."""

    seed: int
    cells: Mapping[Setting, Cell]

    def to_text(self) -> str:
        """The text of expectations.csv."""
        lines = [f"# plumbline simulate expectations, seed {self.seed}", _HEADER]
        for setting, cell in self.cells.items():
            values = [*_names(setting), *(getattr(cell, name) for name in _FIGURES)]
            lines.append(",".join(map(str, values)))
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def from_text(cls, text: str) -> "ExpectationTable":
        """Read it. Raises ExpectationTableError, naming the line, unless `to_text` wrote it."""
        lines = text.split("\n")
        first = lines[0].rpartition(" ")
        seed = _integer(first[2], 1)
        if first[0] != "# plumbline simulate expectations, seed":
            raise _error(1, "says another command")
        if lines[1:2] != [_HEADER] or lines[-1]:
            raise _error(2, "has other columns, or the last line has no end")
        rows = lines[2:-1]
        if len(rows) != len(SETTINGS):
            raise _error(len(rows) + 2, f"is the last, of {len(SETTINGS) + 2}")
        numbered = enumerate(zip(SETTINGS, rows, strict=True), 3)
        return cls(seed, {setting: _cell(setting, row, line) for line, (setting, row) in numbered})


def _names(setting: Setting) -> list[str]:
    values: list[Any] = [getattr(setting, key) for key in _KEYS]
    values[0], values[3] = setting.kind.label, setting.truth.value
    return [str(value) for value in values]


def _cell(setting: Setting, row: str, line: int) -> Cell:
    values = row.split(",")
    if values[: len(_KEYS)] != _names(setting):
        raise _error(line, f"is not that of {','.join(_names(setting))}")
    figures = [_integer(value, line) for value in values[len(_KEYS) :]]
    if len(figures) != len(_FIGURES):
        raise _error(line, f"has {len(figures)} figures, not {len(_FIGURES)}")
    cell = Cell(*figures)
    for name in _FIGURES[1:]:
        most = cell.rounds if name in _COUNTS else PPM
        if getattr(cell, name) > most or not cell.rounds:
            raise _error(line, f"has a {name} of more than {most:,}, or no rounds")
    return cell


def _integer(value: str, line: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 9) or value != str(int(value)):
        raise _error(line, f"has {value[:20]!r}, which is no whole number")
    return int(value)


def _error(line: int, what: str) -> ExpectationTableError:
    return ExpectationTableError(f"{NAME}, line {line} {what}: install Plumbline anew")


@functools.cache
def shipped() -> ExpectationTable:
    """The table that comes with Plumbline. Raises ExpectationTableError if it was changed."""
    text = files("plumbline.planning").joinpath(NAME).read_text(encoding="utf-8")
    return ExpectationTable.from_text(text)
