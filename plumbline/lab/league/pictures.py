"""The pictures of docs/incentives.md."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from matplotlib.figure import Figure

from plumbline.lab import plots
from plumbline.lab.league.players import SHEETS, GoldUse
from plumbline.lab.league.sections import ABUSES, FINE, LEAKED, MAIN, Records, best, bloc
from plumbline.lab.plots import BLUE, GREEN, ORANGE
from plumbline.planning.intervals import Mean

_REGIMES: Final = {GoldUse.NONE.value: FINE, GoldUse.FAIR.value: (10, 20, 30, 40, 50), LEAKED: FINE}
_STYLES: Final = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."))


def draw(records: Records, folder: Path) -> list[Path]:
    """Write all of them into a folder: which files."""
    pictures = {"blocs.svg": lambda: blocs(records), "bills.svg": lambda: bills(records)}
    return plots.draw(folder, pictures)


def blocs(records: Records) -> Figure:
    """What a seat of the best bloc ends with, by its share of the seats, dotted an honest one."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots(1, len(_REGIMES), sharey=True)
    for ax, (regime, shares) in zip(axes, _REGIMES.items(), strict=True):
        for world, (colour, dashes) in zip(MAIN, _STYLES, strict=True):
            top = [best([records[bloc(world, s, p, regime)] for s in SHEETS[:2]]) for p in shares]
            nets = [Mean.of(record.first.net) for record in top]
            ax.plot(shares, [x.value for x in nets], colour, linestyle=dashes, label=world.name)
            low, high = [x.low for x in nets], [x.high for x in nets]
            ax.fill_between(shares, low, high, color=colour, alpha=0.15, linewidth=0)
            ax.plot(shares, [x.others.net.mean() for x in top], colour, linestyle=":", linewidth=1)
        ax.axhline(0, color="black", linewidth=0.8)
        ax.set_title(regime, loc="left")
        ax.set_xlabel("share of the seats, %")
    axes[0].set_ylabel("prices a seat")
    axes[0].legend(frameon=False, fontsize=8)
    return figure


def bills(records: Records) -> Figure:
    """What the requester spends for an honest sheet, with secret gold, under each abuse."""
    figure = Figure(figsize=(9, 4.6), layout="constrained")
    ax = figure.subplots()
    for place, (world, (colour, _)) in enumerate(zip(MAIN, _STYLES, strict=True)):
        rows = [row + 0.26 * (place - 1) for row in range(len(ABUSES))]
        played = [records[replace(match, world=world)] for match in ABUSES.values()]
        means = [float(record.bill.mean()) for record in played]
        ax.barh(rows, means, color=colour, height=0.24, label=world.name)
    ax.axvline(0.5, color="black", linewidth=0.8)
    ax.set_yticks(range(len(ABUSES)), list(ABUSES))
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("prices for an honest sheet; the line is 1 - refund_bps")
    ax.legend(frameon=False)
    return figure
