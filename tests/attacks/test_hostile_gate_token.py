"""A token that a policy reads reverts, burns gas, answers at length, lies, calls back.

Gain: a batch that stops, a relayer who pays, a seat. Stopped as with any policy (C3.2): it is asked
statically, within the gas of the policy, and can only say no. That whoever makes the token says
who holds it, and that a token which can be passed on admits one holder after the other, is not
stopped: `policy show` says whether it is bound to its holder.
"""

import pytest

from plumbline.chain.events import CommitRefused, Committed
from plumbline.seating.gates import POLICY_GAS, TokenGate
from plumbline.seating.policies import is_soul_bound
from tests.attacks.test_hostile_policy import WORD
from tests.world.world import of_kind, refused

NO = {
    "reverts": "5f5ffd",
    "says nothing": "00",
    "burns all its gas": "5b5f56",
    "hits an invalid opcode": "fe",
    "says 1 in 31 bytes": "60015f52601f5ff3",
    "says 0 and more": "5f5f52620186a05ff3",
    "reverts with a hundred kilobytes": "620186a05ffd",
    "writes": "60015f55" + "60015f52" + WORD,
}


@pytest.mark.parametrize("how", NO)
def test_a_token_that_fails_admits_nobody(  # W2.1
    world, policies, requester, rows, labelers, how
):
    policy = policies.create(TokenGate(world.chain.raw(NO[how]), 1))
    job = world.open(requester, rows, admission=policy.address)
    for labeler in labelers:
        assert policies.refusal(policy, labeler) is not None
        with refused("commit: not admitted"):
            world.commit(job, [labeler])


def test_one_for_whom_it_burns_all_gas_stops_nobody_else(
    world, policies, requester, rows, labelers
):
    """The token hits an invalid opcode if it is asked about the third, and says 1 of the others."""
    token = world.chain.raw(f"60043573{labelers[2][2:]}1460245760015f52{WORD}5bfe")
    policy = policies.create(TokenGate(token, 1))
    job = world.open(requester, rows, admission=policy.address)
    events = world.relay(job, labelers)
    assert len(of_kind(events, Committed)) == 5
    assert [each.labeler for each in of_kind(events, CommitRefused)] == [labelers[2]]
    assert world.chain.gas_used < POLICY_GAS + 6 * 100_000


def test_a_token_is_asked_about_the_labeler_and_not_about_who_sends(
    policies, labeler, copycat, world
):
    """It says 1 of one account only."""
    token = world.chain.raw(f"60043573{labeler[2:]}145f52{WORD}")
    policy = policies.create(TokenGate(token, 1))
    assert policies.refusal(policy, labeler) is None
    assert policies.refusal(policy, copycat) is not None


def test_a_holder_who_passes_the_token_on_after_the_commitment_keeps_the_seat(
    world, policies, requester, rows, labelers
):
    """Not stopped: the next one is admitted with the same token. With one that is bound, nobody."""
    token = world.chain.mock("Token")
    token.send(labelers[0], "mint", labelers[0], 1)
    policy = policies.create(TokenGate(token.address, 1))
    job = world.open(requester, rows, admission=policy.address)
    world.commit(job, labelers[:1])
    assert policies.refusal(policy, labelers[1]) is not None
    token.send(labelers[0], "transfer", labelers[1], 1)
    world.commit(job, labelers[1:2])
    assert not is_soul_bound(policies.w3, token.address)


def test_what_says_that_it_is_bound_is_known(policies, world):
    """It is asked for the interface of ERC-5192 by its number."""
    # EQ(the argument, b45a3c0e in the highest bytes)
    bound = world.chain.raw(f"60043563b45a3c0e60e01b145f52{WORD}")
    assert is_soul_bound(policies.w3, bound)
    for code in ("fe", "00", "5b5f56", f"60025f52{WORD}"):
        assert not is_soul_bound(policies.w3, world.chain.raw(code))
