"""The whole story on a chain: escrow, stakes, secrets, a verdict, an audit."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import click
from rich.markup import escape
from rich.table import Table

from plumbline.audit import AuditReport
from plumbline.audit.draw_checks import DrawsAudit
from plumbline.cli.audit.display import audit_tables, audit_verdict
from plumbline.cli.audit.draws import draws_verdict
from plumbline.cli.command import LabCommand, fail, this_command
from plumbline.cli.lab.stage import local_node, set_up
from plumbline.cli.output import coloured_band, console, plain, progress_bars, say, table
from plumbline.formats.recorded_answers import read
from plumbline.formats.work_units import rounds
from plumbline.lab.crowds import Habit, recorded
from plumbline.lab.demo import HELPERS, Demo, Ending, Takings, crowd_of, made_up
from plumbline.lab.play import Stage
from plumbline.protocol.addresses import checksum
from plumbline.settlement import Mode
from plumbline.units import ETHER

_WIDTH: Final = 100
_PLENTY: Final = 12_000_000  # gas
_JUDGED_BY: Final = {"peer": "peers", "gold": "gold (no crowd to trust)", "void": "nobody: void"}
_MORAL: Final = """\
A requester puts pay for labels in escrow. Lots decide who may label. Labelers lock a stake, answer
in secret and open their answers later. The contract then measures each against what the others
said: [green]near[/] is paid, [yellow]far[/] earns and loses nothing, an [red]outlier[/] loses \
part of the stake, [magenta]silence[/] more."""


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
def cli(seed: int, answers: Path | None, skip: tuple[str, ...]) -> None:
    """Tell the story of three rounds with two dozen labelers, or of those of a real crowd.

    A requester escrows, labelers stake, commit and reveal from their own accounts; some guess,
    copy, always say the same or stay silent. Who may take a seat, and when, is drawn by lot from a
    pool. Tables show who was paid, who was slashed and why; then every balance and every draw is
    rebuilt from events alone. Uses the well-known test accounts, so it
    runs on a local chain only, on contracts of its own.
    """
    node = local_node()
    batches = [*map(recorded, rounds(read(answers, skip)))] if answers else made_up(seed)
    stage = set_up(node, HELPERS + len(crowd_of(batches)))
    if stage.is_embedded:
        # To estimate gas it tries a call a dozen times; and it derives all of its accounts anew
        # whenever a question does not say who asks.
        stage.w3.eth.estimate_gas = lambda *_, **__: _PLENTY  # type: ignore[method-assign]
        stage.w3.eth.default_account = checksum(stage.keys[0].address)
    teller = _Teller(stage, seed)
    takings, report, draws = Demo(stage, batches, teller).run()
    teller.end(takings, report, draws)
    if not report.is_clean or any(each.differences for each in draws):
        fail("the audit found differences")


class _Teller:
    """Tells the story on the terminal."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self._seed = seed
        self._began = time.monotonic()
        self._transactions = 0
        self._work = ExitStack()  # a bar, while something takes long
        client = escape(stage.w3.client_version.partition("/")[0])
        version = stage.deployment.evm_version
        build = "" if version == "cancun" else f", {version} build of the contracts"
        _rule("[bold]Plumbline[/]: labels with skin in the game")
        console().print(
            f"[dim]{client}, chain {stage.deployment.chain_id}{build}; test accounts only[/]"
        )
        console().print(f"\n{_MORAL}\n")
        gas = sum(receipt.gas_used for receipt in stage.receipts)
        self.step(f"Contracts deployed at {stage.deployment.address}", 2, gas)

    def progress(self, text: str, done: int, total: int) -> None:
        if done == 1:
            self._bar = self._work.enter_context(progress_bars())
        self._bar(f"  {text}", done, total)

    def chapter(self, title: str, about: str = "", detail: str = "") -> None:
        self._work.close()
        _rule(f"[bold]{title}[/]{f': {plain(about)}' if about else ''}")
        if detail:
            console().print(f"  [dim]{plain(detail)}[/]")

    def ending(self, ending: Ending) -> None:
        console().print()
        console().print(_standings(ending))
        closed, verdict, rules = ending.closed, ending.closed.verdict, ending.history.rules
        right = f"; its answers: {ending.accuracy:.0%} right" if ending.accuracy is not None else ""
        say(
            f"  Judged by {_JUDGED_BY[Mode(verdict.mode).label]}. The crowd's kappa: "
            f"{verdict.crowd_kappa / 1e6:.2f}, full pay from {verdict.bar / 1e6:.2f} on{right}."
        )
        say(
            f"  Paid {ETHER.short(closed.paid)}, refunded {ETHER.short(closed.refund)}. From "
            f"opening to last slash {ending.gas:,} gas: "
            f"{ending.gas // (len(ending.history.reveals) * rules.tasks):,} a label."
        )

    def step(self, text: str, transactions: int, gas: int) -> None:
        self._work.close()
        self._transactions += transactions
        row = Table.grid(padding=(0, 1), expand=False)
        row.add_column(width=1)
        row.add_column(width=_WIDTH - 26)
        row.add_column(width=6, justify="right", style="dim")
        row.add_column(width=14, justify="right", style="dim")
        count = f"{transactions} tx" if transactions else ""
        row.add_row("", text, count, f"{gas:,} gas" if gas else "")
        console().print(row)

    def end(
        self, takings: Sequence[Takings], report: AuditReport, draws: Sequence[DrawsAudit]
    ) -> None:
        """Where the money went, the audits, and the last line."""
        for shown in ("", _money(takings), "", *audit_tables(report, ETHER)):
            console().print(shown)
        if report.is_clean:
            say(audit_verdict(report))
        if not draws:
            say("[dim]This chain has no beacon to draw lots by: whoever came first had a seat.[/]")
        for each in draws:
            if not each.differences:
                say(draws_verdict(each))
        in_draws = (difference for each in draws for difference in each.differences)
        for difference in (*report.differences, *in_draws):
            say(f"[red]{difference}[/]")
        seconds = time.monotonic() - self._began
        say(
            f"[dim]{self._transactions} transactions in {seconds:.0f} seconds. "
            "Next: a round of your own, step by step in README.md; or another story, "
            f"{escape(f'`{this_command()} --seed {self._seed + 1}`')}[/]"
        )


def _rule(title: str) -> None:
    console().print()
    console().rule(title, align="left", style="dim")


def _money(takings: Sequence[Takings]) -> Table:
    title = "Money in and out, in ETH"
    shown = table(title, "=who", ">paid in", ">taken out", ">still in", ">difference")
    for who in takings:
        is_labeler = who.name != "requester" and not who.name.startswith("sink")
        amounts = map(ETHER.column, (who.paid_in, who.paid_out, who.left))
        shown.add_row(who.name, *amounts, _change(who.change, is_labeler))
    shown.add_section()
    each = ((who.paid_in, who.paid_out, who.left, who.change) for who in takings)
    shown.add_row("sum", *(ETHER.column(sum(column)) for column in zip(*each, strict=True)))
    return shown


def _standings(ending: Ending) -> Table:
    """Who was paid, who was slashed and why."""
    batch = ending.batch
    has_habits = any(worker.habit is not Habit.REAL for worker in batch.workers)
    knows_truth = any(answer is not None for answer in batch.truth)
    known = [("=habit" if has_habits else ">answered"), *([">right"] if knows_truth else [])]
    shown = table(None, "=who", *known, ">kappa", "=band", ">ETH", "why")
    for worker, seat in zip(batch.workers, ending.seats, strict=True):
        right = None if seat.answered is None else batch.accuracy(worker.answers)
        answered = sum(answer is not None for answer in worker.answers) / len(worker.answers)
        shown.add_row(
            plain(worker.name),
            worker.words if has_habits else f"{answered:.0%}",
            *(["" if right is None else f"{right:.0%}"] if knows_truth else []),
            f"{seat.kappa_ppm / 1e6:.2f}" if seat.kappa_ppm else "-",
            coloured_band(seat.band),
            _change(seat.pay - seat.slash) if seat.pay != seat.slash else "-",
            seat.reason,
        )
    return shown


def _change(amount: int, is_coloured: bool = True) -> str:
    """What somebody won or lost."""
    sign, colour = ("+", "green") if amount > 0 else ("", "red" if amount else "dim")
    return f"[{colour if is_coloured else 'default'}]{sign}{ETHER.column(amount)}[/]"
