"""Another contract is shown a verdict that no round came to, or a payroll on which somebody is paid
what nobody was.

Gain: to have it act on a false label, or pay out again, as a bonus or a refund, what was never
earned. Stopped by the hash of verdict and payroll, which is stored at the close only (V2.1): a
roll, an expired round or one that was never opened proves nothing.
"""

from dataclasses import replace

import pytest

from plumbline.chain.events import RoundClosed
from plumbline.chain.records import Verdict
from plumbline.protocol.outcomes import payroll_of
from plumbline.settlement import Band
from tests.world.world import of_kind

EMPTY = Verdict(0, 0, 0, 0, 0, 0, (0, 0, 0, 0))


@pytest.fixture
def closed(world, revealed):
    (closed,) = of_kind(world.close(revealed), RoundClosed)
    return closed


@pytest.fixture
def verdict(closed):
    return closed.verdict


@pytest.fixture
def payroll(closed):
    return payroll_of(closed.outcomes)


@pytest.mark.parametrize(
    "part", ["mode", "crowd_kappa", "bar", "usable_gold", "decided", "contested"]
)
def test_no_part_of_it_can_be_changed(world, revealed, verdict, payroll, part):
    assert world.views.is_verdict(revealed.round_id, verdict, payroll)
    for other in (getattr(verdict, part) ^ 1, 2**256 - 1):
        forged = replace(verdict, **{part: other})
        assert not world.views.is_verdict(revealed.round_id, forged, payroll)


def test_no_bit_of_the_consensus_can_be_changed(world, revealed, verdict, payroll):
    for digit in range(4):
        for task in (0, 35, 36, 255):
            planes = [*verdict.consensus]
            planes[digit] ^= 1 << task
            forged = replace(verdict, consensus=tuple(planes))
            assert not world.views.is_verdict(revealed.round_id, forged, payroll)


def test_it_is_of_one_round(world, revealed, verdict, payroll, requester):
    other = world.open(requester)
    for round_id in (0, other.round_id, other.round_id + 1, 2**256 - 1):
        assert not world.views.is_verdict(round_id, verdict, payroll)


def test_a_round_that_is_open_or_expired_has_none(world, revealed, requester):
    """Even if somebody found a verdict that hashes to its roll, which is 0 at first and at last."""
    with world.undone():
        (closed,) = of_kind(world.close(revealed), RoundClosed)
    claims = [(closed.verdict, payroll_of(closed.outcomes)), (EMPTY, bytes(32))]
    for claim in claims:
        assert not world.views.is_verdict(revealed.round_id, *claim)
    world.chain.wait_until(revealed.deadlines.reveal + 30 * 86_400)
    world.do(requester, world.calls.expire(revealed.round_id, revealed.entries()))
    for claim in claims:
        assert not world.views.is_verdict(revealed.round_id, *claim)


FORGED = {
    "a wei more": lambda roll: [replace(roll[0], pay=roll[0].pay + 1), *roll[1:]],
    "a slash taken back": lambda roll: [*roll[:-1], replace(roll[-1], slash=0)],
    "another band": lambda roll: [*roll[:-1], replace(roll[-1], band=Band.FAR)],
    "another kappa": lambda roll: [replace(roll[0], kappa=roll[0].kappa - 1), *roll[1:]],
    "another labeler": lambda roll: [replace(roll[0], labeler=roll[1].labeler), *roll[1:]],
    "two in each other's place": lambda roll: [roll[1], roll[0], *roll[2:]],
    "two exchange their pay": lambda roll: [
        replace(roll[0], labeler=roll[5].labeler),
        *roll[1:5],
        replace(roll[5], labeler=roll[0].labeler),
    ],
    "without the first": lambda roll: roll[1:],
    "without the last": lambda roll: roll[:-1],
    "one more": lambda roll: [*roll, roll[0]],
    "nobody": lambda roll: [],
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
def test_no_line_of_the_payroll_can_be_changed(world, revealed, closed, verdict, change):
    forged = payroll_of(change(list(closed.outcomes)))
    assert not world.views.is_verdict(revealed.round_id, verdict, forged)


def test_a_payroll_of_nobody_is_zero_and_only_a_round_of_nobody_has_it(world, requester):
    """So no empty list proves that a round of many paid nobody."""
    job = world.open(requester)
    world.chain.wait_until(job.deadlines.reveal)
    (closed,) = of_kind(world.close(job), RoundClosed)
    assert world.views.is_verdict(job.round_id, closed.verdict, bytes(32))
    assert not world.views.is_verdict(job.round_id, closed.verdict, b"\x01" * 32)


def test_a_payroll_does_not_pass_for_that_of_another_round(world, revealed, closed, requester):
    """The same people, another round: the payroll names no round, but the proof does."""
    other = replace(revealed, round_id=world.views.round_count() + 1)
    world.open(requester, {})
    for claim in ((closed.verdict, payroll_of(closed.outcomes)), (EMPTY, bytes(32))):
        assert not world.views.is_verdict(other.round_id, *claim)
