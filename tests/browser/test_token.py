"""A deployment that pays in an ERC-20 of the old kind, with decimals of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from web3 import Web3

from plumbline.chain.deployment import path_of, save
from tests.browser.conftest import Contexts, opened, shell_on
from tests.browser.people import Requesters, TestWallet, Visitor
from tests.build import Compiled
from tests.integration.conftest import create, deploy
from tests.integration.market import Market
from tests.integration.rpc import rpc

WHOLE = 10**6
PRICE, STAKE = 3 * WHOLE // 2, 2 * WHOLE + 1
HELD = 5 * WHOLE


@pytest.fixture(scope="module")
def token(w3: Web3, compiled: Compiled) -> Any:
    return create(w3, compiled["QuietToken"])


@pytest.fixture(scope="module")
def requesters(
    w3: Web3, compiled: Compiled, token: Any, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Requesters]:
    """Everybody else, with plenty of the token."""
    shell = shell_on(w3, tmp_path_factory.mktemp("token"))
    deployment = deploy(w3, compiled, token.address)
    save(shell.folder / path_of(deployment.chain_id), deployment)
    market = Market(w3, deployment)
    token.functions.mint(market.actor("requester").address, 10**12).transact()
    market.send("requester", market.rounds.approve(10**12))
    made = Requesters(market, shell.folder / "tasks", PRICE, STAKE)
    with opened(made, shell, built, "0.25 QUIET"):
        yield made


def test_stakes_pay_and_withdrawals_are_in_the_token(
    requesters: Requesters, token: Any, contexts: Contexts, wallet: TestWallet
) -> None:
    def held() -> int:
        return int(token.functions.balanceOf(wallet.address).call())

    assert requesters.site is not None
    rounds = requesters.market.rounds
    token.functions.mint(wallet.address, HELD).transact()
    # What is left of an earlier allowance goes to zero first, as such tokens ask for.
    rpc(requesters.market.w3, "anvil_impersonateAccount", wallet.address)
    token.functions.approve(rounds.address, 5).transact({"from": wallet.address})
    there = requesters.open()
    requesters.fill(there)
    visitor = Visitor(contexts(wallet), requesters.site.url).connected(f"/round/{there.number}")
    page = visitor.page
    tiles = page.locator(".tiles").inner_text()
    assert "1.5 QUIET" in tiles and "2 QUIET" in tiles
    visitor.answer(there.number)
    page.get_by_text("2.000001 QUIET is missing for the stake.").wait_for()
    page.get_by_text("QUIET is the token").wait_for()
    assert visitor.violations() == {}
    page.locator("#deposit-amount").fill("5.000001")
    page.locator("#deposit").click()
    visitor.said("Your wallet holds 5 QUIET: that is not enough.")
    assert page.locator("#deposit-amount").input_value() == "5.000001"  # to be corrected
    visitor.go("/account")
    visitor.titled("Account")
    assert page.locator("#deposit-amount").input_value() == ""
    visitor.go(f"/round/{there.number}/review")
    visitor.titled("Review")
    page.locator("#deposit-amount").fill("4,000001")
    page.locator("#deposit").click()
    visitor.said("4.000001 QUIET paid in.")
    assert held() == 999_999
    assert token.functions.allowance(wallet.address, rounds.address).call() == 0
    page.get_by_text("and lock 2.000001 QUIET. They stay secret").wait_for()
    page.locator("#commit").click()
    visitor.seat("Reveal your answers now")
    requesters.reveal(there)
    page.locator("#reveal").click()
    visitor.seat("What came of it")

    visitor.go("/account")
    free = rounds.account(wallet.address).free
    assert page.locator("#withdraw-amount").input_value() == f"{free / WHOLE:.6f}".rstrip("0")
    friend = requesters.market.actor("friend").address
    page.locator("#withdraw-amount").fill("1.5")
    page.locator("#receiver").fill(friend)
    page.locator("#withdraw-signed").click()
    visitor.said("1.25 QUIET paid out.")
    assert token.functions.balanceOf(friend).call() == 1_250_000
    # What was typed is done with: the rest, to oneself.
    page.locator("#withdraw").click()
    visitor.said(" QUIET paid out.")
    assert held() == 999_999 + free - 1_500_000 and rounds.account(wallet.address).free == 0
    assert "ETH" not in page.locator("main").inner_text()
    assert visitor.troubles == []
