"""Where the money of rounds came from and went to, from events alone; wei, or the ERC-20's unit."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from plumbline.history.rounds import RoundHistory


@dataclass(frozen=True, slots=True)
class Money:
    """What went in and where it is.

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

    def __add__(self, other: "Money") -> "Money":
        return Money(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

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


def money_of(told: RoundHistory) -> Money:
    """The money of one round, by the sums of P3.6 in the specification."""
    rules, closed, expired = told.rules, told.closed, told.expired
    escrow = rules.price * rules.seats
    judged = sum(event.slash for event in told.outcomes)
    gone = [event.slash for event in told.leaks] + [event.slash for event in told.forfeits]
    bounties = sum(event.bounty for event in told.leaks)
    slashed = judged + sum(gone) - bounties
    ended = len(told.outcomes) + len(told.released) + len(gone)
    return Money(
        escrow=escrow,
        stakes=rules.stake * len(told.commitments),
        paid=closed.paid if closed else 0,
        refund=closed.refund if closed else expired.refund if expired else 0,
        forfeit=closed.to_sink - judged if closed else 0,
        in_escrow=0 if told.is_over else escrow,
        returned=rules.stake * (ended - len(told.released))
        + sum(event.stake for event in told.released)
        - slashed
        - bounties,
        slashed=slashed,
        bounties=bounties,
        locked=rules.stake * (len(told.commitments) - ended),
    )


def sum_of(parts: Iterable[Money]) -> Money:
    """All of it together."""
    return sum(parts, Money())
