"""Open seats and seats by lot: who sits, what it earns them, and how good labels are."""

from pathlib import Path

import click

from plumbline.cli.command import LabCommand, fail
from plumbline.cli.lab.stage import check_on_chain_option, local_node, number_option, set_up, show
from plumbline.cli.output import console, progress_bars
from plumbline.lab.page import FigureTable, fill, require_keys
from plumbline.lab.seating.pictures import draw
from plumbline.lab.seating.sections import KEYS, check_on_chain, figures, on_chain, simulate

PAGE = Path("docs/seating.md")
PICTURES = Path("docs/seating")


@click.command(cls=LabCommand)
@number_option("--campaigns", 2, None, 400, "Campaigns of each pool, of ten rounds each.")
@number_option("--rounds", 2, None, 100, "Rounds of each number of seats that a bloc gets.")
@number_option("--seed", 0, None, 1, "Same seed, same figures.")
@check_on_chain_option(
    "Play N campaigns of every pool on a local chain too, and compare every seat."
)
@click.option("--write", is_flag=True, help=f"Write the figures into {PAGE} and {PICTURES}/.")
def cli(campaigns: int, rounds: int, seed: int, checked: int, write: bool) -> None:
    """Compare seats for whoever comes first with seats by lot.

    Blocs, puppets, copied sheets, opposed groups, absence and hoarding: who gets the seats, who
    earns what, and how many labels are right. --check-on-chain fills pools of 200 bonds on
    contracts of its own, draws, seats everybody when they would come, and plays a round of each to
    its end. What it means is in docs/seating.md.
    """
    if write and not checked:
        fail("--write needs the sample on a chain: add --check-on-chain 2")
    if write:
        require_keys(PAGE, KEYS)
    with progress_bars() as progress:
        records = simulate(campaigns, rounds, seed, progress)
    shown = figures(records)
    if checked:
        shown.append(_on_chain(checked, seed))
    for panel in shown:
        show(panel)
    if write:
        options = f"--campaigns {campaigns} --rounds {rounds} --seed {seed}"
        options += f" --check-on-chain {checked}" if checked else ""
        blocks = {panel.key: panel.markdown() for panel in shown}
        command = f"plumbline simulate seating {options} --write"
        fill(PAGE, {**blocks, "command": f"```\n{command}\n```"})
        draw(records, PICTURES)
        console().print(f"Wrote {PAGE} and its pictures.")


def _on_chain(campaigns: int, seed: int) -> FigureTable:
    """The sample as a table; ends the command if anything is otherwise than simulated."""
    stage = set_up(local_node(), 1)
    with progress_bars() as progress:
        checked = check_on_chain(stage, campaigns, seed, progress)
    for each in checked:
        for difference in each.differences:
            fail(f"otherwise on the chain: {each.case.words}: {difference}")
    return on_chain(checked)
