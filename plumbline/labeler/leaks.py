"""Reporting a leak: somebody's answers, shown while others still commit, for a share of the stake.

Whoever can show them may have copied them, and so may anybody else.
"""

from dataclasses import dataclass

from plumbline.chain.call import Call
from plumbline.chain.events import LeakReported
from plumbline.chain.records import Phase
from plumbline.errors import PlumblineError
from plumbline.history.market import Market
from plumbline.labeler.delegated_reveals import DelegatedReveal
from plumbline.protocol.addresses import checksum
from plumbline.settlement.terms import BPS, LEAK_BOUNTY_BPS


class LeakError(PlumblineError):
    """A leak that cannot be reported, or not any more."""


@dataclass(frozen=True, slots=True)
class LeakPlan:
    """What a report comes to, amounts in the smallest unit.

    done      the report, if the same account has made it already; there is no call then
    call      what is to be sent
    bounty    what it earns
    slash     what the labeler loses
    """

    done: LeakReported | None
    call: Call | None
    bounty: int
    slash: int


def plan_leak(market: Market, reporter: str, leaked: DelegatedReveal) -> LeakPlan:
    """What is to be sent to report a leak. Raises LeakError with the reason if it would fail."""
    round_id, labeler = market.require_round(leaked.round_id), leaked.labeler
    history = market.history(round_id)
    for event in history.leaks:
        if event.labeler == labeler and event.reporter == checksum(reporter):
            return LeakPlan(event, None, event.bounty, event.slash)
        if event.labeler == labeler:
            raise LeakError(
                f"{event.reporter} has reported that already, in block {event.block}: one bounty "
                "is all there is"
            )
    if checksum(reporter) == labeler:
        raise LeakError("these are the answers of the account itself: nobody reports their own")
    landed = history.commitment_of(labeler)
    if landed is None or landed.commitment != leaked.commitment:
        raise LeakError(f"these answers are not what {labeler} committed to in round {round_id}")
    phase, _ = market.time_left(history)
    if phase is not Phase.COMMIT:
        raise LeakError(
            f"too late: a leak is one while others commit, and in round {round_id} nobody can any "
            f"more (phase {phase.label})"
        )
    opening, rules = leaked.opening, history.rules
    return LeakPlan(
        done=None,
        call=market.contract.report_leak(round_id, labeler, opening.sheet, opening.salt),
        bounty=rules.stake * LEAK_BOUNTY_BPS // BPS,
        slash=rules.stake * rules.slash_max_bps // BPS,
    )
