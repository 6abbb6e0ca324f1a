"""A requester sees the answers, and then does not open the gold answers.

Gain: to choose, after the reveal, between two judgements: gold answers that would have shown that a
crowd of puppets lies stay hidden. Stopped, as far as money goes, by nothing at all going back to
who withholds (P3.3), in any mode: a sheet then costs the whole price, 1.00 instead of 0.74 to 0.83.
The judgement by peers is **not stopped**: puppets with more than half of the seats slash the
others, and it costs the requester every sheet of theirs in full.
"""

import pytest

from plumbline.settlement import Band, Mode
from tests.attacks.crowds import BINARY, FOUR, SCALE, Batch, bands, cost, play, rounds


@pytest.mark.parametrize("terms", [BINARY, FOUR, SCALE])
@pytest.mark.parametrize("accuracy", [0.7, 0.9])
def test_it_costs_the_whole_price_of_every_sheet(world, terms, accuracy):
    opened, withheld = [], []
    for batch in rounds(terms, 4):
        rows = batch.crowd(20, accuracy)
        opened.append(play(world, batch, rows))
        withheld.append(play(world, batch, rows, withheld=True))
    assert all(ending.closed.refund == 0 for ending in withheld)
    assert cost(withheld) == pytest.approx(1)
    assert cost(opened) < 0.93


def test_it_costs_that_in_a_void_round_too(world):
    """Nobody agrees on anything, and yet what is not paid for showing up is the sink's."""
    batch = Batch.of(FOUR, seed=5)
    rows = [batch.random() for _ in range(20)]
    ending = play(world, batch, rows, withheld=True)
    assert ending.closed.verdict.mode == Mode.VOID
    assert bands(ending) == {Band.VOID}
    assert ending.closed.refund == 0
    showup = FOUR.price * FOUR.showup_bps // 10_000
    assert ending.closed.to_sink == 20 * (FOUR.price - showup)


def test_empty_seats_are_refunded_all_the_same(world):
    batch = Batch.of(FOUR, seed=5)
    ending = play(world, batch, batch.crowd(12), withheld=True)
    assert ending.closed.refund == 8 * FOUR.price
    assert ending.cost == pytest.approx(1)


def test_puppets_who_lead_slash_the_others_and_the_requester_pays_for_it(world):
    """Thirteen say the opposite of seven: with the gold answers they are the outliers, without the
    seven are. Requester and puppets together are out of all that the seven were promised.
    """
    batch = Batch.of(BINARY, seed=6)
    honest = batch.crowd(7, 0.9)
    inverted = [1 - true for true in batch.truth]
    rows = [inverted] * 13 + honest
    opened, withheld = play(world, batch, rows), play(world, batch, rows, withheld=True)
    assert bands(opened, 0, 13) == {Band.OUTLIER} and opened.mean(13) > 0.7
    assert bands(withheld, 13) == {Band.OUTLIER}
    own = sum(withheld.gains[:13]) - 20 * withheld.cost
    assert own <= -7 + 1e-9
