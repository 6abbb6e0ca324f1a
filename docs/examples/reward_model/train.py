"""Reward models: what they learn from, labeled in three ways, and how often they are right."""

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from campaign import Outcome, Pair

Floats = npt.NDArray[np.float64]
Row = Mapping[str, Any]

FEATURES: Final = 512  # words are hashed into so many
PENALTY: Final = 1.0  # on the squares of weights
STEPS: Final = 12  # of Newton's method

PLURALITY, LABELS, TRUTH = "plurality over everybody", "Plumbline's labels", "the truth"


@dataclass(frozen=True, slots=True)
class Lesson:
    """Which of two texts is the better one, as somebody says."""

    chosen: str
    rejected: str
    is_right: bool


# ---------------------------------------------------------------- three ways to label


def plurality(outcome: Outcome) -> list[Lesson]:
    """A job without stakes and gold tasks: all answers count alike, and all are paid.

    It asks about as many pairs as that pays for. Where votes are even there is no label.
    """
    lessons = []
    budget = float(outcome.spent)
    for row in rows_of(outcome.folder / "data" / "labels-train.parquet"):
        budget -= outcome.price * len(row["answers"])
        if budget < 0:
            break
        votes = Counter(answer["answer"] for answer in row["answers"])
        if votes["A"] != votes["B"]:
            lessons.append(lesson(outcome.pairs[row["id"]], int(votes["B"] > votes["A"])))
    return lessons


def labels(outcome: Outcome) -> list[Lesson]:
    """The rows for TRL's reward trainer, without gold tasks: these were known before."""
    given = rows_of(outcome.folder / "data" / "labels-train.parquet")
    known = {row["id"] for row in given if row["is_gold"]}
    lessons = []
    for row in rows_of(outcome.folder / "data" / "reward-train.parquet"):
        if row["id"] not in known:
            pair = outcome.pairs[row["id"]]
            better = pair.b if pair.truth else pair.a
            lessons.append(Lesson(row["chosen"], row["rejected"], row["chosen"] == better))
    return lessons


def truth(outcome: Outcome) -> list[Lesson]:
    """The same pairs as `labels`, without a mistake."""
    given = rows_of(outcome.folder / "data" / "labels-train.parquet")
    asked = [outcome.pairs[row["id"]] for row in given if not row["is_gold"]]
    return [lesson(pair, pair.truth) for pair in asked]


def lesson(pair: Pair, option: int) -> Lesson:
    chosen, rejected = (pair.b, pair.a) if option else (pair.a, pair.b)
    return Lesson(chosen, rejected, option == pair.truth)


def rows_of(path: Path) -> list[Row]:
    found: list[Row] = pq.read_table(path).to_pylist()
    return found


WAYS: Final = {PLURALITY: plurality, LABELS: labels, TRUTH: truth}

# ---------------------------------------------------------------- the reward model


def features(text: str) -> Floats:
    """How often each hashed word stands in a text."""
    places = [zlib.crc32(word.encode()) % FEATURES for word in text.split()]
    return np.bincount(places, minlength=FEATURES).astype(np.float64)


def train(lessons: Sequence[Lesson]) -> Floats:
    """The weights of a linear reward under which what was chosen is likeliest (Bradley-Terry)."""
    gaps = np.array([features(one.chosen) - features(one.rejected) for one in lessons])
    weights = np.zeros(FEATURES)
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-gaps @ weights))
        slope = gaps.T @ (1 - chance) - PENALTY * weights
        bend = (gaps.T * (chance * (1 - chance))) @ gaps + PENALTY * np.eye(FEATURES)
        weights += np.linalg.solve(bend, slope)
    return weights


def accuracy(weights: Floats, pairs: Sequence[Pair]) -> float:
    """The share of pairs whose better reply has the higher reward."""
    gaps = np.array([features(pair.b) - features(pair.a) for pair in pairs]) @ weights
    return float(np.mean((gaps > 0) == [pair.truth == 1 for pair in pairs]))
