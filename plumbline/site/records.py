"""Rounds, seats and outcomes as JSON: what the page is shown.

Amounts are text, in the smallest unit; times are unix seconds; hashes and bytes are 0x hex.
"""

import functools
from dataclasses import dataclass
from typing import Any, Final

from plumbline.harmless import harmless
from plumbline.history.offer import SeatOffer
from plumbline.history.rounds import RoundHistory
from plumbline.keeper.relay_decisions import HeldCommitment
from plumbline.protocol.addresses import ZERO
from plumbline.report.labelers import LabelerFacts, labelers_of
from plumbline.seating.gates import Policy, SeatRefusal, pools_in
from plumbline.seating.pool_history import Lot
from plumbline.settlement import SettlementError
from plumbline.settlement.sheet import SheetError
from plumbline.site.view import MarketView


@dataclass(frozen=True, slots=True)
class TasksAsked:
    """The question of a round, in words, or why its tasks cannot be had; neither as long as
    nobody knows.
    """

    question: str | None
    flaw: str | None


@dataclass(frozen=True, slots=True)
class LabelerStanding:
    """How a labeler stands in a round, besides what the chain has of the seat.

    free       of the labeler's balance, smallest unit
    held       a signed commitment that is kept here
    refusal    why no seat would be given, with nothing to show but what pools tell
    lots       the units that the labeler has in the draws of the round
    """

    labeler: str
    free: int
    is_kept: bool
    held: HeldCommitment | None
    opening_kept: bool
    refusal: SeatRefusal | None
    lots: tuple[Lot, ...]


def round_json(
    view: MarketView,
    history: RoundHistory,
    asked: TasksAsked,
    policy: Policy | None,
    standing: LabelerStanding | None,
) -> dict[str, Any]:
    """All that the page is shown of a round; `policy` is None if none is known."""
    rules, ends, opened = history.rules, history.deadlines, history.opened
    record = view.requesters[history.requester]
    offer = SeatOffer.of(history, record.account)
    return {
        "round": history.round_id,
        "phase": phase_of(view, history),
        "now": view.now,
        "opened_block": opened.block,
        "commit_deadline": ends.commit,
        "reveal_deadline": ends.reveal,
        "close_deadline": ends.last,
        "seats": rules.seats,
        "committed": len(history.commitments),
        "revealed": len(history.reveals),
        "tasks": rules.tasks,
        "options": rules.options,
        "kind": rules.kind.label,
        "stake": str(offer.stake),
        "price": str(offer.price),
        "gold": offer.gold_count,
        "slash_max_bps": rules.slash_max_bps,
        "outlier_cost": str(offer.outlier_most),
        "silence_cost": str(offer.silent),
        "tasks_root": "0x" + opened.tasks_root.hex(),
        "requester": history.requester,
        "requester_record": {
            "opened": record.opened,
            "closed": record.closed,
            "expired": record.expired,
            "void": record.void,
        },
        "admission": _admission_json(opened.admission, policy),
        "question": asked.question,
        "tasks_flaw": None if asked.flaw is None else harmless(asked.flaw),
        "you": None if standing is None else _standing_json(history, standing),
    }


def ended_json(
    view: MarketView, history: RoundHistory, labeler: str, question: str | None, at: int | None
) -> dict[str, Any]:
    """The outcome of a round for a labeler who has a seat in it, each part of it None as long as it
    may change; `at` is when the round was over.
    """
    nothing = dict.fromkeys(("band", "kappa_ppm", "pay", "slash", "reason"))
    return {
        "round": history.round_id,
        "question": question,
        "phase": phase_of(view, history),
        "stake": str(history.rules.stake),
        "closed_at": at,
        **(_outcome_json(seat_facts(history, labeler)) or nothing),
    }


def phase_of(view: MarketView, history: RoundHistory) -> str:
    """Its phase as of now."""
    return "expired" if history.expired is not None else history.phase_at(view.now).label


def seat_facts(history: RoundHistory, labeler: str) -> LabelerFacts:
    """What came of a seat that was taken, or would if the round were closed now, and why."""
    return next(each for each in _all_seats(history) if each.address == labeler)


@functools.lru_cache(maxsize=256)
def _all_seats(history: RoundHistory) -> tuple[LabelerFacts, ...]:
    try:
        settlement = history.settlement() if history.reveals else None
    except (SheetError, SettlementError):
        settlement = None
    return labelers_of(history, settlement, {}, ())


def _outcome_json(facts: LabelerFacts) -> dict[str, Any] | None:
    if not facts.is_final:
        return None
    return {
        "band": facts.band,
        "kappa_ppm": facts.kappa_ppm,
        "pay": str(facts.pay),
        "slash": str(facts.slash),
        "reason": harmless(facts.reason),
    }


def _admission_json(address: str, policy: Policy | None) -> dict[str, Any] | None:
    if address == ZERO:
        return None
    return {
        "address": address,
        "words": None if policy is None else harmless(policy.gate.summary),
        "is_drawn": policy is not None and bool(pools_in(policy)),
    }


def _standing_json(history: RoundHistory, standing: LabelerStanding) -> dict[str, Any]:
    refusal, lots = standing.refusal, standing.lots
    held = standing.held
    return {
        "free": str(standing.free),
        "seat": _seat_json(history, standing.labeler),
        "held": held_json(held) if standing.is_kept else None,
        "opening_kept": standing.opening_kept,
        "refusal": None if refusal is None else _refusal_json(refusal),
        "position": _position_json(history, lots[0]) if lots else None,
    }


def _refusal_json(refusal: SeatRefusal) -> dict[str, Any]:
    reason, remedy = harmless(refusal.reason), harmless(refusal.remedy)
    return {"reason": reason, "remedy": remedy, "until": refusal.until}


def held_json(held: HeldCommitment | None) -> dict[str, Any]:
    """Why a commitment that is kept has no seat yet; None if nobody has looked yet."""
    if held is None:
        return {"reason": "it waits for its turn", "until": None, "remedy": _KEPT}
    remedy = "sign again, if the reason has passed" if held.is_final else _KEPT
    return {"reason": harmless(held.reason), "until": held.until, "remedy": remedy}


_KEPT: Final = "nothing: it is kept here and relayed as soon as the round takes it"


def _seat_json(history: RoundHistory, labeler: str) -> dict[str, Any] | None:
    landed = history.commitment_of(labeler)
    if landed is None:
        return None
    return {
        "commitment": "0x" + landed.commitment.hex(),
        "sealed": "0x" + landed.sealed.hex(),
        "block": landed.block,
        "transaction": "0x" + landed.transaction.hex(),
        "is_revealed": any(event.labeler == labeler for event in history.reveals),
        "settled": _outcome_json(seat_facts(history, labeler)),
    }


def _position_json(history: RoundHistory, lot: Lot) -> dict[str, Any]:
    draw = lot.draw
    return {
        "rank": None if lot.rank is None else lot.rank + 1,
        "seats": history.rules.seats,
        "admitted_at": lot.opens,
        "standby_from": None if draw.captured is None else draw.opens(draw.seats),
        "evidence": ["0x" + word.hex() for word in lot.evidence],
    }
