"""Seats are filled with the majority's option, to make every score one-sided or nobody's answers
agree, so that the round is void.

Gain: for the requester the honest answers at the show-up fee; for a rival a round that came to
nothing. Stopped by gold: sheets that say one thing score exactly 0 (S1.8), do not count, and with
credible gold answers no round is void (M1.4). In 70/30 batches of two options with 8 of twenty
seats filled honest labelers get 0.75 of a price. Without gold most of them cannot be judged there
and get 0.10, and a sheet costs the requester 0.07: **not stopped**, see docs/specification.md,
Limits.
"""

import pytest

from plumbline.settlement import Band, Mode
from tests.attacks.crowds import BINARY, FOUR, SCALE, bands, cost, gain, play, rounds, without_gold


def filled(world, terms, size, count=6):
    return [
        play(world, batch, [batch.constant(0)] * size + batch.crowd(20 - size))
        for batch in rounds(terms, count, common=0.7)
    ]


@pytest.mark.parametrize("terms", [BINARY, FOUR, SCALE])
@pytest.mark.parametrize("size", [4, 8, 12])
def test_with_gold_no_round_is_void_and_the_honest_are_paid(world, terms, size):
    for ending in filled(world, terms, size):
        assert ending.closed.verdict.mode != Mode.VOID
        assert Band.VOID not in bands(ending)
        assert bands(ending, 0, size) == {Band.OUTLIER}
        assert ending.mean(size) > 0.6


@pytest.mark.parametrize("size", [16, 19])
def test_even_nearly_all_seats_void_nothing(world, size):
    """Then few passed, gold judges alone, and whoever finds nothing is slashed for it."""
    for ending in filled(world, FOUR, size):
        assert ending.closed.verdict.mode == Mode.GOLD
        assert bands(ending, 0, size) == {Band.OUTLIER}
        assert ending.mean(size) > 0.6


def test_filling_seats_costs_a_stake_and_saves_a_requester_nothing(world):
    """Eight own seats: their stakes are slashed, and twelve sheets cost half of their price."""
    for ending in filled(world, BINARY, 8):
        own = 20 * ending.cost - sum(ending.gains[:8])
        assert own >= 12 * 0.5


def test_without_gold_hardly_anybody_can_be_judged(world):
    """Not stopped: twelve honest sheets for the fee of showing up."""
    endings = filled(world, without_gold(BINARY), 8)
    honest = [each.band for ending in endings for each in ending.closed.outcomes[8:]]
    assert honest.count(Band.VOID) >= 0.9 * len(honest)
    assert gain(endings, 8) < 0.15
    assert cost(endings) < 0.1
