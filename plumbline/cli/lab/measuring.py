"""The body of `audit forensics --measure`: made-up and real crowds, with progress."""

from pathlib import Path

import click

from plumbline.cli.output import notes
from plumbline.formats.recorded_answers import RecordedAnswers, RecordedAnswersError, read
from plumbline.lab.forensics_rates import tables


def measure(rounds: int, seed: int, data: Path | None) -> None:
    """Print the tables of docs/forensics.md, in Markdown."""
    # Crowds first: a folder that is none should not be found out after minutes.
    crowds = _crowds(data) if data else []
    click.echo(f"{rounds} rounds a line, seed {seed}, alpha 0.01.\n")
    with notes().status("Honest crowds") as status:
        for table in tables(rounds, seed, crowds, status.update):
            click.echo(table.markdown() + "\n")


def _crowds(data: Path) -> list[RecordedAnswers]:
    """Real answers of enough labelers for rounds of ten and more."""
    crowds = []
    for path in sorted(data.glob("*/answers.csv")):
        try:
            crowds.append(read(path.parent))
        except RecordedAnswersError:
            continue
    return [crowd for crowd in crowds if len(crowd.answers) > 10]
