"""Carrying the commitments that others signed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from scripts._command import fail
from scripts._node import market
from scripts._output import console, note, print_json, short, table, tx_json
from scripts._sending import confirm, send, sender_of

if TYPE_CHECKING:
    from pathlib import Path

    from plumbline.chain.call import Receipt
    from plumbline.labeler.consents import Consent
    from plumbline.labeler.relay import Load, Skipped
    from scripts._node import Market


def relay(files: tuple[Path, ...], alias: str | None, yes: bool, as_json: bool) -> None:
    """Carry what applies, and say what became of each."""
    here = market()
    account = sender_of(alias, here.chain)
    loads, skipped = _planned(here, files)
    for one in skipped:
        note(f"round {one.consent.round_id}, {short(one.consent.labeler)}: {one.reason}")
    if not loads and not all(one.is_done for one in skipped):
        fail("none of these can be carried: nothing was sent")
    if loads:
        confirm(yes, here.chain, account, [load.call.description for load in loads])
    rows, receipts = _carry(here, account, loads)
    if as_json:
        print_json(_json(rows, skipped) | {"transactions": [tx_json(each) for each in receipts]})
    elif rows:
        console().print(_table(rows))
    else:
        console().print("all of these are on chain already: nothing was sent")
    if loads and not receipts:
        fail("none of these was carried: see above")


def _planned(here: Market, files: tuple[Path, ...]) -> tuple[list[Load], list[Skipped]]:
    """What to send, round by round, and what is left out."""
    from plumbline.history.rounds import history
    from plumbline.labeler import consents
    from plumbline.labeler.relay import Skipped, loads, sort_out

    deployed = here.deployment.deployed
    by_round: dict[int, list[Consent]] = {}
    for file in files:
        for one in consents.read(file, deployed):
            by_round.setdefault(one.round_id, []).append(one)
    told = history(here.events())
    found: list[Load] = []
    skipped: list[Skipped] = []
    locked: Counter[str] = Counter()
    for number, given in sorted(by_round.items()):
        if number not in told:
            skipped += [Skipped(one, f"there is no round {number}") for one in given]
            continue
        good, others = sort_out(here.rounds, told[number], here.chain.now, given, locked)
        found.extend(loads(here.rounds, number, good))
        skipped.extend(others)
    return found, skipped


def _carry(
    here: Market, account: Any, loads: list[Load]
) -> tuple[list[dict[str, Any]], list[Receipt]]:
    """Send one after the other: one that fails does not stop the others."""
    from plumbline.transactions.senders import NotLanded, SendError

    rows: list[dict[str, Any]] = []
    receipts = []
    for load in loads:
        try:
            receipt = send(here.chain, account, load.call)
        except NotLanded:
            raise  # the next one would wait behind it
        except SendError as error:
            rows += [_row(one, str(error), 0, 0) for one in load.consents]
            continue
        receipts.append(receipt)
        rows += _rows(here, load, receipt)
    return rows, receipts


def _rows(here: Market, load: Load, receipt: Receipt) -> list[dict[str, Any]]:
    """What became of each, and its share of what the transaction cost."""
    from plumbline.chain.events import CommitRefused, decode

    events = decode(receipt.logs, here.deployment.abi)
    refused = {each.labeler: each.reason for each in events if isinstance(each, CommitRefused)}
    share = len(load.consents)
    return [
        _row(one, refused.get(one.labeler), receipt.gas_used // share, receipt.fee // share)
        for one in load.consents
    ]


def _row(one: Consent, refused: str | None, gas: int, fee: int) -> dict[str, Any]:
    return {
        "round": one.round_id,
        "labeler": one.labeler,
        "refused": refused,
        "gas": gas,
        "fee": str(fee),
    }


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
