"""The audit: every balance and every verdict again, from events alone.

    order       events came in an order and number that the rules allow
    openings    all that was opened is what had been committed to
    judgement   the settlement again, by the Python twin: bands, pay, slashes, verdict
    ledger      the books again, event by event (plumbline.ledger)
    storage     the contract stores just that, at one block, and holds the money

Nothing is taken from the contract that its events decide, and nothing is corrected: what does
not agree to the wei is named, and the audit goes on.
"""

from collections.abc import Sequence

from web3 import Web3

from plumbline.amounts import in_words
from plumbline.audit.judgement import check_judgement
from plumbline.audit.openings import check_openings
from plumbline.audit.order import check_order
from plumbline.audit.report import AuditReport, Difference, Findings, RoundSummary, Totals, place
from plumbline.audit.storage import check_books, check_round
from plumbline.contract import LabelRounds
from plumbline.deployment import Deployment, compare
from plumbline.errors import PlumblineError
from plumbline.events import Event, RoundEvent, RoundOpened, fetch
from plumbline.ledger import Books, replay
from plumbline.nodes import NODE_ERRORS
from plumbline.reverts import revert_reason
from plumbline.rounds import RoundHistory, history
from plumbline.settlement import Mode

__all__ = [
    "AuditError",
    "AuditReport",
    "Difference",
    "RoundSummary",
    "Totals",
    "audit",
    "audit_events",
    "check_events",
]


class AuditError(PlumblineError):
    """An audit that could not be made."""


def audit(
    w3: Web3, deployment: Deployment, round_id: int | None = None, to_block: int | None = None
) -> AuditReport:
    """Audit a deployment, or one round of it, as of `to_block` (or the latest).

    The node must have the state of that block, as every node has of the latest. With `round_id`
    the books are not made: they take the events of all rounds. Raises EventsError or
    ContractError if the node does not answer, AuditError if there is no such round or the chain
    was reorganised meanwhile.
    """
    block, block_hash = _block(w3, to_block)
    events = fetch(w3, deployment, to_block=block, round_id=round_id)
    if round_id is not None and not events:
        raise AuditError(f"there is no round {round_id} up to block {block}: check the number")
    report = audit_events(w3, deployment, events, block, round_id)
    if _block(w3, block)[1] != block_hash:
        raise AuditError(f"the chain was reorganised at block {block}: audit again")
    return report


def audit_events(
    w3: Web3,
    deployment: Deployment,
    events: Sequence[Event],
    block: int,
    round_id: int | None = None,
) -> AuditReport:
    """Audit events that were fetched before, or come from elsewhere, as of a block."""
    findings = Findings()
    for sentence in compare(w3, deployment):
        findings.refuse("deployment", "the contract of the manifest", sentence)
    told = _check(events, deployment.domain, findings, first_round=round_id or 1)
    rounds = LabelRounds(w3, deployment)
    count = rounds.round_count(block)
    for past in told.values():
        if past.round_id <= count:
            check_round(past, rounds, block, findings)
    totals = None
    notes: list[str] = []
    accounts = 0
    if round_id is None:
        books = _books(events, told, findings)
        accounts = len(books.accounts)
        totals = check_books(books, len(told), rounds, block, findings)
        notes = _notes(totals, deployment.asset)
    return AuditReport(
        chain_id=deployment.chain_id,
        address=deployment.address,
        block=block,
        block_hash=_block(w3, block)[1],
        events=len(events),
        accounts=accounts,
        checks=findings.checks,
        rounds=tuple(_summary(past) for past in told.values()),
        totals=totals,
        differences=tuple(findings.differences),
        notes=tuple(notes),
    )


def check_events(events: Sequence[Event], domain: bytes) -> list[Difference]:
    """What is wrong with the events of a whole deployment, without asking any node.

    `domain` is the deployment's EIP-712 domain separator.
    """
    findings = Findings()
    told = _check(events, domain, findings)
    _books(events, told, findings)
    return findings.differences


def _check(
    events: Sequence[Event], domain: bytes, findings: Findings, first_round: int = 1
) -> dict[int, RoundHistory]:
    """All that events decide among themselves, but for the books."""
    check_order(events, findings, first_round)
    told = history(_explained(events))
    for past in told.values():
        if check_openings(past, domain, findings):
            check_judgement(past, findings)
    return told


def _books(events: Sequence[Event], told: dict[int, RoundHistory], findings: Findings) -> Books:
    books = replay(_explained(events))
    for short in books.shortfalls:
        findings.refuse(
            f"balance of {short.owner}, {short.balance}",
            "0 or more",
            f"{short.amount} after {place(short.event)}",
            short.event.round_id if isinstance(short.event, RoundEvent) else None,
            short.owner if short.owner.startswith("0x") else None,
        )
    for past in told.values():
        if past.is_over:
            findings.compare("escrow left", 0, books.escrow[past.round_id], past.round_id)
    arrived = books.deposited - books.withdrawn - books.swept
    findings.compare("sum of all books", arrived, books.total)
    return books


def _explained(events: Sequence[Event]) -> list[Event]:
    """Without those of rounds that were not opened before, which are noted already."""
    known: set[int] = set()
    explained = []
    for event in events:
        if isinstance(event, RoundOpened):
            known.add(event.round_id)
        if not isinstance(event, RoundEvent) or event.round_id in known:
            explained.append(event)
    return explained


def _mode(number: int) -> str:
    """The name of a mode; a number that is none is noted with the verdict."""
    return next((mode.label for mode in Mode if mode == number), str(number))


def _summary(past: RoundHistory) -> RoundSummary:
    closed, rules = past.closed, past.rules
    judged = sum(event.slash for event in past.settled)
    silent = sum(event.slash for event in past.leaks)
    silent += sum(event.slash for event in past.forfeits)
    bounties = sum(event.bounty for event in past.leaks)
    refund = closed.refund if closed else past.expired.refund if past.expired else 0
    return RoundSummary(
        round_id=past.round_id,
        requester=past.requester,
        state="closed" if closed else "expired" if past.expired else "open",
        mode=_mode(closed.verdict.mode) if closed else "",
        tasks=rules.tasks,
        seats=rules.seats,
        committed=len(past.commitments),
        revealed=len(past.reveals),
        gone=past.gone,
        crowd_kappa=closed.verdict.crowd_kappa if closed else 0,
        escrow=0 if past.is_over else rules.price * rules.seats,
        paid=closed.paid if closed else 0,
        refund=refund,
        slashed=judged + silent,
        bounties=bounties,
        to_sink=(closed.to_sink if closed else 0) + silent - bounties,
    )


def _notes(totals: Totals, asset: str) -> list[str]:
    more = totals.held - totals.books
    if more <= 0:
        return []
    words = in_words(more, asset)
    return [f"the contract holds {words} more than its books: sent there without a deposit"]


def _block(w3: Web3, number: int | None) -> tuple[int, str]:
    """Number and hash of a block, the latest if none is named."""
    try:
        found = w3.eth.get_block("latest" if number is None else number)
    except NODE_ERRORS as error:
        raise AuditError(
            f"the node does not have the block ({revert_reason(error)}): check its address"
        ) from None
    return int(found["number"]), "0x" + bytes(found["hash"]).hex()
