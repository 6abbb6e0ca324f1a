"""What a wallet, a person or a chain may refuse: a sentence says what to do, and nothing lost."""

import json
from typing import Any

import pytest
from playwright.sync_api import Route

from tests.browser.conftest import Contexts
from tests.browser.people import WINDOW, OpenRound, Requesters, TestWallet, Visitor
from tests.integration.rpc import rpc
from tests.integration.sites import RunningSite


@pytest.fixture(scope="module")
def there(requesters: Requesters) -> OpenRound:
    """A round in which nobody takes a seat."""
    return requesters.open()


def test_a_browser_that_is_too_old(contexts: Contexts, site: RunningSite) -> None:
    context = contexts()
    context.add_init_script("delete String.prototype.isWellFormed;")
    visitor = Visitor(context, site.url)
    visitor.page.goto(site.url)
    visitor.said("This browser is too old for this page: update it, or use one of 2024 or later.")


def test_a_wallet_on_another_chain(visitor: Visitor, wallet: TestWallet) -> None:
    wallet.chain = 1
    visitor.go()
    visitor.connect()
    visitor.said("The wallet is on chain 1, and this market is on chain 31337")
    wallet.chain = None
    visitor.connect()
    visitor.page.locator("#me").wait_for(state="attached")


def test_a_locked_wallet(visitor: Visitor, wallet: TestWallet) -> None:
    wallet.accounts = []
    visitor.go()
    visitor.connect()
    visitor.said("The wallet shows no account: unlock it, and connect again.")


def test_a_declined_signature_changes_nothing(
    visitor: Visitor, staked: TestWallet, there: OpenRound, requesters: Requesters
) -> None:
    visitor.connected()
    visitor.answer(there.number)
    staked.declines = {"eth_signTypedData_v4"}
    visitor.page.locator("#commit").click()
    visitor.said("You declined in the wallet: nothing was sent, and nothing is lost.")
    visitor.titled("Review")
    assert requesters.market.rounds.seat(there.number, staked.address).is_empty
    staked.declines = set()
    visitor.page.locator("#commit").click()
    visitor.seat("You have a seat")


def test_what_was_signed_and_never_arrived_is_handed_in_again_or_signed_anew(
    visitor: Visitor, staked: TestWallet, requesters: Requesters
) -> None:
    there = requesters.open()
    visitor.page.route("**/api/commitments", lambda route: route.abort())
    visitor.commit(there.number)
    visitor.seat("Signed, but not on the chain")
    visitor.page.reload()
    visitor.seat("Signed, but not on the chain")
    visitor.page.locator("#again").click()
    visitor.said("The site does not answer")
    visitor.page.locator("#anew").click()
    visitor.titled("Review")
    visitor.page.locator("#task-0").click()
    visitor.titled("Task 1 of 12")
    visitor.press("2", "r")
    visitor.titled("Review")
    visitor.page.unroute("**/api/commitments")
    visitor.page.locator("#commit").click()
    visitor.seat("You have a seat")
    assert visitor.page.locator(".given li").first.text_content() == "delivery"


def test_a_wallet_that_signs_differently_each_time(
    visitor: Visitor, staked: TestWallet, there: OpenRound, requesters: Requesters
) -> None:
    staked.fickle = True
    visitor.commit(there.number)
    visitor.said("signs the same message differently each time")
    assert requesters.market.rounds.seat(there.number, staked.address).is_empty


def test_a_contract_wallet(
    visitor: Visitor, staked: TestWallet, there: OpenRound, requesters: Requesters
) -> None:
    rpc(requesters.market.w3, "anvil_setCode", staked.address, "0x60016000526001601ff3")
    staked.contract = True
    visitor.commit(there.number)
    visitor.said("This account is a contract, which has no key of its own")


def test_another_account_is_said(visitor: Visitor, wallet: TestWallet, there: OpenRound) -> None:
    visitor.connected(f"/round/{there.number}")
    wallet.accounts = ["0x" + "11" * 20]
    visitor.page.evaluate("window.__emit('accountsChanged', ['0x' + '11'.repeat(20)])")
    visitor.said("The wallet has changed to 0x1111111111111111111111111111111111111111")
    visitor.page.get_by_role("button", name="Test wallet <b>").wait_for()


def test_no_stake_no_signature(visitor: Visitor, wallet: TestWallet, there: OpenRound) -> None:
    visitor.connected()
    visitor.answer(there.number)
    visitor.page.get_by_text("0.02 ETH is missing for the stake").wait_for()
    assert visitor.page.locator("#commit").count() == 0
    assert not [method for method, _ in wallet.asked if "sign" in method]


def test_a_sheet_without_a_thought_is_asked_about(
    visitor: Visitor, staked: TestWallet, there: OpenRound
) -> None:
    visitor.connected()
    visitor.answer(there.number, "1" * 12)
    assert visitor.page.locator("#commit").is_disabled()
    visitor.page.get_by_label("All answers are the same").check()
    visitor.page.locator("#commit").click()
    visitor.seat("You have a seat")


def test_a_deadline_that_has_passed(
    visitor: Visitor, staked: TestWallet, requesters: Requesters
) -> None:
    there = requesters.open()
    visitor.connected()
    visitor.answer(there.number)
    visitor.page.context.set_offline(True)  # the lid is closed meanwhile
    market = requesters.market
    snapshot = rpc(market.w3, "evm_snapshot")
    try:
        market.wait_until(market.now() + WINDOW + 1)
        visitor.page.context.set_offline(False)
        visitor.page.get_by_text("The commit phase is over: nothing can be handed in.").wait_for()
        assert not [method for method, _ in staked.asked if "sign" in method]
    finally:
        rpc(market.w3, "evm_revert", snapshot)


def test_a_full_disk_is_said_before_the_next_task(
    visitor: Visitor, wallet: TestWallet, there: OpenRound
) -> None:
    visitor.connected(f"/round/{there.number}/answer")
    visitor.titled("Task 1 of 12")
    visitor.page.evaluate(
        "() => { Storage.prototype.setItem = () => { throw new DOMException('', 'Quota'); }; }"
    )
    visitor.press("1")
    visitor.said("The browser keeps nothing for this page")
    visitor.titled("Task 1 of 12")


def test_a_site_that_is_gone_is_said_and_found_again(
    visitor: Visitor, wallet: TestWallet, there: OpenRound
) -> None:
    visitor.connected(f"/round/{there.number}")
    visitor.page.route("**/api/**", lambda route: route.abort())
    visitor.said("The site does not answer")
    visitor.page.unroute("**/api/**")
    visitor.page.locator("#said", has_text="The site does not answer").wait_for(state="hidden")


def test_a_reorganisation_that_takes_the_seat(
    visitor: Visitor, staked: TestWallet, requesters: Requesters
) -> None:
    there = requesters.open()
    visitor.connected()
    visitor.answer(there.number)
    snapshot = rpc(requesters.market.w3, "evm_snapshot")
    visitor.page.locator("#commit").click()
    visitor.seat("You have a seat")
    # The site is away for a while: it would hand in again by itself.
    visitor.page.route("**/api/rounds/*", _without_seat)
    rpc(requesters.market.w3, "evm_revert", snapshot)
    requesters.market.w3.provider.make_request("evm_setAutomine", [False])  # type: ignore[arg-type]
    try:
        visitor.seat("The chain has taken your seat back")
    finally:
        rpc(requesters.market.w3, "evm_setAutomine", True)
        rpc(requesters.market.w3, "evm_mine")
    visitor.page.unroute("**/api/rounds/*")
    visitor.seat("You have a seat")


def test_answers_wait_until_no_reorganisation_can_free_a_seat(
    visitor: Visitor, staked: TestWallet, requesters: Requesters
) -> None:
    def not_local(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps({**answer.json(), "is_local": False}))

    visitor.page.route("**/api/site", not_local)
    there = requesters.open()
    requesters.fill(there)
    visitor.commit(there.number)
    visitor.page.get_by_text("a reorganisation of the chain could free it").wait_for()
    assert visitor.page.locator("#reveal").count() == 0
    rpc(requesters.market.w3, "anvil_mine", hex(5))
    visitor.page.evaluate("() => void window.dispatchEvent(new Event('online'))")  # looks at once
    visitor.seat("Reveal your answers now")


def _without_seat(route: Route) -> None:
    answer = route.fetch()
    values: dict[str, Any] = answer.json()
    if values.get("you"):
        values["you"]["seat"] = None
    route.fulfill(response=answer, body=json.dumps(values))
