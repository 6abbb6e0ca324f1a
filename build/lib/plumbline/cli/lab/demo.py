"""The whole story on a chain: escrow, stakes, secrets, a verdict, an audit."""

import time
from pathlib import Path
from typing import Any

import click
from eth_account import Account
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from web3.middleware import Web3Middleware

from plumbline.chain.creation import evm_of
from plumbline.chain.node import Node
from plumbline.cli.accounts import test_keys
from plumbline.cli.audit.showing import audit_tables, audit_verdict
from plumbline.cli.building import deploy_for_now
from plumbline.cli.command import LabCommand, fail, json_option
from plumbline.cli.lab.standings import standings_caption, standings_table
from plumbline.cli.market import connect_or_start
from plumbline.cli.output import console, plain, print_json, table
from plumbline.lab import crowd
from plumbline.lab.clock import is_embedded, time_machine
from plumbline.lab.crowd import Batch
from plumbline.lab.story import (
    HELPERS,
    Audited,
    Chapter,
    Ending,
    Money,
    Scene,
    Step,
    Story,
    Work,
    made_up,
)
from plumbline.protocol.addresses import checksum
from plumbline.settlement import Mode
from plumbline.units import ETHER

_WIDTH = 100
_SEED = 7
_PLENTY = 12_000_000  # gas
_MORAL = """\
A requester puts pay for labels in escrow. Labelers lock a stake, answer in secret and open their
answers later. The contract then measures each against what the others said:
[green]near[/] is paid, [yellow]far[/] earns and loses nothing, an [red]outlier[/] loses part of \
the stake, [magenta]silence[/] more."""


@click.command(cls=LabCommand)
@click.option("--seed", type=int, default=_SEED, show_default=True, help="Same seed, same table.")
@click.option(
    "--answers",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with real answers: answers.csv, meta.json and, if known, truth.csv.",
)
@click.option(
    "--skip", multiple=True, help="With --answers: an option to be taken for a skip (repeatable)."
)
@json_option
def cli(seed: int, answers: Path | None, skip: tuple[str, ...], as_json: bool) -> None:
    """Tell the story of three rounds with two dozen labelers, or of one with real answers.

    A requester escrows, labelers stake, commit and reveal from their own accounts; some guess,
    copy, always say the same or stay silent. Tables show who was paid, who was slashed and why;
    then every balance is rebuilt from events alone. Uses the well-known test accounts, so it
    runs on a local chain only, on contracts of its own.
    """

    chain = connect_or_start()
    if not chain.is_local:
        fail(f"chain {chain.chain_id} is not a local one: the demo uses keys that everybody knows")
    batches = [crowd.load(answers, skip=skip)] if answers else made_up(seed)
    keys = [Account.from_key(key) for key in test_keys(HELPERS + len(batches[0].workers))]
    evm_version = evm_of(chain)
    teller = _Silent() if as_json else _Teller(chain, batches)
    teller.begin(evm_version)
    deployment, receipts = deploy_for_now(chain, keys[0], evm_version)
    teller.deployed(deployment, sum(receipt.gas_used for receipt in receipts))
    if is_embedded(chain.w3):
        _hurry(chain, keys[0].address)
    story = Story(chain.w3, deployment, keys, time_machine(chain.w3))
    for scene in story.tell(batches):
        teller.show(scene)
    teller.end()


def _hurry(chain: Node, asker: str) -> None:
    """Spare the embedded chain what takes it long, and a crowd longer.

    To estimate gas it tries a call a dozen times; and it derives all of its accounts anew
    whenever a question does not say who asks.
    """

    class Plenty(Web3Middleware):
        def wrap_make_request(self, make_request: Any) -> Any:
            def answer(method: Any, params: Any) -> Any:
                if method == "eth_estimateGas":
                    return {"jsonrpc": "2.0", "id": 0, "result": hex(_PLENTY)}
                return make_request(method, params)

            return answer

    chain.w3.middleware_onion.add(Plenty)
    chain.w3.eth.default_account = checksum(asker)


class _Silent:
    """Collects the results and prints them as JSON."""

    def __init__(self) -> None:
        self._value: dict[str, Any] = {"rounds": []}

    def begin(self, evm_version: str) -> None:
        self._value["evm_version"] = evm_version

    def deployed(self, deployment: Any, gas: int) -> None:
        self._value["address"] = deployment.address

    def show(self, scene: Scene) -> None:

        if isinstance(scene, Ending):
            closed = scene.told.closed
            assert closed is not None
            self._value["rounds"].append(
                {
                    "round": scene.told.round_id,
                    "name": scene.batch.name,
                    "mode": Mode(closed.verdict.mode).label,
                    "crowd_kappa_ppm": closed.verdict.crowd_kappa,
                    "gas": scene.gas,
                    "labelers": [
                        {
                            "name": standing.worker.name,
                            "habit": standing.worker.habit.value,
                            "accuracy": standing.accuracy,
                            **standing.outcome.to_vector(),
                            "reason": standing.reason,
                        }
                        for standing in scene.standings
                    ],
                }
            )
        elif isinstance(scene, Money):
            self._value["money"] = [
                {
                    "name": purse.name,
                    "paid_in": str(purse.paid_in),
                    "paid_out": str(purse.paid_out),
                    "left": str(purse.left),
                }
                for purse in scene.purses
            ]
        elif isinstance(scene, Audited):
            self._value["audit"] = scene.report.to_json()

    def end(self) -> None:
        print_json(self._value)
        if not self._value["audit"]["is_clean"]:
            fail("the audit found differences")


class _Teller:
    """Tells the story on the terminal."""

    def __init__(self, chain: Node, batches: list[Batch]) -> None:

        self._chain = chain
        self._rounds_left = len(batches)
        self._began = time.monotonic()
        self._transactions = 0
        self._clean = True
        self._progress = Progress(
            TextColumn("  {task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            console=console(),
            transient=True,
            disable=not console().is_terminal,
        )
        self._bar: Any = None

    def begin(self, evm_version: str) -> None:

        out = console()
        out.print()
        out.rule("[bold]Plumbline[/]: labels with skin in the game", align="left", style="dim")
        client = escape(self._chain.w3.client_version.partition("/")[0])
        build = "" if evm_version == "cancun" else f", {evm_version} build of the contracts"
        out.print(f"[dim]{client}, chain {self._chain.chain_id}{build}; test accounts only[/]")
        out.print()
        out.print(_MORAL)
        out.print()

    def deployed(self, deployment: Any, gas: int) -> None:
        self._line(f"Contracts deployed at {deployment.address}", 2, gas)

    def show(self, scene: Scene) -> None:

        if isinstance(scene, Work):
            self._work(scene.text, scene.done, scene.total)
            return
        if self._bar is not None:
            self._progress.stop()
            self._progress.remove_task(self._bar)
            self._bar = None
        if isinstance(scene, Chapter):
            self._chapter(scene)
        elif isinstance(scene, Step):
            self._step(scene)
        elif isinstance(scene, Ending):
            self._ending(scene)
        elif isinstance(scene, Money):
            self._money(scene)
        elif isinstance(scene, Audited):
            self._audit(scene.report)

    def end(self) -> None:
        seconds = time.monotonic() - self._began
        console().print(
            f"[dim]{self._transactions} transactions in {seconds:.0f} seconds. "
            "Next: README.md, or `plumbline requester open docs/examples/spam.yaml`[/]"
        )
        if not self._clean:
            fail("the audit found differences")

    def _work(self, text: str, done: int, total: int) -> None:
        if self._bar is None:
            self._progress.start()
            self._bar = self._progress.add_task(text, total=total)
        self._progress.update(self._bar, completed=done + 1)

    def _line(self, text: str, transactions: int, gas: int) -> None:

        self._transactions += transactions
        row = Table.grid(padding=(0, 1), expand=False)
        row.add_column(width=1)
        row.add_column(width=_WIDTH - 26)
        row.add_column(width=6, justify="right", style="dim")
        row.add_column(width=14, justify="right", style="dim")
        count = f"{transactions} tx" if transactions else ""
        row.add_row("", text, count, f"{gas:,} gas" if gas else "")
        console().print(row)

    def _step(self, scene: Step) -> None:
        self._line(scene.text, scene.transactions, scene.gas)

    def _chapter(self, scene: Chapter) -> None:
        rules, batch = scene.rules, scene.batch
        names = plain(" / ".join(batch.options))
        shape = "in no order" if rules.kind.label == "nominal" else "on a scale"
        console().print()
        console().rule(
            f"[bold]Round {scene.number}[/]: {plain(batch.name)}", align="left", style="dim"
        )
        console().print(f"  [dim]{rules.kind.label}, {names} ({shape})[/]")

    def _ending(self, scene: Ending) -> None:

        console().print()
        console().print(standings_table(scene))
        for line in standings_caption(scene):
            console().print(f"  {line}", soft_wrap=True)
        self._rounds_left -= 1
        if not self._rounds_left:
            console().print()
            console().rule("[bold]Afterwards[/]", align="left", style="dim")

    def _money(self, scene: Money) -> None:

        made = table(
            "Money in and out, in ETH", "=who", ">paid in", ">taken out", ">still in", ">difference"
        )
        for purse in scene.purses:
            colour = "green" if purse.change > 0 else "red" if purse.change < 0 else "dim"
            if purse.name == "requester" or purse.name.startswith("sink"):
                colour = "default"
            sign = "+" if purse.change > 0 else ""
            made.add_row(
                purse.name,
                *(ETHER.column(sum_) for sum_ in (purse.paid_in, purse.paid_out, purse.left)),
                f"[{colour}]{sign}{ETHER.column(purse.change)}[/]",
            )
        made.add_section()
        made.add_row(
            "sum",
            ETHER.column(sum(purse.paid_in for purse in scene.purses)),
            ETHER.column(sum(purse.paid_out for purse in scene.purses)),
            ETHER.column(sum(purse.left for purse in scene.purses)),
            ETHER.column(sum(purse.change for purse in scene.purses)),
        )
        console().print()
        console().print(made)
        console().print()

    def _audit(self, report: Any) -> None:

        for made in audit_tables(report, ETHER):
            console().print(made)
        self._clean = report.is_clean
        if report.is_clean:
            console().print(audit_verdict(report), soft_wrap=True)
        for difference in report.differences:
            console().print(f"[red]{difference}[/]", soft_wrap=True)
