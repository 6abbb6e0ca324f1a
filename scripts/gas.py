"""Measure what each step of a round costs, and compare with .gas-snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scripts._accounts import account_of
from scripts._command import Command, fail, json_option
from scripts._node import connect
from scripts._output import console, notes, print_json, table

if TYPE_CHECKING:
    from plumbline.call import Call, Receipt
    from plumbline.gas import Figure

SNAPSHOT = Path(".gas-snapshot")


@click.command(cls=Command)
@click.option("--check", is_flag=True, help="Compare with .gas-snapshot; exit 1 if a step grew.")
@click.option("--write", is_flag=True, help="Write .gas-snapshot anew.")
@json_option
def cli(check: bool, write: bool, as_json: bool) -> None:
    """Play rounds on a local chain and show the gas of every step, per labeler.

    Deploys contracts of its own, which nobody else uses. Figures may grow by half a percent before
    --check calls it a regression.
    """
    from rich.progress import track

    from plumbline import gas
    from plumbline.addresses import ZERO
    from plumbline.contract import LabelRounds
    from plumbline.outbox import send
    from scripts import _deploying as deploying

    chain = connect()
    if not chain.is_local:
        fail("gas is measured on a local chain: leave out --network, or start `anvil`")
    if (check or write) and deploying.evm_of(chain) != "cancun":
        fail("the snapshot is of the Cancun build: measure on Anvil")
    carrier, walker = account_of("TEST::0", chain), account_of("TEST::1", chain)
    version = deploying.evm_of(chain)
    deployment, receipts = deploying.deploy(chain, carrier, version, ZERO, deploying.BURN)
    rounds = LabelRounds(chain.w3, deployment)

    figures = [
        gas.Figure("deployment", name, receipt.gas_used)
        for name, receipt in zip(("Judge", "LabelRounds"), receipts, strict=True)
    ]
    keys = gas.crowd()
    labelers = [walker.address, *(key.address for key in keys)]

    def carry(call: Call) -> Receipt:
        return send(chain.w3, carrier, call)

    def walk(call: Call) -> Receipt:
        return send(chain.w3, walker, call)

    funded = gas.fund(rounds, carry, labelers)
    screen = notes()
    for _ in track(funded, "Funding labelers", len(labelers), console=screen, transient=True):
        pass
    for case in track(gas.CASES, "Playing rounds", console=screen, transient=True):
        figures += gas.play(rounds, case, carry, keys, walker.address, walk)

    if as_json:
        print_json([{"case": item.case, "step": item.step, "gas": item.gas} for item in figures])
    else:
        _show(figures)
    if write:
        SNAPSHOT.write_text(gas.to_snapshot(figures), encoding="ascii")
    if check:
        _compare(figures)


def _show(figures: list[Figure]) -> None:
    from plumbline import gas

    steps_shown = (">commit own", ">relayed", ">sealed", ">reveal", ">close", ">per label")
    shown = table("Gas per labeler", "=round", *steps_shown)
    for case in gas.CASES:
        steps = {item.step: item.gas for item in figures if item.case == case.name}
        shown.add_row(
            case.name,
            f"{steps['commit, own transaction']:,}",
            f"{steps['commit, relayed']:,}",
            f"{steps['commit, relayed, sealed']:,}" if "commit, relayed, sealed" in steps else "",
            f"{steps['reveal']:,}",
            f"{steps['close']:,}",
            f"{gas.per_label(figures, case):,.0f}",
        )
    shown.caption = (
        "relayed: 50 in a transaction; sealed: the same with the answers encrypted; per label: "
        "relayed, not sealed"
    )
    console().print(shown)


def _compare(figures: list[Figure]) -> None:
    from plumbline import gas

    if not SNAPSHOT.exists():
        fail("there is no .gas-snapshot: write one with `ape run gas --write`")
    grown = gas.regressions(gas.from_snapshot(SNAPSHOT.read_text(encoding="ascii")), figures)
    if grown:
        fail(f"{len(grown)} figures grew: {'; '.join(grown)}; if meant, `ape run gas --write`")
    console().print("No step costs more than .gas-snapshot says.")
