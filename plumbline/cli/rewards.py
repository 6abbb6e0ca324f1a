"""Work out who is paid and who is slashed, without or before a chain does."""

from pathlib import Path

import click
from rich.table import Table

from plumbline.cli.accounts import account_of
from plumbline.cli.command import (
    Command,
    OfflineCommand,
    account_option,
    fail,
    json_option,
    round_argument,
    vault_option,
)
from plumbline.cli.market import open_market
from plumbline.cli.output import coloured_band, console, note, print_json, table
from plumbline.cli.requester.gold import gold_store
from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json, read_text
from plumbline.formats.offline_settlement import settle_offline
from plumbline.history.preview import preview as preview_of
from plumbline.history.rounds import RoundHistory
from plumbline.protocol.addresses import short_address
from plumbline.settlement import WorkedSettlement
from plumbline.settlement.reasons import reasons
from plumbline.units import Unit


@click.group()
def cli() -> None:
    """Work out a settlement: from a file, or of a round on chain as it stands."""


@cli.command(cls=OfflineCommand)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def split(file: Path) -> None:
    """Settle the round in FILE, or each of a list of rounds, and print it as JSON.

    A round is an object of terms, answers (a row per committed labeler, null if never revealed;
    an entry is an option or null for a skip), gold (task -> answer) and gold_withheld. Amounts
    are decimal strings, in wei. In the result, passed says who passed the gold answers, and
    gold_withheld whether none that are credible were opened. Needs no node.
    """
    value = parse_json(read_text(file), str(file))
    rounds = value if isinstance(value, list) else [value]
    results = []
    for number, each in enumerate(rounds):
        try:
            results.append(settle_offline(each).to_vector())
        except PlumblineError as error:
            where = f"{file}, round {number}" if isinstance(value, list) else str(file)
            fail(f"{where}: {error}")
    print_json(results if isinstance(value, list) else results[0])


@cli.command(cls=Command)
@round_argument
@click.option(
    "--gold", is_flag=True, help="Count the gold answers that are kept here but not opened."
)
@account_option(required=False)
@vault_option
@json_option
def preview(number: int | None, gold: bool, alias: str | None, as_json: bool) -> None:
    """Settle ROUND on chain from what has been revealed so far: bands, pay and why.

    Gold answers count once they are opened, and are withheld until then; a requester can count
    them before with --gold and the --account that unlocks them. --json prints it in the form of
    `split`, with the address of each labeler, in the order of commitment.
    """
    market = open_market()
    history = market.history(market.require_round(number))
    known = {}
    if gold and not history.gold:
        secret = gold_store(market, account_of(alias, market.node), {}).of(history)
        if secret is None:
            fail(
                f"the gold answers of round {history.round_id} are not kept here, or not this "
                "account's: leave out --gold"
            )
        known = {task: answer for task, answer in enumerate(secret.answers) if answer is not None}
    settlement = preview_of(history, known)
    if history.closed is None:
        waiting = f", {len(history.awaited)} may still reveal" if history.awaited else ""
        unknown = settlement.gold_withheld and not known
        gold_note = ", this is what it comes to if the gold answers are withheld" if unknown else ""
        note(f"round {history.round_id} is not closed{waiting}{gold_note}")
    if not as_json:
        console().print(_table(market.unit, history, settlement))
        return
    value = settlement.to_vector()
    for labeler, event in zip(value["labelers"], history.commitments, strict=True):
        labeler["labeler"] = event.labeler
    print_json(value)


def _table(unit: Unit, history: RoundHistory, settlement: WorkedSettlement) -> Table:
    """What every labeler would get, and why."""
    judged = {"peer": "by peers", "gold": "by the gold answers", "void": "by nobody: void"}
    shown = table(
        f"Round {history.round_id}, if nothing more were revealed",
        *("=labeler", "=band", ">kappa", ">pay", ">slash", "why"),
        caption=f"judged {judged[settlement.mode.label]}; paid {unit.short(settlement.paid)}, "
        f"refunded {unit.short(settlement.refund)}, to the sink {unit.short(settlement.burned)}",
    )
    awaited = frozenset(history.awaited)
    rows = zip(history.commitments, settlement.labelers, reasons(settlement), strict=True)
    for event, outcome, reason in rows:
        shown.add_row(
            short_address(event.labeler),
            coloured_band(outcome.band.label),
            f"{outcome.kappa_ppm / 1e6:.2f}" if outcome.kappa_ppm else "-",
            unit.short(outcome.pay) if outcome.pay else "-",
            unit.short(outcome.slash) if outcome.slash else "-",
            "has not revealed yet" if event.labeler in awaited else reason,
        )
    return shown
