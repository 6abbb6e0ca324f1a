"""A round is closed twice, or closed and then unwound, or the other way round.

Gain: stakes, pay and escrow a second time. Stopped by the mark in its status (P1.2, X1.5).
"""

import pytest

from tests.world.world import refused


def endings(world, job):
    """Every way to end a round."""
    calls = world.calls
    return {
        "close": calls.close(job.round_id, job.entries(), job.gold, job.gold_salt),
        "close without gold": calls.close(job.round_id, job.entries()),
        "expire": calls.expire(job.round_id, job.entries()),
        "expire with an empty roll": calls.expire(job.round_id, []),
        "close with an empty roll": calls.close(job.round_id, []),
    }


@pytest.mark.parametrize("again", ["close", "close without gold", "close with an empty roll"])
@pytest.mark.parametrize("gold", [False, True])
def test_a_closed_round_stays_closed(request, world, requester, gold, again):
    job = request.getfixturevalue("gold_revealed" if gold else "revealed")
    world.close(job)
    before = world.account(requester)
    for wait in (0, 31 * 86_400):
        world.chain.wait_until(job.deadlines.last + wait)
        with refused("round: closed"):
            world.do(requester, endings(world, job)[again])
    for name in ("expire", "expire with an empty roll"):
        with refused("round: closed"):
            world.do(requester, endings(world, job)[name])
    assert world.account(requester) == before


def test_a_round_that_expired_is_not_closed_any_more(world, revealed, requester):
    """Its roll is 0 then, which is that of nobody: an empty close would fit it."""
    world.chain.wait_until(revealed.deadlines.reveal + 30 * 86_400)
    world.do(requester, world.calls.expire(revealed.round_id, revealed.entries()))
    for data in endings(world, revealed).values():
        with refused("round: closed"):
            world.do(requester, data)


def test_a_concluded_round_is_neither_revealed_nor_closed(world, revealing, requester, labelers):
    job = revealing
    world.do(requester, world.calls.conclude(job.round_id, job.openings()))
    with refused("round: reveal phase is over"):
        world.reveal(job)
    with refused("round: closed"):
        world.do(requester, world.calls.conclude(job.round_id, job.openings()))
    with refused("round: closed"):
        world.close(job)
    world.chain.wait_until(job.deadlines.reveal)
    with refused("forfeit: nobody was silent"):
        world.do(requester, world.calls.forfeit(job.round_id, labelers))


def test_a_verdict_is_not_taken_for_a_roll(world, revealed, requester):
    """Once closed, the word that held the roll holds the hash of the verdict."""
    world.close(revealed)
    state = world.views.round(revealed.round_id)
    assert state.roll != bytes(32)
    with refused("round: closed"):
        world.do(requester, world.calls.close(revealed.round_id, revealed.entries()))
