"""Carrying the commitments that others signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts._command import fail
from scripts._node import market
from scripts._output import console, note, print_json, short, table, tx_json, tx_line
from scripts._sending import confirm, send, sender_of

if TYPE_CHECKING:
    from pathlib import Path

    from plumbline.call import Receipt
    from plumbline.consents import Consent
    from plumbline.relay import Load, Skipped
    from scripts._node import Market


def relay(files: tuple[Path, ...], alias: str | None, yes: bool, as_json: bool) -> None:
    """Carry what applies, and say what became of each."""
    here = market()
    account = sender_of(alias, here.chain)
    loads, skipped = _planned(here, files)
    for one in skipped:
        note(f"round {one.consent.round_id}, {short(one.consent.labeler)}: {one.reason}")
    if not loads:
        if not all(one.is_done for one in skipped):
            fail("none of these can be carried: nothing was sent")
        if as_json:
            print_json(_json([], skipped))
        else:
            console().print("all of these are on chain already: nothing was sent")
        return
    confirm(yes, here.chain, account, [load.call.description for load in loads])
    done = [(load, send(here.chain, account, load.call)) for load in loads]
    rows = [row for load, receipt in done for row in _rows(here, load, receipt)]
    if as_json:
        receipts = [tx_json(receipt) for _, receipt in done]
        print_json({**_json(rows, skipped), "transactions": receipts})
    else:
        for _, receipt in done:
            console().print(tx_line(receipt), soft_wrap=True)
        console().print(_table(rows))


def _planned(here: Market, files: tuple[Path, ...]) -> tuple[list[Load], list[Skipped]]:
    """What to send, round by round, and what is left out."""
    from plumbline import consents
    from plumbline.relay import loads, sort_out

    deployed = here.deployment.deployed
    by_round: dict[int, list[Consent]] = {}
    for file in files:
        for one in consents.read(file, deployed):
            by_round.setdefault(one.round_id, []).append(one)
    found: list[Load] = []
    skipped: list[Skipped] = []
    for number, given in sorted(by_round.items()):
        told = here.history(here.round_number(number))
        good, others = sort_out(here.rounds, told, here.chain.now, given)
        found.extend(loads(here.rounds, number, good))
        skipped.extend(others)
    return found, skipped


def _rows(here: Market, load: Load, receipt: Receipt) -> list[dict[str, Any]]:
    """What became of each, and its share of what the transaction cost."""
    from plumbline.events import CommitRefused, decode

    events = decode(receipt.logs, here.deployment.abi)
    refused = {each.labeler: each.reason for each in events if isinstance(each, CommitRefused)}
    share = len(load.consents)
    return [
        {
            "round": one.round_id,
            "labeler": one.labeler,
            "refused": refused.get(one.labeler),
            "gas": receipt.gas_used // share,
            "fee": str(receipt.fee // share),
        }
        for one in load.consents
    ]


def _json(rows: list[dict[str, Any]], skipped: list[Skipped]) -> dict[str, Any]:
    return {
        "carried": rows,
        "left_out": [
            {
                "round": one.consent.round_id,
                "labeler": one.consent.labeler,
                "reason": one.reason,
                "is_done": one.is_done,
            }
            for one in skipped
        ],
    }


def _table(rows: list[dict[str, Any]]) -> Any:
    from plumbline.units import ETHER

    made = table("Carried", ">round", "=labeler", "what became of it", ">gas", ">fee")
    for row in rows:
        outcome = f"[red]{row['refused']}[/]" if row["refused"] else "[green]seated[/]"
        made.add_row(
            str(row["round"]),
            row["labeler"],
            outcome,
            f"{row['gas']:,}",
            ETHER.short(int(row["fee"])),
        )
    made.caption = "each one's equal share of its transaction"
    return made
