"""The demo: rounds with a crowd of labelers from escrow to withdrawal, told scene by scene.

Everything happens on a chain, from accounts of their own, through the same library that the
commands use. Half of the labelers send their own transactions; the others sign, and a relayer
carries their commitments and a keeper their reveals in one transaction each. Nothing is printed:
each scene is a record for whoever tells the story.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from eth_account.signers.local import LocalAccount
from web3 import Web3

from plumbline.audit import AuditReport, audit
from plumbline.chain.call import Call, Receipt
from plumbline.chain.contract import LabelRounds, Opening
from plumbline.chain.deployment import Deployment
from plumbline.chain.events import fetch
from plumbline.chain.records import Deadlines
from plumbline.errors import PlumblineError
from plumbline.history.preview import preview
from plumbline.history.rounds import RoundHistory, history
from plumbline.lab.crowd import Batch, Habit, Worker, invent
from plumbline.protocol import commitment as commitments
from plumbline.protocol.manifest import Manifest
from plumbline.settlement import Band, LabelerOutcome
from plumbline.settlement.reasons import reasons
from plumbline.settlement.sheet import Sheet, pack
from plumbline.settlement.terms import Kind, ScoringTerms, usual_terms
from plumbline.transactions.outbox import send
from plumbline.units import ETHER

PRICE: Final = 10**16  # wei, pay of one labeler who is near the crowd
STAKE: Final = 2 * 10**16  # wei
HELPERS: Final = 2  # accounts before those of the labelers: requester, relayer and keeper

_PHASE: Final = 3_600  # seconds, of each phase
_FARE: Final = 10**17  # wei, more than a labeler spends on gas
_CARRIED: Final = 32  # commitments in one transaction
_SILENT: Final = {Habit.PLAGIARIST: "copied a hash, useless to it"}
_TASKS: Final = 256
_GOLDS: Final = 16

_Crew = list[tuple[Worker, LocalAccount]]


class StoryError(PlumblineError):
    """A chain on which the story cannot be told."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Base of all records of the story."""


@dataclass(frozen=True, slots=True)
class Chapter(Scene):
    """A round begins."""

    number: int
    batch: Batch
    rules: ScoringTerms


@dataclass(frozen=True, slots=True)
class Step(Scene):
    """Something happened: in how many transactions, and for how much gas."""

    text: str
    transactions: int = 0
    gas: int = 0


@dataclass(frozen=True, slots=True)
class Work(Scene):
    """Something that takes a while is so far."""

    text: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of one labeler; `accuracy` is None where the truth is not known."""

    worker: Worker
    address: str
    accuracy: float | None
    outcome: LabelerOutcome
    reason: str


@dataclass(frozen=True, slots=True)
class Ending(Scene):
    """A round is over. `gas` is of everything from the opening to the last forfeit."""

    told: RoundHistory
    batch: Batch
    standings: tuple[Standing, ...]
    crowd_accuracy: float | None
    gas: int


@dataclass(frozen=True, slots=True)
class Purse:
    """What somebody paid in, took out and still has in the books, in wei, gas left aside."""

    name: str
    paid_in: int
    paid_out: int
    left: int

    @property
    def change(self) -> int:
        """What was won or lost, wei."""
        return self.paid_out + self.left - self.paid_in


@dataclass(frozen=True, slots=True)
class Money(Scene):
    """Where the money went: to the requester, to labelers by habit, to the sink."""

    purses: tuple[Purse, ...]


@dataclass(frozen=True, slots=True)
class Audited(Scene):
    """Everything was rebuilt from events alone."""

    report: AuditReport


@dataclass(slots=True)
class _Tally:
    """Transactions and their gas."""

    transactions: int = 0
    gas: int = 0
    total: int = 0  # gas since the opening of the round

    def add(self, receipt: Receipt) -> Receipt:
        self.transactions += 1
        self.gas += receipt.gas_used
        self.total += receipt.gas_used
        return receipt

    def step(self, text: str) -> Step:
        """A step with all since the last one."""
        step = Step(text, self.transactions, self.gas)
        self.transactions = self.gas = 0
        return step


@dataclass(slots=True)
class Story:
    """Tells rounds on a chain.

    keys       accounts: the requester, the relayer and keeper, then the labelers
    advance    makes so many seconds pass on the chain
    """

    w3: Web3
    deployment: Deployment
    keys: Sequence[LocalAccount]
    advance: Callable[[int], None]
    _rounds: LabelRounds = field(init=False)
    _tally: _Tally = field(init=False)
    _opened_in: int = field(init=False)  # block of the round under way

    def __post_init__(self) -> None:
        self._rounds = LabelRounds(self.w3, self.deployment)
        self._tally = _Tally()
        self._opened_in = self.deployment.block

    @property
    def _requester(self) -> LocalAccount:
        return self.keys[0]

    @property
    def _keeper(self) -> LocalAccount:
        return self.keys[1]

    def tell(self, batches: Sequence[Batch]) -> Iterator[Scene]:
        """All rounds, then the money and the audit. The same crowd works in all of them."""
        workers = batches[0].workers
        if len(self.keys) < HELPERS + len(workers):
            raise StoryError(f"{len(workers)} labelers need {HELPERS + len(workers)} accounts")
        labelers = self.keys[HELPERS : HELPERS + len(workers)]
        escrow = sum(PRICE * len(batch.workers) for batch in batches)
        stakes = STAKE * len(batches)
        yield from self._prepare(labelers, escrow, stakes)
        for number, batch in enumerate(batches, 1):
            yield from self._round(number, batch, labelers)
        yield from self._pay_out(batches[0], labelers, escrow, stakes)
        yield Audited(audit(self.w3, self.deployment))

    # ------------------------------------------------------------------ scenes

    def _prepare(
        self, labelers: Sequence[LocalAccount], escrow: int, stakes: int
    ) -> Iterator[Scene]:
        for account in (self._keeper, *labelers):
            missing = stakes + _FARE - self.w3.eth.get_balance(account.address)
            if missing > 0:
                gift = Call(account.address, b"", missing, "Give a labeler of the demo ether.")
                self._send(self._requester, gift)
        if self._tally.transactions:
            yield self._tally.step("Accounts of the crowd get ether for stakes and gas")
        self._send(self._requester, self._rounds.deposit(escrow))
        yield self._tally.step(f"Requester deposits {ETHER.short(escrow)} to pay labelers from")
        text = (
            f"{len(labelers)} labelers deposit {ETHER.short(stakes)} each, from their own accounts"
        )
        for done, account in enumerate(labelers):
            yield Work(text, done, len(labelers))
            self._send(account, self._rounds.deposit(stakes))
        yield self._tally.step(text)

    def _round(
        self, number: int, batch: Batch, labelers: Sequence[LocalAccount]
    ) -> Iterator[Scene]:
        rules = rules_of(batch)
        self._tally.total = 0
        yield Chapter(number, batch, rules)
        gold_salt = commitments.new_salt()
        gold = pack([batch.gold.get(task) for task in range(rules.tasks)], rules.options)
        deadlines = self._open(batch, rules, gold, gold_salt)
        golds = f", {len(batch.gold)} secret golds" if batch.gold else ""
        yield self._tally.step(
            f"Requester opens: {rules.tasks} tasks{golds}; {rules.seats} seats; "
            f"escrow {ETHER.short(PRICE * rules.seats)}"
        )
        round_id = self._rounds.round_count()
        openings: dict[str, Opening] = {
            account.address: Opening(
                account.address, pack(worker.answers, rules.options), commitments.new_salt()
            )
            for worker, account in zip(batch.workers, labelers, strict=True)
        }
        yield from self._commit(round_id, batch, labelers, openings)
        yield from self._reveal(round_id, batch, labelers, openings)
        if any(not worker.habit.reveals for worker in batch.workers):
            self.advance(deadlines.reveal - self._now + 1)
            yield Step("Time passes; at the reveal deadline some have stayed silent")
        yield from self._close(round_id, bool(batch.gold), gold, gold_salt)
        yield self._ending(round_id, batch, labelers)

    def _commit(
        self,
        round_id: int,
        batch: Batch,
        labelers: Sequence[LocalAccount],
        openings: Mapping[str, Opening],
    ) -> Iterator[Scene]:
        own, carried = _halves(batch, labelers)
        text = f"{len(own)} labelers commit in secret, each in a transaction of their own"
        thieves = []
        for done, (worker, account) in enumerate(own):
            yield Work(text, done, len(own))
            if worker.habit is Habit.PLAGIARIST:
                thieves.append(account)
                continue
            made = self._commitment(round_id, openings[account.address])
            self._send(account, self._rounds.commit(round_id, made, STAKE))
        for thief in thieves:
            # All it can see of another's work is this hash, which binds the other's address.
            seen = self._rounds.seat(round_id, own[0][1].address).commitment
            self._send(thief, self._rounds.commit(round_id, seen, STAKE))
        yield self._tally.step(text)
        deployed = self.deployment.deployed
        signed = [
            commitments.sign(
                account,
                deployed,
                round_id,
                STAKE,
                self._commitment(round_id, openings[account.address]),
            )
            for _, account in carried
        ]
        for start in range(0, len(signed), _CARRIED):
            batch_of = signed[start : start + _CARRIED]
            self._send(self._keeper, self._rounds.commit_signed(round_id, batch_of))
        yield self._tally.step(
            f"{len(signed)} others sign; a relayer carries it all, and they pay no gas"
        )

    def _reveal(
        self,
        round_id: int,
        batch: Batch,
        labelers: Sequence[LocalAccount],
        openings: Mapping[str, Opening],
    ) -> Iterator[Scene]:
        own, carried = _halves(batch, labelers)
        own = [(worker, account) for worker, account in own if worker.habit.reveals]
        text = f"{len(own)} labelers reveal their answers themselves"
        for done, (_, account) in enumerate(own):
            yield Work(text, done, len(own))
            self._send(account, self._rounds.reveal(round_id, [openings[account.address]]))
        yield self._tally.step(text)
        rest = [openings[account.address] for worker, account in carried if worker.habit.reveals]
        self._send(self._keeper, self._rounds.reveal(round_id, rest))
        yield self._tally.step(
            f"{len(rest)} others hand answers and salt to a keeper, who reveals all"
        )

    def _close(
        self, round_id: int, has_gold: bool, gold: Sheet, gold_salt: bytes
    ) -> Iterator[Scene]:
        told = self._told(round_id)
        call = self._rounds.close(
            round_id,
            told.opened.tasks_root,
            told.entries,
            gold if has_gold else None,
            gold_salt if has_gold else None,
        )
        self._send(self._requester, call)
        golds = "opens golds and " if has_gold else ""
        yield self._tally.step(f"Requester {golds}closes: {len(told.entries)} labelers are judged")
        if told.awaited:
            self._send(self._keeper, self._rounds.forfeit(round_id, told.awaited))
            yield self._tally.step(f"Keeper has {len(told.awaited)} silent labelers slashed")

    def _pay_out(
        self, batch: Batch, labelers: Sequence[LocalAccount], escrow: int, stakes: int
    ) -> Iterator[Scene]:
        text = "Who earned anything withdraws it; the rest stays in for the next round"
        paid_out: dict[str, int] = {}
        left: dict[str, int] = {}
        for done, account in enumerate(labelers):
            yield Work(text, done, len(labelers))
            free = self._rounds.account(account.address).free
            earned = max(0, free - stakes)
            if earned:
                self._send(account, self._rounds.withdraw(earned, account.address))
            paid_out[account.address] = earned
            left[account.address] = free - earned
        yield self._tally.step(text)
        refunded = self._rounds.account(self._requester.address).free
        purses = [Purse("requester", escrow, 0, refunded)]
        for habit in dict.fromkeys(worker.habit for worker in batch.workers):
            group = [
                account.address
                for worker, account in zip(batch.workers, labelers, strict=True)
                if worker.habit is habit
            ]
            purses.append(
                Purse(
                    f"{len(group)} x {habit.value}" if habit is not Habit.REAL else "labelers",
                    stakes * len(group),
                    sum(paid_out[address] for address in group),
                    sum(left[address] for address in group),
                )
            )
        purses.append(Purse("sink (burned)", 0, 0, self._rounds.sink_balance()))
        yield Money(tuple(purses))

    # ---------------------------------------------------------------- internal

    @property
    def _now(self) -> int:
        return int(self.w3.eth.get_block("latest")["timestamp"])

    def _send(self, account: LocalAccount, call: Call) -> Receipt:
        return self._tally.add(send(self.w3, account, call))

    def _commitment(self, round_id: int, opening: Opening) -> bytes:
        return commitments.commitment(
            self.deployment.domain, round_id, opening.labeler, opening.sheet, opening.salt
        )

    def _open(self, batch: Batch, rules: ScoringTerms, gold: Sheet, gold_salt: bytes) -> Deadlines:
        commit = self._now + _PHASE
        reveal = commit + _PHASE
        deadlines = Deadlines(commit, reveal, reveal + _PHASE if batch.gold else 0)
        root = commitments.EMPTY_HASH
        if batch.gold:
            requester = self._requester.address
            root = commitments.gold_root(self.deployment.domain, requester, gold, gold_salt)
        manifest = Manifest(batch.options, batch.tasks)
        call = self._rounds.open(rules, deadlines, manifest.root, root)
        self._opened_in = self._send(self._requester, call).block
        return deadlines

    def _told(self, round_id: int) -> RoundHistory:
        # Earlier blocks have nothing of this round, and some nodes search them slowly.
        events = fetch(self.w3, self.deployment, self._opened_in, round_id=round_id)
        return history(events)[round_id]

    def _ending(self, round_id: int, batch: Batch, labelers: Sequence[LocalAccount]) -> Ending:
        told = self._told(round_id)
        # The twin explains; what is shown is what the chain did.
        settlement = preview(told, self._now)
        words = reasons(settlement)
        reason_of = {
            event.labeler: reason for event, reason in zip(told.commitments, words, strict=True)
        }
        outcomes = _outcomes(told)
        standings = []
        for worker, account in zip(batch.workers, labelers, strict=True):
            outcome = outcomes[account.address]
            silent = outcome.band is Band.UNREVEALED
            standings.append(
                Standing(
                    worker,
                    account.address,
                    None if silent else batch.accuracy(worker.answers),
                    outcome,
                    _SILENT.get(worker.habit, reason_of[account.address]),
                )
            )
        crowd = batch.accuracy(settlement.consensus)
        return Ending(told, batch, tuple(standings), crowd, self._tally.total)


def rules_of(batch: Batch) -> ScoringTerms:
    """The terms of the demo for a batch."""
    return usual_terms(
        kind=batch.kind,
        options=len(batch.options),
        width=batch.width,
        tasks=len(batch.tasks),
        price=PRICE,
        stake=STAKE,
        seats=len(batch.workers),
    )


def made_up(seed: int) -> list[Batch]:
    """The three rounds of the demo: yes or no with gold, a scale, and a preference."""
    return [
        invent(
            "Is this message spam?",
            Kind.NOMINAL,
            ("no", "yes"),
            1,
            [f"message {task}" for task in range(_TASKS)],
            seed,
            golds=_GOLDS,
        ),
        invent(
            "How helpful is this answer, 1 to 5?",
            Kind.ORDINAL,
            ("1", "2", "3", "4", "5"),
            3,
            [f"answer {task}" for task in range(_TASKS)],
            seed,
        ),
        invent(
            "Which reply is better, A or B?",
            Kind.ORDINAL,
            ("A", "tie", "B"),
            2,
            [f"pair {task}" for task in range(_TASKS)],
            seed,
        ),
    ]


def _outcomes(told: RoundHistory) -> dict[str, LabelerOutcome]:
    found = {
        event.labeler: LabelerOutcome(event.band, event.pay, event.slash, event.kappa)
        for event in told.outcomes
    }
    for gone in told.forfeits:
        found[gone.labeler] = LabelerOutcome(Band.UNREVEALED, 0, gone.slash, 0)
    return found


def _halves(batch: Batch, labelers: Sequence[LocalAccount]) -> tuple[_Crew, _Crew]:
    """Who sends their own transactions, and whose are carried. A plagiarist works alone."""
    own: _Crew = []
    carried: _Crew = []
    for number, pair in enumerate(zip(batch.workers, labelers, strict=True)):
        alone = number % 2 == 0 or pair[0].habit is Habit.PLAGIARIST
        (own if alone else carried).append(pair)
    return own, carried
