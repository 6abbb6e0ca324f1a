"""The body of `audit forensics --measure`: made-up and real crowds, with progress."""

from collections.abc import Iterable
from pathlib import Path

import click
import numpy as np

from plumbline.cli.output import notes
from plumbline.forensics.model import as_answers
from plumbline.lab import forensics_rates as measuring
from plumbline.lab.crowd import CrowdError, load
from plumbline.lab.forensics_rates import Line


def measure(rounds: int, seed: int, data: Path | None) -> None:
    """Print the tables of docs/forensics.md, in Markdown."""

    # Crowds first: a folder that is none should not be found out after minutes.
    crowds = [load(folder) for folder in _crowds(data)] if data else []
    click.echo(f"{rounds} rounds a line, seed {seed}, alpha 0.01.\n")
    honest = _all("Honest crowds", measuring.honest_rounds(np.random.default_rng(seed), rounds))
    honest.append(measuring.total(honest, "all of them"))
    click.echo(measuring.table("honest crowd", honest) + "\n")
    bent = _all("Groups", measuring.bent_rounds(np.random.default_rng(seed + 1), rounds))
    click.echo(measuring.table("group of a made-up crowd", bent) + "\n")
    real: list[Line] = []
    for batch in crowds:
        answers = as_answers([worker.answers for worker in batch.workers])
        dice = np.random.default_rng(seed + 2)
        lines = measuring.real_rounds(dice, batch.name, answers, len(batch.options), rounds)
        real += _all(batch.name, lines)
    if real:
        click.echo(measuring.table("real crowd", real) + "\n")


def _crowds(data: Path) -> list[Path]:
    """Folders of real answers with enough labelers for rounds of ten and more."""
    found = [path.parent for path in sorted(data.glob("*/answers.csv"))]
    return [folder for folder in found if _is_large(folder)]


def _is_large(folder: Path) -> bool:

    try:
        return len(load(folder).workers) > 10
    except CrowdError:
        return False


def _all(title: str, lines: Iterable[Line]) -> list[Line]:
    """All lines, told on stderr as they come: they take minutes."""
    found = []
    with notes().status(title) as status:
        for line in lines:
            found.append(line)
            status.update(f"{title}: {line.story}")
    return found
