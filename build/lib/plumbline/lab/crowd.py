"""Crowds of labelers: made up from a seed, or read from real answers.

A made-up labeler has a habit. What each habit does, and what it deserves:

    careful      is right most of the time                            is to be paid
    hasty        is right less often                                  may or may not be paid
    guesser      picks any option                                     loses stake
    constant     gives the same answer to everything                  loses stake
    copycat      hands in somebody's sheet of another batch           loses stake
    contrarian   knows, and says something else                       loses most
    plagiarist   copies a commitment seen on chain, cannot open it    is silent in effect
    silent       commits and never reveals                            loses most

Nobody can copy answers of the same batch: they are secret until all have committed.
"""

import csv
import io
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json, read_text
from plumbline.settlement.terms import MAX_OPTIONS, MAX_SEATS, MAX_TASKS, MIN_SEATS, MIN_TASKS, Kind

Answers = tuple[int | None, ...]

_SKIP_SHARE: Final = 0.03  # of tasks that people leave out
_NOMINAL_KINDS: Final = frozenset({"binary", "categorical", "nominal", "choice"})
_ORDINAL_KINDS: Final = frozenset({"ordinal", "scale"})
_PREFERENCE_KINDS: Final = frozenset({"pairwise", "preference"})


class CrowdError(PlumblineError):
    """Real answers that no round can be made of."""


class Habit(StrEnum):
    """How a labeler works."""

    CAREFUL = "careful"
    HASTY = "hasty"
    GUESSER = "guesser"
    CONSTANT = "constant"
    COPYCAT = "copycat"
    CONTRARIAN = "contrarian"
    PLAGIARIST = "plagiarist"
    SILENT = "silent"
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
    """Tasks with a crowd that answers them.

    truth    the true answers, None where not known
    gold     task -> answer, the tasks whose truth the requester uses as gold
    """

    name: str
    kind: Kind
    options: tuple[str, ...]
    width: int
    tasks: tuple[object, ...]
    truth: Answers
    gold: Mapping[int, int]
    workers: tuple[Worker, ...]

    @property
    def knows_truth(self) -> bool:
        """Whether any true answer is known."""
        return any(answer is not None for answer in self.truth)

    def accuracy(self, answers: Sequence[int | None]) -> float | None:
        """Share of the answered tasks with known truth answered right; None if there are none."""
        pairs = [
            (answer, truth)
            for answer, truth in zip(answers, self.truth, strict=True)
            if answer is not None and truth is not None
        ]
        if not pairs:
            return None
        return sum(answer == truth for answer, truth in pairs) / len(pairs)


# The cast of a made-up crowd of two dozen: habit and share of answers that are right.
CAST: Final[tuple[tuple[Habit, float], ...]] = (
    *((Habit.CAREFUL, skill) for skill in (0.95, 0.92, 0.9, 0.9, 0.88, 0.87, 0.86)),
    *((Habit.CAREFUL, skill) for skill in (0.85, 0.85, 0.84, 0.83, 0.82, 0.8, 0.8)),
    (Habit.HASTY, 0.72),
    (Habit.HASTY, 0.65),
    (Habit.GUESSER, 0.0),
    (Habit.GUESSER, 0.0),
    (Habit.CONSTANT, 0.0),
    (Habit.CONSTANT, 0.0),
    (Habit.COPYCAT, 0.0),
    (Habit.CONTRARIAN, 0.0),
    (Habit.PLAGIARIST, 0.0),
    (Habit.SILENT, 0.0),
)


def invent(
    name: str,
    kind: Kind,
    options: Sequence[str],
    width: int,
    tasks: Sequence[object],
    seed: int,
    golds: int = 0,
    cast: Sequence[tuple[Habit, float]] = CAST,
) -> Batch:
    """A batch with a made-up truth and crowd; the same seed and name give the same batch."""
    dice = random.Random(f"{seed}/{name}")
    truth = _truth(dice, kind, len(options), len(tasks))
    gold = {task: truth[task] for task in sorted(dice.sample(range(len(tasks)), golds))}
    elsewhere = _truth(dice, kind, len(options), len(tasks))
    constants = 0
    workers = []
    for number, (habit, skill) in enumerate(cast):
        answers = [
            _answer(dice, kind, len(options), habit, skill, known, other)
            for known, other in zip(truth, elsewhere, strict=True)
        ]
        if habit is Habit.CONSTANT:
            # The likeliest answer first: even that earns nothing.
            favourite = Counter(truth).most_common()[constants % len(set(truth))][0]
            answers = [favourite] * len(tasks)
            constants += 1
        workers.append(Worker(f"{number + 1:02d}", habit, tuple(answers), skill))
    known_truth = tuple(truth)
    return Batch(name, kind, tuple(options), width, tuple(tasks), known_truth, gold, tuple(workers))


def _truth(dice: random.Random, kind: Kind, options: int, tasks: int) -> list[int]:
    """Uneven, as truth is: the first option comes most often, or the middle of a scale."""
    if kind is Kind.NOMINAL:
        weights = [options + 1 - option for option in range(options)]
    else:
        weights = [2 + min(option, options - 1 - option) for option in range(options)]
    return dice.choices(range(options), weights, k=tasks)


def _answer(
    dice: random.Random,
    kind: Kind,
    options: int,
    habit: Habit,
    skill: float,
    truth: int,
    elsewhere: int,
) -> int | None:
    # Each answer takes the same number of draws, so that one labeler's habit changes no other.
    knows, skips, guess = dice.random() < skill, dice.random() < _SKIP_SHARE, dice.random()
    anything = int(guess * options)
    if habit is Habit.GUESSER:
        return anything
    if habit is Habit.COPYCAT:
        return elsewhere
    if habit is Habit.CONTRARIAN:
        return _opposite(kind, options, truth, anything)
    if skips:
        return None
    if knows or not skill:
        return truth
    if kind is Kind.ORDINAL:
        # Who errs on a scale errs by a step.
        step = 1 if truth == 0 or (guess < 0.5 and truth < options - 1) else -1
        return truth + step
    return (truth + 1 + int(guess * (options - 1))) % options


def _opposite(kind: Kind, options: int, truth: int, anything: int) -> int:
    if kind is Kind.ORDINAL:
        return options - 1 - truth
    return anything if anything != truth else (truth + 1) % options


def load(folder: Path, most: int = MAX_SEATS, skip: Sequence[str] = ()) -> Batch:
    """Real answers from a folder with answers.csv, meta.json and maybe truth.csv.

    Uses the first labelers and tasks of the file, as many as a round holds. An answer that is
    no option of meta.json is taken for a skip; so are the options in `skip`.
    """
    meta = parse_json(read_text(folder / "meta.json"), str(folder / "meta.json"))
    kind, options, width = _shape(meta, folder, skip)
    index = {option: number for number, option in enumerate(options)}
    given = _table(folder / "answers.csv", ("worker", "task", "answer"))
    sheets: dict[str, dict[str, int | None]] = {}
    for worker, task, answer in given:
        sheets.setdefault(worker, {})[task] = index.get(answer)
    tasks = list(dict.fromkeys(task for _, task, _ in given))[:MAX_TASKS]
    workers = list(sheets)[: min(most, MAX_SEATS)]
    if len(workers) < MIN_SEATS or len(tasks) < MIN_TASKS:
        raise CrowdError(
            f"{folder} has {len(workers)} labelers and {len(tasks)} tasks: a round needs "
            f"{MIN_SEATS} and {MIN_TASKS}"
        )
    truth: dict[str, int | None] = {}
    if (folder / "truth.csv").exists():
        rows = _table(folder / "truth.csv", ("task", "truth"))
        truth = {task: index.get(answer) for task, answer in rows}
    crowd = tuple(
        Worker(name, Habit.REAL, tuple(sheets[name].get(task) for task in tasks))
        for name in workers
    )
    known = tuple(truth.get(task) for task in tasks)
    name = str(meta.get("name", folder.name))
    return Batch(name, kind, options, width, tuple(tasks), known, {}, crowd)


def _shape(meta: Any, folder: Path, skip: Sequence[str]) -> tuple[Kind, tuple[str, ...], int]:
    where = folder / "meta.json"
    if not isinstance(meta, dict) or not isinstance(meta.get("options"), list):
        raise CrowdError(f"{where} names no options: only answers from a list make a round")
    options = tuple(str(option) for option in meta["options"] if str(option) not in skip)
    if not 2 <= len(options) <= MAX_OPTIONS:
        raise CrowdError(f"{where} names {len(options)} options: a round has 2 to {MAX_OPTIONS}")
    kind = meta.get("kind")
    if kind in _NOMINAL_KINDS:
        return Kind.NOMINAL, options, 1
    if kind in _PREFERENCE_KINDS:
        # A tie lies between the two sides, wherever the file lists it.
        sides = [option for option in options if option.lower() != "tie"]
        ties = [option for option in options if option.lower() == "tie"]
        if len(sides) != 2 or len(ties) > 1:
            raise CrowdError(f"{where}: a preference has two sides and maybe a tie")
        ordered = (sides[0], *ties, sides[1])
        return (Kind.ORDINAL, ordered, 2) if ties else (Kind.NOMINAL, ordered, 1)
    if kind in _ORDINAL_KINDS:
        return Kind.ORDINAL, options, max(2, (len(options) + 1) // 2)
    raise CrowdError(f"{where}: answers of kind {kind!r} make no round")


def _table(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    rows = csv.DictReader(io.StringIO(read_text(path), newline=""))
    missing = set(columns) - set(rows.fieldnames or ())
    if missing:
        raise CrowdError(f"{path} lacks the column {sorted(missing)[0]}")
    table = []
    for row in rows:
        values = tuple(row[column] for column in columns)
        if None in values:
            raise CrowdError(f"{path}, line {rows.line_num}: a column is missing")
        table.append(values)
    return table
