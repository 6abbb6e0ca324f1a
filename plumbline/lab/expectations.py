"""The tables and the picture of docs/expectations.md, from the table of simulated rounds."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Final

from matplotlib.figure import Figure

from plumbline.lab import plots
from plumbline.lab.page import FigureTable
from plumbline.planning.expectations import CROWD_PPM
from plumbline.planning.table import (
    CROWDS_PPM,
    SEATS,
    SHAPES,
    Cell,
    ExpectationTable,
    Setting,
    Truth,
)
from plumbline.settlement.terms import PPM, usual_gold_count

NAMES: Final = ("two options", "three options", "four options", "A / tie / B", "scale of five")
KEYS: Final = ("labels a task", "sizes of rounds", "few labels without gold", "command")
"""The places of the page that are filled in."""

_SHAPES: Final = dict(zip(NAMES, SHAPES, strict=True))
_TASKS, _SEATS = 96, 9
_STYLES: Final = ((plots.RED, ":"), (plots.ORANGE, "--"), (plots.BLUE, "-"), (plots.GREEN, "-."))
Find = Callable[..., Cell]


def _finder(table: ExpectationTable) -> Find:
    def find(
        name: str,
        seats: int = _SEATS,
        crowd_ppm: int = CROWD_PPM,
        tasks: int = _TASKS,
        gold: bool = True,
        truth: Truth = Truth.EVEN,
    ) -> Cell:
        shape = _SHAPES[name]
        gold_count = usual_gold_count(shape[1], tasks) if gold else 0
        return table.cells[Setting(*shape, truth, gold_count, tasks, seats, crowd_ppm)]

    return find


def figures(table: ExpectationTable) -> list[FigureTable]:
    """How many labels are right, in which rounds people are judged fairly, and when none are."""
    find, by_seats = _finder(table), [f">{seats} labels" for seats in SEATS]
    labels: list[tuple[str, ...]] = []
    rounds: list[tuple[str, ...]] = []
    for name in NAMES:
        labels.append((name,))
        rounds.append((name,))
        for crowd in CROWDS_PPM:
            cells = [find(name, seats, crowd) for seats in SEATS]
            labels.append((f"{crowd / PPM:.1f}", *(str(cell.accuracy) for cell in cells)))
        for tasks, gold in product((48, 96, 256), (True, False)):
            even, skewed = (find(name, tasks=tasks, gold=gold, truth=truth) for truth in Truth)
            counts = (even.void, skewed.void, even.slashed, skewed.slashed, even.underpaid)
            shares = (even.share(count).short for count in counts)
            means = (even.labeler_pay_ppm, even.spent_ppm, even.contested_ppm)
            words = "with" if gold else "without"
            rounds.append((str(tasks), words, *shares, *(f"{x / PPM:.0%}" for x in means)))
    void: list[tuple[str, ...]] = []
    for truth, crowd in product(Truth, CROWDS_PPM):
        cells = [find(NAMES[0], seats, crowd, 48, False, truth) for seats in SEATS]
        void.append(
            (truth.value, f"{crowd / PPM:.1f}", *(cell.share(cell.void).short for cell in cells))
        )
    columns = (
        *("tasks", "gold", ">void", ">void, one-sided", ">slashed", ">slashed, one-sided"),
        *(">underpaid", ">pay at 0.7", ">spent", ">contested"),
    )
    return [
        FigureTable(KEYS[0], "Tasks that are labeled right", ("crowd", *by_seats), labels),
        FigureTable(KEYS[1], "Rounds with 9 labels a task, a crowd of 0.8", columns, rounds),
        FigureTable(
            KEYS[2],
            "Void rounds of 48 tasks, two options, without gold",
            ("right answers", "crowd", *by_seats),
            void,
        ),
    ]


def draw(table: ExpectationTable, folder: Path) -> list[Path]:
    """Write the picture into a folder: which files."""
    return plots.draw(folder, {"labels.svg": lambda: _labels(_finder(table))})


def _labels(find: Find) -> Figure:
    """Tasks that are labeled right by labels a task, a line for each crowd."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    shown = (NAMES[0], NAMES[2], NAMES[4])
    for ax, name in zip(figure.subplots(1, len(shown), sharey=True), shown, strict=True):
        for crowd, (colour, dashes) in zip(CROWDS_PPM, _STYLES, strict=True):
            means = [find(name, seats, crowd).accuracy for seats in SEATS]
            right, low, high = (
                [100 * value for value in values]
                for values in zip(*((x.value, x.low, x.high) for x in means), strict=True)
            )
            label = f"crowd of {crowd / PPM:.1f}"
            ax.plot(SEATS, right, colour, linestyle=dashes, marker=".", label=label)
            ax.fill_between(SEATS, low, high, color=colour, alpha=0.15, linewidth=0)
        ax.set_title(name, loc="left")
        ax.set_xlabel("labels a task")
        ax.set_xticks(SEATS)
    figure.axes[0].set_ylabel("tasks labeled right, %")
    figure.axes[-1].legend(frameon=False, fontsize=8, loc="lower right")
    return figure
