"""The command `audit forensics`."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import click

from plumbline.cli.command import Command, fail, json_option, round_argument
from plumbline.cli.market import open_market
from plumbline.cli.output import console, notes, pairs, plain, print_json, table
from plumbline.forensics import Gains, Investigation, investigate
from plumbline.forensics.findings import SURE
from plumbline.history.rounds import history_of
from plumbline.lab.forensics_rates import ALPHA, KEYS, real_crowds, tables
from plumbline.lab.page import fill, require_keys
from plumbline.protocol.addresses import short_address
from plumbline.units import Unit

PAGE = Path("docs/forensics.md")
_COLOURS = {"strong": "bold red", "notable": "yellow", "note": "dim"}


@click.command("forensics", cls=Command)
@round_argument
@click.option(
    "--alpha",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.01,
    show_default=True,
    help="Share of honest rounds in which a finding of agreement may be a false alarm.",
)
@click.option("--measure", is_flag=True, help="Measure on made-up crowds how often it misleads.")
@click.option(
    "--rounds",
    type=click.IntRange(1),
    default=4,
    show_default=True,
    help="With --measure: per line.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=os.cpu_count() or 1,
    show_default=True,
    help="With --measure: processes at a time.",
)
@click.option("--seed", type=int, default=1, help="With --measure: another gives other crowds.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --measure: folder of real crowds, each as for `demo --answers`.",
)
@click.option("--write", is_flag=True, help=f"With --measure: write the figures into {PAGE}.")
@json_option
def forensics(
    number: int | None,
    alpha: float,
    measure: bool,
    rounds: int,
    jobs: int,
    seed: int,
    data: Path | None,
    write: bool,
    as_json: bool,
) -> None:
    """Look in ROUND for labelers who did not work alone.

    Labelers who differ less than people who read the question alike, identical sheets, shared
    addresses, and who gained: evidence, with how often it misleads, and never a verdict. Says, too,
    in how many ways the question seems to be read, naming nobody. Sends nothing.
    """
    if write and not (measure and data):
        fail(f"--write fills {PAGE} with all of its figures: give --measure and --data, too")
    if measure:
        if as_json:
            fail("--measure prints Markdown: leave out --json")
        _measure(rounds, seed, jobs, data, write)
        return
    market = open_market()
    chosen = market.require_round(number)
    with notes().status("reading events and comparing all pairs of labelers"):
        events = market.events()
        investigation = investigate(history_of(events, chosen), events, alpha)
    if as_json:
        print_json(investigation.to_json())
    else:
        _show(investigation, market.unit)


def _measure(rounds: int, seed: int, jobs: int, data: Path | None, write: bool) -> None:
    # Crowds and page first: a folder that is none should not be found out after minutes.
    crowds = real_crowds(data) if data else []
    if write:
        require_keys(PAGE, KEYS)
    blocks = {"command": f"```\n{_command(rounds, seed)}\n```"}
    click.echo(f"{rounds} rounds a line, seed {seed}, alpha {ALPHA}.\n")
    with (
        notes().status("Honest crowds") as status,
        ProcessPoolExecutor(jobs, get_context("spawn")) as pool,
    ):
        for figures in tables(rounds, seed, crowds, status.update, pool.map):
            blocks[figures.key] = figures.markdown()
            click.echo(f"{blocks[figures.key]}\n")
    if write:
        fill(PAGE, blocks)
        console().print(f"Wrote {PAGE}.")


def _command(rounds: int, seed: int) -> str:
    options = f"--measure --rounds {rounds} --seed {seed} --data FOLDER --write"
    return f"plumbline audit forensics {options}"


def _show(investigation: Investigation, unit: Unit) -> None:
    title = f"Round {investigation.round_id}: {investigation.labelers} labelers revealed"
    if not any(finding.labelers for finding in investigation.findings):
        console().print(f"{title}. Nothing speaks for labelers who did not work alone.")
    if investigation.findings:
        shown = table(title, "=weight", "what was seen", ">false alarms")
        for finding in investigation.findings:
            colour = _COLOURS[finding.severity.value]
            shown.add_row(
                f"[{colour}]{finding.severity.value}[/]",
                f"[bold]{plain(finding.title)}.[/] {plain(finding.words)}",
                _rate(finding.rate),
                end_section=True,
            )
        shown.caption = "evidence, never a verdict: see docs/forensics.md for how often it misleads"
        console().print(shown)
    for gains in investigation.gains:
        _show_gains(gains, unit)
    if investigation.tellable is not None:
        console().print(
            "One sheet in two seats would be noticed for"
            f" {investigation.tellable} of {investigation.labelers} labelers."
        )
    for remark in investigation.notes:
        console().print(f"[yellow]Note:[/] {remark}", soft_wrap=True)


def _rate(rate: float | None) -> str:
    if rate is None:
        return "not known"
    return f"< {SURE:g}" if rate < SURE else f"{rate:.2g}"


def _show_gains(gains: Gains, unit: Unit) -> None:
    who = ", ".join(short_address(address) for address in gains.suspected[:3])
    more = f" and {len(gains.suspected) - 3} more" if len(gains.suspected) > 3 else ""
    shown = pairs(f"If {who}{more} had not taken part")
    shown.add_row("they would not have got", unit.exact(gains.net))
    shown.add_row("others would have got", unit.exact(gains.others_without))
    shown.add_row("instead of", unit.exact(gains.others))
    shown.add_row("labels that would be others", str(gains.labels_changed))
    if gains.mode != gains.mode_without:
        shown.add_row("judged by", f"{gains.mode_without}, not {gains.mode}")
    console().print(shown)
