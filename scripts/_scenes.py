"""How results look: colours and tables that more than one command shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts._output import pairs, plain, table

if TYPE_CHECKING:
    from plumbline.audit import AuditReport
    from plumbline.lab.story import Ending
    from plumbline.units import Unit

BAND_COLOURS = {
    "near": "green",
    "far": "yellow",
    "outlier": "red",
    "unrevealed": "magenta",
    "void": "cyan",
}

_JUDGED_BY = {"peer": "peers", "gold": "gold (the crowd failed it)", "void": "nobody: void"}


def band(label: str) -> str:
    """A band in its colour."""
    return f"[{BAND_COLOURS[label]}]{label}[/]"


def standings_table(scene: Ending) -> Any:
    """Who was paid, who was slashed and why."""
    from plumbline.lab.crowd import Habit
    from plumbline.units import ETHER

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
    from plumbline.settlement import Mode
    from plumbline.units import ETHER

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


def audit_tables(report: AuditReport, unit: Unit) -> list[Any]:
    """What was audited: the rounds, then the books."""
    rounds = table(
        f"Audit of {report.address} on chain {report.chain_id}, up to block {report.block}",
        ">round",
        "=state",
        ">tasks",
        ">seats",
        ">revealed",
        ">silent",
        ">kappa",
        ">escrow",
        ">paid",
        ">refund",
        ">slashed",
        ">to sink",
    )
    for one in report.rounds:
        rounds.add_row(
            str(one.round_id),
            one.mode or one.state,
            str(one.tasks),
            f"{one.committed}/{one.seats}",
            str(one.revealed),
            str(one.gone),
            f"{one.crowd_kappa / 1e6:.2f}" if one.mode else "",
            *(
                _bare(unit, amount)
                for amount in (one.escrow, one.paid, one.refund, one.slashed, one.to_sink)
            ),
        )
    rounds.caption = f"amounts in {unit.symbol}" if report.rounds else "no rounds yet"
    if report.totals is None:
        return [rounds]
    totals = report.totals
    books = pairs("The books, rebuilt from events alone")
    books.columns[1].justify = "right"
    for name, amount in (
        ("paid in", totals.deposited),
        ("paid out", totals.withdrawn),
        ("swept to the sink", totals.swept),
        ("free balances", totals.free),
        ("locked stakes", totals.locked),
        ("escrow of open rounds", totals.escrow),
        ("owed to the sink", totals.sink),
        ("sum of the books", totals.books),
        ("held by the contract", totals.held),
    ):
        books.add_row(name, unit.exact(amount), end_section=name.startswith(("swept", "owed")))
    return [rounds, books]


def audit_verdict(report: AuditReport) -> str:
    """The last line of an audit that found nothing."""
    accounts = f"{report.accounts} account{'' if report.accounts == 1 else 's'}, "
    scope = accounts if report.totals else ""
    return (
        f"[bold green]Agrees to the wei:[/] {scope}{len(report.rounds)} "
        f"round{'' if len(report.rounds) == 1 else 's'} rebuilt from {report.events:,} events, "
        f"{report.checks:,} values compared."
    )


def _bare(unit: Unit, amount: int) -> str:
    """An amount for a column whose unit the caption says."""
    return unit.column(amount) if amount else "-"
