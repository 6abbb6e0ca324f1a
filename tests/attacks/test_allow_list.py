"""A proof for the allow list is used by another, shortened, or begun at an inner node.

Gain: a seat in a round for those on the list. Stopped by leaves that are hashed twice and name the
account (H6.1), so that no inner node passes for a leaf.
"""

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from tests.world.jobs import RULES
from tests.world.world import refused


def leaf(account):
    return keccak(keccak(encode(["address"], [account])))


def node(a, b):
    return keccak(min(a, b) + max(a, b))


@pytest.fixture
def invited(world, built, requester, rows, labelers):
    """Four labelers are on the list; the proof of the first."""
    leaves = [leaf(labeler) for labeler in labelers[:4]]
    left, right = node(*leaves[:2]), node(*leaves[2:])
    policy = world.chain.deploy(built["MerkleAllowList"], node(left, right))
    job = world.open(requester, rows, admission=policy.address)
    return job, [leaves[1], right], (left, right)


def commit(world, job, labeler, evidence):
    made = b"\x07" * 32
    world.do(labeler, world.calls.commit(job.round_id, made, RULES.stake, b"", evidence))


def test_the_proof_of_another_admits_nobody(world, invited, labelers, copycat):
    job, proof, _ = invited
    for somebody in (labelers[1], labelers[4], copycat):
        with refused("commit: not admitted"):
            commit(world, job, somebody, proof)
    commit(world, job, labelers[0], proof)


def test_a_proof_that_is_cut_extended_or_turned_admits_nobody(world, invited, labelers):
    job, proof, (left, right) = invited
    for crooked in ([], proof[:1], proof[1:], [*proof, right], proof[::-1], [left, right], [right]):
        with refused("commit: not admitted"):
            commit(world, job, labelers[0], crooked)


def test_no_account_has_an_inner_node_for_a_leaf(world, invited, copycat):
    """The sibling of an inner node alone would do if leaves were hashed as nodes are."""
    job, _, (left, right) = invited
    for proof in ([left], [right], [left, right], [right, left]):
        with refused("commit: not admitted"):
            commit(world, job, copycat, proof)
