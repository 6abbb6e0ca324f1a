"""Crowds of labelers, made up from a seed, one answer after the other, or real ones.

Nobody can copy answers of the same batch: they are secret until all have committed. Crowds for
thousands of rounds are in `planning.worlds`.
"""

import itertools
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from plumbline.formats.gold_choice import evenly
from plumbline.formats.recorded_answers import Answers, RecordedAnswers
from plumbline.questions.question import Question
from plumbline.settlement.terms import Kind

_SKIP_SHARE: Final = 0.03  # of tasks that people leave out


class Habit(StrEnum):
    """How a labeler works, and what that deserves."""

    CAREFUL = "careful"  # is right most of the time: pay
    HASTY = "hasty"  # is right less often: maybe pay
    GUESSER = "guesser"  # picks any option: loses stake
    CONSTANT = "constant"  # gives the same answer to everything: loses stake
    COPYCAT = "copycat"  # hands in somebody's sheet of another batch: loses stake
    CONTRARIAN = "contrarian"  # knows, and says something else: loses most
    PLAGIARIST = "plagiarist"  # copies a commitment seen on chain, cannot open it: is silent
    SILENT = "silent"  # commits and never reveals: loses most
    REAL = "real"

    @property
    def reveals(self) -> bool:
        """Whether the answers are ever revealed."""
        return self not in (Habit.PLAGIARIST, Habit.SILENT)


@dataclass(frozen=True, slots=True)
class Worker:
    """One labeler of a crowd: `skill` is the share of answers right, if made up."""

    name: str
    habit: Habit
    answers: Answers
    skill: float = 0.0

    @property
    def words(self) -> str:
        """The habit as a table shows it."""
        return f"{self.habit.value} {self.skill:.2f}" if self.skill else self.habit.value


@dataclass(frozen=True, slots=True)
class Batch:
    """Tasks with a crowd that answers them."""

    name: str
    question: Question
    tasks: tuple[object, ...]
    truth: Answers  # the true answers, None where not known
    gold: Mapping[int, int]  # gold answers by task: the truth of these is the requester's to open
    workers: tuple[Worker, ...]

    def accuracy(self, answers: Sequence[int | None]) -> float | None:
        """Share of the answered tasks with known truth answered right; None if there are none."""
        pairs = [
            (answer, truth)
            for answer, truth in zip(answers, self.truth, strict=True)
            if answer is not None and truth is not None
        ]
        return sum(answer == truth for answer, truth in pairs) / len(pairs) if pairs else None


# The cast of a made-up crowd of two dozen: habit and share of answers that are right.
CAST: Final[tuple[tuple[Habit, float], ...]] = (
    *((Habit.CAREFUL, skill) for skill in (0.95, 0.92, 0.9, 0.9, 0.88, 0.87, 0.86)),
    *((Habit.CAREFUL, skill) for skill in (0.85, 0.85, 0.84, 0.83, 0.82, 0.8, 0.8)),
    *((Habit.HASTY, skill) for skill in (0.72, 0.65)),
    *((habit, 0.0) for habit in (Habit.GUESSER, Habit.CONSTANT) for _ in range(2)),
    *((who, 0.0) for who in (Habit.COPYCAT, Habit.CONTRARIAN, Habit.PLAGIARIST, Habit.SILENT)),
)


def invent(
    name: str,
    question: Question,
    tasks: Sequence[object],
    seed: int,
    gold_tasks: int = 0,
    cast: Sequence[tuple[Habit, float]] = CAST,
    truth: Sequence[int] | None = None,
) -> Batch:
    """A batch with a made-up crowd; the same seed and name give the same batch.

    So is the `truth` (an option by task), unless it is given.
    """
    dice, kind, count = random.Random(f"{seed}/{name}"), question.kind, len(question.options)
    truth = _truth(dice, kind, count, len(tasks)) if truth is None else truth
    order = dice.sample(range(len(tasks)), len(tasks))
    gold = {task: truth[task] for task in sorted(evenly(truth, order)[:gold_tasks])}
    elsewhere = _truth(dice, kind, count, len(tasks))
    # The likeliest answer first: even that earns nothing.
    favourites = itertools.cycle(answer for answer, _ in Counter(truth).most_common())
    workers = []
    for number, who in enumerate(cast, 1):
        pairs = zip(truth, elsewhere, strict=True)
        answers = [_answer(dice, kind, count, who, right, other) for right, other in pairs]
        if who[0] is Habit.CONSTANT:
            answers = [next(favourites)] * len(tasks)
        workers.append(Worker(f"{number:02d}", who[0], tuple(answers), who[1]))
    return Batch(name, question, tuple(tasks), tuple(truth), gold, tuple(workers))


def _truth(dice: random.Random, kind: Kind, options: int, tasks: int) -> list[int]:
    """Uneven, as truth is: the first option comes most often, or the middle of a scale."""
    if kind is Kind.NOMINAL:
        weights = [options + 1 - option for option in range(options)]
    else:
        weights = [2 + min(option, options - 1 - option) for option in range(options)]
    return dice.choices(range(options), weights, k=tasks)


def _answer(
    dice: random.Random, kind: Kind, options: int, who: tuple[Habit, float], truth: int, other: int
) -> int | None:
    # Each answer takes the same number of draws, so that one labeler's habit changes no other.
    (habit, skill), is_scale = who, kind is Kind.ORDINAL
    knows, skips, guess = dice.random() < skill, dice.random() < _SKIP_SHARE, dice.random()
    anything = int(guess * options)
    if habit is Habit.GUESSER:
        return anything
    if habit is Habit.COPYCAT:
        return other
    if habit is Habit.CONTRARIAN:
        opposite = anything if anything != truth else (truth + 1) % options
        return options - 1 - truth if is_scale else opposite
    if skips:
        return None
    if knows or not skill:
        return truth
    if is_scale:
        # Who errs on a scale errs by a step.
        return truth + (1 if truth == 0 or (guess < 0.5 and truth < options - 1) else -1)
    return (truth + 1 + int(guess * (options - 1))) % options


def recorded(crowd: RecordedAnswers) -> Batch:
    """Real answers as a batch, without gold."""
    workers = tuple(Worker(name, Habit.REAL, answers) for name, answers in crowd.answers.items())
    return Batch(crowd.name, crowd.question, crowd.tasks, crowd.truth, {}, workers)


def know_or_guess(
    dice: random.Random, truth: Sequence[int], options: int, skill: float, skips: float
) -> list[int | None]:
    """One sheet: skips some tasks, knows a share of the others, and guesses the rest."""

    def answer(right: int) -> int | None:
        if dice.random() < skips:
            return None
        return right if dice.random() < skill else dice.randrange(options)

    return [answer(right) for right in truth]
