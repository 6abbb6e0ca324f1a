"""The audit: every balance and every verdict again, from events alone.

    order       events came in an order and number that the rules allow
    openings    all that was opened is what had been committed to
    settlement  the settlement again, by the rule: bands, pay, slashes, verdict
    tasks       the task manifests are those of the rounds
    ledger      the books again, event by event (plumbline.history.ledger)
    storage     the contract stores just that, at one block, and holds the money
    draws       seats by lot again, from who joined and from the seeds (see `draw_checks`)
    datasets    a dataset is what its rounds, audited, come to (see `dataset_checks`)

Nothing is taken from the contract that its events decide, and nothing is corrected: what does
not agree to the wei is named, and the audit goes on. It is all of one block, by its hash: if that
is taken back meanwhile, or the node has forgotten its state, the audit says so and begins again
at a later one.
"""

from collections.abc import Collection, Sequence
from typing import Final

from web3 import Web3

from plumbline.audit.event_checks import check_ledger, check_rounds
from plumbline.audit.report import AuditReport, Difference, Findings, RoundSummary, Totals
from plumbline.audit.storage_checks import check_books, check_round
from plumbline.audit.summary import summary_of
from plumbline.audit.task_checks import TaskSources, check_tasks
from plumbline.chain.asset import AssetError
from plumbline.chain.blocks import BlockError, block_at
from plumbline.chain.contract import ContractError, LabelRounds
from plumbline.chain.deployment import Deployment, compare
from plumbline.chain.events import Event, RoundEvent
from plumbline.chain.feed import Feed
from plumbline.chain.log_cache import Checkpoint, LogCache
from plumbline.errors import PlumblineError
from plumbline.history.remarks import remarks
from plumbline.progress import Progress, no_progress, track

__all__ = [
    "AuditError",
    "AuditReport",
    "Difference",
    "RoundSummary",
    "TaskSources",
    "Totals",
    "audit",
    "audit_events",
    "check_events",
]

_ATTEMPTS: Final = 5


class AuditError(PlumblineError):
    """An audit that could not be made."""


def audit(
    w3: Web3,
    deployment: Deployment,
    round_id: int | Collection[int] | None = None,
    to_block: int | None = None,
    *,
    cache: LogCache | None = None,
    tasks: TaskSources | None = None,
    plain: bool = False,
    progress: Progress = no_progress,
) -> AuditReport:
    """Audit a deployment, or one or some rounds of it, as of `to_block` (or the latest).

    The node must have the state of that block, as every node has of the latest. With `round_id`
    the books are not made: they take the events of all rounds. Raises EventsError, NodeUnavailable,
    BlockError or ContractError if the node does not answer, FeedError if the deployment is not
    on its chain, AuditError if there is no such round or the chain never held still.
    """
    only = _only(round_id)
    goal = None if to_block is None else block_at(w3, to_block)
    feed = Feed(w3, deployment, cache, progress)
    notes: list[str] = []
    for _ in range(_ATTEMPTS):
        news = feed.poll(to_block)
        if news.reorganised_from is not None:
            notes.append(f"the chain was reorganised from block {news.reorganised_from} on")
        pinned = goal or feed.checkpoint
        assert pinned is not None, "a feed that was polled has a checkpoint"
        events = [event for event in feed.events if event.block <= pinned.block]
        _require_rounds(events, only, pinned.block)
        try:
            report = _audit(
                w3, deployment, events, pinned, only, tasks=tasks, plain=plain, progress=progress
            )
        except (ContractError, AssetError):
            # A node without an archive forgets the state of a block some minutes later.
            if to_block is not None or block_at(w3).block <= pinned.block:
                raise
            notes.append(
                f"the node no longer answers for block {pinned.block}: begun again at a later one"
            )
            continue
        if _hash(w3, pinned.block) == pinned.hash:
            cached = [] if cache is None else cache.remarks
            return report.with_notes([*cached, *notes])
        if to_block is not None:
            raise AuditError(f"the chain was reorganised at block {to_block}: audit again")
        notes.append(
            f"the chain was reorganised at block {pinned.block} during the audit: begun again"
        )
    raise AuditError(
        "the chain changes faster than it can be audited: try again, or name an older block with"
        " --to-block"
    )


def audit_events(
    w3: Web3,
    deployment: Deployment,
    events: Sequence[Event],
    block: int,
    round_id: int | Collection[int] | None = None,
    *,
    tasks: TaskSources | None = None,
    plain: bool = False,
    progress: Progress = no_progress,
) -> AuditReport:
    """Audit events that were read before, or come from elsewhere, as of a block.

    They must be all events up to that block. That they are of the same chain is for the caller to
    see, by the `block_hash` of the report. Raises AuditError if the block was taken back
    meanwhile, else what `audit` raises.
    """
    pinned, only = block_at(w3, block), _only(round_id)
    report = _audit(
        w3, deployment, events, pinned, only, tasks=tasks, plain=plain, progress=progress
    )
    if _hash(w3, block) != pinned.hash:
        raise AuditError(f"the chain was reorganised at block {block}: audit again")
    return report


def check_events(
    events: Sequence[Event], domain: bytes, plain: bool = False, progress: Progress = no_progress
) -> list[Difference]:
    """What is wrong with the events of a whole deployment, without asking any node.

    `domain` is the deployment's EIP-712 domain separator.
    """
    findings = Findings()
    histories = check_rounds(events, domain, findings, plain=plain, progress=progress)
    check_ledger(events, histories, findings)
    progress("books made", 1, 1)
    return findings.differences


def _audit(
    w3: Web3,
    deployment: Deployment,
    events: Sequence[Event],
    pinned: Checkpoint,
    only: frozenset[int] | None,
    *,
    tasks: TaskSources | None,
    plain: bool,
    progress: Progress,
) -> AuditReport:
    findings = Findings()
    notes: list[str] = []
    for sentence in compare(w3, deployment):
        findings.refuse("deployment", "the contract of the manifest", sentence)
    histories = check_rounds(events, deployment.domain, findings, only, plain, progress)
    notes += remarks(histories.values(), {})  # what cannot be told is a difference
    if tasks is not None:
        notes += check_tasks(histories.values(), tasks, findings, progress)
    rounds = LabelRounds(w3, deployment)
    count = rounds.round_count(pinned.block)
    for history in track(histories.values(), "rounds compared with storage", progress):
        if history.round_id <= count:
            check_round(history, rounds, pinned, findings)
    totals = None
    accounts = 0
    if only is None:
        books = check_ledger(events, histories, findings)
        accounts = len(books.accounts)
        totals = check_books(books, len(histories), rounds, pinned.block, findings, progress)
        more = totals.held - totals.books
        if more > 0:
            words = rounds.in_words(more)
            notes.append(
                f"the contract holds {words} more than its books: sent there without a deposit"
            )
    return AuditReport(
        chain_id=deployment.chain_id,
        address=deployment.address,
        block=pinned.block,
        block_hash="0x" + pinned.hash.hex(),
        events=len(events),
        accounts=accounts,
        checks=findings.checks,
        rounds=tuple(summary_of(history) for history in histories.values()),
        totals=totals,
        differences=tuple(findings.differences),
        notes=tuple(notes),
    )


def _only(round_id: int | Collection[int] | None) -> frozenset[int] | None:
    if round_id is None:
        return None
    return frozenset([round_id] if isinstance(round_id, int) else round_id)


def _require_rounds(events: Sequence[Event], only: frozenset[int] | None, block: int) -> None:
    known = {event.round_id for event in events if isinstance(event, RoundEvent)}
    for missing in sorted((only or frozenset()) - known):
        raise AuditError(f"there is no round {missing} up to block {block}: check the number")


def _hash(w3: Web3, block: int) -> bytes | None:
    """The hash of a block that was there; None if it is not any more."""
    try:
        return block_at(w3, block).hash
    except BlockError:
        return None
