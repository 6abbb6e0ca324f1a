"""What it saves to ask more people only where labels are not sure."""

from pathlib import Path
from typing import Any

import click

from plumbline.aggregation.choice import ADVISED
from plumbline.aggregation.replay import SIMULATED, Crowd, RecordedCrowd, Replay, replay
from plumbline.aggregation.stopping import Target
from plumbline.cli.command import OfflineCommand, json_option
from plumbline.cli.lab.stage import number_option
from plumbline.cli.output import console, plain, print_json, progress_bars, table
from plumbline.formats.recorded_answers import read
from plumbline.settlement.terms import MIN_SEATS


@click.command(cls=OfflineCommand)
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--confidence",
    "confidences",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    multiple=True,
    default=(0.8, 0.9),
    show_default=True,
    help="Target (repeatable): tasks whose label is less likely right are asked again.",
)
@number_option("--first", MIN_SEATS, None, 5, "So many people answer every task.")
@number_option("--labels", MIN_SEATS, None, MIN_SEATS, "So many others answer a task again.")
@number_option("--most", MIN_SEATS, None, 15, "Labels of a task in all, at most.")
@number_option("--gold", 1, None, ADVISED, "Known answers that are used as gold answers.")
@number_option("--seeds", 2, None, 60, "Draws of people and of gold answers.")
@click.option("--skip", multiple=True, metavar="OPTION", help="An option that is no answer.")
@json_option
def cli(
    folders: tuple[Path, ...],
    confidences: tuple[float, ...],
    first: int,
    labels: int,
    most: int,
    gold: int,
    seeds: int,
    skip: tuple[str, ...],
    as_json: bool,
) -> None:
    """Replay `campaign extend` on crowds with known truth: how many labels it saves.

    FOLDERS are of the form that `plumbline demo --answers` reads; without any, crowds are
    simulated. Each is asked both ways, the people in the same order: docs/aggregation.md.
    """
    crowds: list[Crowd] = [RecordedCrowd(read(folder, skip)) for folder in folders]
    targets = [Target(confidence, labels, most) for confidence in confidences]
    results: list[Replay] = []
    with progress_bars() as progress:
        for crowd in crowds or SIMULATED:
            results += replay(crowd, targets, first, gold, seeds, progress)
    if as_json:
        print_json([_json(each) for each in results])
        return
    shown = table(
        "Labels where they are needed",
        "=crowd",
        ">target",
        ">labels a task",
        ">right",
        ">if the same for all",
        ">fewer labels",
        caption=f"means of {seeds} draws; gold tasks are counted in; 95% intervals (bootstrap)",
    )
    for each in results:
        saving, beyond = each.saving, "more than " if each.saving.is_beyond else ""
        shown.add_row(
            plain(each.crowd),
            f"{each.target.confidence:g}",
            f"{each.extended.mean_labels:.1f}",
            f"{each.extended.mean_right:.1%}",
            f"{beyond}{saving.as_many:.1f}",
            f"{saving.value:.0%} ({saving.low:.0%} to {saving.high:.0%})",
        )
    console().print(shown)


def _json(each: Replay) -> dict[str, Any]:
    saving = each.saving
    return {
        "crowd": each.crowd,
        "target": each.target.confidence,
        "labels": each.extended.mean_labels,
        "right": each.extended.mean_right,
        "alike": [{"labels": same.mean_labels, "right": same.mean_right} for same in each.alike],
        "as_many": saving.as_many,
        "saving": saving.value,
        "saving_interval": [saving.low, saving.high],
        "is_beyond": saving.is_beyond,
    }
