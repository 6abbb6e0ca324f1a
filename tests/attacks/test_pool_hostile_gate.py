"""The gate of a pool reverts, burns gas, answers at length, lies, or calls back.

Gain: to keep members from leaving, their bonds in, joiners' gas. It is asked statically, with
200,000 gas, by whoever joins and by nobody else (Q1.2): it keeps out whom it will, which is what it
is for, and has no say in leaving, releasing, withdrawing or drawing.
"""

import pytest

from tests.world.draws import BOND, DAY, Pool
from tests.world.people import person
from tests.world.world import World, refused

WORD = "60205ff3"
NO = {
    "reverts": "5f5ffd",
    "says nothing": "00",
    "burns all its gas": "5b5f56",
    "hits an invalid opcode": "fe",
    "says 2": f"60025f52{WORD}",
    "says no": f"5f5f52{WORD}",
    "says 1 in 31 bytes": "60015f52601f5ff3",
    "reverts with a hundred kilobytes": "620186a05ffd",
    "writes": f"60015f5560015f52{WORD}",
}


@pytest.fixture
def world(built, requester):
    world = World(built)
    world.fund([requester])
    return world


@pytest.mark.parametrize("how", NO)
def test_what_is_no_clear_yes_admits_nobody(world, built, copycat, how):
    pool = Pool(world, built, gate=world.chain.raw(NO[how]))
    with refused("join: not admitted"):
        pool.join(copycat)
    with refused("join: gate asks for the owner"):
        pool.do(copycat, "join_for", copycat, pays=BOND)
    assert pool.state().units == 0


def test_a_gate_burns_no_more_than_it_is_given(world, built, copycat):
    pool = Pool(world, built, gate=world.chain.raw("5b5f56"))
    pool.chain.give(copycat, BOND)
    data = pool.contract.abi.data("join", [])
    with refused("join: not admitted"):
        pool.chain.send(copycat, pool.address, data, BOND, gas=300_000)


def test_a_gate_that_turns_hostile_keeps_nobody_in(world, built, requester, stranger):
    policy = world.chain.mock("Policy")
    pool = Pool(world, built, gate=policy.address)
    crowd = [person(f"member {number}") for number in range(24)]
    for who in crowd:
        policy.send(stranger, "admit", 0, who)
        pool.join(who)
    pool.ripen()
    for who in crowd:
        policy.send(stranger, "fail_for", who)
    drawing = pool.drawing(requester)
    drawing.sit(0)
    pool.do(crowd[3], "leave", 3)
    pool.chain.wait_until(pool.chain.now + 14 * DAY + 1)
    pool.do(stranger, "release", 3)
    pool.do(crowd[3], "withdraw", crowd[3])
    pool.check_books()


def test_members_of_good_standing_are_not_enlisted_by_others(world, built, stranger):
    """They would be drawn, stay away, and leave seats to those who stand by."""
    policy = world.chain.mock("Policy")
    pool = Pool(world, built, gate=policy.address)
    known = person("known labeler")
    policy.send(stranger, "admit", 0, known)
    with refused("join: gate asks for the owner"):
        pool.do(stranger, "join_for", known, pays=BOND)
    with refused("join: not admitted"):
        pool.join(stranger)
    pool.join(known)
