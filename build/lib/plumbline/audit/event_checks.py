"""What events decide among themselves, without any node."""

from collections.abc import Collection, Sequence

from plumbline.audit.opening_checks import check_openings
from plumbline.audit.order_checks import check_order
from plumbline.audit.report import Findings, place
from plumbline.audit.settlement_checks import check_judgement
from plumbline.chain.events import Event, RoundEvent, RoundOpened, of_round
from plumbline.history.ledger import Books, replay
from plumbline.history.rounds import RoundHistory, history
from plumbline.progress import Progress, unseen


def check_rounds(
    events: Sequence[Event],
    domain: bytes,
    findings: Findings,
    only: Collection[int] | None = None,
    plain: bool = False,
    progress: Progress = unseen,
) -> dict[int, RoundHistory]:
    """Order, openings and judgement of all rounds, or of some; returns their histories.

    `plain` settles with the reference instead of the quick settlement.
    """
    if only is None:
        check_order(events, findings)
    else:
        events = [event for event in events if isinstance(event, RoundEvent)]
        for round_id in sorted(only):
            check_order(of_round(events, round_id), findings, round_id)
    told = history(explained(events))
    if only is not None:
        told = {round_id: past for round_id, past in told.items() if round_id in only}
    for number, past in enumerate(told.values(), 1):
        if check_openings(past, domain, findings):
            check_judgement(past, findings, plain)
        progress("rounds settled again", number, len(told))
    return told


def check_ledger(
    events: Sequence[Event], told: dict[int, RoundHistory], findings: Findings
) -> Books:
    """The books after all events; whatever cannot be in any books is noted."""
    books = replay(explained(events))
    note_shortfalls(books, findings)
    for past in told.values():
        if past.is_over:
            findings.compare("escrow left", 0, books.escrow[past.round_id], past.round_id)
    arrived = books.deposited - books.withdrawn - books.swept
    findings.compare("sum of all books", arrived, books.total)
    return books


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
