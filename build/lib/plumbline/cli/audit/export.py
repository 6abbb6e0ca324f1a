"""The command `audit export`: tables of a range of blocks."""

from pathlib import Path

import click

from plumbline.cli.command import Command, fail, json_option
from plumbline.cli.market import open_market
from plumbline.cli.output import console, print_json, progress_bars, table
from plumbline.tables import Export, export_tables


@click.command(cls=Command)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--from-block", type=click.IntRange(0), help="[default: the deployment]")
@click.option("--to-block", type=click.IntRange(0), help="[default: the latest that is final]")
@click.option("--times/--no-times", default=True, help="Ask for the time of every block.")
@json_option
def export(
    folder: Path, from_block: int | None, to_block: int | None, times: bool, as_json: bool
) -> None:
    """Write all that happened into FOLDER, as tables in Parquet.

    One file a table and range of blocks; several ranges may be written at once, by several
    processes, and add up. A range that is there already is written anew. Sends nothing.
    """
    market = open_market()
    if to_block is None:
        # A reorganisation must not take back what is in a file already.
        to_block = market.node.head - market.node.confirmations
        if to_block < market.deployment.block:
            fail("the deployment is not final yet: wait some blocks, or name a --to-block")
    with progress_bars() as progress:
        result = export_tables(
            market.node.w3, market.deployment, folder, from_block, to_block, times, progress
        )
    if as_json:
        print_json(result.to_json())
    else:
        _show(result, folder)


def _show(result: Export, folder: Path) -> None:
    title = f"Blocks {result.first} to {result.last} in {folder}"
    shown = table(title, "=table", ">rows", ">bytes")
    for file in result.files:
        shown.add_row(file.table, f"{file.rows:,}", f"{file.bytes:,}")
    shown.caption = f"from {result.events:,} events; columns and queries in docs/tables.md"
    console().print(shown)
