"""How large a job is, who takes which seats, what they answer, and what they sign.

All of it follows from the seed. Labelers are dealt to rounds in turn, so that each takes about
the same number of seats and no two rounds seat the same people. Everybody has a skill, the share
of tasks they know; the rest they guess.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from plumbline.errors import PlumblineError
from plumbline.lab.worlds import SKIP, Answers, Chances, Dice, Row
from plumbline.labeler.consents import Consent
from plumbline.labeler.delegated_reveals import DelegatedReveal
from plumbline.protocol import master_key
from plumbline.protocol.commitment import commitment, sign
from plumbline.protocol.master_key import MasterKey
from plumbline.protocol.sealing import seal
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import BPS, Kind, ScoringTerms, usual_terms

PRICE: Final = 10**16  # wei, full pay of one labeler for one round
STAKE: Final = 2 * 10**16  # wei
_SKILLS: Final = (0.95, 0.9, 0.9, 0.85, 0.85, 0.8, 0.75, 0.7, 0.6, 0.0)


class JobError(PlumblineError):
    """A job that cannot be done, or was not done whole."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A job of `rounds` rounds."""

    rounds: int = 16
    tasks: int = 256
    seats: int = 255
    labelers: int = 1_000
    options: int = 4  # K, of nominal tasks
    silent_bps: int = 100  # share of the seats whose answers never reach anybody
    skip_bps: int = 200  # share of the tasks that a labeler leaves out
    is_sealed: bool = False  # the answers ride along with the commitments, encrypted
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
        shape = (Kind.NOMINAL, self.options, 1, self.tasks)
        return usual_terms(*shape, price=PRICE, stake=STAKE, seats=self.seats, gold_count=0)

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

    def sheets(self, number: int) -> Answers:
        """The answers of round `number`, seats by tasks; -1 is a skip."""
        dice = np.random.default_rng([self.seed, number])
        skill = np.array([_SKILLS[labeler % len(_SKILLS)] for labeler in self.seated(number)])
        return skilled_crowd(dice, skill, self.tasks, self.options, self.skip_bps / BPS)

    def silent(self, number: int) -> frozenset[int]:
        """The seats of round `number` that are never opened."""
        dice = np.random.default_rng([self.seed, number, 1])
        return frozenset(np.flatnonzero(dice.random(self.seats) < self.silent_bps / BPS).tolist())


def row(answers: Row) -> list[int | None]:
    """One labeler's answers as the library has them: None for a skip."""
    return [None if answer < 0 else answer for answer in answers.tolist()]


@dataclass(frozen=True, slots=True)
class JobLabeler:
    """A key, and what its secrets in one deployment come from."""

    account: LocalAccount
    master: MasterKey

    @property
    def address(self) -> str:
        """Whose seats they are."""
        return str(self.account.address)


def labeler_of(plan: Plan, number: int, deployed: Deployed) -> JobLabeler:
    """A labeler of the plan, with the master key that the wallet's signature makes."""
    account: LocalAccount = Account.from_key(plan.secret(number))
    address = str(account.address)
    signature = account.sign_message(master_key.message(deployed, address)).signature
    return JobLabeler(account, master_key.from_signature(deployed, address, bytes(signature)))


def answer_round(
    plan: Plan,
    number: int,
    round_id: int,
    labelers: Sequence[JobLabeler],
    deployed: Deployed,
    genesis: bytes,
) -> list[tuple[Consent, DelegatedReveal]]:
    """What those who take the seats of round `number` sign, and what a keeper is given later."""
    options, stake = plan.options, plan.terms.stake
    signatures = []
    for seat, answers in zip(plan.seated(number), map(row, plan.sheets(number)), strict=True):
        labeler = labelers[seat]
        address, sheet = labeler.address, pack(answers, options)
        salt = labeler.master.salt(round_id, sheet)
        digest = commitment(deployed.domain, round_id, address, sheet, salt)
        sealed = b""
        if plan.is_sealed:
            sealed = seal(labeler.master, deployed, round_id, address, answers, options)
        signed = sign(labeler.account, deployed, round_id, stake, digest, sealed)
        signature = signed.r + signed.vs.to_bytes(32, "big")
        where = (deployed, round_id, address, stake, digest)
        consent = Consent(*where, sealed, evidence=(), signature=signature, is_wallet=False)
        secret = (options, tuple(answers), salt, digest)
        signatures.append((consent, DelegatedReveal(deployed, genesis, round_id, address, *secret)))
    return signatures


def skilled_crowd(dice: Dice, skill: Chances, tasks: int, options: int, skips: float) -> Answers:
    """Answers of labelers who know a share of the tasks, guess the others, and leave some out."""
    # The first option comes most often, as it does in truth.
    weights = np.arange(options + 1, 1, -1)
    truth = dice.choice(options, tasks, p=weights / weights.sum())
    shape = (len(skill), tasks)
    knows = dice.random(shape) < skill[:, None]
    answers = np.where(knows, truth, dice.integers(options, size=shape))
    return np.where(dice.random(shape) < skips, SKIP, answers)
