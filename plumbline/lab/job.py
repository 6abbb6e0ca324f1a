"""A job of many rounds from escrow to audit on a chain, and what it takes.

The requester opens all rounds and pays in the stakes; labelers answer, and sign what takes their
seats; a relayer looks at that and sends it, as many in a transaction as it takes. Once nobody can
commit any more labelers hand answers and salts to a keeper, as files; some never do. The keeper
is the product's own, given nothing but the files; an auditor rebuilds everything from events.
Each account sends one transaction after the other.

Who takes which seats and answers what follows from the seed. Labelers are dealt to rounds in
turn, so that each takes about the same number of seats and no two rounds seat the same people.
Everybody has a skill, the share of tasks they know; the rest they guess.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from plumbline.audit import AuditReport, audit
from plumbline.chain.call import Call, Receipt
from plumbline.chain.events import fetch
from plumbline.chain.feed import Feed
from plumbline.chain.records import Deadlines
from plumbline.errors import PlumblineError
from plumbline.history.rounds import history_of
from plumbline.keeper import (
    ActionOutcome,
    Keeper,
    KeeperAccount,
    KeeperSettings,
    LogEntry,
    Resources,
)
from plumbline.lab.meter import Meter, MeteredStep
from plumbline.lab.play import Stage
from plumbline.labeler.consents import Consent
from plumbline.labeler.delegated_folder import Folder
from plumbline.labeler.delegated_reveals import DelegatedReveal, file_in, write
from plumbline.labeler.relay import applicable, batches
from plumbline.planning.worlds import PRICE, SKIP, Answers, rows_of
from plumbline.progress import Progress, no_progress, track
from plumbline.protocol import master_key
from plumbline.protocol.commitment import commitment
from plumbline.protocol.manifest import Manifest
from plumbline.protocol.master_key import MasterKey
from plumbline.protocol.sealing import seal
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import BPS, Kind, ScoringTerms, usual_terms
from plumbline.transactions.senders import GAS_CAP

T = TypeVar("T")

_STAKE: Final = 2 * 10**16  # wei
_WEEK: Final = 7 * 86_400  # seconds: every seat is taken long before
_DAY: Final = 86_400
_MOST_TICKS: Final = 50
_REQUESTER, _RELAYER, _KEEPER = range(3)  # whose keys; the requester pays in the stakes too
_SKILLS: Final = (0.95, 0.9, 0.9, 0.85, 0.85, 0.8, 0.75, 0.7, 0.6, 0.0)


class JobError(PlumblineError):
    """A job that cannot be done, or was not done whole."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A job of `rounds` rounds."""

    rounds: int = 16
    tasks: int = 256
    seats: int = 255
    labelers: int = 1_000
    options: int = 4  # K, of nominal tasks
    silent_bps: int = 100  # share of the seats whose answers never reach anybody
    skip_bps: int = 200  # share of the tasks that a labeler leaves out
    is_sealed: bool = False  # the answers ride along with the commitments, encrypted
    seed: int = 1

    def __post_init__(self) -> None:
        """Raises JobError if there are too few labelers for a round, or one without a seat."""
        if not self.seats <= self.labelers <= self.rounds * self.seats:
            raise JobError(
                f"{self.labelers} labelers for {self.rounds} rounds of {self.seats} seats: it takes"
                f" {self.seats} to {self.rounds * self.seats}"
            )

    @property
    def terms(self) -> ScoringTerms:
        """The rules of every round."""
        shape = (Kind.NOMINAL, self.options, 1, self.tasks)
        return usual_terms(*shape, price=PRICE, stake=_STAKE, seats=self.seats, gold_count=0)

    def secret(self, labeler: int) -> bytes:
        """The private key of a labeler, 32 bytes. Anyone can make it: for play only."""
        return keccak(text=f"labeler {labeler} of job {self.seed}")

    def seated(self, number: int) -> list[int]:
        """Who takes the seats of round `number` (from 0)."""
        dealt = np.random.default_rng(self.seed).permutation(self.labelers)
        places = (number * self.seats + np.arange(self.seats)) % self.labelers
        return [int(labeler) for labeler in dealt[places]]

    def seats_taken(self) -> Counter[int]:
        """How many seats each labeler takes in all."""
        return Counter(labeler for number in range(self.rounds) for labeler in self.seated(number))

    def sheets(self, number: int) -> Answers:
        """The answers of round `number`, seats by tasks; -1 is a skip."""
        dice, shape = np.random.default_rng([self.seed, number]), (self.seats, self.tasks)
        skill = np.array([_SKILLS[labeler % len(_SKILLS)] for labeler in self.seated(number)])
        # The first option comes most often, as it does in truth.
        weights = np.arange(self.options + 1, 1, -1)
        truth = dice.choice(self.options, self.tasks, p=weights / weights.sum())
        knows = dice.random(shape) < skill[:, None]
        answers = np.where(knows, truth, dice.integers(self.options, size=shape))
        return np.where(dice.random(shape) < self.skip_bps / BPS, SKIP, answers)

    def silent(self, number: int) -> frozenset[int]:
        """The seats of round `number` that are never opened."""
        dice = np.random.default_rng([self.seed, number, 1])
        return frozenset(np.flatnonzero(dice.random(self.seats) < self.silent_bps / BPS).tolist())


@dataclass(frozen=True, slots=True)
class JobLabeler:
    """A key, and what its secrets in one deployment come from."""

    account: LocalAccount
    address: str
    master: MasterKey

    @classmethod
    def of(cls, plan: Plan, number: int, deployed: Deployed) -> "JobLabeler":
        """A labeler of the plan, with the master key that the wallet's signature makes."""
        account: LocalAccount = Account.from_key(plan.secret(number))
        address = str(account.address)
        signature = account.sign_message(master_key.message(deployed, address, epoch=0)).signature
        master = master_key.from_signature(deployed, address, 0, bytes(signature))
        return cls(account, address, master)


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a job came to."""

    plan: Plan
    steps: tuple[MeteredStep, ...]
    answers: int  # settled, skips of those who revealed included
    silent: int  # seats that were slashed for silence
    block_limit: int  # gas of a block on this chain
    report: AuditReport

    @property
    def too_large(self) -> tuple[str, ...]:
        """Steps with a transaction of more gas than Ethereum lets it use."""
        return tuple(step.name for step in self.steps if step.largest > GAS_CAP)


@dataclass(slots=True)
class Job:
    """Does a job on a deployment of its own."""

    stage: Stage  # three accounts with ether, each of one purpose
    plan: Plan
    folder: Path  # empty: the answers that the keeper is to reveal
    progress: Progress = no_progress
    _meter: Meter = field(default_factory=Meter)

    def run(self) -> JobResult:
        """All of it. Raises JobError if a step was not done whole."""
        plan, deployed = self.plan, self.stage.deployment.deployed
        genesis = bytes(self.stage.w3.eth.get_block(0)["hash"])
        people = self._each("keys", range(plan.labelers))
        labelers = [JobLabeler.of(plan, number, deployed) for number in people]
        self._meter.lap("keys", plan.labelers)
        rounds = list(enumerate(self._open()))
        self._stake(labelers)
        signed = [
            self._answer(*each, labelers, genesis) for each in self._each("answer and sign", rounds)
        ]
        for number, round_id in self._each("commit", rounds):
            self._relay(round_id, [consent for consent, _ in signed[number]])
        for number, _ in self._each("hand to the keeper", rounds):
            self._hand_over(number, [delegated for _, delegated in signed[number]])
        self._keep(Folder(self.folder, deployed, genesis))
        report = audit(self.stage.w3, self.stage.deployment, progress=self.progress)
        self._meter.lap("audit")
        for each in report.rounds:
            if not each.mode or each.revealed + each.gone != plan.seats:
                raise JobError(f"round {each.round_id} did not come to its end: {each.state}")
        return JobResult(
            plan=plan,
            steps=self._meter.steps,
            answers=sum(each.revealed for each in report.rounds) * plan.tasks,
            silent=sum(each.gone for each in report.rounds),
            block_limit=int(self.stage.w3.eth.get_block("latest")["gasLimit"]),
            report=report,
        )

    def _open(self) -> Iterator[int]:
        """Escrow and rounds; the number of each."""
        plan, terms, client = self.plan, self.plan.terms, self.stage.client
        escrow = client.deposit(terms.price * terms.seats * plan.rounds)
        self._send(_REQUESTER, "escrow", escrow, labelers=0)
        options = tuple(f"option {option}" for option in range(plan.options))
        for first in self._each("open", range(0, plan.rounds * plan.tasks, plan.tasks)):
            tasks = tuple(f"task {task}" for task in range(first, first + plan.tasks))
            end = self.stage.now() + _WEEK
            root = Manifest(options, tasks).root
            opening = client.open(terms, Deadlines(end, end + _DAY, 0), root)
            self._send(_REQUESTER, "open", opening, labelers=0)
            yield client.round_count()

    def _stake(self, labelers: Sequence[JobLabeler]) -> None:
        """Everybody gets the stakes of the own seats, to the wei."""
        taken, stake = self.plan.seats_taken(), self.plan.terms.stake
        for number in self._each("stakes", range(len(labelers))):
            call = self.stage.client.deposit_for(labelers[number].address, taken[number] * stake)
            self._send(_REQUESTER, "stakes", call)

    def _answer(
        self, number: int, round_id: int, labelers: Sequence[JobLabeler], genesis: bytes
    ) -> list[tuple[Consent, DelegatedReveal]]:
        """Of each seat of a round what is signed, and what a keeper is given later."""
        plan, deployed, stake = self.plan, self.stage.deployment.deployed, self.plan.terms.stake
        signed = []
        for seat, answers in zip(plan.seated(number), rows_of(plan.sheets(number)), strict=True):
            labeler, sheet, sealed = labelers[seat], pack(answers, plan.options), b""
            address, salt = labeler.address, labeler.master.salt(round_id, sheet)
            digest = commitment(deployed.domain, round_id, address, sheet, salt)
            if plan.is_sealed:
                sealed = seal(labeler.master, deployed, round_id, address, answers, plan.options)
            where = (deployed, round_id, address, stake, digest)
            unsigned = Consent(*where, sealed, evidence=(), signature=b"", is_wallet=False)
            signature = bytes(labeler.account.sign_message(unsigned.message).signature)
            secret = (plan.options, tuple(answers), salt, digest)
            delegated = DelegatedReveal(deployed, genesis, round_id, address, *secret)
            signed.append((unsigned.with_signature(signature), delegated))
        self._meter.lap("answer and sign", plan.seats)
        return signed

    def _relay(self, round_id: int, consents: Sequence[Consent]) -> None:
        """All consents of a round, each looked at before it is sent."""
        events = fetch(self.stage.w3, self.stage.deployment, round_id=round_id)
        past = history_of(events, round_id)
        # What is locked for rounds before is in the account already.
        now = self.stage.now()
        good, skipped = applicable(self.stage.client, past, now, consents, Counter())
        if skipped:
            raise JobError(f"round {round_id}: {skipped[0].reason}")
        for batch in batches(self.stage.client, round_id, good):
            self._send(_RELAYER, "commit", batch.call, len(batch.consents))

    def _hand_over(self, number: int, delegated: Sequence[DelegatedReveal]) -> None:
        """What a keeper is to reveal of a round: a file for each seat that is not silent."""
        lost = self.plan.silent(number)
        for place, seat in enumerate(delegated):
            if place not in lost:
                write(file_in(self.folder, seat), seat)
        self._meter.lap("hand to the keeper", len(delegated) - len(lost))

    def _keep(self, files: Folder) -> None:
        """Let a keeper do the rest: once now, and if somebody is silent when time is up."""
        account, last = self.stage.keys[_KEEPER], list[tuple[Call, Receipt]]()
        rounds, finished, seen = self.plan.rounds, Counter[str](), set[str]()

        def send(call: Call) -> Receipt:
            last[:] = [(call, self.stage.send(account, call))]
            return last[0][1]

        def hear(entry: LogEntry) -> None:
            result = entry.result
            if result is not None and last and result.transaction == last[0][1].transaction:
                is_first = result.transaction not in seen
                seen.add(result.transaction)
                self._meter.shared(
                    result.kind, *last[0], result.labelers, result.gas_used, is_first
                )
                finished[result.kind] += 1
                self.progress("close", finished["close"] + finished["conclude"], rounds)

        sender = KeeperAccount(send, account.address, lambda: False)
        resources = Resources(files.contents, lambda history: None, sender, hear)
        feed, settings = Feed(self.stage.w3, self.stage.deployment), KeeperSettings(confirmations=0)
        keeper = Keeper(self.stage.client, feed, settings, resources)
        self._settle(keeper)
        if any(self.plan.silent(number) for number in range(rounds)):
            self.stage.advance(_WEEK + _DAY)
            self._settle(keeper)

    def _settle(self, keeper: Keeper) -> None:
        """Let it look until nothing is due any more."""
        for _ in range(_MOST_TICKS):
            tick = keeper.tick()
            self._meter.lap("keeper looks")
            for done in tick.results:
                if done.outcome is not ActionOutcome.DONE:
                    failed = f"{done.kind} {done.outcome.value}: {done.reason}"
                    raise JobError(f"round {done.round_id}: {failed}")
            if tick.held is not None:
                raise JobError(f"the keeper can send nothing: {tick.held}")
            if not tick.results:
                return
        raise JobError(f"the keeper is not done after {_MOST_TICKS} looks")

    def _send(self, place: int, step: str, call: Call, labelers: int = 1) -> None:
        receipt = self.stage.send(self.stage.keys[place], call)
        self._meter.sent(step, call, receipt, labelers)

    def _each(self, what: str, items: Collection[T]) -> Iterator[T]:
        return track(items, what, self.progress)
