"""How long a computer takes for the answers of a job, and for the audit of as many."""

import tempfile
from pathlib import Path

import click
from ape import project

from plumbline.cli.command import OfflineCommand, fail
from plumbline.cli.lab.stage import number_option, show
from plumbline.cli.output import console, progress_bars
from plumbline.lab import bench
from plumbline.lab.job import Plan
from plumbline.lab.meter import MeteredStep, together
from plumbline.lab.page import Columns, FigureTable

_PARTS: Columns[MeteredStep] = {
    "part": lambda part: part.name,
    ">cpu seconds": lambda part: f"{part.cpu:.2f}",
}
_WORK: Columns[MeteredStep] = {
    "part": lambda part: part.name,
    ">times": lambda part: f"{part.labelers:,}" if part.labelers else "",
    ">cpu seconds": lambda part: f"{part.cpu:.2f}",
    ">microseconds each": lambda part: (
        f"{part.cpu / part.labelers * 1e6:,.0f}" if part.labelers else ""
    ),
}


@click.command(cls=OfflineCommand)
@number_option("--rounds", 1, None, 16)
@number_option("--seats", 3, 255, 255)
@number_option("--tasks", 12, 256, 256)
@number_option("--options", 2, 16, 4)
def cli(rounds: int, seats: int, tasks: int, options: int) -> None:
    """Time what labelers, a relayer, a keeper and an auditor compute. Needs no node.

    First the work of a job of nominal rounds, part by part; then the audit of these rounds, from
    logs on the disk. Without options it is a million answers, made up. Exits with 1 if the audit
    finds anything.
    """
    abi = project.LabelRounds.contract_type.model_dump(mode="json", by_alias=True)["abi"]
    labelers = min(max(seats, 1_000), rounds * seats)
    plan = Plan(rounds, tasks, seats, labelers, options, silent_bps=0)
    with tempfile.TemporaryDirectory() as folder, progress_bars() as progress:
        parts = bench.work(abi, plan, Path(folder), progress)
        audited = bench.run_audit(abi, Path(folder))
    console().print(
        f"Work for {rounds * seats * tasks:,} answers: {rounds} rounds of {seats} seats and "
        f"{tasks} tasks, {options} options, {labelers:,} labelers"
    )
    show(FigureTable.of("work", "", _WORK, [*parts, together(parts)]), has_total=True)
    console().print(
        f"Audit of {audited.answers:,} answers: {audited.rounds} rounds, "
        f"{audited.events:,} events, {audited.cached / 1e6:.1f} MB of cache"
    )
    timed = [*audited.parts, together(audited.parts)]
    show(FigureTable.of("audit", "", _PARTS, timed), has_total=True)
    if audited.differences:
        fail(f"the audit of sound rounds found {audited.differences[0]}")
