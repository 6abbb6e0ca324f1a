"""Somebody's answers are revealed twice, in one batch or in two.

Gain: to be on the roll twice, counted twice and paid twice. Stopped by the seat, which is emptied
before the labeler goes on the roll (R1.2, R1.3).
"""

from plumbline.chain.events import Revealed, RevealRefused
from tests.world.world import of_kind, refused


def test_twice_in_one_batch_counts_once(world, revealing, labeler):
    opening = revealing.opening(labeler)
    events = world.do(labeler, world.calls.reveal(revealing.round_id, [opening] * 3))
    assert len(of_kind(events, Revealed)) == 1
    assert [each.reason for each in of_kind(events, RevealRefused)] == [
        "reveal: nothing to reveal"
    ] * 2
    assert world.views.round(revealing.round_id).revealed == 1


def test_twice_in_two_batches_counts_once(world, revealing, labelers):
    world.reveal(revealing, labelers[:1])
    with refused("reveal: nothing to reveal"):
        world.reveal(revealing, labelers[:1])
    world.reveal(revealing, labelers[1:])
    world.close(revealing)
    assert world.account(labelers[0]).rounds == 1


def test_twice_in_a_conclusion_is_refused(world, revealing, labelers):
    """In the place of another, so that the number is right."""
    openings = revealing.openings([*labelers[:5], labelers[0]])
    with refused("reveal: nothing to reveal"):
        world.do(labelers[0], world.calls.conclude(revealing.round_id, openings))
