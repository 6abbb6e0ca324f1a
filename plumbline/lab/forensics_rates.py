"""How often forensics misleads, and how often it finds: measured on crowds whose story is known.

Honest crowds differ as real ones do: each task has a difficulty and, with more than two options,
a trap of its own, so that honest labelers err together. Groups hand in a random sheet, copy one
of them with noise, or its inverse, or tell agreed lies. Of real crowds some labelers are taken,
as they are and with copies among them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from plumbline.forensics.groups import search
from plumbline.lab.intervals import Share
from plumbline.lab.page import FigureTable
from plumbline.lab.worlds import SKIP, SKIPS, Answers, Dice, Row, draw_traps, trapped

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

STORIES: Final[dict[str, Bend]] = {
    "one random sheet": _random_sheet,
    "copies with noise": _copies,
    "inverse of one": _inverse,
    "targeted lies": _lies,
}


def honest_rounds(dice: Dice, rounds: int) -> Iterator[Rate]:
    """False alarms of crowds that work alone, of every size: four times the rounds, being rare."""
    for options, labelers in product(OPTIONS, SIZES):
        sizes = (TASKS[number % len(TASKS)] for number in range(4 * rounds))
        crowds = (honest_crowd(dice, labelers, tasks, options)[0] for tasks in sizes)
        yield _alarms(f"K={options} N={labelers}", crowds, options)


def bent_rounds(dice: Dice, rounds: int) -> Iterator[Rate]:
    """Every story, in rounds of all sizes and numbers of options in turn."""

    def judged(bend: Bend, tasks: int, share: float) -> Iterator[tuple[bool, bool]]:
        for number in range(rounds):
            labelers = SIZES[number % len(SIZES)]
            options = OPTIONS[number // len(SIZES) % len(OPTIONS)]
            answers, truth = honest_crowd(dice, labelers, tasks, options)
            size = max(2, round(share * labelers))
            bend(dice, answers, truth, size, options)
            yield _judged(answers, options, size)

    for (story, bend), tasks, share in product(STORIES.items(), (64, 256), SHARES):
        yield _rate(f"{story}, T={tasks}, {share:.0%}", judged(bend, tasks, share))


def real_rounds(dice: Dice, name: str, crowd: Answers, options: int, rounds: int) -> Iterator[Rate]:
    """A real crowd: some of its labelers, as they are and with copies among them.

    The draws overlap, so the intervals are too narrow: they are about this crowd.
    """

    def some(labelers: int, count: int) -> Iterator[Answers]:
        return (crowd[dice.choice(len(crowd), labelers, replace=False)] for _ in range(count))

    def judged(labelers: int, size: int) -> Iterator[tuple[bool, bool]]:
        for answers in some(labelers, rounds):
            _copies(dice, answers, answers[0], size, options)
            yield _judged(answers, options, size)

    for labelers in (count for count in (10, 20, 40) if count < len(crowd)):
        yield _alarms(f"{name}, N={labelers}, as it is", some(labelers, 4 * rounds), options)
        for size in sorted({max(2, round(share * labelers)) for share in SHARES}):
            yield _rate(f"{name}, N={labelers}, {size} copies", judged(labelers, size))


def _alarms(story: str, crowds: Iterator[Answers], options: int) -> Rate:
    named = [bool(search(answers, options, ALPHA).groups) for answers in crowds]
    return Rate(story, None, Share(sum(named), len(named)))


def _rate(story: str, judged: Iterator[tuple[bool, bool]]) -> Rate:
    hits, alarms = zip(*judged, strict=True)
    return Rate(story, Share(sum(hits), len(hits)), Share(sum(alarms), len(alarms)))


def _judged(answers: Answers, options: int, size: int) -> tuple[bool, bool]:
    """Whether half of the first `size` rows were named, and whether any other was."""
    groups = search(answers, options, ALPHA).groups
    named = {labeler for group in groups for labeler in group.members}
    return 2 * len(named & set(range(size))) >= size, bool(named - set(range(size)))


def table(title: str, rates: list[Rate]) -> FigureTable:
    """A row for each story; the hits only if there are groups."""
    has_hits = any(rate.hits for rate in rates)
    heads = (title, *(["found"] if has_hits else []), "somebody honest named")
    hits = [[str(rate.hits or "-")] if has_hits else [] for rate in rates]
    rows = [(rate.story, *hit, str(rate.alarms)) for rate, hit in zip(rates, hits, strict=True)]
    return FigureTable(title, title, heads, rows)


def total(rates: list[Rate], story: str) -> Rate:
    """All together."""
    alarms = [rate.alarms for rate in rates]
    hits, rounds = sum(share.hits for share in alarms), sum(share.rounds for share in alarms)
    return Rate(story, None, Share(hits, rounds))
