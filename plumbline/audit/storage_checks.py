"""Whether the contract stores what its events say, at one block."""

from plumbline.audit.report import Findings, Totals
from plumbline.chain.contract import LabelRounds
from plumbline.chain.log_cache import Checkpoint
from plumbline.chain.records import Account, RoundState, Seat
from plumbline.history.ledger import Books
from plumbline.history.rounds import RoundHistory
from plumbline.progress import Progress, no_progress, track
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.protocol.outcomes import payroll_of


def check_round(
    history: RoundHistory, rounds: LabelRounds, pinned: Checkpoint, findings: Findings
) -> None:
    """Compare what is stored of a round, its phase, its verdict and each of its seats."""
    round_id, block = history.round_id, pinned.block
    stored = rounds.round(round_id, block)
    findings.compare_fields("storage", _state(history), stored, round_id)
    now = pinned.timestamp
    findings.compare("storage, phase", history.phase_at(now), stored.phase_at(now), round_id)
    if history.closed is not None:
        verdict, payroll = history.closed.verdict, payroll_of(history.outcomes)
        root = history.opened.tasks_root
        proven = rounds.is_verdict(round_id, root, verdict, payroll, block)
        findings.compare("storage, verdict and payroll proven", True, proven, round_id)
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
    books: Books,
    rounds_opened: int,
    rounds: LabelRounds,
    block: int,
    findings: Findings,
    progress: Progress = no_progress,
) -> Totals:
    """Compare every account, the sink, the count of rounds, and the sum with what is held."""
    findings.compare("number of rounds", rounds_opened, rounds.round_count(block))
    for owner, expected in track(
        books.accounts.items(), "accounts compared with storage", progress
    ):
        check_account(owner, expected, rounds, block, findings)
    findings.compare("sink balance", books.sink, rounds.sink_balance(block))
    held = check_holdings(books, rounds, block, findings)
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


def check_account(
    owner: str, expected: Account, rounds: LabelRounds, block: int, findings: Findings
) -> None:
    """Compare balances and record of an address."""
    findings.compare_fields("account", expected, rounds.account(owner, block), labeler=owner)


def check_holdings(books: Books, rounds: LabelRounds, block: int, findings: Findings) -> int:
    """Whether the contract holds what it owes; returns what it holds, wei."""
    held = rounds.money.balance(rounds.address, block)
    if held < books.total:
        findings.refuse("holdings of the contract", f"at least {books.total}", str(held))
    findings.checks += 1
    return held


def _state(history: RoundHistory) -> RoundState:
    opened = history.opened
    return RoundState(
        requester=opened.requester,
        rules=opened.rules,
        deadlines=opened.deadlines,
        gold_root=opened.gold_root,
        admission=opened.admission or ZERO,
        committed=len(history.commitments),
        revealed=len(history.reveals),
        gone=history.gone,
        roll=_roll(history),
        is_closed=history.is_over,
    )


def _roll(history: RoundHistory) -> bytes:
    """The slot holds the roll while the round lives, then the hash of verdict and payroll."""
    if history.closed is not None:
        payroll = payroll_of(history.outcomes)
        return history.closed.verdict.hash(history.opened.tasks_root, payroll)
    return EMPTY_HASH if history.expired is not None else history.roll
