"""How long a computer takes for the answers of a job, and for the audit of as many."""

import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from plumbline.cli.command import OfflineCommand, fail, json_option
from plumbline.cli.output import console, print_json, progress_bars, table
from plumbline.lab import audit_bench as auditing
from plumbline.lab import bench
from plumbline.lab.audit_bench import Benchmark
from plumbline.lab.bench import Part
from plumbline.lab.job import Plan


@click.command(cls=OfflineCommand)
@click.option("--rounds", type=click.IntRange(1), default=16, show_default=True)
@click.option("--seats", type=click.IntRange(3, 255), default=255, show_default=True)
@click.option("--tasks", type=click.IntRange(12, 256), default=256, show_default=True)
@click.option("--options", type=click.IntRange(2, 16), default=4, show_default=True)
@click.option("--plain", "is_plain", is_flag=True, help="Audit with the slower reference.")
@json_option
def cli(rounds: int, seats: int, tasks: int, options: int, is_plain: bool, as_json: bool) -> None:
    """Time what labelers, a relayer, a keeper and an auditor compute. Needs no node.

    First the work of a job of nominal rounds, part by part; then an audit of rounds of several
    kinds, from logs on the disk. Both are made up, a million answers each. Exits with 1 if the
    audit finds anything.
    """

    from ape import project

    abi = project.LabelRounds.contract_type.model_dump(mode="json", by_alias=True)["abi"]
    labelers = min(max(seats, 1_000), rounds * seats)
    plan = Plan(
        rounds=rounds, tasks=tasks, seats=seats, labelers=labelers, options=options, silent_bps=0
    )
    with tempfile.TemporaryDirectory() as folder, progress_bars() as progress:
        parts = bench.run(abi, plan, progress)
        auditing.prepare(abi, Path(folder), rounds, seats, tasks, progress)
        audited = auditing.run(abi, Path(folder), is_plain)
    if as_json:
        print_json(
            {
                "answers": rounds * seats * tasks,
                "parts": [asdict(part) for part in parts],
                "audit": {**asdict(audited), "seconds": audited.seconds},
            }
        )
    else:
        _show_work(plan, parts)
        _show_audit(audited)
    if audited.differences:
        fail(f"the audit of sound rounds found {audited.differences[0]}")


def _show_work(plan: Plan, parts: tuple[Part, ...]) -> None:
    answers = plan.rounds * plan.seats * plan.tasks
    console().print(
        f"Work for {answers:,} answers: {plan.rounds} rounds of {plan.seats} seats and "
        f"{plan.tasks} tasks, {plan.options} options, {plan.labelers:,} labelers"
    )
    made = table(None, "=part", ">times", ">cpu seconds", ">microseconds each")
    for part in parts:
        each = part.seconds / part.times * 1e6
        made.add_row(part.what, f"{part.times:,}", f"{part.seconds:.2f}", f"{each:,.0f}")
    together = sum(part.seconds for part in parts)
    made.add_section()
    made.add_row("together", "", f"{together:.2f}", "")
    console().print(made)


def _show_audit(result: Benchmark) -> None:
    console().print(
        f"Audit of {result.answers:,} answers: {result.rounds} rounds,"
        f" {result.events:,} events, {result.cached / 1e6:.1f} MB of cache"
    )
    made = table(None, "=part", ">cpu seconds")
    for timing in result.timings:
        made.add_row(timing.what, f"{timing.seconds:.2f}")
    made.add_section()
    made.add_row("together", f"{result.seconds:.2f}")
    console().print(made)
