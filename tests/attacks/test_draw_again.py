"""A requester draws again and again until own puppets lead, or opens only the rounds that suit.

Gain: a verdict of one's own. Stopped by drawing for rounds that are opened and paid for already,
each once (Q2.2), for a hundredth of the escrow each time (Q2.5): with a quarter of the pool it
takes 190 draws for an even chance to lead 20 seats, nearly two escrows in fees.
"""

import pytest

from plumbline.seating.draw import fee
from tests.world.draws import DAY, mix_of
from tests.world.world import refused


def test_the_same_rounds_are_not_drawn_again(pool, requester):
    jobs = pool.open(requester, 3)
    pool.draw(jobs[:2], load=2)
    for again in (jobs[:1], jobs[1:2], jobs[:2], jobs):
        with refused("draw: drawn already"):
            pool.draw(again, load=len(again))
    pool.draw(jobs[2:])


def test_a_seed_that_does_not_suit_stays(pool, requester):
    jobs = pool.open(requester)
    draw = pool.capture(pool.draw(jobs).number)
    with refused("draw: seed is captured"):
        pool.do(requester, "capture", draw.number, pool.prove(draw.number, mix=mix_of("better")))
    with refused("draw: seed is captured"):
        pool.do(requester, "rearm", draw.number)


def test_each_draw_costs_a_hundredth_of_the_escrow_that_nobody_gets_back(pool, requester):
    before = pool.contract.ask("sink_balance")
    for _ in range(5):
        pool.draw(pool.open(requester))
    escrow = pool.open(requester)[0].rules
    paid = pool.contract.ask("sink_balance") - before
    assert paid == 5 * fee(escrow.price * escrow.seats) > 0
    pool.do(requester, "sweep")
    assert pool.chain.balance(pool.world.sink) >= paid


@pytest.mark.parametrize("pays", [0, 1])
def test_nobody_draws_for_less(pool, requester, pays):
    (job,) = pool.open(requester)
    with refused("deposit: value is not the amount"):
        pool.do(requester, "draw", job.round_id, 1, 1, pays=pays)


def test_rounds_that_will_not_be_filled_still_cost_their_fee(pool, requester):
    """A requester who does not like the lists lets the round lapse; the escrow comes back."""
    drawing = pool.drawing(requester)
    pool.chain.wait_until(drawing.job.deadlines.commit + DAY)
    pool.world.do(requester, pool.world.calls.close(drawing.job.round_id, []))
    assert pool.contract.ask("sink_balance") > 0
