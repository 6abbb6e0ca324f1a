"""A signed withdrawal is relayed again, changed, in another order, or where it was not meant for.

Gain: free balance that its owner did not give away. Stopped by what is signed (H3.5): chain,
contract, owner, amount, receiver, fee, deadline and a nonce that is used once, in order (A4.5), and
by a form of signature that has no other (H3.3). Whoever is first with it has the fee: **not
stopped**, and the owner is paid all the same.
"""

from dataclasses import replace

import pytest
from eth_keys.constants import SECPK1_N

from tests.attacks.withdrawing import RELAYER, order, relay
from tests.world.chain import Chain
from tests.world.people import person, withdrawal_signature
from tests.world.world import ETHER, START, World, refused

INVALID = "withdraw: invalid signature"


@pytest.fixture
def given(world, labeler):
    return order(world, labeler)


@pytest.fixture
def signature(world, labeler, given):
    return withdrawal_signature(labeler, world.deployed, given)


def test_it_is_paid_once(world, labeler, given, signature):
    relay(world, given, signature)
    assert world.views.nonce(labeler) == 1
    for relayer in (RELAYER, labeler):
        with refused(INVALID):
            relay(world, given, signature, relayer)
    assert world.free(labeler) == ETHER - given.amount
    assert world.wealth(given.receiver) == given.amount - given.fee
    assert world.free(RELAYER) == given.fee


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 1_001},
        {"amount": ETHER},
        {"fee": 11},
        {"fee": 0},
        {"receiver": person("copycat")},
        {"deadline": START + 7_200},
        {"owner": person("copycat")},
    ],
    ids=["more", "all", "more fee", "no fee", "receiver", "later", "owner"],
)
def test_nothing_of_it_can_be_changed(world, given, signature, changes):
    before = world.account(given.owner), world.account(person("copycat"))
    with refused(INVALID):
        relay(world, replace(given, **changes), signature)
    assert (world.account(given.owner), world.account(person("copycat"))) == before
    relay(world, given, signature)


def test_in_order_of_their_nonces_and_none_left_out(world, labeler):
    orders = [order(world, labeler, nonce=nonce, amount=100 + nonce) for nonce in range(3)]
    signed = [withdrawal_signature(labeler, world.deployed, each) for each in orders]
    for early in (1, 2):
        with refused(INVALID):
            relay(world, orders[early], signed[early])
    for each, signature in zip(orders, signed, strict=True):
        relay(world, each, signature)
    for each, signature in zip(orders, signed, strict=True):
        with refused(INVALID):
            relay(world, each, signature)
    assert world.free(labeler) == ETHER - 303


def test_one_takes_the_place_of_another_with_the_same_nonce(world, labeler, given, signature):
    """So an owner takes back what was signed: by having another relayed."""
    other = order(world, labeler, amount=1, fee=0, receiver=labeler)
    relay(world, other, withdrawal_signature(labeler, world.deployed, other), labeler)
    with refused(INVALID):
        relay(world, given, signature)


def test_a_withdrawal_of_ones_own_takes_back_nothing_that_was_signed(
    world, labeler, given, signature
):
    """It uses no nonce: what was signed stays good until its deadline, if there is money."""
    world.do(labeler, world.calls.withdraw(ETHER, labeler))
    with refused("account: not enough free"):
        relay(world, given, signature)
    world.fund([labeler], given.amount)
    relay(world, given, signature)
    assert world.free(labeler) == 0


def test_a_refusal_uses_no_nonce(world, labeler, given):
    for wrong in (bytes(64), b"", bytes(65), b"\xff" * 64):
        with refused(INVALID):
            relay(world, given, wrong)
    assert world.views.nonce(labeler) == 0


def test_nobody_signs_for_another(world, labeler, copycat, given):
    with refused(INVALID):
        relay(world, given, withdrawal_signature(copycat, world.deployed, given), copycat)


def test_nobody_signs_for_nobody(world, given):
    """What the curve makes no sense of recovers to the zero address."""
    zero = replace(given, owner="0x" + "00" * 20, amount=1, fee=0)
    for wrong in (bytes(64), b"\xff" * 64):
        with refused(INVALID):
            relay(world, zero, wrong)


def test_in_another_deployment_on_the_same_chain(built, world, labeler, given, signature):
    elsewhere = World(built, chain=world.chain)
    elsewhere.fund([labeler])
    with refused(INVALID):
        relay(elsewhere, given, signature)
    relay(elsewhere, given, withdrawal_signature(labeler, elsewhere.deployed, given))


def test_on_another_chain_at_the_same_address(built, labeler):
    """Two chains with the same history, as after a split."""
    here, there = (World(built, chain=Chain(START, chain_id)) for chain_id in (1, 2))
    assert here.address == there.address
    for world in (here, there):
        world.fund([labeler])
    given = order(here, labeler)
    signature = withdrawal_signature(labeler, here.deployed, given)
    with refused(INVALID):
        relay(there, given, signature)
    relay(here, given, signature)


def test_a_consent_to_a_commitment_is_none_to_a_withdrawal(world, job, labeler, given):
    """One key, one domain, but each kind of message has a type of its own."""
    consent = job.signed(labeler)
    with refused(INVALID):
        relay(world, given, consent.r + consent.vs.to_bytes(32, "big"))


@pytest.mark.parametrize(
    "form", ["the other s", "the other parity", "s of 0", "r of 0", "all ones", "65 bytes"]
)
def test_in_another_form(world, labeler, given, signature, form):
    r, vs = signature[:32], int.from_bytes(signature[32:], "big")
    parity, s = divmod(vs, 2**255)
    other = (SECPK1_N - s) % 2**255 + (1 - parity) * 2**255
    forms = {
        "the other s": r + other.to_bytes(32, "big"),
        "the other parity": r + (s + (1 - parity) * 2**255).to_bytes(32, "big"),
        "s of 0": r + bytes(32),
        "r of 0": bytes(32) + signature[32:],
        "all ones": b"\xff" * 64,
        "65 bytes": r + s.to_bytes(32, "big") + bytes([27 + parity]),
    }
    with refused(INVALID):
        relay(world, given, forms[form])
    relay(world, given, signature)


def test_whoever_is_first_has_the_fee(world, copycat, labeler, given, signature):
    """Not stopped: the owner and the receiver do not care who carries it."""
    before = world.free(copycat)
    relay(world, given, signature, copycat)
    assert world.free(copycat) == before + given.fee
    assert world.wealth(given.receiver) == given.amount - given.fee
    with refused(INVALID):
        relay(world, given, signature)
