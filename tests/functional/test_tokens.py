"""Any ERC-20 will do that moves what it is told to; one that does not is refused."""

import pytest

from plumbline.chain.records import Account
from tests.functional.batch import GOLD_ANSWERS
from tests.functional.market import ETHER, Market, event, refused

# Manners of tests/contracts/Token.vy.
HONEST, SAYS_NO, REVERTS, TAKES_A_FEE = range(4)
MOST = 2**88 - 1  # what the books hold


@pytest.fixture
def owner(chain, token, token_market, bank, stranger) -> str:
    """Somebody with an account and an allowance."""
    chain.do(bank, token, "mint", stranger, ETHER)
    chain.do(stranger, token, "approve", token_market.address, ETHER)
    return stranger


# ----------------------------------------------------------------------- honest


def test_a_deposit_takes_the_token_from_whoever_pays(token_market, owner, labeler):  # A1.3
    wealth, before = token_market.wealth(owner), token_market.free(labeler)
    assert token_market.by(owner).deposit_for(labeler, 7) == [
        event("Deposited", account=labeler, payer=owner, amount=7)
    ]
    assert token_market.wealth(owner) == wealth - 7
    assert token_market.free(labeler) == before + 7


def test_a_withdrawal_pays_in_the_token(token_market, owner, keeper):  # A1.8
    before, wealth = token_market.free(owner), token_market.wealth(keeper)
    assert token_market.by(owner).withdraw(7, keeper) == [
        event("Withdrawn", account=owner, receiver=keeper, amount=7, fee=0, relayer=owner)
    ]
    assert token_market.free(owner) == before - 7
    assert token_market.wealth(keeper) == wealth + 7


def test_no_more_is_taken_than_was_allowed(token_market, owner):
    with refused(""):
        token_market.by(owner).deposit(ETHER + 1)


def test_ether_is_not_taken_in_a_token_deployment(token_market, owner):  # A1.6
    with refused("deposit: this deployment takes no ether"):
        token_market.by(owner).deposit(7, value=7)
    with refused("deposit: this deployment takes no ether"):
        token_market.by(owner).deposit_for(owner, 7, value=1)
    with refused(""):
        token_market.chain.send(owner, token_market.address, "0x", 7)


def test_a_whole_round_is_paid_in_the_token(token_market, requester, rows, sink, keeper):
    # A1.8, A1.10
    """And everybody leaves: what is left is what rounding left to nobody, which is nothing."""
    batch = token_market.open(requester, rows, GOLD_ANSWERS)
    token_market.commit(batch)
    token_market.chain.wait_until(batch.deadlines.commit)
    token_market.reveal(batch)
    token_market.close(batch)
    for person in [requester, *batch.labelers]:
        token_market.by(person).withdraw(token_market.free(person), person)
    wealth, burned = token_market.wealth(sink), batch.settlement(batch.labelers).burned
    assert token_market.by(keeper).sweep() == [event("Swept", amount=burned)]
    assert token_market.wealth(sink) == wealth + burned


def test_a_token_that_returns_nothing_works_as_well(
    chain, deploy, lens, census, bank, stranger, labeler
):
    # A1.6
    quiet = chain.mock(bank, "QuietToken")
    market = Market(chain, deploy(quiet.address), quiet, lens, census, stranger)
    chain.do(bank, quiet, "mint", bank, 100)
    chain.do(bank, quiet, "approve", market.address, 100)
    market.by(bank).deposit(100)
    market.by(bank).withdraw(60, labeler)
    assert market.account(bank) == Account(free=40)
    assert market.wealth(labeler) == 60


# ------------------------------------------------------------------- not honest


def test_a_deposit_that_the_token_refuses_is_not_booked(token_market, chain, token, owner):  # A1.6
    chain.do(owner, token, "behave", SAYS_NO)
    with refused("deposit: token refused"):
        token_market.by(owner).deposit(7)
    chain.do(owner, token, "behave", REVERTS)
    with refused("token: no"):
        token_market.by(owner).deposit(7)


def test_a_deposit_that_arrives_short_is_refused(token_market, chain, token, owner):  # A1.6
    chain.do(owner, token, "behave", TAKES_A_FEE)
    with refused("deposit: token took a fee"):
        token_market.by(owner).deposit(7)


def test_a_withdrawal_that_the_token_refuses_leaves_the_balance(token_market, chain, token, owner):
    # A1.9
    before = token_market.account(owner)
    chain.do(owner, token, "behave", SAYS_NO)
    with refused("withdraw: token refused"):
        token_market.by(owner).withdraw(7, owner)
    chain.do(owner, token, "behave", REVERTS)
    with refused("token: no"):
        token_market.by(owner).withdraw(7, owner)
    assert token_market.account(owner) == before


def test_a_withdrawal_that_costs_the_contract_more_than_it_owes_is_refused(
    token_market, chain, token, owner
):
    # A1.9
    chain.do(owner, token, "behave", TAKES_A_FEE)
    with refused("withdraw: token took a fee"):
        token_market.by(owner).withdraw(7, owner)


@pytest.mark.parametrize("action", ["deposit", "deposit_for", "withdraw", "sweep"])
def test_nobody_gets_in_while_the_token_moves(
    token_market, chain, token, owner, requester, rows, labelers, action
):
    # A1.11
    """The token has an account of its own, so only the lock keeps it from withdrawing."""
    market = token_market
    batch = market.open(requester, rows)
    market.commit(batch, labelers[:1])
    market.by(owner).report_leak(
        batch.round_id, labelers[0], batch.sheet(labelers[0]), batch.salt(labelers[0])
    )
    market.by(owner).deposit_for(token.address, 7)
    data = market.rounds.encode_abi("withdraw", (7, owner))
    chain.do(owner, token, "reenter", market.address, data)
    args = {"deposit": (7,), "deposit_for": (owner, 7), "withdraw": (7, owner), "sweep": ()}
    with refused(""):
        market.transact(owner, action, *args[action])


# ------------------------------------------------------------------- the bounds


def test_the_contract_holds_no_more_than_the_books_can(token_market, chain, token, owner):  # A1.7
    room = MOST - token_market.held
    chain.do(owner, token, "mint", owner, 2 * MOST)
    chain.do(owner, token, "approve", token_market.address, 2 * MOST)
    with refused("deposit: more than the books hold"):
        token_market.by(owner).deposit(room + 1)
    token_market.by(owner).deposit(room)
    assert token_market.held == MOST
    with refused("deposit: more than the books hold"):
        token_market.by(owner).deposit_for(token.address, 1)


@pytest.fixture
def shrunk(token_market, chain, token, owner) -> Market:
    """The token has shrunk by itself, so that more can be paid in than the books should hold."""
    lost = token_market.held
    chain.do(owner, token, "burn", token_market.address, lost)
    chain.do(owner, token, "mint", owner, MOST)
    chain.do(owner, token, "approve", token_market.address, MOST)
    token_market.gifts = -lost
    yield token_market
    token_market.gifts = 0


def test_one_account_owns_no_more_than_its_field_holds(shrunk, owner, labeler):  # A2.3
    room = MOST - shrunk.free(labeler)
    with refused("account: more than the books hold"):
        shrunk.by(owner).deposit_for(labeler, room + 1)
    shrunk.by(owner).deposit_for(labeler, room)
    assert shrunk.free(labeler) == MOST


def test_a_stake_for_which_there_is_no_room_does_not_come_free(
    shrunk, owner, requester, rows, labeler
):
    # A2.3
    batch = shrunk.open(requester, rows)
    shrunk.commit(batch, [labeler])
    shrunk.by(owner).deposit_for(labeler, MOST - shrunk.free(labeler))
    with refused("account: more than the books hold"):
        shrunk.by(owner).report_leak(
            batch.round_id, labeler, batch.sheet(labeler), batch.salt(labeler)
        )
    assert shrunk.account(labeler) == Account(free=MOST, locked=batch.rules.stake)
