"""How results look: colours and tables that more than one command shows."""

from typing import Any

from plumbline.cli.output import band, plain, table
from plumbline.lab.crowd import Habit
from plumbline.lab.story import Ending
from plumbline.settlement import Mode
from plumbline.units import ETHER, Unit

_JUDGED_BY = {"peer": "peers", "gold": "gold (the crowd failed it)", "void": "nobody: void"}


def standings_table(scene: Ending) -> Any:
    """Who was paid, who was slashed and why."""

    knows_truth = scene.batch.knows_truth
    has_habits = any(one.worker.habit is not Habit.REAL for one in scene.standings)
    made = table(
        None,
        "=labeler",
        *(["=habit"] if has_habits else []),
        *([">right"] if knows_truth else []),
        ">kappa",
        "=band",
        ">pay",
        ">slash",
        "why",
    )
    for standing in scene.standings:
        outcome = standing.outcome
        right = "" if standing.accuracy is None else f"{standing.accuracy:.0%}"
        made.add_row(
            plain(standing.worker.name),
            *([standing.worker.words] if has_habits else []),
            *([right] if knows_truth else []),
            f"{outcome.kappa_ppm / 1e6:.2f}" if outcome.kappa_ppm else "-",
            band(outcome.band.label),
            f"[green]{_bare(ETHER, outcome.pay)}[/]" if outcome.pay else "-",
            f"[red]{_bare(ETHER, outcome.slash)}[/]" if outcome.slash else "-",
            standing.reason,
        )
    return made


def standings_caption(scene: Ending) -> list[str]:
    """What the round came to, in lines."""

    closed = scene.told.closed
    assert closed is not None
    verdict = closed.verdict
    labels = len(scene.told.reveals) * scene.told.rules.tasks
    right = (
        "" if scene.crowd_accuracy is None else f"; its answers: {scene.crowd_accuracy:.0%} right"
    )
    return [
        f"Judged by {_JUDGED_BY[Mode(verdict.mode).label]}. The crowd's kappa: "
        f"{verdict.crowd_kappa / 1e6:.2f}, full pay from {verdict.bar / 1e6:.2f} on{right}.",
        f"Paid {ETHER.short(closed.paid)}, refunded {ETHER.short(closed.refund)}. From opening to "
        f"last slash {scene.gas:,} gas: {scene.gas // labels:,} a label.",
    ]


def _bare(unit: Unit, amount: int) -> str:
    """An amount for a column whose unit the caption says."""
    return unit.column(amount) if amount else "-"
