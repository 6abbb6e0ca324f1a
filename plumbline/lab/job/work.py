"""A job from escrow to audit, through the same library that the commands use.

The requester opens all rounds and pays in the stakes; labelers answer, and sign what takes their
seats; a relayer looks at that and sends it, as many in a transaction as it takes. Once nobody can
commit any more labelers hand answers and salts to a keeper, as files; some never do. The keeper
is the product's own, given nothing but the files; an auditor rebuilds everything from events.
Each account sends one transaction after the other.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add
from pathlib import Path
from typing import Final

from eth_account.signers.local import LocalAccount
from web3 import Web3

from plumbline.audit import AuditReport, audit
from plumbline.chain.call import Call, Receipt
from plumbline.chain.contract import LabelRounds
from plumbline.chain.deployment import Deployment
from plumbline.chain.events import fetch
from plumbline.chain.feed import Feed
from plumbline.chain.records import Deadlines
from plumbline.history.rounds import history
from plumbline.keeper import (
    ActionOutcome,
    Keeper,
    KeeperAccount,
    KeeperSettings,
    LogEntry,
    Resources,
)
from plumbline.lab.job.plan import JobError, JobLabeler, Plan, answer_round, labeler_of
from plumbline.lab.meter import Meter, MeteredStep
from plumbline.lab.play import now
from plumbline.labeler.consents import Consent
from plumbline.labeler.delegated_reveals import DelegatedReveal, Folder, file_in, write
from plumbline.labeler.relay import applicable, batches
from plumbline.progress import Progress, no_progress
from plumbline.protocol.manifest import Manifest
from plumbline.transactions.outbox import Outbox
from plumbline.transactions.senders import GAS_CAP

_WEEK: Final = 7 * 86_400  # seconds: every seat is taken long before
_DAY: Final = 86_400
_MOST_TICKS: Final = 50

Answered = Sequence[tuple[Consent, DelegatedReveal]]


@dataclass(frozen=True, slots=True)
class Crew:
    """Accounts with ether, each of one purpose; `requester` pays in the stakes too."""

    requester: LocalAccount
    relayer: LocalAccount
    keeper: LocalAccount


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
    def total(self) -> MeteredStep:
        """All steps together."""
        together = reduce(add, self.steps, MeteredStep("together"))
        # The same labelers in every step: their sum means nothing.
        return replace(together, labelers=0)

    @property
    def too_large(self) -> tuple[str, ...]:
        """Steps with a transaction of more gas than any chain lets it use."""
        return tuple(step.name for step in self.steps if step.largest > GAS_CAP)


@dataclass(slots=True)
class Job:
    """Does a job on a deployment of its own."""

    w3: Web3
    deployment: Deployment
    plan: Plan
    crew: Crew
    folder: Path  # empty: the answers that the keeper is to reveal
    advance: Callable[[int], None]  # makes so many seconds pass on the chain
    progress: Progress = no_progress
    _client: LabelRounds = field(init=False)
    _meter: Meter = field(init=False)

    def __post_init__(self) -> None:
        self._client = LabelRounds(self.w3, self.deployment)

    def run(self) -> JobResult:
        """All of it. Raises JobError if a step was not done whole."""
        self._meter = Meter()
        genesis = bytes(self.w3.eth.get_block(0)["hash"])
        labelers = self._labelers()
        numbers = self._open()
        self._stake(labelers)
        answered = self._answer(numbers, labelers, genesis)
        self._relay(numbers, answered)
        self._keep(answered, genesis)
        report = audit(self.w3, self.deployment, progress=self.progress)
        self._meter.lap("audit")
        for a_round in report.rounds:
            if not a_round.mode or a_round.revealed + a_round.gone != self.plan.seats:
                raise JobError(f"round {a_round.round_id} did not come to its end: {a_round.state}")
        return JobResult(
            plan=self.plan,
            steps=self._meter.steps,
            answers=sum(a_round.revealed for a_round in report.rounds) * self.plan.tasks,
            silent=sum(a_round.gone for a_round in report.rounds),
            block_limit=int(self.w3.eth.get_block("latest")["gasLimit"]),
            report=report,
        )

    def _labelers(self) -> list[JobLabeler]:
        labelers, count = list[JobLabeler](), self.plan.labelers
        for number in range(count):
            labelers.append(labeler_of(self.plan, number, self.deployment.deployed))
            self.progress("keys", number + 1, count)
        self._meter.lap("keys", count)
        return labelers

    def _open(self) -> list[int]:
        """Escrow and rounds; the number of each."""
        plan, terms = self.plan, self.plan.terms
        outbox = self._outbox(self.crew.requester)
        pay_in = self._meter.through(outbox.send, "escrow", 0)
        pay_in(self._client.deposit(terms.price * terms.seats * plan.rounds))
        open_round = self._meter.through(outbox.send, "open", 0)
        options = tuple(f"option {option}" for option in range(plan.options))
        numbers = []
        for number in range(plan.rounds):
            self.progress("open", number + 1, plan.rounds)
            first = number * plan.tasks
            tasks = tuple(f"task {task}" for task in range(first, first + plan.tasks))
            end = now(self.w3) + _WEEK
            deadlines = Deadlines(end, end + _DAY, 0)
            open_round(self._client.open(terms, deadlines, Manifest(options, tasks).root))
            numbers.append(self._client.round_count())
        return numbers

    def _stake(self, labelers: Sequence[JobLabeler]) -> None:
        """Everybody gets the stakes of the own seats, to the wei."""
        send = self._meter.through(self._outbox(self.crew.requester).send, "stakes")
        taken = self.plan.seats_taken()
        for number, labeler in enumerate(labelers):
            stakes = taken[number] * self.plan.terms.stake
            send(self._client.deposit_for(labeler.address, stakes))
            self.progress("stakes", number + 1, len(labelers))

    def _answer(
        self, numbers: Sequence[int], labelers: Sequence[JobLabeler], genesis: bytes
    ) -> list[Answered]:
        """What everybody signs, round by round."""
        deployed, answered = self.deployment.deployed, list[Answered]()
        for number, round_id in enumerate(numbers):
            answered.append(answer_round(self.plan, number, round_id, labelers, deployed, genesis))
            self.progress("answer and sign", number + 1, len(numbers))
            self._meter.lap("answer and sign", self.plan.seats)
        return answered

    def _relay(self, numbers: Sequence[int], answered: Sequence[Answered]) -> None:
        """All consents, each looked at before it is sent."""
        outbox = self._outbox(self.crew.relayer)
        for number, (round_id, seats) in enumerate(zip(numbers, answered, strict=True)):
            past = history(fetch(self.w3, self.deployment, round_id=round_id))[round_id]
            consents = [consent for consent, _ in seats]
            # What is locked for rounds before is in the account already.
            good, skipped = applicable(self._client, past, now(self.w3), consents, Counter())
            if skipped:
                raise JobError(f"round {round_id}: {skipped[0].reason}")
            for batch in batches(self._client, round_id, good):
                self._meter.sent("commit", batch.call, outbox.send(batch.call), len(batch.consents))
            self.progress("commit", number + 1, len(numbers))

    def _keep(self, answered: Sequence[Answered], genesis: bytes) -> None:
        """Hand over what is to be revealed, and let a keeper do the rest."""
        silent = 0
        for number, seats in enumerate(answered):
            lost = self.plan.silent(number)
            silent += len(lost)
            for place, (_, delegated) in enumerate(seats):
                if place not in lost:
                    write(file_in(self.folder, delegated), delegated)
            self._meter.lap("hand to the keeper", len(seats) - len(lost))
            self.progress("hand to the keeper", number + 1, len(answered))
        keeper = self._keeper(Folder(self.folder, self.deployment.deployed, genesis))
        self._settle(keeper)
        if silent:
            self.advance(_WEEK + _DAY)
            self._settle(keeper)

    def _keeper(self, files: Folder) -> Keeper:
        outbox, finished = self._outbox(self.crew.keeper), Counter[str]()
        last: list[tuple[Call, Receipt]] = []

        def send(call: Call) -> Receipt:
            receipt = outbox.send(call)
            last[:] = [(call, receipt)]
            return receipt

        def hear(entry: LogEntry) -> None:
            done, rounds = entry.result, self.plan.rounds
            if done is None or not last:
                return
            self._meter.sent(done.kind, *last.pop(), done.labelers)
            for what in ("reveal", "close"):
                if done.kind in (what, "conclude"):
                    finished[what] += 1
                    # A round that did not fit into one transaction took more.
                    self.progress(what, min(finished[what], rounds), rounds)

        hand = KeeperAccount(send, self.crew.keeper.address, lambda: False)
        means = Resources(files.contents, lambda requester, root: None, hand, hear)
        feed = Feed(self.w3, self.deployment)
        return Keeper(self._client, feed, KeeperSettings(confirmations=0), means)

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

    def _outbox(self, account: LocalAccount) -> Outbox:
        # Neither these accounts nor the chain outlive the process: no journal.
        return Outbox(self.w3, account, None)
