"""What the events of a pool tell, and what follows for members, requesters and labelers."""

from dataclasses import replace
from typing import Any

import pytest

from plumbline.labeler.membership import HeldUnit, MembershipError, PoolMembership
from plumbline.protocol.addresses import ZERO
from plumbline.requester.drawing import _spans, least_load
from plumbline.seating.draw import EPOCH, MAX_WINDOW, Draw, DrawRefusal, RefusalReason
from plumbline.seating.events import Drawn, Joined, Left, UnitReleased
from plumbline.seating.evidence import for_all, for_any
from plumbline.seating.gates import (
    AllOf,
    AnyOf,
    DrawGate,
    Member,
    OtherGate,
    Policy,
    best_evidence,
    pools_in,
)
from plumbline.seating.packing import TERMS
from plumbline.seating.pool_history import PoolHistory, lot_of
from plumbline.seating.records import PoolTerms, PoolUnit
from tests.unit.builders import person

POOL = person("a pool")
ANN, BOB, EVE, PAYER = (person(name) for name in ("Ann", "Bob", "Eve", "payer"))
TODAY = 20_000  # epoch
TERMS_OF_POOL = PoolTerms(person("rounds"), ZERO, 1_005, 10**18, 1, 96)


def joined(unit: int, owner: str, payer: str = "", epoch: int = TODAY - 5) -> Joined:
    return Joined(1, unit, b"", owner, unit, payer or owner, epoch)


def left(unit: int, owner: str) -> Left:
    return Left(2, unit, b"", owner, unit, False)


def released(unit: int, owner: str) -> UnitReleased:
    return UnitReleased(3, unit, b"", owner, unit, 1_005, 0)


def packed(**values: int) -> int:
    word, shift = 0, 0
    for name, width in TERMS.items():
        word += values.get(name, 0) << shift
        shift += width
    return word


def drawn(number: int, first: int, mask: int) -> Drawn:
    terms = packed(first=first, n=30, frozen=TODAY * EPOCH, window=EPOCH, seats=3, layer=1)
    return Drawn(4, number, b"", number, ANN, terms, mask, 1)


class MadeUpPool:
    """Of a draw and some units, without a chain."""

    def __init__(self, draw: Draw | None = None, units: dict[int, PoolUnit] | None = None) -> None:
        self.address, self._draw, self._units = POOL, draw, units or {}
        self.drawable = 30

    def drawn(self, number: int) -> Draw:
        assert self._draw is not None and number == self._draw.number
        return self._draw

    def unit(self, number: int) -> PoolUnit:
        return self._units[number]

    def terms(self) -> PoolTerms:
        return TERMS_OF_POOL

    def credit(self, owner: str) -> int:
        return 0

    def state(self) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        if name in ("release", "withdraw", "leave"):
            return lambda *values: (name, *values)
        raise AttributeError(name)


def test_a_number_belongs_to_whoever_got_it_last() -> None:
    events = [joined(0, ANN), left(0, ANN), released(0, ANN), joined(0, BOB), joined(1, ANN)]
    history = PoolHistory.from_events(events)
    assert (history.units_of(ANN), history.units_of(BOB)) == ([1], [0])
    assert history.left == frozenset()
    before = PoolHistory.from_events(events[:2])
    assert before.units_of(ANN) == [0] and before.drawable(TODAY) == {}


def test_a_unit_can_be_drawn_from_the_second_epoch_on() -> None:
    history = PoolHistory.from_events([joined(0, ANN, epoch=TODAY - 1)])
    assert not history.drawable(TODAY) and set(history.drawable(TODAY + 1)) == {0}


def test_a_round_is_found_in_its_draw_alone() -> None:
    history = PoolHistory.from_events([drawn(1, 7, 0b101), drawn(2, 8, 1)])
    assert [history.draw_of(number) for number in (6, 7, 8, 9, 10)] == [None, 1, 2, 1, None]


def test_who_paid_for_others_is_counted_with_all_that_they_have() -> None:
    events = [joined(0, ANN, PAYER), joined(1, BOB), joined(2, EVE), joined(3, EVE)]
    history = PoolHistory.from_events(events)
    shares = history.shares(TODAY, {BOB: [PAYER], ANN: [PAYER], EVE: [EVE]})
    assert (shares.units, shares.owners) == (4, 3)
    assert (shares.owner, shares.owned) == (EVE, 2)
    assert shares.funded == 2
    shares = history.shares(TODAY, {BOB: [PAYER], EVE: [PAYER]})
    assert (shares.funder, shares.funded) == (PAYER, 4)
    assert shares.seats(shares.funded, 20) == 20
    nobody = PoolHistory.from_events([]).shares(TODAY, {})
    assert (nobody.owner, nobody.funder, nobody.seats(0, 20)) == (None, None, 0)


DRAW = Draw(
    number=4,
    rounds=(7,),
    n=30,
    frozen=TODAY * EPOCH,
    seed_block=9,
    window=EPOCH,
    seats=3,
    layer=1,
    standby=6,
    is_liable=True,
    captured=TODAY * EPOCH + 1_000,
    seed=12_345,
)


def ranked(*ranks: int) -> list[int]:
    """The units of these ranks."""
    return [DRAW.unit_at(7, rank) for rank in ranks]


def test_of_several_units_the_one_that_sits_first_is_shown() -> None:
    far, later, soon = ranked(20, 5, 1)
    events = [joined(unit, ANN) for unit in (far, later, soon)]
    history = PoolHistory.from_events([*events, drawn(4, 7, 1)])
    lot = lot_of(MadeUpPool(DRAW), history, 7, ANN)  # type: ignore[arg-type]
    assert lot is not None and (lot.unit, lot.rank, lot.opens) == (soon, 1, DRAW.captured)
    assert lot.evidence == DRAW.evidence(soon)
    without = PoolHistory.from_events([*events[:1], drawn(4, 7, 1)])
    behind = lot_of(MadeUpPool(DRAW), without, 7, ANN)  # type: ignore[arg-type]
    assert behind is not None and (behind.rank, behind.opens) == (20, None)


def test_a_unit_that_had_left_is_shown_after_one_that_had_not() -> None:
    soon, later = ranked(0, 5)
    events = [joined(soon, ANN), joined(later, ANN), left(soon, ANN), drawn(4, 7, 1)]
    gone = {soon: PoolUnit(ANN, TODAY - 5, left=DRAW.frozen)}
    lot = lot_of(MadeUpPool(DRAW, gone), PoolHistory.from_events(events), 7, ANN)  # type: ignore[arg-type]
    assert lot is not None and lot.unit == later
    # Who left after the draw is still called upon.
    gone = {soon: PoolUnit(ANN, TODAY - 5, left=DRAW.frozen + 1)}
    lot = lot_of(MadeUpPool(DRAW, gone), PoolHistory.from_events(events), 7, ANN)  # type: ignore[arg-type]
    assert lot is not None and lot.unit == soon


def test_there_is_no_lot_without_a_draw_or_a_unit() -> None:
    history = PoolHistory.from_events([joined(1, ANN), drawn(4, 7, 1)])
    pool: Any = MadeUpPool(DRAW)
    assert lot_of(pool, history, 8, ANN) is None
    assert lot_of(pool, history, 7, BOB) is None


# ------------------------------------------------------------------------ refusals


class Facts:
    """Of a pool that gives one answer to whatever is shown."""

    chain_id, now = 31_337, TODAY * EPOCH

    def __init__(self, refusal: DrawRefusal, is_drawn: bool = True) -> None:
        self._refusal, self._is_drawn = refusal, is_drawn

    def is_drawn(self, pool: str, round_id: int) -> bool:
        return self._is_drawn

    def draw_refusal(self, pool: str, round_id: int, labeler: str, evidence: Any) -> DrawRefusal:
        return self._refusal

    def admits(self, *_: Any) -> bool:
        return False


DRAWN = Policy(POOL, "SeatDraw", DrawGate(TERMS_OF_POOL))
WORD = (bytes(32),)


@pytest.mark.parametrize("reason", [each for each in RefusalReason if each])
def test_each_refusal_of_a_pool_is_told_with_a_remedy(reason: RefusalReason) -> None:
    refused = DRAWN.refusal(Facts(DrawRefusal(reason, rank=1)), 7, ANN, WORD)  # type: ignore[arg-type]
    assert refused is not None and refused.reason and refused.remedy
    assert "does not say why" not in refused.reason


def test_whoever_stands_by_is_told_position_and_time() -> None:
    until = TODAY * EPOCH + 3_600
    refusal = DrawRefusal(RefusalReason.STANDING_BY, until, 33)
    refused = DRAWN.refusal(Facts(refusal), 7, ANN, WORD)  # type: ignore[arg-type]
    assert str(refused) == (
        "stands by at position 34: admitted from 2024-10-04 01:00:00 UTC on, if seats are left"
    )


def test_who_shows_nothing_is_told_what_there_is_to_show() -> None:
    nothing = DrawRefusal(RefusalReason.NO_DRAW)
    undrawn = DRAWN.refusal(Facts(nothing, is_drawn=False), 7, ANN, ())  # type: ignore[arg-type]
    assert "not drawn yet" in str(undrawn)
    outside = DRAWN.refusal(Facts(nothing), 7, ANN, ())  # type: ignore[arg-type]
    assert f"plumbline pool join {POOL}" in str(outside)
    unnamed = DRAWN.refusal(Facts(nothing), 0, ANN, ())  # type: ignore[arg-type]
    assert "name the round" in str(unnamed)


def test_a_unit_is_put_where_the_policy_looks_for_it_though_it_is_refused_now() -> None:
    """So that a signed commitment is good when its turn comes."""
    other = Policy(person("other"), "", OtherGate())
    own = {POOL: WORD}
    both = Policy(person("all"), "AllOf", AllOf((Member(other, 1), Member(DRAWN, 1))))
    either = Policy(person("any"), "AnyOf", AnyOf((Member(other, 1), Member(DRAWN, 1))))
    waiting: Any = Facts(DrawRefusal(RefusalReason.STANDING_BY, 1, 4))
    assert best_evidence(both, waiting, 7, ANN, own) == for_all([(), WORD])
    assert best_evidence(either, waiting, 7, ANN, own) == for_any(1, WORD)
    assert best_evidence(either, waiting, 7, ANN, {}) == for_any(0, ())
    assert pools_in(both) == pools_in(either) == (POOL,) and pools_in(other) == ()


# --------------------------------------------------------------------- memberships


def membership(*units: PoolUnit, now: int = TODAY * EPOCH, credit: int = 0) -> PoolMembership:
    held = tuple(HeldUnit.of(number, unit, TERMS_OF_POOL) for number, unit in enumerate(units))
    return PoolMembership(MadeUpPool(), ANN, held, credit, now)  # type: ignore[arg-type]


def test_a_tenth_of_the_bond_is_lost_for_each_strike() -> None:
    unit = PoolUnit(ANN, TODAY, strikes=3)
    assert HeldUnit.of(0, unit, TERMS_OF_POOL).bond == 1_005 - 301


def test_a_unit_leaves_once_it_can_be_drawn() -> None:
    old, young = PoolUnit(ANN, TODAY - 2), PoolUnit(ANN, TODAY - 1)
    gone = replace(old, left=1)
    assert [each.number for each in membership(young, old, gone).leaving()] == [1]
    assert membership(gone).leaving() == []
    with pytest.raises(MembershipError, match="joined too late"):
        membership(young, gone).leaving()
    with pytest.raises(MembershipError, match="joined too late"):
        membership(young, old).leaving([0])
    with pytest.raises(MembershipError, match=f"unit 5 in {POOL} is not {ANN}'s"):
        membership(old).leaving([5])


def test_a_bond_comes_back_after_the_longest_window_and_not_a_second_before() -> None:
    now = TODAY * EPOCH
    due = replace(PoolUnit(ANN, TODAY - 30), left=now - MAX_WINDOW - 1)
    early = replace(due, left=now - MAX_WINDOW)
    calls: list[Any] = membership(early, due).withdrawing(BOB)
    assert calls == [("release", 1), ("withdraw", BOB)]
    calls = membership(early, credit=1).withdrawing(BOB)
    assert calls == [("withdraw", BOB)]
    with pytest.raises(MembershipError, match="can be had back before"):
        membership(early).withdrawing(BOB)
    with pytest.raises(MembershipError, match="pool leave"):
        membership(PoolUnit(ANN, TODAY)).withdrawing(BOB)
    with pytest.raises(MembershipError, match="has nothing in the pool"):
        membership().withdrawing(BOB)


# ---------------------------------------------------------------------- requesters


def test_the_least_load_is_taken_that_fits() -> None:
    pool: Any = MadeUpPool()  # with 30 units: three rounds of three seats, each unit once
    assert least_load(pool, (1, 2, 3), 3) == 1
    assert least_load(pool, (1, 2, 3, 4), 3) == 2
    assert least_load(pool, tuple(range(1, 11)), 3) == 4
    assert least_load(pool, (1, 2), 20) == 2  # none does: what would be refused with a reason


def test_rounds_are_drawn_in_as_few_draws_as_can_hold_them() -> None:
    assert _spans([1, 2, 128]) == [(1, 2, 128)]
    assert _spans([1, 2, 129, 130]) == [(1, 2), (129, 130)]
    assert _spans([]) == []
