"""How often forensics misleads, and how often it finds: measured on crowds whose story is known.

Honest crowds differ as real ones do: each task has a difficulty and, with more than two options,
a trap of its own, so that honest labelers err together. Groups hand in a random sheet, copy one
of them with noise, or its inverse, or tell agreed lies. Of real crowds some labelers are taken,
as they are and with copies among them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from typing import Final

import numpy as np

from plumbline.forensics.groups import search
from plumbline.forensics.model import as_answers
from plumbline.formats.recorded_answers import RecordedAnswers, RecordedAnswersError, read
from plumbline.lab.page import FigureTable
from plumbline.planning.intervals import Share
from plumbline.planning.worlds import SKIP, SKIPS, Answers, Dice, Row, draw_traps, trapped

SIZES: Final = (10, 20, 40, 60)  # labelers
TASKS: Final = (64, 128, 256)
OPTIONS: Final = (2, 3, 5)
SHARES: Final = (0.1, 0.25, 0.4)  # of the labelers, at least two
ALPHA: Final = 0.01
_NOISE: Final = 0.1  # of a copy's answers that are drawn anew
_LIES: Final = 0.2  # of the tasks that a group lies about


@dataclass(frozen=True, slots=True)
class Rate:
    """Rounds of one story: `hits` named half or more of the group, `alarms` somebody honest."""

    story: str
    hits: Share | None
    alarms: Share


def honest_crowd(dice: Dice, labelers: int, tasks: int, options: int) -> tuple[Answers, Row]:
    """Answers and truth of a crowd that works alone.

    Accuracies on a task of middling difficulty are 0.6 to 0.9; the log-odds of being right vary
    by 1 (standard deviation) from task to task. Who errs falls for the task's trap.
    """
    truth = dice.integers(options, size=tasks)
    skill = dice.uniform(0.6, 0.9, size=labelers)
    odds = np.log(skill / (1 - skill))[:, None] - dice.normal(0, 1, size=tasks)[None]
    right = dice.random((labelers, tasks)) < 1 / (1 + np.exp(-odds))
    traps = draw_traps(dice, tasks, options)
    answers: Answers = np.where(right, truth, trapped(truth, traps, dice.random(right.shape)))
    answers[dice.random((labelers, tasks)) < SKIPS] = SKIP
    return answers, truth


def _random_sheet(dice: Dice, answers: Answers, truth: Row, size: int, options: int) -> None:
    answers[:size] = dice.integers(options, size=len(truth))


def _copies(dice: Dice, answers: Answers, truth: Row, size: int, options: int) -> None:
    for labeler in range(1, size):
        answers[labeler] = _noisy(dice, answers[0], options, _NOISE)


def _inverse(dice: Dice, answers: Answers, truth: Row, size: int, options: int) -> None:
    sheet = np.where(answers[0] < 0, SKIP, (answers[0] + 1) % options)
    for labeler in range(size):
        answers[labeler] = _noisy(dice, sheet, options, _NOISE / 2)


def _lies(dice: Dice, answers: Answers, truth: Row, size: int, options: int) -> None:
    about = dice.random(len(truth)) < _LIES
    answers[:size] = np.where(about, (truth + 1) % options, answers[:size])


def _noisy(dice: Dice, sheet: Row, options: int, noise: float) -> Row:
    drawn = dice.integers(options, size=len(sheet))
    return np.where(dice.random(len(sheet)) < noise, drawn, sheet)


Bend = Callable[[Dice, Answers, Row, int, int], None]
Played = tuple[Answers, int, int]  # of so many options; so many in the group, who are the first

STORIES: Final[dict[str, Bend]] = {
    "one random sheet": _random_sheet,
    "copies with noise": _copies,
    "inverse of one": _inverse,
    "targeted lies": _lies,
}


def real_crowds(folder: Path) -> list[RecordedAnswers]:
    """The crowds in folders of it that can be read and have labelers enough for rounds of ten."""
    crowds = []
    for path in sorted(folder.glob("*/answers.csv")):
        with suppress(RecordedAnswersError):
            crowds.append(read(path.parent).first())
    return [crowd for crowd in crowds if len(crowd.answers) > 10]


def tables(
    rounds: int, seed: int, crowds: Sequence[RecordedAnswers], hear: Callable[[str], None]
) -> Iterator[FigureTable]:
    """The tables of docs/forensics.md. `hear` is told every line when it is known."""

    def heard(rates: Iterator[Rate]) -> Iterator[Rate]:
        for rate in rates:
            hear(rate.story)
            yield rate

    honest = list(heard(_honest_rounds(np.random.default_rng(seed), rounds)))
    together = Share(sum(x.alarms.hits for x in honest), sum(x.alarms.rounds for x in honest))
    yield _table("honest crowd", [*honest, Rate("all of them", None, together)], has_groups=False)
    bent = _bent_rounds(np.random.default_rng(seed + 1), rounds)
    yield _table("group of a made-up crowd", heard(bent))
    real = (_real_rounds(np.random.default_rng(seed + 2), crowd, rounds) for crowd in crowds)
    if crowds:
        yield _table("real crowd", heard(chain.from_iterable(real)))


def _table(title: str, rates: Iterable[Rate], has_groups: bool = True) -> FigureTable:
    columns: dict[str, Callable[[Rate], str]] = {title: lambda rate: rate.story}
    if has_groups:
        columns |= {"found": lambda rate: str(rate.hits or "-")}
    columns |= {"somebody honest named": lambda rate: str(rate.alarms)}
    return FigureTable.of(title, title, columns, rates)


def _honest_rounds(dice: Dice, rounds: int) -> Iterator[Rate]:
    """False alarms of crowds that work alone, of every size: four times the rounds, being rare."""
    for options, labelers in product(OPTIONS, SIZES):
        sizes = (TASKS[number % len(TASKS)] for number in range(4 * rounds))
        crowds = (honest_crowd(dice, labelers, tasks, options)[0] for tasks in sizes)
        yield _rate(f"K={options} N={labelers}", ((crowd, options, 0) for crowd in crowds))


def _bent_rounds(dice: Dice, rounds: int) -> Iterator[Rate]:
    """Every story, in rounds of all sizes and numbers of options in turn."""

    def played(bend: Bend, tasks: int, share: float) -> Iterator[Played]:
        for number in range(rounds):
            labelers = SIZES[number % len(SIZES)]
            options = OPTIONS[number // len(SIZES) % len(OPTIONS)]
            answers, truth = honest_crowd(dice, labelers, tasks, options)
            size = max(2, round(share * labelers))
            bend(dice, answers, truth, size, options)
            yield answers, options, size

    for (story, bend), tasks, share in product(STORIES.items(), (64, 256), SHARES):
        yield _rate(f"{story}, T={tasks}, {share:.0%}", played(bend, tasks, share))


def _real_rounds(dice: Dice, recorded: RecordedAnswers, rounds: int) -> Iterator[Rate]:
    """A real crowd: some of its labelers, as they are and with copies among them.

    The draws overlap, so the intervals are too narrow: they are about this crowd.
    """
    crowd, options = as_answers(list(recorded.answers.values())), len(recorded.question.options)

    def played(labelers: int, count: int, size: int) -> Iterator[Played]:
        for _ in range(count):
            answers = crowd[dice.choice(len(crowd), labelers, replace=False)]
            _copies(dice, answers, answers[0], size, options)
            yield answers, options, size

    for labelers in (count for count in (10, 20, 40) if count < len(crowd)):
        where = f"{recorded.name}, N={labelers}"
        yield _rate(f"{where}, as it is", played(labelers, 4 * rounds, 0))
        for size in sorted({max(2, round(share * labelers)) for share in SHARES}):
            yield _rate(f"{where}, {size} copies", played(labelers, rounds, size))


def _rate(story: str, played: Iterator[Played]) -> Rate:
    hits = alarms = rounds = 0
    for answers, options, size in played:
        groups = search(answers, options, ALPHA).groups
        named = {labeler for group in groups for labeler in group.members}
        bent = set(range(size))
        hits += 2 * len(named & bent) >= size
        alarms += bool(named - bent)
        rounds += 1
    return Rate(story, Share(hits, rounds) if size else None, Share(alarms, rounds))
