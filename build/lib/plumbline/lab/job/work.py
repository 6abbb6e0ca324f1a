"""A job from escrow to audit, through the same library that the commands use.

    requester   escrow, and one round after the other is opened
    sponsor     pays in the stakes of labelers who have no ether (the requester's account here)
    labelers    answer, and sign what takes their seats
    relayer     looks at what they signed and carries it, as many in a transaction as it takes
    labelers    once nobody can commit any more, hand answers and salts to a keeper, as files;
                some never do
    keeper      reveals, closes, slashes the silent: the product's own, told nothing but the files
    auditor     rebuilds everything from events

Each account sends one transaction after the other.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
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
from plumbline.keeper import Done, Hand, Happening, Keeper, Means, Outcome, Settings
from plumbline.lab.job.labelers import Answered, Labeler, answer_round, labeler_of
from plumbline.lab.job.meter import Meter, Step
from plumbline.lab.job.plan import JobError, Plan
from plumbline.labeler.delegated_reveals import Folder, file_in, write
from plumbline.labeler.relay import applicable, batches
from plumbline.progress import Progress, unseen
from plumbline.protocol.manifest import Manifest
from plumbline.transactions.outbox import Outbox
from plumbline.transactions.senders import GAS_CAP

_WEEK: Final = 7 * 86_400  # seconds: every seat is taken long before
_DAY: Final = 86_400
_MOST_TICKS: Final = 50


@dataclass(frozen=True, slots=True)
class Crew:
    """Accounts with ether, each of one purpose; `requester` pays in the stakes too."""

    requester: LocalAccount
    relayer: LocalAccount
    keeper: LocalAccount


@dataclass(frozen=True, slots=True)
class Result:
    """What a job came to.

    answers      settled, skips of those who revealed included
    silent       seats that were slashed for silence
    block_limit  gas of a block on this chain
    """

    plan: Plan
    steps: tuple[Step, ...]
    answers: int
    silent: int
    block_limit: int
    report: AuditReport

    @property
    def total(self) -> Step:
        """All steps together."""
        together = Step("together")
        for step in self.steps:
            together += step
        # The same labelers in every step: their sum means nothing.
        return replace(together, labelers=0)

    @property
    def too_large(self) -> tuple[str, ...]:
        """Steps with a transaction of more gas than any chain lets it use."""
        return tuple(step.name for step in self.steps if step.largest > GAS_CAP)


@dataclass(slots=True)
class Job:
    """Does a job on a deployment of its own.

    folder    empty: the answers that are delegated to the keeper
    advance   makes so many seconds pass on the chain
    """

    w3: Web3
    deployment: Deployment
    plan: Plan
    crew: Crew
    folder: Path
    advance: Callable[[int], None]
    progress: Progress = unseen
    _rounds: LabelRounds = field(init=False)
    _meter: Meter = field(init=False)
    _done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._rounds = LabelRounds(self.w3, self.deployment)

    def run(self) -> Result:
        """All of it. Raises JobError if a step was not done whole."""
        self._meter = Meter()
        genesis = bytes(self.w3.eth.get_block(0)["hash"])
        labelers = self._labelers()
        numbers = self._open()
        self._stake(labelers)
        answered = self._answer(numbers, labelers, genesis)
        self._carry(numbers, answered)
        self._keep(answered, genesis)
        report = audit(self.w3, self.deployment, progress=self.progress)
        self._meter.lap("audit")
        revealed = sum(one.revealed for one in report.rounds)
        self._require_over(report)
        return Result(
            plan=self.plan,
            steps=self._meter.steps,
            answers=revealed * self.plan.tasks,
            silent=sum(one.gone for one in report.rounds),
            block_limit=int(self.w3.eth.get_block("latest")["gasLimit"]),
            report=report,
        )

    # -------------------------------------------------------------- requester

    def _open(self) -> list[int]:
        """Escrow and rounds; the number of each."""
        terms = self.plan.terms
        outbox = self._outbox(self.crew.requester)
        pay_in = self._meter.through(outbox.send, "escrow", 0)
        pay_in(self._rounds.deposit(terms.price * terms.seats * self.plan.rounds))
        open_round = self._meter.through(outbox.send, "open", 0)
        numbers = []
        for number in range(self.plan.rounds):
            self.progress("open", number + 1, self.plan.rounds)
            first = number * self.plan.tasks
            tasks = tuple(f"task {first + task}" for task in range(self.plan.tasks))
            options = tuple(f"option {option}" for option in range(self.plan.options))
            now = int(self.w3.eth.get_block("latest")["timestamp"])
            deadlines = Deadlines(now + _WEEK, now + _WEEK + _DAY, 0)
            open_round(self._rounds.open(terms, deadlines, Manifest(options, tasks).root))
            numbers.append(self._rounds.round_count())
        return numbers

    def _stake(self, labelers: Sequence[Labeler]) -> None:
        """Everybody gets the stakes of the own seats, to the wei."""
        send = self._meter.through(self._outbox(self.crew.requester).send, "stakes")
        taken = self.plan.seats_taken()
        for number, labeler in enumerate(labelers):
            stakes = taken[number] * self.plan.terms.stake
            send(self._rounds.deposit_for(labeler.address, stakes))
            self.progress("stakes", number + 1, len(labelers))

    # --------------------------------------------------------------- labelers

    def _labelers(self) -> list[Labeler]:
        deployed = self.deployment.deployed
        made = []
        for number in range(self.plan.labelers):
            made.append(labeler_of(self.plan, number, deployed))
            self.progress("keys", number + 1, self.plan.labelers)
        self._meter.lap("keys", len(made))
        return made

    def _answer(
        self, numbers: Sequence[int], labelers: list[Labeler], genesis: bytes
    ) -> list[list[Answered]]:
        """What everybody signs, round by round."""
        deployed = self.deployment.deployed
        answered = []
        for number, round_id in enumerate(numbers):
            answered.append(answer_round(self.plan, number, round_id, labelers, deployed, genesis))
            self.progress("answer and sign", number + 1, len(numbers))
            self._meter.lap("answer and sign", self.plan.seats)
        return answered

    # ---------------------------------------------------------------- relayer

    def _carry(self, numbers: Sequence[int], answered: Sequence[Sequence[Answered]]) -> None:
        """All consents, each looked at before it is sent."""
        outbox = self._outbox(self.crew.relayer)
        for number, (round_id, seats) in enumerate(zip(numbers, answered, strict=True)):
            told = history(fetch(self.w3, self.deployment, round_id=round_id))[round_id]
            now = int(self.w3.eth.get_block("latest")["timestamp"])
            consents = [seat.consent for seat in seats]
            # What is locked for rounds before is in the account already.
            good, skipped = applicable(self._rounds, told, now, consents, Counter())
            if skipped:
                raise JobError(f"round {round_id}: {skipped[0].reason}")
            for load in batches(self._rounds, round_id, good):
                self._meter.sent("commit", load.call, outbox.send(load.call), len(load.consents))
            self.progress("commit", number + 1, len(numbers))

    # ----------------------------------------------------------------- keeper

    def _keep(self, answered: Sequence[Sequence[Answered]], genesis: bytes) -> None:
        """Hand over what is to be revealed, and let a keeper do the rest."""
        silent = 0
        for number, seats in enumerate(answered):
            lost = self.plan.silent(number)
            silent += len(lost)
            handed = [seat.delegated for at, seat in enumerate(seats) if at not in lost]
            for delegated in handed:
                write(file_in(self.folder, delegated), delegated)
            self._meter.lap("hand to the keeper", len(handed))
            self.progress("hand to the keeper", number + 1, len(answered))
        keeper = self._keeper(genesis)
        self._settle(keeper)
        if silent:
            self.advance(_WEEK + _DAY)
            self._settle(keeper)

    def _keeper(self, genesis: bytes) -> Keeper:
        hand = _MeteredHand(self._meter, self._outbox(self.crew.keeper), self._show_done)
        files = Folder(self.folder, self.deployment.deployed, genesis)
        return Keeper(
            self._rounds,
            Feed(self.w3, self.deployment),
            Settings(confirmations=0),
            Means(
                files=files.contents,
                gold=lambda requester, root: None,
                hand=Hand(hand.send, self.crew.keeper.address, lambda: False),
                tell=hand.hear,
            ),
        )

    def _settle(self, keeper: Keeper) -> None:
        """Let it look until nothing is due any more."""
        for _ in range(_MOST_TICKS):
            tick = keeper.tick()
            for done in tick.done:
                _require_done(done)
            self._meter.lap("keeper looks")
            if tick.held is not None:
                raise JobError(f"the keeper can send nothing: {tick.held}")
            if not tick.done:
                return
        raise JobError(f"the keeper is not done after {_MOST_TICKS} looks")

    def _show_done(self, done: Done) -> None:
        for what, kinds in (("reveal", ("reveal", "conclude")), ("close", ("close", "conclude"))):
            if done.kind in kinds:
                self._done[what] += 1
                rounds = self.plan.rounds
                # A round that did not fit into one transaction took more.
                self.progress(what, min(self._done[what], rounds), rounds)

    # ---------------------------------------------------------------- internal

    def _outbox(self, account: LocalAccount) -> Outbox:
        # Neither these accounts nor the chain outlive the process: no journal.
        return Outbox(self.w3, account, None)

    def _require_over(self, report: AuditReport) -> None:
        seats = self.plan.seats
        for one in report.rounds:
            if not one.mode or one.revealed + one.gone != seats:
                raise JobError(f"round {one.round_id} did not come to its end: {one.state}")


@dataclass(slots=True)
class _MeteredHand:
    """Sends for the keeper, and hears from it what each transaction was."""

    meter: Meter
    outbox: Outbox
    show: Callable[[Done], None]
    _sent: tuple[Call, Receipt] | None = None

    def send(self, call: Call) -> Receipt:
        receipt = self.outbox.send(call)
        self._sent = (call, receipt)
        return receipt

    def hear(self, happening: Happening) -> None:
        done = happening.done
        if done is not None and self._sent is not None:
            self.meter.sent(done.kind, *self._sent, done.labelers)
            self.show(done)
            self._sent = None


def _require_done(done: Done) -> None:
    if done.outcome is not Outcome.DONE:
        raise JobError(f"round {done.round_id}: {done.kind} {done.outcome.value}: {done.reason}")
