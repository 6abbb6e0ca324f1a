"""The command `rounds`: seats to be had."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from plumbline.cli.accounts import account_of
from plumbline.cli.command import Command, account_option, json_option
from plumbline.cli.labeler.options import wallet_option
from plumbline.cli.labeler.record import gate_json, show_gates
from plumbline.cli.market import open_market
from plumbline.cli.offers import record_words
from plumbline.cli.output import console, note, plain, print_json, table, time_left
from plumbline.history.market import Market
from plumbline.labeler.asked_records import AskedRecord, asked_records
from plumbline.labeler.open_rounds import OpenRound, open_rounds
from plumbline.protocol.addresses import checksum
from plumbline.seating.gates import RecordRequirement
from plumbline.seating.policies import ChainFacts
from plumbline.seating.pool_history import Lot


@click.command(cls=Command)
@click.option(
    "--fetch",
    is_flag=True,
    help="Get the tasks of each round from where it says, http(s) addresses that requesters "
    "wrote: to see what is asked, and whether the tasks can be had.",
)
@wallet_option
@account_option(required=False)
@json_option
def rounds(fetch: bool, wallet: str | None, alias: str | None, as_json: bool) -> None:
    """List the rounds with seats to be had: pay, stake, what a seat risks, who may take one.

    With --account also whether that account would be admitted, and if not, what would change
    that; a policy may want to see something that is not known here, like an attestation. Where
    rounds here ask for a record, also which rounds count for it, and what that account's lacks.
    """
    market = open_market()
    labeler: str | None = None
    if wallet is not None:
        labeler = checksum(wallet)
    elif alias is not None:
        labeler = account_of(alias, market.node, required=True).address
    found = open_rounds(market, labeler, fetch)
    unit = market.unit
    asked = _RecordOf.of(market, labeler) if found else []
    if as_json:
        print_json([_json(each, asked) for each in found])
        return
    if not found:
        note("No round takes commitments now.")
        return
    shown = table(
        f"Open rounds on chain {market.node.chain_id}",
        ">round",
        "asked",
        ">tasks",
        ">gold",
        ">pays",
        ">stake",
        ">can lose",
        ">seats",
        ">left",
    )
    takers = table("Who may take a seat", ">round", "seats go to", "its requester")
    for each in found:
        rules = each.history.rules
        shown.add_row(
            str(each.history.round_id),
            _asked(each),
            str(rules.tasks),
            str(rules.gold_count) if rules.has_gold else "none",
            unit.short(each.offer.price),
            unit.short(each.offer.stake),
            unit.short(max(each.offer.silent, each.offer.outlier_most)),
            f"{each.seats_left} of {rules.seats}",
            time_left(each.left),
        )
        takers.add_row(
            str(each.history.round_id),
            _seating(each) + _counting(each, asked),
            record_words(each.offer),
        )
    console().print(shown, takers)
    show_gates([(one.record, one.requirements) for one in asked if one.requirements])


@dataclass(frozen=True, slots=True)
class _RecordOf:
    """A record that rounds here ask for, and what of it a labeler has; nothing if for nobody."""

    record: AskedRecord
    requirements: tuple[RecordRequirement, ...]

    @classmethod
    def of(cls, market: Market, labeler: str | None) -> "list[_RecordOf]":
        """All there are."""
        facts = ChainFacts.at(market.node.w3)
        return [
            cls(each, () if labeler is None else each.requirements(facts, labeler))
            for each in asked_records(market)
        ]


def _counting(each: OpenRound, asked: Sequence[_RecordOf]) -> str:
    """Whether it counts for records, and is there for that."""
    books = [one for one in asked if one.record.gate.book is not None]
    words = "; a probation round" if each.is_probation else ""
    if any(one.record.counts(each.history.opened) for one in books or asked):
        words += "; counts for a record"
    return words


def _asked(each: OpenRound) -> str:
    rules = each.history.rules
    if each.tasks is not None:
        return f"[red]{plain(each.tasks)}[/]"
    return plain(each.question or f"{rules.kind.label}, {rules.options} options")


def _seating(each: OpenRound) -> str:
    if each.is_seated:
        return "[green]you have one[/]"
    if each.policy is None:
        return "whoever comes first"
    drawn = "; ".join(map(_lot_words, each.lots))
    if each.refusal is None and drawn:
        return f"[green]{plain(drawn)}[/]"
    if each.refusal is not None:
        return f"not you: {plain(str(each.refusal))}"
    return plain(each.policy.gate.summary)


def _lot_words(lot: Lot) -> str:
    """Where a unit stands in a draw."""
    return "you, by lot" if lot.rank is None else f"you, by lot: position {lot.rank + 1}"


def _json(each: OpenRound, asked: Sequence[_RecordOf]) -> dict[str, Any]:
    rules, offer = each.history.rules, each.offer
    return {
        "round": each.history.round_id,
        "requester": each.history.requester,
        "question": each.question,
        "kind": rules.kind.label,
        "options": rules.options,
        "tasks": rules.tasks,
        "gold_tasks": rules.gold_count,
        "uri": each.history.opened.uri,
        "tasks_missing": each.tasks,
        "price": str(offer.price),
        "stake": str(offer.stake),
        "most_lost": str(max(offer.silent, offer.outlier_most)),
        "seats": rules.seats,
        "seats_left": each.seats_left,
        "seconds_left": each.left,
        "requester_opened": offer.opened,
        "requester_void": offer.void,
        "seated": each.is_seated,
        "policy": None if each.policy is None else each.policy.address,
        "admits": None if each.policy is None else each.policy.gate.summary,
        "drawn": [
            {
                "draw": lot.draw.number,
                "unit": lot.unit,
                "position": None if lot.rank is None else lot.rank + 1,
                "admitted_from": lot.opens,
            }
            for lot in each.lots
        ],
        "probation": each.is_probation,
        "counts_for": [
            gate_json(one.record, one.requirements)
            for one in asked
            if one.record.counts(each.history.opened)
        ],
        "refused": None if each.refusal is None else each.refusal.reason,
        "remedy": None if each.refusal is None else each.refusal.remedy,
    }
