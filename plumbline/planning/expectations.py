"""What to expect of a round: the cell of the table that is nearest from below.

Of a round between two cells the table says what was seen with fewer tasks, fewer seats, fewer
options and a weaker crowd. Nothing is drawn between cells, so that every figure is one that was
counted, with its rounds and its interval. All of these make labels better and void rounds rarer,
so that it promises rather too little. Two things a better crowd makes worse: the labeler of 0.7 is
further from it, and it agrees so much on one-sided tasks that more small rounds are void.
Below the smallest cell nothing is said; wherever the cell is another than what was asked for, a
remark says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.planning.intervals import Mean, Share
from plumbline.planning.table import (
    CROWDS_PPM,
    SEATS,
    SHAPES,
    Cell,
    ExpectationTable,
    Setting,
    Truth,
    shipped,
    sizes,
)
from plumbline.settlement.terms import PPM, ScoringTerms, usual_gold_count, usual_terms

CROWD_PPM: Final = 800_000  # accuracy of a crowd that nothing is known about
_WORDS: Final = {
    "options": "options",
    "width": "width",
    "tasks": "tasks",
    "gold_count": "gold tasks",
    "seats": "labels a task",
}


class NotSimulatedError(PlumblineError):
    """A round that is smaller, or a crowd that is weaker, than any in the table."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What to expect of a round.

    setting  what was simulated
    cell     what was seen; shares in ppm
    remarks  where the setting is another than what was asked for
    """

    setting: Setting
    cell: Cell
    remarks: tuple[str, ...]

    @property
    def rounds(self) -> int:
        """How many rounds were simulated."""
        return self.cell.rounds

    @property
    def void(self) -> Share:
        """How often nobody is judged: the round is void."""
        return self.cell.share(self.cell.void)

    @property
    def slashed(self) -> Share:
        """How often an honest labeler of 0.7 loses stake."""
        return self.cell.share(self.cell.slashed)

    @property
    def underpaid(self) -> Share:
        """How often an honest labeler of 0.7 is paid less than half of the price."""
        return self.cell.share(self.cell.underpaid)

    @property
    def accuracy(self) -> Mean:
        """Share of the labels that are right."""
        return self.cell.accuracy


def expectation(
    terms: ScoringTerms,
    crowd_ppm: int = CROWD_PPM,
    truth: Truth = Truth.EVEN,
    table: ExpectationTable | None = None,
) -> Expectation:
    """What to expect of a round of these terms, if everybody is honest and works alone.

    `crowd_ppm` is the mean accuracy of the crowd; `table` is the one shipped if left out.

    Raises NotSimulatedError for less than the smallest of the table.
    """
    setting = _nearest(terms, crowd_ppm, truth)
    cell = (table or shipped()).cells[setting]
    return Expectation(setting, cell, tuple(_remarks(terms, crowd_ppm, setting)))


def _nearest(terms: ScoringTerms, crowd_ppm: int, truth: Truth) -> Setting:
    shapes = [shape for shape in SHAPES if shape[0] is terms.kind and shape[1] <= terms.options]
    if not shapes:
        raise NotSimulatedError("scales of two options were not simulated: ask for one of two")
    kind, options, width = max(shapes)
    tasks = _below(terms.tasks, sizes(options, terms.has_gold), "tasks")
    seats = _below(terms.seats, SEATS, "labels a task")
    crowd = _below(crowd_ppm, CROWDS_PPM, "ppm of accuracy")
    gold_count = usual_gold_count(options, tasks) if terms.has_gold else 0
    return Setting(kind, options, width, truth, gold_count, tasks, seats, crowd)


def _below(asked: int, known: Sequence[int], what: str) -> int:
    if asked < min(known):
        raise NotSimulatedError(
            f"what to expect of {asked:,} {what} is not known: the least simulated are "
            f"{min(known):,}"
        )
    return max(each for each in known if each <= asked)


def _remarks(terms: ScoringTerms, crowd_ppm: int, setting: Setting) -> Iterator[str]:
    if crowd_ppm != setting.crowd_ppm:
        seen, asked = setting.crowd_ppm / PPM, crowd_ppm / PPM
        yield f"figures are those of a crowd of {seen:.1%}, not of {asked:.1%}"
    for name, words in _WORDS.items():
        if getattr(terms, name) != getattr(setting, name):
            yield _instead(words, getattr(setting, name), getattr(terms, name))
    shape = (terms.kind, terms.options, terms.width, terms.tasks)
    usual = usual_terms(*shape, terms.price, terms.stake, terms.seats, terms.gold_count)
    for name in (field.name for field in fields(ScoringTerms)):
        if getattr(terms, name) != getattr(usual, name):
            yield _instead(name, getattr(usual, name), getattr(terms, name))


def _instead(what: str, seen: int, asked: int) -> str:
    return f"figures are those of {seen:,} {what}, not of {asked:,}"
