"""The built page in a real browser, before a real site on a real chain: one of each for all."""

import contextlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright
from web3 import HTTPProvider, Web3

from plumbline.chain.node import ask_for_chain_once
from tests.browser.chromium import FLAGS, chromium
from tests.browser.people import INJECTED, Requesters, TestWallet, Visitor
from tests.build import ROOT, Compiled, compiled_contracts
from tests.integration.conftest import deploy_for
from tests.integration.market import Market
from tests.integration.nodes import running_anvil
from tests.integration.shell import Shell
from tests.integration.sites import RunningSite, running_site

NOTE: Final = ROOT / ".cache" / "unanswered" / "browser"
"""Says in the summary of `make test` that the suite was skipped."""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page, built of its sources as they are."""
    if shutil.which("node") is None or not (ROOT / "node_modules/.bin/esbuild").exists():
        skip("node.js or its packages are absent: install node.js 20 or later, then `make setup`")
    folder = tmp_path_factory.mktemp("page")
    subprocess.run(["node", "web/build.mjs", str(folder)], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    found = chromium()
    if found is None:
        skip("there is no chromium: `make chromium` installs Debian's")
    NOTE.unlink(missing_ok=True)
    launched = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
    yield launched
    launched.close()


def skip(reason: str) -> None:
    NOTE.parent.mkdir(parents=True, exist_ok=True)
    NOTE.write_text(reason + "\n")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def w3(browser: Browser) -> Iterator[Web3]:
    with running_anvil() as url:
        made = Web3(HTTPProvider(url))
        ask_for_chain_once(made)
        yield made


@pytest.fixture(scope="session")
def compiled(pytestconfig: pytest.Config) -> Compiled:
    return compiled_contracts(pytestconfig)


@pytest.fixture(scope="session")
def requesters(
    w3: Web3, compiled: Compiled, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Requesters]:
    """Everybody else, at a deployment of its own with a site."""
    shell = shell_on(w3, tmp_path_factory.mktemp("site"))
    made = Requesters(Market(w3, deploy_for(shell, w3, compiled)), shell.folder / "tasks")
    with opened(made, shell, built, "0.0001 ether"):
        yield made


def shell_on(w3: Web3, folder: Path) -> Shell:
    """The commands, on the chain of that connection."""
    provider = w3.provider
    assert isinstance(provider, HTTPProvider)
    return Shell(folder, str(provider.endpoint_uri))


@contextlib.contextmanager
def opened(made: Requesters, shell: Shell, built: Path, fee: str) -> Iterator[RunningSite]:
    """The site of a market, there until the end of the block."""
    made.published.mkdir()
    options = ("--tasks", "tasks", "--page", str(built), "--rate", "1000000")
    with running_site(shell, *options, "--withdrawal-fee", fee) as site:
        made.site = site
        yield site


@pytest.fixture(scope="session")
def site(requesters: Requesters) -> RunningSite:
    assert requesters.site is not None
    return requesters.site


Contexts = Callable[..., BrowserContext]


@pytest.fixture
def contexts(browser: Browser) -> Iterator[Contexts]:
    """Browsers of their own, closed after the test."""
    made: list[BrowserContext] = []

    def new(wallet: TestWallet | None = None, **options: object) -> BrowserContext:
        context = browser.new_context(**{"locale": "en-GB", **options})  # type: ignore[arg-type]
        if wallet is not None:
            context.expose_function("__testWallet", wallet)
            context.add_init_script(path=INJECTED)
        made.append(context)
        return context

    yield new
    for context in made:
        # A look that a test answers may be under way, and fails when its page is gone.
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")
        context.close()


@pytest.fixture
def wallet(w3: Web3, request: pytest.FixtureRequest) -> TestWallet:
    """An account of its own for each test."""
    return TestWallet.new(w3, request.node.name)


@pytest.fixture
def visitor(contexts: Contexts, wallet: TestWallet, site: RunningSite) -> Iterator[Visitor]:
    """Somebody with that wallet; the browser must have nothing to complain of."""
    made = Visitor(contexts(wallet), site.url)
    yield made
    assert made.troubles == []


@pytest.fixture
def staked(requesters: Requesters, wallet: TestWallet) -> TestWallet:
    """The wallet with the stakes of two rounds paid in."""
    deposit = requesters.market.rounds.deposit_for(wallet.address, 4 * 10**16)
    requesters.market.send("requester", deposit)
    return wallet
