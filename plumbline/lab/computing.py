"""What a computer does for the answers of a job and for their audit, part by part.

Labelers pack, hash, seal and sign; a relayer checks signatures and builds transactions, a keeper
likewise; an audit reads the logs of all of it from the disk. Nothing is sent, and no node is asked
while the time is taken. Seconds are those of the processor, so that a busy machine matters little;
what is timed must also be right.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from eth_typing import BlockIdentifier

from plumbline.audit.event_checks import check_ledger
from plumbline.audit.opening_checks import check_openings
from plumbline.audit.order_checks import check_order
from plumbline.audit.report import Findings
from plumbline.audit.settlement_checks import check_settlement
from plumbline.chain.blocks import block_at
from plumbline.chain.contract import LabelRounds
from plumbline.chain.events import decode, encode, fetch
from plumbline.chain.log_cache import LogCache, Stretch
from plumbline.chain.records import Deadlines, RoundState
from plumbline.history.rounds import history
from plumbline.lab.job import JobError, JobLabeler, Plan
from plumbline.lab.meter import Meter, MeteredStep, together
from plumbline.lab.page import Columns, FigureTable
from plumbline.lab.play import TASKS_ROOT, Stage, chunks, entries_of
from plumbline.planning.worlds import rows_of
from plumbline.progress import Progress, track
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import EMPTY_HASH, Opening, commitment, roll_of, sign
from plumbline.protocol.limits import MAX_RELAYED, MAX_REVEALED
from plumbline.protocol.sealing import seal, unseal
from plumbline.settlement import settle
from plumbline.settlement.sheet import pack, unpack
from plumbline.settlement.vectorised import settle_sheets

_PARTS: Final[Columns[MeteredStep]] = {
    "part": lambda part: part.name,
    ">times": lambda part: f"{part.labelers:,}" if part.labelers else "",
    ">cpu seconds": lambda part: f"{part.cpu:.2f}",
    ">microseconds each": lambda part: (
        f"{part.cpu / part.labelers * 1e6:,.0f}" if part.labelers else ""
    ),
}


class _KnownRound(LabelRounds):
    """A client that need not ask how its round stands."""

    state: RoundState

    def round(self, round_id: int, block: BlockIdentifier = "latest") -> RoundState:
        return self.state


def work(stage: Stage, plan: Plan, progress: Progress) -> FigureTable:
    """All that is done for the answers of a job until they are settled, if nobody stays silent.

    The last row is the total.

    Raises JobError if what was packed or sealed does not come back, or if settlements differ.
    """
    meter, client = Meter(), _KnownRound(stage.w3, stage.deployment)
    deployed, people = stage.deployment.deployed, range(plan.labelers)
    labelers = meter.each(
        "make the secrets of a labeler",
        lambda number: JobLabeler.of(plan, number, deployed),
        people,
    )
    for number in track(range(plan.rounds), "work, part by part", progress):
        _work_round(client, plan, number, [labelers[x] for x in plan.seated(number)], meter)
    title = f"Work for {plan.rounds * plan.seats * plan.tasks:,} answers"
    return FigureTable.of("work", title, _PARTS, [*meter.steps, together(meter.steps)])


def _work_round(
    client: _KnownRound, plan: Plan, number: int, labelers: Sequence[JobLabeler], meter: Meter
) -> None:
    terms, options, tasks, seats = plan.terms, plan.options, plan.tasks, plan.seats
    deployed, round_id, each = client.deployment.deployed, number + 1, meter.each
    rows, addresses = rows_of(plan.sheets(number)), [labeler.address for labeler in labelers]

    def digest(shown: Opening) -> bytes:
        return commitment(deployed.domain, round_id, shown.labeler, shown.sheet, shown.salt)

    def sealed(who: JobLabeler, row: list[int | None]) -> bytes:
        return seal(who.master, deployed, round_id, who.address, row, options)

    def unsealed(who: JobLabeler, box: bytes) -> list[int | None]:
        return unseal(who.master, deployed, round_id, who.address, box, options, tasks)[0]

    sheets = each("pack answers", lambda row: pack(row, options), rows)
    unpacked = each("unpack sheets", lambda sheet: unpack(sheet, options, tasks), sheets)
    pairs = (labelers, sheets)
    salts = each("derive salts", lambda who, sheet: who.master.salt(round_id, sheet), *pairs)
    openings = list(map(Opening, addresses, sheets, salts))
    agreed = (labelers, each("hash commitments", digest, openings))
    boxes = each("seal answers", sealed, labelers, rows)
    opened = each("open seals", unsealed, labelers, boxes)
    stakes = (deployed, round_id, terms.stake)
    signed = each("sign consents", lambda who, to: sign(who.account, *stakes, to), *agreed)
    roll = roll_of(TASKS_ROOT, zip(addresses, sheets, strict=True))
    meter.lap("hash the roll", seats)
    ends, counts = Deadlines(1_000, 2_000, 0), (seats, seats, 0)
    client.state = RoundState(ZERO, terms, ends, EMPTY_HASH, ZERO, *counts, roll, False)
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
        raise JobError("sheets, seals and both settlements do not agree")


def audit_parts(stage: Stage, folder: Path) -> FigureTable:
    """Audit all events of a stage from a cache in a folder, which has none yet.

    The last row is the total. Raises JobError if anything is found.
    """
    deployment, cache = stage.deployment, LogCache(folder, stage.deployment.deployed)
    genesis = bytes(stage.w3.eth.get_block(0)["hash"])
    cache.load(genesis)
    kept = tuple(encode(event, deployment.abi) for event in fetch(stage.w3, deployment))
    cache.keep(Stretch(block_at(stage.w3), kept))
    cache.close()
    meter, findings, cache = Meter(), Findings(), LogCache(folder, deployment.deployed)
    logs = [log for stretch in cache.load(genesis) for log in stretch.logs]
    cache.close()
    meter.lap("load and check the cache")
    events = decode(logs, deployment.abi)
    meter.lap("decode the logs")
    check_order(events, findings)
    rounds = history(events)
    meter.lap("order of events, histories")
    fit = [past for past in rounds.values() if check_openings(past, deployment.domain, findings)]
    meter.lap("commitments, gold roots, forms")
    for past in fit:
        check_settlement(past, findings)
    meter.lap("settlements")
    for past in rounds.values():
        findings.compare("roll", 32, len(past.roll), past.round_id)
    meter.lap("rolls")
    check_ledger(events, rounds, findings)
    meter.lap("books")
    if findings.differences:
        raise JobError(f"the audit of sound rounds found {findings.differences[0]}")
    answers = sum(len(past.reveals) * past.rules.tasks for past in rounds.values())
    cached = sum(path.stat().st_size for path in folder.rglob("*.logs"))
    columns = {name: _PARTS[name] for name in ("part", ">cpu seconds")}
    timed, title = [*meter.steps, together(meter.steps)], f"Audit of {answers:,} answers"
    caption = f"{len(events):,} events, {cached / 1e6:.1f} MB of cache"
    return FigureTable.of("audit", title, columns, timed, caption)
