"""Members leave together so that lists are full of numbers that nobody has.

Gain: rounds that are not filled, or that the rest of a bloc leads. No hole is for good: anyone
frees the numbers of those who left, and who joins next gets them (Q1.1, Q1.6). Until then more
ranks stand by for them (Q2.4), and they do not count towards the size of the pool.
"""

from tests.world.draws import DAY
from tests.world.people import person
from tests.world.world import refused


def _leave(pool, units):
    for unit in units:
        pool.do(pool.unit(unit).owner, "leave", unit)


def test_more_stand_by_for_ranks_that_are_holes(pool, requester):
    with pool.undone():
        assert pool.draw(pool.open(requester)).standby == 16
    _leave(pool, range(10))
    pool.chain.wait_until(pool.chain.now + 1)
    drawing = pool.drawing(requester)
    assert drawing.draw.standby == 16 * 40 // 30
    listed = [drawing.unit_at(rank) for rank in range(8 + drawing.draw.standby)]
    assert sum(unit >= 10 for unit in listed) >= 8
    pool.chain.wait_until(drawing.draw.ends - 1)
    came = 0
    for rank, unit in enumerate(listed):
        if unit >= 10 and came < 8:
            drawing.sit(rank)
            came += 1
    assert came == 8


def test_holes_do_not_count_as_members(pool, requester):
    _leave(pool, range(17))
    pool.chain.wait_until(pool.chain.now + 1)
    with refused("draw: pool too small"):
        pool.draw(pool.open(requester))


def test_holes_of_those_who_do_not_come_back_are_filled_by_others(pool, stranger):
    """Whoever keeps a bond in the pool for good keeps no hole in it."""
    _leave(pool, range(12))
    pool.chain.wait_until(pool.chain.now + 14 * DAY + 1)
    for unit in range(12):
        pool.do(stranger, "release", unit)
    numbers = [pool.join(person(f"newcomer {number}")) for number in range(12)]
    assert sorted(numbers) == list(range(12))
    pool.ripen()
    state = pool.state()
    assert (state.units, state.ripe, state.holes) == (40, 40, 0)


def test_leaving_and_joining_again_makes_no_second_hole(pool, requester, stranger):
    for _ in range(3):
        owner = pool.unit(5).owner
        pool.do(owner, "leave", 5)
        pool.chain.wait_until(pool.chain.now + 14 * DAY + 1)
        pool.do(stranger, "release", 5)
        assert pool.join(owner) == 5
        assert pool.state().holes == 1
        pool.ripen()
        assert (pool.state().holes, pool.state().units) == (0, 40)
