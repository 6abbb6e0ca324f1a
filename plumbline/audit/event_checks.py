"""What events decide among themselves, without any node."""

from collections.abc import Collection, Sequence

from plumbline.audit.opening_checks import check_openings
from plumbline.audit.order_checks import check_order
from plumbline.audit.report import Findings, place
from plumbline.audit.settlement_checks import check_settlement
from plumbline.chain.events import Event, RoundEvent, RoundOpened, of_round
from plumbline.history.ledger import Books, replay
from plumbline.history.rounds import RoundHistory, rebuild
from plumbline.progress import Progress, no_progress, track


def check_rounds(
    events: Sequence[Event],
    domain: bytes,
    findings: Findings,
    only: Collection[int] | None = None,
    plain: bool = False,
    progress: Progress = no_progress,
) -> dict[int, RoundHistory]:
    """Order, openings and settlement of all rounds, or of some; returns their histories.

    `plain` settles with the reference implementation instead of the vectorised one.
    """
    if only is None:
        check_order(events, findings)
    else:
        events = [event for event in events if isinstance(event, RoundEvent)]
        for round_id in sorted(only):
            check_order(of_round(events, round_id), findings, round_id)
    histories = read_rounds(events, findings)
    if only is not None:
        histories = {number: histories[number] for number in histories if number in only}
    for round_history in track(histories.values(), "rounds settled again", progress):
        if check_openings(round_history, domain, findings):
            check_settlement(round_history, findings, plain)
    return histories


def check_ledger(
    events: Sequence[Event], histories: dict[int, RoundHistory], findings: Findings
) -> Books:
    """The books after all events; whatever cannot be in any books is noted."""
    books = replay(explained(events))
    note_shortfalls(books, findings)
    for round_id, round_history in histories.items():
        if round_history.is_over:
            findings.compare("escrow left", 0, books.escrow[round_id], round_id)
    arrived = books.deposited - books.withdrawn - books.swept
    findings.compare("sum of all books", arrived, books.total)
    return books


def read_rounds(events: Sequence[Event], findings: Findings) -> dict[int, RoundHistory]:
    """The history of each round by number; those that cannot be told are findings.

    What came before an opening is not read: the check of the order names it.
    """
    histories, unreadable = rebuild(explained(events))
    for number, why in unreadable.items():
        findings.refuse("history of the round", "one that can be told", why, number)
    return histories


def note_shortfalls(books: Books, findings: Findings) -> None:
    """Name each balance that went below zero."""
    for short in books.shortfalls:
        findings.refuse(
            f"balance of {short.owner}, {short.balance}",
            "0 or more",
            f"{short.amount} after {place(short.event)}",
            short.event.round_id if isinstance(short.event, RoundEvent) else None,
            short.owner if short.owner.startswith("0x") else None,
        )


def explained(events: Sequence[Event]) -> list[Event]:
    """Without those of rounds that were not opened before, which the order notes already."""
    known: set[int] = set()
    kept = []
    for event in events:
        if isinstance(event, RoundOpened):
            known.add(event.round_id)
        if not isinstance(event, RoundEvent) or event.round_id in known:
            kept.append(event)
    return kept
