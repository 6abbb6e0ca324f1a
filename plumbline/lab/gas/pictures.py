"""The pictures of docs/gas.md."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from matplotlib.figure import Figure

from plumbline.lab import plots
from plumbline.lab.gas.cases import Case, Course
from plumbline.lab.gas.measure import CLOSE, CONCLUDE, OPEN, RELAYED, REVEAL
from plumbline.lab.gas.report import GasReport, Life
from plumbline.lab.plots import BLUE, GREY, ORANGE, RED, SKY

_STEPS: Final = (
    ("open", OPEN, GREY),
    ("commit, relayed", RELAYED, BLUE),
    ("reveal", REVEAL, SKY),
    ("close", CLOSE, ORANGE),
    ("conclude", CONCLUDE, RED),
)
_LINES: Final = {64: (ORANGE, "s"), 128: (SKY, "^"), 256: (BLUE, "o")}


def draw(report: GasReport, shown: Sequence[Case], folder: Path) -> list[Path]:
    """Write steps of the rounds in `shown`, and the whole grid, into a folder: which files."""
    some = [life for life in report.lives if life.case in shown]
    pictures = {"gas-steps.svg": partial(steps, some), "gas-grid.svg": partial(grid, report.lives)}
    return plots.draw(folder, pictures)


def steps(lives: Sequence[Life]) -> Figure:
    """A bar for each round: gas per label by step, and the floor of all of them."""
    figure = Figure(figsize=(8, 0.8 + 0.45 * len(lives)), layout="constrained")
    axes = figure.subplots()
    places = range(len(lives))
    left = [0.0] * len(lives)
    for name, step, color in _STEPS:
        widths = [float(life.per_label("gas", step)) for life in lives]
        axes.barh(places, widths, left=left, color=color, label=name, height=0.62)
        left = [done + width for done, width in zip(left, widths, strict=True)]
    for place, life in zip(places, lives, strict=True):
        floor, label = float(life.per_label("floor")), "floor" if place == 0 else ""
        axes.vlines(floor, place - 0.4, place + 0.4, color="black", label=label)
        axes.text(left[place] + 4, place, f"{left[place]:.0f}", va="center")
    axes.set_yticks(places, [life.case.name for life in lives])
    axes.grid(visible=False)
    axes.invert_yaxis()
    axes.set_xlabel("gas per label, whole life")
    figure.legend(loc="outside upper center", ncols=6, frameon=False)
    return figure


def grid(lives: Sequence[Life]) -> Figure:
    """A panel for each kind and number of options: gas per label by labelers and tasks."""
    lives = [life for life in lives if life.case.course is Course.USUAL]
    shapes = list(dict.fromkeys(life.case.shape for life in lives))
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    panels = figure.subplots(1, len(shapes), sharey=True, squeeze=False)[0]
    for axes, shape in zip(panels, shapes, strict=True):
        own = [life for life in lives if life.case.shape == shape]
        own.sort(key=lambda life: life.case.labelers)
        for tasks, (color, mark) in _LINES.items():
            line = [life for life in own if life.case.tasks == tasks]
            seats = [life.case.labelers for life in line]
            gas = [float(life.per_label("gas")) for life in line]
            axes.plot(seats, gas, color=color, marker=mark, markersize=4, label=f"{tasks} tasks")
        axes.set_xscale("log")
        axes.set_yscale("log")
        seats = sorted({life.case.labelers for life in own})
        axes.set_xticks(seats, [str(count) for count in seats])
        axes.minorticks_off()
        axes.grid(visible=False, axis="x")
        axes.set_title(shape, fontsize=9)
        axes.set_xlabel("labelers")
    ticks = (250, 500, 1_000, 2_000)
    panels[0].set_yticks(ticks, [f"{tick:,}" for tick in ticks])
    panels[0].set_ylabel("gas per label")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False)
    return figure
