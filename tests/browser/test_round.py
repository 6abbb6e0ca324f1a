"""A round at the page, from the first look to the withdrawal."""

import json
from typing import Final

from playwright.sync_api import BrowserContext, Route

from plumbline.protocol.commitment import commitment
from plumbline.protocol.master_key import from_signature
from plumbline.protocol.sealing import epoch_of, unseal
from plumbline.settlement.sheet import pack
from tests.browser.conftest import Contexts
from tests.browser.people import STAKE, OpenRound, Requesters, TestWallet, Visitor
from tests.integration.sites import RunningSite

GIVEN: Final = [0, 1, 2, None, 0, 1, 2, 0, 1, 2, 0, 1]
KEYS: Final = "123s12312312"


def test_a_newcomer_with_a_throw_away_key_earns_within_a_minute(
    contexts: Contexts, requesters: Requesters, site: RunningSite
) -> None:
    there = requesters.open()
    requesters.fill(there)
    visitor = Visitor(contexts(), site.url)
    visitor.go()
    page = visitor.page
    page.locator("#burner").click()
    page.locator("#me").wait_for(state="attached")
    visitor.answer(there.number)
    page.locator("#commit").click()
    visitor.seat("Reveal your answers now")
    requesters.reveal(there)
    page.locator("#reveal").click()
    visitor.seat("What came of it")
    page.locator(".outcome").wait_for()
    page.reload()  # the key is that of the tab, and so it is still there
    visitor.seat("What came of it")
    assert visitor.troubles == []


def test_commit_reload_reveal_pay_and_withdraw(
    visitor: Visitor, staked: TestWallet, requesters: Requesters
) -> None:
    there = requesters.open()
    requesters.fill(there, 1)
    visitor.connected()
    visitor.answer(there.number, KEYS)
    page = visitor.page
    page.get_by_text("You hand in 11 answers and 1 skip").wait_for()
    page.locator("#commit").click()
    visitor.seat("You have a seat")
    # The key twice, to see that it is the same again, and then the commitment.
    signed = [json.loads(given[1]) for method, given in staked.asked if "sign" in method]
    kinds = [each["primaryType"] for each in signed]
    assert kinds == ["AnswerKey", "AnswerKey", "Commit"]
    assert signed[-1]["message"]["stake"] == str(STAKE)

    # The chain has what the library opens with the same wallet, and the page sent nothing else.
    contract = requesters.market.rounds
    deployed = contract.deployment.deployed
    shown = requesters.site.client.get(  # type: ignore[union-attr]
        f"/api/rounds/{there.number}?labeler={staked.address}"
    ).json["you"]["seat"]
    key = from_signature(deployed, staked.address, 0, staked.answer_key(deployed))
    sealed = bytes.fromhex(shown["sealed"][2:])
    answers, _ = unseal(key, deployed, there.number, staked.address, sealed, 3, 12)
    assert answers == GIVEN
    sheet = pack(answers, 3)
    made = commitment(
        contract.deployment.domain,
        there.number,
        staked.address,
        sheet,
        key.salt(there.number, sheet),
    )
    assert contract.seat(there.number, staked.address).commitment == made

    page.reload()
    visitor.seat("You have a seat")
    assert visitor.violations() == {}
    requesters.fill(there, 1)
    visitor.seat("Reveal your answers now")  # the page looks again by itself
    assert visitor.violations() == {}
    requesters.reveal(there)
    page.locator("#reveal").click()
    visitor.seat("What came of it")
    page.locator(".outcome").wait_for()
    assert visitor.violations() == {}

    visitor.go("/account")
    free = contract.account(staked.address).free
    page.locator("#withdraw-signed").click()
    visitor.said("paid out")
    left = contract.account(staked.address).free
    assert free >= 2 * STAKE and left == 0
    page.get_by_role("link", name=f"Round {there.number}").wait_for()
    assert visitor.violations() == {}


def test_another_device_reveals_with_the_wallet_alone(
    visitor: Visitor,
    contexts: Contexts,
    staked: TestWallet,
    requesters: Requesters,
    site: RunningSite,
) -> None:
    there = requesters.open()
    requesters.fill(there)
    visitor.commit(there.number, KEYS)
    visitor.seat("Reveal your answers now")
    other = Visitor(contexts(staked), site.url).connected(f"/round/{there.number}")
    other.page.locator("#restore").click()
    other.page.locator("#own").wait_for()
    shown = other.page.locator(".given li").all_inner_texts()
    names = ["billing", "delivery", "repair"]
    assert shown == ["skipped" if each is None else names[each] for each in GIVEN]
    other.page.locator("#reveal").click()
    other.seat("Revealed")


def test_a_new_key_is_for_rounds_to_come_and_those_before_it_still_open(
    visitor: Visitor,
    contexts: Contexts,
    staked: TestWallet,
    requesters: Requesters,
    site: RunningSite,
) -> None:
    before, after = requesters.open(), requesters.open()
    visitor.commit(before.number, KEYS)
    visitor.seat("You have a seat")
    visitor.go("/account")
    visitor.page.locator("#move-on").click()
    visitor.said("Epoch 1 from now on.")
    visitor.page.reload()
    visitor.answer(after.number, KEYS)
    visitor.page.locator("#commit").click()
    visitor.seat("You have a seat")
    assert [given_with(requesters, staked, each) for each in (before, after)] == [0, 1]

    # Another device learns of the key from the chain, and opens both.
    requesters.fill(before)
    other = Visitor(contexts(staked), site.url).connected(f"/round/{before.number}")
    for there, title in ((before, "Reveal your answers now"), (after, "You have a seat")):
        other.go(f"/round/{there.number}")
        other.seat(title)
        other.page.locator("#restore").click()
        other.said("These are your answers, opened with your wallet.")
        assert len(other.page.locator(".given li").all()) == len(GIVEN)
    other.go("/account")
    other.page.get_by_text("of epoch 1").wait_for()
    other.go(f"/round/{before.number}")
    other.page.locator("#reveal").click()
    other.said("Revealed.")
    assert other.troubles == []


def test_a_look_that_began_before_does_not_take_a_remark_away(
    visitor: Visitor, staked: TestWallet
) -> None:
    """What a key did is said until something new happens, however slow the site is."""
    looks: list[Route] = []

    def hold(route: Route) -> None:
        looks.append(route)
        if len(looks) > 1:
            route.continue_()

    visitor.connected("/account")
    page = visitor.page
    page.locator("#move-on").wait_for()
    page.route("**/api/labelers/*", hold)
    while not looks:
        page.wait_for_timeout(50)
    page.locator("#move-on").click()
    page.wait_for_timeout(500)
    looks[0].continue_()
    visitor.said("Epoch 1 from now on.")
    before = len(looks)
    while len(looks) < before + 2:
        page.wait_for_timeout(50)
    visitor.said("Epoch 1 from now on.")
    page.get_by_text("of epoch 1").wait_for()


def given_with(requesters: Requesters, wallet: TestWallet, there: OpenRound) -> int:
    """The epoch of the key that opens what the wallet has sealed."""
    assert requesters.site is not None
    path = f"/api/rounds/{there.number}?labeler={wallet.address}"
    sealed = bytes.fromhex(requesters.site.client.get(path).json["you"]["seat"]["sealed"][2:])
    deployed = requesters.market.deployment.deployed
    epoch = epoch_of(sealed)
    assert epoch is not None
    key = from_signature(deployed, wallet.address, epoch, wallet.answer_key(deployed, epoch))
    answers, _ = unseal(key, deployed, there.number, wallet.address, sealed, 3, len(GIVEN))
    assert answers == GIVEN
    return epoch


def test_a_wallet_sends_everything_itself(
    visitor: Visitor, wallet: TestWallet, requesters: Requesters
) -> None:
    there = requesters.open()
    requesters.fill(there)
    visitor.connected()
    visitor.answer(there.number, KEYS)
    page = visitor.page
    # Nothing is paid in: the form has what is missing.
    assert page.locator("#deposit-amount").input_value() == "0.02"
    page.locator("#deposit").click()
    visitor.said("0.02 ETH paid in")
    page.locator("#commit-self").click()
    visitor.seat("Reveal your answers now")
    requesters.reveal(there)
    page.locator("#reveal-self").click()
    visitor.seat("What came of it")
    visitor.go("/account")
    page.locator("#withdraw").click()
    visitor.said("paid out")
    assert requesters.market.rounds.account(wallet.address).free == 0


def test_the_calendar_has_the_deadline(
    visitor: Visitor, staked: TestWallet, requesters: Requesters
) -> None:
    there = requesters.open()
    visitor.commit(there.number, KEYS)
    visitor.seat("You have a seat")
    with visitor.page.expect_download() as download:
        visitor.page.locator("#calendar").click()
    text = download.value.path().read_bytes().decode()
    assert f"Plumbline round {there.number}" in text.replace("\r\n ", "")
    assert "DTEND:20" in text and text.count("\r\n") > 10


def test_answers_survive_reload_and_another_tab(
    visitor: Visitor, contexts: Contexts, wallet: TestWallet, requesters: Requesters
) -> None:
    there = requesters.open()
    visitor.connected(f"/round/{there.number}")
    visitor.page.locator("#start").click()
    visitor.titled("Task 1 of 12")
    visitor.press("1", "2", "Control+z")
    visitor.titled("Task 2 of 12")
    visitor.press("3")
    context: BrowserContext = visitor.page.context
    other = Visitor(context, visitor.url).connected(f"/round/{there.number}/answer")
    other.titled("Task 3 of 12")
    other.press("1")
    other.titled("Task 4 of 12")
    visitor.said("Another tab has answered too")
    visitor.press("u")  # the next that is open, by the answers of both
    visitor.titled("Task 4 of 12")
    visitor.page.reload()
    visitor.titled("Task 4 of 12")
    visitor.press("g")
    visitor.page.locator("#number").fill("2")
    visitor.page.locator("#number").press("Enter")
    visitor.titled("Task 2 of 12")
    chosen = visitor.page.locator(".option[aria-pressed=true]")
    assert "repair" in chosen.inner_text()


def test_no_tab_writes_over_what_another_has_kept(
    visitor: Visitor, wallet: TestWallet, requesters: Requesters
) -> None:
    there = requesters.open()
    visitor.connected(f"/round/{there.number}/answer")
    visitor.titled("Task 1 of 12")
    visitor.press("1")
    visitor.titled("Task 2 of 12")
    # A tab hears nothing of its own changes: as if word of another's came too late.
    visitor.page.evaluate(
        """() => {
          const slot = Object.keys(localStorage).find(name => name.includes(" draft "));
          const kept = JSON.parse(localStorage.getItem(slot));
          kept.marks[11] = 2;
          localStorage.setItem(slot, JSON.stringify(kept));
        }"""
    )
    visitor.press("2", "r")
    visitor.titled("Review")
    said = visitor.page.locator(".review b").all_inner_texts()
    assert (said[0], said[1], said[11]) == ("billing", "delivery", "repair")
