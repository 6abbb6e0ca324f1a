"""The command `relay`: commitments that labelers signed, sent for them."""

from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from plumbline.chain.call import Receipt
from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.market import open_market
from plumbline.cli.output import console, note, plain, print_json, table, tx_json
from plumbline.cli.sending import confirm, outbox_of, send, sender_of
from plumbline.files.private import StorageError
from plumbline.history.market import Market
from plumbline.labeler import consents
from plumbline.labeler.relay import (
    RelayBatch,
    RelayOutcome,
    Skipped,
    grouped,
    outcomes,
    plan_relay,
)
from plumbline.protocol.addresses import short_address
from plumbline.transactions.senders import NamedSigner, NotLanded
from plumbline.transactions.together import Candidate, carry, transaction_of
from plumbline.units import ETHER

Groups = list[tuple[Candidate[RelayBatch], ...]]


@click.command(cls=Command)
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@sending_options(account_required=False)
def relay(files: tuple[Path, ...], alias: str | None, yes: bool, as_json: bool) -> None:
    """Relay commitments that labelers signed: FILES are from `plumbline labeler sign`.

    As many as fit go into one transaction, those of several rounds too, and you pay the gas. What
    no longer applies is left out and said: a seat that is taken, a stake that is not covered, a
    phase that is over. You can change nothing in what was signed, and whoever runs this again
    relays nothing twice.
    """
    market = open_market()
    account = sender_of(alias, market.node)
    deployed = market.deployment.deployed
    plan = plan_relay(
        market, [consent for file in files for consent in consents.read(file, deployed)]
    )
    for skipped in plan.skipped:
        consent = skipped.consent
        note(f"round {consent.round_id}, {short_address(consent.labeler)}: {plain(skipped.reason)}")
    if not plan.batches and not all(skipped.is_done for skipped in plan.skipped):
        fail("none of these can be relayed: nothing was sent")
    cap = outbox_of(market.node, account).gas_cap
    planned = grouped(market, account.address, plan.batches, cap)
    if planned:
        calls = [transaction_of(market.contract, group) for group in planned]
        confirm(yes, market.node, account, [call.description for call in calls])
    relayed, receipts = _send(market, account, planned)
    if as_json:
        transactions = [tx_json(receipt) for receipt in receipts]
        print_json(_json(relayed, plan.skipped) | {"transactions": transactions})
    elif relayed:
        console().print(_table(relayed))
    else:
        console().print("all of these are on chain already: nothing was sent")
    if relayed and all(each.refused for each in relayed):
        fail("none of these was relayed: see above")


def _send(
    market: Market, account: NamedSigner, planned: Groups
) -> tuple[list[RelayOutcome], list[Receipt]]:
    """The outcome for each commitment, and the transactions that are in a block."""
    relayed: list[RelayOutcome] = []
    receipts: dict[str, Receipt] = {}
    for group in planned:
        for carried in carry(market.contract, group, partial(send, market.node, account)):
            if isinstance(carried.error, NotLanded | StorageError):
                raise carried.error
            if carried.receipt is not None:
                receipts[carried.receipt.transaction] = carried.receipt
            relayed += outcomes(carried, market.deployment)
    return relayed, list(receipts.values())


def _json(relayed: list[RelayOutcome], skipped: tuple[Skipped, ...]) -> dict[str, Any]:
    return {
        "relayed": [
            {
                "round": each.consent.round_id,
                "labeler": each.consent.labeler,
                "refused": each.refused,
                "gas": each.gas_used,
                "fee": str(each.fee),
            }
            for each in relayed
        ],
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


def _table(relayed: list[RelayOutcome]) -> Table:
    shown = table("Relayed", ">round", "=labeler", "outcome", ">gas", ">fee")
    for each in relayed:
        shown.add_row(
            str(each.consent.round_id),
            each.consent.labeler,
            f"[red]{plain(each.refused)}[/]" if each.refused else "[green]seated[/]",
            f"{each.gas_used:,}",
            ETHER.short(each.fee),
        )
    shown.caption = "gas and fee are shares of a transaction"
    return shown
