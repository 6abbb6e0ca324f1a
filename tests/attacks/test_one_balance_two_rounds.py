"""One balance is put at stake in two rounds, or as escrow and as a stake.

Gain: to risk the same money twice. Stopped by moving it out of the free balance when it is locked.
"""

import pytest

from tests.world.jobs import RULES
from tests.world.people import person
from tests.world.world import refused


@pytest.fixture
def poor(world):
    """Somebody who can afford one seat."""
    somebody = person("poor")
    world.fund([somebody], RULES.stake * 2 - 1)
    return somebody


def seat(world, round_id, owner):
    return world.do(owner, world.calls.commit(round_id, b"\x07" * 32, RULES.stake))


def test_a_stake_covers_one_seat(world, requester, poor):
    first, second = world.open(requester), world.open(requester)
    seat(world, first.round_id, poor)
    with refused("commit: stake not covered"):
        seat(world, second.round_id, poor)


def test_a_stake_is_no_escrow_and_an_escrow_no_stake(world, requester, poor):
    job = world.open(requester)
    seat(world, job.round_id, poor)
    with refused("account: not enough free"):
        world.open(poor, price=RULES.stake // 3 + 1, seats=3)
    other = person("opener")
    world.fund([other], RULES.price * RULES.seats + RULES.stake - 1)
    own = world.open(other)
    with refused("commit: stake not covered"):
        seat(world, own.round_id, other)


def test_in_one_batch_of_signatures_for_one_round_each(world, requester, rows, labelers):
    """The second is refused whichever round comes first."""
    owner = labelers[0]
    world.do(owner, world.calls.withdraw(world.free(owner) - RULES.stake, owner))
    first, second = world.open(requester, rows), world.open(requester, rows)
    world.relay(second, [owner])
    with refused("commit: stake not covered"):
        world.relay(first, [owner])


def test_what_one_round_slashes_another_does_not_lose(world, requester, rows, labelers):
    """Both locked stakes are whole until each round ends by itself."""
    rounds = [world.open(requester, rows) for _ in range(2)]
    bad = labelers[-1]
    for job in rounds:
        world.commit(job)
    world.chain.wait_until(rounds[0].deadlines.commit)
    assert world.account(bad).locked == 2 * RULES.stake
    world.reveal(rounds[0])
    world.close(rounds[0])
    assert world.account(bad).locked == RULES.stake
    world.reveal(rounds[1])
    world.close(rounds[1])
    assert world.account(bad).locked == 0
