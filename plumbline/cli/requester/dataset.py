"""The command `dataset`: from closed rounds to files that trainers and labeling programs open."""

import re
from collections.abc import Mapping
from pathlib import Path

import click

from plumbline.aggregation.choice import AVERAGE
from plumbline.aggregation.methods import METHODS
from plumbline.campaign.rounds import load
from plumbline.campaign.sources import campaign_sources, round_sources
from plumbline.cli.accounts import account_of
from plumbline.cli.campaign.steps import standing_of
from plumbline.cli.command import Command, account_option, fail, json_option, round_argument
from plumbline.cli.dataset_tables import (
    labels_summary,
    method_table,
    reliability_json,
    reliability_table,
    say_missing,
)
from plumbline.cli.market import open_market
from plumbline.cli.output import advise, console, count, note, notes, plain, print_json, say, warn
from plumbline.dataset.exports.card import CardDetails, require_license
from plumbline.dataset.exports.folder import exports_of, formats_for, write_dataset
from plumbline.dataset.exports.registry import EXPORTS
from plumbline.dataset.groups import MAX_WEIGHT, LabelerGroups
from plumbline.dataset.provenance import DatasetOptions, Provenance
from plumbline.dataset.records import Dataset
from plumbline.files.checked_folder import require_replaceable
from plumbline.files.text import read_object
from plumbline.formats.campaign_file import is_campaign
from plumbline.formats.labeler_groups import read_labeler_groups
from plumbline.formats.round_file import load_questionnaire
from plumbline.report.dataset_page import render_dataset
from plumbline.report.saving import write_page
from plumbline.settlement.results import Mode

_WEIGHT = re.compile("[0-9]{1,7}")


@click.command(cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@round_argument
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder; one that this command wrote before is replaced.",
)
@click.option(
    "--report",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page about the labels for people, too, or alone; one that is there is replaced.",
)
@click.option(
    "--method",
    type=click.Choice([AVERAGE, *METHODS]),
    help=f"How labels are made. [default: {AVERAGE}, weighted by the gold answers]",
)
@click.option(
    "--people",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A table with the columns labeler and group: what each group says stands beside.",
)
@click.option(
    "--weight",
    "weights",
    multiple=True,
    metavar="GROUP=N",
    help="How much a group of --people, or of the quotas in FILE, weighs; for each of them.",
)
@click.option(
    "--test-share",
    "test_percent",
    metavar="PERCENT",
    type=click.IntRange(0, 90),
    default=10,
    show_default=True,
    help="Per cent of the items to test on, drawn from their names.",
)
@click.option(
    "--license", "license_name", metavar="NAME", help="As hubs call it, like cc-by-4.0 or mit."
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(list(EXPORTS)),
    help="What to write besides Parquet, several if you like. [default: all that fit]",
)
@click.option(
    "--desirable",
    multiple=True,
    metavar="ANSWER",
    help="An answer that makes a reply good, for the rows of KTO and SFT; several if you like.",
)
@account_option(required=False)
@json_option
def dataset(
    file: Path,
    folder: Path | None,
    page: Path | None,
    number: int | None,
    method: str | None,
    people: Path | None,
    weights: tuple[str, ...],
    test_percent: int,
    license_name: str | None,
    formats: tuple[str, ...],
    desirable: tuple[str, ...],
    alias: str | None,
    as_json: bool,
) -> None:
    """Make a dataset of the closed rounds of FILE, a round file or a campaign file. Of a round file
    ROUND says which, if several were opened from it.

    Each item has the best label that all answers give, how sure it is and why, who answered what,
    and where that is on the chain. FOLDER has it as Parquet with a card, for `datasets` and pandas,
    and in other forms. The page says how good the labels are, and which to read. Sends nothing.
    """
    if folder is None and page is None:
        fail("say where to: --to FOLDER, --report PAGE.html, or both")
    if page is not None and page.resolve() in (file.resolve(), people and people.resolve()):
        fail(f"--report {page} would replace what it is made from: name another file")
    if folder is not None:
        require_replaceable(folder)
        if page is not None and page.resolve().is_relative_to(folder.resolve()):
            fail(f"{page} is in {folder}, which holds only what it lists: put the page beside it")
    if license_name is not None:
        require_license(license_name)
    numbers = _weights(weights)
    named = None if people is None else _groups(read_labeler_groups(people), numbers)
    is_job = is_campaign(read_object(file))
    if not is_job and named is None:
        _groups({}, numbers)
    if is_job and number is not None:
        fail("ROUND is for a round file: a campaign has all of its rounds in its dataset")
    market = open_market()
    if is_job:
        campaign = load(file, market.unit)
        owner = account_of(alias, market.node).address
        sources = campaign_sources(standing_of(market, campaign, owner))
    else:
        sources = round_sources(market, load_questionnaire(file), number)
    groups = named or _groups(sources.groups, numbers)
    made = sources.label(method, groups)
    say_missing(sources, len(made.items))
    options = DatasetOptions(
        method,
        test_percent,
        license_name,
        formats_for(made.question, formats),
        tuple(dict.fromkeys(desirable)),
    )
    if desirable and "trl" not in options.formats:
        fail("--desirable is for the rows of --format trl, which is not written")
    deployed = market.deployment.deployed
    provenance = Provenance.of(made, sources.rounds, deployed, market.node.genesis, options, groups)
    _say_groups(made, groups, provenance)
    files: list[tuple[str, int]] = []
    remarks: list[str] = []
    if folder is not None:
        source = options.split(made)
        details = CardDetails(license_name, deployed, market.unit)
        manifests = [each.manifest for each in sources.rounds]
        files = write_dataset(folder, source, details, provenance, manifests)
        remarks = [each for export in exports_of(options.formats) for each in export.notes(source)]
        for each in remarks:
            advise(plain(each))
    page_size = 0
    if page is not None:
        with notes().status("testing the labels on gold tasks that are held out"):
            written = render_dataset(
                market.deployment,
                made,
                name=file.name,
                unit=market.unit,
                groups=groups,
                missing=len(sources.names) - len(made.items),
            )
        page_size = write_page(page, written)
    if not is_job and made.rounds[0].mode is Mode.VOID:
        warn("the round is void: nobody was judged on these labels, do not rely on them")
    if as_json:
        print_json(_json(made, folder, files, remarks) | {"page": str(page) if page else None})
        return
    console().print(labels_summary(made))
    console().print(method_table(made))
    console().print(reliability_table(made))
    if folder is not None:
        size = sum(size for _, size in files)
        say(f"{count(len(files), 'file')} ({size:,} bytes) are in [bold]{plain(str(folder))}[/]")
        if license_name is None:
            note(
                "the card names no license: --license cc-by-4.0, or another, before you pass it on"
            )
    if page is not None:
        say(f"[bold]{plain(str(page))}[/] ({page_size:,} bytes): open it in a browser")


def _weights(given: tuple[str, ...]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for each in given:
        name, equals, number = each.rpartition("=")
        if not equals or not _WEIGHT.fullmatch(number):
            fail(f"--weight {each}: write GROUP=N, N a whole number up to {MAX_WEIGHT:,}")
        if name in numbers:
            fail(f"--weight names group {name} twice")
        numbers[name] = int(number)
    return numbers


def _groups(of: Mapping[str, str], weights: Mapping[str, int]) -> LabelerGroups:
    if weights and not of:
        fail("--weight is for groups of labelers: name them with --people, or with quotas in FILE")
    return LabelerGroups(of, weights)


def _say_groups(made: Dataset, groups: LabelerGroups, provenance: Provenance) -> None:
    """How many of those who answered are told apart."""
    if not groups.of:
        return
    answered = {
        answer.labeler for item in made.items for task in item.tasks for answer in task.answers
    }
    rest = len(answered) - len(provenance.groups.of)
    if rest:
        advise(f"{count(rest, 'labeler')} of {len(answered)} who answered belong to no group")


def _json(
    made: Dataset, folder: Path | None, files: list[tuple[str, int]], remarks: list[str]
) -> dict[str, object]:
    sure = [item.confidence for item in made.items if item.confidence is not None]
    return {
        "folder": str(folder) if folder else None,
        "files": dict(files),
        "notes": remarks,
        "items": len(made.items),
        "labeled": len(sure),
        "mean_confidence": sum(sure) / len(sure) if sure else None,
        "contested": sum(item.is_contested for item in made.items),
        "rounds": [each.round_id for each in made.rounds],
        "method": made.how.method,
        "reason": made.how.reason,
        "scores": {
            name: {"right": score.right, "held_out": score.held_out, "weight": score.weight}
            for name, score in made.how.scores.items()
        },
        "weights": dict(made.how.weights),
        "reliability": reliability_json(made.reliability),
        "by_group": {name: reliability_json(each) for name, each in made.by_group.items()},
        "by_labelers": {name: reliability_json(each) for name, each in made.by_labelers.items()},
    }
