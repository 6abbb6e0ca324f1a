"""A tab of a browser of any make, as far as a round needs one."""

import time
from typing import Any, Final, Protocol

from playwright.sync_api import BrowserContext, Page

from tests.browser.people import INJECTED, TestWallet
from tests.browser.webdriver import WebDriver

PATIENCE: Final = 30.0  # seconds, on a busy machine
PAUSE: Final = 0.1  # seconds between two looks; the same key sooner is one held down
KEYS: Final = {"Control": "\ue009", "ArrowRight": "\ue014"}
"""Keys that write nothing, as WebDriver has them."""

# What is amiss at the page is kept until it is asked for.
LISTEN: Final = """
window.troubles = [];
for (const kind of ["error", "unhandledrejection", "securitypolicyviolation"])
  window.addEventListener(kind, (event) => window.troubles.push(
    `${kind}: ${event.message ?? event.reason ?? event.violatedDirective}`));
"""
# And what the wallet is asked, until it is answered.
WALLET: Final = """
window.questions = [];
window.__testWallet = (text) =>
  new Promise((answer) => window.questions.push({ text, answer }));
"""
TAKE: Final = """
window.answers = (window.questions ?? []).splice(0);
return window.answers.map(({ text }) => text);
"""
ANSWER: Final = "window.answers.forEach(({ answer }, nth) => answer(arguments[nth]));"


class Tab(Protocol):
    """What a tab can do. A script is the body of a function of `arguments`."""

    def open(self, address: str) -> None: ...
    def reload(self) -> None: ...
    def run(self, script: str, *given: str) -> Any: ...
    def click(self, selector: str) -> None: ...
    def press(self, keys: str) -> None: ...
    def pause(self) -> None: ...
    def another(self) -> "Tab": ...


class PlaywrightTab:
    """In a browser that Playwright drives."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.page.add_init_script(LISTEN)

    def open(self, address: str) -> None:
        self.page.goto(address)

    def reload(self) -> None:
        self.page.reload()

    def run(self, script: str, *given: str) -> Any:
        return self.page.evaluate(f"given => (function () {{ {script} }})(...given)", given)

    def click(self, selector: str) -> None:
        self.page.locator(selector).first.click()

    def press(self, keys: str) -> None:
        self.page.keyboard.press(keys)

    def pause(self) -> None:
        self.page.wait_for_timeout(1000 * PAUSE)

    def another(self) -> "PlaywrightTab":
        return PlaywrightTab(self.page.context)


class WebDriverTab:
    """In a browser that WebDriver drives, with a wallet that answers whenever the test waits."""

    def __init__(self, driver: WebDriver, wallet: TestWallet | None, handle: str) -> None:
        self._driver = driver
        self._wallet = wallet
        self._handle = handle

    @classmethod
    def first(cls, driver: WebDriver, wallet: TestWallet | None) -> "WebDriverTab":
        """The tab that the browser opened with."""
        return cls(driver, wallet, driver.ask("GET", "/window"))

    def open(self, address: str) -> None:
        self._front().ask("POST", "/url", {"url": address})
        self._prepare()

    def reload(self) -> None:
        self._front().ask("POST", "/refresh")
        self._prepare()

    def run(self, script: str, *given: str) -> Any:
        return self._front().run(script, *given)

    def click(self, selector: str) -> None:
        element = self._front().element(selector)
        self._driver.ask("POST", f"/element/{element}/click")

    def press(self, keys: str) -> None:
        down = [KEYS.get(key, key) for key in keys.split("+")]
        strokes = [{"type": "keyDown", "value": key} for key in down]
        strokes += [{"type": "keyUp", "value": key} for key in reversed(down)]
        board = {"type": "key", "id": "keyboard", "actions": strokes}
        self._front().ask("POST", "/actions", {"actions": [board]})

    def pause(self) -> None:
        if self._wallet is not None:
            asked = self.run(TAKE)
            if asked:
                self.run(ANSWER, *map(self._wallet, asked))
                return
        time.sleep(PAUSE)

    def another(self) -> "WebDriverTab":
        made = self._driver.ask("POST", "/window/new", {"type": "tab"})
        return WebDriverTab(self._driver, self._wallet, made["handle"])

    def _front(self) -> WebDriver:
        self._driver.ask("POST", "/window", {"handle": self._handle})
        return self._driver

    def _prepare(self) -> None:
        """A wallet may announce itself at any time; a page that is still the same has it."""
        if self._driver.run("return window.troubles !== undefined;"):
            return
        self._driver.run(LISTEN)
        if self._wallet is not None:
            self._driver.run(WALLET)
            self._driver.run(INJECTED.read_text())
