"""Rebuild everything from events alone and compare it with the chain."""

from __future__ import annotations

import click

from scripts._command import Command, fail, json_option
from scripts._node import market
from scripts._output import console, notes, print_json


@click.command(cls=Command)
@click.argument("number", metavar="[ROUND]", type=int, required=False)
@click.option("--to-block", type=int, help="Audit as of this block. [default: the latest]")
@json_option
def cli(number: int | None, to_block: int | None, as_json: bool) -> None:
    """Audit ROUND, or everything: commitments, verdicts, pay, slashes and all balances.

    Everything is worked out again from events alone and compared with what the contract stores.
    Exits with 1 and a line for each difference. Sends nothing.
    """
    from plumbline.audit import audit
    from scripts._scenes import audit_tables, audit_verdict

    here = market()
    if number is not None:
        here.round_number(number)
    with notes().status("reading events and working it all out again"):
        report = audit(here.chain.w3, here.deployment, number, to_block)
    if as_json:
        print_json(report.to_json())
    else:
        for made in audit_tables(report, here.unit):
            console().print(made)
        for remark in report.notes:
            console().print(f"[yellow]Note:[/] {remark}", soft_wrap=True)
    if report.is_clean:
        if not as_json:
            console().print(audit_verdict(report), soft_wrap=True)
        return
    for difference in report.differences:
        click.echo(str(difference), err=True)
    count = len(report.differences)
    fail(f"the audit found {count} difference{'' if count == 1 else 's'}, see above")
