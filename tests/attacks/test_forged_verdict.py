"""Another contract is shown a label with a verdict that no round came to.

Gain: to have it act on a false label. Stopped by the hash of the verdict, which is stored at the
close only (V2.1): a roll, an expired round or one that was never opened proves nothing.
"""

from dataclasses import replace

import pytest

from plumbline.chain.events import RoundClosed
from plumbline.chain.records import Verdict
from tests.world.world import of_kind

EMPTY = Verdict(0, 0, 0, 0, 0, 0, (0, 0, 0, 0))


@pytest.fixture
def verdict(world, revealed):
    (closed,) = of_kind(world.close(revealed), RoundClosed)
    return closed.verdict


@pytest.mark.parametrize(
    "part", ["mode", "crowd_kappa", "bar", "usable_gold", "decided", "contested"]
)
def test_no_part_of_it_can_be_changed(world, revealed, verdict, part):
    assert world.views.is_verdict(revealed.round_id, verdict)
    for other in (getattr(verdict, part) ^ 1, 2**256 - 1):
        forged = replace(verdict, **{part: other})
        assert not world.views.is_verdict(revealed.round_id, forged)


def test_no_bit_of_the_consensus_can_be_changed(world, revealed, verdict):
    for digit in range(4):
        for task in (0, 35, 36, 255):
            planes = [*verdict.consensus]
            planes[digit] ^= 1 << task
            forged = replace(verdict, consensus=tuple(planes))
            assert not world.views.is_verdict(revealed.round_id, forged)


def test_it_is_of_one_round(world, revealed, verdict, requester):
    other = world.open(requester)
    for round_id in (0, other.round_id, other.round_id + 1, 2**256 - 1):
        assert not world.views.is_verdict(round_id, verdict)


def test_a_round_that_is_open_or_expired_has_none(world, revealed, requester):
    """Even if somebody found a verdict that hashes to its roll, which is 0 at first and at last."""
    with world.undone():
        world.close(revealed)
        (closed,) = of_kind(world.events, RoundClosed)
    for verdict in (closed.verdict, EMPTY):
        assert not world.views.is_verdict(revealed.round_id, verdict)
    world.chain.wait_until(revealed.deadlines.reveal + 30 * 86_400)
    world.do(requester, world.calls.expire(revealed.round_id, revealed.entries()))
    for verdict in (closed.verdict, EMPTY):
        assert not world.views.is_verdict(revealed.round_id, verdict)
