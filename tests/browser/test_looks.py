"""How the page is seen: by everybody, on any screen, in little time."""

import gzip
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

import pytest

from plumbline.questions.checklist import Checklist
from plumbline.questions.lots import Lots
from plumbline.questions.question import Question
from plumbline.questions.ranking import Ranking
from tests.browser.conftest import Contexts
from tests.browser.people import OpenRound, Requesters, TestWallet, Visitor
from tests.build import ROOT
from tests.integration.sites import RunningSite

WIDTHS: Final = (320, 390, 1280)
FIRST: Final = 28  # kB of gzip until the first screen is there
ALL: Final = 48  # of all screens, without the throw-away key
SIZES: Final = re.compile(
    r"The first screen takes (\d+) kB \(gzip\), all of them (\d+) kB, the throw-away key (\d+) kB"
)


@pytest.fixture(scope="module")
def there(requesters: Requesters) -> OpenRound:
    task = {"prompt": "Which is better? " * 20, "a": "one " * 30, "b": "https://x.example/" * 9}
    names = tuple(f"option {n}" for n in range(16))
    return requesters.open([task], options=names, instructions="What do they say?")


def test_every_screen_is_accessible_at_every_width_in_both_themes(
    contexts: Contexts,
    staked: TestWallet,
    requesters: Requesters,
    there: OpenRound,
    site: RunningSite,
) -> None:
    context = contexts(staked)
    visitor = Visitor(context, site.url).connected()
    number = there.number
    found: dict[str, Any] = {}
    screens = {
        "/": "Label",
        "/help": "How it goes",
        "/account": "Account",
        f"/round/{number}": f"Round {number}",
        f"/round/{number}/answer": "Task 1 of 12",
        f"/round/{number}/review": "Review",
    }
    for path, title in screens.items():
        visitor.go(path)
        visitor.titled(title)
        if title.startswith("Task"):
            visitor.page.locator("#instructions-summary").wait_for()
            visitor.press("?")  # with the keys unfolded
        if broken := visitor.violations(*WIDTHS):
            found[path] = broken
    assert found == {}


def test_all_goes_by_keyboard_alone(visitor: Visitor, wallet: TestWallet, there: OpenRound) -> None:
    def tab_to(name: str) -> None:
        for _ in range(40):
            visitor.page.keyboard.press("Tab")
            if visitor.page.locator("a:focus, button:focus", has_text=name).count():
                return
        raise AssertionError(f"{name} has no focus")

    visitor.go(f"/round/{there.number}")
    tab_to("Test wallet")
    visitor.press("Enter")
    visitor.page.locator("#start").wait_for()
    tab_to("Start answering")
    visitor.press("Enter")
    visitor.titled("Task 1 of 12")
    # A new screen is where the focus is, so that it is read out.
    assert visitor.page.evaluate("document.activeElement.id") == "title"
    tab_to("option 15")
    visitor.press("Enter")
    visitor.titled("Task 2 of 12")
    assert visitor.page.evaluate("document.activeElement.id") == "title"


def test_tasks_of_one_item_are_told_apart(
    visitor: Visitor, wallet: TestWallet, requesters: Requesters
) -> None:
    """Several labels of a message, and the pairs of a ranking, do not look like repetitions."""
    labels = Checklist.of(("rude", "advertising", "off topic"))
    ranking = Ranking.of(None)
    lots = Lots(b"seed")
    messages = ("Which tyres?", "CHEAP WATCHES", "My cat is ill.", "Nobody asked you, idiot.")
    ticked = requesters.open(
        tasks_of(labels, [{"text": text} for text in messages], lots),
        options=labels.options,
        question=labels.to_json(),
    )
    things = ["Walls.", "Move the router.", "Come downstairs."]
    items = [{"question": f"{number}. The wifi is slow.", "items": things} for number in range(4)]
    ranked = requesters.open(
        tasks_of(ranking, items, lots), options=ranking.options, question=ranking.to_json()
    )
    unmarked = requesters.open(options=labels.options, question=labels.to_json())
    visitor.connected(f"/round/{unmarked.number}")
    visitor.panel("task 1 does not say to which item it belongs")
    visitor.go(f"/round/{ticked.number}/answer")
    visitor.titled("Item 1 of 4, label 1 of 3")
    visitor.page.get_by_text("Does “rude” apply?").wait_for()
    assert visitor.page.locator("#task").inner_text() == messages[0]
    visitor.press(*"1111")
    visitor.titled("Item 2 of 4, label 2 of 3")
    visitor.page.get_by_text("Does “advertising” apply?").wait_for()
    visitor.press("r")
    visitor.titled("Review")
    gist = visitor.page.locator(".review .gist").nth(4).inner_text()
    assert gist == "Item 2, “advertising”: CHEAP WATCHES"

    visitor.go(f"/round/{ranked.number}/answer")
    visitor.titled("Item 1 of 4, comparison 1 of 3")
    visitor.page.get_by_text("Which is better?").wait_for()
    assert visitor.page.locator(".pair .field").count() == 2


def tasks_of(question: Question, items: Sequence[Mapping[str, object]], lots: Lots) -> list[object]:
    """The tasks that items come to."""
    named = enumerate(items, start=1)
    return [part.task for number, item in named for part in question.parts(item, f"{number}", lots)]


def test_nothing_moves_for_those_who_do_not_want_it(contexts: Contexts, site: RunningSite) -> None:
    visitor = Visitor(contexts(reduced_motion="reduce"), site.url)
    visitor.go()
    name = "getComputedStyle(document.getElementById('said'), '::before').animationName"
    visitor.page.evaluate("document.getElementById('said').className = 'busy'")
    assert visitor.page.evaluate(name) == "none"


def test_the_page_is_small_and_as_large_as_the_docs_say(built: Path) -> None:
    sizes = {
        path.name: len(gzip.compress(path.read_bytes(), 9))
        for path in built.rglob("*")
        if path.is_file()
    }
    entry = re.search(r'src="/assets/(page-[^"]+)"', (built / "index.html").read_text())
    assert entry is not None
    first, waiting = {"index.html"}, [entry[1]]
    while waiting:
        name = waiting.pop()
        if name in first:
            continue
        first.add(name)
        text = (built / "assets" / name).read_text()
        waiting += re.findall(r'(?:from|import)"\./([^"]+)"', text)
    first |= {name for name in sizes if name.startswith(("style", "icon"))}
    burner = {name for name in sizes if name.startswith("burner")}
    parts = (first, sizes.keys() - burner, burner)
    kilobytes = [math.ceil(sum(sizes[name] for name in part) / 1000) for part in parts]
    assert kilobytes[0] <= FIRST and kilobytes[1] <= ALL
    told = SIZES.search((ROOT / "docs" / "developing.md").read_text())
    assert told is not None and [int(size) for size in told.groups()] == kilobytes


def test_a_site_sends_the_page_compressed(site: RunningSite, built: Path) -> None:
    for asset in (built / "assets").iterdir():
        headers = {"accept-encoding": "gzip"}
        with urlopen(Request(f"{site.url}assets/{asset.name}", headers=headers)) as answer:
            body = answer.read()
            if asset.stat().st_size > 1_000:
                assert answer.headers["content-encoding"] == "gzip"
                body = gzip.decompress(body)
            assert body == asset.read_bytes()
