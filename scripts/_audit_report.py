"""A report of rounds as a page for people, with the audit's verdict."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scripts._command import Command, fail, json_option
from scripts._node import market
from scripts._output import console, note, notes, print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.forensics import Finding
    from plumbline.report.gather import Gathered
    from scripts._node import Market


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
def report_command(
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
    from plumbline.report.gather import gather
    from plumbline.report.ranges import parse_rounds
    from plumbline.report.saving import write_page
    from scripts import _auditing as auditing

    if several is not None and (number is not None or tasks_file is not None):
        fail("--rounds makes a page of many rounds: leave out ROUND and --tasks")
    here = market()
    if several is None:
        wanted: tuple[int, ...] = (here.round_number(number),)
    else:
        wanted = parse_rounds(several, here.rounds.round_count(to_block))
    with (
        auditing.cache_of(here, None, False) as cache,
        notes().status("reading events") as status,
    ):

        def tell(what: str, done: int, total: int) -> None:
            status.update(f"{what}, {done} of {total}" if total > 1 else what)

        found = gather(
            here.chain.w3,
            here.deployment,
            wanted,
            to_block,
            tell,
            books=several is not None,
            cache=cache,
        )
        findings = _findings(found, tell)
        status.update("drawing")
        if several is None:
            page = _one(here, found, findings, tasks_file)
        else:
            page = _many(here, found, findings)
    size = write_page(output, page)
    _tell(output, size, found, as_json)


def _findings(found: Gathered, tell: Callable[[str, int, int], None]) -> list[Finding]:
    """What forensics has to say of these rounds."""
    from dataclasses import replace

    from plumbline.forensics import investigate

    made: list[Finding] = []
    for place, (number, told) in enumerate(found.rounds.items(), start=1):
        tell("comparing labelers", place, len(found.rounds))
        head = f"Round {number}: " if len(found.rounds) > 1 else ""
        found_here = investigate(told, found.events).findings
        made += [replace(one, title=head + one.title) for one in found_here]
    return made


def _one(here: Market, found: Gathered, findings: list[Finding], tasks_file: Path | None) -> str:
    from plumbline.formats.manifest_file import load_manifest
    from plumbline.report import render_round

    (told,) = found.rounds.values()
    return render_round(
        here.deployment,
        told,
        found.report,
        now=found.now,
        unit=here.unit,
        times=found.times,
        deposits=found.deposits,
        manifest=load_manifest(tasks_file) if tasks_file else None,
        findings=findings,
    )


def _many(here: Market, found: Gathered, findings: list[Finding]) -> str:
    from plumbline.report import render_rounds

    return render_rounds(
        here.deployment,
        list(found.rounds.values()),
        found.report,
        now=found.now,
        unit=here.unit,
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
