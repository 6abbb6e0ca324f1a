"""Crowds whose story is known: schools that read the guideline in their own way, and groups.

An honest crowd has one to four schools. Each reads the guideline in its own way: on a share of
the tasks it has another answer than the rest. Its members work alone: they slip on hard tasks
and fall for the tasks' traps, lean to an option, tire in the order of the tasks, skip in runs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from plumbline.planning.worlds import SKIP, Answers, Dice, Row, draw_traps, trapped

NOISE: Final = 0.1  # of a copy's answers that are drawn anew
_LIES: Final = 0.2  # of the tasks that a group lies about
_SHARPNESS: Final = (0.65, 0.98)  # of schools: how often their readers say what they mean
_SPLIT: Final = (0.05, 0.5)  # of the tasks that a school reads in its own way
_SPLIT_OF_SHARP: Final = (0.2, 0.5)  # the same of few sharp readers
_AMONG_SHARP: Final = (0.75, 0.8)  # how sharp everybody else is


@dataclass(frozen=True, slots=True)
class SchooledCrowd:
    """Answers of N labelers to T tasks, -1 for a skip; the school of each labeler."""

    answers: Answers
    truth: Row
    options: int
    schools: Row


def draw_crowd(
    dice: Dice, labelers: int, tasks: int, options: int, schools: int, sparse: bool = False
) -> SchooledCrowd:
    """A crowd of labelers who work alone; `sparse` ones answer 30% to 70% of the tasks each."""
    truth = dice.choice(options, tasks, p=dice.dirichlet(np.full(options, 3.0)))
    readings = np.array([_reading(dice, truth, options, first=not c) for c in range(schools)])
    shares = dice.dirichlet(np.full(schools, 1.5))
    of = dice.permutation(dice.choice(schools, labelers, p=shares))
    sharp = dice.uniform(*_SHARPNESS, size=schools)[of]
    odds = np.log(sharp / (1 - sharp)) + dice.normal(0, 0.3, labelers)
    # Sharpness is that of all tasks: a curve that is averaged over difficulties is flatter.
    difficulty = dice.uniform(0, 1.5)
    hard = dice.normal(0, difficulty, tasks)
    steeper = np.sqrt(1 + np.pi * difficulty**2 / 8)
    chance = 1 / (1 + np.exp(hard[None] - steeper * odds[:, None]))
    right = dice.random((labelers, tasks)) < chance
    meant = readings[of]
    traps = draw_traps(dice, tasks, options)
    luck = dice.random((labelers, tasks))
    wrong = np.array([trapped(meant[i], traps, luck[i : i + 1])[0] for i in range(labelers)])
    answers: Answers = np.where(right, meant, wrong)
    _lean(dice, answers, options)
    _tire(dice, answers)
    _skip(dice, answers, sparse)
    return SchooledCrowd(answers, truth, options, of)


def draw_with_sharp(
    dice: Dice, labelers: int, tasks: int, options: int, sharp: int
) -> SchooledCrowd:
    """An honest crowd that looks most like one with copies: so few `sharp` readers, of 98%, share
    a reading of their own, among readers of 75% to 80%."""
    truth = dice.integers(options, size=tasks)
    kind = dice.random(tasks) < dice.uniform(*_SPLIT_OF_SHARP)
    own = np.where(kind, (truth + dice.integers(1, options, tasks)) % options, truth)
    schools = (np.arange(labelers) < sharp).astype(np.int64)
    careful = np.where(schools == 1, _SHARPNESS[1], dice.uniform(*_AMONG_SHARP, labelers))
    meant = np.where(schools[:, None] == 1, own, truth)
    slipped = (meant + dice.integers(1, options, meant.shape)) % options
    answers = np.where(dice.random(meant.shape) < careful[:, None], meant, slipped)
    return SchooledCrowd(answers, truth, options, schools)


def _reading(dice: Dice, truth: Row, options: int, first: bool) -> Row:
    """What a school takes for right: a kind of task counts for it as another answer."""
    if first:
        return truth
    share = dice.uniform(*_SPLIT)
    kind = dice.random(len(truth)) < share
    if dice.random() < 0.5:
        # All tasks of this kind have one answer, whatever the others see in them.
        return np.where(kind, dice.integers(options), truth)
    return np.where(kind, (truth + dice.integers(1, options)) % options, truth)


def _lean(dice: Dice, answers: Answers, options: int) -> None:
    """Habits: some give their favourite answer now and then, a few nearly always."""
    labelers, tasks = answers.shape
    often = np.where(dice.random(labelers) < 0.3, dice.beta(1, 4, labelers), 0.0)
    often[dice.random(labelers) < 0.03] = 0.97
    favourite = dice.integers(options, size=labelers)
    if dice.random() < 0.5:
        favourite[:] = dice.integers(options)
    lazy = dice.random((labelers, tasks)) < often[:, None]
    answers[lazy] = np.broadcast_to(favourite[:, None], answers.shape)[lazy]


def _tire(dice: Dice, answers: Answers) -> None:
    """Fatigue: towards the end of the one order, more and more answers are the last one again."""
    if dice.random() < 0.5:
        return
    labelers, tasks = answers.shape
    most = dice.uniform(0, 0.4) * dice.random(labelers)
    tired = dice.random((labelers, tasks)) < most[:, None] * np.linspace(0, 1, tasks)[None]
    for task in range(1, tasks):
        answers[:, task] = np.where(tired[:, task], answers[:, task - 1], answers[:, task])


def _skip(dice: Dice, answers: Answers, sparse: bool) -> None:
    """Single skips, runs of them, and some who stop early; nobody is left with no answer."""
    labelers, tasks = answers.shape
    answers[dice.random((labelers, tasks)) < 0.03] = SKIP
    for labeler in range(labelers):
        if dice.random() < 0.2:
            start, length = dice.integers(tasks), dice.integers(1, tasks // 6 + 2)
            answers[labeler, start : start + length] = SKIP
        if dice.random() < 0.05:
            answers[labeler, dice.integers(tasks // 8, tasks) :] = SKIP
    if sparse:
        thin_out(dice, answers)


def thin_out(dice: Dice, answers: Answers) -> None:
    """Leave of each labeler 30% to 70% of the answers."""
    labelers, tasks = answers.shape
    share = dice.uniform(0.3, 0.7, size=labelers)
    answers[dice.random((labelers, tasks)) > share[:, None]] = SKIP


# ----------------------------------------------------------------------------- groups


def random_sheet(dice: Dice, crowd: SchooledCrowd, size: int) -> None:
    """The first `size` labelers hand in one sheet, drawn blindly."""
    crowd.answers[:size] = dice.integers(crowd.options, size=len(crowd.truth))


def one_sheet(dice: Dice, crowd: SchooledCrowd, size: int) -> None:
    """The first `size` labelers hand in the sheet of one of them."""
    crowd.answers[:size] = crowd.answers[0]


def copies(dice: Dice, crowd: SchooledCrowd, size: int) -> None:
    """They copy one of them, with a tenth of the answers drawn anew."""
    for labeler in range(1, size):
        crowd.answers[labeler] = _noisy(dice, crowd.answers[0], crowd.options, NOISE)


def inverse(dice: Dice, crowd: SchooledCrowd, size: int) -> None:
    """They hand in the inverse of one sheet, with a twentieth of the answers drawn anew."""
    source = crowd.answers[0]
    sheet = np.where(source < 0, SKIP, (source + 1) % crowd.options)
    for labeler in range(size):
        crowd.answers[labeler] = _noisy(dice, sheet, crowd.options, NOISE / 2)


def lies(dice: Dice, crowd: SchooledCrowd, size: int) -> None:
    """They work alone, but for a fifth of the tasks, on which they tell an agreed lie."""
    about = dice.random(len(crowd.truth)) < _LIES
    lie = (crowd.truth + 1) % crowd.options
    crowd.answers[:size] = np.where(about, lie, crowd.answers[:size])


def _noisy(dice: Dice, sheet: Row, options: int, noise: float) -> Row:
    drawn = dice.integers(options, size=len(sheet))
    redrawn = (dice.random(len(sheet)) < noise) & (sheet >= 0)
    return np.where(redrawn, drawn, sheet)


Bend = Callable[[Dice, SchooledCrowd, int], None]

STORIES: Final[dict[str, Bend]] = {
    "one random sheet": random_sheet,
    "one labeler's sheet": one_sheet,
    "copies with noise": copies,
    "inverse of one": inverse,
    "targeted lies": lies,
}
