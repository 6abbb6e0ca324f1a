"""The command `labels`: what the crowd says about each task."""

from pathlib import Path

import click
from rich.table import Table

from plumbline.cli.command import Command, fail, json_option, round_argument
from plumbline.cli.market import open_market
from plumbline.cli.output import console, count, note, plain, print_text, table, write_text
from plumbline.cli.requester.display import ending
from plumbline.formats.item_text import answer_text
from plumbline.formats.manifest_file import load_manifest
from plumbline.formats.round_file import load_questionnaire
from plumbline.formats.task_text import excerpt
from plumbline.history.rounds import RoundHistory
from plumbline.questions.question import Question
from plumbline.requester.labels import (
    CarriedFields,
    ItemLabel,
    NamedLabel,
    item_labels,
    items_of,
    items_to_csv,
    named_labels,
    to_csv,
    to_json,
)

_THING = 24  # characters of a thing that was ranked


@click.command(cls=Command)
@round_argument
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table")
@click.option(
    "--tasks", "tasks_file", type=click.Path(path_type=Path), help="Task file, for the names."
)
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Round file, for the names and for what it keeps: groups, and fields in `keep`.",
)
@click.option(
    "--by-task",
    is_flag=True,
    help="The tasks of a ranking or of several labels one by one, not what they say together.",
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Instead of stdout."
)
@json_option
def labels(
    number: int | None,
    form: str,
    tasks_file: Path | None,
    file: Path | None,
    by_task: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Write the labels of a closed ROUND: the crowd's answer to each task and how firm it is.

    They are those of the chain, the answer of most or the one in the middle; the best that all
    answers give are in the dataset that `plumbline requester dataset` writes.

    A label is contested where the vote was too close to count for everyone. Without --tasks they
    are called by their numbers, as `task 1` and `option 1`. Rankings and several labels an item
    are put together from their tasks, with --tasks. With --file instead, CSV and JSON have groups
    and kept fields beside the labels.
    """
    if file and tasks_file:
        fail("--file has the tasks too: leave out --tasks")
    market = open_market()
    read = load_questionnaire(file) if file else None
    manifest = read.manifest if read else load_manifest(tasks_file) if tasks_file else None
    history = market.history(market.require_round(number, manifest.root if manifest else None))
    if as_json:
        form = "json"
    elif output and form == "table":
        form = "json" if output.suffix == ".json" else "csv"
    asked = None if manifest is None or by_task else items_of(history, manifest)
    carried = None
    if read and manifest:
        carried = CarriedFields.of(read.pool, manifest, by_task=asked is None)
    if manifest is None or asked is None:
        tasks = named_labels(history, manifest)
        if form == "table":
            console().print(labels_table(history, tasks))
            return
        text = to_json(tasks, carried) if form == "json" else to_csv(tasks, carried)
        many = len(tasks)
    else:
        items = item_labels(history, manifest, asked)
        if form == "table":
            console().print(items_table(history, items, asked.question))
            return
        is_json, question = form == "json", asked.question
        text = to_json(items, carried) if is_json else items_to_csv(items, question, carried)
        many = len(items)
    if output:
        write_text(output, text)
        note(f"{many} labels of round {history.round_id} are in {output}")
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
        ">confidence",
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
            "-" if record.confidence is None else f"{record.confidence:.2f}",
            *(str(votes) if votes else "." for votes in record.votes.values()),
            _standing(record),
            plain(record.gold or ""),
        )
    return shown


def items_table(history: RoundHistory, records: list[ItemLabel], question: Question) -> Table:
    """A line for each item."""
    contested = sum(record.contested for record in records)
    without = sum(record.label is None for record in records)
    tasks = sum(len(record.tasks) for record in records)
    shown = table(
        f"Labels of round {history.round_id}",
        "=item",
        "label",
        "=standing",
        "gold",
        caption=f"{len(records) - without} labels from {count(tasks, 'task')}, {contested} "
        f"contested, {count(without, 'item')} without votes, round judged {ending(history)}",
    )

    def say(choice: object) -> str:
        text = excerpt(choice, _THING + 1)
        return text if len(text) <= _THING else excerpt(choice, _THING) + ".."

    for record in records:
        shown.add_row(
            plain(record.item),
            plain(answer_text(question, record.label, say) or "-"),
            _standing(record),
            plain(answer_text(question, record.gold, say)),
        )
    return shown


def _standing(record: NamedLabel | ItemLabel) -> str:
    if record.label is None:
        return "no votes"
    return "[yellow]contested[/]" if record.contested else ""
