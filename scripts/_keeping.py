"""How `keeper` runs: signals, logs, pauses, and what it prints at the end."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scripts._command import fail
from scripts._output import console, print_json, table, when
from scripts._sending import outbox

if TYPE_CHECKING:
    from plumbline.chain.call import Call, Receipt
    from plumbline.keeper import Done, Happening, Settings, Tick
    from plumbline.keeper.metrics import Metrics
    from plumbline.transactions.outbox import Outbox
    from scripts._node import Market

_LONGEST_PAUSE = 60.0  # seconds, while the node is away
_MOST_LOOKS = 20  # of --once
_WAITS_SHOWN = 20


class Stop:
    """Set by SIGTERM and SIGINT: what is under way is finished, nothing new is begun."""

    def __init__(self) -> None:
        self._event = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: object) -> None:
        self._event.set()
        # Whoever asks twice does not want to wait.
        signal.signal(number, signal.SIG_DFL)

    def is_set(self) -> bool:
        """Whether to end."""
        return self._event.is_set()

    def sleep(self, seconds: float) -> None:
        """Pause, or less if told to end."""
        self._event.wait(seconds)


class Log:
    """Structured logs on stderr: one JSON object a line, or text for people."""

    def __init__(self, form: str, debug: bool, only_troubles: bool) -> None:
        import logging
        import sys

        import structlog

        level = logging.WARNING if only_troubles else logging.INFO
        colours = sys.stderr.isatty()
        shown: Any = (
            structlog.processors.JSONRenderer()
            if form == "json"
            else structlog.dev.ConsoleRenderer(colors=colours, sort_keys=False, pad_event_to=26)
        )
        self._log: Any = structlog.wrap_logger(
            structlog.PrintLogger(sys.stderr),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _headed,
                shown,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if debug else level),
        )
        self._is_text = form != "json"

    def __call__(self, level: str, what: str, **fields: Any) -> None:
        """One line."""
        if self._is_text and "until" in fields:
            fields["until"] = when(fields["until"])
        getattr(self._log, level)(what, **fields)


def _headed(logger: object, name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """What every line has comes first."""
    return {key: entry.pop(key) for key in ("timestamp", "level", "event")} | entry


def terms(here: Market, settings: Settings, entrusted: Path | None, once: bool) -> list[str]:
    """What will be signed, for whoever agrees to it."""
    from plumbline.keeper import Step

    what = {
        Step.REVEAL: f"reveal the answers in the folder {entrusted}" if entrusted else "",
        Step.CLOSE: "close rounds",
        Step.FORFEIT: "slash whoever stayed silent",
        Step.EXPIRE: "unwind rounds that could not be closed for 30 days",
    }
    doing = [what[step] for step in Step if step in settings.steps and what[step]]
    if settings.max_fee is None:
        price = "the price of the moment"
    else:
        price = f"at most {settings.max_fee / 10**9:g} gwei for a unit of gas"
    how_long = "Whatever is due now" if once else "Whatever is due, until stopped"
    return [
        f"{how_long}, without asking again, at {here.rounds.address}: {', '.join(doing)}.",
        f"It pays for gas only, {price}; nothing else leaves the account.",
    ]


def unlock(account: Any) -> None:
    """Ask for the passphrase now, not when the first round is due at night."""
    unlocking = getattr(account, "_unlock", None)
    if unlocking is not None:
        unlocking()


class Work:
    """A keeper, and what is around it."""

    def __init__(
        self,
        here: Market,
        account: Any,
        settings: Settings,
        entrusted: Path | None,
        log: Log,
        stop: Stop,
    ) -> None:
        from plumbline.chain.feed import Feed
        from plumbline.keeper import Hand, Keeper, Means
        from plumbline.keeper.metrics import Metrics
        from plumbline.labeler.delegated_reveals import Contents, Folder

        self._here = here
        self._address = None if account is None else account.address
        self._log = log
        self._stop = stop
        self._settings = settings
        self.metrics: Metrics = Metrics()
        self._is_low = False
        self._planned: list[Happening] = []
        folder = (
            None
            if entrusted is None
            else Folder(entrusted, here.deployment.deployed, here.chain.genesis)
        )
        self._outbox: Outbox | None = None
        if account is not None and not settings.is_rehearsal:
            self._outbox = outbox(here.chain, account)
            self._outbox.max_fee = settings.max_fee
            self._outbox.tell = lambda words: log("warning", "sent before", note=words)
        self._keeper = Keeper(
            here.rounds,
            Feed(here.chain.w3, here.deployment),
            settings,
            Means(
                files=folder.contents if folder else lambda: Contents((), {}),
                gold=here.vault.gold,
                hand=Hand(self._send, self._address, stop.is_set),
                tell=self._tell,
            ),
            wall=lambda: here.chain.now,
        )

    def _send(self, call: Call) -> Receipt:
        assert self._outbox is not None
        return self._outbox.send(call)

    def _tell(self, happening: Happening) -> None:
        if happening.done:
            self.metrics.did(happening.done)
        self._log(happening.level, happening.what, **happening.fields)

    # ------------------------------------------------------------------ on and on

    def until_stopped(self, interval: float, port: int | None, host: str) -> None:
        """Look at the chain again and again."""
        from plumbline.chain.events import EventsError
        from plumbline.chain.feed import NodeAway
        from plumbline.errors import PlumblineError

        here, settings = self._here, self._settings
        if port is not None:
            self._serve(port, host)
        self._log(
            "info",
            "keeper started",
            chain=here.chain.chain_id,
            contract=here.rounds.address,
            account=self._address,
            steps=",".join(sorted(settings.steps)),
            confirmations=settings.confirmations,
        )
        away_since: float | None = None
        pause = interval
        while not self._stop.is_set():
            try:
                tick = self._look()
            except (NodeAway, EventsError) as error:
                self.metrics.node_failed()
                if away_since is None:
                    away_since = time.monotonic()
                    self._log("error", "the node is away", reason=str(error))
                self._stop.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            except PlumblineError as error:
                self._log("critical", "the keeper cannot go on", reason=str(error))
                raise click.exceptions.Exit(1) from None
            if away_since is not None:
                seconds = round(time.monotonic() - away_since)
                self._log("info", "the node is back", head=tick.head, away_seconds=seconds)
                away_since, pause = None, interval
            if not any(_moved_on(done) for done in tick.done):
                self._stop.sleep(interval)
        self._log("info", "keeper stopped", account=self._address)

    def _serve(self, port: int, host: str) -> None:
        from prometheus_client import disable_created_metrics, start_http_server

        # A second series for every counter, of when it began: nobody asks.
        disable_created_metrics()
        try:
            server, _ = start_http_server(port, host, self.metrics.registry)
        except OSError as error:
            fail(f"metrics cannot be served at {host}:{port} ({error.strerror}): name another port")
        address = f"http://{host}:{server.server_address[1]}/metrics"
        self._log("info", "serving metrics", url=address)

    # ----------------------------------------------------------------------- once

    def once(self, as_json: bool) -> None:
        """Do what is due now; exit code 1 if something of it could not be done."""
        from plumbline.chain.events import EventsError
        from plumbline.chain.feed import NodeAway

        done: list[Done] = []
        tick = self._look()
        done.extend(tick.done)
        away: str | None = None
        for _ in range(_MOST_LOOKS):
            if self._stop.is_set() or not tick.done or self._settings.is_rehearsal:
                break
            try:
                tick = self._look()
            except (NodeAway, EventsError) as error:
                away = str(error)  # what was done until then is told all the same
                break
            done.extend(tick.done)
        if as_json:
            print_json(_as_json(self._address, tick, done))
        else:
            self._print(tick, done)
        failed = _unmended(done)
        if tick.held is not None:
            fail(f"something is due, but nothing can be sent now: {tick.held}")
        if failed:
            rest = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
            one = failed[0]
            fail(f"round {one.round_id}: {one.kind} failed{rest}: {one.reason}")
        if away is not None:
            fail(f"{away} Not all that is due was done: run it again")

    def _print(self, tick: Tick, done: list[Done]) -> None:
        from plumbline.units import ETHER

        if done:
            verb = "would be" if self._settings.is_rehearsal else "was"
            made = table(
                f"What {verb} done, up to block {tick.head}",
                ">round",
                "=action",
                ">labelers",
                "=outcome",
                ">gas",
                ">fee",
                "why",
            )
            for one in done:
                made.add_row(
                    str(one.round_id),
                    one.kind,
                    str(one.labelers),
                    one.outcome.value,
                    f"{one.gas_used:,}" if one.gas_used else "",
                    ETHER.short(one.fee) if one.fee else "",
                    one.reason,
                )
            console().print(made)
        elif tick.held is None:
            console().print(f"Nothing is due in block {tick.head}.")
        if tick.waits:
            made = table("What waits", ">round", "=until", "for")
            for wait in tick.waits[:_WAITS_SHOWN]:
                until = "" if wait.until is None else when(wait.until)
                made.add_row(str(wait.round_id), until, wait.reason)
            console().print(made)
            if len(tick.waits) > _WAITS_SHOWN:
                console().print(f"and {len(tick.waits) - _WAITS_SHOWN} more; --json has them all")

    # --------------------------------------------------------------------- shared

    def _look(self) -> Tick:
        from plumbline.chain.feed import NodeAway

        self._finish_earlier()
        tick = self._keeper.tick()
        if self._outbox is not None:
            self._outbox.told()
        self.metrics.ticked(tick)
        with contextlib.suppress(NodeAway):  # the next look says so; what this one did is known
            self._watch_balance()
        return tick

    def _finish_earlier(self) -> None:
        """What is in no block yet, of this run or one before, is brought into one first."""
        from plumbline.files.private import StorageError
        from plumbline.transactions.senders import NotLanded

        if self._outbox is None:
            return
        for sent in self._outbox.under_way():
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
        from plumbline.keeper.node import balance, dearest
        from plumbline.units import ETHER

        if self._address is None or self._settings.is_rehearsal:
            return
        w3 = self._here.chain.w3
        has, needs = balance(w3, self._address), dearest(w3)
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


def _moved_on(done: Done) -> bool:
    from plumbline.keeper import Outcome

    return done.outcome in (Outcome.DONE, Outcome.OVERTAKEN)


def _unmended(done: list[Done]) -> list[Done]:
    """Failures that nothing later made good: a round that could not be closed may be unwound."""
    from plumbline.keeper import Outcome

    expired = {one.round_id for one in done if one.kind == "expire" and _moved_on(one)}
    return [
        one
        for one in done
        if one.outcome in (Outcome.FAILED, Outcome.UNKNOWN)
        and not (one.kind == "close" and one.round_id in expired)
    ]


def _as_json(address: str | None, tick: Tick, done: list[Done]) -> dict[str, Any]:
    return {
        "account": address,
        "head": tick.head,
        "done": [
            {
                "round": one.round_id,
                "action": one.kind,
                "labelers": one.labelers,
                "outcome": one.outcome.value,
                "reason": one.reason,
                "transaction": one.transaction,
                "block": one.block,
                "gas_used": one.gas_used,
                "fee": str(one.fee),
            }
            for one in done
        ],
        "waits": [
            {"round": wait.round_id, "until": wait.until, "reason": wait.reason}
            for wait in tick.waits
        ],
        "held": tick.held,
        "entrusted": tick.entrusted,
        "refused_files": tick.refused,
    }
