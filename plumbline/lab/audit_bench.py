"""How long an audit of many answers takes once the logs are on the disk.

The events are made here, with commitments that open, a roll that holds and the settlement of the
reference, and written to a cache as a feed writes it. What is timed is what an audit does from
there on, but for asking a node.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Final

from eth_utils.crypto import keccak

from plumbline.audit.event_checks import check_ledger
from plumbline.audit.opening_checks import check_openings
from plumbline.audit.order_checks import check_order
from plumbline.audit.report import Difference, Findings
from plumbline.audit.settlement_checks import check_settlement
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
from plumbline.chain.records import Deadlines, Verdict
from plumbline.history.rounds import history
from plumbline.progress import Progress, unseen
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.protocol.commitment import EMPTY_HASH, commitment, gold_root
from plumbline.protocol.outcomes import Outcome
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement import settle
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import Kind, ScoringTerms, usual_terms

DEPLOYED: Final = Deployed(1, checksum("0x" + "11" * 20))
GENESIS: Final = keccak(text="bench")
_REQUESTER: Final = checksum("0x" + "22" * 20)
# Kind, options and width of the rounds, in turn.
_SHAPES: Final = (
    (Kind.NOMINAL, 2, 1),
    (Kind.NOMINAL, 4, 1),
    (Kind.NOMINAL, 16, 1),
    (Kind.ORDINAL, 5, 3),
)
_GOLDS: Final = 16


@dataclass(frozen=True, slots=True)
class Timing:
    """One part of the work, in seconds of the processor, so that a busy machine matters little."""

    what: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What was audited and how long it took.

    answers      revealed in all rounds, skips included
    cached       size of the cache, bytes
    timings      parts of the audit, in order
    differences  what was found wrong: nothing, or the audit is
    """

    rounds: int
    answers: int
    events: int
    cached: int
    timings: tuple[Timing, ...]
    differences: tuple[Difference, ...]

    @property
    def seconds(self) -> float:
        """The whole audit."""
        return sum(timing.seconds for timing in self.timings)


def prepare(
    abi: Sequence[Mapping[str, Any]],
    folder: Path,
    rounds: int,
    seats: int,
    tasks: int,
    progress: Progress = unseen,
) -> None:
    """Make rounds and cache their logs in a folder that has none. `abi` is of LabelRounds."""
    cache = LogCache(folder, DEPLOYED)
    cache.load(GENESIS)
    for number in range(1, rounds + 1):
        events = make_round(number, seats, tasks)
        end = Checkpoint(events[-1].block, keccak(text=f"block {number}"), number)
        cache.keep(Stretch(end, tuple(encode(event, abi) for event in events)))
        progress("rounds made", number, rounds)
    cache.close()


def run(
    abi: Sequence[Mapping[str, Any]],
    folder: Path,
    plain: bool = False,
    progress: Progress = unseen,
) -> Benchmark:
    """Load what was prepared and audit it; `plain` settles with the reference."""
    clock = _Clock()
    cache = LogCache(folder, DEPLOYED)
    logs = [log for stretch in cache.load(GENESIS) for log in stretch.logs]
    cache.close()
    clock.lap("load and check the cache")
    events = decode(logs, abi, progress)
    clock.lap("decode the logs")
    findings = Findings()
    check_order(events, findings)
    told = list(history(events).values())
    clock.lap("order of events, histories")
    fit = [check_openings(past, DEPLOYED.domain, findings) for past in told]
    clock.lap("commitments, gold roots, forms")
    for number, (past, fits) in enumerate(zip(told, fit, strict=True), 1):
        if fits:
            check_settlement(past, findings, plain)
        progress("rounds settled again", number, len(told))
    clock.lap("settlements")
    for past in told:
        findings.compare("roll", past.opened.uri, past.roll.hex(), past.round_id)
    clock.lap("rolls")
    check_ledger(events, {past.round_id: past for past in told}, findings)
    clock.lap("books")
    return Benchmark(
        rounds=len(told),
        answers=sum(len(past.reveals) * past.rules.tasks for past in told),
        events=len(events),
        cached=sum(path.stat().st_size for path in folder.rglob("*.logs")),
        timings=tuple(clock.laps),
        differences=tuple(findings.differences),
    )


def make_round(number: int, seats: int, tasks: int) -> list[Event]:
    """The events of a round from the deposits to the close, as the contract would emit them."""
    chance = Random(number)
    terms = _terms(number, seats, tasks)
    truth = [chance.randrange(terms.options) for _ in range(tasks)]
    golds = {task: truth[task] for task in range(_GOLDS)} if number % 2 and tasks > 48 else {}
    rows = [_answers(chance, terms, truth) for _ in range(seats)]
    labelers = [_address(f"labeler {seat}") for seat in range(seats)]
    sheets = [pack(row, terms.options) for row in rows]
    salts = [keccak(text=f"salt {seat} {number}") for seat in range(seats)]
    domain = DEPLOYED.domain
    script = _Script(number * 10_000)

    script.add(Deposited, _REQUESTER, _REQUESTER, terms.price * seats)
    gold_sheet, gold_salt, root = None, keccak(text=f"gold {number}"), EMPTY_HASH
    if golds:
        gold_sheet = pack([golds.get(task) for task in range(tasks)], terms.options)
        root = gold_root(domain, _REQUESTER, gold_sheet, gold_salt)
    # No task stands behind it, so the uri can hold the roll instead, for `run` to compare.
    opening = script.add(
        RoundOpened,
        number,
        _REQUESTER,
        terms,
        Deadlines(1_000, 2_000, 3_000 if golds else 0),
        EMPTY_HASH,
        root,
        ZERO,
        "",
    )
    for labeler, sheet, salt in zip(labelers, sheets, salts, strict=True):
        script.add(Deposited, labeler, labeler, terms.stake)
        made = commitment(domain, number, labeler, sheet, salt)
        script.add(Committed, number, labeler, made, b"")
    for labeler, sheet, salt in zip(labelers, sheets, salts, strict=True):
        script.add(Revealed, number, labeler, salt, sheet)
    script.next_block()
    if gold_sheet is not None:
        script.add(GoldOpened, number, gold_salt, gold_sheet)
    result = settle(terms, rows, golds)
    verdict = Verdict.of(result, terms.options)
    outcomes = tuple(
        Outcome.of(labeler, one) for labeler, one in zip(labelers, result.labelers, strict=True)
    )
    script.add(RoundClosed, number, verdict, outcomes, result.paid, result.refund, result.burned)
    return script.with_roll(opening, history(script.events)[number].roll)


def _terms(number: int, seats: int, tasks: int) -> ScoringTerms:
    kind, options, width = _SHAPES[number % len(_SHAPES)]
    return usual_terms(
        kind=kind,
        options=options,
        width=width,
        tasks=tasks,
        price=10**16 + number,
        stake=2 * 10**16 + number,
        seats=seats,
    )


def _answers(chance: Random, terms: ScoringTerms, truth: Sequence[int]) -> list[int | None]:
    """Right so often as is the labeler's own, a guess else, now and then nothing."""
    skill = chance.choice((0.95, 0.9, 0.8, 0.7, 0.3, 0.0))
    row: list[int | None] = []
    for right in truth:
        dice = chance.random()
        if dice < 0.01:
            row.append(None)
        else:
            row.append(right if dice < skill else chance.randrange(terms.options))
    return row


def _address(name: str) -> str:
    return checksum("0x" + keccak(text=name)[-20:].hex())


class _Script:
    """Events one after the other, from a block on."""

    def __init__(self, block: int) -> None:
        self.events: list[Event] = []
        self._block = block
        self._index = 0

    def add(self, kind: type[Event], *fields: Any) -> int:
        """One more event in this block; returns its place in the list."""
        transaction = keccak(text=f"transaction {self._block}")
        made: Any = kind
        self.events.append(made(self._block, self._index, transaction, *fields))
        self._index += 1
        return len(self.events) - 1

    def next_block(self) -> None:
        """What follows is in another transaction."""
        self._block, self._index = self._block + 1, 0

    def with_roll(self, opening: int, roll: bytes) -> list[Event]:
        """The events, with the roll noted in the opening."""
        opened = self.events[opening]
        assert isinstance(opened, RoundOpened)
        noted = replace(opened, uri=roll.hex())
        return [*self.events[:opening], noted, *self.events[opening + 1 :]]


class _Clock:
    """Times parts one after the other, by the processor."""

    def __init__(self) -> None:
        self.laps: list[Timing] = []
        self._since = time.process_time()

    def lap(self, what: str) -> None:
        """A part is done."""
        now = time.process_time()
        self.laps.append(Timing(what, now - self._since))
        self._since = now
