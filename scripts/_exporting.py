"""The body of `audit export`: tables of a range of blocks, with progress and a summary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scripts._command import fail
from scripts._node import market
from scripts._output import console, notes, print_json, table

if TYPE_CHECKING:
    from plumbline.tables import Export


def export(
    folder: Path,
    from_block: int | None,
    to_block: int | None,
    with_times: bool,
    as_json: bool,
) -> None:
    """Write the tables into a folder, and say what was written."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from plumbline.tables import export_tables

    here = market()
    if to_block is None:
        # A reorganisation must not take back what is in a file already.
        to_block = here.chain.head - here.chain.confirmations
        if to_block < here.deployment.block:
            fail("the deployment is not final yet: wait some blocks, or name a --to-block")
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=notes(),
        transient=True,
    )
    with bars:
        task = bars.add_task("Reading events", total=None)

        def tell(what: str, done: int, count: int) -> None:
            bars.update(task, description=what, completed=done, total=count)

        made = export_tables(
            here.chain.w3, here.deployment, folder, from_block, to_block, with_times, tell
        )
    if as_json:
        print_json(made.to_json())
    else:
        _show(made, folder)


def _show(made: Export, folder: Path) -> None:
    shown = table(f"Blocks {made.first} to {made.last} in {folder}", "=table", ">rows", ">bytes")
    for one in made.files:
        shown.add_row(one.table, f"{one.rows:,}", f"{one.bytes:,}")
    shown.caption = f"from {made.events:,} events; columns and queries in docs/tables.md"
    console().print(shown)
