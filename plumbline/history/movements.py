"""Every movement of money, as double entry: what leaves one place comes into another.

Each unit of the asset is in exactly one place: free in an account, locked there as a stake, in the
escrow of a round, or left to the sink; or it is outside. Each event moves some of it. The rules
followed here are those of docs/specification.md, not a translation of the contract.

Event           movement          from            to
Deposited       deposit           outside         free
Withdrawn       withdrawal        free            outside
Swept           sweep             sink            outside
RoundOpened     escrow            free            escrow        price * seats
Committed       stake             free            locked
RoundClosed     of each labeler:
                stake_returned    locked          free          stake - slash
                slash             locked          escrow        rests there a moment
                pay               escrow          free
                refund            escrow          free          of the requester
                forfeit           escrow          sink          slashes, and unspent pay
LeakReported    stake_returned    locked          free          stake - slash
                bounty            locked          free          of the reporter
                slash             locked          sink
Forfeited       stake_returned, slash    locked   free, sink
Released        stake_returned    locked          free
RoundExpired    refund            escrow          free          of the requester

A round that is over has nothing left in its escrow.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from plumbline.chain.events import (
    Committed,
    Deposited,
    Event,
    Forfeited,
    LeakReported,
    Released,
    RoundClosed,
    RoundEvent,
    RoundExpired,
    RoundOpened,
    Swept,
    Withdrawn,
)


class MovementKind(StrEnum):
    """Why money moves."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    SWEEP = "sweep"
    ESCROW = "escrow"
    STAKE = "stake"
    STAKE_RETURNED = "stake_returned"
    SLASH = "slash"
    PAY = "pay"
    REFUND = "refund"
    FORFEIT = "forfeit"
    BOUNTY = "bounty"


# Tuples, since an audit makes and looks up millions of them.
class Place(NamedTuple):
    """Where money is.

    balance  `free` or `locked` of an account, `escrow` of a round, `sink` or `outside`
    owner    the address of the account, or `round 7`; of the others the balance again
    """

    balance: str
    owner: str


class Movement(NamedTuple):
    """`amount` wei (or the smallest unit of the ERC-20) from one place to another.

    May be 0; below 0 only if the event is not true.
    """

    kind: MovementKind
    source: Place
    target: Place
    amount: int


OUTSIDE: Final = Place("outside", "outside")
SINK: Final = Place("sink", "sink")


def free(account: str) -> Place:
    """What an account can withdraw."""
    return Place("free", account)


def locked(account: str) -> Place:
    """The stakes of an account."""
    return Place("locked", account)


def escrow(round_id: int) -> Place:
    """What a round has to pay with."""
    return Place("escrow", f"round {round_id}")


def movements(event: Event, opened: RoundOpened | None) -> Iterator[Movement]:
    """What an event moves, in order.

    `opened` is the opening of the event's round; None only for an event of none.
    """
    match event:
        case Deposited():
            account = free(event.account)
            yield Movement(MovementKind.DEPOSIT, OUTSIDE, account, event.amount)
        case Withdrawn():
            account = free(event.account)
            yield Movement(MovementKind.WITHDRAWAL, account, OUTSIDE, event.amount)
        case Swept():
            yield Movement(MovementKind.SWEEP, SINK, OUTSIDE, event.amount)
        case RoundEvent() if opened is not None:
            yield from _in_round(event, opened)


def _in_round(event: RoundEvent, opened: RoundOpened) -> Iterator[Movement]:
    rules, requester, pot = opened.rules, free(opened.requester), escrow(opened.round_id)
    match event:
        case RoundOpened():
            yield Movement(MovementKind.ESCROW, requester, pot, rules.price * rules.seats)
        case Committed():
            labeler = event.labeler
            yield Movement(MovementKind.STAKE, free(labeler), locked(labeler), rules.stake)
        case RoundClosed():
            for outcome in event.outcomes:
                labeler = outcome.labeler
                yield _stake_returned(labeler, rules.stake - outcome.slash)
                yield Movement(MovementKind.SLASH, locked(labeler), pot, outcome.slash)
                yield Movement(MovementKind.PAY, pot, free(labeler), outcome.pay)
            yield Movement(MovementKind.REFUND, pot, requester, event.refund)
            yield Movement(MovementKind.FORFEIT, pot, SINK, event.to_sink)
        case LeakReported():
            stake, reporter = locked(event.labeler), free(event.reporter)
            yield _stake_returned(event.labeler, rules.stake - event.slash)
            yield Movement(MovementKind.BOUNTY, stake, reporter, event.bounty)
            yield Movement(MovementKind.SLASH, stake, SINK, event.slash - event.bounty)
        case Forfeited():
            yield _stake_returned(event.labeler, rules.stake - event.slash)
            yield Movement(MovementKind.SLASH, locked(event.labeler), SINK, event.slash)
        case Released():
            yield _stake_returned(event.labeler, rules.stake)
        case RoundExpired():
            yield Movement(MovementKind.REFUND, pot, requester, event.refund)


def _stake_returned(labeler: str, amount: int) -> Movement:
    return Movement(MovementKind.STAKE_RETURNED, locked(labeler), free(labeler), amount)
