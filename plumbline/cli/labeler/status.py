"""The command `status` of a labeler."""

from typing import Any

import click

from plumbline.cli.command import Command, account_option, json_option, vault_option
from plumbline.cli.labeler.options import labeler_of, wallet_option
from plumbline.cli.market import open_market, vault_of
from plumbline.cli.output import (
    console,
    count,
    note,
    pairs,
    plain,
    print_json,
    table,
    time_left,
    warn,
)
from plumbline.cli.sending import outbox_of
from plumbline.history.market import Market
from plumbline.labeler.status import SeatStatus, seat_status, survey_of
from plumbline.labeler.unlocking import last_epoch
from plumbline.units import format_time


@click.command(cls=Command)
@wallet_option
@account_option(required=True)
@vault_option
@json_option
def status(wallet: str | None, alias: str, as_json: bool) -> None:
    """Show balances, record, and the rounds taken part in with what is still to be done."""
    market = open_market()
    vault, unit = vault_of(market), market.unit
    labeler = labeler_of(market, alias, wallet, sends=False)
    address = labeler.address
    books = market.contract.account(address)
    survey = survey_of(market, vault, address)
    seats = [seat_status(market, vault, history, address) for history in survey.histories]
    for remark in survey.remarks:
        warn(plain(remark))
    seen = [landed for history in survey.histories for landed in history.commitments]
    epoch = last_epoch(vault, address, seen)
    pending = outbox_of(market.node, labeler.account).pending()
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
                "key_epoch": epoch,
                "under_way": [
                    {"transaction": sent.last.transaction, "description": sent.call.description}
                    for sent in pending
                ],
                "rounds": [_json(market, seat) for seat in seats],
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
    shown.add_row("key", f"epoch {epoch}")
    console().print(shown)
    for sent in pending:
        note(
            f"[yellow]Under way:[/] {plain(sent.call.description)} Transaction "
            f"{sent.last.transaction} was in no block when it was last looked for; the next "
            "command that sends goes on from there."
        )
    if seats:
        _show_seats(market, seats)


def _show_seats(market: Market, seats: list[SeatStatus]) -> None:
    shown = table("Seats", ">round", "=phase", ">stake", "=answers", "=reveal by", ">left", "state")
    for seat in seats:
        history, reveal_by = seat.history, seat.history.deadlines.reveal
        shown.add_row(
            str(history.round_id),
            seat.phase.label,
            market.unit.short(history.rules.stake),
            "kept here" if seat.is_kept else "[red]not here[/]",
            format_time(reveal_by) if seat.is_awaited else "",
            time_left(max(0, reveal_by - market.node.now)) if seat.is_awaited else "",
            _state(market, seat),
        )
    console().print(shown)


def _json(market: Market, seat: SeatStatus) -> dict[str, Any]:
    return {
        "round": seat.history.round_id,
        "phase": seat.phase.label,
        "open": seat.is_awaited,
        "reveal_by": seat.history.deadlines.reveal,
        "kept": seat.is_kept,
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
