"""A copycat commits to what a diligent labeler committed to, and opens it once that one has.

Gain: pay without work. Stopped by the commitment, which binds chain, contract, round and labeler
(H1.2): the copy takes a seat that nobody can ever open, and its stake is slashed.
"""

import pytest

from plumbline.protocol.commitment import Opening, commitment
from plumbline.protocol.typed_data import Deployed
from tests.world.jobs import RULES
from tests.world.world import refused


def test_a_copy_in_the_same_round_is_slashed(world, committed, labeler, copycat):
    job, calls, before = committed, world.calls, world.total(copycat)
    world.do(copycat, calls.commit(job.round_id, job.commitment(labeler), RULES.stake))
    world.chain.wait_until(job.deadlines.commit)
    world.reveal(job)
    stolen = Opening(copycat, job.sheets[labeler], job.salt(labeler))
    with refused("reveal: not what was committed"):
        world.do(copycat, calls.reveal(job.round_id, [stolen]))
    with refused("reveal: nothing to reveal"):
        world.do(copycat, calls.reveal(job.round_id, [job.opening(labeler)]))
    world.chain.wait_until(job.deadlines.reveal)
    world.do(labeler, calls.forfeit(job.round_id, [copycat]))
    assert world.total(copycat) == before - RULES.stake * RULES.slash_max_bps // 10_000


def test_a_copy_by_the_same_labeler_in_another_round_is_slashed(
    world, committed, requester, labeler
):
    other = world.open(requester)
    world.do(
        labeler, world.calls.commit(other.round_id, committed.commitment(labeler), RULES.stake)
    )
    world.chain.wait_until(other.deadlines.commit)
    world.reveal(committed)
    with refused("reveal: not what was committed"):
        world.do(labeler, world.calls.reveal(other.round_id, [committed.opening(labeler)]))


@pytest.mark.parametrize("elsewhere", ["chain", "contract"])
def test_what_was_made_for_elsewhere_opens_nothing(world, job, labeler, elsewhere):
    chain_id = world.chain.id + (elsewhere == "chain")
    address = world.address if elsewhere == "chain" else world.sink
    domain = Deployed(chain_id, address).domain
    opening = job.opening(labeler)
    made = commitment(domain, job.round_id, labeler, opening.sheet, opening.salt)
    world.do(labeler, world.calls.commit(job.round_id, made, RULES.stake))
    world.chain.wait_until(job.deadlines.commit)
    with refused("reveal: not what was committed"):
        world.do(labeler, world.calls.reveal(job.round_id, [opening]))
