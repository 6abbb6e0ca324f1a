"""How a round looks, as a table and for machines."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from plumbline.cli.offers import gold_words, loss_words, record_words, spent_words
from plumbline.cli.output import coloured_band, pairs, table, time_left
from plumbline.history.market import Market
from plumbline.history.offer import SeatOffer
from plumbline.history.rounds import RoundHistory
from plumbline.protocol.addresses import short_address


def rounds_table(market: Market, histories: list[RoundHistory]) -> Table:
    """Many rounds, a line each."""
    shown = table(
        f"Rounds on chain {market.node.chain_id}",
        ">round",
        "=requester",
        "=kind",
        ">tasks",
        "=phase",
        ">left",
        ">seats",
        ">revealed",
        ">silent",
        ">escrow",
        "=judged",
    )
    for history in histories:
        phase, seconds = market.time_left(history)
        shown.add_row(
            str(history.round_id),
            short_address(history.requester),
            f"{history.rules.kind.label} {history.rules.options}",
            str(history.rules.tasks),
            phase.label,
            time_left(seconds),
            f"{len(history.commitments)}/{history.rules.seats}",
            str(len(history.reveals)),
            str(history.gone),
            market.unit.short(_escrow(history)),
            ending(history),
        )
    return shown


def round_table(market: Market, history: RoundHistory) -> Table:
    """One round, from its terms to where its money went."""
    unit, rules = market.unit, history.rules
    phase, seconds = market.time_left(history)
    shown = pairs(f"Round {history.round_id}")
    offer = market.offer(history)
    shown.add_row("requester", f"{history.requester}, {record_words(offer)}")
    shown.add_row("phase", phase.label + (f", {time_left(seconds)} left" if seconds else ""))
    shown.add_row("tasks", f"{rules.tasks}, {rules.kind.label} with {rules.options} options")
    shown.add_row("price, stake", f"{unit.short(rules.price)}, {unit.short(rules.stake)}")
    shown.add_row("seats taken", f"{len(history.commitments)} of {rules.seats}")
    shown.add_row("revealed", f"{len(history.reveals)}, at least {rules.r_min} must count")
    shown.add_row(
        "silent or leaked", f"{history.gone} slashed, {len(history.awaited)} not revealed"
    )
    shown.add_row("escrow", unit.short(_escrow(history)))
    shown.add_row("gold tasks", gold_words(offer))
    if history.has_gold:
        shown.add_row("gold answers", gold_state(history))
    if not history.is_over:
        shown.add_row("a seat can lose", loss_words(offer, unit))
        shown.add_row("never refunded", spent_words(offer, unit))
    if history.closed:
        kappa = history.closed.verdict.crowd_kappa / 1e6
        shown.add_row("judged", f"{ending(history)}, crowd's kappa {kappa:.2f}")
        shown.add_row("paid", unit.short(history.closed.paid))
        shown.add_row("refunded", unit.short(history.closed.refund))
        shown.add_row("to the sink", unit.short(history.closed.to_sink))
    if history.expired:
        shown.add_row("expired", f"refunded {unit.short(history.expired.refund)}")
    return shown


def outcomes_table(market: Market, history: RoundHistory) -> Table:
    """What every labeler of a closed round got."""
    unit = market.unit
    shown = table(
        f"Outcomes of round {history.round_id}", "=labeler", "=band", ">kappa", ">pay", ">slash"
    )
    for outcome in history.outcomes:
        shown.add_row(
            outcome.labeler,
            coloured_band(outcome.band.label),
            f"{outcome.kappa / 1e6:.2f}",
            unit.short(outcome.pay),
            unit.short(outcome.slash),
        )
    for event in history.forfeits:
        shown.add_row(event.labeler, coloured_band("unrevealed"), "", "", unit.short(event.slash))
    for leak in history.leaks:
        shown.add_row(leak.labeler, coloured_band("unrevealed"), "", "", unit.short(leak.slash))
    return shown


def rounds_json(market: Market, histories: Sequence[RoundHistory]) -> list[dict[str, Any]]:
    """Rounds, for machines."""
    offers = market.offers(histories)
    return [_json(market, *each) for each in zip(histories, offers, strict=True)]


def round_json(market: Market, history: RoundHistory) -> dict[str, Any]:
    """One round, for machines."""
    return rounds_json(market, [history])[0]


def _json(market: Market, history: RoundHistory, offer: SeatOffer) -> dict[str, Any]:
    phase, seconds = market.time_left(history)
    value: dict[str, Any] = {
        "round": history.round_id,
        "requester": history.requester,
        "record": {"opened": offer.opened, "void": offer.void},
        "phase": phase.label,
        "seconds_left": seconds,
        "terms": history.rules.to_vector(),
        "committed": len(history.commitments),
        "revealed": len(history.reveals),
        "gone": history.gone,
        "awaited": list(history.awaited),
        "escrow": str(_escrow(history)),
        "deadlines": asdict(history.deadlines),
        "gold": gold_state(history),
        "seat": {
            "silent": str(offer.silent),
            "outlier": [str(offer.outlier_least), str(offer.outlier_most)],
            "never_refunded": str(offer.spent),
        },
        "tasks_root": "0x" + history.opened.tasks_root.hex(),
        "uri": history.opened.uri,
    }
    if history.closed:
        value["mode"] = ending(history)
        value["crowd_kappa_ppm"] = history.closed.verdict.crowd_kappa
        value["paid"] = str(history.closed.paid)
        value["refund"] = str(history.closed.refund)
        value["to_sink"] = str(history.closed.to_sink)
    return value


def ending(history: RoundHistory) -> str:
    """By whom a round was judged, or that it expired; empty while it is open."""
    if history.expired:
        return "expired"
    return history.closed.verdict.mode_label if history.closed else ""


def gold_state(history: RoundHistory) -> str:
    """Of the gold answers: none, sealed, credible, or withheld, like those not as promised."""
    if not history.has_gold:
        return "none"
    if history.closed:
        is_withheld = history.closed.verdict.gold_withheld(history.rules)
        return "withheld" if is_withheld else "credible"
    return "withheld" if history.expired else "sealed"


def _escrow(history: RoundHistory) -> int:
    return 0 if history.is_over else history.rules.price * history.rules.seats
