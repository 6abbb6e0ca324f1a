"""Nobody reveals: all are gone, or conspire to keep the requester's money in a round for ever.

Gain: to block money, at the price of a stake. Stopped by deadlines, after which any stranger closes
the round and slashes the silent, each in one transaction (P1.5, F1.1).
"""

import pytest

from plumbline.chain.records import Phase
from tests.world.jobs import RULES
from tests.world.world import refused


@pytest.mark.parametrize("gold", [False, True])
def test_a_stranger_ends_it_with_two_calls(
    world, job, gold_job, requester, labelers, stranger, gold
):
    of = gold_job if gold else job
    before = world.free(requester)
    world.commit(of)
    world.chain.wait_until(of.deadlines.last - 1)
    with refused("close: not yet" if not gold else "gold: not what was committed"):
        world.do(stranger, world.calls.close(of.round_id, []))
    world.chain.wait_until(of.deadlines.last)
    world.do(stranger, world.calls.close(of.round_id, []))
    world.do(stranger, world.calls.forfeit(of.round_id, labelers))
    assert world.views.phase(of.round_id) == (Phase.CLOSED, 0)
    assert world.free(requester) == before + RULES.price * RULES.seats
    slash = RULES.stake * RULES.slash_max_bps // 10_000
    assert world.views.sink_balance() == 6 * slash
    assert all(world.account(labeler).locked == 0 for labeler in labelers)


def test_seats_that_only_block_cost_their_silence(world, requester, rows, labelers):
    """All seats are taken so that nobody else can; the phase ends at once, and then they pay."""
    job = world.open(requester, rows, seats=6)
    before = sum(world.total(labeler) for labeler in labelers)
    world.commit(job)
    assert world.views.phase(job.round_id)[0] == Phase.REVEAL
    world.chain.wait_until(job.deadlines.reveal)
    world.close(job, [])
    world.do(requester, world.calls.forfeit(job.round_id, labelers))
    slash = RULES.stake * RULES.slash_max_bps // 10_000
    assert sum(world.total(labeler) for labeler in labelers) == before - 6 * slash


def test_some_that_are_silent_hold_up_nobody_who_is_not(world, revealing, labelers):
    world.reveal(revealing, labelers[:4])
    with refused("close: not yet"):
        world.close(revealing, labelers[:4])
    world.chain.wait_until(revealing.deadlines.reveal)
    world.close(revealing, labelers[:4])
    assert all(world.account(labeler).locked == 0 for labeler in labelers[:4])
    assert all(world.account(labeler).locked == RULES.stake for labeler in labelers[4:])
