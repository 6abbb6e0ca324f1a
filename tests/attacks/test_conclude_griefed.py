"""Somebody reveals one seat just before a conclusion, so that it reverts.

Gain: to make those who agreed to conclude pay for a call in vain. Not stopped. What stands is that
nothing is lost by it: reveal and close come to the same result (P2.1, P2.5).
"""

from dataclasses import replace

from tests.world.world import refused


def test_the_round_is_closed_the_long_way_with_the_same_result(
    world, revealing, labelers, copycat, requester
):
    job, calls = revealing, world.calls
    conclude = calls.conclude(job.round_id, job.openings())
    owners = [requester, *labelers]
    with world.undone():
        world.do(requester, conclude)
        expected = [world.account(owner) for owner in owners]
    world.do(copycat, calls.reveal(job.round_id, job.openings(labelers[2:3])))
    with refused("close: some have revealed"):
        world.do(requester, conclude)
    rest = [*labelers[:2], *labelers[3:]]
    world.reveal(job, rest)
    world.close(job, [labelers[2], *rest])
    assert [world.account(owner) for owner in owners] == expected


def test_an_outsider_cannot_reveal_before_the_answers_are_shown(world, revealing, copycat, labeler):
    """Griefing takes answers and salt of somebody: from a labeler, or from the call itself."""
    blind = replace(revealing.opening(labeler), salt=bytes(32))
    with refused("reveal: not what was committed"):
        world.do(copycat, world.calls.reveal(revealing.round_id, [blind]))
