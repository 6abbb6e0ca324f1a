"""The command `audit watch`: events in words as they land, each checked."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from plumbline.audit.watch import Look, Watcher
from plumbline.audit.wording import in_words, outcome_in_words, to_json
from plumbline.chain.contract import ContractError
from plumbline.chain.deployment import DeploymentError
from plumbline.chain.events import EventsError, RoundClosed, RoundEvent, RoundOpened
from plumbline.chain.feed import NodeUnavailable
from plumbline.chain.log_cache import LogCache
from plumbline.cli.audit.cache import cache_of, cache_option, no_cache_option
from plumbline.cli.command import Command, fail
from plumbline.cli.market import open_market
from plumbline.cli.output import console, count, note, plain, say
from plumbline.cli.stopping import StopOnSignal, interval_option
from plumbline.history.market import Market
from plumbline.units import Unit, format_time

_LONGEST_PAUSE: Final = 60.0  # seconds, while the node is away


@click.command(cls=Command)
@interval_option
@click.option("--once", is_flag=True, help="Look once and end; with 1 if something is wrong.")
@cache_option
@no_cache_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout, an object a line.")
def watch(
    interval: float, once: bool, cache_folder: Path | None, no_cache: bool, as_json: bool
) -> None:
    """Follow the chain: print each event in words as it lands, and check it.

    What should never happen stands out: a difference to what follows from the events, a balance
    that does not cover the books, a verdict that is not the rule's, a reorganisation. Goes on
    when the node is away, until stopped (Ctrl-C). Sends nothing.
    """
    market = open_market()
    with cache_of(market, cache_folder, no_cache) as cache:
        _watch(market, cache, interval, once, as_json)


def _watch(
    market: Market, cache: LogCache | None, interval: float, once: bool, as_json: bool
) -> None:
    """Look at the chain until stopped."""
    stop = StopOnSignal()
    watcher = Watcher(market.node.w3, market.deployment, cache)
    show = _as_json if as_json else _in_words
    pause, is_away = interval, False
    while not stop.is_set():
        try:
            look = watcher.look()
        except (NodeUnavailable, EventsError, ContractError, DeploymentError) as error:
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
        show(look, watcher, market.unit)
        if once:
            if look.differences:
                fail(f"{count(len(look.differences), 'difference')} found, see above")
            return
        stop.sleep(pause)


def _in_words(look: Look, watcher: Watcher, unit: Unit) -> None:
    for remark in look.remarks:
        note(f"[yellow]Note:[/] {plain(remark)}")
    if look.reorganised_from is not None:
        _alert(f"the chain was reorganised: block {look.reorganised_from} and later were replaced")
    for event in look.events:
        round_id = event.round_id if isinstance(event, RoundEvent) else None
        rules = None if round_id is None else watcher.rules_of(round_id)
        where = "" if round_id is None else f"round {round_id}: "
        line = f"[dim]{format_time(look.times[event.block])}  block {event.block}[/]  {where}"
        console().print(line + plain(in_words(event, unit, rules)), soft_wrap=True)
        if isinstance(event, RoundOpened):
            ends = event.deadlines
            gold = f", gold until {format_time(ends.gold)}" if ends.gold else ""
            commit, reveal = format_time(ends.commit), format_time(ends.reveal)
            say(f"    commit until {commit}, reveal until {reveal}{gold}")
        if isinstance(event, RoundClosed):
            for outcome in event.outcomes:
                console().print(f"    {plain(outcome_in_words(outcome, unit))}", soft_wrap=True)
    for difference in look.differences:
        _alert(str(difference))


def _alert(text: str) -> None:
    console().print(f"[bold red]ALERT[/] [bold]{plain(text)}[/]", soft_wrap=True)


def _as_json(look: Look, watcher: Watcher, unit: Unit) -> None:
    for remark in look.remarks:
        _line({"note": remark})
    if look.reorganised_from is not None:
        _line({"alert": "reorganised", "from_block": look.reorganised_from})
    for event in look.events:
        rules = watcher.rules_of(event.round_id) if isinstance(event, RoundEvent) else None
        words = in_words(event, unit, rules)
        _line({**to_json(event), "time": look.times[event.block], "words": words})
    for difference in look.differences:
        _line({"alert": "difference", **asdict(difference)})


def _line(value: dict[str, Any]) -> None:
    click.echo(json.dumps({**value, "seen": int(time.time())}))
