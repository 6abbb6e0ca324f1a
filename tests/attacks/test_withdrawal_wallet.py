"""A wallet contract is asked for its signature under a withdrawal: it says no, lies, calls back or
burns all gas, or somebody asks it who is not its owner.

Gain: a wallet's balance without its word, or the relayer's gas. Stopped by asking only contracts,
and only for the one answer of EIP-1271, statically and under the lock (A4.4, A1.11), with the nonce
written before. That a wallet burns the gas of who relays for it is **not stopped**: try it first.
"""

import pytest

from tests.attacks.test_reentrancy_policy import caller
from tests.attacks.withdrawing import RELAYER, order, relay
from tests.world.people import person, withdrawal_signature
from tests.world.world import ETHER, refused

INVALID = "withdraw: invalid signature"
YES = "631626ba7e60e01b5f5260205ff3"
HOSTILE = {
    "burns all gas": ("fe", ""),
    "reverts": ("5f5ffd", ""),
    "says nothing": ("00", ""),
    "says no": ("5f5f5260205ff3", INVALID),
    "says yes in the wrong half": ("631626ba7e5f5260205ff3", ""),
    "reverts with a megabyte": ("6210000060005ffd", ""),
}


@pytest.fixture
def wallet(world, labeler):
    wallet = world.chain.mock("Wallet", labeler)
    world.fund([wallet.address])
    return wallet.address


def test_it_is_paid_out_once_if_its_owner_signed(world, wallet, labeler):
    given = order(world, wallet)
    signature = withdrawal_signature(labeler, world.deployed, given, is_compact=False)
    relay(world, given, signature)
    assert world.free(wallet) == ETHER - given.amount
    with refused(INVALID):
        relay(world, given, signature)


def test_in_either_form_that_it_takes_but_once(world, wallet, labeler):
    """A wallet may take many forms of a signature: the nonce is used whatever they are."""
    given = order(world, wallet)
    short = withdrawal_signature(labeler, world.deployed, given, is_compact=False)
    long = short[:64] + bytes(31) + short[64:]
    with world.undone():
        relay(world, given, short)
    relay(world, given, long)
    for again in (short, long):
        with refused(INVALID):
            relay(world, given, again)


def test_not_if_another_signed_nor_for_the_owners_own_account(world, wallet, labeler, copycat):
    given = order(world, wallet)
    with refused(INVALID):
        relay(world, given, withdrawal_signature(copycat, world.deployed, given, is_compact=False))
    own = order(world, labeler)
    with refused(INVALID):
        relay(world, own, withdrawal_signature(labeler, world.deployed, given, is_compact=False))
    with refused(INVALID):
        relay(
            world, own, withdrawal_signature(labeler, world.deployed, own, is_compact=False)
        )  # 65 bytes: of no account
    relay(world, own, withdrawal_signature(labeler, world.deployed, own))


@pytest.mark.parametrize("how", HOSTILE)
@pytest.mark.parametrize("length", [0, 64, 65, 1_024])
def test_nothing_is_booked_without_the_one_answer(world, how, length):
    code, reason = HOSTILE[how]
    wallet = world.chain.raw(code)
    world.fund([wallet])
    with refused(reason):
        relay(world, order(world, wallet), b"\x01" * length)
    assert (world.free(wallet), world.views.nonce(wallet)) == (ETHER, 0)


def test_a_wallet_cannot_call_back_while_it_is_asked(world, labeler):
    """To withdraw a second time, or to take a seat; it has an account and could do so itself."""
    data = world.calls.withdraw(ETHER, labeler)
    wallet = caller(world, data, answer=0x1626BA7E << 224)
    world.fund([wallet])
    with refused(INVALID):  # its call fails, and then it says no
        relay(world, order(world, wallet), b"\x01" * 65)
    assert world.free(wallet) == ETHER


def test_a_wallet_that_says_yes_to_everything_gives_its_balance_away(world, copycat):
    """Not stopped: that is what its code agrees to."""
    wallet = world.chain.raw(YES)
    world.fund([wallet])
    relay(world, order(world, wallet, amount=ETHER, fee=0, receiver=copycat), b"")
    assert world.free(wallet) == 0


def test_a_person_a_precompile_or_nobody_is_no_wallet(world, labeler):
    nobody = person("without an account")
    for owner in (labeler, nobody, *("0x" + "00" * 19 + f"{n:02x}" for n in (0, 1, 2, 4, 9))):
        with refused(INVALID):
            relay(world, order(world, owner), b"\x01" * 65)


def test_who_relays_is_no_owner(world, labeler, wallet):
    """Not even the wallet's owner, nor the contract itself, without a signature."""
    for relayer in (labeler, wallet, world.address, RELAYER):
        with refused(""):  # the wallet wants 65 or 96 bytes
            relay(world, order(world, wallet), b"", relayer)
