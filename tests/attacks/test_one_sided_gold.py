"""A requester takes gold tasks of one answer only, or nearly.

Gain: a sheet that says that answer everywhere passes, so that own puppets are counted without work
and whoever answers otherwise is paid nothing. Stopped by the spread that credible gold answers have
(G2.2): at least a fifth of either of two options, 5 of 24, and on a scale as much variation. What
is below counts as withheld, in everything, and nothing goes back (P3.3). At the limit the sheet
that says the commoner answer scores 0 as always (S1.8), and is not counted.
"""

import pytest

from plumbline.settlement import Band, Mode
from tests.attacks.crowds import BINARY, FOUR, SCALE, Batch, bands, play


def some_of_each(batch, counts):
    """So many gold tasks of each option; each has that answer."""
    gold = {}
    for option, count in enumerate(counts):
        tasks = [task for task, true in enumerate(batch.truth) if true == option]
        assert len(tasks) >= count
        gold |= dict.fromkeys(tasks[:count], option)
    return gold


@pytest.mark.parametrize(
    ("terms", "counts", "credible"),
    [
        (BINARY, (24, 0), False),
        (BINARY, (20, 4), False),
        (BINARY, (19, 5), True),
        (BINARY, (5, 19), True),
        (FOUR, (12, 0, 0, 0), False),
        (FOUR, (10, 2, 0, 0), False),
        (FOUR, (10, 1, 1, 0), False),
        (FOUR, (9, 3, 0, 0), True),
        (SCALE, (0, 0, 12, 0, 0), False),
        (SCALE, (0, 6, 6, 0, 0), False),
        (SCALE, (0, 2, 8, 2, 0), False),
        (SCALE, (1, 3, 4, 3, 1), True),
        (SCALE, (6, 0, 0, 0, 6), True),
    ],
)
def test_what_varies_too_little_is_as_if_withheld(world, terms, counts, credible):
    batch = Batch.of(terms, seed=2)
    rows = batch.crowd(20)
    gold = some_of_each(batch, counts)
    ending = play(world, batch, rows, gold)
    assert (ending.closed.verdict.usable_gold > 0) == credible
    if credible:
        assert ending.closed.refund > 0
    else:
        assert ending.gains == play(world, batch, rows, withheld=True).gains
        assert ending.closed.refund == 0
        assert ending.cost == pytest.approx(1)


def test_at_the_limit_the_commoner_answer_still_passes_nothing(world):
    batch = Batch.of(BINARY, seed=2)
    puppets = [batch.constant(0)] * 8
    ending = play(world, batch, puppets + batch.crowd(12), some_of_each(batch, (19, 5)))
    assert ending.closed.verdict.mode == Mode.PEER
    assert bands(ending, 0, 8) == {Band.OUTLIER}
    assert ending.mean(8) > 0.6


def test_below_it_the_promise_is_broken_and_only_the_requester_pays_for_that(world):
    """Puppets who say the only gold answer are judged by the crowd, which is not theirs."""
    batch = Batch.of(BINARY, seed=2)
    puppets = [batch.constant(0)] * 6
    ending = play(world, batch, puppets + batch.crowd(14, 0.9), some_of_each(batch, (24, 0)))
    assert ending.closed.verdict.mode == Mode.PEER
    assert bands(ending, 0, 6) == {Band.OUTLIER}
    assert ending.mean(6) > 0.8
    assert ending.cost == pytest.approx(1)
