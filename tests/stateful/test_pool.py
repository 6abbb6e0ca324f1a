"""Whatever members, requesters and strangers do in whatever order, a pool pays what it owes, and is
what a plain model of it is.

The model keeps a list of units with their days, and no packed words, no counters of holes and
nothing that is brought up to date later: what is ripe is counted anew after every step. Every step
is expected to be done or refused, and is. A run follows from its number, which a failure names.
"""

import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from plumbline.seating.events import Left
from plumbline.seating.permutation import Permutation
from tests.build import Compiled
from tests.world.chain import Refused
from tests.world.draws import BOND, DAY, HOUR, Drawing, Pool, mix_of
from tests.world.jobs import PRICE, STAKE, Job
from tests.world.people import person
from tests.world.world import World

FUZZ_SECONDS = int(os.environ.get("FUZZ_SECONDS", "0"))
RUNS, STEPS = 12, 60

PEOPLE = [str(person(f"somebody {number}")) for number in range(8)]
REQUESTERS = [person("requester"), person("another requester")]
SEATS = 3
LONGEST = 14 * DAY


@dataclass
class Held:
    """A unit that somebody has, as the model knows it."""

    owner: str
    day: int
    left: int | None = None
    struck: list[int] = field(default_factory=list)

    def is_drawable(self, now: int) -> bool:
        return self.left is None and now // DAY >= self.day + 2


@dataclass
class ModelDraw:
    """A draw as the model knows it: who was in it, when, and who came to its rounds."""

    drawing: Drawing
    at: int
    listed: dict[int, Held]
    n: int
    captured: int | None = None
    came: dict[int, set[str]] = field(default_factory=dict)

    @property
    def window(self) -> int:
        assert self.captured is not None
        return self.drawing.draw.ends - self.captured

    def number_at(self, job: Job, rank: int) -> int:
        """Who has a rank in a round, counted around at the end of the list."""
        draw = self.drawing.draw
        assert draw.seed is not None
        layer, piece = divmod(draw.rounds.index(job.round_id), draw.layer)
        length = self.n // draw.layer
        return Permutation(self.n, draw.seed, layer).unit_at(piece * length + rank % length)

    def has(self, held: Held | None) -> bool:
        """Whether this very unit, and not a later one with its number, was drawn from."""
        was_in = any(held is other for other in self.listed.values())
        return held is not None and was_in and (held.left is None or held.left > self.at)

    def admitted(self, now: int) -> int:
        """How many ranks are admitted: a ramp, as a share of the window."""
        assert self.captured is not None
        begin = self.window * 55 // 100
        rise = self.window * 95 // 100 - begin
        passed, standby = now - self.captured, self.drawing.draw.standby
        if passed < begin:
            return SEATS
        return SEATS + (standby * min(passed - begin, rise) // rise if rise else standby)


class PoolRun:
    """One random run."""

    def __init__(self, pool: Pool, number: int, seen: Counter[str]) -> None:
        self.pool, self.random, self.seen = pool, Random(number), seen
        self.units: list[Held | None] = []
        self.first_days: list[int] = []
        self.free: list[int] = []
        self.credit = dict.fromkeys(PEOPLE, 0)
        self.sink = 0
        self.draws: list[ModelDraw] = []
        self.steps: list[tuple[Callable[[], None], int]] = [
            (self.join, 3),
            (self.leave, 4),
            (self.release, 4),
            (self.withdraw, 2),
            (self.sweep, 1),
            (self.draw, 6),
            (self.capture, 2),
            (self.rearm, 2),
            (self.sit, 5),
            (self.stay_away, 8),
            (self.wait, 4),
        ]

    def play(self, steps: int) -> None:
        """Some units are ripe from the first day on; then anything happens."""
        for who in PEOPLE:
            for _ in range(self.random.randint(2, 4)):
                self._join(who, who)
        self.pool.ripen()
        choices, weights = zip(*self.steps, strict=True)
        for _ in range(steps):
            (step,) = self.random.choices(choices, weights)
            step()
            self.check()
        for event in self.pool.events:
            self.seen[type(event).__name__] += 1
            self.seen["expelled"] += isinstance(event, Left) and event.expelled

    @property
    def now(self) -> int:
        return self.pool.chain.now

    def attempt(self, expected: bool, sender: str, name: str, *args: Any, pays: int = 0) -> bool:
        """It is done if it is expected to be, and refused if not."""
        try:
            with nullcontext() if expected else self.pool.undone():
                self.pool.do(sender, name, *args, pays=pays)
        except Refused as error:
            assert not expected, (name, args, error.reason)
            return False
        assert expected, (name, args, "was not refused")
        return True

    # ------------------------------------------------------------------- members

    def join(self) -> None:
        for _ in range(self.random.randint(1, 3)):
            self._join(*self.random.choices(PEOPLE, k=2))

    def _join(self, who: str, payer: str) -> None:
        if who == payer:
            self.attempt(True, who, "join", [], pays=BOND)
        else:
            self.attempt(True, payer, "join_for", who, pays=BOND)
        held = Held(who, self.now // DAY)
        if self.free:
            self.units[self.free.pop()] = held
        else:
            self.units.append(held)
            self.first_days.append(held.day)

    def leave(self) -> None:
        """Often one that was struck, whose loss is told when it is released; or one that left."""
        struck = [n for n, held in enumerate(self.units) if held and held.struck and not held.left]
        gone = [n for n, held in enumerate(self.units) if held and held.left]
        anyone = self.random.randrange(len(self.units) + 1)
        number = self.random.choice([anyone, *struck[:1], *gone[:1]])
        held = self._held(number)
        owner = held.owner if held else PEOPLE[0]
        who = self.random.choice([owner, owner, owner, *PEOPLE])
        may = held is not None and held.owner == who and held.is_drawable(self.now)
        if self.attempt(may, who, "leave", number):
            assert held is not None
            held.left = self.now

    def release(self) -> None:
        gone = [n for n, held in enumerate(self.units) if held and held.left is not None]
        number = self.random.choice([*gone, *gone, self.random.randrange(len(self.units) + 1)])
        held = self._held(number)
        may = held is not None and held.left is not None and self.now > held.left + LONGEST
        if self.attempt(may, self.random.choice(PEOPLE), "release", number):
            assert held is not None
            lost = BOND * len(held.struck) // 10
            self.credit[held.owner] += BOND - lost
            self.sink += lost
            self.units[number] = None
            self.free.append(number)

    def withdraw(self) -> None:
        who = self.random.choice([who for who in PEOPLE if self.credit[who]] or PEOPLE)
        if self.attempt(self.credit[who] > 0, who, "withdraw", who):
            self.credit[who] = 0

    def sweep(self) -> None:
        if self.attempt(self.sink > 0, PEOPLE[0], "sweep"):
            self.sink = 0

    def _held(self, number: int) -> Held | None:
        return self.units[number] if number < len(self.units) else None

    # --------------------------------------------------------------------- draws

    def draw(self) -> None:
        """Mostly the seed is captured at once."""
        live = {n: h for n, h in enumerate(self.units) if h and h.is_drawable(self.now)}
        who, count = self.random.choice(REQUESTERS), self.random.randint(1, 4)
        load = self.random.randint(1, 4)
        hours = self.random.choice([7, 24, 24 * 13])
        jobs = self.pool.open(who, count, lasting=hours * HOUR, seats=SEATS)
        layer = -(-count // load)
        may = load <= count and len(live) >= 3 * SEATS * layer
        paid = -(-PRICE * SEATS * count // 100)
        given = (jobs[0].round_id, (1 << count) - 1, load)
        if not self.attempt(may, who, "draw", *given, pays=paid):
            return
        self.sink += paid
        draw = self.pool.drawn(len(self.draws) + 1)
        n = self._ripe()
        model = ModelDraw(Drawing(self.pool, jobs, draw), self.now, live, n)
        self.draws.append(model)
        assert (draw.n, draw.layer) == (n, layer)
        assert draw.standby == 2 * SEATS * n // len(live)
        self.attempt(False, who, "draw", *given, pays=paid)
        if self.random.random() < 0.8:
            self.pool.chain.wait_until(self.now + 1)
            self._capture(model)

    def _ripe(self) -> int:
        """Numbers that were given out so long ago that they were ripe, whoever has them now."""
        ripe = [day + 2 <= self.now // DAY for day in self.first_days]
        assert ripe == sorted(ripe, reverse=True)
        return sum(ripe)

    def capture(self) -> None:
        waiting = [model for model in self.draws if model.captured is None]
        if waiting:
            self._capture(self.random.choice(waiting))

    def _capture(self, model: ModelDraw) -> None:
        draw = model.drawing.draw
        header = self.pool.prove(draw.number, mix=mix_of(self.random.random()))
        may = model.at < self.now < draw.ends
        if self.attempt(may, PEOPLE[0], "capture", draw.number, header):
            model.captured = self.now
            model.drawing = Drawing(self.pool, model.drawing.jobs, self.pool.drawn(draw.number))
            self._check_lists(model)
            self.attempt(False, PEOPLE[0], "capture", draw.number, header)

    def rearm(self) -> None:
        waiting = [model for model in self.draws if model.captured is None]
        if self.draws:
            model = self.random.choice(waiting or self.draws)
            self.pool.chain.mine(self.random.choice([1, 96, 500]))
            block = self.pool.drawn(model.drawing.draw.number).seed_block
            may = model.captured is None and not self.pool.remembers(block)
            self.attempt(may, PEOPLE[0], "rearm", model.drawing.draw.number)

    def sit(self) -> None:
        """Some of a list ask for a seat."""
        picked = self._pick()
        if picked is not None:
            model, job = picked
            self._wait_for_share(model, self.random.choice([0, 0, 60, 80, 95]))
            for rank in self.random.sample(range(12), k=3):
                self._sit(model, job, rank)

    def _sit(self, model: ModelDraw, job: Job, rank: int) -> None:
        number = model.number_at(job, rank)
        rank %= model.n // model.drawing.draw.layer
        held = self.units[number]
        who = held.owner if held else PEOPLE[0]
        seated = model.came.setdefault(job.round_id, set())
        is_open = who not in seated and len(seated) < SEATS and self.now < job.deadlines.commit
        may = model.has(held) and is_open and rank < model.admitted(self.now)
        try:
            with nullcontext() if may else self.pool.undone():
                model.drawing.take(who, number, job)
        except Refused as error:
            assert not may, (rank, error.reason)
            return
        assert may, (rank, "was not refused")
        seated.add(who)
        self.seen["seated, drawn" if rank < SEATS else "seated, standing by"] += 1

    def stay_away(self) -> None:
        """Some come, time passes, and others are reported."""
        picked = self._pick()
        if picked is not None:
            model, job = picked
            come = self.random.sample(range(SEATS), k=self.random.choice([0, 1, 1, 2]))
            for rank in come:
                self._sit(model, job, rank)
            self._wait_for_share(model, self.random.choice([0, 49, 50, 50, 70]))
            for rank in range(SEATS + 1):
                self._report(model, job, rank)

    def _report(self, model: ModelDraw, job: Job, rank: int) -> None:
        number = model.number_at(job, rank)
        held = self.units[number]
        seated = model.came.get(job.round_id, set())
        assert model.captured is not None
        middle = model.captured + model.window // 2
        last = held.struck[-1] if held and held.struck else 0
        may = (
            held is not None
            and model.has(held)
            and rank < SEATS
            and model.window >= 3 * HOUR
            and middle <= self.now < job.deadlines.commit
            and SEATS > len(seated) >= SEATS / 3
            and held.owner not in seated
            and last < middle
            and last + DAY <= self.now
            and len(held.struck) < 5
        )
        given = (job.round_id, model.drawing.draw.number, number)
        if self.attempt(may, PEOPLE[0], "report", *given):
            assert held is not None
            held.struck.append(self.now)
            if len(held.struck) == 5 and held.left is None:
                held.left = self.now

    def _pick(self) -> tuple[ModelDraw, Job] | None:
        """One of the latest draws; its rounds may still be open."""
        drawn = [model for model in self.draws if model.captured is not None][-2:]
        if not drawn:
            return None
        model = self.random.choice(drawn)
        return model, self.random.choice(model.drawing.jobs)

    def wait(self) -> None:
        seconds = self.random.choice([1, HOUR, 6 * HOUR, DAY, DAY, DAY, 15 * DAY, 15 * DAY])
        self.pool.chain.wait_until(self.now + seconds)

    def _wait_for_share(self, model: ModelDraw, percent: int) -> None:
        assert model.captured is not None
        share = model.captured + model.window * percent // 100
        self.pool.chain.wait_until(max(self.now, share))

    # ------------------------------------------------------------- what always holds

    def check(self) -> None:
        self._check_books()
        self._check_units()

    def _check_books(self) -> None:
        bonds = BOND * sum(held is not None for held in self.units)
        assert self.pool.held() == bonds + sum(self.credit.values()) + self.sink
        assert self.pool.contract.ask("sink_balance") == self.sink
        assert {who: self.pool.contract.ask("credit", who) for who in PEOPLE} == self.credit

    def _check_units(self) -> None:
        state = self.pool.state()
        assert (state.units, state.ripe) == (len(self.units), self._ripe())
        live = sum(held is not None and held.is_drawable(self.now) for held in self.units)
        assert state.drawable == live
        assert state.freed == (self.free[-1] + 1 if self.free else 0)
        for number, held in enumerate(self.units):
            unit = self.pool.unit(number)
            if held is None:
                assert unit.owner is None
            else:
                assert (unit.owner, unit.joined, unit.left) == (held.owner, held.day, held.left)
                assert unit.strikes == len(held.struck)
                assert unit.struck == (held.struck[-1] if held.struck else None)

    def _check_lists(self, model: ModelDraw) -> None:
        """Nobody is listed twice in a round, or too often."""
        draw = model.drawing.draw
        times: Counter[int] = Counter()
        for job in model.drawing.jobs:
            listed = [model.number_at(job, rank) for rank in range(draw.length)]
            assert len(set(listed)) == len(listed)
            times.update(listed)
        assert max(times.values()) <= draw.load


@pytest.fixture(scope="module", params=[None, "Token"], ids=["ether", "token"])
def pool(request: pytest.FixtureRequest, built: Compiled) -> Pool:
    return Pool(funded(World(built, request.param)), built)


def funded(world: World) -> World:
    """The same one, in which all who play can pay."""
    world.fund(REQUESTERS, 10**21)
    world.fund(PEOPLE, STAKE * 10**6)
    return world


REACHED = (
    *("Joined", "Left", "UnitReleased", "CreditWithdrawn", "PoolSwept"),
    *("Drawn", "Captured", "Rearmed", "Struck"),
    *("seated, drawn", "seated, standing by"),
)


def test_a_pool_is_what_its_model_is(pool: Pool) -> None:
    seen: Counter[str] = Counter()
    end, number = time.monotonic() + FUZZ_SECONDS, 0
    while number < RUNS or time.monotonic() < end:
        number += 1
        try:
            with pool.undone():
                PoolRun(pool, number, seen).play(STEPS * (1 if number <= RUNS else 5))
        except AssertionError as error:
            raise AssertionError(f"run {number}: {error}") from error
    print(f"{number} runs, {dict(seen)}")
    missing = [name for name in REACHED if not seen[name]]
    assert not missing, "runs do not come there: look at the steps"
