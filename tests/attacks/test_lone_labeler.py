"""One labeler is the whole crowd, and agrees with nobody or only with the own second address.

Gain: pay that nobody checked. Stopped by the fewest sheets that count, at least three (T1.12,
M1.3), and by taking one's own vote out of what the others say (K2): a void round pays for showing
up, by the answer, and where there are gold answers they judge.
"""

import pytest

from plumbline.chain.events import RoundClosed
from plumbline.settlement import Band, Mode
from tests.world.jobs import RULES, gold_sheet
from tests.world.world import of_kind, outcomes, refused


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_are_paid_for_showing_up_only(world, requester, rows, labelers, count):
    few = dict(list(rows.items())[:count])
    job = world.open(requester, few)
    before = world.free(requester)
    events = world.play(job)
    (closed,) = of_kind(events, RoundClosed)
    assert closed.verdict.mode == Mode.VOID
    showup = RULES.price * RULES.showup_bps // 10_000
    answered = [sum(answer is not None for answer in row) for row in few.values()]
    fees = [showup * number // RULES.tasks for number in answered]
    assert outcomes(events) == [(Band.VOID, fee) for fee in fees]
    assert world.free(requester) == before + RULES.price * RULES.seats - sum(fees)


@pytest.mark.parametrize("count", [1, 2])
def test_with_gold_there_is_something_to_judge_them_by(world, requester, rows, count):
    """And they are paid for what they know."""
    few = dict(list(rows.items())[:count])
    events = world.play(world.open(requester, few, gold_sheet(RULES)))
    (closed,) = of_kind(events, RoundClosed)
    assert closed.verdict.mode == Mode.GOLD
    assert {band for band, _ in outcomes(events)} == {Band.NEAR}
    guess = {next(iter(few)): [0] * RULES.tasks}
    events = world.play(world.open(requester, guess, gold_sheet(RULES)))
    assert [pay for _, pay in outcomes(events)] == [0]


def test_no_round_asks_for_fewer_than_three(world, requester):
    for fewest in (0, 1, 2):
        with refused("open: r_min not in 3..seats"):
            world.open(requester, r_min=fewest)


@pytest.mark.parametrize("fewest, mode", [(3, Mode.PEER), (4, Mode.VOID)])
def test_three_judge_each_other_only_where_three_are_enough(
    world, requester, rows, labelers, fewest, mode
):
    alike = dict.fromkeys(labelers[:3], rows[labelers[0]])
    (closed,) = of_kind(world.play(world.open(requester, alike, r_min=fewest)), RoundClosed)
    assert closed.verdict.mode == mode


def test_two_addresses_that_agree_count_nothing_for_each_other(world, requester, rows, labelers):
    """The margin is two votes of others (K2.1): a pair and one who differs decide no task."""
    pair = rows[labelers[0]]
    differs = [(answer + 1) % RULES.options for answer in pair]
    three = dict(zip(labelers, (pair, pair, differs), strict=False))
    (closed,) = of_kind(world.play(world.open(requester, three)), RoundClosed)
    assert closed.verdict.mode == Mode.VOID
