"""The command `audit rounds`: everything again from events, compared with the chain."""

from dataclasses import replace
from pathlib import Path

import click

from plumbline.audit import AuditReport, audit
from plumbline.audit.task_checks import Fetcher, sources
from plumbline.cli.audit.cache import cache_of, cache_option, no_cache_option
from plumbline.cli.audit.display import audit_tables, audit_verdict
from plumbline.cli.command import Command, fail, json_option
from plumbline.cli.market import open_market
from plumbline.cli.output import (
    advise,
    console,
    count,
    plain,
    print_json,
    progress_bars,
    say,
)
from plumbline.harmless import harmless
from plumbline.units import Unit


@click.command(cls=Command)
@click.argument("numbers", metavar="[ROUND]...", type=int, nargs=-1)
@click.option("--to-block", type=int, help="Audit as of this block. [default: the latest]")
@click.option(
    "--tasks",
    "task_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Task manifest to compare with the roots of rounds; may be given again.",
)
@click.option(
    "--fetch",
    is_flag=True,
    help="Get the tasks of other rounds from where they say: http(s) addresses of strangers.",
)
@click.option(
    "--plain", "is_plain", is_flag=True, help="Settle with the slower reference implementation."
)
@cache_option
@no_cache_option
@json_option
def rounds(
    numbers: tuple[int, ...],
    to_block: int | None,
    task_files: tuple[Path, ...],
    fetch: bool,
    is_plain: bool,
    cache_folder: Path | None,
    no_cache: bool,
    as_json: bool,
) -> None:
    """Audit ROUNDs, or everything: commitments, verdicts, pay, slashes and all balances.

    Everything is worked out again from events alone and compared with what the contract stores.
    Exits with 1 and a line for each difference. Sends nothing.
    """
    files = sources(task_files)  # before a node is asked
    market = open_market()
    tasks = replace(files, get=Fetcher(private=market.node.is_here)) if fetch else files
    for number in numbers:
        market.require_round(number)
    with cache_of(market, cache_folder, no_cache) as cache, progress_bars() as progress:
        report = audit(
            market.node.w3,
            market.deployment,
            numbers or None,
            to_block,
            cache=cache,
            tasks=tasks,
            plain=is_plain,
            progress=progress,
        )
    _show(report, market.unit, as_json)


def _show(report: AuditReport, unit: Unit, as_json: bool) -> None:
    if as_json:
        print_json(report.to_json())
    else:
        for shown in audit_tables(report, unit):
            console().print(shown)
        for remark in report.notes:
            advise(plain(remark))
    if report.is_clean:
        if not as_json:
            say(audit_verdict(report))
        return
    for difference in report.differences:
        click.echo(harmless(str(difference)), err=True)
    fail(f"the audit found {count(len(report.differences), 'difference')}, see above")
