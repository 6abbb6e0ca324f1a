"""Events in words, for people, and as plain data, for machines."""

from typing import Any, Final

from plumbline.chain.events import (
    CommitRefused,
    Committed,
    Deposited,
    Event,
    Forfeited,
    GoldOpened,
    LeakReported,
    Released,
    Revealed,
    RevealRefused,
    RoundClosed,
    RoundExpired,
    RoundOpened,
    Swept,
    Unreadable,
    Withdrawn,
)
from plumbline.formats.plain_data import plain_data
from plumbline.harmless import harmless
from plumbline.protocol.outcomes import Outcome
from plumbline.settlement import Mode
from plumbline.settlement.terms import ScoringTerms
from plumbline.units import Unit

_JUDGED: Final = {
    int(Mode.PEER): "judged by peers",
    int(Mode.GOLD): "judged by gold, as peers could not judge",
    int(Mode.VOID): "void",
}
# Money and planes.
_LARGE: Final = frozenset(
    {
        *("amount", "fee", "slash", "bounty", "pay", "paid", "refund", "to_sink", "stake", "price"),
        *("sheet", "usable_gold", "decided", "contested", "consensus"),
    }
)


def in_words(event: Event, unit: Unit, rules: ScoringTerms | None = None) -> str:
    """What happened, in one line; `rules` are of the event's round, if they are known."""
    stake = f" and locked {unit.exact(rules.stake)}" if rules else ""
    match event:
        case Deposited():
            by = "" if event.payer == event.account else f", paid by {event.payer}"
            return f"{event.account} deposited {unit.exact(event.amount)}{by}"
        case Withdrawn():
            return _withdrawn(event, unit)
        case Swept():
            return f"{unit.exact(event.amount)} went to the sink"
        case RoundOpened():
            return _opened(event, unit)
        case Committed():
            return f"{event.labeler} took a seat{stake}"
        case CommitRefused():
            return f"a relayed commitment of {event.labeler} was skipped: {harmless(event.reason)}"
        case LeakReported():
            return (
                f"{event.labeler} leaked the answers: lost {unit.exact(event.slash)}, of which"
                f" {unit.exact(event.bounty)} went to {event.reporter}"
            )
        case Revealed():
            return f"{event.labeler} revealed {event.sheet[0].bit_count()} answers"
        case RevealRefused():
            return f"a reveal of {event.labeler} was skipped: {harmless(event.reason)}"
        case GoldOpened():
            return f"{event.sheet[0].bit_count()} gold answers were opened"
        case RoundClosed():
            return _closed(event, unit, rules)
        case Forfeited():
            return f"{event.labeler} stayed silent and lost {unit.exact(event.slash)}"
        case Released():
            return f"{event.labeler} got the stake of {unit.exact(event.stake)} back"
        case RoundExpired():
            return f"expired: {unit.exact(event.refund)} went back to the requester"
        case Unreadable():
            return f"a log that is no {event.kind}: {event.reason}"
    return type(event).__name__


def to_json(event: Event) -> dict[str, Any]:
    """An event as plain data: money and planes as decimal strings, bytes as 0x hex."""
    return {"event": type(event).__name__, **plain_data(event, _LARGE)}


def _withdrawn(event: Withdrawn, unit: Unit) -> str:
    fee = f", less a fee of {unit.exact(event.fee)} for {event.relayer}" if event.fee else ""
    by = "" if event.relayer == event.account or event.fee else f", relayed by {event.relayer}"
    return f"{event.account} withdrew {unit.exact(event.amount)} to {event.receiver}{fee}{by}"


def _closed(event: RoundClosed, unit: Unit, rules: ScoringTerms | None) -> str:
    mode = _JUDGED.get(event.verdict.mode, f"mode {event.verdict.mode}")
    is_withheld = rules is not None and event.verdict.gold_withheld(rules)
    gold = ", gold answers withheld or not credible" if is_withheld else ""
    return (
        f"closed, {mode}{gold}: paid {unit.exact(event.paid)}, refunded"
        f" {unit.exact(event.refund)}, {unit.exact(event.to_sink)} to the sink"
    )


def _opened(event: RoundOpened, unit: Unit) -> str:
    rules = event.rules
    width = f", width {rules.width}" if rules.width > 1 else ""
    gold = f" and {rules.gold_count} gold answers" if rules.has_gold else ""
    return (
        f"opened by {event.requester}: {rules.tasks} {rules.kind.label} tasks of {rules.options}"
        f" options{width}{gold}, {rules.seats} seats at {unit.exact(rules.price)}, stake"
        f" {unit.exact(rules.stake)}, {unit.exact(rules.price * rules.seats)} in escrow"
    )


def outcome_in_words(outcome: Outcome, unit: Unit) -> str:
    """The outcome of a labeler, in one line."""
    money = [f"paid {unit.exact(outcome.pay)}"] if outcome.pay else []
    money += [f"lost {unit.exact(outcome.slash)}"] if outcome.slash else []
    kappa = f" with kappa {outcome.kappa / 1e6:.3f}" if outcome.kappa else ""
    return f"{outcome.labeler} is {outcome.band.label}{kappa}: {' and '.join(money) or 'no pay'}"
