"""Drawing the seats of rounds that are opened: what is to be drawn, how, and what it costs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from plumbline.chain.call import Call
from plumbline.chain.records import Phase
from plumbline.errors import PlumblineError
from plumbline.history.market import Market
from plumbline.history.rounds import RoundHistory
from plumbline.protocol.addresses import ZERO
from plumbline.requester.pool_shares import shares_of
from plumbline.seating.draw import MAX_WINDOW, MIN_WINDOW, SPAN, PlannedDraw, fee
from plumbline.seating.gates import pools_in
from plumbline.seating.policies import read_policy
from plumbline.seating.pool_history import PoolHistory, PoolShares
from plumbline.seating.seat_draw import SeatDraw, pool_at
from plumbline.settlement.terms import ScoringTerms
from plumbline.units import format_duration

TIME_TO_DRAW: Final = 600  # seconds that are left for drawing at least, once a round is opened


class DrawingError(PlumblineError):
    """Rounds that cannot be drawn."""


@dataclass(frozen=True, slots=True)
class DrawToMake:
    """Rounds of one pool and size that are drawn together; amounts in the smallest unit.

    load     how many of them list a unit at most: the least for which the pool is large enough
    escrow   of all of them
    shares   who has most of the units that would be shuffled
    """

    pool: SeatDraw
    rounds: tuple[int, ...]
    seats: int
    load: int
    escrow: int
    shares: PoolShares
    call: Call

    @property
    def fee(self) -> int:
        """What it costs."""
        return fee(self.escrow)


@dataclass(frozen=True, slots=True)
class MadeDraw:
    """A draw that was made."""

    pool: SeatDraw
    number: int


@dataclass(frozen=True, slots=True)
class DrawingPlan:
    """The draws that are to be made, and those that were made before."""

    to_make: tuple[DrawToMake, ...]
    made: tuple[MadeDraw, ...]

    @property
    def fee(self) -> int:
        """Of all that are to be made."""
        return sum(each.fee for each in self.to_make)


@dataclass
class RoundPools:
    """The pools that rounds ask: each policy and each pool is looked up once.

    Everything raises SeatingError.
    """

    market: Market
    _asked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _pools: dict[str, SeatDraw] = field(default_factory=dict)

    def asked_by(self, policy: str) -> tuple[str, ...]:
        """The pools that a policy asks, by their addresses; none for the zero address."""
        if policy not in self._asked:
            w3 = self.market.node.w3
            self._asked[policy] = () if policy == ZERO else pools_in(read_policy(w3, policy))
        return self._asked[policy]

    def pool(self, address: str) -> SeatDraw:
        """A pool of this deployment."""
        if address not in self._pools:
            self._pools[address] = pool_at(self.market.contract, address)
        return self._pools[address]

    def to_draw(self, histories: Iterable[RoundHistory]) -> list[int]:
        """The rounds of these that can still be drawn, and are not, in order."""
        now = self.market.node.now
        return [
            history.round_id
            for history in histories
            if not history.commitments
            and history.phase_at(now) is Phase.COMMIT
            and now < drawn_by(history.deadlines.commit)
            and any(
                not self.pool(address).is_drawn(history.round_id)
                for address in self.asked_by(history.opened.admission)
            )
        ]

    def without_seed(self, histories: Iterable[RoundHistory]) -> list[MadeDraw]:
        """The draws of these rounds that can still get their seed, and have none."""
        now = self.market.node.now
        asked: dict[str, list[int]] = defaultdict(list)
        for history in histories:
            if history.phase_at(now) is Phase.COMMIT:
                for address in self.asked_by(history.opened.admission):
                    asked[address].append(history.round_id)
        found = []
        for address, rounds in asked.items():
            pool = self.pool(address)
            history_of_pool = PoolHistory.of(pool)
            numbers = dict.fromkeys(history_of_pool.draw_of(round_id) for round_id in rounds)
            for number in numbers:
                draw = None if number is None else pool.drawn(number)
                if draw is not None and draw.seed is None and now < draw.ends:
                    found.append(MadeDraw(pool, draw.number))
        return found


def plan_drawing(
    pools: RoundPools, requester: str, round_ids: Sequence[int], load: int | None = None
) -> DrawingPlan:
    """How to draw the seats of these rounds, which the requester has opened.

    `load` is how many rounds of a draw list a unit at most; None for the least that fits. Raises
    DrawingError, SeatingError, CallError for rounds that cannot be drawn, with what would do.
    """
    contract = pools.market.contract
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    drawn: dict[str, list[int]] = defaultdict(list)
    escrow: dict[int, int] = {}
    for round_id in sorted(set(round_ids)):
        state = contract.round(round_id)
        escrow[round_id] = state.rules.price * state.rules.seats
        asked = pools.asked_by(state.admission)
        if not asked:
            raise DrawingError(
                f"round {round_id} asks no pool, so its seats are not drawn: `admission` of its "
                "file would have to name one"
            )
        for address in asked:
            if pools.pool(address).is_drawn(round_id):
                drawn[address].append(round_id)
            else:
                groups[address, state.rules.seats].append(round_id)
    to_draw = {address for address, _ in groups}
    histories = {each: PoolHistory.of(pools.pool(each)) for each in to_draw | drawn.keys()}
    events = pools.market.events() if to_draw else []
    shares = {
        each: shares_of(events, histories[each], pools.pool(each).state().epoch) for each in to_draw
    }
    to_make = []
    for (address, seats), together in groups.items():
        for rounds in _spans(together):
            pool = pools.pool(address)
            fits = load or least_load(pool, rounds, seats)
            call = pool.draw(rounds, fits, requester)
            total = sum(escrow[each] for each in rounds)
            to_make.append(DrawToMake(pool, rounds, seats, fits, total, shares[address], call))
    made = dict.fromkeys(
        (address, histories[address].draw_of(round_id))
        for address, before in drawn.items()
        for round_id in before
    )
    return DrawingPlan(
        tuple(to_make),
        tuple(
            MadeDraw(pools.pool(address), number) for address, number in made if number is not None
        ),
    )


def least_load(pool: SeatDraw, rounds: tuple[int, ...], seats: int) -> int:
    """The least load for which a pool is large enough; the number of rounds if none is."""
    drawable = pool.state().drawable
    loads = range(1, len(rounds) + 1)
    fitting = (load for load in loads if PlannedDraw(rounds, seats, load).needed <= drawable)
    return next(fitting, len(rounds))


def require_drawable(
    market: Market, pools: Sequence[str], rules: ScoringTerms, commit: int
) -> None:
    """Raise DrawingError if one of these pools would not draw a round with these terms, once it is
    opened with so many seconds for commitments.
    """
    unit = market.unit
    for address in pools:
        pool = pool_at(market.contract, address)
        terms = pool.terms()
        why = f"the pool {address} would not draw this round: "
        if rules.stake > terms.most_stake:
            raise DrawingError(
                f"{why}stake is {unit.exact(rules.stake)}, it allows"
                f" {unit.exact(terms.most_stake)}: ask for less"
            )
        least = terms.least_price * rules.tasks
        if rules.price < least:
            raise DrawingError(
                f"{why}price is {unit.exact(rules.price)} for {rules.tasks} tasks, it asks for"
                f" {unit.exact(least)}: pay more, or ask for fewer tasks"
            )
        if not MIN_WINDOW + TIME_TO_DRAW <= commit <= MAX_WINDOW:
            raise DrawingError(
                f"{why}commit is {format_duration(commit)}, and a draw takes rounds that still have"
                f" {format_duration(MIN_WINDOW)} left, and {format_duration(MAX_WINDOW)} at most:"
                f" give {format_duration(MIN_WINDOW + TIME_TO_DRAW)} or more, 1d is usual"
            )
        needed = PlannedDraw((1,), rules.seats, 1).needed
        drawable = pool.state().drawable
        if drawable < needed:
            raise DrawingError(
                f"{why}{rules.seats} seats need {needed} units, and {drawable} can be drawn: ask"
                " for fewer seats, or wait for members"
            )


def drawn_by(commit: int) -> int:
    """Until when a round with that commit deadline must be drawn; unix seconds both."""
    return commit - MIN_WINDOW


def _spans(rounds: Sequence[int]) -> list[tuple[int, ...]]:
    """Rounds in ascending order, in as few parts as one draw each can take."""
    parts: list[list[int]] = []
    for each in rounds:
        if parts and each - parts[-1][0] < SPAN:
            parts[-1].append(each)
        else:
            parts.append([each])
    return [tuple(part) for part in parts]
