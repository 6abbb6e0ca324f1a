"""A draw of SeatDraw: its terms, and what follows from them.

Written from the rule, not from the contract. Times are unix seconds. A draw is for some rounds
of one requester, in order. All units that were ripe when it was drawn are shuffled once for each
layer of rounds. Each round of a layer lists an equal piece: the first `seats` ranks are drawn, the
next `standby` ranks stand by.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from plumbline.seating.permutation import Permutation
from plumbline.seating.records import PoolUnit

EPOCH: Final = 86_400  # seconds
RIPENING: Final = 2  # epochs from joining to being ripe
SPAN: Final = 128  # numbers of rounds that a draw may span
STANDBY: Final = 2  # ranks that stand by for each seat
MAX_STANDBY: Final = 4_095
MIN_WINDOW: Final = 6 * 3_600  # seconds from a draw to the commit deadline of each round
MAX_WINDOW: Final = 14 * 86_400
FAIR_WINDOW: Final = 3 * 3_600  # seconds from the capture on, in shorter ones absence is excused
STRIKES: Final = 5  # the last one ends a membership
RESPITE: Final = 86_400  # seconds from a strike to the next
FEE_BPS: Final = 100  # of the escrow

_BPS: Final = 10_000
_BEGIN: Final = 55  # percent of the window after which those who stand by are admitted
_END: Final = 95


class RefusalReason(IntEnum):
    """Why a seat is refused, as the contract numbers it."""

    ADMITTED = 0
    NOT_COMMITTING = 1
    NO_DRAW = 2
    OTHER_ROUNDS = 3
    NOT_OWNER = 4
    TOO_YOUNG = 5
    HAD_LEFT = 6
    NO_SEED = 7
    NOT_LISTED = 8
    STANDING_BY = 9
    TOO_FAR_BACK = 10


@dataclass(frozen=True, slots=True)
class DrawRefusal:
    """Whether a seat is refused.

    until    from when on it is not any more, or since when it is not, unix seconds; None if no time
             can be named
    rank     of the unit in the list of the round, from 0; None if it has none
    """

    reason: RefusalReason
    until: int | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw.

    number       as it is counted in its pool
    rounds       their numbers, ascending
    n            numbers of units that were ripe, holes with them
    frozen       when it was drawn
    seed_block   the number of the block whose mix is the seed
    window       seconds from the draw to the first commit deadline
    seats        of each round
    layer        rounds that share a shuffle, in which no unit is listed twice
    standby      ranks that stand by in each round
    is_liable    whether absence can be reported: the rounds ask no other policy
    captured     when the seed was captured; None before
    seed         128 bits; None before
    """

    number: int
    rounds: tuple[int, ...]
    n: int
    frozen: int
    seed_block: int
    window: int
    seats: int
    layer: int
    standby: int
    is_liable: bool
    captured: int | None = None
    seed: int | None = None

    @property
    def load(self) -> int:
        """How many rounds list a unit at most."""
        return -(-len(self.rounds) // self.layer)

    @property
    def length(self) -> int:
        """How many units each round lists."""
        return self.n // self.layer

    @property
    def ends(self) -> int:
        """The first commit deadline of its rounds."""
        return self.frozen + self.window

    def has(self, unit: PoolUnit) -> bool:
        """Whether a unit was ripe and had not left when it was drawn."""
        return self._is_ripe(unit) and not self._had_left(unit)

    def rank(self, round_id: int, unit: int) -> int | None:
        """The rank of a unit in the list of a round, from 0; None if it is not listed there.

        Raises ValueError for another round, without a seed, or for a unit that was not ripe.
        """
        permutation, start = self._list(round_id)
        rank = permutation.position(unit) - start
        return rank if 0 <= rank < self.length else None

    def unit_at(self, round_id: int, rank: int) -> int:
        """The unit of a rank, the inverse. Raises ValueError for a rank that is not in the list."""
        permutation, start = self._list(round_id)
        if not 0 <= rank < self.length:
            raise ValueError(f"rank {rank} is not in 0..{self.length - 1}")
        return permutation.unit_at(start + rank)

    def opens(self, rank: int) -> int | None:
        """From when on a rank is admitted; None if it never is. Raises ValueError without seed."""
        captured, _ = self._drawn()
        if rank < self.seats:
            return captured
        turn = rank - self.seats + 1
        if turn > self.standby:
            return None
        length = self.ends - captured
        begin = length * _BEGIN // 100
        rise = length * _END // 100 - begin
        return captured + begin + -(-turn * rise // self.standby)

    def admitted_ranks(self, time: int) -> int:
        """How many ranks are admitted at a time, from the best on."""
        count = 0
        while (opens := self.opens(count)) is not None and opens <= time:
            count += 1
        return count

    def reported_from(self) -> int:
        """From when on absence can be reported. Raises ValueError without a seed."""
        captured, _ = self._drawn()
        return captured + (self.ends - captured) // 2

    def refusal(
        self, round_id: int, owner: str, number: int, unit: PoolUnit, time: int
    ) -> DrawRefusal:
        """Whether `owner` is refused a seat with a unit at a time, while the round takes
        commitments, and why.
        """
        if unit.owner is None or unit.owner != owner:
            return DrawRefusal(RefusalReason.NOT_OWNER)
        if round_id not in self.rounds:
            return DrawRefusal(RefusalReason.OTHER_ROUNDS)
        if not self._is_ripe(unit):
            return DrawRefusal(RefusalReason.TOO_YOUNG)
        if self._had_left(unit):
            return DrawRefusal(RefusalReason.HAD_LEFT)
        if self.seed is None:
            return DrawRefusal(RefusalReason.NO_SEED)
        rank = self.rank(round_id, number)
        if rank is None:
            return DrawRefusal(RefusalReason.NOT_LISTED)
        opens = self.opens(rank)
        if opens is None:
            return DrawRefusal(RefusalReason.TOO_FAR_BACK, rank=rank)
        reason = RefusalReason.STANDING_BY if time < opens else RefusalReason.ADMITTED
        return DrawRefusal(reason, opens, rank)

    def evidence(self, unit: int) -> tuple[bytes, ...]:
        """What the policy wants to see of a unit: one word."""
        return ((self.number << 128 | unit).to_bytes(32),)

    def _is_ripe(self, unit: PoolUnit) -> bool:
        return unit.joined + RIPENING <= self.frozen // EPOCH

    def _had_left(self, unit: PoolUnit) -> bool:
        return unit.left is not None and unit.left <= self.frozen

    def _drawn(self) -> tuple[int, int]:
        if self.captured is None or self.seed is None:
            raise ValueError(f"draw {self.number} has no seed yet")
        return self.captured, self.seed

    def _list(self, round_id: int) -> tuple[Permutation, int]:
        """The shuffle that a round's list is from, and the position where it begins."""
        _, seed = self._drawn()
        layer, place = divmod(self.rounds.index(round_id), self.layer)
        return Permutation(self.n, seed, layer), place * self.length


@dataclass(frozen=True, slots=True)
class PlannedDraw:
    """What would be drawn.

    rounds    their numbers, ascending
    seats     of each
    load      how many rounds list a unit at most, from 1 to the number of rounds
    """

    rounds: tuple[int, ...]
    seats: int
    load: int

    @property
    def layer(self) -> int:
        """Rounds that share a shuffle."""
        return -(-len(self.rounds) // self.load)

    def standby(self, n: int, holes: int) -> int:
        """Ranks that stand by in each round: more where some are holes, and come to nothing."""
        return min(STANDBY * self.seats * n // (n - holes), MAX_STANDBY)

    @property
    def needed(self) -> int:
        """Units that the pool has to have, ripe and without the holes."""
        return (1 + STANDBY) * self.seats * self.layer


def fee(escrow: int) -> int:
    """What a draw for rounds with this escrow costs, smallest unit."""
    return -(-escrow * FEE_BPS // _BPS)
