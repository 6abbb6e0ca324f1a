"""The command `record` of a labeler."""

from typing import Any

import click

from plumbline.chain.records import Account
from plumbline.cli.accounts import account_of
from plumbline.cli.command import Command, account_option, fail, json_option
from plumbline.cli.market import open_market
from plumbline.cli.offers import kappa_words
from plumbline.cli.output import advise, console, pairs, plain, print_json, table
from plumbline.labeler.asked_records import AskedRecord, asked_records, records_asked_by
from plumbline.protocol.addresses import checksum
from plumbline.seating.gates import RecordRequirement
from plumbline.seating.policies import ChainFacts, read_policy
from plumbline.seating.record_book import book_at


@click.command(cls=Command)
@click.argument("address", metavar="[ADDRESS]", required=False)
@click.option("--book", "book_address", metavar="BOOK", help="Of the rounds that this book counts.")
@click.option(
    "--policy",
    "policy_address",
    metavar="POLICY",
    help="Whether it suffices for this policy, or pool. [default: those of the latest rounds]",
)
@account_option(required=False)
@json_option
def record(
    address: str | None,
    book_address: str | None,
    policy_address: str | None,
    alias: str | None,
    as_json: bool,
) -> None:
    """Show the record of the labeler at ADDRESS, or of --account, as gates read it.

    That is of all rounds, or with --book of those that a book counts; and for each gate whether it
    suffices, and what it lacks. Sends nothing.
    """
    market = open_market()
    w3, here = market.node.w3, market.contract.address
    labeler = checksum(address) if address else account_of(alias, market.node).address
    facts = ChainFacts.at(w3)
    kept_by = here if book_address is None else book_at(w3, here, book_address).address
    found, everywhere = facts.record(kept_by, labeler), facts.record(here, labeler)
    if policy_address is None:
        asked = asked_records(market)
    else:
        asked = tuple(records_asked_by(w3, read_policy(w3, checksum(policy_address))))
        if not asked:
            fail(f"{checksum(policy_address)} asks for no record: see `plumbline policy show`")
    wanted = [(each, each.requirements(facts, labeler)) for each in asked]
    if as_json:
        print_json(
            {
                "labeler": labeler,
                "book": None if kept_by == here else kept_by,
                "rounds": found.rounds,
                "near": found.near,
                "outlier": found.outlier,
                "kappa_bps": found.kappa,
                "silent": everywhere.unrevealed,
                "of_all_rounds": everywhere.rounds,
                "gates": [gate_json(each, requirements) for each, requirements in wanted],
            }
        )
        return
    console().print(_record_table(labeler, None if kept_by == here else kept_by, found, everywhere))
    show_gates(wanted)
    if not wanted:
        advise("none of the latest rounds asks for a record")


def _record_table(labeler: str, book: str | None, found: Account, everywhere: Account) -> Any:
    shown = pairs(f"Record of {labeler}")
    shown.add_row("of", "all rounds" if book is None else f"rounds that count in the book {book}")
    shown.add_row("rounds", str(found.rounds))
    shown.add_row("near", _of(found.near, found.rounds))
    shown.add_row("outlier", _of(found.outlier, found.rounds))
    shown.add_row("silent", f"{_of(everywhere.unrevealed, everywhere.rounds)}, of all rounds")
    shown.add_row(
        "kappa",
        f"{kappa_words(found.kappa)} on average, begun at 0: the latest round weighs an eighth",
    )
    return shown


def _of(part: int, rounds: int) -> str:
    return f"{part} of {rounds}" + (f" ({part / rounds:.0%})" if rounds else "")


def show_gates(wanted: list[tuple[AskedRecord, tuple[RecordRequirement, ...]]]) -> None:
    """What each gate asks of a record, and what that is."""
    for each, requirements in wanted:
        book = each.gate.book
        counted = "all rounds" if book is None else f"the book {book}"
        shown = table(f"The gate {each.policy} reads {counted}", "", "is", "asked", "lacking")
        for one in requirements:
            lacking = "[green]nothing[/]" if one.remedy is None else f"[red]{plain(one.remedy)}[/]"
            shown.add_row(one.name, one.has, one.needs, lacking)
        console().print(shown)


def gate_json(each: AskedRecord, requirements: tuple[RecordRequirement, ...]) -> dict[str, Any]:
    """The same of one gate, for machines."""
    return {
        "policy": each.policy,
        "book": each.gate.book,
        "suffices": all(one.is_met for one in requirements) if requirements else None,
        "asks": [
            {
                "name": one.name,
                "has": one.has,
                "needs": one.needs,
                "met": one.is_met,
                "reason": one.reason,
                "remedy": one.remedy,
            }
            for one in requirements
        ],
    }
