"""A requester promises gold, and commits to hardly any, to none, or to more than was promised.

Gain: to look as if gold stood behind the round while one gold answer, or a choice of several sets,
decides who is paid. Stopped by the number being a term of the round, never below 8 (12 with two
options) nor above a quarter of the tasks (T1.28, T1.29), and by any other number counting as
withheld (G2.1): nothing of what is unspent goes back (P3.3). An honest crowd is then paid by peers
as without gold, 0.79 of the price instead of 0.77, and a sheet costs the requester 1.00 instead of
0.79 (two options, twenty seats at 0.8).
"""

from dataclasses import replace

import pytest

from tests.attacks.crowds import BINARY, FOUR, SCALE, Batch, play, without_gold
from tests.world.jobs import RULES, gold_sheet
from tests.world.world import refused


def test_a_round_is_not_opened_on_fewer_or_on_more(world, requester):
    gold = gold_sheet(RULES)
    for count in range(1, 8):
        with refused("open: too few gold tasks"):
            world.open(requester, None, gold, gold_count=count)
    with refused("open: gold above a quarter of tasks"):
        world.open(requester, None, gold, gold_count=10)
    for count in (8, 9):
        world.open(requester, None, gold, gold_count=count)
    two = {"options": 2, "tasks": 48}
    with refused("open: too few gold tasks"):
        world.open(requester, None, gold, gold_count=11, **two)
    world.open(requester, None, gold, gold_count=12, **two)


def test_a_root_is_not_given_without_a_number_nor_a_number_without_a_root(world, requester):
    with refused("open: gold_root without gold_count"):
        world.open(requester, None, gold_sheet(RULES), gold_count=0)
    with refused("open: gold_count without gold_root"):
        world.open(requester, gold_count=9)


@pytest.mark.parametrize("terms", [BINARY, FOUR, SCALE])
@pytest.mark.parametrize("opened", ["one", "one less", "one more", "all tasks"])
def test_any_other_number_is_as_if_they_were_withheld(world, terms, opened):
    batch = Batch.of(terms, seed=3)
    rows = batch.crowd(20)
    known = dict(batch.gold)
    more = next(task for task in range(terms.tasks) if task not in known)
    gold = {
        "one": dict(list(known.items())[:1]),
        "one less": dict(list(known.items())[1:]),
        "one more": {**known, more: batch.truth[more]},
        "all tasks": dict(enumerate(batch.truth)),
    }[opened]
    few, withheld = play(world, batch, rows, gold), play(world, batch, rows, withheld=True)
    assert few.closed.verdict == withheld.closed.verdict
    assert few.closed.verdict.usable_gold == 0
    assert few.gains == withheld.gains
    assert few.closed.refund == 0
    assert few.cost == pytest.approx(1)
    assert play(world, batch, rows).cost < 0.9


def test_the_crowd_is_then_paid_as_in_a_round_without_gold(world):
    """On the same terms but for the promise; so nobody who works loses by it."""
    batch = Batch.of(BINARY, seed=4)
    rows = batch.crowd(20)
    few = play(world, batch, rows, gold=dict(list(batch.gold.items())[:1]))
    plain = without_gold(BINARY)
    same = {"bar_bps": BINARY.bar_bps, "refund_bps": BINARY.refund_bps, "r_min": BINARY.r_min}
    none = play(world, replace(batch, terms=plain, gold={}), rows, **same)
    assert few.gains == none.gains
    assert few.closed.refund == 0 < none.closed.refund
    assert few.closed.to_sink - none.closed.to_sink == none.closed.refund
