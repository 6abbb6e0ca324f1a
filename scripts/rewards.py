"""Work out who is paid and who is slashed, without or before a chain does."""

from __future__ import annotations

from pathlib import Path

import click

from scripts._command import Command, OfflineCommand, fail, vault_option
from scripts._node import market
from scripts._output import note, print_json


@click.group()
def cli() -> None:
    """Work out a settlement: from a file, or of a round on chain as it stands."""


@cli.command(cls=OfflineCommand)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def split(file: Path) -> None:
    """Settle the round in FILE, or each of a list of rounds, and print it as JSON.

    A round is an object of terms, answers (a row per committed labeler, null if never revealed;
    an entry is an option or null for a skip), gold (task -> answer) and gold_withheld. Amounts
    are decimal strings, in wei. Needs no node.
    """
    from plumbline.errors import PlumblineError
    from plumbline.files.text import parse_json, read_text
    from plumbline.formats import offline_settlement as splitting

    value = parse_json(read_text(file), str(file))
    rounds = value if isinstance(value, list) else [value]
    results = []
    for number, one in enumerate(rounds):
        try:
            results.append(splitting.split(one).to_vector())
        except PlumblineError as error:
            where = f"{file}, round {number}" if isinstance(value, list) else str(file)
            fail(f"{where}: {error}")
    print_json(results if isinstance(value, list) else results[0])


@cli.command(cls=Command)
@click.argument("number", metavar="[ROUND]", type=int, required=False)
@click.option("--gold", is_flag=True, help="Count the golds that are kept here but not opened.")
@vault_option
def preview(number: int | None, gold: bool) -> None:
    """Settle ROUND on chain from what has been revealed so far, and print it as JSON.

    In the form of `split`, with the address of each labeler, in the order of commitment. Golds
    count once they are opened; a requester can count them before with --gold.
    """
    from plumbline.history.preview import preview as previewed

    here = market()
    one = here.history(here.round_number(number))
    known = {}
    if gold and not one.gold:
        secret = here.vault.gold(one.requester, one.opened.gold_root)
        if secret is None:
            fail(f"the golds of round {one.round_id} are not kept here: leave out --gold")
        known = {task: answer for task, answer in enumerate(secret.answers) if answer is not None}
    settlement = previewed(one, here.chain.now, known)
    if one.closed is None:
        waiting = f", {len(one.awaited)} may still reveal" if one.awaited else ""
        golds = ", golds are not counted" if one.has_gold and not known else ""
        note(f"round {one.round_id} is not closed{waiting}{golds}")
    value = settlement.to_vector()
    for labeler, event in zip(value["labelers"], one.commitments, strict=True):
        labeler["labeler"] = event.labeler
    print_json(value)
