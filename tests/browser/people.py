"""Who meets at the page: requesters, other labelers, and a wallet that obeys."""

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_keys.backends.native.ecdsa import fast_multiply, inv
from eth_keys.constants import SECPK1_G, SECPK1_N
from eth_utils.crypto import keccak
from playwright.sync_api import BrowserContext, Locator, Page
from web3 import Web3
from web3.types import RPCEndpoint

from plumbline.chain.records import Deadlines
from plumbline.formats.media_files import MediaFile
from plumbline.formats.published import Publication
from plumbline.lab.site.client import SheetToCommit
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.protocol.manifest import Manifest
from plumbline.protocol.master_key import message
from plumbline.protocol.media import Media
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement.terms import Kind, usual_terms
from tests.build import ROOT
from tests.integration.market import ETHER, Market
from tests.integration.rpc import rpc
from tests.integration.sites import RunningSite
from tests.waiting import wait_until

TASKS: Final = 12
SEATS: Final = 3
STAKE: Final = 2 * 10**16
PRICE: Final = 10**16
WINDOW: Final = 3_600  # seconds of each phase
HERE: Final = Path(__file__).parent
INJECTED: Final = HERE / "wallet.js"
PNG: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)
WAV: Final = (
    b"RIFF\x28\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0"
    b"data\x04\0\0\0\x80\x80\x80\x80"
)


@dataclass(frozen=True)
class OpenRound:
    """A round with its tasks, and those who take the other seats."""

    number: int
    manifest: Manifest
    others: list[SheetToCommit] = field(default_factory=list)


class Requesters:
    """Opens rounds, and plays everybody else in them."""

    def __init__(
        self, market: Market, published: Path, price: int = PRICE, stake: int = STAKE
    ) -> None:
        """What rounds pay and ask, smallest unit."""
        self.market = market
        self.published = published
        self.price, self.stake = price, stake
        self.site: RunningSite | None = None

    def open(
        self,
        tasks: Sequence[object] | None = None,
        options: Sequence[str] = ("billing", "delivery", "repair"),
        kind: Kind = Kind.NOMINAL,
        files: Mapping[str, MediaFile] | None = None,
        seats: int = SEATS,
        admission: str = ZERO,
        window: int = WINDOW,
        **manifest: Any,
    ) -> OpenRound:
        """A round of twelve tasks for three; each phase takes `window` seconds."""
        shown = list(tasks or [])
        shown += [f"message {number}" for number in range(len(shown), TASKS)]
        made = Manifest(tuple(options), tuple(shown), **manifest)
        publication = Publication.of(made, files or {})
        publication.write(publication.place_in(self.published))
        width = 1 if kind is Kind.NOMINAL else 2
        rules = usual_terms(kind, len(options), width, TASKS, self.price, self.stake, seats, 0)
        contract = self.market.rounds
        self.market.send("requester", contract.deposit(rules.price * rules.seats))
        commit = self.market.now() + window
        ends = Deadlines(commit, commit + window, 0)
        opening = contract.open(rules, ends, made.root, EMPTY_HASH, admission)
        self.market.send("requester", opening)
        there = OpenRound(contract.round_count(), made)
        wait_until(lambda: self._is_listed(there.number), why=lambda: self._shown(there.number))
        return there

    def _is_listed(self, number: int) -> bool:
        """Whether the site has seen the round, and its tasks, good or bad."""
        shown = self._shown(number)
        return (shown.get("question") or shown.get("tasks_flaw")) is not None

    def _shown(self, number: int) -> dict[str, Any]:
        assert self.site is not None
        shown: dict[str, Any] = self.site.client.get(f"/api/rounds/{number}").json
        return shown

    def fill(self, there: OpenRound, seats: int = SEATS - 1) -> None:
        """Others take so many seats."""
        assert self.site is not None
        client = self.site.client
        about = client.get("/api/site").json
        shown = {"round": there.number, "options": len(there.manifest.options)}
        for _ in range(seats):
            key: LocalAccount = Account.create()
            self.market.send("requester", self.market.rounds.deposit_for(key.address, self.stake))
            dice = random.Random(1)
            answers = [dice.randrange(shown["options"]) for _ in there.manifest.tasks]
            sheet = SheetToCommit.of(key, about, shown, answers)
            reply = client.post("/api/commitments", sheet.consent(self.stake))
            assert reply.status == 200, reply
            there.others.append(sheet)

    def reveal(self, there: OpenRound) -> None:
        """The others reveal, once the site has seen that they may."""
        assert self.site is not None
        wait_until(lambda: self._shown(there.number)["phase"] == "reveal")
        for sheet in there.others:
            reply = self.site.client.post("/api/openings", sheet.opening())
            assert reply.status == 200, reply


def published(
    contents: Mapping[str, bytes], folder: Path
) -> tuple[list[object], dict[str, MediaFile]]:
    """A task for each of some files, by their names; and the files of their hashes, put there."""
    tasks: list[object] = []
    files = {}
    for name, content in contents.items():
        path = folder / name
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        media = Media(f"media/{digest}", digest)
        files[digest] = MediaFile(path, media, len(content))
        tasks.append({"content": media.to_json()})
    return tasks, files


class TestWallet:
    """An account of Anvil's, asked by the page; it can be made to misbehave.

    w3        the node that it asks
    asked     every method, with its parameters
    declines  methods that the person declines
    chain     another chain that it is on
    accounts  what it shows; none where it is locked
    fickle    whether it signs differently each time
    contract  whether it answers as contract wallets do: with no signature of a key
    """

    __test__ = False

    def __init__(self, w3: Web3, key: bytes) -> None:
        self.w3 = w3
        self._key = key
        self.address = str(Account.from_key(key).address)
        self.asked: list[tuple[str, list[Any]]] = []
        self.declines: set[str] = set()
        self.chain: int | None = None
        self.accounts = [self.address]
        self.fickle = False
        self.contract = False

    @classmethod
    def new(cls, w3: Web3, role: str) -> "TestWallet":
        """One of its own for a role, with ether."""
        return cls.of(w3, f"browser {role}")

    @classmethod
    def of(cls, w3: Web3, role: str) -> "TestWallet":
        """That of somebody of the market, see `Market.actor`; with ether."""
        wallet = cls(w3, keccak(text=role))
        rpc(w3, "anvil_setBalance", wallet.address, hex(10 * ETHER))
        return wallet

    def __call__(self, text: str) -> str:
        question = json.loads(text)
        method, given = question["method"], question["params"]
        self.asked.append((method, given))
        if method in self.declines:
            return self._error(4001, "User rejected the request.")
        if method in ("eth_accounts", "eth_requestAccounts"):
            return json.dumps({"result": self.accounts})
        if method == "eth_chainId" and self.chain is not None:
            return json.dumps({"result": hex(self.chain)})
        if method == "wallet_switchEthereumChain":
            return self._error(4902, "Unrecognized chain ID.")
        if method == "eth_signTypedData_v4":
            return json.dumps({"result": self._signed(json.loads(given[1]))})
        if method == "eth_sendTransaction":
            rpc(self.w3, "anvil_impersonateAccount", self.address)
        answer = self.w3.provider.make_request(RPCEndpoint(method), given)
        return json.dumps({key: answer[key] for key in ("result", "error") if key in answer})

    def answer_key(self, deployed: Deployed, epoch: int = 0) -> bytes:
        """The signature that must never leave the page."""
        account = Account.from_key(self._key)
        return bytes(account.sign_message(message(deployed, self.address, epoch)).signature)

    def _signed(self, data: dict[str, Any]) -> str:
        if self.contract:
            return "0x" + "ab" * 130
        if self.fickle:
            return "0x" + _signed_with_any_nonce(self._key, data).hex()
        signed = Account.from_key(self._key).sign_typed_data(full_message=data)
        return "0x" + bytes(signed.signature).hex()

    @staticmethod
    def _error(code: int, message: str) -> str:
        return json.dumps({"error": {"code": code, "message": message}})


def _signed_with_any_nonce(key: bytes, data: dict[str, Any]) -> bytes:
    """A valid signature, and another each time: its nonce is drawn."""
    signable = encode_typed_data(full_message=data)
    parts = b"\x19" + signable.version + signable.header + signable.body
    digest = int.from_bytes(keccak(parts))
    nonce = random.SystemRandom().randrange(1, SECPK1_N)
    x, y = fast_multiply(SECPK1_G, nonce)
    r = x % SECPK1_N
    s = inv(nonce, SECPK1_N) * (digest + r * int.from_bytes(key)) % SECPK1_N
    parity = y % 2
    if 2 * s > SECPK1_N:
        s, parity = SECPK1_N - s, 1 - parity
    return r.to_bytes(32) + s.to_bytes(32) + bytes([27 + parity])


SOONER: Final = """
const later = window.setInterval;
window.setInterval = (act, wait) => later(act, Math.min(wait, 400));
"""
"""The page looks again twice a second, not every three: most of a test is waiting for it."""

AXE: Final = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE: Final = 390
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
_VIOLATIONS: Final = """
axe.run().then(({violations}) => violations.map(
  each => [each.id, each.nodes.slice(0, 3).map(node => node.html)]))
"""

KEYS: Final = "123123123123"
"""An answer to each task."""


class Visitor:
    """A tab of somebody at the page; what the browser complains of is kept."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url.rstrip("/")
        self.page: Page = context.new_page()
        self.page.add_init_script(SOONER)
        self.page.set_default_timeout(15_000)
        self.troubles: list[str] = []
        self._pressed = ""
        self.sent: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("dialog", self._on_dialog)
        self.page.on("request", lambda asked: self.sent.append(f"{asked.url} {asked.post_data}"))

    def _on_dialog(self, dialog: Any) -> None:
        self.troubles.append(dialog.message)
        dialog.dismiss()

    def go(self, path: str = "/") -> None:
        """To a screen of the page."""
        self.page.goto(f"{self.url}/#{path}")
        self.page.locator("#title").wait_for()

    def connect(self) -> None:
        """With the test wallet."""
        self.page.get_by_role("button", name="Test wallet <b>").click()

    def connected(self, path: str = "/") -> "Visitor":
        """There, with the test wallet."""
        self.go(path)
        self.connect()
        self.page.locator("#me").wait_for(state="attached")
        self.page.locator("main[aria-busy=false]").wait_for()
        return self

    def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        for key in keys:
            if key == self._pressed:
                self.page.wait_for_timeout(100)  # faster is a key held down
            self._pressed = key
            self.page.keyboard.press(key)

    def commit(self, number: int, keys: str = KEYS) -> None:
        """Connect, answer all tasks of a round, and hand the answers in."""
        self.connected()
        self.answer(number, keys)
        self.page.locator("#commit").click()

    def titled(self, title: str) -> Locator:
        """Waits for a screen with that title."""
        found = self.page.locator("#title", has_text=title)
        found.wait_for()
        return found

    def seat(self, title: str) -> Locator:
        """Waits until the seat is said to stand so."""
        found = self.page.locator("#seat-title", has_text=title)
        found.wait_for()
        return found

    def panel(self, words: str) -> str:
        """Waits until the seat's panel says so: all that it says."""
        found = self.page.locator(".panel", has_text=words)
        found.wait_for()
        return found.inner_text()

    def said(self, words: str) -> None:
        """Waits for a remark."""
        self.page.locator("#said", has_text=words).wait_for()

    def violations(self, *widths: int) -> dict[str, Any]:
        """What axe-core finds in the screen as it is, and what is wider than it: by width, that
        of a phone if none is given, and theme."""
        found: dict[str, Any] = {}
        size = self.page.viewport_size
        self.page.evaluate(AXE.read_text())
        for width in widths or (PHONE,):
            self.page.set_viewport_size({"width": width, "height": 800})
            for theme in THEMES:
                self.page.emulate_media(color_scheme=theme)
                if broken := self.page.evaluate(_VIOLATIONS):
                    found[f"{width} {theme}"] = broken
            over = self.page.evaluate("document.documentElement.scrollWidth") - width
            if over > 0:
                found[f"{width}"] = f"{over} pixels too wide"
        assert size is not None
        self.page.set_viewport_size(size)
        return found

    def answer(self, number: int, keys: str = KEYS) -> None:
        """All tasks of a round, from its page to the review."""
        self.go(f"/round/{number}")
        self.page.locator("#start").click()
        self.titled("Task 1 of 12")
        self.press(*keys)
        self.titled("Review")
