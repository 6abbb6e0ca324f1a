"""What the commands of the lab have in common: a local chain with contracts of their own."""

from collections.abc import Callable
from typing import Any

import click
from eth_account import Account
from rich.text import Text

from plumbline.chain.creation import evm_version_of
from plumbline.chain.node import Node
from plumbline.cli.accounts import test_keys
from plumbline.cli.building import deploy_for_now
from plumbline.cli.command import fail
from plumbline.cli.market import connect_or_start
from plumbline.cli.output import console, table
from plumbline.lab.page import FigureTable
from plumbline.lab.play import Stage

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_FIGURE = 6  # letters of a column, at least


def number_option(
    name: str, least: int, most: int | None, default: float, what: str = ""
) -> Decorator:
    """An option that is a number, a whole one if its default is."""
    kind = click.IntRange if isinstance(default, int) else click.FloatRange
    bounds = kind(least, most)
    return click.option(name, type=bounds, default=default, show_default=True, help=what or None)


def check_on_chain_option(help_text: str) -> Decorator:
    """How much of what was simulated is played on a chain, too."""
    return click.option(
        "--check-on-chain",
        "checked",
        type=click.IntRange(0),
        default=0,
        metavar="N",
        help=help_text,
    )


def local_node() -> Node:
    """The node that was named, or one of the command's own."""
    node = connect_or_start()
    if not node.is_local:
        fail(
            f"chain {node.chain_id} is not a local one, and this uses keys that everybody knows: "
            "leave out --network, or start `anvil`"
        )
    return node


def set_up(node: Node, accounts: int) -> Stage:
    """Deploy contracts that nobody else uses."""
    keys = [Account.from_key(key) for key in test_keys(accounts)]
    deployment, receipts = deploy_for_now(node, keys[0], evm_version_of(node))
    return Stage(node.w3, deployment, keys, receipts)


def show(figures: FigureTable, has_total: bool = False) -> None:
    """Print a table of figures, a line above the last of them if that is a total."""
    shown = table(figures.title or None, *(column.lstrip(">") for column in figures.columns))
    for place, column in enumerate(shown.columns):
        if figures.columns[place].startswith(">"):
            # Where the terminal is narrow an interval goes below its figure, and nothing is cut.
            longest = max(len(row[place]) for row in figures.rows if len(row) > 1)
            column.justify, column.min_width = "right", min(_FIGURE, longest)
    for number, row in enumerate(figures.rows, 1):
        if len(row) < len(figures.columns):
            shown.columns[0].no_wrap = True
            shown.add_section()
            shown.add_row(Text(row[0], style="bold"))
            continue
        if has_total and number == len(figures.rows):
            shown.add_section()
        shown.add_row(*row)
    shown.caption = figures.caption or None
    console().print(shown)
