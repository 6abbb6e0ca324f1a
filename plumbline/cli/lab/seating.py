"""Open seats and seats by lot: who sits, what it earns them, and how good labels are."""

from pathlib import Path

import click

from plumbline.cli.command import OfflineCommand
from plumbline.cli.lab.stage import number_option, show
from plumbline.cli.output import console, progress_bars
from plumbline.lab.page import fill, require_keys
from plumbline.lab.seating.pictures import draw
from plumbline.lab.seating.sections import KEYS, figures, simulate

PAGE = Path("docs/seating.md")
PICTURES = Path("docs/seating")


@click.command(cls=OfflineCommand)
@number_option("--campaigns", 2, None, 400, "Campaigns of each pool, of ten rounds each.")
@number_option("--rounds", 2, None, 100, "Rounds of each number of seats that a bloc gets.")
@number_option("--seed", 0, None, 1, "Same seed, same figures.")
@click.option("--write", is_flag=True, help=f"Write the figures into {PAGE} and {PICTURES}/.")
def cli(campaigns: int, rounds: int, seed: int, write: bool) -> None:
    """Compare seats for whoever comes first with seats by lot.

    Blocs, puppets, copied sheets, opposed groups, absence and hoarding: who gets the seats, who
    earns what, and how many labels are right. What it means is in docs/seating.md.
    """
    if write:
        require_keys(PAGE, KEYS)
    with progress_bars() as progress:
        records = simulate(campaigns, rounds, seed, progress)
    shown = figures(records)
    for panel in shown:
        show(panel)
    if write:
        options = f"--campaigns {campaigns} --rounds {rounds} --seed {seed}"
        blocks = {panel.key: panel.markdown() for panel in shown}
        command = f"plumbline simulate seating {options} --write"
        fill(PAGE, {**blocks, "command": f"```\n{command}\n```"})
        draw(records, PICTURES)
        console().print(f"Wrote {PAGE} and its pictures.")
