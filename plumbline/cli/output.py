"""Tables, JSON and notes: what every command prints with."""

import functools
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from plumbline.chain.call import Receipt
from plumbline.errors import PlumblineError
from plumbline.harmless import harmless
from plumbline.progress import Progress
from plumbline.units import ETHER, format_duration

_PAPER: Final = 100  # columns where there is no screen, if that is enough
_ENDLESS: Final = 100_000  # columns
_SOON: Final = 3_600  # seconds before a deadline from which on it is shown in bold

_BAND_COLOURS: Final = {
    "near": "green",
    "far": "yellow",
    "outlier": "red",
    "unrevealed": "magenta",
    "void": "cyan",
}


class OutputError(PlumblineError):
    """A file that cannot be written."""


class _Paper(Console):
    """Where there is no screen: lines are as long as the columns that never wrap ask for."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; a table is never cut off, neither its headings nor its cells."""
        tables = [self._needed_by(each) for each in objects if isinstance(each, Table)]
        self.width = max(_PAPER, *tables) if tables else _PAPER
        super().print(*objects, **options)
        self.width = _PAPER

    def _needed_by(self, shown: Table) -> int:
        room = self.options.update_width(_ENDLESS)
        widths: list[int] = []
        for column in shown.columns:
            cells = [
                self.measure(cell if isinstance(cell, Text) else str(cell), options=room)
                for cell in (column.header, *column.cells)
            ]
            widths.append(max(cell.maximum if column.no_wrap else cell.minimum for cell in cells))
        # One space of padding for each column, and one between columns and at both edges.
        return sum(widths) + 2 * len(widths) + 1


@functools.cache
def console() -> Console:
    """Where tables go: stdout."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    return _Paper(highlight=False, width=_PAPER)


@functools.cache
def notes() -> Console:
    """Where notes and progress go: stderr."""
    return Console(stderr=True, highlight=False)


def table(title: str | None, *columns: str, caption: str | None = None) -> Table:
    """A table; a column that begins with `>` is right-aligned, one with `=` never wraps."""
    shown = Table(
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
            shown.add_column(column[1:], justify="right", no_wrap=True)
        elif column.startswith("="):
            shown.add_column(column[1:], no_wrap=True)
        else:
            shown.add_column(column)
    return shown


def pairs(title: str | None) -> Table:
    """A table of names and values without a heading."""
    shown = table(title, "=name", "value")
    shown.show_header = False
    return shown


def say(text: str) -> None:
    """A line of result on stdout, never broken."""
    console().print(text, soft_wrap=True)


def note(text: str) -> None:
    """A remark on stderr."""
    notes().print(text, soft_wrap=True)


def warn(text: str) -> None:
    """A remark on stderr that somebody should read."""
    note(f"[yellow]Warning:[/] {text}")


def advise(text: str) -> None:
    """A remark on stderr that may be of use."""
    note(f"[yellow]Note:[/] {text}")


def print_text(text: str) -> None:
    """A text for machines on stdout, as it is. Raises OutputError if it cannot be told there."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError as error:
        raise OutputError(
            f"stdout is {encoding}, which has no {text[error.start]!a}: write to a file with "
            "--output, or set PYTHONIOENCODING=utf-8"
        ) from None
    click.echo(text, nl=False)


def print_json(value: Any) -> None:
    """Pure JSON on stdout."""
    click.echo(json.dumps(value, indent=2))


def plain(text: str) -> str:
    """Text from a stranger's file, without power over the terminal or the table."""
    return escape(harmless(text))


def tx_line(receipt: Receipt) -> str:
    """The result of a transaction."""
    return (
        f"[green]done[/] in block {receipt.block}: {receipt.gas_used:,} gas, "
        f"fee {ETHER.short(receipt.fee)}, transaction {receipt.transaction}"
    )


def tx_json(receipt: Receipt) -> dict[str, Any]:
    """The result of a transaction, for machines."""
    return {
        "transaction": receipt.transaction,
        "block": receipt.block,
        "gas_used": receipt.gas_used,
        "fee": str(receipt.fee),
    }


def time_left(seconds: int) -> str:
    """Time left, in bold if soon over."""
    if seconds <= 0:
        return "-"
    text = format_duration(seconds)
    return f"[bold red]{text}[/]" if seconds < _SOON else text


def coloured_band(label: str) -> str:
    """A band in its colour."""
    return f"[{_BAND_COLOURS[label]}]{label}[/]"


def count(number: int, noun: str) -> str:
    """`1 round`, `2 rounds`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def write_text(path: Path, text: str) -> None:
    """A file for people. Raises OutputError if it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}): name another file"
        ) from None


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """A line on stderr for each part of the work, gone when it is done."""
    # Only long work shows them, and they take a while to import.
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    screen = notes()
    bars = Bars(*columns, TimeElapsedColumn(), console=screen, transient=True)
    bars.disable = not screen.is_terminal
    with bars:
        tasks: dict[str, Any] = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            elif done < total and done % max(1, total // 100):
                return  # a hundred steps are enough for an eye
            bars.update(tasks[what], completed=done, total=total)

        yield progress
