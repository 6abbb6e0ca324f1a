"""The bounty for leaked answers is taken twice, or by the labeler, who so saves a part of a slash.

Gain: 500 bps of a stake. Stopped by the mark in the seat (L1.4), which no opening hashes to, by
refusing the labeler (L1.2), and by paying the bounty out of a slash that is never smaller (T1.18):
through a second address the labeler gets the bounty, and has lost more.
"""

import pytest

from plumbline.protocol.commitment import Opening
from tests.world.jobs import RULES
from tests.world.world import refused

LOST = RULES.stake * RULES.slash_max_bps // 10_000
BOUNTY = RULES.stake * 500 // 10_000


def report(world, job, of, reporter):
    return world.do(reporter, world.calls.report_leak(job.round_id, of.labeler, of.sheet, of.salt))


def test_a_leak_is_paid_once(world, committed, labeler, copycat, requester):
    report(world, committed, committed.opening(labeler), copycat)
    for reporter in (copycat, requester):
        with refused("leak: not what was committed"):
            report(world, committed, committed.opening(labeler), reporter)
    assert world.views.sink_balance() == LOST - BOUNTY


def test_the_labeler_cannot_report_and_an_accomplice_does_not_pay(
    world, committed, labeler, copycat
):
    before = world.total(labeler) + world.total(copycat)
    with refused("leak: one's own"):
        report(world, committed, committed.opening(labeler), labeler)
    report(world, committed, committed.opening(labeler), copycat)
    assert world.total(labeler) + world.total(copycat) == before - LOST + BOUNTY


def test_a_leak_is_not_slashed_again(world, committed, labelers, copycat):
    """Neither as silent nor by the close."""
    leaked, *others = labelers
    report(world, committed, committed.opening(leaked), copycat)
    after = world.account(leaked)
    world.chain.wait_until(committed.deadlines.commit)
    with refused("reveal: not what was committed"):
        world.reveal(committed, [leaked])
    world.reveal(committed, others)
    world.close(committed, others)
    world.chain.wait_until(committed.deadlines.reveal)
    with refused("forfeit: nobody was silent"):
        world.do(copycat, world.calls.forfeit(committed.round_id, [leaked]))
    assert world.account(leaked) == after


def test_an_empty_seat_and_the_mark_itself_are_no_leak(world, committed, labeler, copycat):
    """Nothing hashes to the mark of a leaked seat, or to the nothing of an empty one."""
    empty = Opening(copycat, (0, 0, 0, 0, 0), bytes(32))
    with refused("leak: not what was committed"):
        report(world, committed, empty, labeler)
    report(world, committed, committed.opening(labeler), copycat)
    with refused("commit: seat already taken"):
        world.commit(committed, [labeler])


@pytest.mark.parametrize("slash_max", [500, 501, 10_000])
def test_the_bounty_is_never_more_than_the_slash(
    world, requester, rows, labeler, copycat, slash_max
):
    """At the least slash it is all of it: there a labeler with two addresses leaves for nothing."""
    job = world.open(requester, rows, slash_max_bps=slash_max, slash_base_bps=100)
    world.commit(job, [labeler])
    before = world.total(labeler) + world.total(copycat)
    report(world, job, job.opening(labeler), copycat)
    lost = before - world.total(labeler) - world.total(copycat)
    assert lost == RULES.stake * slash_max // 10_000 - BOUNTY >= 0
