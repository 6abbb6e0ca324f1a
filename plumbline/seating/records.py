"""A pool and its units as the contract keeps them, as records. See modules/pool.vy.

Amounts are in the smallest unit of the asset (wei), times in unix seconds, epochs in days since
1970.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plumbline.protocol.addresses import ZERO, checksum


@dataclass(frozen=True, slots=True)
class PoolUnit:
    """One bond of a member.

    owner      None for a number that is free, or was never given out
    joined     epoch
    left       when it left; None for a member
    strikes    for absence
    struck     when the last one was; None if there was none
    """

    owner: str | None
    joined: int
    left: int | None = None
    strikes: int = 0
    struck: int | None = None

    @property
    def is_member(self) -> bool:
        """Whether it is in later draws, once it is ripe."""
        return self.owner is not None and self.left is None


@dataclass(frozen=True, slots=True)
class PoolState:
    """What is known of all units.

    units            numbers that were ever given out
    middle, ripe     of these, those given out before the current epoch, and before the last one
    holes            ripe numbers that have no ripe unit
    filled           holes that were filled in this epoch; filled_before: in the last one
    epoch            the current one
    draws            made so far
    freed            the number that was freed last, plus one; 0 if none is free
    """

    units: int
    middle: int
    ripe: int
    holes: int
    filled: int
    filled_before: int
    epoch: int
    draws: int
    freed: int

    @property
    def drawable(self) -> int:
        """Units that a draw would shuffle, without the holes."""
        return self.ripe - self.holes


@dataclass(frozen=True, slots=True)
class PoolTerms:
    """What never changes in a pool.

    label_rounds   the deployment whose seats are drawn
    gate           policy asked about whoever joins, or the zero address
    bond           of a unit
    most_stake     that a round may ask
    least_price    that a round pays for each task
    seed_delay     blocks from a draw to its seed
    """

    label_rounds: str
    gate: str
    bond: int
    most_stake: int
    least_price: int
    seed_delay: int

    @property
    def has_gate(self) -> bool:
        """Whether a policy is asked about whoever joins."""
        return self.gate != ZERO


def unit_from(values: Sequence[Any]) -> PoolUnit:
    """A unit in the order of the contract's struct."""
    owner, joined, left, strikes, struck = values
    if checksum(owner) == ZERO:
        return PoolUnit(None, 0)
    return PoolUnit(checksum(owner), joined, left or None, strikes, struck or None)
