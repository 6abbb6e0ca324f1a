"""The command `load`: many labelers at one site."""

import statistics
import sys
import tempfile
from pathlib import Path

import click

from plumbline.cli.command import LabCommand, fail
from plumbline.cli.lab.stage import local_node, number_option, set_up, show
from plumbline.cli.output import progress_bars, say
from plumbline.lab.page import Columns, FigureTable
from plumbline.lab.site.load import LoadPhase, LoadPlan, LoadResult, SiteLoad


@click.command(cls=LabCommand)
@number_option("--labelers", 3, 255, 200)
@click.option("--unharmed", is_flag=True, help="Do not kill the site in the middle of each phase.")
def cli(labelers: int, unharmed: bool) -> None:
    """Have many labelers commit and reveal through one site at once, and show what it takes.

    The site is a process of its own, which is killed when half of a phase is acknowledged, and
    started again. Exits with 1 if anything that it had acknowledged is not on the chain in the end.
    """
    node = local_node()
    if not str(getattr(node.w3.provider, "endpoint_uri", "")).startswith("http"):
        fail("this needs a node at a URL: `make setup` installs Anvil")
    stage = set_up(node, 2)
    plan = LoadPlan(labelers, not unharmed)
    command = (sys.executable, "-c", "from plumbline.cli.main import cli; cli()", "site")
    with (
        tempfile.TemporaryDirectory(prefix="plumbline-load-") as folder,
        progress_bars() as progress,
    ):
        result = SiteLoad(stage, plan, command, Path(folder), progress).run()
    show(_figures(result, labelers))
    memory = f"{result.memory / 2**20:.0f} MB" if result.memory else "an unknown amount"
    say(
        "All that was acknowledged is on the chain, and the round is closed. The site had "
        f"{memory} in memory at the most."
    )


def _figures(result: LoadResult, labelers: int) -> FigureTable:
    columns: Columns[LoadPhase] = {
        "phase": lambda phase: phase.name,
        ">seconds": lambda phase: f"{phase.seconds:.1f}",
        ">requests": lambda phase: str(phase.requests),
        ">a second": lambda phase: f"{phase.requests / phase.seconds:.1f}",
        ">median wait": lambda phase: f"{statistics.median(phase.waits):.2f} s",
        ">longest": lambda phase: f"{max(phase.waits):.2f} s",
        ">kills": lambda phase: str(phase.kills),
        ">unanswered": lambda phase: str(phase.lost),
    }
    return FigureTable.of(
        "site load",
        f"{labelers} labelers at one site, all at once",
        columns,
        result.phases,
        "a wait is from the first attempt until it is acknowledged, across the kill",
    )
