"""How long a computer takes for the answers of a job, without a node.

Labelers pack, hash, seal and sign; a relayer checks signatures and builds transactions, a keeper
likewise; whoever looks back settles again, on whole tables or vote by vote. What an audit does
besides is timed in `audit.bench`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from eth_typing import BlockIdentifier
from eth_utils.crypto import keccak
from web3 import Web3

from plumbline.chain.contract import MAX_RELAYED, MAX_REVEALED, LabelRounds
from plumbline.chain.deployment import Deployment
from plumbline.chain.records import Deadlines, RoundState
from plumbline.lab.job.labelers import Labeler, labeler_of
from plumbline.lab.job.plan import Plan, row
from plumbline.progress import Progress, unseen
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.protocol.commitment import (
    EMPTY_HASH,
    Entry,
    Opening,
    SignedCommitment,
    commitment,
    roll_of,
    sign,
)
from plumbline.protocol.sealing import seal, unseal
from plumbline.settlement import settle
from plumbline.settlement.sheet import Sheet, pack, unpack
from plumbline.settlement.vectorised import settle_sheets

T = TypeVar("T")

_TASKS_ROOT: Final = keccak(text="tasks")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the work: how often it was done, and the seconds of the processor in all."""

    what: str
    times: int
    seconds: float


def run(
    abi: Sequence[Mapping[str, Any]], plan: Plan, progress: Progress = unseen
) -> tuple[Part, ...]:
    """Do all parts for a plan, round by round. `abi` is of LabelRounds."""
    bench = _Bench(abi, plan)
    labelers = []
    for number in range(plan.labelers):
        labelers.append(bench.labeler(number))
        progress("keys", number + 1, plan.labelers)
    for number in range(plan.rounds):
        bench.round(number, labelers)
        progress("rounds", number + 1, plan.rounds)
    return tuple(bench.clock.parts.values())


@dataclass(slots=True)
class _Clock:
    """Adds up what each part takes, in the order in which they were begun."""

    parts: dict[str, Part] = field(default_factory=dict)

    def timed(self, what: str, times: int, work: Callable[[], T]) -> T:
        begin = time.process_time()
        done = work()
        seconds = time.process_time() - begin
        known = self.parts.get(what, Part(what, 0, 0.0))
        self.parts[what] = Part(what, known.times + times, known.seconds + seconds)
        return done


class _Known(LabelRounds):
    """A deployment whose rounds are known, so that no node has to be asked."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(Web3(), deployment)
        self.states: dict[int, RoundState] = {}

    def round(self, round_id: int, block: BlockIdentifier = "latest") -> RoundState:
        """As of now; `block` is the only one."""
        return self.states[round_id]


class _Bench:
    """All parts, timed."""

    def __init__(self, abi: Sequence[Mapping[str, Any]], plan: Plan) -> None:
        self.clock = _Clock()
        self._plan = plan
        self._rounds = _Known(_deployment(abi))
        self._deployed = self._rounds.deployment.deployed
        self._domain = self._deployed.domain

    def labeler(self, number: int) -> Labeler:
        """Key and master key, the first of all secrets."""
        timed = self.clock.timed
        return timed("make the secrets of a labeler", 1, lambda: self._labeler(number))

    def round(self, number: int, everybody: Sequence[Labeler]) -> None:
        """Everything in a round in which nobody stays silent."""
        plan, timed = self._plan, self.clock.timed
        round_id, seats = number + 1, plan.seats
        labelers = [everybody[seat] for seat in plan.seated(number)]
        rows = [row(answers) for answers in plan.sheets(number)]

        sheets = timed("pack answers", seats, lambda: [pack(one, plan.options) for one in rows])
        unpacked = timed(
            "unpack sheets",
            seats,
            lambda: [unpack(sheet, plan.options, plan.tasks) for sheet in sheets],
        )
        _require(unpacked == rows, "sheets hold the answers")
        salts = timed(
            "derive salts",
            seats,
            lambda: [
                one.master.salt(round_id, sheet)
                for one, sheet in zip(labelers, sheets, strict=True)
            ],
        )
        openings = [
            Opening(one.address, sheet, salt)
            for one, sheet, salt in zip(labelers, sheets, salts, strict=True)
        ]
        made = timed("hash commitments", seats, lambda: self._commitments(round_id, openings))
        sealed = timed("seal answers", seats, lambda: self._sealed(round_id, labelers, rows))
        restored = timed("open seals", seats, lambda: self._unsealed(round_id, labelers, sealed))
        _require(restored == rows, "seals hold the answers")
        signed = timed("sign consents", seats, lambda: self._signed(round_id, labelers, made))
        roll = timed("hash the roll", seats, lambda: _roll(openings))
        self._rounds.states[round_id] = self._state(roll)
        timed("check and carry consents", seats, lambda: self._carry(round_id, signed))
        entries = [Entry(one.labeler, one.sheet) for one in openings]
        timed("build reveals", seats, lambda: self._reveal(round_id, openings))
        timed("build closings", seats, lambda: self._rounds.close(round_id, _TASKS_ROOT, entries))
        self._settle(rows, sheets)

    # ---------------------------------------------------------------- internal

    def _labeler(self, number: int) -> Labeler:
        return labeler_of(self._plan, number, self._deployed)

    def _commitments(self, round_id: int, openings: Sequence[Opening]) -> list[bytes]:
        return [
            commitment(self._domain, round_id, one.labeler, one.sheet, one.salt) for one in openings
        ]

    def _sealed(
        self, round_id: int, labelers: Sequence[Labeler], rows: Sequence[list[int | None]]
    ) -> list[bytes]:
        options = self._plan.options
        return [
            seal(one.master, self._deployed, round_id, one.address, answers, options)
            for one, answers in zip(labelers, rows, strict=True)
        ]

    def _unsealed(
        self, round_id: int, labelers: Sequence[Labeler], sealed: Sequence[bytes]
    ) -> list[list[int | None]]:
        options, tasks = self._plan.options, self._plan.tasks
        return [
            unseal(one.master, self._deployed, round_id, one.address, box, options, tasks)[0]
            for one, box in zip(labelers, sealed, strict=True)
        ]

    def _signed(
        self, round_id: int, labelers: Sequence[Labeler], made: Sequence[bytes]
    ) -> list[SignedCommitment]:
        stake = self._plan.terms.stake
        return [
            sign(one.account, self._deployed, round_id, stake, digest)
            for one, digest in zip(labelers, made, strict=True)
        ]

    def _carry(self, round_id: int, signed: Sequence[SignedCommitment]) -> None:
        for start in range(0, len(signed), MAX_RELAYED):
            self._rounds.commit_signed(round_id, signed[start : start + MAX_RELAYED])

    def _reveal(self, round_id: int, openings: Sequence[Opening]) -> None:
        for start in range(0, len(openings), MAX_REVEALED):
            self._rounds.reveal(round_id, openings[start : start + MAX_REVEALED])

    def _state(self, roll: bytes) -> RoundState:
        return RoundState(
            requester=ZERO,
            rules=self._plan.terms,
            deadlines=Deadlines(1_000, 2_000, 0),
            gold_root=EMPTY_HASH,
            admission=ZERO,
            committed=self._plan.seats,
            revealed=self._plan.seats,
            gone=0,
            roll=roll,
        )

    def _settle(self, rows: Sequence[list[int | None]], sheets: Sequence[Sheet]) -> None:
        terms, timed, seats = self._plan.terms, self.clock.timed, self._plan.seats
        fast = timed("settle on tables", seats, lambda: settle_sheets(terms, sheets, {}))
        plain = timed("settle vote by vote", seats, lambda: settle(terms, rows, {}))
        _require(fast == plain, "both settle alike")


def _roll(openings: Sequence[Opening]) -> bytes:
    return roll_of(_TASKS_ROOT, ((one.labeler, one.sheet) for one in openings))


def _require(holds: bool, what: str) -> None:
    """What is timed must also be right."""
    if not holds:
        raise AssertionError(f"not so: {what}")


def _deployment(abi: Sequence[Mapping[str, Any]]) -> Deployment:
    """One that is on no chain."""
    address = checksum("0x" + keccak(text="bench")[-20:].hex())
    return Deployment(
        chain_id=1,
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
