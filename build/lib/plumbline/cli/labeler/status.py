"""The command `status` of a labeler."""

from typing import Any

import click

from plumbline.cli.command import Command, account_option, json_option, vault_option
from plumbline.cli.labeler.options import labeler_of, wallet_option
from plumbline.cli.market import open_market, vault_of
from plumbline.cli.output import (
    console,
    count,
    left,
    note,
    pairs,
    plain,
    print_json,
    table,
)
from plumbline.cli.sending import outbox
from plumbline.history.market import Market
from plumbline.labeler.status import SeatStatus, kept_secret, rounds_of, seat_status
from plumbline.labeler.vault import Vault
from plumbline.units import format_time


@click.command(cls=Command)
@wallet_option
@account_option(needed=True)
@vault_option
@json_option
def status(wallet: str | None, alias: str, as_json: bool) -> None:
    """Show balances, record, and the rounds taken part in with what is still to be done."""
    market = open_market()
    vault, unit = vault_of(market), market.unit
    labeler = labeler_of(market, alias, wallet, sends=False)
    address = labeler.address
    books = market.contract.account(address)
    seats = [
        seat_status(market, vault, history, address)
        for history in rounds_of(market, vault, address)
    ]
    under_way = outbox(market.node, account=labeler.account).under_way()
    if as_json:
        print_json(
            {
                "labeler": address,
                "free": str(books.free),
                "locked": str(books.locked),
                "rounds_ended": books.rounds,
                "near": books.near,
                "outlier": books.outlier,
                "unrevealed": books.unrevealed,
                "kappa_bps": books.kappa,
                "under_way": [
                    {"transaction": sent.last.transaction, "description": sent.call.description}
                    for sent in under_way
                ],
                "rounds": [_json(market, vault, seat, address) for seat in seats],
            }
        )
        return
    shown = pairs(f"{labeler.name}, {address}")
    shown.add_row("free", unit.short(books.free))
    shown.add_row("locked in seats", unit.short(books.locked))
    shown.add_row(
        "record",
        f"{count(books.rounds, 'round')}: {books.near} near, {books.outlier} outlier, "
        f"{books.unrevealed} not revealed",
    )
    shown.add_row(
        "moving kappa", f"{books.kappa / 10_000:.2f}, begun at 0: the latest round weighs an eighth"
    )
    console().print(shown)
    for sent in under_way:
        note(
            f"[yellow]Under way:[/] {plain(sent.call.description)} Transaction "
            f"{sent.last.transaction} was in no block when it was last looked for; the next "
            "command that sends goes on from there."
        )
    if seats:
        _show_seats(market, vault, seats, address)


def _show_seats(market: Market, vault: Vault, seats: list[SeatStatus], labeler: str) -> None:
    shown = table("Seats", ">round", "=phase", ">stake", "=answers", "=reveal by", ">left", "state")
    for seat in seats:
        history, values = seat.history, _json(market, vault, seat, labeler)
        reveal_by = history.deadlines.reveal
        shown.add_row(
            str(history.round_id),
            values["phase"],
            market.unit.short(history.rules.stake),
            "kept here" if values["kept"] else "[red]not here[/]",
            format_time(reveal_by) if values["open"] else "",
            left(max(0, reveal_by - market.node.now)) if values["open"] else "",
            values["state"],
        )
    console().print(shown)


def _json(market: Market, vault: Vault, seat: SeatStatus, labeler: str) -> dict[str, Any]:
    history = seat.history
    phase, _ = market.time_left(history)
    return {
        "round": history.round_id,
        "phase": phase.label,
        "open": labeler in history.awaited,
        "reveal_by": history.deadlines.reveal,
        "kept": kept_secret(vault, history, labeler) is not None,
        "state": _state(market, seat),
    }


def _state(market: Market, seat: SeatStatus) -> str:
    outcome = seat.outcome
    if outcome is None:
        return seat.words
    money = ""
    if outcome.pay:
        money = f", paid {market.unit.short(outcome.pay)}"
    elif outcome.slash:
        money = f", slashed {market.unit.short(outcome.slash)}"
    return f"{outcome.band.label}{money}"
