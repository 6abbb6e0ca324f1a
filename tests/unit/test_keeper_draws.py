"""What a keeper does for draws: seeds in time, and absence as soon as it can be proved."""

from dataclasses import replace

import pytest

from plumbline.chain.records import Deadlines
from plumbline.history.rounds import RoundHistory
from plumbline.keeper.backoff import Backoff
from plumbline.keeper.decisions import DecisionContext, Step, urgency
from plumbline.keeper.draw_decisions import (
    Capture,
    PoolDraw,
    Report,
    decide_seed,
    is_absent,
    may_report,
    once_each,
    overtaken,
    reports,
)
from plumbline.seating.draw import EPOCH, FAIR_WINDOW, RESPITE, STRIKES, Draw
from plumbline.seating.records import PoolUnit
from tests.unit.builders import LABELERS, OPENED, small_round

A, B, C, D, E, F = LABELERS
POOL, OTHER = "0x" + "11" * 20, "0x" + "22" * 20
FROZEN = OPENED + 10
WINDOW = 86_400
SEED_BLOCK = 200
DRAW = Draw(
    number=3,
    rounds=(1, 2),
    n=40,
    frozen=FROZEN,
    seed_block=SEED_BLOCK,
    window=WINDOW,
    seats=4,
    layer=1,
    standby=8,
    is_liable=True,
)
CAPTURED = FROZEN + 1_000
SEEDED = replace(DRAW, captured=CAPTURED, seed=77)
HALF = CAPTURED + (WINDOW - 1_000) // 2
RIPE = FROZEN // EPOCH - 2


def context(
    now: int = FROZEN + 1, head: int = SEED_BLOCK + 1, **more: frozenset[Step]
) -> DecisionContext:
    return DecisionContext(now, head, 5, **more)


def history(*labelers: str, ends: int = FROZEN + WINDOW) -> RoundHistory:
    one = small_round().commit(*labelers).history if labelers else small_round().history
    return replace(one, opened=replace(one.opened, deadlines=Deadlines(ends, ends + 600, 0)))


def unit(owner: str | None = A, **more: int) -> PoolUnit:
    return PoolUnit(owner, **{"joined": RIPE, **more})


# --------------------------------------------------------------------------- seeds


@pytest.mark.parametrize(
    ("head", "kinds"), [(SEED_BLOCK - 1, []), (SEED_BLOCK, []), (SEED_BLOCK + 1, ["capture"])]
)
def test_a_seed_is_fixed_as_soon_as_a_block_stands_on_its_own(head: int, kinds: list[str]) -> None:
    decision = decide_seed(PoolDraw(POOL, DRAW, 1), context(head=head))
    assert [action.kind for action in decision.actions] == kinds
    if not kinds:
        assert decision.wait is not None and decision.wait.until == FROZEN + WINDOW
        assert f"block {SEED_BLOCK}: {SEED_BLOCK + 1 - head} more to come" in decision.wait.reason


@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        (FROZEN, []),  # captured after no time is not captured
        (FROZEN + 1, ["capture"]),
        (FROZEN + WINDOW - 1, ["capture"]),
        (FROZEN + WINDOW, []),
    ],
)
def test_a_seed_is_fixed_before_the_first_deadline(now: int, kinds: list[str]) -> None:
    decision = decide_seed(PoolDraw(POOL, DRAW, 1), context(now))
    assert [action.kind for action in decision.actions] == kinds
    assert kinds or decision.wait is not None


def test_a_missed_seed_is_had_from_another_block() -> None:
    (action,) = decide_seed(PoolDraw(POOL, DRAW, 1, is_hash_gone=True), context()).actions
    assert (action.kind, action.round_id) == ("rearm", 1)
    late = context(FROZEN + WINDOW)
    assert decide_seed(PoolDraw(POOL, DRAW, 1, is_hash_gone=True), late).actions == ()


def test_a_seed_is_fixed_once_and_by_those_who_are_to() -> None:
    assert decide_seed(PoolDraw(POOL, SEEDED, 1), context()).actions == ()
    others = context(steps=frozenset(Step) - {Step.CAPTURE})
    assert decide_seed(PoolDraw(POOL, DRAW, 1), others).actions == ()


def test_a_seed_comes_before_what_has_no_deadline() -> None:
    past = history(A, B)
    capture = Capture(1, "", POOL, 3, SEED_BLOCK)
    report = Report(1, "", POOL, 3, 5, A)
    assert urgency(capture, past) < urgency(report, past)


# ------------------------------------------------------------------------- absence


@pytest.mark.parametrize(
    ("now", "can"),
    [(HALF - 1, False), (HALF, True), (FROZEN + WINDOW - 1, True), (FROZEN + WINDOW, False)],
)
def test_absence_is_reported_in_the_second_half_of_the_window(now: int, can: bool) -> None:
    assert may_report(SEEDED, history(A, B), context(now)) is can


def test_absence_is_reported_in_a_round_that_ends_later_until_then() -> None:
    later = history(A, B, ends=FROZEN + 2 * WINDOW)
    assert may_report(SEEDED, later, context(FROZEN + 2 * WINDOW - 1))


@pytest.mark.parametrize(
    ("draw", "labelers", "can"),
    [
        (SEEDED, (A, B), True),
        (SEEDED, (A,), False),  # 1 of 4 seats: nobody came, for a reason
        (replace(SEEDED, seats=3), (A,), True),
        (SEEDED, (A, B, C, D), False),  # all seats are taken
        (DRAW, (A, B), False),
        (replace(SEEDED, is_liable=False), (A, B), False),
        (replace(SEEDED, captured=FROZEN + WINDOW - FAIR_WINDOW), (A, B), True),
        (replace(SEEDED, captured=FROZEN + WINDOW - FAIR_WINDOW + 1), (A, B), False),
    ],
)
def test_absence_is_reported_where_the_pool_takes_it(
    draw: Draw, labelers: tuple[str, ...], can: bool
) -> None:
    assert may_report(draw, history(*labelers), context(FROZEN + WINDOW - 1)) is can


def test_reporting_can_be_left_to_others() -> None:
    others = context(HALF, steps=frozenset(Step) - {Step.REPORT})
    assert not may_report(SEEDED, history(A, B), others)


@pytest.mark.parametrize(
    ("member", "absent"),
    [
        (unit(C), True),
        (unit(A), False),  # has a seat
        (unit(None), False),
        (unit(C, joined=RIPE + 1), False),
        (unit(C, left=FROZEN), False),
        (unit(C, left=FROZEN + 1), True),  # left after the draw, and is liable for it
        (unit(C, strikes=STRIKES - 1), True),
        (unit(C, strikes=STRIKES), False),
        (unit(C, strikes=1, struck=HALF), False),  # for another round of this draw
        (unit(C, strikes=1, struck=HALF - 1), False),
    ],
)
def test_who_is_absent(member: PoolUnit, absent: bool) -> None:
    assert is_absent(SEEDED, history(A, B), member, HALF) is absent


@pytest.mark.parametrize(("now", "absent"), [(RESPITE - 1, False), (RESPITE, True)])
def test_nobody_is_struck_twice_a_day(now: int, absent: bool) -> None:
    struck = HALF - RESPITE // 2
    member = unit(C, strikes=1, struck=struck)
    assert is_absent(SEEDED, history(A, B), member, struck + now) is absent


@pytest.mark.parametrize(("struck", "absent"), [(HALF - 1, True), (HALF, False)])
def test_a_strike_is_for_all_turns_before_it_however_long_ago(struck: int, absent: bool) -> None:
    later = history(A, B, ends=FROZEN + 3 * WINDOW)
    assert is_absent(SEEDED, later, unit(C, strikes=1, struck=struck), HALF + RESPITE) is absent


def test_a_unit_is_reported_once_for_all_rounds_of_a_draw() -> None:
    known, absent = PoolDraw(POOL, SEEDED, 1), [(5, unit(C)), (6, unit(D))]
    first = reports(known, history(A, B), absent)
    second = [replace(each, round_id=2) for each in first]
    elsewhere = replace(first[0], pool=OTHER)
    assert once_each([*first, *second, elsewhere]) == [*first, elsewhere]
    assert [each.labelers for each in first] == [(C,), (D,)]


def test_failures_of_one_unit_and_of_one_pool_say_nothing_of_another() -> None:
    backoff = Backoff(lambda: 0.0)
    report, capture = Report(1, "", POOL, 3, 5, C), Capture(1, "", POOL, 3, SEED_BLOCK)
    for action in (report, capture):
        backoff.failed(action)
        assert not backoff.allows(action)
    assert backoff.allows(replace(report, unit=6))
    assert backoff.allows(replace(capture, pool=OTHER))
    backoff.failed(replace(capture, pool=OTHER))
    assert not backoff.allows(capture)


def test_whoever_was_faster_is_no_failure() -> None:
    assert overtaken("nothing was sent: draw: seed is captured")
    assert overtaken("report: struck already")
    assert overtaken("capture: not the header") is None
    assert overtaken("report: not yet") is None
