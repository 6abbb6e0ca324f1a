"""A large job on a local chain, from escrow to audit, and what it takes."""

import tempfile
from pathlib import Path

import click

from plumbline.cli.audit.display import audit_verdict
from plumbline.cli.command import LabCommand, fail
from plumbline.cli.lab.stage import local_node, number_option, set_up, show
from plumbline.cli.output import console, progress_bars, say
from plumbline.lab.computing import audit_parts, work
from plumbline.lab.job import Job, JobResult, Plan
from plumbline.lab.meter import MeteredStep, together
from plumbline.lab.page import Columns, FigureTable
from plumbline.transactions.senders import GAS_CAP


@click.command(cls=LabCommand)
@number_option("--rounds", 1, None, 16)
@number_option("--tasks", 12, 256, 256)
@number_option("--seats", 3, 255, 255)
@number_option("--labelers", 3, None, 1_000, "Who take the seats, in turn.")
@number_option("--options", 2, 16, 4)
@number_option("--silent", 0, 100, 1.0, "Percent of the seats that never reveal.")
@click.option("--sealed", is_flag=True, help="Carry the answers along, encrypted.")
def cli(silent: float, sealed: bool, **size: int) -> None:
    """Do a job of many rounds on a local chain, and show what every step takes.

    Without options: 4,096 tasks in 16 rounds of 255 seats, a million answers of 1,000 labelers.
    A requester opens, labelers sign, one relayer sends, one keeper reveals, closes and slashes
    the silent; then every balance is rebuilt from events. Deploys contracts of its own. Exits
    with 1 if a transaction took more gas than Ethereum lets it use, or if the audit finds
    anything. Below it the work of labelers, relayer, keeper and auditor, part by part, without
    the node.
    """
    plan = Plan(**size, silent_bps=round(silent * 100), is_sealed=sealed)
    stage = set_up(local_node(), 3)
    with tempfile.TemporaryDirectory() as folder, progress_bars() as progress:
        result = Job(stage, plan, Path(folder, "delegated"), progress).run()
        parts = (work(stage, plan, progress), audit_parts(stage, Path(folder, "cache")))
    show(_figures(result), has_total=True)
    if result.report.is_clean:
        say(audit_verdict(result.report))
    for figures in parts:
        console().print()
        show(figures, has_total=True)
    if result.too_large:
        steps = ", ".join(result.too_large)
        fail(f"{steps}: a transaction took more than {GAS_CAP:,} gas, the cap of Ethereum")
    if not result.report.is_clean:
        differences = result.report.differences
        fail(f"the audit found {len(differences)} differences, the first: {differences[0]}")


def _figures(result: JobResult) -> FigureTable:
    plan, steps, answers = result.plan, result.steps, max(1, result.answers)
    columns: Columns[MeteredStep] = {
        "step": lambda step: step.name,
        ">labelers": lambda step: _number(step.labelers),
        ">sent": lambda step: _number(step.transactions),
        ">gas": lambda step: _number(step.gas),
        ">a label": lambda step: f"{step.gas / answers:,.1f}" if step.gas else "",
        ">largest": lambda step: _number(step.largest),
        ">calldata": lambda step: _number(step.calldata),
        ">seconds": lambda step: f"{step.seconds:,.1f}",
        ">cpu": lambda step: f"{step.cpu:,.1f}",
    }
    lasting = sum(step.gas for step in steps if step.name != "stakes") / answers
    return FigureTable.of(
        "job",
        f"{plan.rounds * plan.tasks:,} tasks in {plan.rounds} rounds of {plan.seats} seats, "
        f"{plan.labelers:,} labelers, {plan.options} options: {result.answers:,} answers settled",
        columns,
        [*steps, together(steps)],
        f"sent: transactions; calldata in bytes; cpu: seconds of this process, without the node's. "
        f"{result.silent} seats stayed silent. Without the stakes, which are paid in once for many "
        f"jobs, {lasting:,.0f} gas a label. A transaction may use {GAS_CAP:,} gas, a block of this "
        f"chain {result.block_limit:,}.",
    )


def _number(value: int) -> str:
    return f"{value:,}" if value else ""
