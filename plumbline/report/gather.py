"""Everything that a page needs, from a node, as of one block."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from web3 import Web3

from plumbline.audit import audit_events
from plumbline.audit.event_checks import explained
from plumbline.audit.report import AuditReport
from plumbline.chain.blocks import block_at, times_of
from plumbline.chain.deployment import Deployment
from plumbline.chain.events import Deposited, Event, RoundEvent
from plumbline.chain.feed import Feed
from plumbline.chain.log_cache import LogCache
from plumbline.chain.records import Account
from plumbline.history.ledger import replay
from plumbline.history.rounds import RoundHistory, rebuild
from plumbline.progress import Progress, no_progress
from plumbline.report.facts import ReportError


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the pages are made of; see `page.render_round`."""

    rounds: Mapping[int, RoundHistory]
    report: AuditReport
    now: int
    times: Mapping[int, int]
    deposits: tuple[Deposited, ...]
    accounts: Mapping[str, Account]
    events: tuple[Event, ...]


def gather(
    w3: Web3,
    deployment: Deployment,
    wanted: Collection[int],
    to_block: int | None = None,
    progress: Progress = no_progress,
    books: bool = False,
    cache: LogCache | None = None,
) -> Gathered:
    """Read once and audit: the whole deployment with all its `books`, or the rounds wanted.

    `progress` is told what is under way, how much is done and of how much. Raises ReportError
    for a round that does not exist by that block, and what `Feed.poll`, `audit_events`
    and `times_of` raise.
    """
    progress("reading events", 0, 1)
    pinned = block_at(w3, to_block)
    block = pinned.block
    feed = Feed(w3, deployment, cache, progress)
    feed.poll(block)
    # A cache may know of later ones.
    events = [event for event in feed.events if event.block <= block]
    histories, unreadable = rebuild(events)
    for number in sorted(wanted):
        if number in unreadable:
            raise ReportError(f"round {number} cannot be told: {unreadable[number]}")
        if number not in histories:
            raise ReportError(
                f"there is no round {number} by block {block}: "
                + (f"1 to {max(histories)} exist" if histories else "none is open yet")
            )
    progress("working it all out again", 0, 1)
    audited = None if books else wanted
    report = audit_events(w3, deployment, events, block, audited, progress=progress)
    if report.block_hash != "0x" + pinned.hash.hex():
        raise ReportError(f"the chain was reorganised at block {block}: try again")
    rounds = {number: histories[number] for number in sorted(wanted)}
    deposits = tuple(event for event in events if isinstance(event, Deposited))
    times = times_of(w3, _shown(events, deposits, wanted, block), progress)
    accounts = replay(explained(events)).accounts if books else {}
    return Gathered(rounds, report, times[block], times, deposits, accounts, tuple(events))


def _shown(
    events: Iterable[Event], deposits: Iterable[Deposited], wanted: Collection[int], block: int
) -> set[int]:
    """The blocks whose times a page shows."""
    inside = [e for e in events if isinstance(e, RoundEvent) and e.round_id in wanted]
    blocks = {block, *(event.block for event in inside)}
    if len(wanted) == 1:
        people = {labeler for e in inside if (labeler := getattr(e, "labeler", None)) is not None}
        blocks.update(event.block for event in deposits if event.account in people)
    return blocks
