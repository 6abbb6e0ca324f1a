"""Who is drawn leaves, or has left, and takes the bond along.

Gain: no strike for absence; a bond that works in several pools at once. Stopped by keeping the bond
longer than any round that the unit was drawn for takes commitments (Q1.6), by strikes that reach
those who left (Q6), and by leaving for good: the unit is in no later draw (Q1.5).
"""

from plumbline.seating.draw import RefusalReason
from tests.world.draws import BOND, DAY
from tests.world.world import refused


def test_who_leaves_after_being_drawn_is_struck_all_the_same(pool, requester, stranger):
    drawing = pool.drawing(requester, lasting=14 * DAY)
    unit, owner = drawing.unit_at(7), drawing.owner_at(7)
    pool.do(owner, "leave", unit)
    for rank in range(3):
        drawing.sit(rank)
    drawing.wait_for_reports()
    with refused("release: too early"):
        pool.do(owner, "release", unit)
    drawing.report(7)
    pool.chain.wait_until(pool.unit(unit).left + 14 * DAY + 1)
    pool.do(owner, "release", unit)
    assert pool.contract.ask("credit", owner) == BOND - BOND // 10


def test_the_bond_is_there_until_the_last_second_of_the_last_round(pool, requester):
    jobs = pool.open(requester, lasting=14 * DAY)
    pool.draw(jobs)
    pool.chain.wait_until(pool.chain.now + 1)
    owner = pool.unit(0).owner
    pool.do(owner, "leave", 0)
    pool.chain.wait_until(jobs[0].deadlines.commit)
    with refused("release: too early"):
        pool.do(owner, "release", 0)


def test_who_left_is_in_no_later_draw(pool, requester):
    owner = pool.unit(0).owner
    pool.do(owner, "leave", 0)
    pool.chain.wait_until(pool.chain.now + 1)
    for _ in range(3):
        drawing = pool.drawing(requester)
        assert drawing.refusal(0, owner) == (RefusalReason.HAD_LEFT, 0)
        pool.chain.wait_until(pool.chain.now + DAY)
