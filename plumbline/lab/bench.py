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
from plumbline.chain.events import Committed, Deposited, Event, Revealed, RoundClosed, RoundOpened
from plumbline.chain.log_cache import Checkpoint, LogCache, Stretch
from plumbline.chain.records import Deadlines, RoundState, Verdict
from plumbline.history.rounds import history
from plumbline.lab.job import JobLabeler, Plan
from plumbline.lab.meter import Meter, MeteredStep
from plumbline.lab.play import TASKS_ROOT, chunks, entries_of
from plumbline.lab.worlds import rows_of
from plumbline.progress import Progress, no_progress, track
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
    meter, client = Meter(), _OfflineRounds(abi)
    people = track(range(plan.labelers), "keys", progress)
    labelers = meter.each(
        "make the secrets of a labeler",
        lambda number: JobLabeler.of(plan, number, DEPLOYED),
        people,
    )
    cache = LogCache(folder, DEPLOYED)
    cache.load(GENESIS)
    for number in track(range(1, plan.rounds + 1), "rounds", progress):
        seated = [labelers[seat] for seat in plan.seated(number - 1)]
        events = _work_round(client, plan, number, seated, meter)
        end = Checkpoint(events[-1].block, keccak(text=f"block {number}"), number)
        cache.keep(Stretch(end, tuple(chain_events.encode(event, abi) for event in events)))
    cache.close()
    return meter.steps


def _work_round(
    client: _OfflineRounds, plan: Plan, round_id: int, labelers: Sequence[JobLabeler], meter: Meter
) -> list[Event]:
    """All parts for one round, and the events that the contract would emit."""
    terms, options, tasks, seats = plan.terms, plan.options, plan.tasks, plan.seats
    rows, each = rows_of(plan.sheets(round_id - 1)), meter.each
    addresses = [labeler.address for labeler in labelers]

    def digest(shown: Opening) -> bytes:
        return commitment(DEPLOYED.domain, round_id, shown.labeler, shown.sheet, shown.salt)

    def sealed(who: JobLabeler, row: list[int | None]) -> bytes:
        return seal(who.master, DEPLOYED, round_id, who.address, row, options)

    def unsealed(who: JobLabeler, box: bytes) -> list[int | None]:
        return unseal(who.master, DEPLOYED, round_id, who.address, box, options, tasks)[0]

    sheets = each("pack answers", lambda row: pack(row, options), rows)
    unpacked = each("unpack sheets", lambda sheet: unpack(sheet, options, tasks), sheets)
    pairs = (labelers, sheets)
    salts = each("derive salts", lambda who, sheet: who.master.salt(round_id, sheet), *pairs)
    openings = list(map(Opening, addresses, sheets, salts))
    digests = each("hash commitments", digest, openings)
    boxes = each("seal answers", sealed, labelers, rows)
    opened = each("open seals", unsealed, labelers, boxes)
    signed = each(
        "sign consents",
        lambda who, agreed: sign(who.account, DEPLOYED, round_id, terms.stake, agreed),
        *(labelers, digests),
    )
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
    client.close(round_id, TASKS_ROOT, entries_of(openings))
    meter.lap("build closings", seats)
    vectorised = settle_sheets(terms, sheets, {})
    meter.lap("settle on tables", seats)
    reference = settle(terms, rows, {})
    meter.lap("settle vote by vote", seats)
    if not (unpacked == opened == rows and vectorised == reference.without_working()):
        raise AssertionError("sheets, seals and both settlements do not agree")
    return _events(plan, round_id, openings, digests, vectorised)


def _events(
    plan: Plan,
    number: int,
    openings: Sequence[Opening],
    digests: Sequence[bytes],
    settlement: Settlement,
) -> list[Event]:
    """A round from the deposits to the close, as the contract would emit it."""
    terms = plan.terms
    verdict = Verdict.of(settlement, terms.options)
    addresses = (shown.labeler for shown in openings)
    outcomes = tuple(map(Outcome.of, addresses, settlement.labelers))
    money = (settlement.paid, settlement.refund, settlement.burned)
    log: list[tuple[Any, ...]] = [
        (Deposited, _REQUESTER, _REQUESTER, terms.price * terms.seats),
        (RoundOpened, number, _REQUESTER, terms, _DEADLINES, TASKS_ROOT, EMPTY_HASH, ZERO, ""),
    ]
    for shown, digest in zip(openings, digests, strict=True):
        log.append((Deposited, shown.labeler, shown.labeler, terms.stake))
        log.append((Committed, number, shown.labeler, digest, b""))
    log += [(Revealed, number, shown.labeler, shown.salt, shown.sheet) for shown in openings]
    log.append((RoundClosed, number, verdict, outcomes, *money))
    transaction = keccak(text=f"transaction {number}")
    return [kind(number, index, transaction, *rest) for index, (kind, *rest) in enumerate(log)]


def run_audit(abi: Abi, folder: Path) -> AuditBenchmark:
    """Load what `work` has cached, and audit it."""
    meter, cache, findings = Meter(), LogCache(folder, DEPLOYED), Findings()
    logs = [log for stretch in cache.load(GENESIS) for log in stretch.logs]
    cache.close()
    meter.lap("load and check the cache")
    events = chain_events.decode(logs, abi)
    meter.lap("decode the logs")
    check_order(events, findings)
    rounds = history(events)
    meter.lap("order of events, histories")
    fit = [past for past in rounds.values() if check_openings(past, DEPLOYED.domain, findings)]
    meter.lap("commitments, gold roots, forms")
    for past in fit:
        check_settlement(past, findings)
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
