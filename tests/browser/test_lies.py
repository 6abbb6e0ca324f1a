"""A server that lies, and tasks that attack: what could cost a stake is asked of the chain."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route

from plumbline.settlement.terms import Kind
from tests.browser.people import PNG, WAV, OpenRound, Requesters, TestWallet, Visitor, published

KEYS = "123s12312312"
HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


@pytest.fixture(scope="module")
def there(requesters: Requesters) -> OpenRound:
    """A round in which nobody takes a seat."""
    return requesters.open()


def lie(visitor: Visitor, change: Callable[[dict[str, Any]], None]) -> None:
    """From now on the site tells of rounds like this."""

    def answer(route: Route) -> None:
        answer = route.fetch()
        values = answer.json()
        change(values)
        route.fulfill(response=answer, body=json.dumps(values))

    visitor.page.route("**/api/rounds/*", answer)


def test_the_stake_is_that_of_the_chain(
    visitor: Visitor, staked: TestWallet, there: OpenRound
) -> None:
    lie(visitor, lambda shown: shown.update(stake="1", price=str(10**18), silence_cost="0"))
    visitor.connected(f"/round/{there.number}")
    warning = visitor.page.get_by_role("alert")
    assert "otherwise than the chain about: the stake, the pay" in warning.inner_text()
    assert "0.02 ETH" in visitor.page.locator(".tiles").inner_text()


def test_the_unit_of_amounts_is_that_of_the_chain(
    visitor: Visitor, staked: TestWallet, there: OpenRound
) -> None:
    def forge(route: Route) -> None:
        answer = route.fetch()
        values = {**answer.json(), "symbol": "CENT", "decimals": 20}
        route.fulfill(response=answer, body=json.dumps(values))

    visitor.page.route("**/api/site", forge)
    visitor.connected(f"/round/{there.number}")
    assert "0.02 ETH" in visitor.page.locator(".tiles").inner_text()


def test_tasks_are_those_of_the_chain(
    visitor: Visitor, wallet: TestWallet, there: OpenRound, requesters: Requesters
) -> None:
    other = requesters.open(["another", "task"])
    root = "0x" + other.manifest.root.hex()
    lie(visitor, lambda shown: shown.update(tasks_root=root))
    visitor.connected(f"/round/{there.number}")
    assert "which tasks they are" in visitor.page.get_by_role("alert").inner_text()
    visitor.page.locator("#start").click()
    visitor.page.get_by_text("message 0").wait_for()


def test_other_tasks_under_the_right_name_are_not_shown(
    visitor: Visitor, wallet: TestWallet, there: OpenRound
) -> None:
    forged = {"options": ["a", "b", "c"], "tasks": ["x"] * 12}
    visitor.page.route("**/tasks/*.json", lambda route: route.fulfill(json=forged))
    visitor.connected(f"/round/{there.number}")
    visitor.page.get_by_text("not the tasks that the requester committed to").wait_for()
    assert visitor.page.locator("#start").count() == 0


def test_an_early_reveal_cannot_be_elicited(
    visitor: Visitor, staked: TestWallet, requesters: Requesters
) -> None:
    there = requesters.open()
    visitor.commit(there.number, KEYS)
    visitor.seat("You have a seat")
    lie(visitor, lambda shown: shown.update(phase="reveal", committed=3, commit_deadline=1))
    alarm = visitor.page.get_by_role("alert")
    alarm.wait_for()
    assert "the phase" in alarm.inner_text()
    visitor.seat("You have a seat")
    assert visitor.page.locator("#reveal").count() == 0
    assert not [sent for sent in visitor.sent if "/api/openings" in sent]


def test_a_seat_that_the_site_hides_is_still_revealed(
    visitor: Visitor, staked: TestWallet, requesters: Requesters
) -> None:
    there = requesters.open()
    requesters.fill(there)
    visitor.commit(there.number, KEYS)
    visitor.seat("Reveal your answers now")
    seat = {"commitment": "0x", "sealed": "0x", "is_revealed": True, "settled": None}
    lie(visitor, lambda shown: shown.update(you={**shown["you"], "seat": seat}))
    visitor.page.get_by_role("alert").wait_for()
    visitor.page.reload()
    visitor.seat("Reveal your answers now")
    visitor.page.locator("#reveal").click()
    visitor.said("Revealed")


def test_a_site_of_an_unknown_contract_gets_no_account(
    visitor: Visitor, wallet: TestWallet, requesters: Requesters
) -> None:
    judge = requesters.market.deployment.judge

    def forge(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps({**answer.json(), "contract": judge}))

    visitor.page.route("**/api/site", forge)
    visitor.go()
    visitor.connect()
    visitor.said("is not a contract that this page knows")
    assert not [method for method, _ in wallet.asked if "sign" in method]


def test_the_answer_key_never_leaves_the_page(
    visitor: Visitor, staked: TestWallet, requesters: Requesters
) -> None:
    there = requesters.open()
    requesters.fill(there)
    visitor.commit(there.number, KEYS)
    visitor.seat("Reveal your answers now")
    visitor.page.locator("#reveal").click()
    visitor.said("Revealed")
    secret = staked.answer_key(requesters.market.deployment.deployed)
    kept = visitor.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert leaks(visitor.sent, secret) == [] and leaks([kept], secret) == []
    # The net that would catch it: one that is put there is found.
    leaked = {"memo": secret[:32].hex()}
    visitor.page.evaluate(
        "body => fetch('/api/faucet', {method: 'POST', body, "
        "headers: {'content-type': 'application/json'}})",
        json.dumps(leaked),
    )
    assert leaks(visitor.sent, secret) != []
    assert all(sent.startswith((visitor.url, f"blob:{visitor.url}")) for sent in visitor.sent)


def leaks(texts: list[str], signature: bytes) -> list[str]:
    """Texts that hold either half of a signature."""
    halves = (signature[:32].hex(), signature[32:64].hex())
    return [text for text in texts if any(half in text.lower() for half in halves)]


def test_nothing_of_a_task_is_html(
    visitor: Visitor, wallet: TestWallet, requesters: Requesters
) -> None:
    tasks: list[object] = [
        {HOSTILE: HOSTILE, "list": [HOSTILE, {"role": "user", "content": HOSTILE}]},
        "price \u202e001 \u05e9\u05dc\u05d5\u05dd \u200b \U0001f469\u200d\U0001f52c",
    ]
    there = requesters.open(tasks, options=("<b>yes</b>", "no"), instructions=HOSTILE)
    visitor.connected(f"/round/{there.number}/answer")
    visitor.titled("Task 1 of 12")
    task = visitor.page.locator("#task")
    assert "onerror" in task.inner_text()
    assert visitor.page.locator("main img, main script, main b:has-text('yes')").count() == 0
    assert visitor.page.evaluate("window.hacked === undefined")
    visitor.press("2")
    visitor.titled("Task 2 of 12")
    shown = task.inner_text()
    assert "<U+202E>" in shown and "<U+200B>" in shown and "\U0001f469\u200d\U0001f52c" in shown


def test_images_texts_and_sounds_are_shown_once_they_are_verified(
    visitor: Visitor, wallet: TestWallet, requesters: Requesters, tmp_path: Path
) -> None:
    contents = {"dot.png": PNG, "note.txt": b"a <b>long</b> text", "hum.wav": WAV}
    contents["half.png"] = PNG[: len(PNG) // 2]
    tasks, files = published(contents, tmp_path)
    there = requesters.open(tasks, files=files)
    visitor.connected(f"/round/{there.number}/answer")
    image = visitor.page.locator("#task img")
    image.wait_for()
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    visitor.press("1")
    visitor.page.locator("#task", has_text="a <b>long</b> text").wait_for()
    visitor.press("2")
    sound = visitor.page.locator("#task audio")
    sound.wait_for()
    assert str(sound.get_attribute("src")).startswith(f"blob:{visitor.url}")
    visitor.press("3")
    visitor.page.get_by_text("Not shown: the file is damaged, or this browser cannot").wait_for()
    assert visitor.page.locator("#task img").count() == 0
    # Another image in its place is not shown.
    visitor.page.route("**/tasks/media/*", lambda route: route.fulfill(body=PNG + b"x"))
    visitor.press("Backspace", "Backspace", "Backspace")
    visitor.page.get_by_text("NOT what the round was opened with").wait_for()
    assert visitor.page.locator("#task img").count() == 0


def test_sides_stand_side_by_side_and_a_scale_lies_in_a_row(
    visitor: Visitor, wallet: TestWallet, requesters: Requesters
) -> None:
    there = requesters.open(
        [{"prompt": "p", "reply_1": "left", "reply_2": "right"}],
        options=("A", "tie", "B"),
        kind=Kind.ORDINAL,
        question={"kind": "preference"},
    )
    visitor.connected(f"/round/{there.number}/answer")
    visitor.titled("Task 1 of 12")
    places = (
        "selector => [...document.querySelectorAll(selector)].map(each => {"
        "const {x, y} = each.getBoundingClientRect(); return [x, y]; })"
    )
    left, right = visitor.page.evaluate(places, ".pair .field")
    assert left[1] == right[1] and left[0] < right[0]
    assert len({y for _, y in visitor.page.evaluate(places, ".option")}) == 1
    visitor.press("ArrowRight", "ArrowLeft", "Enter")
    visitor.titled("Task 2 of 12")
    visitor.press("Backspace")
    visitor.titled("Task 1 of 12")
    assert "tie" in visitor.page.locator(".option[aria-pressed=true]").inner_text()
