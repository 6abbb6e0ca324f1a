"""Measure what each step of a round costs, and compare with .gas-snapshot."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from plumbline.chain.node import Node
from plumbline.cli.command import LabCommand, fail, json_option
from plumbline.cli.lab.stage import local_node, set_up, show
from plumbline.cli.output import console, print_json, progress_bars
from plumbline.lab.gas import cases, snapshot
from plumbline.lab.gas.cases import CASES, Case
from plumbline.lab.gas.draws import measure_draws
from plumbline.lab.gas.fees import BLOB_SHARE, FeeLevels
from plumbline.lab.gas.measure import CLOSE, CONCLUDE, REVEAL, measure
from plumbline.lab.gas.pictures import draw
from plumbline.lab.gas.policies import measure_policies
from plumbline.lab.gas.report import PAGE_KEYS, GasReport, blocks, tables
from plumbline.lab.gas.snapshot import GasFigure
from plumbline.lab.gas.spent import trace
from plumbline.lab.gas.together import measure_together
from plumbline.lab.page import fill, require_keys
from plumbline.lab.play import Stage
from plumbline.progress import track
from plumbline.protocol.addresses import checksum
from plumbline.units import ETHER

SNAPSHOT = Path(".gas-snapshot")
PAGE = Path("docs/gas.md")


@click.command(cls=LabCommand)
@click.option("--check", is_flag=True, help="Compare with .gas-snapshot; exit 1 if a step grew.")
@click.option("--grid", is_flag=True, help="Play all 49 rounds instead of the 10 of the snapshot.")
@click.option(
    "--only", metavar="TEXT", help='Of the 49, those whose name has this, such as "K=4 T=256".'
)
@click.option(
    "--write",
    is_flag=True,
    help="Play the whole grid; write .gas-snapshot, and tables and pictures of docs/gas.md.",
)
@click.option(
    "--trace",
    "traces",
    is_flag=True,
    help="Also what the gas of reveals and closes goes on (on Anvil; half a minute more).",
)
@click.option("--base-fee", metavar="FEE", default="1 gwei", show_default=True, help="On Ethereum.")
@click.option(
    "--l2-fee", metavar="FEE", default="0.01 gwei", show_default=True, help="On the rollup."
)
@click.option(
    "--scalars",
    type=click.IntRange(0, 2**32 - 1),
    nargs=2,
    metavar="BASE BLOB",
    default=(5_227, 1_014_213),
    show_default=True,
    help="Of an OP stack chain, ppm; these are OP Mainnet's.",
)
@click.option(
    "--eth-price",
    type=click.FloatRange(min=0),
    metavar="DOLLARS",
    default=3_000,
    show_default=True,
    help="An ether is worth so much.",
)
@json_option
def cli(
    check: bool, grid: bool, only: str | None, write: bool, traces: bool, as_json: bool, **fees: Any
) -> None:
    """Play rounds on a local chain: gas, floors, bytes, and what labels cost at given fees.

    Deploys contracts of its own, which nobody else uses. Rounds that end "silent" or "expired" need
    weeks to pass: afterwards the chain is put back to where it was before them. Figures may grow by
    half a percent before --check calls it a regression. Fees are per gas, such as "2 gwei". What
    all of it means is in docs/gas.md.
    """
    if only is not None and (check or write or grid):
        fail("--only plays some rounds: leave it out for --check, --write and --grid")
    levels = _fee_levels(**fees)
    wanted = cases.GRID if grid or write else CASES
    if only is not None:
        wanted = cases.matching(cases.GRID, only)
        if not wanted:
            fail(f"no round has {only!r} in its name: they are like {CASES[0].name!r}")
    node = local_node()
    # What is wrong with the files is said before all is played.
    if check and not SNAPSHOT.exists():
        fail("there is no .gas-snapshot: write one with `plumbline gas --write`")
    before = snapshot.from_text(SNAPSHOT.read_text(encoding="ascii")) if check else []
    if write:
        require_keys(PAGE, PAGE_KEYS)
    stage = set_up(node, 2)
    if (check or write) and stage.deployment.evm_version != "cancun":
        fail("the snapshot is of the Cancun build: measure on Anvil")
    if (traces or write) and stage.is_embedded:
        fail("the chain embedded in ape shows neither traces nor draws: measure on Anvil")
    contracts = _created(stage)
    with progress_bars() as progress:
        measured = measure(stage, wanted, progress)
        shipments = () if only is not None else measure_together(stage, progress)
        policies = () if only is not None else (*measure_policies(stage), *measure_draws(stage))
    report = GasReport(wanted, contracts, measured, levels, shipments=shipments, policies=policies)
    if traces or write:
        report = _traced(report, node, wanted if only is not None else CASES)
    if as_json:
        print_json(report.to_json())
    else:
        for figures in tables(report):
            if figures.rows:
                show(figures)
    if write:
        fill(PAGE, blocks(report))
        draw(report, CASES, PAGE.parent)
        SNAPSHOT.write_text(snapshot.to_text(report.figures(CASES), CASES), encoding="ascii")
        console().print(f"Wrote {SNAPSHOT}, {PAGE} and its pictures.")
    if check:
        grown = snapshot.regressions(before, report.figures(CASES))
        if grown:
            lines = "; ".join(grown)
            fail(f"{len(grown)} figures grew: {lines}; if meant, `plumbline gas --write`")
        console().print("No step costs more than .gas-snapshot says.")


def _fee_levels(
    base_fee: str, l2_fee: str, scalars: tuple[int, int], eth_price: float
) -> FeeLevels:
    base, l2 = ETHER.parse(base_fee, "--base-fee"), ETHER.parse(l2_fee, "--l2-fee")
    return FeeLevels(base, base // BLOB_SHARE, l2, *scalars, cents=round(eth_price * 100))


def _created(stage: Stage) -> tuple[GasFigure, ...]:
    """What its contracts took."""
    places = stage.deployment.contracts
    codes = [
        (name, stage.w3.eth.get_code(checksum(places[name])))
        for name in ("Judge", "LabelRounds", "Multicall")
    ]
    return tuple(
        GasFigure("deployment", name, receipt.gas_used, len(code))
        for (name, code), receipt in zip(codes, stage.receipts, strict=True)
    )


def _traced(report: GasReport, node: Node, shown: Sequence[Case]) -> GasReport:
    """With what the gas of reveals, the largest batch, and closes goes on."""
    lives = [life for life in report.lives if life.case in shown]
    steps = [x for life in lives for x in life.steps if x.step in (REVEAL, CLOSE, CONCLUDE)]
    with progress_bars() as progress:
        traced = [trace(node.w3, step) for step in track(steps, "Tracing", progress)]
    return replace(report, traced=tuple(traced))
