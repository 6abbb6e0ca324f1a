"""A requester sets the gold mark so high that hardly anybody who works passes it.

Gain: answers that nobody is paid for, from a requester whose record stays clean. Stopped by the
bound of the mark (T1.22), and by `refund_bps`: whatever nobody is paid, no more than that share of
a price ever goes back (P3.3), so a sheet costs at least the rest. Twenty seats on usual terms, 40
batches each: at the strictest mark a sheet costs 0.77 of the price instead of 0.79 with four
options at accuracy 0.7, the same on a scale, and 0.66 instead of 0.74 with two; at 0.8 all lie
within 3%. With two options the labelers get 0.41 instead of 0.62, which the terms let them see.
"""

import pytest

from plumbline.settlement import Mode
from tests.attacks.crowds import BINARY, FOUR, SCALE, Batch, cost, gain, play, rounds
from tests.world.jobs import RULES, gold_sheet
from tests.world.world import refused

STRICTEST = 4_000


def test_no_mark_is_above_what_a_fair_crowd_passes(world, requester):
    gold = gold_sheet(RULES)
    for mark in (4_001, 5_000, 10_000):
        with refused("open: gold_pass not in 500..4000 bps"):
            world.open(requester, None, gold, gold_pass_bps=mark)
    world.open(requester, None, gold, gold_pass_bps=STRICTEST)


@pytest.mark.parametrize(
    ("terms", "accuracy", "within"),
    [
        (BINARY, 0.7, 0.12),
        (BINARY, 0.8, 0.03),
        (FOUR, 0.7, 0.05),
        (FOUR, 0.8, 0.01),
        (SCALE, 0.7, 0.01),
    ],
)
def test_the_strictest_saves_the_requester_little(world, terms, accuracy, within):
    fair, strict = [], []
    for batch in rounds(terms, 12):
        rows = batch.crowd(20, accuracy)
        fair.append(play(world, batch, rows))
        strict.append(play(world, batch, rows, gold_pass_bps=STRICTEST))
    assert cost(fair) * (1 - within) <= cost(strict) <= cost(fair)
    assert gain(strict) > 0
    print(f"{cost(fair):.3f} {cost(strict):.3f}, paid {gain(fair):.3f} {gain(strict):.3f}")


@pytest.mark.parametrize("refund_bps", [0, 1, 3_333, 5_000, 10_000])
def test_a_sheet_costs_what_the_terms_promised_though_nobody_passed(world, refund_bps):
    """Here nobody works at all, and the mark has no part in it: the sheets are worthless."""
    batch = Batch.of(FOUR, seed=0)
    rows = [batch.random() for _ in range(20)]
    ending = play(world, batch, rows, gold_pass_bps=STRICTEST, refund_bps=refund_bps)
    assert ending.closed.verdict.mode == Mode.GOLD
    most_back = FOUR.price * refund_bps // 10_000
    assert ending.closed.paid == 0
    assert ending.closed.refund == 20 * most_back
    slashes = sum(each.slash for each in ending.closed.outcomes)
    assert ending.closed.to_sink == slashes + 20 * (FOUR.price - most_back)


def test_a_promise_of_no_refund_makes_every_sheet_cost_its_price(world):
    batch = Batch.of(BINARY, seed=1)
    ending = play(world, batch, batch.crowd(20, 0.6), gold_pass_bps=STRICTEST, refund_bps=0)
    assert ending.cost == pytest.approx(1)
