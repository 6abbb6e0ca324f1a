"""The command `labels`: what the crowd says about each task."""

from pathlib import Path

import click
from rich.table import Table

from plumbline.cli.command import Command, json_option, round_argument
from plumbline.cli.market import open_market
from plumbline.cli.output import console, count, note, plain, print_text, table, write_text
from plumbline.cli.requester.display import ending
from plumbline.formats.manifest_file import load_manifest
from plumbline.history.rounds import RoundHistory
from plumbline.requester.labels import NamedLabel, named_labels, to_csv, to_json


@click.command(cls=Command)
@round_argument
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table")
@click.option(
    "--tasks", "tasks_file", type=click.Path(path_type=Path), help="Task file, for the names."
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Instead of stdout."
)
@json_option
def labels(
    number: int | None, form: str, tasks_file: Path | None, output: Path | None, as_json: bool
) -> None:
    """Write the labels of a closed ROUND: the crowd's answer to each task and how firm it is.

    A label is contested where the vote was too close to count for everyone. Without --tasks they
    are called by their numbers, as `task 1` and `option 1`.
    """
    market = open_market()
    manifest = load_manifest(tasks_file) if tasks_file else None
    history = market.history(market.require_round(number, manifest.root if manifest else None))
    records = named_labels(history, manifest)
    if as_json:
        form = "json"
    elif output and form == "table":
        form = "json" if output.suffix == ".json" else "csv"
    if form == "table":
        console().print(labels_table(history, records))
        return
    text = to_json(records) if form == "json" else to_csv(records)
    if output:
        write_text(output, text)
        note(f"{len(records)} labels of round {history.round_id} are in {output}")
    else:
        print_text(text)


def labels_table(history: RoundHistory, records: list[NamedLabel]) -> Table:
    """A line for each task."""
    contested = sum(record.contested for record in records)
    without = sum(record.label is None for record in records)
    shown = table(
        f"Labels of round {history.round_id}",
        "=task",
        "=label",
        *(f">{plain(option)}" for option in records[0].votes),
        "=standing",
        "=gold",
        caption=f"{len(records) - without} labels, {contested} contested, {count(without, 'task')} "
        f"without votes, round judged {ending(history)}",
    )
    for record in records:
        shown.add_row(
            plain(record.task),
            plain(record.label or "-"),
            *(str(votes) if votes else "." for votes in record.votes.values()),
            _standing(record),
            plain(record.gold or ""),
        )
    return shown


def _standing(record: NamedLabel) -> str:
    if record.label is None:
        return "no votes"
    return "[yellow]contested[/]" if record.contested else ""
