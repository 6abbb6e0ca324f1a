"""Closing a round: when that may be, with which gold answers, and slashing the silent."""

from dataclasses import dataclass

from plumbline.chain.call import Call, Receipt
from plumbline.chain.events import RoundEvent, logged_in
from plumbline.chain.records import Phase
from plumbline.errors import PlumblineError
from plumbline.history.market import Market
from plumbline.history.rounds import RoundHistory
from plumbline.labeler.vault import Secret
from plumbline.protocol.addresses import short_address
from plumbline.requester.gold import GoldStore
from plumbline.units import format_duration


class ClosingError(PlumblineError):
    """A round that cannot be closed now, or not from here."""


@dataclass(frozen=True, slots=True)
class Closing:
    """What ends a round. `gold_is_late` if gold answers are not opened any more.

    calls    the closing, if it is not closed, then the slashing of the silent, if there are any
    """

    calls: tuple[Call, ...]
    gold_is_late: bool


def unfinished(market: Market) -> list[int]:
    """The rounds with anything left to do."""
    return [
        history.round_id
        for history in market.histories()
        if not history.is_over or _is_silent(market, history)
    ]


def round_ended_by(market: Market, receipt: Receipt) -> int | None:
    """The round that a transaction of an earlier run has closed."""
    event, *_ = logged_in(receipt, market.deployment)
    return event.round_id if isinstance(event, RoundEvent) else None


def plan_closing(market: Market, store: GoldStore, history: RoundHistory) -> Closing:
    """What is left to send for a round. Raises ClosingError if it is not yet time for it."""
    calls: list[Call] = []
    is_late = False
    if not history.is_over:
        gold = _gold_to_open(market, store, history)
        sheet, salt = (gold.sheet, gold.salt) if gold else (None, None)
        root = history.opened.tasks_root
        calls.append(market.contract.close(history.round_id, root, history.entries, sheet, salt))
        is_late = history.has_gold and gold is None
    if _is_silent(market, history):
        calls.append(market.contract.forfeit(history.round_id, history.awaited))
    return Closing(tuple(calls), is_late)


def _gold_to_open(market: Market, store: GoldStore, history: RoundHistory) -> Secret | None:
    """The gold answers to close with; None if there are none or their time is over.

    Raises ClosingError if it is not yet time, or if they cannot be had.
    """
    phase, seconds = market.time_left(history)
    name = f"round {history.round_id}"
    if phase is Phase.COMMIT:
        raise ClosingError(
            f"{name} is still in its commit phase for {format_duration(seconds)}, "
            f"{len(history.commitments)} of {history.rules.seats} seats are taken: close it after "
            "the reveals"
        )
    if phase is Phase.REVEAL:
        raise ClosingError(
            f"{len(history.awaited)} of {len(history.commitments)} labelers of {name} have not "
            f"revealed and may for {format_duration(seconds)}: close it then"
        )
    if phase is Phase.DUE:
        return None
    secrecy = market.secrecy(history)
    if secrecy is not None:
        raise ClosingError(
            f"the seats of {name} were taken a moment ago, and a reorganisation could free one for "
            f"somebody who has seen the gold answers: close it after {secrecy.blocks} more blocks"
        )
    gold = store.of(history)
    if gold is None:
        owner = history.requester
        later = f"in {format_duration(seconds)} anyone can close it without them"
        if store.requester != owner:
            raise ClosingError(
                f"the gold answers for {name} are those of {short_address(owner)}, whose wallet "
                f"has to unlock them: {later}"
            )
        raise ClosingError(
            f"the gold answers for {name} are not in {store.vault.folder}: name the file that it "
            f"was opened from, which has them too; {later}. If the account has moved on to another "
            "key elsewhere, `plumbline labeler rotate-key --epoch N` says so here"
        )
    return gold


def _is_silent(market: Market, history: RoundHistory) -> bool:
    return bool(history.awaited) and market.node.now >= history.deadlines.reveal
