"""A requester commits to gold answers that are wrong, or so hard that most who work miss them.

Gain: honest labelers fail, are not paid, and the requester has their answers. Stopped, as far as
money goes, by `refund_bps`: a sheet costs half of its price though nobody is paid, which is more
than nothing and buys what an honest opening would have bought for 0.79; what nobody is paid and
what is slashed is the sink's, so nobody gains. That honest labelers lose by it is **not stopped**:
with every gold answer wrong they are slashed, 0.80 of a price with two options at a stake of two
prices. Look at how a requester's other rounds ended.
"""

import pytest

from plumbline.settlement import Band, Mode
from tests.attacks.crowds import BINARY, FOUR, SCALE, bands, cost, gain, play, rounds


def wrong(batch, share=1.0):
    """The farthest answer instead of the true one, for a share of the gold tasks."""
    last = batch.terms.options - 1
    gold = dict(batch.gold)
    for task in list(gold)[: round(share * len(gold))]:
        gold[task] = last - gold[task] if 2 * gold[task] != last else 0
    return gold


@pytest.mark.parametrize("terms", [BINARY, FOUR, SCALE])
def test_all_wrong_costs_the_requester_half_and_the_crowd_a_slash(world, terms):
    endings = [play(world, batch, batch.crowd(20), wrong(batch)) for batch in rounds(terms, 5)]
    for ending in endings:
        assert ending.closed.verdict.mode == Mode.GOLD
        assert ending.closed.paid == 0
        assert Band.NEAR not in bands(ending)
        assert ending.cost == pytest.approx(0.5)
        slashed = sum(each.slash for each in ending.closed.outcomes)
        assert ending.closed.to_sink == slashed + 20 * (terms.price - terms.price // 2)
    assert -0.9 < gain(endings) < -0.5


@pytest.mark.parametrize("terms", [BINARY, FOUR, SCALE])
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_the_more_are_wrong_the_less_is_paid_and_never_below_what_was_promised(world, terms, share):
    """Half wrong is what a hard batch looks like: some pass, the rest is not slashed for it all."""
    true = [play(world, batch, batch.crowd(20)) for batch in rounds(terms, 4)]
    some = [play(world, batch, batch.crowd(20), wrong(batch, share)) for batch in rounds(terms, 4)]
    assert gain(some) < gain(true) + 0.05
    for ending in some:
        assert ending.cost >= 0.5 - 1e-9
    assert cost(some) <= cost(true) + 0.05


def test_puppets_with_the_wrong_answers_are_paid_what_the_requester_paid(world):
    """Eight own seats pass the wrong gold answers and get their price back, no more than that."""
    for batch in rounds(FOUR, 4):
        gold = wrong(batch)
        puppet = [gold.get(task, true) for task, true in enumerate(batch.truth)]
        ending = play(world, batch, [puppet] * 8 + batch.crowd(12), gold)
        own = sum(ending.gains[:8]) - 20 * ending.cost
        assert own <= -12 * 0.5 + 1e-9
