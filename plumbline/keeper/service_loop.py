"""A keeper at work: until it is stopped, or once for all that is due."""

import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from plumbline.chain.call import Call, Receipt, Sender
from plumbline.chain.events import EventsError
from plumbline.chain.feed import Feed, NodeUnavailable
from plumbline.errors import PlumblineError
from plumbline.files.private import StorageError
from plumbline.history.market import Market
from plumbline.history.rounds import RoundHistory
from plumbline.keeper.activity import ActionResult, LogEntry, Tick
from plumbline.keeper.executor import KeeperAccount
from plumbline.keeper.keeper import Keeper, KeeperSettings, Resources
from plumbline.keeper.metrics import Metrics
from plumbline.keeper.queries import balance, largest_fee
from plumbline.labeler.consent_folder import ConsentFolder, SignedCommitments
from plumbline.labeler.delegated_folder import Contents, Folder
from plumbline.labeler.vault import Secret, Vault
from plumbline.transactions.outbox import Outbox
from plumbline.transactions.senders import NotLanded
from plumbline.units import ETHER

_LONGEST_PAUSE: Final = 60.0  # seconds, while the node is away
_MOST_TICKS: Final = 20  # of `run_once`


class LogWriter(Protocol):
    """Takes a line of the log: `level` as in logging, a few words, and fields by name."""

    def __call__(self, level: str, message: str, **fields: object) -> None:
        """Write it."""


class Stop(Protocol):
    """Whether to end: what is under way is finished, nothing new is begun."""

    def is_set(self) -> bool:
        """Whether to end."""

    def sleep(self, seconds: float) -> None:
        """Pause, until it is to end at the longest."""


class Companion(Protocol):
    """Something else that works with the keeper's account, between two looks at the chain."""

    def before_tick(self, send: Sender) -> None:
        """Send what else is due. Its failures are its own; StorageError ends the keeper."""

    def after_tick(self, tick: Tick) -> None:
        """Take note of what the keeper has seen."""


@dataclass(frozen=True, slots=True)
class RunOnce:
    """The outcome of a single run.

    tick      the last look at the chain
    results   of all actions, in order
    failed    of these, failures that nothing later made good
    away      why the node could not be asked any more, if so
    """

    tick: Tick
    results: tuple[ActionResult, ...]
    failed: tuple[ActionResult, ...]
    away: str | None


class ServiceLoop:
    """A keeper, and what is around it: its outbox, its folder, its log, its metrics."""

    def __init__(
        self,
        market: Market,
        vault: Vault,
        outbox: Outbox | None,
        settings: KeeperSettings,
        delegated: Path | None,
        signed: Path | None,
        gold: Callable[[RoundHistory], Secret | None],
        log: LogWriter,
        stop: Stop,
        companion: Companion | None = None,
    ) -> None:
        """`outbox` sends, and is None in a rehearsal; `delegated` is a folder of what was handed
        over, `signed` one of commitments to relay, and `gold` has the keeper's own gold answers."""
        self._companion = companion
        self.metrics = Metrics()
        self._market = market
        self._outbox = outbox
        self._address = None if outbox is None else outbox.account.address
        self._settings = settings
        self._log = log
        self._stop = stop
        self._is_low = False
        if outbox is not None:
            outbox.max_fee = settings.max_fee
            outbox.announce = lambda sentence: log("warning", "sent before", note=sentence)
        self._keeper = Keeper(
            market.contract,
            Feed(market.node.w3, market.deployment),
            settings,
            Resources(
                files=_files(delegated, vault),
                gold=gold,
                account=KeeperAccount(self._send, self._address, stop.is_set),
                log=self._log_entry,
                signed=_signed(signed, vault),
            ),
            wall=lambda: market.node.now,
        )

    def run(self, interval: float) -> None:
        """Look at the chain every `interval` seconds until it is stopped.

        Goes on when the node is away. Raises PlumblineError if it cannot go on, which is logged.
        """
        self._log(
            "info",
            "keeper started",
            chain=self._market.node.chain_id,
            contract=self._market.contract.address,
            account=self._address,
            steps=",".join(sorted(self._settings.steps)),
            confirmations=self._settings.confirmations,
        )
        away_since: float | None = None
        pause = interval
        while not self._stop.is_set():
            try:
                tick = self._tick()
            except (NodeUnavailable, EventsError) as error:
                self.metrics.node_failed()
                if away_since is None:
                    away_since = time.monotonic()
                    self._log("error", "the node is away", reason=str(error))
                self._stop.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            except PlumblineError as error:
                self._log("critical", "the keeper cannot go on", reason=str(error))
                raise
            if away_since is not None:
                seconds = round(time.monotonic() - away_since)
                self._log("info", "the node is back", head=tick.head, away_seconds=seconds)
                away_since, pause = None, interval
            if not any(result.outcome.is_done for result in tick.results):
                self._stop.sleep(interval)
        self._log("info", "keeper stopped", account=self._address)

    def run_once(self) -> RunOnce:
        """Do what is due now, and what becomes due by that."""
        tick = self._tick()
        results = list(tick.results)
        away: str | None = None
        for _ in range(_MOST_TICKS):
            if self._stop.is_set() or not tick.results or self._settings.is_rehearsal:
                break
            try:
                tick = self._tick()
            except (NodeUnavailable, EventsError) as error:
                away = str(error)  # what was done until then is reported all the same
                break
            results.extend(tick.results)
        return RunOnce(tick, tuple(results), _unmended(results), away)

    # ---------------------------------------------------------------- internal

    def _tick(self) -> Tick:
        self._finish_earlier()
        if self._companion is not None and self._outbox is not None:
            self._companion.before_tick(self._send)
        tick = self._keeper.tick()
        if self._outbox is not None:
            self._outbox.acknowledge()
        self.metrics.ticked(tick)
        if self._companion is not None:
            self._companion.after_tick(tick)
        # The next tick reports that the node is away; what this one did is known.
        with contextlib.suppress(NodeUnavailable):
            self._watch_balance()
        return tick

    def _send(self, call: Call) -> Receipt:
        assert self._outbox is not None  # a rehearsal sends nothing
        return self._outbox.send(call)

    def _log_entry(self, entry: LogEntry) -> None:
        if entry.result:
            self.metrics.count(entry.result)
        self._log(entry.level, entry.message, **entry.fields)

    def _finish_earlier(self) -> None:
        """What is in no block yet, of this run or one before, is brought into one first."""
        if self._outbox is None:
            return
        for sent in self._outbox.pending():
            self._log(
                "info",
                "waiting for a transaction",
                transaction=sent.last.transaction,
                nonce=sent.nonce,
            )
        try:
            self._outbox.recover()
        except (NotLanded, StorageError) as error:
            self._log("warning", "still in no block", reason=str(error))

    def _watch_balance(self) -> None:
        """Say when the account could not pay for the largest transaction, and when it can again."""
        if self._address is None:
            return
        w3 = self._market.node.w3
        has, needs = balance(w3, self._address), largest_fee(w3)
        self.metrics.has_balance(has)
        is_low = has < needs
        if is_low and not self._is_low:
            self._log(
                "warning",
                "the account is low",
                account=self._address,
                balance=ETHER.short(has),
                one_large_transaction=ETHER.short(needs),
            )
        if self._is_low and not is_low:
            self._log("info", "the account has enough again", balance=ETHER.short(has))
        self._is_low = is_low


def _files(folder: Path | None, vault: Vault) -> Callable[[], Contents]:
    if folder is None:
        return lambda: Contents((), {})
    return Folder(folder, vault.deployed, vault.genesis).contents


def _signed(folder: Path | None, vault: Vault) -> Callable[[], SignedCommitments]:
    return SignedCommitments if folder is None else ConsentFolder(folder, vault.deployed).contents


def _unmended(results: Iterable[ActionResult]) -> tuple[ActionResult, ...]:
    """Failures that nothing later made good: a round that could not be closed may be unwound."""
    results = tuple(results)
    expired = {each.round_id for each in results if each.kind == "expire" and each.outcome.is_done}
    return tuple(
        each
        for each in results
        if each.outcome.is_trouble and not (each.kind == "close" and each.round_id in expired)
    )
