"""The figures as pictures: SVG files that are the same bytes for the same figures.

Letters stay letters, so that they can be searched and a reader's own font is used. Colours are
those of Okabe and Ito (2008), which the colour-blind tell apart; lines differ in dashes as well.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from plumbline.lab.intervals import Mean
from plumbline.lab.league.figures import slashed
from plumbline.lab.league.play import CROWD
from plumbline.lab.league.programme import (
    BINARY,
    BLOC,
    CROWDS,
    EVEN,
    KINDS,
    REGIMES,
    STRATEGIES,
    Results,
)
from plumbline.lab.league.requesters import Golds
from plumbline.lab.league.tournament import Record, Series

_BLUE, _ORANGE, _GREEN, _RED, _GREY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#666666"
_KIND_STYLES: Final = dict(zip(KINDS, ((_BLUE, "-"), (_RED, "--"), (_GREEN, "-.")), strict=True))
_GOLDS: Final = ((Golds.NONE, "no gold"), (Golds.HONEST, "secret gold"))
_SETTINGS: Final[Any] = {  # a dict whose keys matplotlib has a type for
    "svg.fonttype": "none",
    "svg.hashsalt": "plumbline",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "axes.axisbelow": True,
    "axes.titlesize": 10,
}


def draw(results: Results, folder: Path) -> list[Path]:
    """Write a picture of every kind into a folder: which files."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures: dict[str, Callable[[Results], Figure]] = {
        "strategies.svg": strategies,
        "blocs.svg": blocs,
        "false-slashes.svg": false_slashes,
        "bribes.svg": bribes,
    }
    written = []
    with matplotlib.rc_context(_SETTINGS):
        for name, picture in pictures.items():
            figure = picture(results)
            FigureCanvasSVG(figure)
            figure.savefig(folder / name, metadata={"Date": None, "Creator": None})
            written.append(folder / name)
    return written


def strategies(results: Results) -> Figure:
    """What a seat of each strategy is paid and loses, in prices."""
    figure = Figure(figsize=(9, 4.4), layout="constrained")
    axes = figure.subplots(1, 2, sharex=True, sharey=True)
    for ax, (golds, title) in zip(axes, _GOLDS, strict=True):
        records = {
            record.match.name: record
            for record in results.strategies
            if record.match.world == BINARY and record.match.golds is golds
        }
        _bars(ax, records)
        ax.set_title(title, loc="left")
        ax.set_xlabel("prices a round")
    axes[0].invert_yaxis()
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    return figure


def _bars(ax: Axes, records: Mapping[str, Record]) -> None:
    """A row for every strategy; one that has no sense here is left empty."""
    names = list(STRATEGIES)
    rows = [names.index(name) for name in records]
    own = [record.standings[0] for record in records.values()]
    pay = [float(one.pay.mean()) for one in own]
    slash = [-float(one.slash.mean()) * one.stake for one in own]
    net = [Mean.of(one.net) for one in own]
    ax.barh(rows, pay, color=_BLUE, height=0.65, label="pay")
    ax.barh(rows, slash, color=_ORANGE, height=0.65, label="slash")
    ax.errorbar(
        [one.value for one in net],
        rows,
        xerr=[one.half for one in net],
        fmt="o",
        color="black",
        markersize=3,
        linewidth=1,
        label="pay less slash, 95% interval",
    )
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(range(len(names)), names)
    ax.grid(visible=False, axis="y")


def blocs(results: Results) -> Figure:
    """What a seat of a bloc and an honest seat beside it end with, by share of the seats."""
    figure = Figure(figsize=(9, 7.8), layout="constrained")
    table = figure.subplots(len(CROWDS), len(REGIMES), sharex=True, sharey=True)
    for line, crowd in zip(table, CROWDS, strict=True):
        for ax, regime in zip(line, REGIMES, strict=True):
            for curve in results.blocs:
                if curve.crowd != crowd or curve.regime != regime:
                    continue
                colour, dashes = _KIND_STYLES[curve.kind]
                shares = [100 * share for share in curve.shares]
                nets = [record.of(BLOC).net for record in curve.records]
                _band(ax, shares, nets, colour, dashes, curve.kind)
                others = [float(record.of(CROWD).net.mean()) for record in curve.records]
                ax.plot(shares, others, color=colour, linestyle=":", linewidth=1, alpha=0.6)
            ax.axhline(0, color="black", linewidth=0.8)
            if crowd is CROWDS[0]:
                ax.set_title(regime, loc="left")
            if crowd is CROWDS[-1]:
                ax.set_xlabel("share of the seats, %")
            if regime == REGIMES[0]:
                ax.set_ylabel(f"crowd {crowd.name}\nprices a seat", linespacing=1.4)
    table[0][0].legend(frameon=False, fontsize=8, loc="lower right")
    figure.supxlabel(
        "Lines: a seat of the bloc. Dotted: an honest seat beside that bloc. Bands: 95%.",
        fontsize=9,
    )
    return figure


def _band(
    ax: Axes, shares: list[float], series: list[Series], colour: str, dashes: str, label: str
) -> None:
    means = [Mean.of(one) for one in series]
    ax.plot(shares, [one.value for one in means], color=colour, linestyle=dashes, label=label)
    low, high = [one.low for one in means], [one.high for one in means]
    ax.fill_between(shares, low, high, color=colour, alpha=0.15, linewidth=0)


def false_slashes(results: Results) -> Figure:
    """Share of honest labelers who lose stake, by accuracy."""
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    ax = figure.subplots()
    for place, record in enumerate(results.honest):
        is_even, has_gold = record.match.world == EVEN, record.match.golds is Golds.HONEST
        known = [one for one in record.standings if one.name != CROWD]
        found = [slashed(record, one) for one in known]
        middle = [100 * one.value for one in found]
        low = [100 * max(0.0, one.value - one.interval[0]) for one in found]
        high = [100 * max(0.0, one.interval[1] - one.value) for one in found]
        ax.errorbar(
            # Side by side, as intervals overlap.
            [float(one.name) + 0.003 * (place - 1.5) for one in known],
            middle,
            yerr=[low, high],
            color=_BLUE if is_even else _RED,
            linestyle="--" if has_gold else "-",
            marker="o",
            markersize=3,
            linewidth=1.2,
            capsize=2,
            label=f"{'equal' if is_even else 'unequal'} tasks, "
            f"{'secret gold' if has_gold else 'no gold'}",
        )
    ax.set_xlabel("accuracy of the labeler")
    ax.set_ylabel("slashed, % of rounds")
    ax.legend(frameon=False)
    return figure


def bribes(results: Results) -> Figure:
    """P + epsilon on every task: whether to take it, and what it costs."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots(1, 2, sharex=True, sharey=True)
    for ax, (golds, title) in zip(axes, _GOLDS, strict=True):
        lines = [line for line in results.every_task if line.golds is golds]
        shares = [100 * line.takers / line.seats for line in lines]
        taken = [line.taken.value for line in lines]
        refused = [line.refused.value for line in lines]
        bills = [line.bill.value / line.seats for line in lines]
        ax.plot(shares, taken, color=_BLUE, label="takes the bribe")
        ax.plot(shares, refused, color=_GREEN, linestyle="--", label="honest")
        ax.plot(shares, bills, color=_RED, linestyle="-.", label="briber's bill, by all seats")
        ax.axhline(0, color=_GREY, linewidth=0.8)
        ax.set_title(title, loc="left")
        ax.set_xlabel("share of the seats that take it, %")
    axes[0].set_ylabel("prices a seat")
    axes[0].legend(frameon=False, fontsize=8)
    return figure
