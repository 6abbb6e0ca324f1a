"""A requester who does not like the answers waits until the round expires, and takes all back.

Gain: the answers for nothing, as an expired round pays nobody (X1.3). Stopped by anyone being able
to close it in the 30 days before that (P1.1, X1.1), and after them until it is unwound (X1.5).
"""

import pytest

from tests.world.jobs import RULES
from tests.world.world import refused

DAY = 86_400


@pytest.mark.parametrize("gold", [False, True])
def test_nobody_unwinds_a_round_in_the_first_30_days(request, world, requester, gold, stranger):
    job = request.getfixturevalue("gold_revealed" if gold else "revealed")
    for wait in (0, DAY, 30 * DAY - 1):
        world.chain.wait_until(job.deadlines.last + wait)
        with refused("expire: not yet"):
            world.do(requester, world.calls.expire(job.round_id, job.entries()))
        with world.undone():
            world.do(stranger, world.calls.close(job.round_id, job.entries()))
            assert world.free(requester) < 10**18


def test_whoever_comes_first_after_them_decides(world, revealed, requester, labelers):
    world.chain.wait_until(revealed.deadlines.reveal + 30 * DAY)
    before = world.free(requester)
    with world.undone():
        world.close(revealed)
        assert world.free(requester) < before + RULES.price * RULES.seats
    world.do(requester, world.calls.expire(revealed.round_id, revealed.entries()))
    assert world.free(requester) == before + RULES.price * RULES.seats
    assert world.account(requester).void == 1
    assert world.views.round(revealed.round_id).roll == bytes(32)
    assert all(world.account(labeler).locked == 0 for labeler in labelers)


def test_expiring_an_empty_roll_does_not_free_stakes_that_were_revealed(world, revealed, requester):
    world.chain.wait_until(revealed.deadlines.reveal + 30 * DAY)
    with refused("close: not what was revealed"):
        world.do(requester, world.calls.expire(revealed.round_id, []))
