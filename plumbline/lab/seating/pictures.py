"""The pictures of docs/seating.md."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from plumbline.lab import plots
from plumbline.lab.plots import BLUE, GREEN, ORANGE
from plumbline.lab.seating.sections import ABSENT, SIZES, SeatingRecords

_SHOWN = (
    "10% of the pool, 250 accounts",
    "25% of the pool, 250 accounts",
    "40% of the pool, 250 accounts",
)
_STYLES = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."))


def draw(records: SeatingRecords, folder: Path) -> list[Path]:
    """Write all of them into a folder: which files."""
    pictures = {"seats.svg": lambda: seats(records), "absence.svg": lambda: absence(records)}
    return plots.draw(folder, pictures)


def seats(records: SeatingRecords) -> Figure:
    """How many of 20 seats a bloc gets by lot; with open seats it gets all."""
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    ax = figure.subplots()
    for each, (colour, _) in zip(
        (x for x in records.cases if x.case.words in _SHOWN), _STYLES, strict=True
    ):
        counts = np.bincount(each.drawn.bloc, minlength=each.drawn.seats + 1)
        places = np.arange(len(counts))
        label = each.case.words.split(" of")[0] + " of the pool"
        ax.step(places, counts / counts.sum(), where="mid", color=colour, label=label)
        ax.fill_between(places, counts / counts.sum(), step="mid", color=colour, alpha=0.15)
    ax.axvline(10.5, color="black", linewidth=0.8)
    ax.text(10.7, ax.get_ylim()[1] * 0.45, "leads from here on", fontsize=8)
    ax.set_xlabel("seats of the bloc, of 20")
    ax.set_ylabel("share of the rounds")
    ax.legend(frameon=False)
    return figure


def absence(records: SeatingRecords) -> Figure:
    """How often a quarter of the pool leads, by how many others do not come."""
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    ax = figure.subplots()
    for seats_, (colour, dashes) in zip(SIZES, _STYLES, strict=False):
        often = [100 * records.absence[seats_, 25, x].leads.mean() for x in ABSENT]
        ax.plot(
            [100 * x for x in ABSENT],
            often,
            color=colour,
            linestyle=dashes,
            marker="o",
            label=f"{seats_} seats",
        )
    ax.set_xlabel("absent, % of the turns of honest labelers")
    ax.set_ylabel("rounds in which a quarter leads, %")
    ax.legend(frameon=False)
    return figure
