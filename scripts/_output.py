"""Tables, JSON and notes: how results look wherever they come from.

Ape imports every script for any `ape run`, so nothing heavy is imported up here.
"""

from __future__ import annotations

import functools
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from plumbline.chain.call import Receipt

_SOON = 3_600  # seconds before a deadline from which on it is shown in bold


@functools.cache
def console() -> Console:
    """Where tables go: stdout."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else 100)


@functools.cache
def notes() -> Console:
    """Where notes and progress go: stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def table(title: str | None, *columns: str, caption: str | None = None) -> Table:
    """A table; a column that begins with `>` is right-aligned, one with `=` never wraps."""
    from rich import box
    from rich.table import Table

    made = Table(
        title=title,
        caption=caption,
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        title_style="bold",
        title_justify="left",
        caption_justify="left",
        caption_style="dim",
    )
    for column in columns:
        if column.startswith(">"):
            made.add_column(column[1:], justify="right", no_wrap=True)
        elif column.startswith("="):
            made.add_column(column[1:], no_wrap=True)
        else:
            made.add_column(column)
    return made


def plain(text: str) -> str:
    """Text from a stranger's file, without power over the terminal or the table."""
    from rich.markup import escape

    return escape(printable(text))


def printable(text: str) -> str:
    """Text without control characters, which could move the cursor or hide a line."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def pairs(title: str | None) -> Table:
    """A table of names and values without a heading."""
    made = table(title, "=name", "value")
    made.show_header = False
    return made


def print_json(value: Any) -> None:
    """Pure JSON on stdout."""
    click.echo(json.dumps(value, indent=2))


def note(text: str) -> None:
    """A remark on stderr."""
    notes().print(text, soft_wrap=True)


def tx_line(receipt: Receipt) -> str:
    """What a transaction came to."""
    from plumbline.units import ETHER

    return (
        f"[green]done[/] in block {receipt.block}: {receipt.gas_used:,} gas, "
        f"fee {ETHER.short(receipt.fee)}, transaction {receipt.transaction}"
    )


def tx_json(receipt: Receipt) -> dict[str, Any]:
    """What a transaction came to, for machines."""
    return {
        "transaction": receipt.transaction,
        "block": receipt.block,
        "gas_used": receipt.gas_used,
        "fee": str(receipt.fee),
    }


def left(seconds: int) -> str:
    """Time left, in bold if soon over."""
    from plumbline.units import format_duration

    if seconds <= 0:
        return "-"
    text = format_duration(seconds)
    return f"[bold red]{text}[/]" if seconds < _SOON else text


def when(timestamp: int) -> str:
    """A time in unix seconds, for people."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def short(address: str) -> str:
    """An address that fits into a table."""
    return f"{address[:8]}..{address[-4:]}"
