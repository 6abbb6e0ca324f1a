"""Rounds, seats and accounts as the contract keeps them, as records.

Amounts are in the smallest unit of the asset (wei), times in unix seconds.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from enum import IntEnum
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.settlement import Mode, Settlement
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import Kind, ScoringTerms


class Phase(IntEnum):
    """The phases of a round."""

    ABSENT = 0
    COMMIT = 1
    REVEAL = 2
    GOLD = 3
    DUE = 4
    CLOSED = 5

    @property
    def label(self) -> str:
        """The lower-case name."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When phases end at the latest, unix seconds; `gold` is 0 in a round without gold.

    Half-open: an action is in time at t < deadline.
    """

    commit: int
    reveal: int
    gold: int

    @property
    def last(self) -> int:
        """When the round should be over, and from which its expiry counts."""
        return max(self.reveal, self.gold)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a round was judged to be.

    mode           0 void, 1 peer, 2 gold: see settlement.Mode
    crowd_kappa    the crowd's agreement with itself, ppm
    bar            kappa that earns the full price, ppm
    usable_gold    plane of the gold tasks, if they are credible; else empty
    decided        plane of the tasks with any vote that counts
    contested      of these, plane of the tasks too close to count for everyone
    consensus      the crowd's answers, four planes of binary digits
    """

    mode: int
    crowd_kappa: int
    bar: int
    usable_gold: int
    decided: int
    contested: int
    consensus: tuple[int, int, int, int]

    @property
    def mode_label(self) -> str:
        """void, peer or gold; the number itself if no contract of ours could have said it."""
        return next((mode.label for mode in Mode if mode == self.mode), str(self.mode))

    def gold_withheld(self, rules: ScoringTerms) -> bool:
        """Whether a round on these terms promised gold answers and none credible were opened."""
        return rules.has_gold and not self.usable_gold

    def hash(self, tasks_root: bytes, payroll: bytes) -> bytes:
        """What the contract keeps of a verdict on these tasks, 32 bytes."""
        types = ["bytes32"] + ["uint256"] * 6 + ["uint256[4]", "bytes32"]
        return keccak(encode(types, [tasks_root, *astuple(self), payroll]))

    @classmethod
    def of(cls, settlement: Settlement, options: int) -> "Verdict":
        """The verdict that the contract should reach: that of a settlement, on planes."""
        decided, *digits = pack(settlement.consensus, options)
        return cls(
            mode=int(settlement.mode),
            crowd_kappa=settlement.crowd_kappa_ppm,
            bar=settlement.bar_ppm,
            usable_gold=sum(1 << task for task in settlement.usable_gold),
            decided=decided,
            contested=sum(1 << task for task in settlement.contested),
            consensus=(digits[0], digits[1], digits[2], digits[3]),
        )


@dataclass(frozen=True, slots=True)
class RoundState:
    """A round in storage.

    committed    seats taken
    revealed     of these, opened
    gone         of these, leaked or forfeited
    roll         running hash, from the tasks' root on, of what was revealed; once closed the
                 hash of root, verdict and payroll, once expired zero
    """

    requester: str
    rules: ScoringTerms
    deadlines: Deadlines
    gold_root: bytes
    admission: str
    committed: int
    revealed: int
    gone: int
    roll: bytes
    is_closed: bool

    def phase_at(self, timestamp: int) -> Phase:
        """The phase at a time in unix seconds."""
        if self.is_closed:
            return Phase.CLOSED
        if timestamp < self.deadlines.commit and self.committed < self.rules.seats:
            return Phase.COMMIT
        if timestamp < self.deadlines.reveal and self.awaited:
            return Phase.REVEAL
        return Phase.GOLD if timestamp < self.deadlines.gold else Phase.DUE

    @property
    def has_gold(self) -> bool:
        """Whether gold answers are committed to."""
        return self.gold_root != EMPTY_HASH

    @property
    def awaited(self) -> int:
        """How many commitments are neither revealed nor gone."""
        return self.committed - self.revealed - self.gone


@dataclass(frozen=True, slots=True)
class Account:
    """Balances and record of an address.

    free, locked     wei; locked are the stakes of all seats held
    rounds           rounds that ended for the labeler, however they did
    near, outlier    of these
    unrevealed       of these, silent or leaked
    kappa            moving average over scored rounds, bps
    opened, void     rounds opened as a requester, and of these void or expired

    Counts are halved together when the first of them is full.
    """

    free: int = 0
    locked: int = 0
    rounds: int = 0
    near: int = 0
    outlier: int = 0
    unrevealed: int = 0
    kappa: int = 0
    opened: int = 0
    void: int = 0


@dataclass(frozen=True, slots=True)
class Seat:
    """What a seat holds: a commitment that is not revealed yet (else 32 zero bytes)."""

    commitment: bytes
    leaked: bool

    @property
    def is_empty(self) -> bool:
        """Never taken, revealed or forfeited."""
        return self.commitment == EMPTY_HASH and not self.leaked


def rules_from(values: Sequence[int]) -> ScoringTerms:
    """Rules in the order of the contract's struct."""
    return ScoringTerms(Kind(values[0]), *values[1:])


def rules_tuple(rules: ScoringTerms) -> tuple[int, ...]:
    """The inverse of `rules_from`."""
    return tuple(int(value) for value in astuple(rules))


def verdict_from(values: Sequence[Any]) -> Verdict:
    """A verdict in the order of the contract's struct."""
    mode, crowd_kappa, bar, usable_gold, decided, contested, consensus = values
    return Verdict(mode, crowd_kappa, bar, usable_gold, decided, contested, tuple(consensus))


def verdict_tuple(verdict: Verdict) -> tuple[Any, ...]:
    """The inverse of `verdict_from`."""
    return astuple(verdict)
