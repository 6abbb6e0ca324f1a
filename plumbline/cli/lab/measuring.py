"""The body of `audit forensics --measure`: made-up and real crowds, with progress."""

from collections.abc import Iterable
from pathlib import Path

import click
import numpy as np

from plumbline.cli.output import notes
from plumbline.forensics.model import as_answers
from plumbline.formats.recorded_answers import RecordedAnswers, RecordedAnswersError, read
from plumbline.lab.forensics_rates import (
    Rate,
    bent_rounds,
    honest_rounds,
    real_rounds,
    table,
    total,
)


def measure(rounds: int, seed: int, data: Path | None) -> None:
    """Print the tables of docs/forensics.md, in Markdown."""
    # Crowds first: a folder that is none should not be found out after minutes.
    crowds = _crowds(data) if data else []
    click.echo(f"{rounds} rounds a line, seed {seed}, alpha 0.01.\n")
    honest = _all("Honest crowds", honest_rounds(np.random.default_rng(seed), rounds))
    click.echo(table("honest crowd", [*honest, total(honest, "all of them")]).markdown() + "\n")
    bent = _all("Groups", bent_rounds(np.random.default_rng(seed + 1), rounds))
    click.echo(table("group of a made-up crowd", bent).markdown() + "\n")
    real: list[Rate] = []
    for crowd in crowds:
        answers = as_answers(list(crowd.answers.values()))
        dice = np.random.default_rng(seed + 2)
        rates = real_rounds(dice, crowd.name, answers, len(crowd.options), rounds)
        real += _all(crowd.name, rates)
    if real:
        click.echo(table("real crowd", real).markdown() + "\n")


def _crowds(data: Path) -> list[RecordedAnswers]:
    """Real answers of enough labelers for rounds of ten and more."""
    crowds = []
    for path in sorted(data.glob("*/answers.csv")):
        try:
            crowds.append(read(path.parent))
        except RecordedAnswersError:
            continue
    return [crowd for crowd in crowds if len(crowd.answers) > 10]


def _all(title: str, rates: Iterable[Rate]) -> list[Rate]:
    """All of them, told on stderr as they come: they take minutes."""
    known = []
    with notes().status(title) as status:
        for rate in rates:
            known.append(rate)
            status.update(f"{title}: {rate.story}")
    return known
