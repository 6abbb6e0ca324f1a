"""The command `pool status`: members, own units, draws."""

from typing import Any, Final

import click

from plumbline.cli.accounts import account_of
from plumbline.cli.command import Command, account_option, json_option
from plumbline.cli.market import open_market
from plumbline.cli.output import advise, console, count, pairs, plain, print_json, table
from plumbline.cli.pool.terms import draw_json, term_rows, terms_json
from plumbline.history.market import Market
from plumbline.labeler.membership import HeldUnit, PoolMembership
from plumbline.requester.pool_shares import shares_of
from plumbline.seating.draw import STRIKES, Draw
from plumbline.seating.pool_history import PoolHistory, PoolShares
from plumbline.seating.records import PoolState
from plumbline.seating.seat_draw import SeatDraw, pool_at
from plumbline.units import Unit, format_time

_LATEST: Final = 10  # draws that are shown


@click.command(cls=Command)
@click.argument("address", metavar="POOL")
@account_option(required=False)
@json_option
def status(address: str, alias: str | None, as_json: bool) -> None:
    """Show the pool at POOL: its terms, how many can be drawn, the latest draws and their seeds.

    With --account also the units of that account: from when on they are drawn, what is left of
    each bond, and when it comes back. Sends nothing.
    """
    market = open_market()
    pool = pool_at(market.contract, address)
    history = PoolHistory.of(pool)
    state, now = pool.state(), market.node.now
    held = None
    if alias is not None:
        owner = account_of(alias, market.node, required=True).address
        held = PoolMembership.of(pool, history, owner, now)
    shares = shares_of(market.events(), history, state.epoch)
    latest = [pool.drawn(event.draw_id) for event in history.drawn[-_LATEST:]]
    if as_json:
        print_json(_json(market, pool, state, shares, latest, held))
        return
    unit = market.unit
    shown = pairs(f"Pool {pool.address}")
    for name, value in term_rows(pool.terms(), unit):
        shown.add_row(name, value)
    shown.add_row("can be drawn now", _drawable_words(state, shares))
    shown.add_row("held for the sink", unit.exact(pool.sink_balance()))
    console().print(shown)
    if latest:
        console().print(_draws(latest, len(history.drawn), now))
    if held is not None:
        _show_held(held, unit, now)


def _drawable_words(state: PoolState, shares: PoolShares) -> str:
    words = f"{count(state.drawable, 'unit')} of {count(shares.owners, 'account')}"
    if state.holes:
        words += f" ({count(state.holes, 'number')} empty)"
    if state.units > state.ripe:
        words += f", {state.units - state.ripe} more have joined"
    return words


def _draws(latest: list[Draw], total: int, now: int) -> Any:
    shown = table(
        f"Draws, the last {len(latest)} of {total}",
        ">draw",
        "rounds",
        ">seats",
        ">drawn from",
        "seed",
        "commitments until",
    )
    for draw in reversed(latest):
        shown.add_row(
            str(draw.number),
            ", ".join(map(str, draw.rounds)),
            str(draw.seats),
            f"{draw.n:,}",
            _seed_words(draw, now),
            format_time(draw.ends),
        )
    return shown


def _seed_words(draw: Draw, now: int) -> str:
    if draw.captured is not None:
        return f"since {format_time(draw.captured)}"
    if now >= draw.ends:
        return "[red]never captured[/]"
    return f"[yellow]of block {draw.seed_block}, not captured yet[/]"


def _show_held(held: PoolMembership, unit: Unit, now: int) -> None:
    if not held.units and not held.credit:
        advise(f"{held.owner} has nothing in this pool: `plumbline pool join {held.pool.address}`")
        return
    shown = table(f"Units of {held.owner}", ">unit", "stands", ">strikes", ">bond left")
    for each in held.units:
        shown.add_row(
            str(each.number),
            plain(_unit_words(each, now)),
            f"{each.unit.strikes} of {STRIKES}",
            unit.short(each.bond),
        )
    console().print(shown)
    if held.credit:
        advise(
            f"{unit.exact(held.credit)} can be had back:"
            f" `plumbline pool withdraw {held.pool.address}`"
        )


def _unit_words(each: HeldUnit, now: int) -> str:
    if each.back_from is not None:
        when = "now" if each.back_from <= now else f"from {format_time(each.back_from)} on"
        return f"has left, bond back {when}"
    if each.drawn_from > now:
        return f"in draws from {format_time(each.drawn_from)} on"
    return "in every draw"


def _json(
    market: Market,
    pool: SeatDraw,
    state: PoolState,
    shares: PoolShares,
    latest: list[Draw],
    held: PoolMembership | None,
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "pool": pool.address,
        **terms_json(pool.terms()),
        "units": state.units,
        "ripe": state.ripe,
        "holes": state.holes,
        "drawable": state.drawable,
        "accounts": shares.owners,
        "most_of_one_account": shares.owned,
        "most_of_one_funder": shares.funded,
        "sink_balance": str(pool.sink_balance()),
        "draws": [{**draw_json(draw), "drawn_at": draw.frozen} for draw in latest],
    }
    if held is not None:
        values["account"] = held.owner
        values["credit"] = str(held.credit)
        values["own_units"] = [
            {
                "unit": each.number,
                "joined_epoch": each.unit.joined,
                "drawn_from": each.drawn_from,
                "left_at": each.unit.left,
                "strikes": each.unit.strikes,
                "bond": str(each.bond),
                "back_from": each.back_from,
            }
            for each in held.units
        ]
    return values
