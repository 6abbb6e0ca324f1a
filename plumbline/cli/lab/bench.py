"""How long a computer takes for the answers of a job, and for the audit of as many."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
from ape import project

from plumbline.cli.command import OfflineCommand, fail, json_option
from plumbline.cli.lab.stage import number_option
from plumbline.cli.output import console, print_json, progress_bars, table
from plumbline.lab import bench
from plumbline.lab.job import Plan
from plumbline.lab.meter import MeteredStep


@click.command(cls=OfflineCommand)
@number_option("--rounds", 1, None, 16)
@number_option("--seats", 3, 255, 255)
@number_option("--tasks", 12, 256, 256)
@number_option("--options", 2, 16, 4)
@click.option("--plain", "is_plain", is_flag=True, help="Audit with the slower reference.")
@json_option
def cli(rounds: int, seats: int, tasks: int, options: int, is_plain: bool, as_json: bool) -> None:
    """Time what labelers, a relayer, a keeper and an auditor compute. Needs no node.

    First the work of a job of nominal rounds, part by part; then the audit of these rounds, from
    logs on the disk. Without options it is a million answers, made up. Exits with 1 if the audit
    finds anything.
    """
    abi = project.LabelRounds.contract_type.model_dump(mode="json", by_alias=True)["abi"]
    labelers = min(max(seats, 1_000), rounds * seats)
    plan = Plan(
        rounds=rounds, tasks=tasks, seats=seats, labelers=labelers, options=options, silent_bps=0
    )
    with tempfile.TemporaryDirectory() as folder, progress_bars() as progress:
        parts = bench.work(abi, plan, Path(folder), progress)
        audited = bench.run_audit(abi, Path(folder), is_plain)
    answers = rounds * seats * tasks
    if as_json:
        audit = {
            "rounds": audited.rounds,
            "answers": audited.answers,
            "events": audited.events,
            "cached": audited.cached,
            "timings": [{"what": part.name, "seconds": part.cpu} for part in audited.parts],
            "differences": [str(difference) for difference in audited.differences],
            "seconds": sum(part.cpu for part in audited.parts),
        }
        work = [{"what": p.name, "times": p.labelers, "seconds": p.cpu} for p in parts]
        print_json({"answers": answers, "parts": work, "audit": audit})
    else:
        console().print(
            f"Work for {answers:,} answers: {rounds} rounds of {seats} seats and {tasks} tasks, "
            f"{options} options, {labelers:,} labelers"
        )
        _show(parts, with_times=True)
        console().print(
            f"Audit of {audited.answers:,} answers: {audited.rounds} rounds, "
            f"{audited.events:,} events, {audited.cached / 1e6:.1f} MB of cache"
        )
        _show(audited.parts, with_times=False)
    if audited.differences:
        fail(f"the audit of sound rounds found {audited.differences[0]}")


def _show(parts: Sequence[MeteredStep], with_times: bool) -> None:
    columns = (">times", ">cpu seconds", ">microseconds each") if with_times else (">cpu seconds",)
    shown = table(None, "=part", *columns)
    for part in parts:
        cells = [f"{part.cpu:.2f}"]
        if with_times:
            cells = [f"{part.labelers:,}", *cells, f"{part.cpu / part.labelers * 1e6:,.0f}"]
        shown.add_row(part.name, *cells)
    shown.add_section()
    together = f"{sum(part.cpu for part in parts):.2f}"
    shown.add_row("together", *(("", together, "") if with_times else (together,)))
    console().print(shown)
