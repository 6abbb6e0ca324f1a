"""What the events of a pool tell: whose units there are, who paid for them, and what was drawn."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from plumbline.chain.events import Event
from plumbline.seating.draw import RIPENING, Draw, RefusalReason
from plumbline.seating.events import Drawn, Joined, Left, UnitReleased, fetch
from plumbline.seating.evidence import Evidence
from plumbline.seating.records import PoolUnit
from plumbline.seating.seat_draw import SeatDraw


@dataclass(frozen=True, slots=True)
class PoolHistory:
    """The units of a pool, and its draws.

    joined   how each unit joined that is not released, by its number
    left     those of them that are no members any more
    drawn    all draws, in order, without their seeds
    """

    joined: Mapping[int, Joined]
    left: frozenset[int]
    drawn: tuple[Drawn, ...]

    @classmethod
    def of(cls, pool: SeatDraw) -> "PoolHistory":
        """As of now. Raises EventsError."""
        w3 = pool.w3
        return cls.from_events(
            fetch(w3, pool.address, pool.rounds.deployment.block, int(w3.eth.block_number))
        )

    @classmethod
    def from_events(cls, events: Iterable[Event]) -> "PoolHistory":
        """From all events of a pool, in the order of the chain."""
        joined: dict[int, Joined] = {}
        left: set[int] = set()
        drawn = []
        for event in events:
            match event:
                case Joined():
                    joined[event.unit] = event
                case Left():
                    left.add(event.unit)
                case UnitReleased():
                    joined.pop(event.unit, None)
                    left.discard(event.unit)
                case Drawn():
                    drawn.append(event)
        return cls(joined, frozenset(left), tuple(drawn))

    def units_of(self, owner: str) -> list[int]:
        """The units of an account that are not released, those that left too."""
        return sorted(unit for unit, event in self.joined.items() if event.owner == owner)

    def draw_of(self, round_id: int) -> int | None:
        """The number of the draw that a round is in; None if it is in none."""
        for event in self.drawn:
            if round_id in event.drawn.rounds:
                return event.draw_id
        return None

    def drawable(self, epoch: int) -> dict[int, Joined]:
        """The units that a draw in that epoch would shuffle."""
        return {
            unit: event
            for unit, event in self.joined.items()
            if unit not in self.left and event.epoch + RIPENING <= epoch
        }

    def shares(self, epoch: int, payers: Mapping[str, Iterable[str]]) -> "PoolShares":
        """Who has most of what a draw in that epoch would shuffle.

        `payers` are those who paid in for an account elsewhere, by that account.
        """
        units = self.drawable(epoch)
        owners = Counter(event.owner for event in units.values())
        funders: Counter[str] = Counter()
        for event in units.values():
            funders.update({event.owner, event.payer, *payers.get(event.owner, ())})
        owner, owned = _most(owners)
        funder, funded = _most(funders)
        return PoolShares(len(units), len(owners), owner, owned, funder, funded)


@dataclass(frozen=True, slots=True)
class PoolShares:
    """Who has most of the units that can be drawn.

    units     that can be drawn
    owners    accounts that they are of
    owner     who has most of them, `owned`; None without any
    funder    who has, or has paid in for the owners of, most of them, `funded`
    """

    units: int
    owners: int
    owner: str | None
    owned: int
    funder: str | None
    funded: int

    def seats(self, units: int, seats: int) -> float:
        """How many of the seats of a round fall to so many units on average, if each of them has
        an account of its own."""
        return seats * units / self.units if self.units else 0.0


def _most(counts: Counter[str]) -> tuple[str | None, int]:
    if not counts:
        return None, 0
    return max(counts.items(), key=lambda pair: (pair[1], pair[0]))


@dataclass(frozen=True, slots=True)
class Lot:
    """A unit in the draw of a round: the best one that its owner has.

    rank    in the list of the round, from 0; None without a seed, or if it is not in it
    opens   from when on it is admitted, unix seconds; None if no time can be named
    """

    draw: Draw
    unit: int
    rank: int | None
    opens: int | None

    @property
    def evidence(self) -> Evidence:
        """What the pool is shown."""
        return self.draw.evidence(self.unit)


def lot_of(pool: SeatDraw, history: PoolHistory, round_id: int, owner: str) -> Lot | None:
    """The unit with which an account may sit first; None if the round is not drawn, or the account
    has no unit. It may be one that is refused: the pool says why.

    Raises SeatingError.
    """
    number = history.draw_of(round_id)
    units = history.units_of(owner)
    if number is None or not units:
        return None
    draw = pool.drawn(number)

    found = [_lot(pool, history, draw, round_id, unit) for unit in units]
    return min(found, key=_turn)[0]


def _lot(
    pool: SeatDraw, history: PoolHistory, draw: Draw, round_id: int, number: int
) -> tuple[Lot, RefusalReason]:
    joined = history.joined[number]
    # Only of who left it matters when, and that no event says.
    unit = pool.unit(number) if number in history.left else PoolUnit(joined.owner, joined.epoch)
    refusal = draw.refusal(round_id, joined.owner, number, unit, draw.ends)
    return Lot(draw, number, refusal.rank, refusal.until), refusal.reason


def _turn(found: tuple[Lot, RefusalReason]) -> tuple[bool, int, int]:
    """Who is admitted first; whatever is not comes last, and of that first what says most."""
    lot, reason = found
    return lot.opens is None, lot.opens or -reason, lot.unit
