"""The command `relay`: commitments that labelers signed, sent for them."""

from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from plumbline.chain.call import Receipt
from plumbline.chain.events import CommitRefused, decode
from plumbline.cli.command import (
    Command,
    account_option,
    fail,
    json_option,
    vault_option,
    yes_option,
)
from plumbline.cli.market import open_market
from plumbline.cli.output import console, note, print_json, short, table, tx_json
from plumbline.cli.sending import confirm, send, sender_of
from plumbline.history.market import Market
from plumbline.labeler import consents
from plumbline.labeler.consents import Consent
from plumbline.labeler.relay import RelayBatch, Skipped, plan_relay
from plumbline.transactions.independent import send_each
from plumbline.transactions.senders import NamedSigner
from plumbline.units import ETHER


@click.command(cls=Command)
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@account_option(needed=False)
@vault_option
@yes_option
@json_option
def relay(files: tuple[Path, ...], alias: str | None, yes: bool, as_json: bool) -> None:
    """Relay commitments that labelers signed: FILES are from `plumbline labeler sign`.

    As many as fit go into one transaction, and you pay the gas. What no longer applies is left
    out and said: a seat that is taken, a stake that is not covered, a phase that is over. You can
    change nothing in what was signed, and whoever runs this again relays nothing twice.
    """
    market = open_market()
    account = sender_of(alias, market.node)
    deployed = market.deployment.deployed
    plan = plan_relay(
        market, [consent for file in files for consent in consents.read(file, deployed)]
    )
    for skipped in plan.skipped:
        consent = skipped.consent
        note(f"round {consent.round_id}, {short(consent.labeler)}: {skipped.reason}")
    if not plan.batches and not all(skipped.is_done for skipped in plan.skipped):
        fail("none of these can be relayed: nothing was sent")
    if plan.batches:
        confirm(yes, market.node, account, [batch.call.description for batch in plan.batches])
    rows, receipts = _send(market, account, plan.batches)
    if as_json:
        transactions = [tx_json(receipt) for receipt in receipts]
        print_json(_json(rows, plan.skipped) | {"transactions": transactions})
    elif rows:
        console().print(_table(rows))
    else:
        console().print("all of these are on chain already: nothing was sent")
    if plan.batches and not receipts:
        fail("none of these was relayed: see above")


def _send(
    market: Market, account: NamedSigner, batches: tuple[RelayBatch, ...]
) -> tuple[list[dict[str, Any]], list[Receipt]]:
    """What came of each commitment, and the transactions that are in a block."""
    calls = {number: batch.call for number, batch in enumerate(batches)}
    receipts, failures = send_each(calls, partial(send, market.node, account))
    rows: list[dict[str, Any]] = []
    for number, batch in enumerate(batches):
        if number in failures:
            rows += [_row(consent, failures[number], 0, 0) for consent in batch.consents]
        else:
            rows += _rows(market, batch, receipts[number])
    return rows, list(receipts.values())


def _rows(market: Market, batch: RelayBatch, receipt: Receipt) -> list[dict[str, Any]]:
    """The outcome of each, and its share of what the transaction cost."""
    events = decode(receipt.logs, market.deployment.abi)
    refused = {event.labeler: event.reason for event in events if isinstance(event, CommitRefused)}
    share = len(batch.consents)
    return [
        _row(consent, refused.get(consent.labeler), receipt.gas_used // share, receipt.fee // share)
        for consent in batch.consents
    ]


def _row(consent: Consent, refused: str | None, gas: int, fee: int) -> dict[str, Any]:
    return {
        "round": consent.round_id,
        "labeler": consent.labeler,
        "refused": refused,
        "gas": gas,
        "fee": str(fee),
    }


def _json(rows: list[dict[str, Any]], skipped: tuple[Skipped, ...]) -> dict[str, Any]:
    return {
        "relayed": rows,
        "left_out": [
            {
                "round": each.consent.round_id,
                "labeler": each.consent.labeler,
                "reason": each.reason,
                "is_done": each.is_done,
            }
            for each in skipped
        ],
    }


def _table(rows: list[dict[str, Any]]) -> Table:
    shown = table("Relayed", ">round", "=labeler", "outcome", ">gas", ">fee")
    for row in rows:
        outcome = f"[red]{row['refused']}[/]" if row["refused"] else "[green]seated[/]"
        shown.add_row(
            str(row["round"]),
            row["labeler"],
            outcome,
            f"{row['gas']:,}",
            ETHER.short(int(row["fee"])),
        )
    shown.caption = "each one's equal share of its transaction"
    return shown
