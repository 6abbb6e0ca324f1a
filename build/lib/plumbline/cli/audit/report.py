"""A report of rounds as a page for people, with the audit's verdict."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from plumbline.cli.command import Command, fail, json_option
from plumbline.cli.market import open_market
from plumbline.cli.output import console, note, notes, print_json
from plumbline.forensics import Finding, investigate
from plumbline.formats.manifest_file import load_manifest
from plumbline.history.market import Market
from plumbline.report import render_round, render_rounds
from plumbline.report.gather import Gathered, gather
from plumbline.report.ranges import parse_rounds
from plumbline.report.saving import write_page


@click.command(name="report", cls=Command)
@click.argument("number", metavar="[ROUND]", type=int, required=False)
@click.option("--rounds", "several", metavar="LIST", help="Many rounds on one page: 3-18, 1,4,7-9.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="Where to write the page; a file that is there is replaced.",
)
@click.option(
    "--tasks",
    "tasks_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The published tasks of ROUND, for names and texts. They are checked.",
)
@click.option("--to-block", type=int, help="As of this block. [default: the latest]")
@json_option
def report(
    number: int | None,
    several: str | None,
    output: Path,
    tasks_file: Path | None,
    to_block: int | None,
    as_json: bool,
) -> None:
    """Write a page about ROUND, or about many rounds, that needs no network to be read.

    What was asked, where every wei went, everybody's score and why, who agrees with whom, the
    golds, the times, and the audit's verdict. The same chain always gives the same page. Exits
    with 1 if the audit finds differences; the page is written all the same. Sends nothing.
    """

    if several is not None and (number is not None or tasks_file is not None):
        fail("--rounds makes a page of many rounds: leave out ROUND and --tasks")
    market = open_market()
    if several is None:
        wanted: tuple[int, ...] = (market.require_round(number),)
    else:
        wanted = parse_rounds(
            several, market.contract.round_count("latest" if to_block is None else to_block)
        )
    with notes().status("reading events") as status:

        def tell(what: str, done: int, total: int) -> None:
            status.update(f"{what}, {done} of {total}" if total > 1 else what)

        found = gather(
            market.node.w3, market.deployment, wanted, to_block, tell, books=several is not None
        )
        findings = _findings(found, tell)
        status.update("drawing")
        if several is None:
            page = _one(market, found, findings, tasks_file)
        else:
            page = _many(market, found, findings)
    size = write_page(output, page)
    _tell(output, size, found, as_json)


def _findings(found: Gathered, tell: Callable[[str, int, int], None]) -> list[Finding]:
    """What forensics has to say of these rounds."""

    made: list[Finding] = []
    for place, (number, told) in enumerate(found.rounds.items(), start=1):
        tell("comparing labelers", place, len(found.rounds))
        head = f"Round {number}: " if len(found.rounds) > 1 else ""
        found_here = investigate(told, found.events).findings
        made += [replace(one, title=head + one.title) for one in found_here]
    return made


def _one(market: Market, found: Gathered, findings: list[Finding], tasks_file: Path | None) -> str:

    (told,) = found.rounds.values()
    return render_round(
        market.deployment,
        told,
        found.report,
        now=found.now,
        unit=market.unit,
        times=found.times,
        deposits=found.deposits,
        manifest=load_manifest(tasks_file) if tasks_file else None,
        findings=findings,
    )


def _many(market: Market, found: Gathered, findings: list[Finding]) -> str:

    return render_rounds(
        market.deployment,
        list(found.rounds.values()),
        found.report,
        now=found.now,
        unit=market.unit,
        times=found.times,
        accounts=found.accounts,
        findings=findings,
    )


def _tell(output: Path, size: int, found: Gathered, as_json: bool) -> None:
    report = found.report
    if as_json:
        value: dict[str, Any] = {
            "file": str(output),
            "bytes": size,
            "rounds": list(found.rounds),
            "block": report.block,
            "block_hash": report.block_hash,
            "is_clean": report.is_clean,
        }
        print_json(value)
    else:
        verdict = "agrees to the wei" if report.is_clean else "does not agree"
        console().print(
            f"{output}: {size / 1_000:,.0f} kB, as of block {report.block}; the audit {verdict}",
            soft_wrap=True,
            markup=False,
        )
        if report.is_clean:
            note("It is one file that needs nothing else: open it in a browser, print it, mail it.")
    if not report.is_clean:
        count = len(report.differences)
        fail(f"the audit found {count} difference{'' if count == 1 else 's'}, see {output}")
