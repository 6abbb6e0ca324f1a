"""Make the table of what to expect of a round, and the page about it."""

import os
from pathlib import Path

import click

from plumbline.cli.command import OfflineCommand
from plumbline.cli.lab.stage import number_option, show
from plumbline.cli.output import console, progress_bars
from plumbline.lab.expectations import KEYS, draw, figures
from plumbline.lab.page import fill, require_keys
from plumbline.planning.simulation import simulate
from plumbline.planning.table import NAME, SETTINGS, ExpectationTable

TABLE = Path("plumbline/planning") / NAME
PAGE = Path("docs/expectations.md")
PICTURES = Path("docs/expectations")


@click.command(cls=OfflineCommand)
@number_option("--rounds", 2, None, 200, "Rounds of each setting.")
@number_option("--seed", 0, None, 1, "Same seed, same figures.")
@number_option("--processes", 1, None, os.cpu_count() or 1, "So many rounds at a time.")
@click.option("--write", is_flag=True, help=f"Write the table, {PAGE} and {PICTURES}/.")
def cli(rounds: int, seed: int, processes: int, write: bool) -> None:
    """Let honest crowds answer rounds of many sizes, and count how they end.

    How often rounds are void and honest labelers slashed, what is paid, and how many labels are
    right: by kinds of questions, numbers of tasks, labels a task, and crowds. Plans are made from
    the table that --write leaves; with 1,000 rounds of each setting it takes a quarter of an hour
    on two cores. What it means is in docs/expectations.md.
    """
    if write:
        require_keys(PAGE, KEYS)
    with progress_bars() as progress:
        cells = simulate(SETTINGS, rounds, seed, processes, progress)
    table = ExpectationTable(seed, cells)
    shown = figures(table)
    for panel in shown:
        show(panel)
    if write:
        TABLE.write_text(table.to_text(), encoding="ascii")
        command = f"plumbline simulate expectations --rounds {rounds} --seed {seed} --write"
        blocks = {panel.key: panel.markdown() for panel in shown}
        fill(PAGE, {**blocks, "command": f"```\n{command}\n```"})
        draw(table, PICTURES)
        console().print(f"Wrote {TABLE}, {PAGE} and its pictures.")
