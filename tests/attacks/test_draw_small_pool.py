"""Somebody draws from a pool that has hardly anybody in it but puppets.

Gain: all seats. Stopped by asking for three times the seats of a layer (Q2.4); of one account's
units, however many, only one sits in a round (C2.1).
"""

import pytest

from tests.world.draws import DAY, Pool
from tests.world.people import person
from tests.world.world import World, refused


@pytest.fixture
def tiny(built, requester):
    world = World(built)
    world.fund([requester])
    return Pool(world, built)


@pytest.mark.parametrize("units", [0, 1, 2, 8, 23])
def test_a_pool_with_hardly_a_member_serves_no_round(tiny, requester, units):
    for number in range(units):
        tiny.join(person(f"puppet {number}"))
    tiny.ripen()
    with refused("draw: pool too small"):
        tiny.draw(tiny.open(requester))


def test_members_who_left_do_not_count(tiny, requester):
    crowd = tiny.crowd(24)
    with tiny.undone():
        tiny.draw(tiny.open(requester))
    tiny.do(crowd[5], "leave", 5)
    with refused("draw: pool too small"):
        tiny.draw(tiny.open(requester))


def test_one_account_with_all_the_units_has_one_seat(tiny, requester):
    puppet = person("puppet")
    for _ in range(24):
        tiny.join(puppet)
    tiny.ripen()
    drawing = tiny.drawing(requester)
    drawing.sit(0)
    tiny.chain.wait_until(drawing.draw.ends - DAY // 100)
    for rank in range(1, 24):
        with refused("commit: seat already taken"):
            drawing.sit(rank)


def test_a_smaller_layer_serves_more_rounds_of_a_small_pool(tiny, requester):
    tiny.crowd(24)
    jobs = tiny.open(requester, 3)
    for load in (1, 2):
        with refused("draw: pool too small"):
            tiny.draw(jobs, load)
    assert tiny.draw(jobs, 3).load == 3
