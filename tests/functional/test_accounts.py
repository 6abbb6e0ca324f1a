"""Money comes in and goes out as its owner says, and nobody else."""

import pytest

from plumbline.chain.records import Account
from plumbline.protocol.addresses import ZERO
from tests.functional.market import ETHER, Market, event, refused

# ------------------------------------------------------------------------- deposit


def test_a_deposit_is_credited_to_whoever_makes_it(market, stranger):  # A1.3, E1.1
    before = market.account(stranger)
    assert market.by(stranger).deposit(7, value=7) == [
        event("Deposited", account=stranger, payer=stranger, amount=7)
    ]
    assert market.account(stranger) == Account(free=before.free + 7)


def test_deposits_add_up(market, stranger):  # A1.3
    before = market.free(stranger)
    market.by(stranger).deposit(7, value=7)
    market.by(stranger).deposit(ETHER, value=ETHER)
    assert market.free(stranger) == before + ETHER + 7


def test_a_deposit_for_somebody_else_is_paid_by_one_and_credited_to_the_other(
    market, stranger, labeler
):
    # A1.3, E1.1
    payer, owner = market.free(stranger), market.free(labeler)
    assert market.by(stranger).deposit_for(labeler, 7, value=7) == [
        event("Deposited", account=labeler, payer=stranger, amount=7)
    ]
    assert (market.free(stranger), market.free(labeler)) == (payer, owner + 7)


def test_a_deposit_of_nothing_is_refused(market, stranger, labeler):  # A1.4
    with refused("deposit: nothing"):
        market.by(stranger).deposit(0)
    with refused("deposit: nothing"):
        market.by(stranger).deposit_for(labeler, 0)


def test_nobody_can_deposit_for_the_zero_address(market, stranger):  # A1.4
    with refused("deposit: no account"):
        market.by(stranger).deposit_for(ZERO, 7, value=7)


@pytest.mark.parametrize("value", [0, 6, 8])
def test_a_deposit_must_bring_exactly_the_ether_that_it_names(market, stranger, labeler, value):
    # A1.5
    with refused("deposit: value is not the amount"):
        market.by(stranger).deposit(7, value=value)
    with refused("deposit: value is not the amount"):
        market.by(stranger).deposit_for(labeler, 7, value=value)


def test_ether_without_a_deposit_is_turned_away(market, stranger):
    with refused(""):
        market.chain.send(stranger, market.address, "0x", 7)


def test_ether_that_is_forced_upon_the_contract_is_nobodys(market, stranger):  # A2.2
    before = market.free(stranger)
    market.chain.mock(stranger, "Bomb", market.address, value=7)
    market.gifts = 7
    market.check_books()
    market.by(stranger).withdraw(before, stranger)
    with refused("account: not enough free"):
        market.by(stranger).withdraw(1, stranger)
    market.gifts = 0


# ------------------------------------------------------------------------ withdraw


def test_free_balance_can_be_withdrawn_to_any_receiver(market, stranger, labeler):  # A1.8, E1.2
    before, wealth = market.free(labeler), market.wealth(stranger)
    assert market.by(labeler).withdraw(7, stranger) == [
        event("Withdrawn", account=labeler, receiver=stranger, amount=7, fee=0, relayer=labeler)
    ]
    assert market.free(labeler) == before - 7
    assert market.wealth(stranger) == wealth + 7


def test_all_of_the_free_balance_can_be_withdrawn_and_not_a_wei_more(market, stranger, sink):
    # A1.8, A1.9
    balance = market.free(stranger)
    with refused("account: not enough free"):
        market.by(stranger).withdraw(balance + 1, sink)
    market.by(stranger).withdraw(balance, sink)
    assert market.account(stranger) == Account()
    with refused("account: not enough free"):
        market.by(stranger).withdraw(1, sink)


def test_a_withdrawal_of_nothing_is_refused(market, stranger):  # A1.9
    with refused("withdraw: nothing"):
        market.by(stranger).withdraw(0, stranger)


def test_nothing_is_withdrawn_to_the_zero_address(market, stranger):  # A1.9
    with refused("withdraw: no receiver"):
        market.by(stranger).withdraw(1, ZERO)


def test_a_locked_stake_cannot_be_withdrawn(market, committed, labeler):  # A1.9, A2.1
    account = market.account(labeler)
    assert account.locked == committed.rules.stake
    with refused("account: not enough free"):
        market.by(labeler).withdraw(account.free + 1, labeler)
    market.by(labeler).withdraw(account.free, labeler)
    assert market.account(labeler) == Account(locked=committed.rules.stake)


def test_a_receiver_that_takes_no_ether_keeps_nobody_from_another_receiver(market, chain, stranger):
    # A1.9
    wallet = chain.mock(stranger, "Wallet", stranger)
    chain.do(stranger, wallet, "refuse_ether")
    with refused("withdraw: receiver refused"):
        market.by(stranger).withdraw(7, wallet.address)
    market.by(stranger).withdraw(7, stranger)


def test_a_wallet_contract_deposits_and_withdraws_like_anybody(market, chain, stranger):
    # A1.3, A1.8
    wallet = chain.mock(stranger, "Wallet", stranger)
    market.through(wallet, stranger, "deposit", 7, value=7)
    assert market.account(wallet.address) == Account(free=7)
    market.through(wallet, stranger, "withdraw", 7, wallet.address)
    assert market.wealth(wallet.address) == 7


# --------------------------------------------------------------------------- sweep


@pytest.fixture
def slashed(market, committed, labeler, copycat) -> int:
    """What a leak left to the sink."""
    market.by(copycat).report_leak(
        committed.round_id, labeler, committed.sheet(labeler), committed.salt(labeler)
    )
    return market.sink_balance


def test_anyone_can_send_the_sink_what_was_slashed(market, slashed, keeper, sink):
    # A1.10, V1.1, E1.3
    wealth = market.wealth(sink)
    assert slashed > 0
    assert market.by(keeper).sweep() == [event("Swept", amount=slashed)]
    assert market.sink_balance == 0
    assert market.wealth(sink) == wealth + slashed


def test_there_is_nothing_to_sweep_twice(market, slashed, keeper):  # A1.10
    market.by(keeper).sweep()
    with refused("sweep: nothing"):
        market.by(keeper).sweep()


def test_there_is_nothing_to_sweep_before_anybody_was_slashed(market, keeper):  # A1.10
    with refused("sweep: nothing"):
        market.by(keeper).sweep()


# ---------------------------------------------------------------------------- lock


def test_nobody_gets_in_while_a_withdrawal_is_being_paid(market, chain, slashed, stranger):  # A1.11
    """The wallet owns enough and there is something to sweep: only the lock forbids it."""
    wallet = chain.mock(stranger, "Wallet", stranger)
    market.by(stranger).deposit_for(wallet.address, 7, value=7)
    for name, args in (("withdraw", (1, stranger)), ("sweep", ())):
        data = market.rounds.encode_abi(name, args)
        chain.do(stranger, wallet, "call_when_paid", market.address, data)
        with refused("withdraw: receiver refused"):
            market.through(wallet, stranger, "withdraw", 2, wallet.address)


def test_nobody_gets_in_while_the_sink_is_being_paid(
    chain, deploy, lens, census, bank, stranger, labelers, requester, rows
):
    # A1.11
    wallet = chain.mock(stranger, "Wallet", stranger)
    market = Market(chain, deploy(sink=wallet.address), None, lens, census, stranger)
    market.fund(bank, [requester, *labelers, wallet.address], ETHER)
    batch = market.open(requester, rows)
    market.commit(batch)
    labeler = labelers[0]
    market.by(stranger).report_leak(
        batch.round_id, labeler, batch.sheet(labeler), batch.salt(labeler)
    )
    data = market.rounds.encode_abi("withdraw", (1, stranger))
    chain.do(stranger, wallet, "call_when_paid", market.address, data)
    with refused("withdraw: receiver refused"):
        market.by(stranger).sweep()
