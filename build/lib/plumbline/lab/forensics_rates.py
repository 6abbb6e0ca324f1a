"""How often forensics misleads, and how often it finds: measured on crowds whose story is known.

Honest crowds are made up so that tasks differ as real tasks do: each has a difficulty, and with
more than two options a trap of its own, so that honest labelers err together. Groups hand in a
random sheet, or copy one of them with noise, or the inverse of one, or tell agreed lies about
some tasks. Of real crowds some labelers are taken, as they are and with copies planted. Shares
come with 95% confidence intervals (Wilson, 1927). `plumbline audit forensics --measure` prints it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from plumbline.forensics.groups import search
from plumbline.forensics.model import Answers
from plumbline.lab.intervals import Share

Dice = np.random.Generator

SIZES: Final = (10, 20, 40, 60)  # labelers
TASKS: Final = (64, 128, 256)
OPTIONS: Final = (2, 3, 5)
SHARES: Final = (0.1, 0.25, 0.4)  # of the labelers, at least two
_NOISE: Final = 0.1  # of a copy's answers that are drawn anew
_LIES: Final = 0.2  # of the tasks that a group lies about


@dataclass(frozen=True, slots=True)
class Line:
    """Rounds of one story: `found` half or more of the group, `wrong` named somebody honest."""

    story: str
    found: Share | None
    wrong: Share


def honest(dice: Dice, labelers: int, tasks: int, options: int) -> tuple[Answers, Answers]:
    """Answers and truth of a crowd that works alone.

    Accuracies on a task of middling difficulty are 0.6 to 0.9; the log-odds of being right vary
    by 1 (standard deviation) from task to task. Who errs falls for the task's trap.
    """
    truth = dice.integers(options, size=tasks)
    skill = dice.uniform(0.6, 0.9, size=labelers)
    odds = np.log(skill / (1 - skill))[:, None] - dice.normal(0, 1, size=tasks)[None]
    right = dice.random((labelers, tasks)) < 1 / (1 + np.exp(-odds))
    traps = dice.dirichlet(np.full(options - 1, 0.7), size=tasks).cumsum(axis=1)
    error = (dice.random((labelers, tasks, 1)) > traps[None, :, :-1]).sum(axis=2)
    wrong = (truth + 1 + error) % options
    answers: Answers = np.where(right, truth, wrong)
    answers[dice.random((labelers, tasks)) < 0.03] = -1
    return answers, truth


def _noisy(dice: Dice, sheet: Answers, options: int, noise: float) -> Answers:
    drawn = dice.integers(options, size=len(sheet))
    found: Answers = np.where(dice.random(len(sheet)) < noise, drawn, sheet)
    return found


def _random_sheet(dice: Dice, answers: Answers, truth: Answers, size: int, options: int) -> None:
    answers[:size] = dice.integers(options, size=len(truth))


def _copies(dice: Dice, answers: Answers, truth: Answers, size: int, options: int) -> None:
    for one in range(1, size):
        answers[one] = _noisy(dice, answers[0], options, _NOISE)


def _inverse(dice: Dice, answers: Answers, truth: Answers, size: int, options: int) -> None:
    sheet = np.where(answers[0] < 0, -1, (answers[0] + 1) % options)
    for one in range(size):
        answers[one] = _noisy(dice, sheet, options, _NOISE / 2)


def _lies(dice: Dice, answers: Answers, truth: Answers, size: int, options: int) -> None:
    about = dice.random(len(truth)) < _LIES
    answers[:size] = np.where(about, (truth + 1) % options, answers[:size])


STORIES: Final[dict[str, Callable[[Dice, Answers, Answers, int, int], None]]] = {
    "one random sheet": _random_sheet,
    "copies with noise": _copies,
    "inverse of one": _inverse,
    "targeted lies": _lies,
}


def honest_rounds(dice: Dice, rounds: int, alpha: float = 0.01) -> Iterator[Line]:
    """False alarms of crowds that work alone, of every size: four times the rounds, being rare."""
    rounds *= 4
    for options in OPTIONS:
        for labelers in SIZES:
            wrong = 0
            for number in range(rounds):
                answers, _ = honest(dice, labelers, TASKS[number % len(TASKS)], options)
                wrong += bool(search(answers, options, alpha).groups)
            yield Line(f"K={options} N={labelers}", None, Share(wrong, rounds))


def bent_rounds(dice: Dice, rounds: int, alpha: float = 0.01) -> Iterator[Line]:
    """Groups of every story, size of batch and share of the crowd; N 10 to 60 and K 2 to 5."""
    for story, bend in STORIES.items():
        for tasks in (64, 256):
            for share in SHARES:
                found = wrong = 0
                for number in range(rounds):
                    labelers = SIZES[number % len(SIZES)]
                    options = OPTIONS[number // len(SIZES) % len(OPTIONS)]
                    answers, truth = honest(dice, labelers, tasks, options)
                    size = max(2, round(share * labelers))
                    bend(dice, answers, truth, size, options)
                    hit, miss = _judged(answers, options, size, alpha)
                    found += hit
                    wrong += miss
                name = f"{story}, T={tasks}, {share:.0%}"
                yield Line(name, Share(found, rounds), Share(wrong, rounds))


def real_rounds(
    dice: Dice, name: str, crowd: Answers, options: int, rounds: int, alpha: float = 0.01
) -> Iterator[Line]:
    """A real crowd: some of its labelers, as they are and with copies planted.

    The draws overlap, so the intervals are too narrow: they are about this crowd.
    """
    for labelers in (10, 20, 40):
        if labelers >= len(crowd):
            break
        wrong = 0
        for _ in range(4 * rounds):
            wrong += bool(search(_some(dice, crowd, labelers), options, alpha).groups)
        yield Line(f"{name}, N={labelers}, as it is", None, Share(wrong, 4 * rounds))
        for size in sorted({max(2, round(share * labelers)) for share in SHARES}):
            found = named = 0
            for _ in range(rounds):
                answers = _some(dice, crowd, labelers)
                _copies(dice, answers, answers[0], size, options)
                hit, miss = _judged(answers, options, size, alpha)
                found += hit
                named += miss
            story = f"{name}, N={labelers}, {size} copies"
            yield Line(story, Share(found, rounds), Share(named, rounds))


def _some(dice: Dice, crowd: Answers, labelers: int) -> Answers:
    rows: npt.NDArray[np.int64] = dice.choice(len(crowd), labelers, replace=False)
    return crowd[rows]


def _judged(answers: Answers, options: int, size: int, alpha: float) -> tuple[bool, bool]:
    """Whether half of the first `size` rows were named, and whether any other was."""
    named = {one for group in search(answers, options, alpha).groups for one in group.members}
    return 2 * len(named & set(range(size))) >= size, bool(named - set(range(size)))


def table(title: str, lines: list[Line]) -> str:
    """Lines as a Markdown table."""
    has_found = any(line.found for line in lines)
    head = f"| {title} |" + (" found |" if has_found else "") + " somebody honest named |"
    rows = [head, "|---" * (3 if has_found else 2) + "|"]
    for line in lines:
        found = f" {line.found or '-'} |" if has_found else ""
        rows.append(f"| {line.story} |{found} {line.wrong} |")
    return "\n".join(rows)


def total(lines: list[Line], story: str) -> Line:
    """All lines together."""
    wrong = Share(sum(line.wrong.hits for line in lines), sum(line.wrong.rounds for line in lines))
    return Line(story, None, wrong)
