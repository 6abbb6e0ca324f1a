"""Calls land, or the user is told exactly what became of them; the same for an ERC-20."""

from dataclasses import replace
from typing import Any

import pytest
from web3 import HTTPProvider, Web3

from plumbline.audit import audit
from plumbline.chain.asset import Asset, AssetError
from plumbline.chain.contract import ContractError, LabelRounds
from plumbline.chain.events import Deposited, EventsError, decode, fetch
from plumbline.protocol.addresses import ZERO
from plumbline.transactions import senders
from plumbline.transactions.outbox import Timeouts, send
from plumbline.transactions.senders import NotLanded, Refused, Reverted
from tests.build import Compiled
from tests.integration.conftest import create, deploy
from tests.integration.market import ETHER, Market, terms
from tests.integration.rpc import rpc

NOWHERE = Web3(HTTPProvider("http://127.0.0.1:9"))


def test_a_call_that_lands_gives_its_receipt(market: Market) -> None:
    labeler = market.actor("labeler")
    before = market.w3.eth.get_balance(labeler.address)
    call = market.rounds.deposit(ETHER // 100)
    receipt = send(market.w3, labeler, call)
    assert call.description == (f"Deposit 0.01 ETH into your account at {market.rounds.address}.")
    assert market.w3.eth.get_balance(labeler.address) == before - ETHER // 100 - receipt.fee
    assert receipt.block == market.w3.eth.block_number
    (event,) = decode(receipt.logs, market.deployment.abi)
    assert isinstance(event, Deposited)
    assert (event.account, event.amount) == (labeler.address, ETHER // 100)
    assert market.rounds.account(labeler.address).free == ETHER // 100


def test_a_call_that_would_fail_is_not_sent(market: Market) -> None:
    labeler = market.actor("labeler")
    nonce = market.w3.eth.get_transaction_count(labeler.address)
    with pytest.raises(Refused, match="nothing was sent: sweep: nothing"):
        send(market.w3, labeler, market.rounds.sweep())
    with pytest.raises(Refused, match=r"nothing was sent: .*funds"):
        send(market.w3, labeler, market.rounds.deposit(10**9 * ETHER // 10))
    with pytest.raises(Refused, match="nothing was sent"):
        send(NOWHERE, labeler, market.rounds.sweep())
    assert market.w3.eth.get_transaction_count(labeler.address) == nonce


def test_a_call_that_fails_in_its_block_says_why(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when something came in between the estimate and the block."""
    monkeypatch.setattr(senders, "gas_limit", lambda *args: 200_000)
    with pytest.raises(Reverted, match="failed: sweep: nothing") as failure:
        market.send("labeler", market.rounds.sweep())
    receipt = market.w3.eth.get_transaction_receipt(failure.value.transaction)  # type: ignore[arg-type]
    assert receipt["status"] == 0


def test_a_call_that_is_in_no_block_yet_is_named(market: Market) -> None:
    labeler = market.actor("labeler")

    def automine(on: bool) -> None:
        rpc(market.w3, "evm_setAutomine", on)

    automine(False)
    try:
        with pytest.raises(NotLanded, match="run the command again") as failure:
            send(market.w3, labeler, market.rounds.deposit(5), Timeouts(block=0.3))
    finally:
        rpc(market.w3, "evm_mine")
        automine(True)
    receipt = market.w3.eth.get_transaction_receipt(failure.value.transaction)  # type: ignore[arg-type]
    assert receipt["status"] == 1


def test_a_node_that_goes_away_while_sending_leaves_it_open(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(raw: object) -> None:
        raise ConnectionResetError("gone")

    monkeypatch.setattr(market.w3.eth, "send_raw_transaction", broken)
    with pytest.raises(NotLanded, match="may have been sent"):
        market.send("labeler", market.rounds.deposit(5))


def test_without_a_node_or_contract_the_user_is_told(market: Market) -> None:
    with pytest.raises(EventsError, match="cannot be asked"):
        fetch(NOWHERE, market.deployment)
    with pytest.raises(EventsError, match="does not answer"):
        fetch(NOWHERE, market.deployment, to_block=market.deployment.block)
    with pytest.raises(ContractError, match="cannot be read"):
        LabelRounds(NOWHERE, market.deployment).round_count()
    stranger = market.actor("stranger").address
    elsewhere = LabelRounds(market.w3, replace(market.deployment, address=stranger))
    with pytest.raises(ContractError, match="no Plumbline at"):
        elsewhere.round_count()


# ----------------------------------------------------------------------- ERC-20


@pytest.fixture(scope="module")
def token(w3: Web3, compiled: Compiled) -> Any:
    return create(w3, compiled["Token"])


class TokenMarket(Market):
    """As in ether, but everybody has tokens, and allows before depositing."""

    token: Any = None

    def send(self, role: str, call: Any) -> Any:
        if call.description.startswith("Deposit"):
            owner = self.actor(role).address
            minted = self.token.functions.mint(owner, 10**17).transact(
                {"from": self.w3.eth.accounts[0]}
            )
            self.w3.eth.wait_for_transaction_receipt(minted)
            super().send(role, self.rounds.approve(10**17))
        return super().send(role, call)


def test_a_round_in_tokens_agrees_to_the_unit(w3: Web3, compiled: Compiled, token: Any) -> None:
    market = TokenMarket(w3, deploy(w3, compiled, token.address))
    market.token = token
    batch = market.open(terms())
    market.commit(batch, (0.9, 0.9, 0.8, 0.9, 0.1))
    market.reveal(batch, list(batch.openings))
    market.close(batch)
    labeler = market.actor("labeler 0").address
    market.send("labeler 0", market.rounds.withdraw(100, labeler))
    report = audit(w3, market.deployment)
    assert report.differences == ()
    assert report.totals is not None
    assert (
        report.totals.held
        == report.totals.books
        == market.rounds.money.balance(market.rounds.address)
    )
    assert not market.deployment.in_ether
    assert market.rounds.money.allowance(labeler, market.rounds.address) < 10**17
    assert market.rounds.deposit(7).value == 0
    assert "Deposit 7 token into" in market.rounds.deposit(7).description

    minted = token.functions.mint(market.rounds.address, 3).transact({"from": w3.eth.accounts[0]})
    w3.eth.wait_for_transaction_receipt(minted)
    report = audit(w3, market.deployment)
    assert report.is_clean
    assert report.notes[0].startswith("the contract holds 3 token more")


def test_ether_has_no_allowance(market: Market) -> None:
    with pytest.raises(AssetError, match="sent along with the deposit"):
        market.rounds.approve(5)
    with pytest.raises(AssetError, match="is it an ERC-20"):
        Asset(market.w3, market.deployment.judge).decimals()
    assert (market.rounds.money.symbol(), market.rounds.money.decimals()) == ("ether", 18)
    assert market.rounds.asset() == ZERO
