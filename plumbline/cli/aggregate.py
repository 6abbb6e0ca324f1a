"""The command `aggregate`: ways to make one label of many answers, compared."""

from pathlib import Path

import click

from plumbline.aggregation.choice import ADVISED, AVERAGE
from plumbline.aggregation.comparison import MethodAccuracy, compare, table_of
from plumbline.aggregation.reliability import krippendorff_alpha
from plumbline.cli.command import OfflineCommand, json_option
from plumbline.cli.output import console, plain, print_json, progress_bars, table
from plumbline.formats.recorded_answers import RecordedAnswers, read


@click.command(cls=OfflineCommand)
@click.argument(
    "folders",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option(
    "--gold",
    "gold_count",
    type=click.IntRange(1),
    default=ADVISED,
    show_default=True,
    help="How many of the known answers to use as gold answers.",
)
@click.option(
    "--seeds",
    type=click.IntRange(2),
    default=20,
    show_default=True,
    help="How many draws of these.",
)
@click.option(
    "--rounds",
    "settled",
    is_flag=True,
    help="Settle the answers in rounds first: who fails the gold answers is not heard.",
)
@click.option("--skip", multiple=True, metavar="OPTION", help="An option that is no answer.")
@json_option
def cli(
    folders: tuple[Path, ...],
    gold_count: int,
    seeds: int,
    settled: bool,
    skip: tuple[str, ...],
    as_json: bool,
) -> None:
    """Compare ways to make one label of many answers, on crowds whose truth is known.

    FOLDERS are of the form that `plumbline demo --answers` reads. Some of the known answers are
    drawn as gold answers, the rest says who is right: docs/aggregation.md.
    """
    crowds = [read(folder, skip) for folder in folders]
    with progress_bars() as progress:
        results = [
            (crowd, compare(crowd, gold_count, seeds, settled, progress)) for crowd in crowds
        ]
    if as_json:
        print_json([_json(crowd, rows) for crowd, rows in results])
        return
    shown = table(
        "Right labels, %",
        "=method",
        *(f">{plain(crowd.name)}" for crowd, _ in results),
        caption=f"means of {seeds} draws of {gold_count} gold answers, with 95% intervals; "
        f"in brackets the calibration error",
    )
    for number, method in enumerate(row.method for row in results[0][1]):
        cells = [_cell(rows[number]) for _, rows in results]
        style = "bold" if method == AVERAGE else None
        shown.add_row(method, *cells, style=style)
    shown.add_section()
    shown.add_row("Krippendorff's alpha", *(_alpha(crowd) for crowd, _ in results))
    console().print(shown)


def _cell(row: MethodAccuracy) -> str:
    return f"{100 * row.mean.value:.1f} ±{100 * row.mean.half:.1f} ({row.calibration_error:.3f})"


def _alpha(crowd: RecordedAnswers) -> str:
    alpha = krippendorff_alpha(table_of(crowd))
    return "-" if alpha is None else f"{alpha:.3f}"


def _json(crowd: RecordedAnswers, rows: list[MethodAccuracy]) -> dict[str, object]:
    return {
        "crowd": crowd.name,
        "alpha": krippendorff_alpha(table_of(crowd)),
        "methods": {
            row.method: {
                "right": row.mean.value,
                "half": row.mean.half,
                "calibration_error": row.calibration_error,
            }
            for row in rows
        },
    }
