"""Strategies play whole rounds: what each earns, who is slashed, and when a bloc gains."""

from pathlib import Path
from typing import Any

import click
from eth_account import Account
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from plumbline.chain.creation import evm_of
from plumbline.cli.accounts import test_keys
from plumbline.cli.building import deploy_for_now
from plumbline.cli.command import LabCommand, fail
from plumbline.cli.market import connect_or_start
from plumbline.cli.output import console, notes, print_json, table
from plumbline.lab.clock import time_machine
from plumbline.lab.league.arena import Arena, Checked
from plumbline.lab.league.document import write as write_page
from plumbline.lab.league.figures import to_json
from plumbline.lab.league.panels import Panel, panels
from plumbline.lab.league.play import Match, play
from plumbline.lab.league.plots import draw
from plumbline.lab.league.programme import sample, simulate

PAGE = Path("docs/incentives.md")
PICTURES = Path("docs/incentives")
_FIGURE = 6  # letters of a column, at least
# Names of plumbline.lab.league.programme, which takes too long to import for every `ape run`.
SECTIONS = ("strategies", "honest", "small", "blocs", "copies", "requesters", "leaks", "bribes")


@click.command(cls=LabCommand)
@click.option(
    "--rounds",
    type=click.IntRange(2),
    default=200,
    show_default=True,
    help="Rounds of each match; blocs have a quarter, honest labelers five times as many.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Same seed, same figures."
)
@click.option(
    "--effort",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="What a look at every task costs a labeler, as a share of the price. Only returns on "
    "stake know of it; pay does not.",
)
@click.option(
    "--only", type=click.Choice(SECTIONS), multiple=True, help="Play a section (repeatable)."
)
@click.option(
    "--check-on-chain",
    "checked",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Play N of the very same rounds on a local chain, and compare every account to the wei.",
)
@click.option("--write", is_flag=True, help=f"Write the figures into {PAGE} and {PICTURES}/.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on stdout, with amounts in prices."
)
def cli(
    rounds: int,
    seed: int,
    effort: float,
    only: tuple[str, ...],
    checked: int,
    write: bool,
    as_json: bool,
) -> None:
    """Let strategies play whole rounds against the settlement rule.

    Honest labelers, guessers, copyists, blocs, leak hunters, requesters and bribers: what each
    earns and loses, with 95% intervals. The bulk is settled by the Python twin; --check-on-chain
    plays a sample on contracts of its own, with real commitments and reveals. What was played
    and what it means: docs/incentives.md.
    """

    if write and only:
        fail("--write needs all sections: leave out --only")
    chosen = tuple(section for section in SECTIONS if section in only or not only)
    with _bars() as bars:
        task = bars.add_task("Playing", total=None)

        def tell(what: str, done: int, total: int) -> None:
            bars.update(task, description=f"Playing {what}", completed=done, total=total)

        results = simulate(rounds, seed, tell, chosen)
    compared = _check(sample(rounds, seed, checked, chosen), seed) if checked else []
    shown = panels(results, effort)
    if as_json:
        value = to_json(results, effort)
        value["on_chain"] = [_checked_json(one) for one in compared]
        print_json(value)
    else:
        for panel in shown:
            _show(panel)
        if compared:
            _show_checked(compared)
    if write:
        options = f" --effort {effort:g}" if effort else ""
        options += f" --check-on-chain {checked}" if checked else ""
        command = f"plumbline simulate --rounds {rounds} --seed {seed}{options} --write"
        write_page(PAGE, shown, command, _in_words(compared))
        draw(results, PICTURES)
    wrong = [one for one in compared if one.differences]
    if wrong:
        fail(
            f"{len(wrong)} of {len(compared)} rounds came out otherwise on the chain, first "
            f"{wrong[0].match} ({wrong[0].world}) number {wrong[0].number}: "
            f"{wrong[0].differences[0]}"
        )


def _bars() -> Progress:

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=notes(),
        transient=True,
    )


def _check(rounds: list[tuple[Match, int]], seed: int) -> list[Checked]:
    """Play rounds on contracts that nobody else uses."""

    chain = connect_or_start()
    if not chain.is_local:
        fail("rounds are played on a local chain: leave out --network, or start `anvil`")
    treasurer = Account.from_key(test_keys(1)[0])
    deployment, _ = deploy_for_now(chain, treasurer, evm_of(chain))
    arena = Arena(chain.w3, deployment, treasurer, time_machine(chain.w3))
    compared = []
    with _bars() as bars:
        task = bars.add_task("Playing on the chain", total=len(rounds))
        for match, which in rounds:
            compared.append(arena.check(play(match, which, seed), which))
            bars.advance(task)
    return compared


def _show(panel: Panel) -> None:
    made = table(panel.title, *panel.columns)
    for column in made.columns[panel.words :]:
        # Where the terminal is narrow an interval goes below its figure, and nothing is cut.
        column.justify, column.min_width = "right", _FIGURE
    for row in panel.rows:
        made.add_row(*row)
    console().print(made)


def _show_checked(compared: list[Checked]) -> None:
    made = table(
        "Played again on the chain", "match", "world", ">number", ">seats", ">tx", "accounts"
    )
    for one in compared:
        verdict = "[red]differ[/]" if one.differences else "[green]agree to the wei[/]"
        row = (str(one.number), str(one.seats), str(one.transactions))
        made.add_row(one.match, one.world, *row, verdict)
    console().print(made)


def _in_words(compared: list[Checked]) -> str:
    if not compared:
        return "None of the rounds was played on a chain in this run: see `--check-on-chain`."
    wrong = sum(bool(one.differences) for one in compared)
    # The requester, a hunter and the sink besides those who sit.
    accounts = sum(one.seats + 3 for one in compared)
    transactions = sum(one.transactions for one in compared)
    return (
        f"{len(compared)} of the rounds were played again on the contract, in {transactions:,} "
        f"transactions: {accounts:,} balances compared, "
        f"{f'{wrong} rounds differ' if wrong else 'all agree to the wei'}."
    )


def _checked_json(one: Checked) -> dict[str, Any]:
    return {
        "match": one.match,
        "world": one.world,
        "number": one.number,
        "round": one.round_id,
        "seats": one.seats,
        "transactions": one.transactions,
        "differences": list(one.differences),
    }
