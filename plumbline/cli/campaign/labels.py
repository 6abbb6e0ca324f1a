"""The command `campaign labels`: one file for the whole job."""

from pathlib import Path

import click
from rich.table import Table

from plumbline.campaign.labels import CampaignLabel, campaign_labels, labels_csv, labels_json
from plumbline.campaign.rounds import load
from plumbline.cli.accounts import account_of
from plumbline.cli.campaign.steps import file_argument, standing_of
from plumbline.cli.command import Command, account_option, fail, json_option
from plumbline.cli.market import open_market
from plumbline.cli.output import advise, console, count, note, plain, print_text, table, write_text


@click.command(cls=Command)
@file_argument
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Instead of stdout."
)
@account_option(required=False)
@json_option
def labels(file: Path, form: str, output: Path | None, alias: str | None, as_json: bool) -> None:
    """Write the labels of all closed rounds of the campaign in FILE, item by item.

    Items stand in the order of their file, under their own names, with group and kept fields. Of
    rounds that are still open nothing is said.
    """
    market = open_market()
    campaign = load(file, market.unit)
    standing = standing_of(market, campaign, account_of(alias, market.node).address)
    records = campaign_labels(standing)
    if not records:
        fail("no round of this campaign is closed yet: see `plumbline campaign status`")
    missing = len(campaign.file.asked.pool.items) - len(records)
    if missing:
        advise(f"{count(missing, 'item')} are in rounds that are not closed, and have no label yet")
    if as_json:
        form = "json"
    elif output and form == "table":
        form = "json" if output.suffix == ".json" else "csv"
    if form == "table":
        console().print(_summary(records))
        return
    options = campaign.file.asked.pool.question.options
    text = labels_json(records) if form == "json" else labels_csv(records, options)
    if output:
        write_text(output, text)
        note(f"the labels of {count(len(records), 'item')} are in {output}")
    else:
        print_text(text)


def _summary(records: list[CampaignLabel]) -> Table:
    """How many items have which label: a whole job is no table to look at."""
    numbers: dict[str, list[CampaignLabel]] = {}
    for record in records:
        name = "no votes" if record.label is None else str(record.label)
        numbers.setdefault(name, []).append(record)
    shown = table(
        "Labels",
        "=label",
        ">items",
        ">contested",
        caption=f"{count(len(records), 'item')}; --output FILE writes all, .csv or .json",
    )
    most = sorted(numbers.items(), key=lambda pair: -len(pair[1]))
    for name, own in most[:20]:
        shown.add_row(plain(name), f"{len(own):,}", f"{sum(each.contested for each in own):,}")
    if len(most) > 20:
        rest = sum(len(own) for _, own in most[20:])
        shown.add_row(f".. and {len(most) - 20} more", f"{rest:,}", "")
    return shown
