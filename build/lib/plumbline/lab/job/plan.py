"""How large a job is, who takes which seats, and what they answer.

All of it follows from the seed. Labelers are dealt to rounds in turn, so that each takes about
the same number of seats and no two rounds seat the same people. Everybody has a skill, the share
of tasks they know; the rest they guess.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from eth_utils.crypto import keccak
from numpy.typing import NDArray

from plumbline.errors import PlumblineError
from plumbline.settlement.terms import BPS, Kind, ScoringTerms, usual_terms

PRICE: Final = 10**16  # wei, full pay of one labeler for one round
STAKE: Final = 2 * 10**16  # wei
_SKILLS: Final = (0.95, 0.9, 0.9, 0.85, 0.85, 0.8, 0.75, 0.7, 0.6, 0.0)
_SKIP: Final = -1


class JobError(PlumblineError):
    """A job that cannot be done, or was not done whole."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A job of `rounds` rounds.

    options      K, of nominal tasks
    silent_bps   share of the seats whose answers never reach anybody
    skip_bps     share of the tasks that a labeler leaves out
    is_sealed    the answers ride along with the commitments, encrypted
    """

    rounds: int = 16
    tasks: int = 256
    seats: int = 255
    labelers: int = 1_000
    options: int = 4
    silent_bps: int = 100
    skip_bps: int = 200
    is_sealed: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        """Raises JobError if there are too few labelers for a round, or one without a seat."""
        if not self.seats <= self.labelers <= self.rounds * self.seats:
            raise JobError(
                f"{self.labelers} labelers for {self.rounds} rounds of {self.seats} seats: it takes"
                f" {self.seats} to {self.rounds * self.seats}"
            )

    @property
    def terms(self) -> ScoringTerms:
        """The rules of every round."""
        return usual_terms(
            kind=Kind.NOMINAL,
            options=self.options,
            width=1,
            tasks=self.tasks,
            price=PRICE,
            stake=STAKE,
            seats=self.seats,
        )

    def secret(self, labeler: int) -> bytes:
        """The private key of a labeler, 32 bytes. Anyone can make it: for play only."""
        return keccak(text=f"labeler {labeler} of job {self.seed}")

    def seated(self, number: int) -> list[int]:
        """Who takes the seats of round `number` (from 0)."""
        dealt = np.random.default_rng(self.seed).permutation(self.labelers)
        first = number * self.seats
        places = (first + np.arange(self.seats)) % self.labelers
        return [int(labeler) for labeler in dealt[places]]

    def seats_taken(self) -> Counter[int]:
        """How many seats each labeler takes in all."""
        return Counter(labeler for number in range(self.rounds) for labeler in self.seated(number))

    def sheets(self, number: int) -> NDArray[np.int8]:
        """The answers of round `number`, seats by tasks; -1 is a skip."""
        dice = np.random.default_rng([self.seed, number])
        shape = (self.seats, self.tasks)
        # The first option comes most often, as it does in truth.
        weights = np.arange(self.options + 1, 1, -1)
        truth = dice.choice(self.options, self.tasks, p=weights / weights.sum())
        skill = np.array([_SKILLS[labeler % len(_SKILLS)] for labeler in self.seated(number)])
        knows = dice.random(shape) < skill[:, None]
        answers = np.where(knows, truth, dice.integers(self.options, size=shape))
        skips = dice.random(shape) < self.skip_bps / BPS
        return np.where(skips, _SKIP, answers).astype(np.int8)

    def silent(self, number: int) -> frozenset[int]:
        """The seats of round `number` that are never opened."""
        dice = np.random.default_rng([self.seed, number, 1])
        return frozenset(np.flatnonzero(dice.random(self.seats) < self.silent_bps / BPS).tolist())


def row(answers: Sequence[int] | NDArray[np.int8]) -> list[int | None]:
    """One labeler's answers as the library has them: None for a skip."""
    return [None if answer < 0 else answer for answer in np.asarray(answers).tolist()]
