"""The whole story on a chain: escrow, stakes, secrets, a verdict, an audit."""

import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click
from rich.markup import escape
from rich.table import Table
from web3.middleware import Web3Middleware

from plumbline.chain.deployment import Deployment
from plumbline.cli.audit.display import audit_tables, audit_verdict
from plumbline.cli.command import LabCommand, fail, json_option
from plumbline.cli.lab.stage import Stage, local_node, set_up
from plumbline.cli.output import coloured_band, console, plain, print_json, progress_bars, table
from plumbline.formats.recorded_answers import read
from plumbline.lab.crowds import Habit, recorded
from plumbline.lab.demo import HELPERS, Chapter, Demo, DemoResult, Ending, Scene, Takings, made_up
from plumbline.lab.play import is_embedded
from plumbline.protocol.addresses import checksum
from plumbline.settlement import Mode
from plumbline.units import ETHER

_WIDTH: Final = 100
_PLENTY: Final = 12_000_000  # gas
_JUDGED_BY: Final = {"peer": "peers", "gold": "gold (no crowd to trust)", "void": "nobody: void"}
_MORAL: Final = """\
A requester puts pay for labels in escrow. Labelers lock a stake, answer in secret and open their
answers later. The contract then measures each against what the others said:
[green]near[/] is paid, [yellow]far[/] earns and loses nothing, an [red]outlier[/] loses part of \
the stake, [magenta]silence[/] more."""


@click.command(cls=LabCommand)
@click.option("--seed", type=int, default=7, show_default=True, help="Same seed, same table.")
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
    node = local_node()
    batches = [recorded(read(answers, skip))] if answers else made_up(seed)
    stage = set_up(node, HELPERS + len(batches[0].workers))
    if is_embedded(node.w3):
        _hurry(stage)
    chain = (node.w3, stage.deployment, stage.keys, stage.advance)
    if as_json:
        result = Demo(*chain, lambda scene: None).run(batches)
        print_json(_as_json(stage.deployment, result))
    else:
        teller = _Teller(stage, seed)
        result = Demo(*chain, teller.tell, teller.progress).run(batches)
        teller.end(result)
    if not result.report.is_clean:
        fail("the audit found differences")


def _hurry(stage: Stage) -> None:
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

    stage.node.w3.middleware_onion.add(Plenty)
    stage.node.w3.eth.default_account = checksum(stage.keys[0].address)


def _as_json(deployment: Deployment, result: DemoResult) -> dict[str, Any]:
    return {
        "evm_version": deployment.evm_version,
        "address": deployment.address,
        "rounds": [
            {
                "round": ending.history.round_id,
                "name": ending.batch.name,
                "mode": Mode(ending.closed.verdict.mode).label,
                "crowd_kappa_ppm": ending.closed.verdict.crowd_kappa,
                "gas": ending.gas,
                "labelers": [
                    {
                        "name": standing.worker.name,
                        "habit": standing.worker.habit.value,
                        "accuracy": standing.accuracy,
                        "band": standing.seat.band,
                        "pay": str(standing.seat.pay),
                        "slash": str(standing.seat.slash),
                        "kappa_ppm": standing.seat.kappa_ppm or 0,
                        "reason": standing.seat.reason,
                    }
                    for standing in ending.standings
                ],
            }
            for ending in result.endings
        ],
        "money": [
            {name: value if name == "name" else str(value) for name, value in asdict(who).items()}
            for who in result.takings
        ],
        "audit": result.report.to_json(),
    }


class _Teller:
    """Tells the story on the terminal."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self._seed = seed
        self._began = time.monotonic()
        self._transactions = 0
        self._work = ExitStack()  # a bar, while something takes long
        client = escape(stage.node.w3.client_version.partition("/")[0])
        version = stage.deployment.evm_version
        build = "" if version == "cancun" else f", {version} build of the contracts"
        _rule("[bold]Plumbline[/]: labels with skin in the game")
        console().print(f"[dim]{client}, chain {stage.node.chain_id}{build}; test accounts only[/]")
        console().print(f"\n{_MORAL}\n")
        gas = sum(receipt.gas_used for receipt in stage.receipts)
        self._step(f"Contracts deployed at {stage.deployment.address}", 2, gas)

    def progress(self, text: str, done: int, total: int) -> None:
        if done == 1:
            self._bar = self._work.enter_context(progress_bars())
        self._bar(f"  {text}", done, total)

    def tell(self, scene: Scene) -> None:
        self._work.close()
        if isinstance(scene, Chapter):
            about = f": {plain(scene.about)}" if scene.about else ""
            _rule(f"[bold]{scene.title}[/]{about}")
            if scene.detail:
                console().print(f"  [dim]{plain(scene.detail)}[/]")
        elif isinstance(scene, Ending):
            console().print()
            console().print(_standings(scene))
            for line in _verdict(scene):
                console().print(f"  {line}", soft_wrap=True)
        else:
            self._step(scene.text, scene.transactions, scene.gas)

    def _step(self, text: str, transactions: int, gas: int) -> None:
        self._transactions += transactions
        row = Table.grid(padding=(0, 1), expand=False)
        row.add_column(width=1)
        row.add_column(width=_WIDTH - 26)
        row.add_column(width=6, justify="right", style="dim")
        row.add_column(width=14, justify="right", style="dim")
        count = f"{transactions} tx" if transactions else ""
        row.add_row("", text, count, f"{gas:,} gas" if gas else "")
        console().print(row)

    def end(self, result: DemoResult) -> None:
        """Where the money went, the audit, and the last line."""
        report = result.report
        for shown in ("", _money(result.takings), "", *audit_tables(report, ETHER)):
            console().print(shown)
        if report.is_clean:
            console().print(audit_verdict(report), soft_wrap=True)
        for difference in report.differences:
            console().print(f"[red]{difference}[/]", soft_wrap=True)
        seconds = time.monotonic() - self._began
        console().print(
            f"[dim]{self._transactions} transactions in {seconds:.0f} seconds. "
            "Next: a round of your own, step by step in README.md; or another story, "
            f"{escape(f'`{_again()} --seed {self._seed + 1}`')}[/]",
            soft_wrap=True,
        )


def _again() -> str:
    """What starts the demo in the user's shell, which may not know the paths of `make`."""
    program = Path(sys.argv[0])
    if program.name != "plumbline":
        return click.get_current_context().command_path
    near = program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program
    return f"{shlex.quote(str(near))} demo"


def _rule(title: str) -> None:
    console().print()
    console().rule(title, align="left", style="dim")


def _money(takings: Sequence[Takings]) -> Table:
    title = "Money in and out, in ETH"
    shown = table(title, "=who", ">paid in", ">taken out", ">still in", ">difference")
    for who in takings:
        colour = "green" if who.change > 0 else "red" if who.change < 0 else "dim"
        if who.name == "requester" or who.name.startswith("sink"):
            colour = "default"
        sign = "+" if who.change > 0 else ""
        amounts = map(ETHER.column, (who.paid_in, who.paid_out, who.left))
        shown.add_row(who.name, *amounts, f"[{colour}]{sign}{ETHER.column(who.change)}[/]")
    shown.add_section()
    each = ((who.paid_in, who.paid_out, who.left, who.change) for who in takings)
    shown.add_row("sum", *(ETHER.column(sum(column)) for column in zip(*each, strict=True)))
    return shown


def _standings(ending: Ending) -> Table:
    """Who was paid, who was slashed and why."""
    knows_truth = ending.batch.knows_truth
    has_habits = any(standing.worker.habit is not Habit.REAL for standing in ending.standings)
    known = [*(["=habit"] if has_habits else []), *([">right"] if knows_truth else [])]
    shown = table(None, "=who", *known, ">kappa", "=band", ">ETH", "why")
    for standing in ending.standings:
        seat = standing.seat
        right = "" if standing.accuracy is None else f"{standing.accuracy:.0%}"
        shown.add_row(
            plain(standing.worker.name),
            *([standing.worker.words] if has_habits else []),
            *([right] if knows_truth else []),
            f"{seat.kappa_ppm / 1e6:.2f}" if seat.kappa_ppm else "-",
            coloured_band(seat.band),
            _change(seat.pay - seat.slash),
            seat.reason,
        )
    return shown


def _change(amount: int) -> str:
    """What a labeler earned or lost."""
    if not amount:
        return "-"
    sign, colour = ("+", "green") if amount > 0 else ("", "red")
    return f"[{colour}]{sign}{ETHER.column(amount)}[/]"


def _verdict(ending: Ending) -> list[str]:
    """What the round came to, in lines."""
    closed, accuracy = ending.closed, ending.crowd_accuracy
    verdict = closed.verdict
    labels = len(ending.history.reveals) * ending.history.rules.tasks
    right = "" if accuracy is None else f"; its answers: {accuracy:.0%} right"
    return [
        f"Judged by {_JUDGED_BY[Mode(verdict.mode).label]}. The crowd's kappa: "
        f"{verdict.crowd_kappa / 1e6:.2f}, full pay from {verdict.bar / 1e6:.2f} on{right}.",
        f"Paid {ETHER.short(closed.paid)}, refunded {ETHER.short(closed.refund)}. From opening to "
        f"last slash {ending.gas:,} gas: {ending.gas // labels:,} a label.",
    ]
