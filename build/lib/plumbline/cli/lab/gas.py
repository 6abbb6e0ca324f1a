"""Measure what each step of a round costs, and compare with .gas-snapshot."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
from rich.progress import track
from rich.text import Text

from plumbline.chain.contract import LabelRounds
from plumbline.chain.creation import evm_of
from plumbline.chain.node import Node
from plumbline.cli.accounts import account_of
from plumbline.cli.building import deploy_for_now
from plumbline.cli.command import LabCommand, fail, json_option
from plumbline.cli.market import connect_or_start
from plumbline.cli.output import console, notes, print_json, table
from plumbline.lab.clock import time_machine, undone
from plumbline.lab.gas import cases, page, play, players, plots, snapshot, spent, steps
from plumbline.lab.gas.cases import WARM_UP, Case
from plumbline.lab.gas.fees import BLOB_SHARE, Fees
from plumbline.lab.gas.report import Report
from plumbline.lab.gas.snapshot import Contract, Figure
from plumbline.lab.gas.spent import Traced
from plumbline.lab.gas.steps import Measured
from plumbline.lab.gas.tables import Table
from plumbline.protocol.addresses import checksum
from plumbline.transactions.outbox import send
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
    is_flag=True,
    help="Also what the gas of reveals and closes goes on (on Anvil; half a minute more).",
)
@click.option("--base-fee", metavar="FEE", default="1 gwei", show_default=True, help="On Ethereum.")
@click.option("--blob-fee", metavar="FEE", help="Of blobs. [default: a sixteenth of --base-fee]")
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
    check: bool,
    grid: bool,
    only: str | None,
    write: bool,
    trace: bool,
    base_fee: str,
    blob_fee: str | None,
    l2_fee: str,
    scalars: tuple[int, int],
    eth_price: float,
    as_json: bool,
) -> None:
    """Play rounds on a local chain: gas, floors, bytes, and what labels cost at given fees.

    Deploys contracts of its own, which nobody else uses. Rounds that end "silent" or "expired" need
    weeks to pass: afterwards the chain is put back to where it was before them. Figures may grow by
    half a percent before --check calls it a regression. Fees are per gas, such as "2 gwei". What
    all of it means is in docs/gas.md.
    """

    if only is not None and (check or write or grid):
        fail("--only plays some rounds: leave it out for --check, --write and --grid")
    base = ETHER.parse(base_fee, "--base-fee")
    fees = Fees(
        base_fee=base,
        blob_fee=ETHER.parse(blob_fee, "--blob-fee") if blob_fee else base // BLOB_SHARE,
        l2_fee=ETHER.parse(l2_fee, "--l2-fee"),
        base_scalar=scalars[0],
        blob_scalar=scalars[1],
        cents=round(eth_price * 100),
    )
    wanted = cases.GRID if grid or write else cases.CASES
    if only is not None:
        wanted = cases.matching(cases.GRID, only)
        if not wanted:
            fail(f"no round has {only!r} in its name: they are like {cases.CASES[0].name!r}")
    chain = connect_or_start()
    if not chain.is_local:
        fail("gas is measured on a local chain: leave out --network, or start `anvil`")
    # What is wrong with the files is said before all is played.
    before = _snapshot() if check else []
    if write:
        page.require_marks(PAGE.read_text(encoding="utf-8"))
    contracts, measured = _measure(chain, wanted, needs_cancun=check or write)

    report = Report(wanted, tuple(contracts), tuple(measured), fees)
    if trace or write:
        shown = frozenset(wanted if only is not None else cases.CASES)
        report = replace(report, traced=tuple(_trace(chain, report, shown)))
    if as_json:
        print_json(report.to_json())
    else:
        for made in report.tables():
            _show(made)
    if write:
        _write(report)
    if check:
        _compare(report, before)


def _measure(
    chain: Node, cases: Sequence[Case], needs_cancun: bool
) -> tuple[list[Contract], list[Measured]]:
    """Deploy, fund labelers, play."""

    version = evm_of(chain)
    if needs_cancun and version != "cancun":
        fail("the snapshot is of the Cancun build: measure on Anvil")
    carrier, walker = account_of("TEST::0", chain), account_of("TEST::1", chain)
    deployment, receipts = deploy_for_now(chain, carrier, version)
    contracts = [
        Contract(name, receipt.gas_used, len(chain.w3.eth.get_code(checksum(address))))
        for (name, address), receipt in zip(
            (("Judge", deployment.judge), ("LabelRounds", deployment.address)),
            receipts,
            strict=True,
        )
    ]
    carry, walk = (partial(send, chain.w3, account) for account in (carrier, walker))
    keys = players.crowd(max(case.labelers for case in (*cases, WARM_UP)) - 1)
    rounds = LabelRounds(chain.w3, deployment)
    wait = time_machine(chain.w3)
    party = play.Party(rounds, carrier.address, carry, keys, walker.address, walk, wait)
    screen = notes()
    played = (WARM_UP, *cases)
    funded = play.fund(party, played)
    count = len(party.labelers)
    deposits = list(track(funded, "Funding labelers", count, console=screen, transient=True))
    measured = deposits[:1]
    for number, case in enumerate(track(played, "Playing rounds", console=screen, transient=True)):
        with nullcontext() if case.is_settled else undone(chain.w3):
            steps = list(play.play(party, case))
        if number == 0:  # the first one warms up
            measured.append(play.withdraw(party, case))
        else:
            measured += steps
    return contracts, measured


def _trace(chain: Node, report: Report, shown: frozenset[Case]) -> Iterator[Traced]:
    """What the gas of reveals, the largest batch, and closes goes on, in the rounds `shown`."""

    wanted = (steps.REVEAL, steps.CLOSE, steps.CONCLUDE)
    lives = [life for life in report.lives if life.case in shown]
    found = [step for life in lives for step in life.steps if step.step in wanted]
    for step in track(found, "Tracing", console=notes(), transient=True):
        yield spent.trace(chain.w3, step)


def _show(made: Table) -> None:

    shown = table(made.title, *(f"={made.columns[0]}", *made.columns[1:]))
    for row in made.rows:
        if len(row) < len(made.columns):
            shown.add_section()
            shown.add_row(Text(row[0], style="bold"))
        else:
            shown.add_row(*row)
    shown.caption = made.caption or None
    console().print(shown)


def _write(report: Report) -> None:

    text = page.filled(PAGE.read_text(encoding="utf-8"), report.parts(cases.CASES))
    for name, picture in plots.pictures(report, cases.CASES).items():
        (PAGE.parent / name).write_text(picture, encoding="utf-8")
    PAGE.write_text(text, encoding="utf-8")
    SNAPSHOT.write_text(
        snapshot.to_text(report.figures(cases.CASES), cases.CASES), encoding="ascii"
    )
    console().print(f"Wrote {SNAPSHOT}, {PAGE} and its pictures.")


def _snapshot() -> list[Figure]:

    if not SNAPSHOT.exists():
        fail("there is no .gas-snapshot: write one with `plumbline gas --write`")
    return snapshot.from_text(SNAPSHOT.read_text(encoding="ascii"))


def _compare(report: Report, before: list[Figure]) -> None:

    grown = snapshot.regressions(before, report.figures(cases.CASES))
    if grown:
        fail(f"{len(grown)} figures grew: {'; '.join(grown)}; if meant, `plumbline gas --write`")
    console().print("No step costs more than .gas-snapshot says.")
