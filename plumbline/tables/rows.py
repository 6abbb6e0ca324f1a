"""Events as rows of tables, column by column.

A row comes from one event and from the opening of its round, and from nothing else: so rows of
a range of blocks do not depend on where the range begins or ends.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from plumbline.chain.events import (
    Committed,
    Event,
    Forfeited,
    LabelerEvent,
    LeakReported,
    Released,
    Revealed,
    RoundClosed,
    RoundEvent,
    RoundExpired,
    RoundOpened,
    Unreadable,
)
from plumbline.errors import PlumblineError
from plumbline.history.movements import Movement, movements
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.protocol.outcomes import Outcome
from plumbline.settlement import Band
from plumbline.settlement.sheet import unpack
from plumbline.settlement.terms import ScoringTerms

Row = dict[str, Any]

_HOW: Final[Mapping[type[Event], str]] = {
    Forfeited: "forfeited",
    LeakReported: "leaked",
    Released: "released",
}


class TablesError(PlumblineError):
    """Events of which no tables can be made, or tables that cannot be written."""


def rows_of(
    events: Sequence[Event],
    openings: Mapping[int, RoundOpened],
    times: Mapping[int, int] | None = None,
) -> dict[str, list[Row]]:
    """The rows of every table, in the order of the chain.

    `openings` by round must have that of every round with an event; `times` are unix seconds by
    block. Raises TablesError for a round without its opening and for an event that cannot be
    read, SheetError for answers that do not fit their round.
    """
    tables: dict[str, list[Row]] = {
        name: []
        for name in (
            "rounds",
            "endings",
            "commitments",
            "answers",
            "labels",
            "settlements",
            "ledger",
        )
    }
    for event in events:
        opened = None
        if isinstance(event, Unreadable):
            raise TablesError(
                f"log {event.log_index} of block {event.block}, of round {event.round_id}, is not "
                f"a {event.kind} ({event.reason}): use another node"
            )
        if isinstance(event, RoundEvent):
            opened = openings.get(event.round_id)
            if opened is None:
                raise TablesError(f"the opening of round {event.round_id} is missing")
        place = {
            "block": event.block,
            "log_index": event.log_index,
            "transaction": _hex(event.transaction),
            "timestamp": None if times is None else times.get(event.block),
        }
        for name, row in _rows(event, opened):
            tables[name].append({**place, **row})
    return tables


def _rows(event: Event, opened: RoundOpened | None) -> Iterator[tuple[str, Row]]:
    if isinstance(event, RoundEvent) and opened is not None:
        yield from _round_rows(event, opened)
    # Movements of nothing are left out.
    moved = (movement for movement in movements(event, opened) if movement.amount)
    round_id = event.round_id if isinstance(event, RoundEvent) else None
    for number, movement in enumerate(moved):
        for row in _entries(movement):
            yield "ledger", {"movement": number, "round_id": round_id, **row}


def _entries(movement: Movement) -> Iterator[Row]:
    """Both sides of a movement: where it leaves, where it comes to."""
    sides = ((movement.source, -movement.amount), (movement.target, movement.amount))
    for place, amount in sides:
        yield {
            "kind": movement.kind.value,
            "balance": place.balance,
            "account": place.owner if place.balance in ("free", "locked") else None,
            "amount": amount,
        }


def _round_rows(event: RoundEvent, opened: RoundOpened) -> Iterator[tuple[str, Row]]:
    at: Row = {"round_id": event.round_id}
    if isinstance(event, LabelerEvent):
        at["labeler"] = event.labeler
    rules = opened.rules
    match event:
        case RoundOpened():
            yield "rounds", {**at, **_terms(event)}
        case Committed():
            row = {
                "commitment": _hex(event.commitment),
                "sealed": len(event.sealed),
                "stake": rules.stake,
            }
            yield "commitments", {**at, **row}
        case Revealed():
            for task, answer in enumerate(unpack(event.sheet, rules.options, rules.tasks)):
                yield "answers", {**at, "task": task, "answer": answer}
        case Forfeited() | LeakReported() | Released():
            yield "settlements", {**at, **_unscored(event), "stake": rules.stake}
        case RoundClosed():
            yield "endings", {**at, **_closing(event, rules)}
            for outcome in event.outcomes:
                yield "settlements", {**at, **_outcome(outcome), "stake": rules.stake}
            for row in _labels(event, rules.tasks):
                yield "labels", {**at, **row}
        case RoundExpired():
            row = {"ending": "expired", "mode": None, "crowd_kappa": None, "bar": None}
            row["gold_withheld"] = None
            yield "endings", {**at, **row, "paid": 0, "refund": event.refund, "to_sink": 0}


def _terms(event: RoundOpened) -> Row:
    rules, deadlines = event.rules, event.deadlines
    has_gold = event.gold_root != EMPTY_HASH
    return {
        "requester": event.requester,
        "kind": rules.kind.label,
        "options": rules.options,
        "width": rules.width,
        "tasks": rules.tasks,
        "price": rules.price,
        "stake": rules.stake,
        "seats": rules.seats,
        "r_min": rules.r_min,
        "tau_bps": rules.tau_bps,
        "rho_bps": rules.rho_bps,
        "bar_bps": rules.bar_bps,
        "refund_bps": rules.refund_bps,
        "slash_base_bps": rules.slash_base_bps,
        "slash_max_bps": rules.slash_max_bps,
        "showup_bps": rules.showup_bps,
        "gold_count": rules.gold_count,
        "gold_pass_bps": rules.gold_pass_bps,
        "gold_slash_bps": rules.gold_slash_bps,
        "commit_deadline": deadlines.commit,
        "reveal_deadline": deadlines.reveal,
        "gold_deadline": deadlines.gold if has_gold else None,
        "tasks_root": _hex(event.tasks_root),
        "gold_root": _hex(event.gold_root) if has_gold else None,
        "admission": None if event.admission == ZERO else event.admission,
        "uri": event.uri,
    }


def _outcome(outcome: Outcome) -> Row:
    return {
        "labeler": outcome.labeler,
        "how": "settled",
        "band": outcome.band.label,
        "kappa": outcome.kappa,
        "pay": outcome.pay,
        "slash": outcome.slash,
    }


def _unscored(event: Forfeited | LeakReported | Released) -> Row:
    band = Band.VOID if isinstance(event, Released) else Band.UNREVEALED
    slash = 0 if isinstance(event, Released) else event.slash
    return {"how": _HOW[type(event)], "band": band.label, "kappa": 0, "pay": 0, "slash": slash}


def _closing(event: RoundClosed, rules: ScoringTerms) -> Row:
    return {
        "ending": "closed",
        "mode": event.verdict.mode_label,
        "crowd_kappa": event.verdict.crowd_kappa,
        "bar": event.verdict.bar,
        "gold_withheld": event.verdict.gold_withheld(rules),
        "paid": event.paid,
        "refund": event.refund,
        "to_sink": event.to_sink,
    }


def _labels(event: RoundClosed, tasks: int) -> Iterator[Row]:
    verdict = event.verdict
    for task in range(tasks):
        label = sum((plane >> task & 1) << j for j, plane in enumerate(verdict.consensus))
        yield {
            "task": task,
            "label": label if verdict.decided >> task & 1 else None,
            "contested": bool(verdict.contested >> task & 1),
            "gold": bool(verdict.usable_gold >> task & 1),
        }


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
