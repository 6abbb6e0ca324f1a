"""The pictures of docs/incentives.md."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plumbline.lab import plots
from plumbline.lab.intervals import Mean
from plumbline.lab.league import programme
from plumbline.lab.league.match import CROWD
from plumbline.lab.league.programme import CROWDS, GOLD_WORDS, KINDS, REGIMES, LeagueFigures
from plumbline.lab.league.tournament import Record
from plumbline.lab.plots import BLUE, GREEN, GREY, ORANGE, RED

_KIND_STYLES: Final = dict(zip(KINDS, ((BLUE, "-"), (RED, "--"), (GREEN, "-.")), strict=True))


def draw(figures: LeagueFigures, folder: Path) -> list[Path]:
    """Write all of them into a folder: which files."""
    drawn = (strategies, blocs, false_slashes, bribes)
    names = ("strategies.svg", "blocs.svg", "false-slashes.svg", "bribes.svg")
    pictures = (partial(picture, figures) for picture in drawn)
    return plots.draw(folder, dict(zip(names, pictures, strict=True)))


def strategies(figures: LeagueFigures) -> Figure:
    """What a seat of each strategy is paid and loses, in prices."""
    figure = plots.figure(9, 4.4)
    axes = figure.subplots(1, 2, sharex=True, sharey=True)
    for ax, (gold, title) in zip(axes, GOLD_WORDS.items(), strict=True):
        records = {
            record.match.name: record
            for record in figures.strategies
            if record.match.world == programme.BINARY and record.match.gold is gold
        }
        _bars(ax, records)
        ax.set_title(title, loc="left")
        ax.set_xlabel("prices a round")
    axes[0].invert_yaxis()
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    return figure


def _bars(ax: Axes, records: Mapping[str, Record]) -> None:
    """A row for every strategy; one that makes no sense without gold is left empty."""
    names = list(programme.STRATEGIES)
    rows = [names.index(name) for name in records]
    own = [record.first for record in records.values()]
    pay = [float(party.pay.mean()) for party in own]
    slash = [-float(party.slash.mean()) * party.stake for party in own]
    net = [Mean.of(party.net) for party in own]
    ax.barh(rows, pay, color=BLUE, height=0.65, label="pay")
    ax.barh(rows, slash, color=ORANGE, height=0.65, label="slash")
    ax.errorbar(
        [mean.value for mean in net],
        rows,
        xerr=[mean.half for mean in net],
        fmt="o",
        color="black",
        markersize=3,
        linewidth=1,
        label="pay less slash, 95% interval",
    )
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(range(len(names)), names)
    ax.grid(visible=False, axis="y")


def blocs(figures: LeagueFigures) -> Figure:
    """What a seat of a bloc and an honest seat beside it end with, by share of the seats."""
    figure = plots.figure(9, 7.8)
    table = figure.subplots(len(CROWDS), len(REGIMES), sharex=True, sharey=True)
    for line, crowd in zip(table, CROWDS, strict=True):
        for ax, regime in zip(line, REGIMES, strict=True):
            for curve in figures.curves:
                if (curve.crowd, curve.regime) != (crowd, regime):
                    continue
                colour, dashes = _KIND_STYLES[curve.kind]
                shares = [100 * share for share in curve.shares]
                means = [Mean.of(net) for net in curve.nets()]
                low, high = [mean.low for mean in means], [mean.high for mean in means]
                values = [mean.value for mean in means]
                ax.plot(shares, values, color=colour, linestyle=dashes, label=curve.kind)
                ax.fill_between(shares, low, high, color=colour, alpha=0.15, linewidth=0)
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


def false_slashes(figures: LeagueFigures) -> Figure:
    """Share of honest labelers who lose stake, by accuracy."""
    figure = plots.figure(7, 3.6)
    ax = figure.subplots()
    for place, record in enumerate(figures.honest):
        is_even, gold = record.match.world == programme.EVEN, record.match.gold
        known = [party for party in record.parties if party.name != CROWD]
        shares = [record.slashed(party) for party in known]
        ax.errorbar(
            # Side by side, as intervals overlap.
            [float(party.name) + 0.003 * (place - 1.5) for party in known],
            [100 * share.value for share in shares],
            yerr=[
                [100 * max(0.0, share.value - share.interval[0]) for share in shares],
                [100 * max(0.0, share.interval[1] - share.value) for share in shares],
            ],
            color=BLUE if is_even else RED,
            linestyle="--" if gold.exist else "-",
            marker="o",
            markersize=3,
            linewidth=1.2,
            capsize=2,
            label=f"{'equal' if is_even else 'unequal'} tasks, {GOLD_WORDS[gold]}",
        )
    ax.set_xlabel("accuracy of the labeler")
    ax.set_ylabel("slashed, % of rounds")
    ax.legend(frameon=False)
    return figure


def bribes(figures: LeagueFigures) -> Figure:
    """P + epsilon on every task: whether to take it, and what it costs."""
    figure = plots.figure(9, 3.4)
    axes = figure.subplots(1, 2, sharex=True, sharey=True)
    for ax, (gold, title) in zip(axes, GOLD_WORDS.items(), strict=True):
        known = [bribe for bribe in figures.every_task if bribe.gold is gold]
        shares = [100 * bribe.takers / bribe.seats for bribe in known]
        taken = [bribe.taken.value for bribe in known]
        refused = [bribe.refused.value for bribe in known]
        bills = [bribe.bill.value / bribe.seats for bribe in known]
        ax.plot(shares, taken, color=BLUE, label="takes the bribe")
        ax.plot(shares, refused, color=GREEN, linestyle="--", label="honest")
        ax.plot(shares, bills, color=RED, linestyle="-.", label="briber's bill, by all seats")
        ax.axhline(0, color=GREY, linewidth=0.8)
        ax.set_title(title, loc="left")
        ax.set_xlabel("share of the seats that take it, %")
    axes[0].set_ylabel("prices a seat")
    axes[0].legend(frameon=False, fontsize=8)
    return figure
