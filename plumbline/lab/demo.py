"""The demo: rounds with a crowd of labelers from escrow to withdrawal, as a story.

Everything happens on a chain, from accounts of their own, through the same library that the
commands use. The labelers of a round are members of a pool. Lots are drawn among them, and who is
not drawn stands by until shortly before the deadline, when all of this small pool are admitted.
Half of the labelers send their own transactions; the others sign, and a relayer sends their
commitments and a keeper their reveals in a transaction for many. Nothing is printed.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeVar

from plumbline.audit import AuditReport, audit
from plumbline.audit.draw_checks import DrawsAudit
from plumbline.chain.call import Call
from plumbline.chain.events import RoundClosed, fetch
from plumbline.history.rounds import RoundHistory, history_of
from plumbline.lab.crowds import Batch, Habit, Worker, invent
from plumbline.lab.demo_pool import BOND, SEED_DELAY, UNITS, DemoPool, Turns
from plumbline.lab.play import Holding, Play, Stage, chunks
from plumbline.planning.worlds import PRICE
from plumbline.progress import track
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import new_salt
from plumbline.protocol.manifest import Manifest
from plumbline.questions.choice import Binary
from plumbline.questions.scale import Preference, Scale
from plumbline.report.labelers import LabelerFacts, labelers_of
from plumbline.seating.draw import EPOCH, RIPENING
from plumbline.seating.evidence import Evidence
from plumbline.seating.seed import has_beacon
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import ScoringTerms, usual_terms
from plumbline.units import ETHER

T = TypeVar("T")
_Pairs = Sequence[tuple[Worker, Holding]]

STAKE: Final = 2 * 10**16  # wei
HELPERS: Final = 3  # accounts before those of the labelers, see `Demo`

_PHASE: Final = 12 * 3_600  # seconds, of each phase
_FARE: Final = 10**18  # wei, more than anybody spends on bonds and gas
_RELAYED: Final = 32  # commitments in one transaction
_LATE_UNITS: Final = 10  # of somebody who joins when tasks are known


@dataclass(frozen=True, slots=True)
class Ending:
    """A round is over. `gas` is of everything from the opening to the last forfeit."""

    history: RoundHistory
    batch: Batch
    closed: RoundClosed
    seats: tuple[LabelerFacts, ...]  # how each worker of the batch came out
    accuracy: float | None  # of the crowd's answers, None where the truth is not known
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


class Demo:
    """Plays rounds on a chain. Workers of one name are one person, with one account.

    Accounts of the stage are the requester's, the relayer's and keeper's, that of somebody who
    joins the pool too late, then the labelers'. On a chain without a beacon nothing can be drawn,
    and seats go to whoever comes first.
    """

    def __init__(self, stage: Stage, batches: Sequence[Batch], teller: Teller) -> None:
        self._stage, self._batches, self._teller = stage, batches, teller
        self._client = stage.client
        self._requester, self._keeper, self._late, *keys = stage.keys
        self._pools: dict[frozenset[str], DemoPool] = {}  # by the names of their members
        self._crowd = crowd_of(batches)
        self._accounts = dict(zip(self._crowd, keys, strict=True))
        seats = Counter(worker.name for batch in batches for worker in batch.workers)
        self._stakes = {name: STAKE * seats[name] for name in self._crowd}
        self._escrow = PRICE * seats.total()
        self._told = len(stage.receipts)

    def run(self) -> tuple[list[Takings], AuditReport, list[DrawsAudit]]:
        """All rounds; where the money went then, the audit, and that of the draws of each pool."""
        self._prepare()
        # The embedded chain has a mix in its headers that its contracts do not see.
        if not self._stage.is_embedded and has_beacon(self._stage.w3):
            self._fill_pools()
        for number, batch in enumerate(self._batches, 1):
            self._round(number, batch)
        takings = self._pay_out()
        draws = [pool.audit() for pool in self._pools.values()]
        return takings, audit(self._stage.w3, self._stage.deployment), draws

    def _prepare(self) -> None:
        stakes = {self._accounts[name]: stake for name, stake in self._stakes.items()}
        for account, stake in ((self._keeper, 0), (self._late, 0), *stakes.items()):
            missing = stake + _FARE - self._stage.w3.eth.get_balance(account.address)
            if missing > 0:
                gift = Call(account.address, b"", missing, "Give a labeler of the demo ether.")
                self._stage.send(self._requester, gift)
        if len(self._stage.receipts) > self._told:
            self._step("Accounts of the crowd get ether for stakes, bonds and gas")
        self._stage.send(self._requester, self._client.deposit(self._escrow))
        self._step(f"Requester deposits {ETHER.short(self._escrow)} to pay labelers from")
        own = f"{ETHER.short(STAKE)} a round, from their own accounts"
        text = f"{len(stakes)} labelers deposit {own}"
        for account, stake in self._each(text, list(stakes.items())):
            self._stage.send(account, self._client.deposit(stake))

    def _fill_pools(self) -> None:
        """A pool for each crowd, so that the lot falls to those whose answers are known."""
        bonds = f"{UNITS} bonds of {ETHER.short(BOND)} each"
        for crowd in dict.fromkeys(map(_names, self._batches)):
            pool = self._pools[crowd] = DemoPool(self._stage, self._requester, STAKE)
            members = [account for name, account in self._accounts.items() if name in crowd]
            who = "They" if len(members) == len(self._accounts) else f"{len(members)} of them"
            text = f"{who} join a pool that seats are drawn from, {bonds}"
            for account in self._each(text, members * UNITS):
                pool.join(account)
        self._stage.advance(RIPENING * EPOCH)
        self._step("Two days pass; only who has been there so long is in a draw")

    def _round(self, number: int, batch: Batch) -> None:
        rules, begin = rules_of(batch), len(self._stage.receipts)
        question = batch.question
        detail = f"{question.wording}, {' / '.join(question.options)}: {question.credit}"
        self._teller.chapter(f"Round {number}", batch.name, detail)
        pool = self._pools.get(_names(batch))
        play = self._open(batch, rules, pool)
        turns, others_gas = None, 0
        if pool is not None:
            turns = self._drawn(play, pool)
            if number == len(self._batches):
                others_gas = self._come_late(play, pool)
        own: list[tuple[Worker, Holding]] = []
        others: list[tuple[Worker, Holding]] = []
        for place, worker in enumerate(batch.workers):
            sheet = pack(worker.answers, rules.options)
            held = Holding(self._accounts[worker.name], sheet, new_salt())
            # A plagiarist works alone.
            alone = place % 2 == 0 or worker.habit is Habit.PLAGIARIST
            (own if alone else others).append((worker, held))
        self._commit(play, own, others, turns)
        shown, handed = ([x for who, x in half if who.habit.reveals] for half in (own, others))
        for held in self._each(f"{len(shown)} labelers reveal their answers themselves", shown):
            play.reveal(held.key, [held.opening])
        play.reveal(self._keeper, [held.opening for held in handed])
        self._step(f"{len(handed)} others hand answers and salt to a keeper, who reveals all")
        if any(not worker.habit.reveals for worker in batch.workers):
            self._stage.advance(play.deadlines.reveal - self._stage.now() + 1)
            self._step("Time passes; at the reveal deadline some have stayed silent")
        past = self._history(play)
        play.close(self._requester, past.entries)
        gold = "opens gold answers and " if play.gold else ""
        self._step(f"Requester {gold}closes: {len(past.entries)} labelers are judged")
        if past.awaited:
            play.forfeit(self._keeper, past.awaited)
            self._step(f"Keeper has {len(past.awaited)} silent labelers slashed")
        gas = sum(receipt.gas_used for receipt in self._stage.receipts[begin:]) - others_gas
        self._teller.ending(self._ending(play, batch, gas))

    def _open(self, batch: Batch, rules: ScoringTerms, pool: DemoPool | None) -> Play:
        gold = (batch.gold, new_salt()) if batch.gold else None
        question = batch.question
        root = Manifest(question.options, batch.tasks, question=question.to_json()).root
        policy = ZERO if pool is None else pool.address
        given = (self._stage, self._requester, rules, _PHASE, gold, root)
        play = Play(*given, admission=policy)
        secret = f", {len(batch.gold)} with secret gold" if gold else ""
        seats = f"{rules.seats} seats; escrow {ETHER.short(PRICE * rules.seats)}"
        self._step(f"Requester opens: {rules.tasks} tasks{secret}; {seats}")
        return play

    def _drawn(self, play: Play, pool: DemoPool) -> Turns:
        """Draw for a round, and wait for the seed."""
        pool.draw(play.round_id, self._requester)
        self._step(f"Requester has lots drawn; the seed is in a block that is {SEED_DELAY} away")
        pool.capture(self._keeper)
        turns = pool.turns(play.round_id, [key.address for key in self._accounts.values()])
        seed, standing_by = turns.draw.seed or 0, len(turns.lots) - turns.drawn
        self._step(
            f"Keeper proves the seed, 0x{seed >> 96:08x}..: {turns.drawn} labelers are drawn,"
            f" {standing_by} stand by"
        )
        return turns

    def _come_late(self, play: Play, pool: DemoPool) -> int:
        """Somebody joins who has seen the tasks; the gas of it."""
        begin = len(self._stage.receipts)
        for _ in range(_LATE_UNITS):
            pool.join(self._late)
        assert pool.joined_too_late(play.round_id, self._late.address)
        self._step(f"Somebody who saw the tasks joins with {_LATE_UNITS} bonds: too late, no seat")
        return sum(receipt.gas_used for receipt in self._stage.receipts[begin:])

    def _commit(self, play: Play, own: _Pairs, others: _Pairs, turns: Turns | None) -> None:
        """All commit in secret, those who are drawn first."""
        if turns is None:
            self._seat(play, own, others, {})
            return
        evidence = {account: lot.evidence for account, lot in turns.lots.items()}
        first = [[pair for pair in half if _comes_first(*pair, turns)] for half in (own, others)]
        later = [
            [pair for pair in half if not _comes_first(*pair, turns)] for half in (own, others)
        ]
        self._seat(play, first[0], first[1], evidence)
        self._stage.advance(max(1, turns.last - self._stage.now()))
        self._step("Time passes; shortly before the deadline those who stand by are admitted")
        self._seat(play, later[0], later[1], evidence)

    def _seat(
        self, play: Play, own: _Pairs, others: _Pairs, evidence: Mapping[str, Evidence]
    ) -> None:
        # Who copies a commitment needs one to copy.
        ordered = sorted(own, key=lambda pair: pair[0].habit is Habit.PLAGIARIST)
        text = "Labelers commit in secret, each in a transaction of their own"
        for worker, held in self._each(text, ordered):
            digest = play.commitment(held)
            if worker.habit is Habit.PLAGIARIST:
                # All it can see of another's work is this hash, which binds the other's address.
                digest = self._history(play).commitments[0].commitment
            play.commit(held.key, digest, evidence.get(held.labeler, ()))
        signed = [play.signed(held, evidence=evidence.get(held.labeler, ())) for _, held in others]
        for batch in chunks(signed, _RELAYED):
            play.relay(self._keeper, batch)
        self._step(f"Others sign ({len(others)}); a relayer sends it all, and they pay no gas")

    def _ending(self, play: Play, batch: Batch, gas: int) -> Ending:
        past = self._history(play)
        assert past.closed is not None
        # The reference implementation explains; what is shown is what the chain did.
        settlement = past.settlement()
        facts = {seat.address: seat for seat in labelers_of(past, settlement, {}, ())}
        seats = [facts[str(self._accounts[worker.name].address)] for worker in batch.workers]
        for place, worker in enumerate(batch.workers):
            if worker.habit is Habit.PLAGIARIST:
                seats[place] = replace(seats[place], reason="copied a hash, useless to it")
        accuracy = batch.accuracy(settlement.consensus)
        return Ending(past, batch, past.closed, tuple(seats), accuracy, gas)

    def _pay_out(self) -> list[Takings]:
        self._teller.chapter("Afterwards")
        text = "Who earned anything withdraws it; the rest stays in for the next round"
        groups: dict[Habit, list[tuple[int, ...]]] = {}  # paid in, taken out and still in, wei
        for name, habit in self._each(text, list(self._crowd.items())):
            account, stake, bonds = self._accounts[name], self._stakes[name], self._bonds(name)
            free = self._client.account(account.address).free
            earned = max(0, free - stake)
            if earned:
                self._stage.send(account, self._client.withdraw(earned, account.address))
            groups.setdefault(habit, []).append((stake + bonds, earned, free - earned + bonds))
        left = self._client.account(self._requester.address).free
        fees = sum(pool.sink_balance for pool in self._pools.values())
        takings = [Takings("requester", self._escrow + fees, 0, left)]
        for habit, group in groups.items():
            name = f"{len(group)} x {habit.value}" if habit is not Habit.REAL else "labelers"
            takings.append(Takings(name, *map(sum, zip(*group, strict=True))))
        if self._pools:
            takings.append(Takings("joined too late", _LATE_UNITS * BOND, 0, _LATE_UNITS * BOND))
        return [*takings, Takings("sink (burned)", 0, 0, self._client.sink_balance() + fees)]

    def _bonds(self, name: str) -> int:
        """What a labeler has in the pools, wei."""
        return sum(UNITS * BOND for crowd in self._pools if name in crowd)

    def _step(self, text: str) -> None:
        """Tell a step with all that was sent since the last one."""
        receipts = self._stage.receipts[self._told :]
        self._teller.step(text, len(receipts), sum(receipt.gas_used for receipt in receipts))
        self._told += len(receipts)

    def _each(self, text: str, items: Sequence[T]) -> Iterator[T]:
        """The items one by one, to be worked on; after the last one the step is told."""
        yield from track(items, text, self._teller.progress)
        self._step(text)

    def _history(self, play: Play) -> RoundHistory:
        # Earlier blocks have nothing of this round, and some nodes search them slowly.
        block = play.opening.receipt.block
        events = fetch(self._stage.w3, self._stage.deployment, block, round_id=play.round_id)
        return history_of(events, play.round_id)


def _comes_first(worker: Worker, held: Holding, turns: Turns) -> bool:
    # A plagiarist waits for something to copy.
    return turns.is_drawn(held.labeler) and worker.habit is not Habit.PLAGIARIST


def _names(batch: Batch) -> frozenset[str]:
    return frozenset(worker.name for worker in batch.workers)


def crowd_of(batches: Sequence[Batch]) -> dict[str, Habit]:
    """Everybody who works in some round, by name."""
    return {worker.name: worker.habit for batch in batches for worker in batch.workers}


def rules_of(batch: Batch) -> ScoringTerms:
    """The terms of the demo for a batch."""
    question = batch.question
    shape = (question.kind, len(question.options), question.width, len(batch.tasks))
    return usual_terms(*shape, PRICE, STAKE, len(batch.workers), len(batch.gold))


def made_up(seed: int) -> list[Batch]:
    """The three rounds of the demo: yes or no with gold, a scale, and a preference."""
    batches = (
        ("Is this message spam?", Binary.of(None), "message", 24),
        ("How helpful is this answer, 1 to 5?", Scale.of(None), "answer", 0),
        ("Which reply is better, A or B?", Preference.of(None), "pair", 0),
    )
    return [
        invent(name, question, [f"{task} {n}" for n in range(256)], seed, gold)
        for name, question, task, gold in batches
    ]
