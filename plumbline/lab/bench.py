"""How long a computer takes for the answers of a job and for their audit, without a node.

Labelers pack, hash, seal and sign; a relayer checks signatures and builds transactions, a keeper
likewise; an audit reads logs from the disk, on rounds of several kinds. Seconds are those of the
processor, so that a busy machine matters little; what is timed must also be right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from eth_typing import BlockIdentifier
from eth_utils.crypto import keccak
from web3 import Web3

from plumbline.audit.event_checks import check_ledger
from plumbline.audit.opening_checks import check_openings
from plumbline.audit.order_checks import check_order
from plumbline.audit.report import Difference, Findings
from plumbline.audit.settlement_checks import check_judgement
from plumbline.chain.contract import MAX_RELAYED, MAX_REVEALED, LabelRounds
from plumbline.chain.deployment import Deployment
from plumbline.chain.events import (
    Committed,
    Deposited,
    Event,
    GoldOpened,
    Revealed,
    RoundClosed,
    RoundOpened,
    decode,
    encode,
)
from plumbline.chain.log_cache import Checkpoint, LogCache, Stretch
from plumbline.chain.records import Deadlines, RoundState, Verdict
from plumbline.history.rounds import history
from plumbline.lab.crowds import know_or_guess
from plumbline.lab.job.plan import JobLabeler, Plan, labeler_of, row
from plumbline.lab.meter import Meter, MeteredStep
from plumbline.lab.play import TASKS_ROOT, entries_of
from plumbline.progress import Progress, unseen
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.protocol.commitment import (
    EMPTY_HASH,
    Opening,
    commitment,
    gold_root,
    roll_of,
    sign,
)
from plumbline.protocol.outcomes import Outcome
from plumbline.protocol.sealing import seal, unseal
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement import settle
from plumbline.settlement.sheet import pack, unpack
from plumbline.settlement.terms import Kind, usual_terms
from plumbline.settlement.vectorised import settle_sheets

DEPLOYED: Final = Deployed(1, checksum("0x" + "11" * 20))
GENESIS: Final = keccak(text="bench")
_REQUESTER: Final = checksum("0x" + "22" * 20)
# Kind, options and width of the rounds that are audited, in turn.
_SHAPES: Final = (
    (Kind.NOMINAL, 2, 1),
    (Kind.NOMINAL, 4, 1),
    (Kind.NOMINAL, 16, 1),
    (Kind.ORDINAL, 5, 3),
)
_GOLD_TASKS: Final = 16
_SKILLS: Final = (0.95, 0.9, 0.8, 0.7, 0.3, 0.0)

Abi = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class AuditBenchmark:
    """What was audited and how long it took.

    answers      revealed in all rounds, skips included
    cached       size of the cache, bytes
    parts        of the audit, in order
    differences  what was found wrong: nothing, or the audit is
    """

    rounds: int
    answers: int
    events: int
    cached: int
    parts: tuple[MeteredStep, ...]
    differences: tuple[Difference, ...]


class _Known(LabelRounds):
    """A deployment whose rounds are known, so that no node has to be asked."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(Web3(), deployment)
        self.states: dict[int, RoundState] = {}

    def round(self, round_id: int, block: BlockIdentifier = "latest") -> RoundState:
        return self.states[round_id]


def work(abi: Abi, plan: Plan, progress: Progress = unseen) -> tuple[MeteredStep, ...]:
    """Do all parts of a job in which nobody stays silent. `abi` is of LabelRounds."""
    meter, labelers = Meter(), list[JobLabeler]()
    client = _Known(_deployment(abi))
    for number in range(plan.labelers):
        labelers.append(labeler_of(plan, number, DEPLOYED))
        meter.lap("make the secrets of a labeler", 1)
        progress("keys", number + 1, plan.labelers)
    for number in range(plan.rounds):
        seated = [labelers[seat] for seat in plan.seated(number)]
        _work_round(client, plan, number + 1, seated, meter)
        progress("rounds", number + 1, plan.rounds)
    return meter.steps


def _work_round(
    client: _Known, plan: Plan, round_id: int, labelers: Sequence[JobLabeler], meter: Meter
) -> None:
    terms, options, tasks, seats = plan.terms, plan.options, plan.tasks, plan.seats
    rows = [row(answers) for answers in plan.sheets(round_id - 1)]
    meter.skip()
    sheets = [pack(answers, options) for answers in rows]
    meter.lap("pack answers", seats)
    unpacked = [unpack(sheet, options, tasks) for sheet in sheets]
    meter.lap("unpack sheets", seats)
    pairs = list(zip(labelers, sheets, strict=True))
    salts = [labeler.master.salt(round_id, sheet) for labeler, sheet in pairs]
    meter.lap("derive salts", seats)
    openings = [
        Opening(labeler.address, sheet, salt)
        for (labeler, sheet), salt in zip(pairs, salts, strict=True)
    ]
    entries = entries_of(openings)
    meter.skip()
    digests = [
        commitment(DEPLOYED.domain, round_id, shown.labeler, shown.sheet, shown.salt)
        for shown in openings
    ]
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
    roll = roll_of(TASKS_ROOT, ((entry.labeler, entry.sheet) for entry in entries))
    meter.lap("hash the roll", seats)
    deadlines, counts = Deadlines(1_000, 2_000, 0), (seats, seats, 0)
    state = RoundState(ZERO, terms, deadlines, EMPTY_HASH, ZERO, *counts, roll)
    client.states[round_id] = state
    for start in range(0, seats, MAX_RELAYED):
        client.commit_signed(round_id, signed[start : start + MAX_RELAYED])
    meter.lap("check and relay consents", seats)
    for start in range(0, seats, MAX_REVEALED):
        client.reveal(round_id, openings[start : start + MAX_REVEALED])
    meter.lap("build reveals", seats)
    client.close(round_id, TASKS_ROOT, entries)
    meter.lap("build closings", seats)
    vectorised = settle_sheets(terms, sheets, {})
    meter.lap("settle on tables", seats)
    reference = settle(terms, rows, {})
    meter.lap("settle vote by vote", seats)
    if not (unpacked == unsealed == rows and vectorised == reference):
        raise AssertionError("sheets, seals and both settlements do not agree")


def _deployment(abi: Abi) -> Deployment:
    """One that is on no chain."""
    address = DEPLOYED.address
    return Deployment(
        chain_id=DEPLOYED.chain_id,
        address=address,
        judge=address,
        asset=ZERO,
        sink=address,
        block=0,
        transaction="0x" + EMPTY_HASH.hex(),
        arguments={},
        code_hash="",
        judge_code_hash="",
        compiler="",
        evm_version="",
        abi=[dict(entry) for entry in abi],
    )


# ----------------------------------------------------------------------- audit


def prepare(
    abi: Abi, folder: Path, rounds: int, seats: int, tasks: int, progress: Progress = unseen
) -> None:
    """Make rounds and cache their logs in a folder that has none. `abi` is of LabelRounds."""
    cache = LogCache(folder, DEPLOYED)
    cache.load(GENESIS)
    for number in range(1, rounds + 1):
        events = _made_up(number, seats, tasks)
        end = Checkpoint(events[-1].block, keccak(text=f"block {number}"), number)
        cache.keep(Stretch(end, tuple(encode(event, abi) for event in events)))
        progress("rounds made", number, rounds)
    cache.close()


def run_audit(abi: Abi, folder: Path, plain: bool = False) -> AuditBenchmark:
    """Load what was prepared and audit it; `plain` settles with the reference."""
    meter, cache, findings = Meter(), LogCache(folder, DEPLOYED), Findings()
    logs = [log for stretch in cache.load(GENESIS) for log in stretch.logs]
    cache.close()
    meter.lap("load and check the cache")
    events = decode(logs, abi)
    meter.lap("decode the logs")
    check_order(events, findings)
    rounds = history(events)
    meter.lap("order of events, histories")
    fit = [check_openings(past, DEPLOYED.domain, findings) for past in rounds.values()]
    meter.lap("commitments, gold roots, forms")
    for past, fits in zip(rounds.values(), fit, strict=True):
        if fits:
            check_judgement(past, findings, plain)
    meter.lap("settlements")
    for past in rounds.values():
        findings.compare("roll", len(past.roll), 32, past.round_id)
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


def _made_up(number: int, seats: int, tasks: int) -> list[Event]:
    """The events of a round from the deposits to the close, as the contract would emit them."""
    dice = Random(number)
    kind, options, width = _SHAPES[number % len(_SHAPES)]
    terms = usual_terms(
        kind=kind,
        options=options,
        width=width,
        tasks=tasks,
        price=10**16 + number,
        stake=2 * 10**16 + number,
        seats=seats,
    )
    truth = [dice.randrange(options) for _ in range(tasks)]
    gold = {task: truth[task] for task in range(_GOLD_TASKS)} if number % 2 and tasks > 48 else {}
    rows = [know_or_guess(dice, truth, options, dice.choice(_SKILLS), 0.01) for _ in range(seats)]
    openings = [
        Opening(
            checksum("0x" + keccak(text=f"labeler {seat}")[-20:].hex()),
            pack(answers, options),
            keccak(text=f"salt {seat} {number}"),
        )
        for seat, answers in enumerate(rows)
    ]
    domain, events = DEPLOYED.domain, list[Event]()

    def emit(block: int, kind: Any, *fields: Any) -> None:
        transaction = keccak(text=f"transaction {number} {block}")
        events.append(kind(number * 10_000 + block, len(events), transaction, *fields))

    gold_salt = keccak(text=f"gold {number}")
    gold_sheet = pack([gold.get(task) for task in range(tasks)], options)
    root = gold_root(domain, _REQUESTER, gold_sheet, gold_salt) if gold else EMPTY_HASH
    deadlines = Deadlines(1_000, 2_000, 3_000 if gold else 0)
    emit(0, Deposited, _REQUESTER, _REQUESTER, terms.price * seats)
    roots = (TASKS_ROOT, root)
    emit(0, RoundOpened, number, _REQUESTER, terms, deadlines, *roots, ZERO, "")
    for shown in openings:
        emit(0, Deposited, shown.labeler, shown.labeler, terms.stake)
        digest = commitment(domain, number, shown.labeler, shown.sheet, shown.salt)
        emit(0, Committed, number, shown.labeler, digest, b"")
    for shown in openings:
        emit(0, Revealed, number, shown.labeler, shown.salt, shown.sheet)
    if gold:
        emit(1, GoldOpened, number, gold_salt, gold_sheet)
    result = settle(terms, rows, gold)
    outcomes = tuple(
        Outcome.of(shown.labeler, outcome)
        for shown, outcome in zip(openings, result.labelers, strict=True)
    )
    money = (result.paid, result.refund, result.burned)
    emit(1, RoundClosed, number, Verdict.of(result, options), outcomes, *money)
    return events
