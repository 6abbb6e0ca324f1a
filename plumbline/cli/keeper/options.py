"""Options of whatever runs a keeper."""

from collections.abc import Callable
from typing import Any

import click

from plumbline.chain.node import CONFIRMATIONS
from plumbline.units import ETHER

max_fee_option = click.option(
    "--max-fee",
    help='Most to pay for a unit of gas, like "50 gwei". [default: any]',
)


def max_fee_of(given: str | None) -> int | None:
    """Wei for a unit of gas, None for any. Raises UnitError."""
    return None if given is None else ETHER.parse(given, "--max-fee")


def confirmations_option(what: str) -> Callable[..., Any]:
    """How deep the last commitment has to be before `what` happens."""
    return click.option(
        "--confirmations",
        type=click.IntRange(0),
        help=f"Blocks that must stand on the last commitment before {what}, where the commit phase "
        f"ended early. [default: {CONFIRMATIONS}; 0 on a local chain]",
    )


def log_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How to log, and how much."""
    form = click.option(
        "--log",
        "log_format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How to log, on stderr.",
    )
    debug = click.option("--debug", is_flag=True, help="Log more.")
    return form(debug(command))
