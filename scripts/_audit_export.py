"""The command `audit export`."""

from __future__ import annotations

from pathlib import Path

import click

from scripts._command import Command, json_option


@click.command("export", cls=Command)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--from-block", type=click.IntRange(0), help="[default: the deployment]")
@click.option("--to-block", type=click.IntRange(0), help="[default: the latest that is final]")
@click.option("--times/--no-times", default=True, help="Ask for the time of every block.")
@json_option
def export_command(
    folder: Path, from_block: int | None, to_block: int | None, times: bool, as_json: bool
) -> None:
    """Write all that happened into FOLDER, as tables in Parquet.

    One file a table and range of blocks; several ranges may be written at once, by several
    processes, and add up. A range that is there already is written anew. Sends nothing.
    """
    from scripts._exporting import export

    export(folder, from_block, to_block, times, as_json)
