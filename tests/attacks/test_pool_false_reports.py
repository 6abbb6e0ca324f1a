"""Members are reported who were not drawn, who came, who could not come, or again and again.

Gain: bonds of others lost, to thin out the pool. Nothing of a strike goes to whoever reports it;
only the drawn without a seat are struck, while the round can still show who came, where others
came, and once a day at most (Q6).
"""

from tests.world.draws import BOND, DAY, HOUR, Drawing, mix_of
from tests.world.world import refused


def test_a_requester_who_lets_nobody_in_has_nobody_struck(pool, requester):
    """Fewer than a third of the seats are taken: there will be a reason."""
    drawing = pool.drawing(requester)
    drawing.sit(0)
    drawing.sit(1)
    drawing.wait_for_reports()
    for rank in range(2, 8):
        with refused("report: too few came"):
            drawing.report(rank)


def test_the_drawn_are_not_struck_for_a_round_that_was_full(pool, requester):
    drawing = pool.drawing(requester)
    for rank in range(7):
        drawing.sit(rank)
    drawing.wait_for(8)
    drawing.sit(8)
    with refused("report: commit phase is over"):
        drawing.report(7)


def test_all_reports_in_the_world_take_half_a_bond_in_five_days(pool, requester, copycat):
    unit, strikes = 17, 0
    began = pool.chain.now
    for _ in range(12):
        drawing = _drawn(pool, requester, unit)
        for rank in [r for r in range(8) if drawing.unit_at(r) != unit][:3]:
            drawing.sit(rank)
        drawing.wait_for_reports()
        given = (drawing.job.round_id, drawing.draw.number, unit)
        for _ in range(3):
            struck = pool.unit(unit).struck or 0
            if struck < drawing.draw.reported_from() and struck + DAY <= pool.chain.now:
                pool.do(copycat, "report", *given)
                strikes += 1
            else:
                with refused("report: struck already"):
                    pool.do(copycat, "report", *given)
        pool.chain.wait_until(pool.chain.now + 13 * HOUR)
        if pool.unit(unit).left is not None:
            break
    assert strikes == 5 and pool.chain.now - began >= 4 * DAY
    owner = pool.unit(unit).owner
    pool.chain.wait_until(pool.chain.now + 14 * DAY)
    pool.do(copycat, "release", unit)
    assert pool.contract.ask("credit", owner) == BOND - BOND * 5 // 10
    assert pool.contract.ask("credit", copycat) == 0


def _drawn(pool, requester, unit):
    jobs = pool.open(requester)
    draw = pool.draw(jobs)
    for luck in range(1_000):
        with pool.undone():
            rank = pool.capture(draw.number, mix=mix_of(luck)).rank(jobs[0].round_id, unit)
        if rank is not None and rank < 8:
            return Drawing(pool, jobs, pool.capture(draw.number, mix=mix_of(luck)))
    raise AssertionError("never drawn")
