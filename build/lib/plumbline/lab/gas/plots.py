"""The pictures of docs/gas.md, as SVG that is the same for the same figures."""

import io
from collections.abc import Sequence
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from plumbline.lab.gas.cases import Case, Course
from plumbline.lab.gas.fees import CHAINS
from plumbline.lab.gas.job import LABELS
from plumbline.lab.gas.life import Life
from plumbline.lab.gas.report import Report
from plumbline.lab.gas.steps import CLOSE, CONCLUDE, OPEN, RELAYED, REVEAL
from plumbline.lab.gas.tables import dollars
from plumbline.settlement.terms import Kind

_STEPS: Final = (
    ("open", (OPEN,), "#9aa5b1"),
    ("commit, relayed", (RELAYED,), "#2b6cb0"),
    ("reveal", (REVEAL,), "#63b3ed"),
    ("close", (CLOSE,), "#dd8b2a"),
    ("conclude", (CONCLUDE,), "#b7791f"),
)
_LINES: Final = {64: ("#dd8b2a", "s"), 128: ("#63b3ed", "^"), 256: ("#2b6cb0", "o")}
_STYLE: Final[dict[Any, Any]] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "plumbline gas",
}


def pictures(report: Report, shown: Sequence[Case]) -> dict[str, str]:
    """SVG by file name: steps of the rounds in `shown`, the whole grid, the million answers."""
    some = [life for life in report.lives if life.case in shown]
    with mpl.rc_context(_STYLE):
        return {
            "gas-steps.svg": _svg(steps(some)),
            "gas-grid.svg": _svg(grid(report.lives)),
            "gas-job.svg": _svg(job(report)),
        }


def steps(lives: Sequence[Life]) -> Figure:
    """A bar for each round: gas per label by step, and the floor of all of them."""
    figure = _figure(8, 0.8 + 0.45 * len(lives))
    axes = figure.subplots()
    places = range(len(lives))
    left = [0.0] * len(lives)
    for name, parts, color in _STEPS:
        widths = [float(life.gas_of(*parts)) for life in lives]
        axes.barh(places, widths, left=left, color=color, label=name, height=0.62)
        left = [done + width for done, width in zip(left, widths, strict=True)]
    for place, life in zip(places, lives, strict=True):
        label = "floor" if place == 0 else ""
        axes.vlines(float(life.floor()), place - 0.4, place + 0.4, color="black", label=label)
        axes.text(left[place] + 4, place, f"{left[place]:.0f}", va="center")
    axes.set_yticks(places, [life.case.name for life in lives])
    axes.invert_yaxis()
    axes.set_xlabel("gas per label, whole life")
    figure.legend(loc="outside upper center", ncols=6, frameon=False)
    return figure


def grid(lives: Sequence[Life]) -> Figure:
    """A panel for each kind and number of options: gas per label by labelers and tasks."""
    lives = [life for life in lives if life.case.course is Course.USUAL]
    shapes = list(dict.fromkeys(_shape(life.case) for life in lives))
    figure = _figure(9, 3.2)
    panels = figure.subplots(1, len(shapes), sharey=True, squeeze=False)[0]
    for axes, shape in zip(panels, shapes, strict=True):
        here = [life for life in lives if _shape(life.case) == shape]
        for tasks, (color, mark) in _LINES.items():
            line = sorted(
                (life for life in here if life.case.tasks == tasks),
                key=lambda life: life.case.labelers,
            )
            seats = [life.case.labelers for life in line]
            gas = [float(life.gas()) for life in line]
            axes.plot(seats, gas, color=color, marker=mark, markersize=4, label=f"{tasks} tasks")
        axes.set_xscale("log")
        axes.set_yscale("log")
        seats = sorted({life.case.labelers for life in here})
        axes.set_xticks(seats, [str(count) for count in seats])
        axes.minorticks_off()
        axes.grid(axis="y", color="#e2e8f0")
        axes.set_title(shape, fontsize=9)
        axes.set_xlabel("labelers")
    ticks = (250, 500, 1_000, 2_000)
    panels[0].set_yticks(ticks, [f"{tick:,}" for tick in ticks])
    panels[0].set_ylabel("gas per label")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False)
    return figure


def job(report: Report) -> Figure:
    """What the million answers cost, on a scale where each line is ten times the last."""
    bars = [
        (f"Plumbline, {chain.name}", wei)
        for chain, wei in zip(CHAINS, report.bills[0].wei, strict=True)
    ]
    bars += [(f"{bill.name}, Ethereum", bill.wei[0]) for bill in report.bills[1:]]
    names = [name for name, _ in bars]
    worth = [float(dollars(wei or 0, report.fees)) for _, wei in bars]
    figure = _figure(8, 0.9 + 0.32 * len(bars))
    axes = figure.subplots()
    own = len(CHAINS)
    axes.barh(range(own), worth[:own], color="#2b6cb0", height=0.62)
    axes.barh(range(own, len(bars)), worth[own:], color="#9aa5b1", height=0.62)
    for place, value in enumerate(worth):
        axes.text(value * 1.15, place, f"{value:,.0f}", va="center")
    axes.set_xscale("log")
    axes.set_xlim(1, max(worth) * 10)
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.minorticks_off()
    axes.set_yticks(range(len(bars)), names)
    axes.invert_yaxis()
    axes.grid(axis="x", color="#e2e8f0")
    axes.set_axisbelow(True)
    axes.set_xlabel(f"dollars for {LABELS:,} answers")
    return figure


def _shape(case: Case) -> str:
    width = "" if case.kind is Kind.NOMINAL else f" w={case.width}"
    return f"{case.kind.label} K={case.options}{width}"


def _figure(width: float, height: float) -> Figure:
    return Figure(figsize=(width, height), layout="constrained")


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()
