"""A withdrawal that its owner signed is relayed by anybody, once, in time, and for no other."""

from dataclasses import replace

import pytest
from eth_abi.abi import encode
from eth_keys.constants import SECPK1_N

from plumbline.chain.records import Account
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.typed_data import Deployed
from plumbline.protocol.withdrawal import Withdrawal
from tests.functional.market import ETHER, event, refused, wallet_words
from tests.world.people import withdrawal_signature

DAY = 86_400


@pytest.fixture
def withdrawal(market, labeler, stranger) -> Withdrawal:
    """The first of a labeler, of 70 wei, 7 of them for whoever relays it."""
    return Withdrawal(labeler, 70, stranger, 7, market.chain.now + DAY, 0)


def relay(market, sender, withdrawal, signature):
    return market.by(sender).withdraw_for(
        withdrawal.owner,
        withdrawal.amount,
        withdrawal.receiver,
        withdrawal.fee,
        withdrawal.deadline,
        signature,
    )


def sign(market, withdrawal, signer=None):
    """Of the owner, or of another."""
    return withdrawal_signature(signer or withdrawal.owner, market.deployed, withdrawal)


def withdrawn(withdrawal, relayer):
    return event(
        "Withdrawn",
        account=withdrawal.owner,
        receiver=withdrawal.receiver,
        amount=withdrawal.amount,
        fee=withdrawal.fee,
        relayer=relayer,
    )


# ------------------------------------------------------------------- what it comes to


@pytest.mark.parametrize("name", ["market", "token_market"])
def test_the_receiver_is_paid_and_the_relayer_credited_out_of_the_amount(
    request, name, withdrawal, labeler, stranger, relayer
):
    # A4.1, A4.2, E1.2
    market = request.getfixturevalue(name)
    owned, earned = market.account(labeler), market.account(relayer)
    wealth, held = market.wealth(stranger), market.held
    signature = sign(market, withdrawal)
    assert relay(market, relayer, withdrawal, signature) == [withdrawn(withdrawal, relayer)]
    assert market.account(labeler) == Account(free=owned.free - 70)
    assert market.account(relayer) == Account(free=earned.free + 7)
    assert market.wealth(stranger) == wealth + 63
    assert market.held == held - 63


def test_all_of_a_balance_can_be_withdrawn_and_all_but_a_wei_be_the_fee(
    market, withdrawal, labeler, relayer, stranger
):
    # A4.1, A4.6
    balance = market.free(labeler)
    every = replace(withdrawal, amount=balance, fee=balance - 1)
    wealth, before = market.wealth(stranger), market.free(relayer)
    relay(market, relayer, every, sign(market, every))
    assert market.account(labeler) == Account()
    assert market.free(relayer) == before + balance - 1
    assert market.wealth(stranger) == wealth + 1


def test_without_a_fee_nobody_is_credited(market, withdrawal, relayer):  # A4.2
    before = market.account(relayer)
    free = replace(withdrawal, fee=0)
    assert relay(market, relayer, free, sign(market, free)) == [withdrawn(free, relayer)]
    assert market.account(relayer) == before


def test_an_owner_may_relay_it_too_and_has_the_fee_back(market, withdrawal, labeler):  # A4.2
    before = market.free(labeler)
    relay(market, labeler, withdrawal, sign(market, withdrawal))
    assert market.free(labeler) == before - 63


def test_a_relayer_may_be_paid_by_nothing_but_the_fee(market, withdrawal, chain, bank):  # A4.2
    """Who never paid in has an account then."""
    wallet = chain.mock(bank, "Wallet", bank)
    args = (withdrawal.owner, 70, withdrawal.receiver, 7, withdrawal.deadline)
    market.through(wallet, bank, "withdraw_for", *args, sign(market, withdrawal))
    assert market.account(wallet.address) == Account(free=7)


def test_a_locked_stake_is_not_withdrawn_for_anybody(market, withdrawal, committed, relayer):
    # A4.6, A2.1
    account = market.account(withdrawal.owner)
    more = replace(withdrawal, amount=account.free + 1)
    with refused("account: not enough free"):
        relay(market, relayer, more, sign(market, more))
    every = replace(withdrawal, amount=account.free)
    relay(market, relayer, every, sign(market, every))
    assert market.account(withdrawal.owner) == Account(locked=committed.rules.stake)


# ------------------------------------------------------------------------------ nonces


def test_a_withdrawal_is_relayed_once(market, withdrawal, relayer):  # A4.5
    signature = sign(market, withdrawal)
    assert market.nonce(withdrawal.owner) == 0
    relay(market, relayer, withdrawal, signature)
    assert market.nonce(withdrawal.owner) == 1
    with refused("withdraw: invalid signature"):
        relay(market, relayer, withdrawal, signature)
    again = replace(withdrawal, nonce=1)
    relay(market, relayer, again, sign(market, again))
    assert market.nonce(withdrawal.owner) == 2


def test_withdrawals_are_relayed_in_the_order_of_their_nonces(market, withdrawal, relayer):  # A4.5
    second = replace(withdrawal, nonce=1)
    with refused("withdraw: invalid signature"):
        relay(market, relayer, second, sign(market, second))
    relay(market, relayer, withdrawal, sign(market, withdrawal))
    relay(market, relayer, second, sign(market, second))


def test_of_two_with_the_same_nonce_one_is_relayed(market, withdrawal, relayer):  # A4.5
    """So an owner takes one back by signing another, to oneself."""
    back = replace(withdrawal, receiver=withdrawal.owner, fee=0)
    relay(market, relayer, back, sign(market, back))
    with refused("withdraw: invalid signature"):
        relay(market, relayer, withdrawal, sign(market, withdrawal))


def test_a_refused_one_can_be_relayed_later(market, withdrawal, relayer, labeler, stranger):
    # A4.5, A4.6
    every = replace(withdrawal, amount=market.free(labeler) + 1)
    with refused("account: not enough free"):
        relay(market, relayer, every, sign(market, every))
    assert market.nonce(labeler) == 0
    market.fund(stranger, [labeler], 1)
    relay(market, relayer, every, sign(market, every))


def test_nonces_of_owners_and_other_withdrawals_have_nothing_to_do_with_each_other(
    market, withdrawal, labelers, relayer
):
    # A4.5
    first, second = labelers[:2]
    relay(market, relayer, withdrawal, sign(market, withdrawal))
    market.by(second).withdraw(1, second)
    assert [market.nonce(labeler) for labeler in (first, second)] == [1, 0]
    other = replace(withdrawal, owner=second)
    relay(market, relayer, other, sign(market, other))


# ---------------------------------------------------------------------------- deadline


def test_a_withdrawal_is_in_time_until_the_deadline_and_not_at_it(
    market, withdrawal, chain, relayer
):
    # A4.3
    signature = sign(market, withdrawal)
    with chain.undone():
        chain.next_at(withdrawal.deadline - 1)
        relay(market, relayer, withdrawal, signature)
    chain.next_at(withdrawal.deadline)
    with refused("withdraw: too late"):
        relay(market, relayer, withdrawal, signature)


def test_a_deadline_may_be_as_far_away_as_there_is_time(market, withdrawal, relayer):  # A4.3
    never = replace(withdrawal, deadline=2**256 - 1)
    relay(market, relayer, never, sign(market, never))


# -------------------------------------------------------------------------- signatures


CHANGES = {
    "owner": lambda of, people: replace(of, owner=people[1]),
    "amount": lambda of, people: replace(of, amount=of.amount + 1),
    "receiver": lambda of, people: replace(of, receiver=people[1]),
    "fee": lambda of, people: replace(of, fee=of.fee + 1),
    "deadline": lambda of, people: replace(of, deadline=of.deadline + 1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_nothing_that_was_signed_can_be_altered(market, withdrawal, labelers, relayer, change):
    # A4.4, H3.5
    signature = sign(market, withdrawal)
    with refused("withdraw: invalid signature"):
        relay(market, relayer, change(withdrawal, labelers), signature)
    relay(market, relayer, withdrawal, signature)


def test_nobody_is_paid_out_by_the_signature_of_another(market, withdrawal, copycat, relayer):
    # A4.4
    with refused("withdraw: invalid signature"):
        relay(market, relayer, withdrawal, sign(market, withdrawal, copycat))


def test_a_signature_is_for_one_contract_on_one_chain(market, token_market, withdrawal, relayer):
    # A4.4, H0.1
    here = market.deployed
    for other in (
        Deployed(here.chain_id, token_market.address),
        Deployed(here.chain_id + 1, here.address),
    ):
        signature = withdrawal_signature(withdrawal.owner, other, withdrawal)
        with refused("withdraw: invalid signature"):
            relay(market, relayer, withdrawal, signature)


def test_the_other_signature_of_the_same_key_is_not_taken(market, withdrawal, relayer):  # A4.4
    """(r, n - s) with the other parity is as good to the curve; the compact form has no room."""
    signature = sign(market, withdrawal)
    parity, s = divmod(int.from_bytes(signature[32:]), 2**255)
    other = (SECPK1_N - s) % 2**255 + (1 - parity) * 2**255
    with refused("withdraw: invalid signature"):
        relay(market, relayer, withdrawal, signature[:32] + other.to_bytes(32))


def test_what_is_no_signature_is_none(market, withdrawal, relayer):  # A4.4
    good = sign(market, withdrawal)
    full = withdrawal_signature(withdrawal.owner, market.deployed, withdrawal, is_compact=False)
    for signature in (b"", good[:63], good + b"\0", bytes(64), b"\xff" * 64, full):
        with refused("withdraw: invalid signature"):
            relay(market, relayer, withdrawal, signature)
    with refused(""):
        relay(market, relayer, withdrawal, bytes(1_025))


def test_nobody_signs_for_the_zero_address(market, withdrawal, relayer):  # A4.4
    nobody = replace(withdrawal, owner=ZERO)
    for signature in (bytes(64), sign(market, withdrawal)):
        with refused("withdraw: invalid signature"):
            relay(market, relayer, nobody, signature)


# ---------------------------------------------------------------------------- refusals


def test_a_fee_is_less_than_the_amount(market, withdrawal, relayer):  # A4.6
    for amount, fee in ((7, 7), (7, 8), (0, 0), (7, 2**256 - 1)):
        bad = replace(withdrawal, amount=amount, fee=fee)
        with refused("withdraw: nothing"):
            relay(market, relayer, bad, sign(market, bad))


def test_nothing_is_relayed_to_the_zero_address(market, withdrawal, relayer):  # A4.6
    bad = replace(withdrawal, receiver=ZERO)
    with refused("withdraw: no receiver"):
        relay(market, relayer, bad, sign(market, bad))


def test_a_receiver_that_takes_no_ether_leaves_balance_fee_and_nonce(
    market, withdrawal, chain, stranger, relayer
):
    # A4.5, A4.6
    wallet = chain.mock(stranger, "Wallet", stranger)
    chain.do(stranger, wallet, "refuse_ether")
    bad = replace(withdrawal, receiver=wallet.address)
    people = [withdrawal.owner, relayer]
    before = market.accounts(people)
    with refused("withdraw: receiver refused"):
        relay(market, relayer, bad, sign(market, bad))
    assert market.accounts(people) == before
    assert market.nonce(withdrawal.owner) == 0


def test_nobody_gets_in_while_a_relayed_withdrawal_is_being_paid(
    market, withdrawal, chain, stranger, relayer
):
    # A1.11, A4.6
    """Not with the next one of the same owner, nor otherwise."""
    wallet = chain.mock(stranger, "Wallet", stranger)
    market.fund(stranger, [wallet.address], 7)
    to_wallet = replace(withdrawal, receiver=wallet.address)
    following = replace(to_wallet, nonce=1)
    own = (following.owner, 70, following.receiver, 7, following.deadline)
    inner = [("withdraw", (1, stranger)), ("withdraw_for", (*own, sign(market, following)))]
    for name, args in inner:
        data = market.rounds.encode_abi(name, args)
        chain.do(stranger, wallet, "call_when_paid", market.address, data)
        with refused("withdraw: receiver refused"):
            relay(market, relayer, to_wallet, sign(market, to_wallet))


# --------------------------------------------------------------------- wallet contracts


def wallet_signature(market, withdrawal, signer):
    """As that wallet takes them: r, s and v."""
    return wallet_words(signer.key, withdrawal.message(market.deployed))


def test_a_wallet_contract_is_asked_whether_it_signed(market, withdrawal, wallet, labeler, relayer):
    # A4.4
    of_wallet = replace(withdrawal, owner=wallet.address)
    before, own = market.free(relayer), market.account(labeler)
    signature = wallet_signature(market, of_wallet, labeler)
    assert relay(market, relayer, of_wallet, signature) == [withdrawn(of_wallet, relayer)]
    assert market.account(wallet.address) == Account(free=ETHER - 70)
    assert market.free(relayer) == before + 7
    assert market.account(labeler) == own
    assert (market.nonce(wallet.address), market.nonce(labeler)) == (1, 0)
    with refused("withdraw: invalid signature"):
        relay(market, relayer, of_wallet, signature)


def test_what_a_wallet_contract_did_not_sign_is_refused(
    market, withdrawal, wallet, labeler, copycat, relayer
):
    # A4.4
    of_wallet = replace(withdrawal, owner=wallet.address)
    for signature in (
        wallet_signature(market, of_wallet, copycat),
        wallet_signature(market, withdrawal, labeler),
        wallet_signature(market, replace(of_wallet, nonce=1), labeler),
    ):
        with refused("withdraw: invalid signature"):
            relay(market, relayer, of_wallet, signature)


def test_a_wallet_contract_may_take_64_bytes_of_its_own(market, withdrawal, chain, bank, relayer):
    # A4.4
    """What is no signature of an account is still asked of the wallet."""
    parrot = chain.parrot(bank, encode(["bytes4"], [bytes.fromhex("1626ba7e")]))
    market.fund(relayer, [parrot], 70)
    relay(market, relayer, replace(withdrawal, owner=parrot), bytes(64))
    assert market.account(parrot) == Account()


def test_a_contract_that_answers_yes_in_another_way_is_not_a_wallet(
    market, withdrawal, chain, bank, relayer
):
    # A4.4
    for answer in (1, 0x1626BA7E):
        parrot = chain.parrot(bank, encode(["uint256"], [answer]))
        with refused(""):
            relay(market, relayer, replace(withdrawal, owner=parrot), b"")
    parrot = chain.parrot(bank, encode(["bytes4"], [bytes.fromhex("1626ba7f")]))
    with refused("withdraw: invalid signature"):
        relay(market, relayer, replace(withdrawal, owner=parrot), b"")
