"""A large job on a local chain, from escrow to audit, and what it takes."""

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from eth_account import Account

from plumbline.chain.creation import evm_of
from plumbline.cli.accounts import test_keys
from plumbline.cli.building import deploy_for_now
from plumbline.cli.command import LabCommand, fail, json_option
from plumbline.cli.market import connect_or_start
from plumbline.cli.output import console, print_json, progress_bars, table
from plumbline.lab.clock import time_machine
from plumbline.lab.job import Crew, Job, Plan, Result, Step
from plumbline.transactions.senders import GAS_CAP


@click.command(cls=LabCommand)
@click.option("--rounds", type=click.IntRange(1), default=16, show_default=True)
@click.option("--tasks", type=click.IntRange(12, 256), default=256, show_default=True)
@click.option("--seats", type=click.IntRange(3, 255), default=255, show_default=True)
@click.option(
    "--labelers",
    type=click.IntRange(3),
    default=1_000,
    show_default=True,
    help="Who take the seats, in turn.",
)
@click.option("--options", type=click.IntRange(2, 16), default=4, show_default=True)
@click.option(
    "--silent",
    type=click.FloatRange(0, 100),
    default=1.0,
    show_default=True,
    help="Percent of the seats that never reveal.",
)
@click.option(
    "--skips",
    type=click.FloatRange(0, 100),
    default=2.0,
    show_default=True,
    help="Percent of the tasks that a labeler leaves out.",
)
@click.option("--sealed", is_flag=True, help="Carry the answers along, encrypted.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same answers.")
@json_option
def cli(
    rounds: int,
    tasks: int,
    seats: int,
    labelers: int,
    options: int,
    silent: float,
    skips: float,
    sealed: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Do a job of many rounds on a local chain, and show what every step takes.

    Without options: 4,096 tasks in 16 rounds of 255 seats, a million answers of 1,000 labelers.
    A requester opens, labelers sign, one relayer carries, one keeper reveals, closes and slashes
    the silent; then every balance is rebuilt from events. Deploys contracts of its own. Exits
    with 1 if a transaction took more gas than any chain lets it use, or if the audit finds
    anything.
    """

    chain = connect_or_start()
    if not chain.is_local:
        fail(f"chain {chain.chain_id} is not a local one: the job uses keys that everybody knows")
    plan = Plan(
        rounds=rounds,
        tasks=tasks,
        seats=seats,
        labelers=labelers,
        options=options,
        silent_bps=round(silent * 100),
        skip_bps=round(skips * 100),
        is_sealed=sealed,
        seed=seed,
    )
    requester, relayer, keeper = (Account.from_key(key) for key in test_keys(3))
    deployment, _ = deploy_for_now(chain, requester, evm_of(chain))
    with tempfile.TemporaryDirectory() as folder, progress_bars() as progress:
        job = Job(
            chain.w3,
            deployment,
            plan,
            Crew(requester, relayer, keeper),
            Path(folder),
            time_machine(chain.w3),
            progress,
        )
        result = job.run()
    if as_json:
        print_json(_as_json(result))
    else:
        _show(result)
    if result.too_large:
        steps = ", ".join(result.too_large)
        fail(f"{steps}: a transaction took more than {GAS_CAP:,} gas, which no chain allows")
    if not result.report.is_clean:
        differences = result.report.differences
        fail(f"the audit found {len(differences)} differences, the first: {differences[0]}")


def _show(result: Result) -> None:

    plan = result.plan
    made = table(
        f"{plan.rounds * plan.tasks:,} tasks in {plan.rounds} rounds of {plan.seats} seats, "
        f"{plan.labelers:,} labelers, {plan.options} options: {result.answers:,} answers settled",
        "=step",
        ">labelers",
        ">sent",
        ">gas",
        ">a label",
        ">largest",
        ">calldata",
        ">seconds",
        ">cpu",
    )
    for step in result.steps:
        made.add_row(*_row(step, result.answers))
    made.add_section()
    made.add_row(*_row(result.total, result.answers))
    made.caption = (
        f"sent: transactions; calldata in bytes; cpu: seconds of this process, without the node's. "
        f"{result.silent} seats stayed silent. Without the stakes, which are paid in once for many "
        f"jobs, {_gas_without_stakes(result):,.0f} gas a label. A transaction may use "
        f"{GAS_CAP:,} gas, a block of this chain {result.block_limit:,}."
    )
    console().print(made)
    report = result.report
    if report.is_clean:
        console().print(
            f"[bold green]Agrees to the wei:[/] {report.accounts:,} accounts, "
            f"{len(report.rounds)} rounds rebuilt from {report.events:,} events, "
            f"{report.checks:,} values compared.",
            soft_wrap=True,
        )


def _gas_without_stakes(result: Result) -> float:
    gas = sum(step.gas for step in result.steps if step.name != "stakes")
    return gas / max(1, result.answers)


def _row(step: Step, answers: int) -> list[str]:
    sent = step.transactions
    return [
        step.name,
        f"{step.labelers:,}" if step.labelers else "",
        f"{sent:,}" if sent else "",
        f"{step.gas:,}" if sent else "",
        f"{step.gas / answers:,.1f}" if sent and answers else "",
        f"{step.largest:,}" if sent else "",
        f"{step.calldata:,}" if sent else "",
        f"{step.seconds:,.1f}",
        f"{step.cpu:,.1f}",
    ]


def _as_json(result: Result) -> dict[str, Any]:

    return {
        "plan": asdict(result.plan),
        "answers": result.answers,
        "silent": result.silent,
        "block_limit": result.block_limit,
        "steps": [asdict(step) for step in result.steps],
        "total": asdict(result.total),
        "audit": result.report.to_json(),
    }
