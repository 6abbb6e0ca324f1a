"""A withdrawal is relayed too late, with a fee that takes it all, or to somebody who turns it away.

Gain: an owner's balance as a fee; a payment long after it was wanted; money that is booked out and
not received. Stopped by a fee below the amount (A4.6) and a deadline (A4.3), both signed, and by
booking nothing of a payment that was not taken (A1.9). A stake or an escrow cannot be withdrawn so
either (A2.1). A receiver who burns the relayer's gas costs a transaction that was not tried first.
"""

import pytest

from plumbline.chain.events import Withdrawn
from tests.attacks.withdrawing import RELAYER, order, relay
from tests.world.chain import Refused
from tests.world.jobs import RULES
from tests.world.people import person, withdrawal_signature
from tests.world.world import ETHER, bare, refused

SAYS_NO, REVERTS, TAKES_A_FEE = 1, 2, 3


def send(world, labeler, relayer=RELAYER, **changes):
    given = order(world, labeler, **changes)
    return relay(world, given, withdrawal_signature(labeler, world.deployed, given), relayer)


@pytest.mark.parametrize("fee", [1_000, 1_001, 2**256 - 1])
def test_a_fee_leaves_the_receiver_something(world, labeler, fee):
    with refused("withdraw: nothing"):
        send(world, labeler, fee=fee)
    assert world.free(labeler) == ETHER
    before = world.free(RELAYER)
    events = send(world, labeler, fee=999)
    assert [bare(event) for event in events] == [
        ("Withdrawn", labeler, person("receiver"), 1_000, 999, RELAYER)
    ]
    assert world.wealth(person("receiver")) == 1
    assert world.free(RELAYER) == before + 999


def test_the_smallest_fee_is_credited(world, labeler):
    before = world.free(RELAYER)
    send(world, labeler, fee=1)
    assert world.free(RELAYER) == before + 1
    assert world.free(labeler) == ETHER - 1_000


def test_nothing_is_withdrawn_without_an_amount(world, labeler):
    with refused("withdraw: nothing"):
        send(world, labeler, amount=0, fee=0)


def test_a_fee_is_credited_and_not_made(world, labeler):
    """Out of the amount; also where the owner relays it, or is paid."""
    total = world.free(labeler) + world.free(RELAYER)
    send(world, labeler, fee=600, receiver=labeler)
    assert world.free(labeler) + world.free(RELAYER) == total - 400
    send(world, labeler, relayer=labeler, fee=600)
    assert world.free(labeler) == ETHER - 1_400


def test_not_from_its_deadline_on(world, labeler):
    deadline = world.chain.now + 100
    given = order(world, labeler, deadline=deadline)
    signature = withdrawal_signature(labeler, world.deployed, given)
    world.chain.wait_until(deadline - 1)
    with world.undone():
        relay(world, given, signature)
    world.chain.wait_until(deadline)
    with refused("withdraw: too late"):
        relay(world, given, signature)
    with refused("withdraw: too late"):
        send(world, labeler, deadline=0)


def test_what_is_locked_is_not_withdrawn(world, job, labeler):
    world.commit(job, [labeler])
    with refused("account: not enough free"):
        send(world, labeler, amount=ETHER - RULES.stake + 1)
    with refused("account: not enough free"):
        send(world, labeler, amount=2**256 - 1)
    send(world, labeler, amount=ETHER - RULES.stake)
    assert world.account(labeler).locked == RULES.stake


def test_the_receiver_is_somebody_else(world, labeler):
    with refused("withdraw: no receiver"):
        send(world, labeler, receiver="0x" + "00" * 20)
    with refused("withdraw: receiver refused"):
        send(world, labeler, receiver=world.address)


def test_a_receiver_who_refuses_leaves_all_as_it_was(world, labeler):
    wallet = world.chain.mock("Wallet", labeler)
    wallet.send(labeler, "refuse_ether")
    with refused("withdraw: receiver refused"):
        send(world, labeler, receiver=wallet.address)
    assert (world.free(labeler), world.views.nonce(labeler)) == (ETHER, 0)
    assert world.free(RELAYER) == 0


@pytest.mark.parametrize("again", ["withdraw_for", "withdraw", "sweep", "deposit_for"])
def test_a_receiver_who_calls_back_finds_the_door_locked(world, labeler, revealed, again):
    """With the next withdrawal in hand, signed and good, and something in the sink."""
    world.close(revealed)
    receiver = world.chain.mock("Wallet", labeler)
    world.fund([receiver.address])
    following = order(world, labeler, nonce=1)
    signature = withdrawal_signature(labeler, world.deployed, following)
    calls = world.calls
    data = {
        "withdraw_for": calls.withdraw_for(
            labeler, 1_000, following.receiver, 10, following.deadline, signature
        ),
        "withdraw": calls.withdraw(1, receiver.address),
        "sweep": calls.sweep(),
        "deposit_for": calls.deposit_for(labeler, 0),
    }[again]
    receiver.send(labeler, "call_when_paid", world.address, data)
    before = world.free(labeler)
    with refused("withdraw: receiver refused"):
        send(world, labeler, receiver=receiver.address)
    assert (world.free(labeler), world.views.nonce(labeler)) == (before, 0)
    receiver.send(labeler, "call_when_paid", world.sink, b"")
    send(world, labeler, receiver=receiver.address)
    relay(world, following, signature)


def test_a_receiver_who_burns_gas_is_the_relayers_to_try_first(world, labeler):
    """Not stopped: all gas that was sent along but a 64th. Nothing is booked."""
    burner = world.chain.raw("fe")
    with refused("withdraw: receiver refused"):
        send(world, labeler, receiver=burner)
    assert world.free(labeler) == ETHER


def test_in_a_token(token_world, labeler):
    world = token_world
    (event,) = send(world, labeler, fee=10)
    assert isinstance(event, Withdrawn)
    assert world.wealth(person("receiver")) == 990
    assert (world.free(labeler), world.free(RELAYER)) == (ETHER - 1_000, 10)


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        (SAYS_NO, "withdraw: token refused"),
        (REVERTS, "token: no"),
        (TAKES_A_FEE, "withdraw: token took a fee"),
    ],
)
def test_what_the_token_did_not_do_is_not_booked(token_world, labeler, manner, reason):
    world = token_world
    given = order(world, labeler)
    signature = withdrawal_signature(labeler, world.deployed, given)
    world.token.send(labeler, "behave", manner)
    with refused(reason):
        relay(world, given, signature)
    assert (world.free(labeler), world.views.nonce(labeler)) == (ETHER, 0)
    world.token.send(labeler, "behave", 0)
    relay(world, given, signature)


def test_a_token_that_calls_back_finds_the_door_locked(token_world, labeler):
    world = token_world
    data = world.calls.withdraw(1, labeler)
    world.fund([world.token.address])
    world.token.send(labeler, "reenter", world.address, data)
    with pytest.raises(Refused):
        send(world, labeler)
    assert world.free(labeler) == ETHER
