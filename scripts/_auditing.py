"""How `audit` shows progress, reports, and what it watches."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scripts._command import fail, vault_root
from scripts._output import console, note, notes, plain, print_json, when
from scripts._scenes import audit_tables, audit_verdict

if TYPE_CHECKING:
    from plumbline.audit import AuditReport, Difference
    from plumbline.audit.watch import Look, Watcher
    from plumbline.chain.log_cache import LogCache
    from plumbline.progress import Progress
    from plumbline.units import Unit
    from scripts._node import Market

_LONGEST_PAUSE = 60.0  # seconds, while the node is away


@contextmanager
def cache_of(here: Market, folder: Path | None, no_cache: bool) -> Iterator[LogCache | None]:
    """The cache of a deployment, as long as it is used; None if it shall not be."""
    from plumbline.chain.log_cache import LogCache

    if no_cache:
        yield None
        return
    cache = LogCache(folder or vault_root() / "cache", here.deployment.deployed)
    try:
        yield cache
    finally:
        cache.close()


@contextmanager
def shown() -> Iterator[Progress]:
    """A line on stderr for each part of the work, gone when it is done."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, TimeElapsedColumn(), console=notes(), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            elif done < total and done % max(1, total // 100):
                return  # a hundred steps are enough for an eye
            bars.update(tasks[what], completed=done, total=total)

        yield progress


def show(report: AuditReport, unit: Unit, as_json: bool) -> None:
    """Print an audit; ends with code 1 if it found differences."""
    if as_json:
        print_json(report.to_json())
    else:
        for made in audit_tables(report, unit):
            console().print(made)
        for remark in report.notes:
            console().print(f"[yellow]Note:[/] {plain(remark)}", soft_wrap=True)
    if report.is_clean:
        if not as_json:
            console().print(audit_verdict(report), soft_wrap=True)
        return
    for difference in report.differences:
        click.echo(_printable(str(difference)), err=True)
    count = len(report.differences)
    fail(f"the audit found {count} difference{'' if count == 1 else 's'}, see above")


# ---------------------------------------------------------------------------- watch


def watch(here: Market, cache: LogCache | None, interval: float, once: bool, as_json: bool) -> None:
    """Look at the chain until told to stop."""
    from plumbline.audit.watch import Watcher
    from plumbline.chain.contract import ContractError
    from plumbline.chain.deployment import DeploymentError
    from plumbline.chain.events import EventsError
    from plumbline.chain.feed import NodeAway
    from scripts._keeping import Stop

    stop = Stop()
    watcher = Watcher(here.chain.w3, here.deployment, cache)
    tell = _as_json if as_json else _in_words
    pause, is_away = interval, False
    while not stop.is_set():
        try:
            look = watcher.look()
        except (NodeAway, EventsError, ContractError, DeploymentError) as error:
            if once:
                raise
            if not is_away:
                note(f"[yellow]{plain(str(error))}[/]; trying again until it does")
            pause, is_away = min(pause * 2, _LONGEST_PAUSE), True
            stop.sleep(pause)
            continue
        if is_away:
            note(f"the node answers again, at block {look.head}")
        pause, is_away = interval, False
        tell(look, watcher, here.unit)
        if once:
            if look.differences:
                fail(f"{len(look.differences)} things are not as they must be, see above")
            return
        stop.sleep(pause)


def _in_words(look: Look, watcher: Watcher, unit: Unit) -> None:
    from plumbline.audit.wording import in_words, outcome_in_words
    from plumbline.chain.events import RoundClosed, RoundEvent, RoundOpened

    for remark in look.remarks:
        note(f"[yellow]Note:[/] {plain(remark)}")
    if look.reorganised_from is not None:
        _alert(f"the chain was reorganised: block {look.reorganised_from} and later are others now")
    for event in look.events:
        round_id = event.round_id if isinstance(event, RoundEvent) else None
        rules = None if round_id is None else watcher.rules_of(round_id)
        where = "" if round_id is None else f"round {round_id}: "
        line = f"[dim]{when(look.times[event.block])}  block {event.block}[/]  {where}"
        console().print(line + plain(in_words(event, unit, rules)), soft_wrap=True)
        if isinstance(event, RoundOpened):
            ends = event.deadlines
            gold = f", golds until {when(ends.gold)}" if ends.gold else ""
            console().print(
                f"    commit until {when(ends.commit)}, reveal until {when(ends.reveal)}{gold}",
                soft_wrap=True,
            )
        if isinstance(event, RoundClosed):
            for outcome in event.outcomes:
                console().print(f"    {plain(outcome_in_words(outcome, unit))}", soft_wrap=True)
    for difference in look.differences:
        _alert(str(difference))


def _alert(text: str) -> None:
    console().print(f"[bold red]ALERT[/] [bold]{plain(text)}[/]", soft_wrap=True)


def _as_json(look: Look, watcher: Watcher, unit: Unit) -> None:
    from plumbline.audit.wording import in_words, to_json
    from plumbline.chain.events import RoundEvent

    for remark in look.remarks:
        _line({"note": remark})
    if look.reorganised_from is not None:
        _line({"alert": "reorganised", "from_block": look.reorganised_from})
    for event in look.events:
        rules = watcher.rules_of(event.round_id) if isinstance(event, RoundEvent) else None
        words = in_words(event, unit, rules)
        _line({**to_json(event), "time": look.times[event.block], "words": words})
    for difference in look.differences:
        _line({"alert": "difference", **_difference(difference)})


def _difference(difference: Difference) -> dict[str, Any]:
    return asdict(difference)


def _line(value: dict[str, Any]) -> None:
    click.echo(json.dumps({**value, "seen": int(time.time())}))


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
