"""A chain that is started anew: the same number and the same contract, and another beginning."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route
from web3 import HTTPProvider, Web3

from plumbline.chain.node import ask_for_chain_once
from tests.browser.conftest import Contexts, opened, shell_on
from tests.browser.people import STAKE, Requesters, TestWallet, Visitor
from tests.build import Compiled
from tests.integration.conftest import deploy_for
from tests.integration.market import Market
from tests.integration.nodes import running_anvil
from tests.integration.rpc import rpc


@pytest.fixture
def markets(
    compiled: Compiled, built: Path, tmp_path: Path
) -> Iterator[tuple[Requesters, Requesters]]:
    """Two at the same address, on chains with the same number."""
    with contextlib.ExitStack() as stack:
        made = []
        for name in ("old", "new"):
            w3 = Web3(HTTPProvider(stack.enter_context(running_anvil())))
            ask_for_chain_once(w3)
            (tmp_path / name).mkdir()
            shell = shell_on(w3, tmp_path / name)
            market = Market(w3, deploy_for(shell, w3, compiled))
            made.append(Requesters(market, shell.folder / "tasks"))
            stack.enter_context(opened(made[-1], shell, built, "0"))
        old, new = made
        assert old.market.deployment.address == new.market.deployment.address
        yield old, new


def test_nothing_of_another_chain_with_the_same_number_is_taken_for_this_one_or_lost(
    markets: tuple[Requesters, Requesters], wallet: TestWallet, contexts: Contexts
) -> None:
    old, new = markets
    for each in markets:
        committed, begun = each.open(), each.open()
        deposit = each.market.rounds.deposit_for(wallet.address, 2 * STAKE)
        each.market.send("requester", deposit)
        rpc(each.market.w3, "anvil_setBalance", wallet.address, hex(10**19))
    assert old.site is not None and new.site is not None

    wallet.w3 = old.market.w3
    visitor = Visitor(contexts(wallet), old.site.url)
    page = visitor.page
    visitor.commit(committed.number)
    visitor.seat("You have a seat")
    visitor.go("/account")
    page.locator("#move-on").click()
    visitor.said("Epoch 1")
    visitor.go(f"/round/{begun.number}/answer")
    visitor.titled("Task 1 of 12")
    visitor.press("1", "2")
    visitor.titled("Task 3 of 12")
    visitor.go(f"/round/{committed.number}")
    visitor.seat("You have a seat")

    # Whoever runs it starts the chain anew, with the tab still open.
    there = {"origin": new.site.url.rstrip("/")}

    def answer(route: Route) -> None:
        url = route.request.url.replace(visitor.url, there["origin"])
        answer = route.fetch(url=url, headers={**route.request.headers, **there})
        route.fulfill(response=answer)

    page.route(f"{visitor.url}/**", answer)
    wallet.w3 = new.market.w3
    visitor.said("The wallet's node is on another chain than before, with the same number")
    visitor.seat("You have a seat")  # what is shown is still of the old one
    page.reload()
    visitor.seat("Take a seat")
    visitor.go(f"/round/{begun.number}")
    page.get_by_role("link", name="Start answering").wait_for()
    visitor.go("/account")
    page.get_by_text("of epoch 0").wait_for()

    # A wallet that still asks the old one is no guide to the new.
    wallet.w3 = old.market.w3
    page.reload()
    visitor.said("The wallet's node is on another chain than the site")

    page.unroute(f"{visitor.url}/**")
    page.reload()
    page.get_by_text("of epoch 1").wait_for()
    visitor.go(f"/round/{begun.number}")
    visitor.panel("2 of 12 tasks done in this browser")
    visitor.go(f"/round/{committed.number}")
    visitor.seat("You have a seat")
    assert visitor.troubles == []
