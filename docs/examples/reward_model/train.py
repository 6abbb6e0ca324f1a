"""What label quality is worth: reward models from the same money, labeled in two ways.

python docs/examples/reward_model/train.py
"""

import argparse
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from campaign import Crowd, Job, Outcome, Pair, fresh_pairs, local_chain, play

from plumbline.lab.crowds import CAST, Habit
from plumbline.lab.play import Stage
from plumbline.planning.intervals import Mean

Floats = npt.NDArray[np.float64]
Row = Mapping[str, Any]

FEATURES: Final = 512  # words are hashed into so many
PENALTY: Final = 1.0  # on the squares of weights
STEPS: Final = 12  # of Newton's method
TEST_PAIRS: Final = 2_000

HONEST: Final = tuple(who for who in CAST if who[0] in (Habit.CAREFUL, Habit.HASTY))
CROWDS: Final[Mapping[str, Crowd]] = {
    "careful and hasty people": HONEST,
    "the demo's crowd": CAST,
    "as many guessers again": (*CAST, *((Habit.GUESSER, 0.0),) * 12),
}
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


# ---------------------------------------------------------------- the comparison


def compare(
    stage: Stage, crowd: Crowd, job: Job, seeds: int, folder: Path
) -> dict[str, list[Floats]]:
    """By way of labeling, for each seed: pairs, share of right labels, test accuracy."""
    found: dict[str, list[Floats]] = {name: [] for name in WAYS}
    for seed in range(seeds):
        outcome = play(stage, crowd, job, seed, folder / str(seed))
        tests = fresh_pairs(seed, TEST_PAIRS)
        for name, way in WAYS.items():
            lessons = way(outcome)
            right = float(np.mean([one.is_right for one in lessons]))
            found[name].append(np.array([len(lessons), right, accuracy(train(lessons), tests)]))
    return found


def show(title: str, found: Mapping[str, Sequence[Floats]]) -> None:
    print(f"\n{title}\n{'':26} {'pairs':>6} {'labels right':>16} {'test accuracy':>16}")
    for name, rows in found.items():
        pairs, right, test = np.array(rows).T
        print(f"{name:26} {pairs.mean():6.0f} {Mean.of(right)!s:>16} {Mean.of(test)!s:>16}")
    gain = np.array(found[LABELS])[:, 2] - np.array(found[PLURALITY])[:, 2]
    print(f"{'gain over plurality':26} {'':6} {'':16} {Mean.of(gain)!s:>16}")


def main() -> None:
    parser = argparse.ArgumentParser(description="What label quality is worth to a reward model.")
    parser.add_argument("--seeds", type=int, default=10, help="campaigns with each crowd")
    parser.add_argument("--rounds", type=int, default=6, help="of a campaign")
    parser.add_argument("--tasks", type=int, default=96, help="of a round, 24 of them gold tasks")
    parser.add_argument("--seats", type=int, default=5, help="of a round")
    given = parser.parse_args()
    if given.seeds < 2:
        parser.error("--seeds must be 2 or more: one campaign has no interval")
    job, began = Job(given.rounds, given.tasks, given.seats), time.monotonic()
    print(
        f"{given.seeds} campaigns of {job.rounds} rounds with each crowd; {job.tasks} tasks and "
        f"{job.seats} seats a round; 95% intervals"
    )
    most = max(map(len, CROWDS.values()))
    with tempfile.TemporaryDirectory() as folder, local_chain(most) as stage:
        for title, crowd in CROWDS.items():
            found = compare(stage, crowd, job, given.seeds, Path(folder) / title)
            show(f"{title}, {len(crowd)} people", found)
    print(f"\n{time.monotonic() - began:.0f} seconds")


if __name__ == "__main__":
    main()
