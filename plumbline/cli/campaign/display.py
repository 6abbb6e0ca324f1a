"""How a campaign looks, as a table and for machines."""

from collections import Counter
from typing import Any, Final

from rich.table import Table

from plumbline.campaign.standing import Standing
from plumbline.cli.campaign.words import labels_words
from plumbline.cli.output import count, pairs, table, time_left
from plumbline.cli.requester.display import ending, rounds_table
from plumbline.settlement.terms import PPM
from plumbline.units import ETHER

_BAR: Final = 30  # characters


def campaign_table(standing: Standing) -> Table:
    """All of it at a glance."""
    campaign, unit = standing.campaign, standing.market.unit
    rounds, spending, limits = len(campaign.rounds), standing.spending, campaign.limits
    seats = sum(len(history.commitments) for history in standing.histories.values())
    revealed = sum(len(history.reveals) for history in standing.histories.values())
    gone = sum(history.gone for history in standing.histories.values())
    awaited = sum(len(history.awaited) for history in standing.histories.values())
    most = sum(each.round_file.rules.seats for each in campaign.rounds)
    shown = pairs(f"Campaign {campaign.path}")
    closed = len(standing.over)
    shown.add_row("progress", f"{bar(closed, rounds)} {closed} of {count(rounds, 'round')} closed")
    shown.add_row("rounds", phases(standing))
    shown.add_row(
        "tasks",
        f"{campaign.tasks:,}, up to {labels_words(campaign)}",
    )
    if campaign.follow_up_rounds:
        again = sum(each.round_file.rules.tasks for each in campaign.follow_up_rounds)
        follow_ups = count(len(campaign.follow_up_rounds), "follow-up round")
        shown.add_row("asked again", f"{again:,} tasks in {follow_ups}, gold tasks included")
    shown.add_row("seats", f"{seats:,} of {most:,} taken, {revealed:,} revealed")
    shown.add_row("silent or leaked", f"{gone:,} slashed, {awaited:,} not revealed")
    kappa = standing.crowd_kappa_ppm
    shown.add_row("crowd's kappa", "-" if kappa is None else f"{kappa / PPM:.2f} so far")
    shown.add_row("in escrow", unit.short(spending.in_escrow))
    shown.add_row(
        "spent",
        f"{unit.short(spending.spent)}: {unit.short(spending.paid)} paid to labelers, "
        f"{unit.short(spending.to_sink)} to the sink",
    )
    shown.add_row("came back", unit.short(spending.refunded))
    shown.add_row("gas", ETHER.short(spending.fees))
    if limits.spend is not None:
        shown.add_row("may be spent", unit.short(limits.spend))
    if standing.overloaded:
        load = f"{count(len(standing.overloaded), 'labeler')} with more than {limits.load} rounds"
        shown.add_row("load", f"[yellow]{load}[/]")
    return shown


def bar(done: int, total: int) -> str:
    """A bar of fixed width, full only when all is done."""
    full = _BAR * done // max(1, total)
    return f"[green]{'#' * full}[/]{'.' * (_BAR - full)}"


def phases(standing: Standing) -> str:
    """How many rounds are in which phase, and when the next one ends."""
    market = standing.market
    numbers: Counter[str] = Counter()
    ends = []
    for history in standing.histories.values():
        phase, seconds = market.time_left(history)
        numbers[ending(history) if history.is_over else phase.label] += 1
        if seconds:
            ends.append(seconds)
    parts = [f"{number} {name}" for name, number in numbers.items()]
    if standing.to_open:
        parts.append(f"{len(standing.to_open)} to be opened")
    soon = f"; the next phase ends in {time_left(min(ends))} at the latest" if ends else ""
    return ", ".join(parts) + soon


def load_table(standing: Standing) -> Table:
    """Labelers with more rounds than was wanted."""
    limit = standing.campaign.limits.load
    shown = table(f"Labelers with more than {count(limit or 0, 'round')}", "=labeler", ">rounds")
    for labeler, seats in standing.overloaded.items():
        shown.add_row(labeler, str(seats))
    return shown


def rounds_of(standing: Standing) -> Table:
    """Its rounds, a line each."""
    return rounds_table(standing.market, list(standing.histories.values()))


def campaign_json(standing: Standing) -> dict[str, Any]:
    """All of it, for machines; nothing of gold."""
    campaign, spending = standing.campaign, standing.spending
    rounds = []
    for planned in campaign.rounds:
        history = standing.histories.get(planned.number)
        value: dict[str, Any] = {
            "part": planned.number,
            "round": None if history is None else history.round_id,
            "tasks": planned.round_file.rules.tasks,
            "tasks_root": "0x" + planned.root.hex(),
            "group": planned.group,
            "is_follow_up": planned.is_follow_up,
        }
        if history is not None:
            phase, seconds = standing.market.time_left(history)
            value |= {
                "phase": phase.label,
                "seconds_left": seconds,
                "committed": len(history.commitments),
                "revealed": len(history.reveals),
                "gone": history.gone,
                "awaited": list(history.awaited),
                "mode": ending(history) or None,
            }
        rounds.append(value)
    limits = campaign.limits
    return {
        "requester": standing.requester,
        "is_done": standing.is_done,
        "rounds": rounds,
        "opened": len(standing.histories),
        "over": len(standing.over),
        "crowd_kappa_ppm": standing.crowd_kappa_ppm,
        "in_escrow": str(spending.in_escrow),
        "paid": str(spending.paid),
        "to_sink": str(spending.to_sink),
        "refunded": str(spending.refunded),
        "fees": str(spending.fees),
        "spend": None if limits.spend is None else str(limits.spend),
        "overloaded": standing.overloaded,
    }
