"""How long a computer takes for the answers of a job and for their audit, without a node.

Labelers pack, hash, seal and sign; a relayer checks signatures and builds transactions, a keeper
likewise; an audit reads the logs of all of it from the disk. Seconds are those of the processor,
so that a busy machine matters little; what is timed must also be right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from eth_typing import BlockIdentifier
from eth_utils.crypto import keccak
from web3 import Web3

from plumbline.audit.event_checks import check_ledger
from plumbline.audit.opening_checks import check_openings
from plumbline.audit.order_checks import check_order
from plumbline.audit.report import Difference, Findings
from plumbline.audit.settlement_checks import check_settlement
from plumbline.chain import events as chain_events
from plumbline.chain.contract import LabelRounds
from plumbline.chain.deployment import Deployment
from plumbline.chain.events import Event
from plumbline.chain.log_cache import Checkpoint, LogCache, Stretch
from plumbline.chain.records import Deadlines, RoundState, Verdict
from plumbline.history.rounds import history
from plumbline.lab.job import JobLabeler, Plan, labeler_of
from plumbline.lab.meter import Meter, MeteredStep
from plumbline.lab.play import TASKS_ROOT, chunks, entries_of
from plumbline.lab.worlds import rows_of
from plumbline.progress import Progress, no_progress
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.protocol.commitment import EMPTY_HASH, Opening, commitment, roll_of, sign
from plumbline.protocol.limits import MAX_RELAYED, MAX_REVEALED
from plumbline.protocol.outcomes import Outcome
from plumbline.protocol.sealing import seal, unseal
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement import Settlement, settle
from plumbline.settlement.sheet import pack, unpack
from plumbline.settlement.vectorised import settle_sheets

DEPLOYED: Final = Deployed(1, checksum("0x" + "11" * 20))
GENESIS: Final = keccak(text="bench")
_REQUESTER: Final = checksum("0x" + "22" * 20)
_DEADLINES: Final = Deadlines(1_000, 2_000, 0)

Abi = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class AuditBenchmark:
    """What was audited and how long it took."""

    rounds: int
    answers: int  # revealed in all rounds, skips included
    events: int
    cached: int  # size of the cache, bytes
    parts: tuple[MeteredStep, ...]  # of the audit, in order
    differences: tuple[Difference, ...]  # what was found wrong: nothing, or the audit is


class _OfflineRounds(LabelRounds):
    """A deployment whose rounds are known, so that no node has to be asked."""

    def __init__(self, abi: Abi) -> None:
        address = DEPLOYED.address
        deployment = Deployment(
            *(DEPLOYED.chain_id, address, address, ZERO, address, 0, "0x" + EMPTY_HASH.hex(), {}),
            *("", "", "", ""),
            abi=[dict(entry) for entry in abi],
        )
        super().__init__(Web3(), deployment)
        self.states: dict[int, RoundState] = {}

    def round(self, round_id: int, block: BlockIdentifier = "latest") -> RoundState:
        return self.states[round_id]


def work(
    abi: Abi, plan: Plan, folder: Path, progress: Progress = no_progress
) -> tuple[MeteredStep, ...]:
    """Do all parts of a job in which nobody stays silent, and cache its logs in a folder.

    `abi` is of LabelRounds; the folder has no cache yet.
    """
    meter, labelers, client = Meter(), list[JobLabeler](), _OfflineRounds(abi)
    for number in range(plan.labelers):
        labelers.append(labeler_of(plan, number, DEPLOYED))
        meter.lap("make the secrets of a labeler", 1)
        progress("keys", number + 1, plan.labelers)
    cache = LogCache(folder, DEPLOYED)
    cache.load(GENESIS)
    for number in range(1, plan.rounds + 1):
        seated = [labelers[seat] for seat in plan.seated(number - 1)]
        openings, settlement = _work_round(client, plan, number, seated, meter)
        events = _events(plan, number, openings, settlement)
        end = Checkpoint(events[-1].block, keccak(text=f"block {number}"), number)
        cache.keep(Stretch(end, tuple(chain_events.encode(event, abi) for event in events)))
        progress("rounds", number, plan.rounds)
    cache.close()
    return meter.steps


def _work_round(
    client: _OfflineRounds, plan: Plan, round_id: int, labelers: Sequence[JobLabeler], meter: Meter
) -> tuple[list[Opening], Settlement]:
    terms, options, tasks, seats = plan.terms, plan.options, plan.tasks, plan.seats
    rows = rows_of(plan.sheets(round_id - 1))
    meter.skip()
    sheets = [pack(answers, options) for answers in rows]
    meter.lap("pack answers", seats)
    unpacked = [unpack(sheet, options, tasks) for sheet in sheets]
    meter.lap("unpack sheets", seats)
    pairs = list(zip(labelers, sheets, strict=True))
    salts = [labeler.master.salt(round_id, sheet) for labeler, sheet in pairs]
    meter.lap("derive salts", seats)
    addresses = [labeler.address for labeler in labelers]
    openings = list(map(Opening, addresses, sheets, salts))
    entries = entries_of(openings)
    meter.skip()
    digests = [_digest(round_id, opening) for opening in openings]
    meter.lap("hash commitments", seats)
    boxes = [
        seal(labeler.master, DEPLOYED, round_id, labeler.address, answers, options)
        for labeler, answers in zip(labelers, rows, strict=True)
    ]
    meter.lap("seal answers", seats)
    unsealed = [
        unseal(labeler.master, DEPLOYED, round_id, labeler.address, box, options, tasks)[0]
        for labeler, box in zip(labelers, boxes, strict=True)
    ]
    meter.lap("open seals", seats)
    signed = [
        sign(labeler.account, DEPLOYED, round_id, terms.stake, digest)
        for labeler, digest in zip(labelers, digests, strict=True)
    ]
    meter.lap("sign consents", seats)
    roll = roll_of(TASKS_ROOT, zip(addresses, sheets, strict=True))
    meter.lap("hash the roll", seats)
    counts = (seats, seats, 0)
    state = RoundState(ZERO, terms, _DEADLINES, EMPTY_HASH, ZERO, *counts, roll, False)
    client.states[round_id] = state
    for batch in chunks(signed, MAX_RELAYED):
        client.commit_signed(round_id, batch)
    meter.lap("check and relay consents", seats)
    for shown in chunks(openings, MAX_REVEALED):
        client.reveal(round_id, shown)
    meter.lap("build reveals", seats)
    client.close(round_id, TASKS_ROOT, entries)
    meter.lap("build closings", seats)
    vectorised = settle_sheets(terms, sheets, {})
    meter.lap("settle on tables", seats)
    reference = settle(terms, rows, {})
    meter.lap("settle vote by vote", seats)
    if not (unpacked == unsealed == rows and vectorised == reference.without_working()):
        raise AssertionError("sheets, seals and both settlements do not agree")
    return openings, reference


def _digest(round_id: int, opening: Opening) -> bytes:
    domain = DEPLOYED.domain
    return commitment(domain, round_id, opening.labeler, opening.sheet, opening.salt)


def _events(
    plan: Plan, number: int, openings: Sequence[Opening], settlement: Settlement
) -> list[Event]:
    """A round from the deposits to the close, as the contract would emit it."""
    terms, log = plan.terms, list[Event]()

    def emit(kind: Any, *fields: Any) -> None:
        log.append(kind(number, len(log), keccak(text=f"transaction {number}"), *fields))

    emit(chain_events.Deposited, _REQUESTER, _REQUESTER, terms.price * terms.seats)
    roots = (TASKS_ROOT, EMPTY_HASH)
    opened = chain_events.RoundOpened
    emit(opened, number, _REQUESTER, terms, _DEADLINES, *roots, ZERO, "")
    for shown in openings:
        emit(chain_events.Deposited, shown.labeler, shown.labeler, terms.stake)
        digest = _digest(number, shown)
        emit(chain_events.Committed, number, shown.labeler, digest, b"")
    for shown in openings:
        emit(chain_events.Revealed, number, shown.labeler, shown.salt, shown.sheet)
    addresses = (shown.labeler for shown in openings)
    outcomes = tuple(map(Outcome.of, addresses, settlement.labelers))
    money = (settlement.paid, settlement.refund, settlement.burned)
    verdict = Verdict.of(settlement, terms.options)
    emit(chain_events.RoundClosed, number, verdict, outcomes, *money)
    return log


def run_audit(abi: Abi, folder: Path, plain: bool = False) -> AuditBenchmark:
    """Load what `work` has cached and audit it; `plain` settles with the reference."""
    meter, cache, findings = Meter(), LogCache(folder, DEPLOYED), Findings()
    logs = [log for stretch in cache.load(GENESIS) for log in stretch.logs]
    cache.close()
    meter.lap("load and check the cache")
    events = chain_events.decode(logs, abi)
    meter.lap("decode the logs")
    check_order(events, findings)
    rounds = history(events)
    meter.lap("order of events, histories")
    fit = [check_openings(past, DEPLOYED.domain, findings) for past in rounds.values()]
    meter.lap("commitments, gold roots, forms")
    for past, fits in zip(rounds.values(), fit, strict=True):
        if fits:
            check_settlement(past, findings, plain)
    meter.lap("settlements")
    for past in rounds.values():
        findings.compare("roll", 32, len(past.roll), past.round_id)
    meter.lap("rolls")
    check_ledger(events, rounds, findings)
    meter.lap("books")
    return AuditBenchmark(
        rounds=len(rounds),
        answers=sum(len(past.reveals) * past.rules.tasks for past in rounds.values()),
        events=len(events),
        cached=sum(path.stat().st_size for path in folder.rglob("*.logs")),
        parts=meter.steps,
        differences=tuple(findings.differences),
    )
