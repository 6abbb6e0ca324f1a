"""A labeler of an earlier round takes a seat in the round that asks others again.

Gain: to be paid twice for the same answers, and to confirm what was said before. Stopped by a
policy that holds all who revealed in it (W2.3), shown with proof, so that the requester can neither
leave anybody out nor slip somebody in (W5.1). A second account of the same person is not stopped.
"""

from dataclasses import replace

import pytest

from tests.world.closings import closing_of
from tests.world.policies import Policies
from tests.world.world import refused


@pytest.fixture
def earlier(world, requester, rows, labelers):
    """Two rounds: the first three answer in one, the others in another; the fourth is silent in
    the first.
    """
    closings = []
    for seated, silent in ((labelers[:4], labelers[3:4]), (labelers[4:], [])):
        crowd = {each: rows[each] for each in seated}
        job = world.open(requester, crowd, seats=len(crowd) if len(crowd) > 2 else 3)
        world.commit(job)
        world.chain.wait_until(job.deadlines.commit)
        answering = [each for each in job.labelers if each not in silent]
        world.reveal(job, answering)
        world.chain.wait_until(job.deadlines.reveal)
        world.close(job, answering)
        closings.append(closing_of(world, job.round_id))
    return closings


def test_exactly_who_answered_is_kept_out(  # W2.3
    world, policies, requester, rows, labelers, copycat, earlier
):
    policy = policies.excluding(world.address, earlier)
    job = world.open(requester, {**rows, copycat: rows[labelers[0]]}, admission=policy.address)
    for each in (*labelers[:3], *labelers[4:]):
        refusal = policies.refusal(policy, each)
        assert "answered in one of rounds" in refusal.reason
        with refused("commit: not admitted"):
            world.commit(job, [each])
    for each in (labelers[3], copycat):
        assert policies.refusal(policy, each) is None
        world.commit(job, [each])


def test_its_rounds_can_be_read(world, policies, earlier):
    policy = policies.excluding(world.address, earlier)
    contract = policies.contract("ExcludeParticipants", policy.address)
    assert list(contract.ask("rounds")) == [closing.round_id for closing in earlier]


def test_of_one_round_only_its_own_are_kept_out(world, policies, labelers, earlier):  # W2.3
    policy = policies.excluding(world.address, earlier[1:])
    assert policies.refusal(policy, labelers[0]) is None
    assert policies.refusal(policy, labelers[4]) is not None


def test_nobody_is_slipped_in_or_left_out(world, policies, copycat, earlier):  # W5.1
    first, *rest = earlier[0].outcomes
    slipped = replace(first, labeler=copycat)
    for outcomes in ((slipped, *rest), (*earlier[0].outcomes, slipped), tuple(rest), ()):
        with refused("closing: not how it ended"):
            policies.excluding(world.address, [replace(earlier[0], outcomes=outcomes), earlier[1]])
    uneven = list(earlier[0].values())
    uneven[4] = uneven[4][1:]
    with refused("closing: lengths differ"):
        policies.raw("ExcludeParticipants", {"label_rounds": world.address, "earlier": [uneven]})


def test_a_round_that_is_not_closed_cannot_be_named(  # W5.1
    world, policies: Policies, requester, rows, earlier
):
    job = world.open(requester, rows)
    world.commit(job)
    with refused("closing: not how it ended"):
        policies.excluding(world.address, [replace(earlier[0], round_id=job.round_id)])
