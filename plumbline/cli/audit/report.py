"""A report of rounds as a page for people, with the audit's verdict."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from plumbline.cli.audit.cache import cache_of, cache_option, no_cache_option
from plumbline.cli.command import Command, fail, json_option, round_argument
from plumbline.cli.market import open_market
from plumbline.cli.output import console, count, note, notes, print_json
from plumbline.forensics import Finding, investigate
from plumbline.formats.manifest_file import load_manifest
from plumbline.history.market import Market
from plumbline.progress import Progress
from plumbline.protocol.manifest import Manifest
from plumbline.report import render_round, render_rounds
from plumbline.report.gather import Gathered, gather
from plumbline.report.ranges import parse_rounds
from plumbline.report.saving import write_page


@click.command(name="report", cls=Command)
@round_argument
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
@cache_option
@no_cache_option
@json_option
def report(
    number: int | None,
    several: str | None,
    output: Path,
    tasks_file: Path | None,
    to_block: int | None,
    cache_folder: Path | None,
    no_cache: bool,
    as_json: bool,
) -> None:
    """Write a page about ROUND, or about many rounds, that needs no network to be read.

    What was asked, where every wei went, everybody's score and why, who agrees with whom, the
    gold tasks, the times, and the audit's verdict. The same chain always gives the same page. Exits
    with 1 if the audit finds differences; the page is written all the same. Sends nothing.
    """
    if several is not None and (number is not None or tasks_file is not None):
        fail("--rounds makes a page of many rounds: leave out ROUND and --tasks")
    market = open_market()
    manifest = load_manifest(tasks_file) if tasks_file else None
    if several is None:
        root = manifest.root if manifest else None
        wanted: tuple[int, ...] = (market.require_round(number, root),)
    else:
        wanted = parse_rounds(
            several, market.contract.round_count("latest" if to_block is None else to_block)
        )
    with (
        cache_of(market, cache_folder, no_cache) as cache,
        notes().status("reading events") as status,
    ):

        def progress(what: str, done: int, total: int) -> None:
            status.update(f"{what}, {done} of {total}" if total > 1 else what)

        gathered = gather(
            market.node.w3,
            market.deployment,
            wanted,
            to_block,
            progress,
            books=several is not None,
            cache=cache,
        )
        findings = _findings(gathered, progress)
        status.update("drawing")
        if several is None:
            page = _round_page(market, gathered, findings, manifest)
        else:
            page = _rounds_page(market, gathered, findings)
    size = write_page(output, page)
    _show(output, size, gathered, as_json)


def _findings(gathered: Gathered, progress: Progress) -> list[Finding]:
    """What forensics finds in these rounds."""
    findings: list[Finding] = []
    for place, (number, history) in enumerate(gathered.rounds.items(), start=1):
        progress("comparing labelers", place, len(gathered.rounds))
        head = f"Round {number}: " if len(gathered.rounds) > 1 else ""
        investigation = investigate(history, gathered.events)
        findings += [
            replace(finding, title=head + finding.title) for finding in investigation.findings
        ]
    return findings


def _round_page(
    market: Market, gathered: Gathered, findings: list[Finding], manifest: Manifest | None
) -> str:
    (history,) = gathered.rounds.values()
    return render_round(
        market.deployment,
        history,
        gathered.report,
        now=gathered.now,
        unit=market.unit,
        times=gathered.times,
        deposits=gathered.deposits,
        manifest=manifest,
        findings=findings,
    )


def _rounds_page(market: Market, gathered: Gathered, findings: list[Finding]) -> str:
    return render_rounds(
        market.deployment,
        list(gathered.rounds.values()),
        gathered.report,
        now=gathered.now,
        unit=market.unit,
        times=gathered.times,
        accounts=gathered.accounts,
        findings=findings,
    )


def _show(output: Path, size: int, gathered: Gathered, as_json: bool) -> None:
    report = gathered.report
    if as_json:
        value: dict[str, Any] = {
            "file": str(output),
            "bytes": size,
            "rounds": list(gathered.rounds),
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
        fail(f"the audit found {count(len(report.differences), 'difference')}, see {output}")
