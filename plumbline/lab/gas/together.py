"""Small rounds whose labelers sit in several of them, carried one by one and several at once."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from eth_account import Account
from eth_account.signers.local import LocalAccount

from plumbline.chain.call import Call
from plumbline.chain.multicall import failed_in
from plumbline.lab.gas.cases import Case, Course
from plumbline.lab.gas.measure import (
    CLOSE,
    CONCLUDE,
    HOUR,
    OPEN,
    RELAYED,
    REVEAL,
    STAKE,
    crowd,
    gold_of,
    terms_of,
)
from plumbline.lab.play import Holding, Play, Stage, chunks, entries_of
from plumbline.planning.worlds import PRICE
from plumbline.progress import Progress, track
from plumbline.settlement.terms import Kind
from plumbline.transactions import together
from plumbline.transactions.together import Candidate

ROUNDS: Final = 40
LOAD: Final = 8  # rounds of a labeler
SMALL: Final = tuple(
    Case(Kind.NOMINAL, 2, 1, 9, tasks=96, course=course) for course in (Course.USUAL, Course.GOLD)
)

CHOSEN: Final = "all that fit"
WAYS: Final = {"1 at a time": (1, 10), "5 at a time": (5, ROUNDS), "10 at a time": (10, ROUNDS)}
"""How many rounds go together as they were opened, and on how many that is measured; of all rounds
the library chooses.
"""

ENDS: Final = {"": (REVEAL, CLOSE), " concluded": (CONCLUDE,)}
"""The steps after all have committed, by how that is called."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """A step of rounds that are carried in one way: gas of each transaction, bytes of all."""

    case: Case
    step: str
    way: str
    rounds: int
    gas: tuple[int, ...]
    size: int

    @property
    def per_label(self) -> Fraction:
        """Gas."""
        return Fraction(sum(self.gas), self.rounds * self.case.labelers * self.case.tasks)


@dataclass(frozen=True, slots=True)
class CarriedLife:
    """What a label goes through in these rounds, carried in one way and ended in another."""

    case: Case
    way: str
    end: str
    steps: tuple[Shipment, ...]

    def per_label(self, *steps: str) -> Fraction:
        """Gas, of all or of some steps."""
        kept = (each.per_label for each in self.steps if not steps or each.step in steps)
        return sum(kept, Fraction())

    @property
    def largest(self) -> int:
        """Gas of the largest transaction."""
        return max(max(step.gas) for step in self.steps)


def measure_together(stage: Stage, progress: Progress) -> tuple[Shipment, ...]:
    """Every step of all rounds in each of the ways, in order."""
    by, dice = stage.keys[0], random.Random("labelers of small rounds")
    seats = ROUNDS * SMALL[0].labelers
    labelers = [Account.from_key(dice.randbytes(32)) for _ in range(seats // LOAD)]
    stage.send(by, stage.client.deposit(len(SMALL) * seats * PRICE + 1))
    for labeler in track(labelers, "Funding labelers of small rounds", progress):
        # More than is locked at once, so that no slot is ever empty.
        amount = (len(SMALL) * LOAD + 1) * STAKE
        stage.send(by, stage.client.deposit_for(labeler.address, amount))
    dealt = [_deal(dice, labelers, case.labelers) for case in SMALL]
    plays = track(list(zip(SMALL, dealt, strict=True)), "Playing small rounds", progress)
    return tuple(each for case, seated in plays for each in _play(stage, case, seated, dice))


def carried_lives(shipments: Sequence[Shipment]) -> list[CarriedLife]:
    """What a label takes in each of the ways; nothing if nothing was measured."""
    of = {(each.case, each.step, each.way): each for each in shipments}
    return [
        CarriedLife(case, way, end, (of[case, OPEN, ""], *(of[case, x, way] for x in steps)))
        for case in SMALL
        for end, steps in ((end, (RELAYED, *last)) for end, last in ENDS.items())
        for way in (*WAYS, CHOSEN)
        if shipments
    ]


def _play(
    stage: Stage, case: Case, seated: Sequence[Sequence[LocalAccount]], dice: random.Random
) -> Iterator[Shipment]:
    client, rounds = stage.client, list[tuple[Play, list[Holding]]]()
    begin = stage.now() // HOUR * HOUR
    for labelers in seated:
        truth, held = crowd(dice, case, labelers)
        gold = gold_of(dice, case, truth)
        play = Play(stage, stage.keys[0], terms_of(case), 2 * HOUR, gold, begin=begin)
        rounds.append((play, held))
    opened = [play.opening for play, _ in rounds]
    gas = tuple(sent.receipt.gas_used for sent in opened)
    yield Shipment(case, OPEN, "", ROUNDS, gas, sum(len(sent.call.data) for sent in opened))

    def relay(play: Play, held: Sequence[Holding]) -> Call:
        return client.commit_signed(play.round_id, [play.signed(seat) for seat in held])

    def conclude(play: Play, held: Sequence[Holding]) -> Call:
        shown = [seat.opening for seat in held]
        gold = play.gold or (None, None)
        return client.conclude(play.round_id, play.tasks_root, shown, *gold)

    def reveal(play: Play, held: Sequence[Holding]) -> Call:
        return client.reveal(play.round_id, [seat.opening for seat in held])

    def close(play: Play, held: Sequence[Holding]) -> Call:
        entries = entries_of([seat.opening for seat in held])
        gold = play.gold or (None, None)
        return client.close(play.round_id, play.tasks_root, entries, *gold)

    steps: dict[str, Callable[[Play, Sequence[Holding]], Call]]
    steps = {RELAYED: relay, CONCLUDE: conclude, REVEAL: reveal, CLOSE: close}
    for step, build in steps.items():
        candidates = [_candidate(stage, build(*each), each[1]) for each in rounds]
        for way, (at_once, count) in WAYS.items():
            with stage.undone():
                groups = chunks(candidates[:count], at_once)
                yield Shipment(case, step, way, count, *_sent(stage, groups))
        chosen = together.groups(candidates, together.room_together(stage.w3, None))
        with stage.undone() if step == CONCLUDE else nullcontext():
            yield Shipment(case, step, CHOSEN, ROUNDS, *_sent(stage, chosen))


def _deal(
    dice: random.Random, labelers: Sequence[LocalAccount], seats: int
) -> list[list[LocalAccount]]:
    """Labelers for every round at random, each in `LOAD` of them and in none twice."""
    left = dict.fromkeys(range(len(labelers)), LOAD)
    dealt = []
    for number in range(ROUNDS):
        # Whoever has as many rounds to go as there are must be in this one.
        due = [each for each, rounds in left.items() if rounds == ROUNDS - number]
        others = [each for each, rounds in left.items() if 0 < rounds < ROUNDS - number]
        chosen = due + dice.sample(others, seats - len(due))
        for each in chosen:
            left[each] -= 1
        dealt.append([labelers[each] for each in chosen])
    return dealt


def _candidate(stage: Stage, call: Call, held: Sequence[Holding]) -> Candidate[None]:
    gas = together.estimated(stage.w3, stage.keys[0].address, call)
    return Candidate(None, call, frozenset(seat.labeler for seat in held), gas)


def _sent(stage: Stage, groups: Iterable[Sequence[Candidate[None]]]) -> tuple[tuple[int, ...], int]:
    """Gas of each transaction that carries these calls, and the bytes of all of them."""
    gas, size = list[int](), 0
    for group in groups:
        call = together.transaction_of(stage.client, group)
        receipt = stage.send(stage.keys[0], call)
        # A call that fails costs less, and its round cannot go on.
        assert not failed_in(receipt, stage.deployment), receipt.transaction
        gas.append(receipt.gas_used)
        size += len(call.data)
    return tuple(gas), size
