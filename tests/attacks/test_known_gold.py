"""Puppets know the gold answers: the requester's own, or those of whoever bought or leaked them.

Gain: they pass without work, are counted, and where they share one sheet outvote whoever works: the
others' answers for less. **Not stopped**: leaked gold is no gold. What stands is `refund_bps`:
every sheet of others costs at least half of its price. Twenty seats of which eight are such puppets
with one random sheet: with two options they are paid 1.00 and honest labelers 0.42, who are hardly
slashed; with four 0.28 and 0.96, on a scale nothing and 1.00. With eleven the puppets have it all
and honest labelers nothing. Only seats by lot help against that.
"""

import pytest

from plumbline.settlement import Band
from tests.attacks.crowds import BINARY, FOUR, SCALE, gain, play, rounds


def bloc(world, terms, size, count=8):
    """Rounds in which so many share one random sheet with the gold answers in it."""
    return [
        play(world, batch, [batch.informed(batch.random())] * size + batch.crowd(20 - size))
        for batch in rounds(terms, count)
    ]


@pytest.mark.parametrize(
    ("terms", "size", "theirs", "others"),
    [
        (BINARY, 4, 0.0, 0.91),
        (BINARY, 8, 1.0, 0.42),
        (BINARY, 11, 1.0, 0.0),
        (FOUR, 8, 0.28, 0.96),
        (FOUR, 11, 1.0, 0.0),
        (SCALE, 8, 0.0, 1.0),
        (SCALE, 11, 1.0, 0.0),
    ],
)
def test_they_pass_and_what_that_is_worth(world, terms, size, theirs, others):
    endings = bloc(world, terms, size)
    assert gain(endings, 0, size) == pytest.approx(theirs, abs=0.02)
    assert gain(endings, size) == pytest.approx(others, abs=0.02)


@pytest.mark.parametrize("terms", [BINARY, FOUR, SCALE])
@pytest.mark.parametrize("size", [4, 8, 11, 15])
def test_a_sheet_of_others_costs_the_requester_half_whoever_is_paid(world, terms, size):
    """Requester and puppets taken together, as one that has both."""
    for ending in bloc(world, terms, size, count=4):
        own = 20 * ending.cost - sum(ending.gains[:size])
        assert own >= 0.5 * (20 - size) - 1e-9


@pytest.mark.parametrize("terms", [BINARY, FOUR, SCALE])
@pytest.mark.parametrize("size", [8, 11])
def test_who_works_is_hardly_ever_slashed_by_it(world, terms, size):
    """Who passed is never slashed (M3.9), however many say otherwise."""
    worked = [
        each.band for ending in bloc(world, terms, size) for each in ending.closed.outcomes[size:]
    ]
    assert worked.count(Band.OUTLIER) <= 0.02 * len(worked)
