"""The command `policy show`: whom a policy admits."""

from pathlib import Path
from typing import Any

import click
from rich.table import Table

from plumbline.cli.command import Command, json_option, round_argument
from plumbline.cli.labeler.options import read_evidence
from plumbline.cli.market import open_market
from plumbline.cli.output import console, pairs, plain, print_json
from plumbline.cli.pool.terms import term_rows, terms_json
from plumbline.labeler.drawn_seats import DrawnSeats
from plumbline.protocol.addresses import checksum
from plumbline.seating.gates import AllOf, AnyOf, DrawGate, Policy
from plumbline.seating.policies import ChainFacts, read_policy
from plumbline.units import Unit


@click.command(cls=Command)
@click.argument("address")
@round_argument
@click.option("--labeler", metavar="ADDRESS", help="Say whether it admits this account.")
@click.option(
    "--evidence",
    "evidence_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What the labeler would show it, see `policy prove`.",
)
@json_option
def show(
    address: str,
    labeler: str | None,
    evidence_file: Path | None,
    number: int | None,
    as_json: bool,
) -> None:
    """Say what the policy at ADDRESS is, and whom it admits.

    With --labeler also whether that account would be admitted now, and if not, what would change
    that. Sends nothing and needs no account.
    """
    market = open_market()
    policy = read_policy(market.node.w3, checksum(address))
    refusal = None
    if labeler is not None:
        facts, who = ChainFacts.at(market.node.w3), checksum(labeler)
        if evidence_file is not None:
            given = read_evidence(evidence_file)
        elif number is None:
            given = ()
        else:
            given = DrawnSeats(market.contract, who).shown(policy, facts, number)
        refusal = policy.refusal(facts, number or 0, who, given)
    if as_json:
        values = _json(policy)
        if labeler is not None:
            values["labeler"] = checksum(labeler)
            values["admitted"] = refusal is None
            values["reason"] = None if refusal is None else refusal.reason
            values["remedy"] = None if refusal is None else refusal.remedy
        print_json(values)
        return
    shown = pairs(f"Policy {policy.address}")
    _describe(shown, policy, market.unit, "")
    if labeler is not None:
        words = "[green]would be admitted[/]" if refusal is None else plain(str(refusal))
        shown.add_row(checksum(labeler), words)
    console().print(shown)


def _describe(shown: Table, policy: Policy, unit: Unit, indent: str) -> None:
    kind = policy.kind or "another contract"
    shown.add_row(f"{indent}{kind}", f"admits {plain(policy.gate.summary)}")
    if isinstance(policy.gate, DrawGate):
        for name, value in term_rows(policy.gate.terms, unit):
            shown.add_row(f"{indent}  {name}", value)
    if isinstance(policy.gate, AllOf | AnyOf):
        for member in policy.gate.members:
            _describe(shown, member.policy, unit, indent + "  ")


def _json(policy: Policy) -> dict[str, Any]:
    values: dict[str, Any] = {
        "policy": policy.address,
        "kind": policy.kind,
        "admits": policy.gate.summary,
    }
    if isinstance(policy.gate, DrawGate):
        values["terms"] = terms_json(policy.gate.terms)
    if isinstance(policy.gate, AllOf | AnyOf):
        values["members"] = [
            {**_json(member.policy), "gas": member.gas_limit} for member in policy.gate.members
        ]
    return values
