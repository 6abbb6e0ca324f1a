"""A bloc answers without a look at the tasks, all with one sheet: the middle of a scale, answers
drawn with the share that each option has, any random sheet.

Gain: pay without work, as the members agree with each other. Stopped, with gold answers that nobody
knows, by counting only who passed them (G3.5): whoever answers regardless of the tasks scores 0 on
average (S1.8) and is simply not there. Figures in prices, at a stake of two, of 60, 20 and 30
batches with 4 to 12 such seats of twenty: a shared random sheet loses 0.03 to 0.19, a middle sheet
of a scale 0.50, one near the middle 0.10 to 0.13, one drawn with 90/10 loses 0.05 to 0.09; and
honest seats get 0.70 to 0.87. Luck is left: with two options a sheet passes 24 gold answers once in
six or seven times, and then all who share it are paid. Without gold the same sheets gain from eight
or ten seats on: **not stopped**, see docs/specification.md, Limits.
"""

import pytest

from plumbline.settlement import Band
from plumbline.settlement.terms import Kind
from tests.attacks.crowds import (
    BINARY,
    FOUR,
    SCALE,
    bands,
    batch,
    gain,
    play,
    rounds,
    without_gold,
)

NEAR_THE_MIDDLE = (0, 1, 2, 1, 0)
NINE_TO_ONE = (0.9, 0.1)
SKEWED = batch(Kind.NOMINAL, options=2, tasks=256)


def shared(world, batches, size, weights=None):
    """So many seats with one random sheet, and the rest honest."""
    return [
        play(world, batch, [batch.random(weights)] * size + batch.crowd(20 - size))
        for batch in batches
    ]


@pytest.mark.parametrize("terms", [BINARY, FOUR, SCALE])
@pytest.mark.parametrize("size", [4, 8, 12])
def test_a_random_sheet_does_not_pay(world, terms, size):
    endings = shared(world, rounds(terms, 60), size)
    assert gain(endings, 0, size) <= 0.02
    assert gain(endings, size) >= 0.7


@pytest.mark.parametrize("size", [4, 8, 12])
def test_the_middle_of_a_scale_never_passes(world, size):
    for each in rounds(SCALE, 6):
        honest = each.crowd(20 - size)
        ending = play(world, each, [each.constant(2)] * size + honest)
        assert bands(ending, 0, size) == {Band.OUTLIER}
        assert ending.mean(size) > 0.75


@pytest.mark.parametrize("size", [4, 8, 10, 12])
def test_nor_does_it_pay_to_stay_near_the_middle(world, size):
    endings = shared(world, rounds(SCALE, 20), size, NEAR_THE_MIDDLE)
    assert gain(endings, 0, size) < -0.05
    assert gain(endings, size) > 0.8


@pytest.mark.parametrize("size", [4, 8, 12])
def test_nor_to_draw_answers_with_the_share_they_have(world, size):
    endings = shared(world, rounds(SKEWED, 15, common=0.9), size, NINE_TO_ONE)
    assert gain(endings, 0, size) < 0.02
    assert gain(endings, size) > 0.75


@pytest.mark.parametrize("terms", [BINARY, FOUR, SCALE])
def test_a_bloc_that_does_not_pass_is_simply_not_there(world, terms):
    """The verdict on the crowd is that without it, to the last bit."""
    found = 0
    for each in rounds(terms, 6):
        honest, sheet = each.crowd(12), each.random()
        ending = play(world, each, [sheet] * 8 + honest)
        if Band.NEAR in bands(ending, 0, 8):
            continue
        found += 1
        alone = play(world, each, honest)
        assert ending.closed.verdict == alone.closed.verdict
        assert ending.gains[8:] == alone.gains
    assert found >= 3


def test_without_gold_all_of_them_pay_from_some_share_of_the_seats_on(world):
    """Not stopped: what gold is for."""
    random = shared(world, rounds(without_gold(BINARY), 8), 8)
    assert gain(random, 0, 8) > 0.9 and gain(random, 8) < 0.4
    middle = shared(world, rounds(without_gold(SCALE), 8), 12, NEAR_THE_MIDDLE)
    assert gain(middle, 0, 12) > 0.9 and gain(middle, 12) < 0
    skewed = shared(world, rounds(without_gold(SKEWED), 8, common=0.9), 8, NINE_TO_ONE)
    assert gain(skewed, 0, 8) > gain(skewed, 8)
