"""Where the money of rounds came from and went to, from events alone."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass

from plumbline.history.movements import MovementKind, escrow, movements
from plumbline.history.rounds import RoundHistory


@dataclass(frozen=True, slots=True)
class RoundMoney:
    """What went into rounds and where it is; wei, or the smallest unit of the ERC-20.

    escrow      price * seats, from the requester
    stakes      stake * committed, from the labelers
    paid        to labelers
    refund      to the requester
    forfeit     pay that nobody earned and the requester may not have back: to the sink
    in_escrow   not decided yet
    returned    stakes, or what was left of them
    slashed     of stakes, to the sink
    bounties    of stakes, to who reported leaks
    locked      stakes that are not decided yet
    """

    escrow: int = 0
    stakes: int = 0
    paid: int = 0
    refund: int = 0
    forfeit: int = 0
    in_escrow: int = 0
    returned: int = 0
    slashed: int = 0
    bounties: int = 0
    locked: int = 0

    def __add__(self, other: "RoundMoney") -> "RoundMoney":
        return RoundMoney(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def to_sink(self) -> int:
        """Slashes and forfeit pay."""
        return self.slashed + self.forfeit

    @property
    def total_in(self) -> int:
        """All that was put up."""
        return self.escrow + self.stakes

    @property
    def total_out(self) -> int:
        """All that is accounted for."""
        return (
            self.paid
            + self.refund
            + self.to_sink
            + self.bounties
            + self.returned
            + self.in_escrow
            + self.locked
        )

    @property
    def missing(self) -> int:
        """What went in and is nowhere; 0 unless the events are not true."""
        return self.total_in - self.total_out


def money_of(history: RoundHistory) -> RoundMoney:
    """The money of one round: its movements, summed up."""
    moved: Counter[MovementKind] = Counter()
    pot, locked, slashed_in_closing = escrow(history.round_id), 0, 0
    in_escrow = 0
    for event in history.events:
        for kind, source, target, amount in movements(event, history.opened):
            moved[kind] += amount
            in_escrow += amount * ((target == pot) - (source == pot))
            locked += amount * ((target.balance == "locked") - (source.balance == "locked"))
            if kind is MovementKind.SLASH and target == pot:
                slashed_in_closing += amount
    return RoundMoney(
        escrow=moved[MovementKind.ESCROW],
        stakes=moved[MovementKind.STAKE],
        paid=moved[MovementKind.PAY],
        refund=moved[MovementKind.REFUND],
        # The closing sends slashes and unspent pay to the sink together.
        forfeit=moved[MovementKind.FORFEIT] - slashed_in_closing,
        # Whatever is left in a round that is over is missing.
        in_escrow=0 if history.is_over else in_escrow,
        returned=moved[MovementKind.STAKE_RETURNED],
        slashed=moved[MovementKind.SLASH],
        bounties=moved[MovementKind.BOUNTY],
        locked=locked,
    )


def sum_of(parts: Iterable[RoundMoney]) -> RoundMoney:
    """All of it together."""
    return sum(parts, RoundMoney())
