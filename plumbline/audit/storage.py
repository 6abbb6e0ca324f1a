"""Whether the contract stores what its events say, at one block."""

from dataclasses import fields

from plumbline.addresses import ZERO
from plumbline.audit.report import Findings, Totals
from plumbline.commitment import EMPTY_HASH
from plumbline.contract import LabelRounds
from plumbline.ledger import Books
from plumbline.rounds import RoundHistory
from plumbline.views import Account, Phase, RoundState, Seat


def check_round(history: RoundHistory, rounds: LabelRounds, block: int, findings: Findings) -> None:
    """Compare the view of a round and each of its seats."""
    round_id = history.round_id
    expected = _state(history)
    found = rounds.round(round_id, block)
    for part in fields(RoundState):
        findings.compare(
            f"storage, {part.name}",
            getattr(expected, part.name),
            getattr(found, part.name),
            round_id,
        )
    phase, _ = rounds.phase(round_id, block)
    findings.compare("storage, over", history.is_over, phase is Phase.CLOSED, round_id)
    if history.closed is not None:
        proven = rounds.is_verdict(round_id, history.closed.verdict, block)
        findings.compare("storage, verdict proven", True, proven, round_id)
    leaked = {event.labeler for event in history.leaks}
    awaited = set(history.awaited)
    for event in history.commitments:
        held = event.commitment if event.labeler in awaited else EMPTY_HASH
        seat = Seat(held, event.labeler in leaked)
        kept = rounds.seat(round_id, event.labeler, block)
        at = (round_id, event.labeler)
        findings.compare("storage, commitment in the seat", seat.commitment, kept.commitment, *at)
        findings.compare("storage, mark of a leak", seat.leaked, kept.leaked, *at)


def check_books(
    books: Books, rounds_opened: int, rounds: LabelRounds, block: int, findings: Findings
) -> Totals:
    """Compare every account, the sink, the count of rounds, and the sum with what is held."""
    findings.compare("number of rounds", rounds_opened, rounds.round_count(block))
    for owner, expected in books.accounts.items():
        found = rounds.account(owner, block)
        for part in fields(Account):
            findings.compare(
                f"account, {part.name}",
                getattr(expected, part.name),
                getattr(found, part.name),
                labeler=owner,
            )
    findings.compare("sink balance", books.sink, rounds.sink_balance(block))
    held = rounds.money.balance(rounds.address, block)
    if held < books.total:
        findings.refuse("holdings of the contract", f"at least {books.total}", str(held))
    findings.checks += 1
    return Totals(
        deposited=books.deposited,
        withdrawn=books.withdrawn,
        swept=books.swept,
        free=books.free,
        locked=books.locked,
        escrow=books.in_escrow,
        sink=books.sink,
        books=books.total,
        held=held,
    )


def _state(history: RoundHistory) -> RoundState:
    opened = history.opened
    return RoundState(
        requester=opened.requester,
        rules=opened.rules,
        deadlines=opened.deadlines,
        tasks_root=opened.tasks_root,
        gold_root=opened.gold_root,
        admission=opened.admission or ZERO,
        committed=len(history.commitments),
        revealed=len(history.reveals),
        gone=history.gone,
        roll=_roll(history),
    )


def _roll(history: RoundHistory) -> bytes:
    """The slot holds the roll while the round lives, then the hash of its verdict."""
    if history.closed is not None:
        return history.closed.verdict.hash
    return EMPTY_HASH if history.expired is not None else history.roll
