"""Strategies play whole rounds: what each earns, who is slashed, and when a bloc gains."""

from pathlib import Path

import click

from plumbline.cli.command import LabCommand, fail
from plumbline.cli.lab.stage import check_on_chain_option, local_node, number_option, set_up, show
from plumbline.cli.output import console, progress_bars
from plumbline.lab.league.arena import check
from plumbline.lab.league.match import play
from plumbline.lab.league.pictures import draw
from plumbline.lab.league.sections import SECTIONS, all_figures, sample, simulate
from plumbline.lab.page import fill
from plumbline.progress import track

PAGE = Path("docs/incentives.md")
PICTURES = Path("docs/incentives")


@click.command(cls=LabCommand)
@number_option("--rounds", 2, None, 150, "Rounds of each match; of some more or fewer.")
@number_option("--seed", 0, None, 1, "Same seed, same figures.")
@click.option(
    "--only", type=click.Choice(SECTIONS), multiple=True, help="Play a section (repeatable)."
)
@check_on_chain_option(
    "Play N of the very same rounds on a local chain, and compare every account to the wei."
)
@click.option("--write", is_flag=True, help=f"Write the figures into {PAGE} and {PICTURES}/.")
def cli(rounds: int, seed: int, only: tuple[str, ...], checked: int, write: bool) -> None:
    """Let strategies play whole rounds against the settlement rule.

    Honest labelers, guessers, blocs, shirkers, and requesters who are not fair: what each earns
    and loses, with 95% intervals. The bulk is settled in Python; --check-on-chain plays a sample
    on contracts of its own, with real commitments and reveals. What was played and what it means:
    docs/incentives.md.
    """
    if write and only:
        fail("--write needs all sections: leave out --only")
    chosen = only or SECTIONS
    with progress_bars() as progress:
        records = simulate(rounds, seed, progress, chosen)
    tables = all_figures(records, chosen)
    for panel in tables:
        show(panel)
    words = "None of the rounds was played on a chain in this run: see `--check-on-chain`."
    if checked:
        words = _check(rounds, seed, checked, chosen)
    console().print(words)
    if write:
        options = f" --check-on-chain {checked}" if checked else ""
        command = f"plumbline simulate --rounds {rounds} --seed {seed}{options} --write"
        blocks = {panel.key: panel.markdown() for panel in tables}
        fill(PAGE, {**blocks, "command": f"```\n{command}\n```", "on chain": words})
        draw(records, PICTURES)


def _check(rounds: int, seed: int, number: int, sections: tuple[str, ...]) -> str:
    """Play rounds again on contracts that nobody else uses: how it came out, in words.

    Ends the command at the first round that comes out otherwise.
    """
    stage, chosen, accounts = set_up(local_node(), 1), sample(rounds, seed, number, sections), 0
    deployed = len(stage.receipts)
    with progress_bars() as progress:
        for match, which in track(chosen, "Playing on the chain", progress):
            differences = check(stage, play(match, which, seed), which)
            if differences:
                fail(f"otherwise on the chain: {match}, number {which}: {differences[0]}")
            # The requester and the sink besides those who sit.
            accounts += match.world.seats + 2
    return (
        f"{number} of the rounds were played again on the contract, in "
        f"{len(stage.receipts) - deployed:,} transactions: {accounts:,} balances compared, "
        "all agree to the wei."
    )
