"""The demo: rounds with a crowd of labelers from escrow to withdrawal, as a story.

Everything happens on a chain, from accounts of their own, through the same library that the
commands use. Half of the labelers send their own transactions; the others sign, and a relayer
sends their commitments and a keeper their reveals in one transaction each. Nothing is printed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeVar

from eth_account.signers.local import LocalAccount

from plumbline.audit import AuditReport, audit
from plumbline.chain.call import Call
from plumbline.chain.events import RoundClosed, fetch
from plumbline.chain.records import Deadlines
from plumbline.history.rounds import RoundHistory, history
from plumbline.lab.crowds import Batch, Habit, Worker, invent
from plumbline.lab.play import Holding, Play, Stage, chunks
from plumbline.progress import track
from plumbline.protocol.commitment import new_salt
from plumbline.protocol.manifest import Manifest
from plumbline.report.labelers import LabelerFacts, labelers_of
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import Kind, ScoringTerms, usual_terms
from plumbline.units import ETHER

T = TypeVar("T")

PRICE: Final = 10**16  # wei, pay of one labeler who is near the crowd
STAKE: Final = 2 * 10**16  # wei
HELPERS: Final = 2  # accounts before those of the labelers: requester, relayer and keeper

_PHASE: Final = 3_600  # seconds, of each phase
_FARE: Final = 10**17  # wei, more than a labeler spends on gas
_RELAYED: Final = 32  # commitments in one transaction
_COPIED: Final = "copied a hash, useless to it"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a labeler came out; `accuracy` is None where the truth is not known."""

    worker: Worker
    accuracy: float | None
    seat: LabelerFacts


@dataclass(frozen=True, slots=True)
class Ending:
    """A round is over. `gas` is of everything from the opening to the last forfeit."""

    history: RoundHistory
    batch: Batch
    closed: RoundClosed
    standings: tuple[Standing, ...]
    crowd_accuracy: float | None
    gas: int


@dataclass(frozen=True, slots=True)
class Takings:
    """What somebody paid in, took out and still has in the books, in wei, gas left aside."""

    name: str
    paid_in: int
    paid_out: int
    left: int

    @property
    def change(self) -> int:
        """What was won or lost, wei."""
        return self.paid_out + self.left - self.paid_in


class Teller(Protocol):
    """Whoever tells the story."""

    def chapter(self, title: str, about: str = "", detail: str = "") -> None:
        """A part of it begins."""

    def progress(self, text: str, done: int, total: int) -> None:
        """A step of many transactions is under way."""

    def step(self, text: str, transactions: int, gas: int) -> None:
        """Something happened: in how many transactions, and for how much gas."""

    def ending(self, ending: Ending) -> None:
        """A round is over."""


@dataclass(slots=True)
class Demo:
    """Plays rounds on a chain."""

    stage: Stage  # with accounts of the requester, the relayer and keeper, then the labelers
    teller: Teller
    _told: int = 0  # transactions of the stage that were told

    def __post_init__(self) -> None:
        self._told = len(self.stage.receipts)

    def run(self, batches: Sequence[Batch]) -> tuple[list[Takings], AuditReport]:
        """All rounds, by the same crowd; where the money went then, and the audit."""
        workers = batches[0].workers
        labelers = self.stage.keys[HELPERS : HELPERS + len(workers)]
        escrow = sum(PRICE * len(batch.workers) for batch in batches)
        stakes = STAKE * len(batches)
        self._prepare(labelers, escrow, stakes)
        for number, batch in enumerate(batches, 1):
            self._round(number, batch, labelers)
        takings = self._pay_out(workers, labelers, escrow, stakes)
        return takings, audit(self.stage.w3, self.stage.deployment)

    def _prepare(self, labelers: Sequence[LocalAccount], escrow: int, stakes: int) -> None:
        requester, keeper = self.stage.keys[:HELPERS]
        for account in (keeper, *labelers):
            missing = stakes + _FARE - self.stage.w3.eth.get_balance(account.address)
            if missing > 0:
                gift = Call(account.address, b"", missing, "Give a labeler of the demo ether.")
                self.stage.send(requester, gift)
        if len(self.stage.receipts) > self._told:
            self._step("Accounts of the crowd get ether for stakes and gas")
        self.stage.send(requester, self.stage.client.deposit(escrow))
        self._step(f"Requester deposits {ETHER.short(escrow)} to pay labelers from")
        own = f"{ETHER.short(stakes)} each, from their own accounts"
        for account in self._each(f"{len(labelers)} labelers deposit {own}", labelers):
            self.stage.send(account, self.stage.client.deposit(stakes))

    def _round(self, number: int, batch: Batch, labelers: Sequence[LocalAccount]) -> None:
        rules, begin = rules_of(batch), len(self.stage.receipts)
        shape = "in no order" if rules.kind is Kind.NOMINAL else "on a scale"
        detail = f"{rules.kind.label}, {' / '.join(batch.options)} ({shape})"
        self.teller.chapter(f"Round {number}", batch.name, detail)
        play = self._open(batch, rules)
        own: list[tuple[Worker, Holding]] = []
        others: list[tuple[Worker, Holding]] = []
        for place, (worker, account) in enumerate(zip(batch.workers, labelers, strict=True)):
            held = Holding(account, pack(worker.answers, rules.options), new_salt())
            # A plagiarist works alone.
            alone = place % 2 == 0 or worker.habit is Habit.PLAGIARIST
            (own if alone else others).append((worker, held))
        self._commit(play, own, [held for _, held in others])
        shown = [[x for worker, x in half if worker.habit.reveals] for half in (own, others)]
        self._reveal(play, *shown)
        if any(not worker.habit.reveals for worker in batch.workers):
            self.stage.advance(play.deadlines.reveal - self.stage.now() + 1)
            self._step("Time passes; at the reveal deadline some have stayed silent")
        self._close(play)
        gas = sum(receipt.gas_used for receipt in self.stage.receipts[begin:])
        self.teller.ending(self._ending(play, batch, labelers, gas))

    def _open(self, batch: Batch, rules: ScoringTerms) -> Play:
        commit = self.stage.now() + _PHASE
        reveal = commit + _PHASE
        deadlines = Deadlines(commit, reveal, reveal + _PHASE if batch.gold else 0)
        gold, secret = None, ""
        if batch.gold:
            answers = [batch.gold.get(task) for task in range(rules.tasks)]
            gold = (pack(answers, rules.options), new_salt())
            secret = f", {len(batch.gold)} with secret gold"
        root = Manifest(batch.options, batch.tasks).root
        play = Play(self.stage, self.stage.keys[0], rules, deadlines, gold, root)
        escrow = ETHER.short(PRICE * rules.seats)
        seats = f"{rules.seats} seats; escrow {escrow}"
        self._step(f"Requester opens: {rules.tasks} tasks{secret}; {seats}")
        return play

    def _commit(
        self, play: Play, own: Sequence[tuple[Worker, Holding]], others: Sequence[Holding]
    ) -> None:
        # Who copies a commitment needs one to copy.
        ordered = sorted(own, key=lambda pair: pair[0].habit is Habit.PLAGIARIST)
        text = f"{len(own)} labelers commit in secret, each in a transaction of their own"
        for worker, held in self._each(text, ordered):
            digest = play.commitment(held)
            if worker.habit is Habit.PLAGIARIST:
                # All it can see of another's work is this hash, which binds the other's address.
                digest = self.stage.client.seat(play.round_id, own[0][1].labeler).commitment
            play.commit(held.key, digest)
        for batch in chunks([play.signed(held) for held in others], _RELAYED):
            play.relay(self.stage.keys[1], batch)
        self._step(f"{len(others)} others sign; a relayer sends it all, and they pay no gas")

    def _reveal(self, play: Play, own: Sequence[Holding], others: Sequence[Holding]) -> None:
        for held in self._each(f"{len(own)} labelers reveal their answers themselves", own):
            play.reveal(held.key, [held.opening])
        play.reveal(self.stage.keys[1], [held.opening for held in others])
        self._step(f"{len(others)} others hand answers and salt to a keeper, who reveals all")

    def _close(self, play: Play) -> None:
        past = self._history(play)
        play.close(self.stage.keys[0], past.entries)
        gold = "opens gold answers and " if play.gold else ""
        self._step(f"Requester {gold}closes: {len(past.entries)} labelers are judged")
        if past.awaited:
            play.forfeit(self.stage.keys[1], past.awaited)
            self._step(f"Keeper has {len(past.awaited)} silent labelers slashed")

    def _ending(
        self, play: Play, batch: Batch, labelers: Sequence[LocalAccount], gas: int
    ) -> Ending:
        past = self._history(play)
        assert past.closed is not None
        # The reference implementation explains; what is shown is what the chain did.
        settlement = past.settlement()
        facts = {seat.address: seat for seat in labelers_of(past, settlement, {}, ())}
        standings = []
        for account, worker in zip(labelers, batch.workers, strict=True):
            seat = facts[str(account.address)]
            if worker.habit is Habit.PLAGIARIST:
                seat = replace(seat, reason=_COPIED)
            revealed = seat.answered is not None
            accuracy = batch.accuracy(worker.answers) if revealed else None
            standings.append(Standing(worker, accuracy, seat))
        accuracy = batch.accuracy(settlement.consensus)
        return Ending(past, batch, past.closed, tuple(standings), accuracy, gas)

    def _pay_out(
        self,
        workers: Sequence[Worker],
        labelers: Sequence[LocalAccount],
        escrow: int,
        stakes: int,
    ) -> list[Takings]:
        self.teller.chapter("Afterwards")
        text = "Who earned anything withdraws it; the rest stays in for the next round"
        groups: dict[Habit, list[tuple[int, int]]] = {}  # taken out and still in, wei
        for worker, account in self._each(text, list(zip(workers, labelers, strict=True))):
            free = self.stage.client.account(account.address).free
            earned = max(0, free - stakes)
            if earned:
                self.stage.send(account, self.stage.client.withdraw(earned, account.address))
            groups.setdefault(worker.habit, []).append((earned, free - earned))
        takings = [
            Takings(
                "requester", escrow, 0, self.stage.client.account(self.stage.keys[0].address).free
            )
        ]
        for habit, group in groups.items():
            name = f"{len(group)} x {habit.value}" if habit is not Habit.REAL else "labelers"
            taken_out, still_in = map(sum, zip(*group, strict=True))
            takings.append(Takings(name, stakes * len(group), taken_out, still_in))
        return [*takings, Takings("sink (burned)", 0, 0, self.stage.client.sink_balance())]

    def _step(self, text: str) -> None:
        """Tell a step with all that was sent since the last one."""
        receipts = self.stage.receipts[self._told :]
        self.teller.step(text, len(receipts), sum(receipt.gas_used for receipt in receipts))
        self._told += len(receipts)

    def _each(self, text: str, items: Sequence[T]) -> Iterator[T]:
        """The items one by one, to be worked on; after the last one the step is told."""
        yield from track(items, text, self.teller.progress)
        self._step(text)

    def _history(self, play: Play) -> RoundHistory:
        # Earlier blocks have nothing of this round, and some nodes search them slowly.
        block = play.opening.receipt.block
        events = fetch(self.stage.w3, self.stage.deployment, block, round_id=play.round_id)
        return history(events)[play.round_id]


def rules_of(batch: Batch) -> ScoringTerms:
    """The terms of the demo for a batch."""
    shape = (batch.kind, len(batch.options), batch.width, len(batch.tasks))
    return usual_terms(*shape, PRICE, STAKE, len(batch.workers), len(batch.gold))


def made_up(seed: int) -> list[Batch]:
    """The three rounds of the demo: yes or no with gold, a scale, and a preference."""
    batches = (
        ("Is this message spam?", Kind.NOMINAL, "no yes", 1, "message", 24),
        ("How helpful is this answer, 1 to 5?", Kind.ORDINAL, "1 2 3 4 5", 3, "answer", 0),
        ("Which reply is better, A or B?", Kind.ORDINAL, "A tie B", 2, "pair", 0),
    )
    return [
        invent(name, kind, options.split(), width, [f"{task} {n}" for n in range(256)], seed, golds)
        for name, kind, options, width, task, golds in batches
    ]
