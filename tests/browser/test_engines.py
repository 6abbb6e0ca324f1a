"""A round in Firefox, and in WebKit, of which Safari is made: in whatever of them is installed.

With PLUMBLINE_ALL=1 only.
"""

import contextlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Playwright

from plumbline.settlement.terms import Kind
from tests.browser.firefox import as_program
from tests.browser.people import INJECTED, PNG, WAV, Requesters, TestWallet, published
from tests.browser.tabs import PATIENCE, PlaywrightTab, Tab, WebDriverTab
from tests.browser.webdriver import WebDriver, running_display, running_driver
from tests.integration.sites import RunningSite
from tests.sampling import ALL
from tests.waiting import wait_until

ENGINES: Final = ("firefox", "webkit")
FIREFOX: Final = 153  # 140 lacks commands that Playwright needs
WORDS: Final = """
const found = [...document.querySelectorAll(arguments[0])];
return found.map(each => each.innerText).join(" ");
"""

FRAMED: Final = """
const { id } = document.activeElement;
return [id, getComputedStyle(document.activeElement).outlineStyle];
"""

pytestmark = pytest.mark.skipif(not ALL, reason="other engines: with `make engines`")

Tabs = Callable[[TestWallet | None], Tab]


@pytest.fixture(scope="module", params=ENGINES)
def tabs(
    request: pytest.FixtureRequest, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tabs]:
    """A browser's first tab, with that wallet."""
    folder = tmp_path_factory.mktemp("engine")
    engine = {"firefox": firefox, "webkit": webkit}[request.param]
    with engine(playwright, folder) as opened:
        yield opened


@contextlib.contextmanager
def firefox(playwright: Playwright, folder: Path) -> Iterator[Tabs]:
    found = shutil.which("firefox-esr") or shutil.which("firefox")
    if found is None:
        pytest.skip("there is no Firefox: `make browsers` installs Debian's")
    version = subprocess.check_output([found, "--version"], text=True).strip()
    if int(re.findall(r"\d+", version)[0]) < FIREFOX:
        pytest.skip(f"Playwright cannot drive {version}: it takes {FIREFOX} or later")
    launched = playwright.firefox.launch(
        channel="moz-firefox", executable_path=as_program(found, folder)
    )

    def tab(wallet: TestWallet | None) -> Tab:
        context = launched.new_context(locale="en-GB")
        if wallet is not None:
            context.expose_function("__testWallet", wallet)
            context.add_init_script(path=INJECTED)
        return PlaywrightTab(context)

    yield tab
    launched.close()


@contextlib.contextmanager
def webkit(_: Playwright, folder: Path) -> Iterator[Tabs]:
    if shutil.which("WebKitWebDriver") is None or shutil.which("Xvfb") is None:
        pytest.skip("there is no WebKit with driver and Xvfb: `make browsers` installs Debian's")
    with (
        running_display(folder) as display,
        running_driver(["WebKitWebDriver"], {"DISPLAY": display, "LANG": "en_GB.UTF-8"}) as port,
        contextlib.ExitStack() as sessions,
    ):

        def tab(wallet: TestWallet | None) -> Tab:
            sessions.close()  # the driver has one at a time
            driver = WebDriver(port, {})
            sessions.callback(driver.close)
            return WebDriverTab.first(driver, wallet)

        yield tab


def seen(tab: Tab, selector: str, words: str = "") -> None:
    """Wait until something is there that says so."""

    def is_seen() -> bool:
        tab.pause()
        said: str | None = tab.run(WORDS, selector)
        return said is not None and words in said and (words != "" or has(tab, selector))

    wait_until(is_seen, PATIENCE, lambda: (selector, words, tab.run(WORDS, "main")))


def has(tab: Tab, selector: str) -> bool:
    return bool(tab.run("return document.querySelector(arguments[0]) !== null;", selector))


def test_a_round_with_a_wallet(
    tabs: Tabs, staked: TestWallet, requesters: Requesters, site: RunningSite, tmp_path: Path
) -> None:
    tasks, files = published({"dot.png": PNG, "hum.wav": WAV}, tmp_path)
    there = requesters.open(tasks, files=files)
    requesters.fill(there, 1)
    tab = tabs(staked)
    tab.open(site.url)
    seen(tab, ".card", "One of 3 options")
    seen(tab, "#wallet-0", "Test wallet <b>")
    tab.click("#wallet-0")
    seen(tab, "#me")
    tab.click(f".card[href='#/round/{there.number}']")
    seen(tab, "#start")
    tab.click("#start")

    # By keys and by touch; what is drawn is verified first, and is what it was.
    seen(tab, "#title", "Task 1 of 12")
    seen(tab, "#task img")
    wait_until(lambda: tab.run("return document.querySelector('#task img').naturalWidth;") == 1)
    tab.press("1")
    seen(tab, "#title", "Task 2 of 12")
    seen(tab, "#task audio")
    tab.click("#option-2")
    seen(tab, "#title", "Task 3 of 12")
    tab.press("Control+z")
    seen(tab, "#title", "Task 2 of 12")
    tab.press("2")
    seen(tab, "#title", "Task 3 of 12")

    # Another tab goes on, a reload too.
    other = tab.another()
    other.open(f"{site.url}#/round/{there.number}/answer")
    seen(other, "#wallet-0")
    other.click("#wallet-0")
    seen(other, "#title", "Task 3 of 12")
    other.press("3")
    seen(other, "#title", "Task 4 of 12")
    seen(tab, "#said", "Another tab has answered too")
    tab.reload()
    for task, key in enumerate("s12312312", start=4):
        seen(tab, "#title", f"Task {task} of 12")
        tab.press(key)
    seen(tab, "#title", "Review")
    seen(tab, "main", "You hand in 11 answers and 1 skip")
    tab.click("#commit")
    seen(tab, "#seat-title", "You have a seat")

    tab.reload()
    seen(tab, "#seat-title", "You have a seat")
    requesters.fill(there, 1)
    seen(tab, "#seat-title", "Reveal your answers now")
    requesters.reveal(there)
    tab.click("#reveal")
    seen(tab, "#seat-title", "What came of it")
    tab.open(f"{site.url}#/account")
    seen(tab, "#withdraw-signed")
    tab.click("#withdraw-signed")
    seen(tab, "#said", "paid out")
    assert requesters.market.rounds.account(staked.address).free == 0
    assert tab.run("return window.troubles;") == other.run("return window.troubles;") == []


def test_a_round_with_a_throw_away_key(
    tabs: Tabs, requesters: Requesters, site: RunningSite
) -> None:
    there = requesters.open()
    requesters.fill(there)
    tab = tabs(None)
    tab.open(site.url)
    seen(tab, "#burner")
    tab.click("#burner")
    seen(tab, "#me")
    tab.open(f"{site.url}#/round/{there.number}")
    seen(tab, "#start")
    tab.click("#start")
    for task in range(1, 13):
        seen(tab, "#title", f"Task {task} of 12")
        tab.click(f"#option-{task % 3}")
    seen(tab, "#commit")
    tab.click("#commit")
    seen(tab, "#seat-title", "Reveal your answers now")
    requesters.reveal(there)
    tab.click("#reveal")
    seen(tab, "#seat-title", "What came of it")
    tab.reload()  # the key is that of the tab, and so it is still there
    seen(tab, "#seat-title", "What came of it")
    assert tab.run("return window.troubles;") == []


def test_the_frame_is_where_the_keys_are(
    tabs: Tabs, wallet: TestWallet, requesters: Requesters, site: RunningSite
) -> None:
    scale = tuple(str(points) for points in range(11))
    there = requesters.open(options=scale, kind=Kind.ORDINAL)
    tab = tabs(wallet)
    tab.open(f"{site.url}#/round/{there.number}")
    seen(tab, "#wallet-0")
    tab.click("#wallet-0")
    seen(tab, "#start")
    tab.click("#start")
    seen(tab, "#title", "Task 1 of 12")
    tab.press("ArrowRight")  # of somebody who has used no keys yet
    assert tab.run(FRAMED) == ["option-6", "solid"]
    requesters.fill(there, 3)  # the screen is drawn anew
    seen(tab, "main", "The commit phase is over")
    assert tab.run(FRAMED) == ["option-6", "solid"]
