"""What label quality is worth: reward models from the same money, labeled in different ways.

python docs/examples/reward_model/compare.py
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from campaign import Crowd, Job, fresh_pairs, play
from train import LABELS, PLURALITY, WAYS, Floats, accuracy, train
from web3 import HTTPProvider, Web3

from plumbline.chain.node import Node
from plumbline.cli.anvil import own_anvil
from plumbline.cli.lab.stage import set_up
from plumbline.lab.crowds import CAST, Habit
from plumbline.lab.play import Stage
from plumbline.planning.intervals import Mean
from plumbline.units import ETHER

TEST_PAIRS: Final = 2_000

HONEST: Final = tuple(who for who in CAST if who[0] in (Habit.CAREFUL, Habit.HASTY))
CROWDS: Final[Mapping[str, Crowd]] = {
    "careful and hasty people": HONEST,
    "the demo's crowd": CAST,
    "as many guessers again": (*CAST, *((Habit.GUESSER, 0.0),) * 12),
}


@contextmanager
def local_chain(people: int) -> Iterator[Stage]:
    """A chain with the contracts on it, and the accounts of a requester, a relayer and people."""
    with own_anvil() as url:
        stage = set_up(Node.of(Web3(HTTPProvider(url)), is_throwaway=True), 2 + people)
        for account in stage.keys:
            stage.send(account, stage.client.deposit(1_000 * 10**ETHER.decimals))
        yield stage


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
        f"With each crowd {given.seeds} campaigns; rounds of each: {job.rounds}, tasks of a round: "
        f"{job.tasks}, seats: {job.seats}; 95% intervals"
    )
    most = max(map(len, CROWDS.values()))
    with tempfile.TemporaryDirectory() as folder, local_chain(most) as stage:
        for title, crowd in CROWDS.items():
            found = compare(stage, crowd, job, given.seeds, Path(folder) / title)
            show(f"{title} ({len(crowd)})", found)
    print(f"\n{time.monotonic() - began:.0f} seconds")


if __name__ == "__main__":
    main()
