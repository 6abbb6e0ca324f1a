"""A large job on a local chain, from escrow to audit, and what it takes."""

import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from plumbline.cli.audit.display import audit_verdict
from plumbline.cli.command import LabCommand, fail, json_option
from plumbline.cli.lab.stage import local_node, number_option, set_up
from plumbline.cli.output import console, print_json, progress_bars, table
from plumbline.lab.job import Job, JobResult, Plan
from plumbline.lab.meter import MeteredStep
from plumbline.transactions.senders import GAS_CAP


@click.command(cls=LabCommand)
@number_option("--rounds", 1, None, 16)
@number_option("--tasks", 12, 256, 256)
@number_option("--seats", 3, 255, 255)
@number_option("--labelers", 3, None, 1_000, "Who take the seats, in turn.")
@number_option("--options", 2, 16, 4)
@number_option("--silent", 0, 100, 1.0, "Percent of the seats that never reveal.")
@number_option("--skips", 0, 100, 2.0, "Percent of the tasks that a labeler leaves out.")
@click.option("--sealed", is_flag=True, help="Carry the answers along, encrypted.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same answers.")
@json_option
def cli(silent: float, skips: float, sealed: bool, as_json: bool, **size: int) -> None:
    """Do a job of many rounds on a local chain, and show what every step takes.

    Without options: 4,096 tasks in 16 rounds of 255 seats, a million answers of 1,000 labelers.
    A requester opens, labelers sign, one relayer sends, one keeper reveals, closes and slashes
    the silent; then every balance is rebuilt from events. Deploys contracts of its own. Exits
    with 1 if a transaction took more gas than any chain lets it use, or if the audit finds
    anything.
    """
    shares = {"silent_bps": round(silent * 100), "skip_bps": round(skips * 100)}
    plan = Plan(**size, **shares, is_sealed=sealed)
    stage = set_up(local_node(), 3)
    with tempfile.TemporaryDirectory() as folder, progress_bars() as progress:
        where = (stage.node.w3, stage.deployment, plan, stage.keys, Path(folder))
        result = Job(*where, stage.advance, progress).run()
    if as_json:
        print_json(
            {
                "plan": asdict(plan),
                "answers": result.answers,
                "silent": result.silent,
                "block_limit": result.block_limit,
                "steps": [asdict(step) for step in result.steps],
                "total": asdict(result.total),
                "audit": result.report.to_json(),
            }
        )
    else:
        _show(result)
    if result.too_large:
        steps = ", ".join(result.too_large)
        fail(f"{steps}: a transaction took more than {GAS_CAP:,} gas, which no chain allows")
    if not result.report.is_clean:
        differences = result.report.differences
        fail(f"the audit found {len(differences)} differences, the first: {differences[0]}")


def _show(result: JobResult) -> None:
    plan, steps = result.plan, result.steps
    shown = table(
        f"{plan.rounds * plan.tasks:,} tasks in {plan.rounds} rounds of {plan.seats} seats, "
        f"{plan.labelers:,} labelers, {plan.options} options: {result.answers:,} answers settled",
        *("=step", ">labelers", ">sent", ">gas", ">a label"),
        *(">largest", ">calldata", ">seconds", ">cpu"),
    )
    for step in steps:
        shown.add_row(*_row(step, result.answers))
    shown.add_section()
    shown.add_row(*_row(result.total, result.answers))
    lasting = sum(step.gas for step in steps if step.name != "stakes") / max(1, result.answers)
    shown.caption = (
        f"sent: transactions; calldata in bytes; cpu: seconds of this process, without the node's. "
        f"{result.silent} seats stayed silent. Without the stakes, which are paid in once for many "
        f"jobs, {lasting:,.0f} gas a label. A transaction may use {GAS_CAP:,} gas, a block of this "
        f"chain {result.block_limit:,}."
    )
    console().print(shown)
    if result.report.is_clean:
        console().print(audit_verdict(result.report), soft_wrap=True)


def _row(step: MeteredStep, answers: int) -> list[str]:
    sent = [f"{step.transactions:,}", f"{step.gas:,}", f"{step.gas / max(1, answers):,.1f}"]
    sent += [f"{step.largest:,}", f"{step.calldata:,}"]
    return [
        step.name,
        f"{step.labelers:,}" if step.labelers else "",
        *(sent if step.transactions else [""] * len(sent)),
        f"{step.seconds:,.1f}",
        f"{step.cpu:,.1f}",
    ]
