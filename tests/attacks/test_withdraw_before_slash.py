"""A labeler who will be slashed takes the money out first.

Gain: the slash. Stopped by locking the stake with the commitment (A2.1, C1): between the seat and
its end there is no moment at which the stake is free.
"""

import pytest

from tests.world.jobs import RULES
from tests.world.world import ETHER, refused


def cannot_take_the_stake(world, labeler):
    """All that is free comes out, and not a wei more."""
    with world.undone():
        free = world.free(labeler)
        with refused("account: not enough free"):
            world.do(labeler, world.calls.withdraw(free + 1, labeler))
        if free:
            world.do(labeler, world.calls.withdraw(free, labeler))
        for amount in (1, RULES.stake):
            with refused("account: not enough free"):
                world.do(labeler, world.calls.withdraw(amount, labeler))
    assert world.account(labeler).locked >= RULES.stake


@pytest.mark.parametrize("fate", ["outlier", "silent", "leaked"])
def test_the_stake_is_there_to_be_slashed(world, job, labelers, copycat, fate):
    bad = labelers[-1]
    world.commit(job)
    assert world.free(bad) == ETHER - RULES.stake
    cannot_take_the_stake(world, bad)
    before, sink = world.total(bad), world.views.sink_balance()
    if fate == "leaked":
        opening = job.opening(bad)
        shown = (job.round_id, bad, opening.sheet, opening.salt)
        world.do(copycat, world.calls.report_leak(*shown))
    else:
        world.chain.wait_until(job.deadlines.commit)
        cannot_take_the_stake(world, bad)
        world.reveal(job, labelers if fate == "outlier" else labelers[:-1])
        cannot_take_the_stake(world, bad)
        world.chain.wait_until(job.deadlines.reveal)
        cannot_take_the_stake(world, bad)
        world.close(job, labelers if fate == "outlier" else labelers[:-1])
        if fate == "silent":
            cannot_take_the_stake(world, bad)
            world.do(copycat, world.calls.forfeit(job.round_id, [bad]))
    assert world.total(bad) < before
    assert world.views.sink_balance() > sink
    assert world.account(bad).locked == 0


def test_a_silent_stake_stays_locked_however_long_nobody_asks(world, committed, labeler, copycat):
    world.chain.wait_until(committed.deadlines.reveal + 10 * 365 * 86_400)
    cannot_take_the_stake(world, labeler)
    before = world.total(labeler)
    world.do(copycat, world.calls.forfeit(committed.round_id, [labeler]))
    assert world.total(labeler) == before - RULES.stake * RULES.slash_max_bps // 10_000
