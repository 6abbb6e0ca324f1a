"""The command `campaign labels`: one file for the whole job."""

from pathlib import Path

import click

from plumbline.campaign.rounds import load
from plumbline.campaign.sources import campaign_sources
from plumbline.cli.accounts import account_of
from plumbline.cli.campaign.steps import file_argument, standing_of
from plumbline.cli.command import Command, account_option, fail, json_option
from plumbline.cli.dataset_tables import labels_summary, say_missing
from plumbline.cli.market import open_market
from plumbline.cli.output import console, count, note, print_text, write_text
from plumbline.dataset.exports.delimited import labels_csv
from plumbline.dataset.exports.json_lines import labels_json
from plumbline.dataset.groups import LabelerGroups
from plumbline.dataset.split import SplitDataset


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

    Each is the best that all answers give, with how sure it is, as in the dataset that `plumbline
    requester dataset` writes. Items stand in the order of their file, under their own names, with
    group and kept fields. Of rounds that are still open nothing is said.
    """
    market = open_market()
    campaign = load(file, market.unit)
    standing = standing_of(market, campaign, account_of(alias, market.node).address)
    sources = campaign_sources(standing)
    if not sources.rounds:
        fail("no round of this campaign is closed yet: see `plumbline campaign status`")
    dataset = sources.label(groups=LabelerGroups(sources.groups, {}))
    say_missing(sources, len(dataset.items))
    if as_json:
        form = "json"
    elif output and form == "table":
        form = "json" if output.suffix == ".json" else "csv"
    items = count(len(dataset.items), "item")
    if form == "table":
        caption = f"{items}; --output FILE writes all, .csv or .json"
        console().print(labels_summary(dataset, caption))
        return
    source = SplitDataset(dataset, test_percent=0)
    text = labels_json(source) if form == "json" else labels_csv(source)
    if output:
        write_text(output, text)
        note(f"the labels of {items} are in {output}")
    else:
        print_text(text)
