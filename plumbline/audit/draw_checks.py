"""Draws of seats, made again from events: what does not fit, and whether many were fair.

Who was in the pool follows from who joined and left. What was drawn follows from the seed, and the
seed from the header of a block. So it is known who was to be admitted, and from when on; whoever
committed to a drawn round must have been. Written from the rule, not from the contract.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import Final

from plumbline.audit.report import Difference
from plumbline.chain.events import Event
from plumbline.history.rounds import RoundHistory
from plumbline.seating.draw import EPOCH, RIPENING, STRIKES, Draw, fee
from plumbline.seating.events import (
    Captured,
    DrawEvent,
    Drawn,
    Joined,
    Left,
    Rearmed,
    Struck,
    UnitReleased,
)
from plumbline.seating.records import PoolTerms, PoolUnit
from plumbline.seating.seed import seed_of

_BINS: Final = 11  # so that there are ten degrees of freedom
LEAST_SEATS: Final = 5 * _BINS  # of which fairness can be judged


@dataclass(frozen=True, slots=True)
class SeenBlock:
    """What is known of a block: its time, unix seconds, and what its header has as mix."""

    timestamp: int
    mix: bytes


@dataclass(frozen=True, slots=True)
class Fairness:
    """Whether units from all of the pool are drawn alike: a chi-square over the order in which
    they joined, with ten degrees of freedom.

    seats     drawn, of all draws together
    value     Pearson's statistic
    chance    how often fair draws come out at least so uneven
    """

    seats: int
    value: float
    chance: float


@dataclass(frozen=True, slots=True)
class DrawsAudit:
    """What was found.

    draws         as they were drawn, those with a seed with it
    rearmed       by draw, how often its seed was missed
    differences   what is not as it must be
    fairness      None if too few seats were drawn
    """

    draws: tuple[Draw, ...]
    rearmed: Mapping[int, int]
    differences: tuple[Difference, ...]
    fairness: Fairness | None


def blocks_needed(events: Sequence[Event], histories: Mapping[int, RoundHistory]) -> set[int]:
    """The blocks that must be known to replay these draws."""
    needed = {e.block for e in events if isinstance(e, Drawn | Captured | Struck | Left)}
    seeds = dict[int, int]()
    for event in events:
        if isinstance(event, Drawn):
            seeds[event.draw_id] = event.drawn.seed_block
            for number in event.drawn.rounds:
                if number in histories:
                    needed |= {each.block for each in histories[number].commitments}
        elif isinstance(event, Rearmed):
            seeds[event.draw_id] = event.seed_block
        elif isinstance(event, Captured):
            needed.add(seeds.get(event.draw_id, event.block))
    return needed


def replay(
    chain_id: int,
    pool: str,
    terms: PoolTerms,
    events: Sequence[Event],
    histories: Mapping[int, RoundHistory],
    blocks: Mapping[int, SeenBlock],
) -> DrawsAudit:
    """Make all draws of a pool again. `blocks` has those that `blocks_needed` names."""
    replayed = _Replay(chain_id, pool, terms, histories, blocks)
    for event in events:
        replayed.take(event)
    replayed.look_at_seats()
    draws = tuple(replayed.draws[number] for number in sorted(replayed.draws))
    return DrawsAudit(
        draws,
        dict(replayed.rearmed),
        tuple(replayed.differences),
        fairness(draws, replayed.listed),
    )


class _Replay:
    """A pool, event by event."""

    def __init__(
        self,
        chain_id: int,
        pool: str,
        terms: PoolTerms,
        histories: Mapping[int, RoundHistory],
        blocks: Mapping[int, SeenBlock],
    ) -> None:
        self.chain_id, self.pool, self.terms = chain_id, pool, terms
        self.histories, self.blocks = histories, blocks
        self.units: dict[int, PoolUnit] = {}
        self.given: list[int] = []  # epoch in which each number was given out first
        self.draws: dict[int, Draw] = {}
        self.listed: dict[int, dict[int, PoolUnit]] = {}  # by draw, who was in it
        self.rearmed: dict[int, int] = {}
        self.drawn_rounds: dict[int, int] = {}
        self.differences: list[Difference] = []

    def take(self, event: Event) -> None:
        """The next event."""
        match event:
            case Joined(unit=unit, owner=owner, epoch=epoch):
                self._join(unit, owner, epoch)
            case Left(unit=unit, owner=owner):
                held = self._owned(unit, owner, "left")
                if held is not None:
                    self.units[unit] = replace(held, left=self.blocks[event.block].timestamp)
            case UnitReleased(unit=unit, owner=owner):
                held = self._owned(unit, owner, "was released")
                if held is not None and held.left is None:
                    self._differ(None, owner, f"unit {unit}", "it has left", "a member's")
                self.units.pop(unit, None)
            case Struck():
                self._strike(event)
            case Drawn():
                self._draw(event)
            case Rearmed(draw_id=number, seed_block=block):
                self.rearmed[number] = self.rearmed.get(number, 0) + 1
                if self._awaits_seed(event):
                    self.draws[number] = replace(self.draws[number], seed_block=block)
            case Captured():
                self._capture(event)
            case _:
                pass  # credits and what the sink collected are money, not seats

    def _join(self, unit: int, owner: str, epoch: int) -> None:
        if unit in self.units:
            found = f"the unit of {self.units[unit].owner}"
            self._differ(None, owner, f"unit {unit} that was joined", "a free number", found)
        if unit == len(self.given):
            self.given.append(epoch)
        elif unit > len(self.given):
            wanted = f"number {len(self.given)}"
            self._differ(None, owner, "a unit that was joined", wanted, f"number {unit}")
        self.units[unit] = PoolUnit(owner, epoch)

    def _owned(self, unit: int, owner: str, what: str) -> PoolUnit | None:
        held = self.units.get(unit)
        if held is None or held.owner != owner:
            found = "nobody's" if held is None else f"that of {held.owner}"
            self._differ(None, owner, f"unit {unit} that {what}", "a unit of the account", found)
            return None
        return held

    def _draw(self, event: Drawn) -> None:
        draw, number = event.drawn, event.draw_id
        now = self.blocks[event.block].timestamp
        self.draws[number] = draw
        ripe = sum(epoch + RIPENING <= now // EPOCH for epoch in self.given)
        self._compare(None, f"draw {number}: when it was drawn", now, draw.frozen)
        self._compare(None, f"draw {number}: numbers that were ripe", ripe, draw.n)
        wanted = event.block + self.terms.seed_delay
        self._compare(None, f"draw {number}: the block of its seed", wanted, draw.seed_block)
        self.listed[number] = {
            unit: held for unit, held in self.units.items() if unit < draw.n and draw.has(held)
        }
        escrow = 0
        for round_id in draw.rounds:
            if round_id in self.drawn_rounds:
                found = f"of draw {self.drawn_rounds[round_id]} as well"
                self._differ(round_id, None, f"draw {number}", "drawn once", found)
            self.drawn_rounds[round_id] = number
            history = self.histories.get(round_id)
            if history is None:
                self._differ(round_id, None, f"draw {number}", "a round that was opened", "none")
                continue
            rules = history.rules
            escrow += rules.price * rules.seats
            what = f"draw {number}: who opened the round"
            self._compare(round_id, what, event.requester, history.requester)
            self._compare(round_id, f"draw {number}: seats", rules.seats, draw.seats)
        self._compare(None, f"draw {number}: the fee", fee(escrow), event.fee)

    def _capture(self, event: Captured) -> None:
        if not self._awaits_seed(event):
            return
        number = event.draw_id
        draw = self.draws[number]
        mix = self.blocks[draw.seed_block].mix
        what = f"draw {number}: the mix of block {draw.seed_block}"
        self._compare(None, what, mix.hex(), event.mix.hex())
        seed = seed_of(mix, self.chain_id, self.pool, number)
        self._compare(None, f"draw {number}: the seed", seed, event.seed)
        captured = self.blocks[event.block].timestamp
        self.draws[number] = replace(draw, captured=captured, seed=seed)

    def _awaits_seed(self, event: DrawEvent) -> bool:
        draw = self.draws.get(event.draw_id)
        if draw is not None and draw.seed is None:
            return True
        found = "none" if draw is None else "one that has a seed"
        self._differ(None, None, f"draw {event.draw_id}", "a draw without a seed", found)
        return False

    def _strike(self, event: Struck) -> None:
        now, unit = self.blocks[event.block].timestamp, event.unit
        held = self._owned(unit, event.owner, "was struck")
        draw = self.draws.get(event.draw_id)
        if held is None or draw is None or draw.seed is None:
            if draw is None or draw.seed is None:
                what = f"strike by draw {event.draw_id}"
                self._differ(event.round_id, event.owner, what, "a draw with a seed", "none")
            return
        what = f"strike of unit {unit}"
        seen = draw.refusal(event.round_id, event.owner, unit, held, now)
        if seen.rank is None or seen.rank >= draw.seats:
            self._differ(event.round_id, event.owner, what, "a drawn unit", "one that was not")
        if now < draw.reported_from():
            words = f"from {draw.reported_from()} on"
            self._differ(event.round_id, event.owner, what, words, str(now))
        history = self.histories.get(event.round_id)
        taken = None if history is None else history.commitment_of(event.owner)
        if taken is not None and (taken.block, taken.log_index) < (event.block, event.log_index):
            self._differ(event.round_id, event.owner, what, "nobody with a seat", "one with a seat")
        self._compare(event.round_id, f"{what}: how many", held.strikes + 1, event.strikes)
        self.units[unit] = replace(held, strikes=min(STRIKES, held.strikes + 1), struck=now)

    def look_at_seats(self) -> None:
        """Whoever committed to a drawn round must have been admitted."""
        for round_id, number in self.drawn_rounds.items():
            history, draw = self.histories.get(round_id), self.draws[number]
            if history is None or history.opened.admission != self.pool:
                continue
            for seat in history.commitments:
                now = self.blocks[seat.block].timestamp
                if not self._is_admitted(draw, round_id, seat.labeler, now):
                    what = f"a seat at {now}"
                    self._differ(round_id, seat.labeler, what, "a unit that is admitted", "none")

    def _is_admitted(self, draw: Draw, round_id: int, labeler: str, now: int) -> bool:
        if draw.seed is None or draw.captured is None or now < draw.captured:
            return False
        for unit, held in self.listed[draw.number].items():
            if held.owner != labeler:
                continue
            rank = draw.rank(round_id, unit)
            opens = None if rank is None else draw.opens(rank)
            if opens is not None and opens <= now:
                return True
        return False

    def _compare(self, round_id: int | None, what: str, expected: object, found: object) -> None:
        if expected != found:
            self._differ(round_id, None, what, str(expected), str(found))

    def _differ(
        self, round_id: int | None, labeler: str | None, what: str, expected: str, found: str
    ) -> None:
        self.differences.append(Difference(round_id, labeler, what, expected, found))


def fairness(
    draws: Iterable[Draw], listed: Mapping[int, Mapping[int, PoolUnit]]
) -> Fairness | None:
    """Whether early and late members are drawn alike; None if too few seats were drawn.

    Units that are listed are in the order in which their numbers were given out, cut into parts
    of one size. Each drawn seat is as likely in one part as in another.
    """
    seen, wanted = [0.0] * _BINS, [0.0] * _BINS
    for draw in draws:
        units = sorted(listed[draw.number])
        if draw.seed is None or len(units) < _BINS:
            continue
        part = {unit: place * _BINS // len(units) for place, unit in enumerate(units)}
        sizes = [0] * _BINS
        for each in part.values():
            sizes[each] += 1
        for round_id in draw.rounds:
            drawn = [draw.unit_at(round_id, rank) for rank in range(draw.seats)]
            parts = [part[unit] for unit in drawn if unit in part]
            for each in parts:
                seen[each] += 1
            for each, size in enumerate(sizes):
                wanted[each] += len(parts) * size / len(units)
    seats = int(sum(seen))
    if seats < LEAST_SEATS:
        return None
    value = sum((a - b) ** 2 / b for a, b in zip(seen, wanted, strict=True))
    return Fairness(seats, value, _chance(value))


def _chance(value: float) -> float:
    """How often a chi-square with ten degrees of freedom is so large: a sum, as these are even."""
    half, term, total = value / 2, 1.0, 1.0
    for step in range(1, (_BINS - 1) // 2):
        term *= half / step
        total += term
    return exp(-half) * total
