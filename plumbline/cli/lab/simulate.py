"""Strategies play whole rounds: what each earns, who is slashed, and when a bloc gains."""

from dataclasses import asdict
from pathlib import Path

import click

from plumbline.cli.command import LabCommand, fail
from plumbline.cli.lab.stage import local_node, number_option, set_up, show
from plumbline.cli.output import console, print_json, progress_bars, table
from plumbline.lab.league.arena import Arena, Comparison
from plumbline.lab.league.match import Match, play
from plumbline.lab.league.panels import panels
from plumbline.lab.league.pictures import draw
from plumbline.lab.league.programme import SECTIONS, sample, simulate
from plumbline.lab.page import fill

PAGE = Path("docs/incentives.md")
PICTURES = Path("docs/incentives")


@click.command(cls=LabCommand)
@number_option(
    *("--rounds", 2, None, 200),
    "Rounds of each match; blocs have a quarter, honest labelers five times as many.",
)
@number_option("--seed", 0, None, 1, "Same seed, same figures.")
@number_option(
    *("--effort", 0, None, 0.0),
    "What a look at every task costs a labeler, as a share of the price. Only returns on stake "
    "know of it; pay does not.",
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
    earns and loses, with 95% intervals. The bulk is settled in Python; --check-on-chain plays a
    sample on contracts of its own, with real commitments and reveals. What was played and what it
    means: docs/incentives.md.
    """
    if write and only:
        fail("--write needs all sections: leave out --only")
    chosen = tuple(section for section in SECTIONS if section in only or not only)
    with progress_bars() as progress:
        figures = simulate(rounds, seed, progress, chosen)
    compared = _check(sample(rounds, seed, checked, chosen), seed) if checked else []
    tables = panels(figures, effort)
    if as_json:
        on_chain = [asdict(comparison) for comparison in compared]
        print_json({**figures.to_json(effort), "on_chain": on_chain})
    else:
        for panel in tables:
            show(panel)
        if compared:
            _show(compared)
    if write:
        options = f" --effort {effort:g}" if effort else ""
        options += f" --check-on-chain {checked}" if checked else ""
        command = f"plumbline simulate --rounds {rounds} --seed {seed}{options} --write"
        blocks = {panel.key: panel.markdown() for panel in tables}
        fill(PAGE, {**blocks, "command": f"```\n{command}\n```", "on chain": _in_words(compared)})
        draw(figures, PICTURES)
    wrong = [comparison for comparison in compared if comparison.differences]
    if wrong:
        first = wrong[0]
        fail(
            f"{len(wrong)} of {len(compared)} rounds came out otherwise on the chain, first "
            f"{first.match} ({first.world}) number {first.number}: {first.differences[0]}"
        )


def _check(rounds: list[tuple[Match, int]], seed: int) -> list[Comparison]:
    """Play rounds on contracts that nobody else uses."""
    stage = set_up(local_node(), 1)
    arena = Arena(stage.node.w3, stage.deployment, stage.keys[0], stage.advance)
    compared = []
    with progress_bars() as progress:
        for match, number in rounds:
            compared.append(arena.check(play(match, number, seed), number))
            progress("Playing on the chain", len(compared), len(rounds))
    return compared


def _show(compared: list[Comparison]) -> None:
    title = "Played again on the chain"
    shown = table(title, "match", "world", ">number", ">seats", ">tx", "accounts")
    for comparison in compared:
        verdict = "[red]differ[/]" if comparison.differences else "[green]agree to the wei[/]"
        counts = (comparison.number, comparison.seats, comparison.transactions)
        shown.add_row(comparison.match, comparison.world, *map(str, counts), verdict)
    console().print(shown)


def _in_words(compared: list[Comparison]) -> str:
    if not compared:
        return "None of the rounds was played on a chain in this run: see `--check-on-chain`."
    wrong = sum(bool(comparison.differences) for comparison in compared)
    # The requester, a hunter and the sink besides those who sit.
    accounts = sum(comparison.seats + 3 for comparison in compared)
    transactions = sum(comparison.transactions for comparison in compared)
    return (
        f"{len(compared)} of the rounds were played again on the contract, in {transactions:,} "
        f"transactions: {accounts:,} balances compared, "
        f"{f'{wrong} rounds differ' if wrong else 'all agree to the wei'}."
    )
