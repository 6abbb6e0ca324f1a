"""A bloc joins once it sees which rounds are opened, or fills the pool just before a draw.

Gain: a share of the seats for the hours that it takes. Stopped by an age of a whole epoch at least
(Q1.4): what joined yesterday is in no draw of today, nor does it dilute those who are. A bond for
each unit is bound for 16 days at least (Q1.6).
"""

from plumbline.seating.draw import RefusalReason
from tests.world.draws import DAY


def test_whoever_joins_when_rounds_are_opened_is_not_drawn(pool, requester, copycat):
    jobs = pool.open(requester, lasting=3 * DAY)
    spam = [pool.join(copycat) for _ in range(200)]
    pool.chain.wait_until(pool.chain.now + 2 * DAY - 1)
    draw = pool.capture(pool.draw(jobs).number)
    assert draw.n == 40
    for unit in spam:
        refusal = pool.refusal(jobs[0], copycat, draw.evidence(unit))
        assert refusal == (RefusalReason.TOO_YOUNG, 0)


def test_the_number_of_somebody_drawn_does_not_come_with_the_rank(pool, requester, copycat):
    """It is freed and given out again while the round is open: only if that took 14 days."""
    jobs = pool.open(requester, lasting=14 * DAY)
    drawn = pool.capture(pool.draw(jobs).number)
    unit = drawn.unit_at(jobs[0].round_id, 0)
    owner = pool.unit(unit).owner
    pool.do(owner, "leave", unit)
    pool.chain.wait_until(jobs[0].deadlines.commit + 2)
    pool.do(copycat, "release", unit)
    assert pool.join(copycat) == unit
    for who in (owner, copycat):
        assert not pool.admits(jobs[0], who, drawn.evidence(unit))
