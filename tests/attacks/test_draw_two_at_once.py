"""Two draws at once list the same members, and both want them at the same time.

Gain: to make members miss one of two turns, and have them struck; a seat in a round with a rank in
another. Stopped by one strike for all turns of one time, and one a day (Q6.3), and by evidence that
counts for the rounds of its draw only (Q5.1).
"""

from itertools import product

from plumbline.seating.draw import RefusalReason
from tests.world.draws import DAY
from tests.world.world import refused


def test_a_rank_counts_in_its_own_draw_only(pool, requester):
    first, second = pool.drawing(requester), pool.drawing(requester)
    assert first.draw.seed != second.draw.seed
    for rank, (one, other) in product(range(8), ((first, second), (second, first))):
        unit, owner = one.unit_at(rank), one.owner_at(rank)
        refusal = pool.refusal(other.job, owner, one.draw.evidence(unit))
        assert refusal == (RefusalReason.OTHER_ROUNDS, 0)
        assert not pool.admits(other.job, owner, one.draw.evidence(unit))


def test_absence_from_both_is_one_strike(pool, requester, copycat):
    pool.world.fund([copycat])
    drawings = [pool.drawing(who, lasting=6 * DAY) for who in (requester, copycat) * 4]
    unit, pair = _in_two(drawings)
    for drawing in pair:
        for rank in [r for r in range(8) if drawing.unit_at(r) != unit][:3]:
            drawing.sit(rank)
    struck = []
    for drawing in pair:
        pool.chain.wait_until(max(pool.chain.now, drawing.draw.reported_from()))
    for drawing in pair:
        given = (drawing.job.round_id, drawing.draw.number, unit)
        if not struck:
            struck = pool.do(copycat, "report", *given)
            continue
        with refused("report: struck already"):
            pool.do(copycat, "report", *given)
        pool.chain.wait_until(pool.chain.now + DAY)
        with refused("report: struck already"):
            pool.do(copycat, "report", *given)
    assert pool.unit(unit).strikes == 1


def _in_two(drawings):
    """A unit that two of them have drawn."""
    for unit in range(40):
        found = [d for d in drawings if (d.draw.rank(d.job.round_id, unit) or 99) < 8]
        if len(found) > 1:
            return unit, found[:2]
    raise AssertionError("nobody is drawn twice")
