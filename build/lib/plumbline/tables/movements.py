"""Every movement of money, as double entry: what leaves one balance comes into another.

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

`escrow` and `slash` are per round: a round that is over has none left.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from plumbline.chain.events import (
    Committed,
    Deposited,
    Event,
    Forfeited,
    LeakReported,
    Released,
    RoundClosed,
    RoundExpired,
    RoundOpened,
    Swept,
    Withdrawn,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where money is: `free` or `locked` of an account, `escrow`, `sink` or `outside`."""

    balance: str
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """`amount` wei, above 0, from one place to another."""

    kind: str
    source: Place
    target: Place
    amount: int


OUTSIDE: Final = Place("outside")
SINK: Final = Place("sink")
ESCROW: Final = Place("escrow")


def movements(event: Event, opened: RoundOpened | None) -> list[Movement]:
    """What an event moved, without movements of nothing.

    `opened` is the opening of the event's round; None only for an event of none.
    """
    return [movement for movement in _all(event, opened) if movement.amount]


def _all(event: Event, opened: RoundOpened | None) -> Iterator[Movement]:
    match event:
        case Deposited():
            yield Movement("deposit", OUTSIDE, _free(event.account), event.amount)
        case Withdrawn():
            yield Movement("withdrawal", _free(event.account), OUTSIDE, event.amount)
        case Swept():
            yield Movement("sweep", SINK, OUTSIDE, event.amount)
        case _ if opened is not None:
            yield from _in_round(event, opened)


def _in_round(event: Event, opened: RoundOpened) -> Iterator[Movement]:
    rules, requester = opened.rules, _free(opened.requester)
    match event:
        case RoundOpened():
            yield Movement("escrow", requester, ESCROW, rules.price * rules.seats)
        case Committed():
            free, locked = _free(event.labeler), _locked(event.labeler)
            yield Movement("stake", free, locked, rules.stake)
        case RoundClosed():
            for one in event.outcomes:
                free, locked = _free(one.labeler), _locked(one.labeler)
                yield Movement("stake_returned", locked, free, rules.stake - one.slash)
                yield Movement("slash", locked, ESCROW, one.slash)
                yield Movement("pay", ESCROW, free, one.pay)
            yield Movement("refund", ESCROW, requester, event.refund)
            yield Movement("forfeit", ESCROW, SINK, event.to_sink)
        case LeakReported():
            free, locked = _free(event.labeler), _locked(event.labeler)
            yield Movement("stake_returned", locked, free, rules.stake - event.slash)
            yield Movement("bounty", locked, _free(event.reporter), event.bounty)
            yield Movement("slash", locked, SINK, event.slash - event.bounty)
        case Forfeited():
            free, locked = _free(event.labeler), _locked(event.labeler)
            yield Movement("stake_returned", locked, free, rules.stake - event.slash)
            yield Movement("slash", locked, SINK, event.slash)
        case Released():
            free, locked = _free(event.labeler), _locked(event.labeler)
            yield Movement("stake_returned", locked, free, event.stake)
        case RoundExpired():
            yield Movement("refund", ESCROW, requester, event.refund)


def _free(account: str) -> Place:
    return Place("free", account)


def _locked(account: str) -> Place:
    return Place("locked", account)
