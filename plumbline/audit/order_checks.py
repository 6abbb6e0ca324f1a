"""Whether events came in an order and a number that the rules allow.

Each round is followed from its opening to its end. Deadlines are not looked at: they are the
chain's own to keep, and the times of its blocks are not in the events.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from plumbline.audit.report import Findings, place
from plumbline.chain.events import (
    Committed,
    Event,
    Forfeited,
    GoldOpened,
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
from plumbline.protocol.commitment import EMPTY_HASH

WHAT: Final = "order of events"


def check_order(events: Sequence[Event], findings: Findings, first_round: int = 1) -> None:
    """Note every event that cannot stand where it does.

    `first_round` is the number that the first opening must have.
    """
    states: dict[int, _State] = {}
    expected_round = first_round
    before: tuple[int, int] | None = None
    for event in events:
        position = (event.block, event.log_index)
        if before is not None and position <= before:
            findings.refuse(WHAT, "events in the order of the chain", place(event))
        before = position
        findings.checks += 1
        if isinstance(event, Unreadable):
            where = f"{event.reason} in block {event.block}, log {event.log_index}"
            findings.refuse("bytes of an event", f"a {event.kind}", where, event.round_id)
            if event.kind == RoundOpened.__name__:
                expected_round = event.round_id + 1
        elif isinstance(event, RoundOpened):
            findings.compare("number of the round", expected_round, event.round_id, event.round_id)
            expected_round = event.round_id + 1
            if event.round_id in states:
                findings.refuse(WHAT, "one opening", place(event), event.round_id)
            states[event.round_id] = _State(event)
        elif isinstance(event, RoundEvent):
            state = states.get(event.round_id)
            if state is None:
                who = event.labeler if isinstance(event, LabelerEvent) else None
                findings.refuse(WHAT, "an opening before it", place(event), event.round_id, who)
            else:
                _follow(state, event, findings)
    for state in states.values():
        _check_end(state, findings)


@dataclass(slots=True)
class _State:
    """How far a round has come."""

    opened: RoundOpened
    # committed, leaked, revealed or forfeited, by labeler
    seats: dict[str, str] = field(default_factory=dict)
    roll: list[str] = field(default_factory=list)
    gold: GoldOpened | None = None
    released: list[Released] = field(default_factory=list)
    over: RoundClosed | RoundExpired | None = None

    @property
    def is_committing(self) -> bool:
        """No seat was opened or forfeited: both end the commit phase for good."""
        return not self.roll and "forfeited" not in self.seats.values() and not self.is_ending

    @property
    def is_ending(self) -> bool:
        return self.gold is not None or bool(self.released) or self.over is not None


def _follow(state: _State, event: RoundEvent, findings: Findings) -> None:
    """Note what is wrong with the next event of a round, then let it happen."""
    for expected in _broken(state, event):
        labeler = event.labeler if isinstance(event, LabelerEvent) else None
        findings.refuse(WHAT, expected, place(event), event.round_id, labeler)
    match event:
        case Committed():
            state.seats[event.labeler] = "committed"
        case LeakReported():
            state.seats[event.labeler] = "leaked"
        case Revealed():
            state.seats[event.labeler] = "revealed"
            state.roll.append(event.labeler)
        case Forfeited():
            state.seats[event.labeler] = "forfeited"
        case GoldOpened():
            state.gold = event
        case Released():
            state.released.append(event)
        case RoundClosed() | RoundExpired():
            state.over = event


def _broken(state: _State, event: RoundEvent) -> list[str]:
    """What should have been, for each rule that the event breaks."""
    seat = state.seats.get(event.labeler) if isinstance(event, LabelerEvent) else None
    is_full = len(state.seats) >= state.opened.rules.seats
    match event:
        case Committed():
            rules = {
                "one commitment per labeler": seat is None,
                "a free seat": not is_full,
                "no commitment after the commit phase": state.is_committing,
            }
        case LeakReported():
            rules = {
                "a commitment that is not opened": seat == "committed",
                "no leak after the commit phase": state.is_committing and not is_full,
                "another reporter than the labeler": event.reporter != event.labeler,
            }
        case Revealed():
            rules = {
                "a commitment that is not opened": seat == "committed",
                "no reveal after the reveal phase": "forfeited" not in state.seats.values()
                and not state.is_ending,
            }
        case Forfeited():
            rules = {"a commitment that is not opened": seat == "committed"}
        case GoldOpened():
            rules = {
                "a round with gold": state.opened.gold_root != EMPTY_HASH,
                "gold answers opened once, before anyone is settled": not state.is_ending,
            }
        case Released():
            rules = {
                "the next labeler on the roll": _is_next(state, event.labeler),
                "no stake given back once the round is over": state.over is None,
            }
        case RoundClosed() | RoundExpired():
            rules = {"a round that is not over": state.over is None}
        case _:
            rules = {"a round that is not over": state.over is None}
    return [expected for expected, holds in rules.items() if not holds]


def _is_next(state: _State, labeler: str) -> bool:
    number = len(state.released)
    return number < len(state.roll) and state.roll[number] == labeler


def _check_end(state: _State, findings: Findings) -> None:
    """A round ends in one transaction, for everyone on the roll."""
    round_id = state.opened.round_id
    if state.over is None:
        if state.released or state.gold:
            findings.refuse(WHAT, "a closing", "none, though it had begun", round_id)
        return
    ending = state.over.transaction
    if isinstance(state.over, RoundClosed):
        # The closing names all who revealed, in that order.
        settled = [outcome.labeler for outcome in state.over.outcomes]
        findings.compare("labelers settled", len(state.roll), len(settled), round_id)
        for number, (revealed, named) in enumerate(zip(state.roll, settled, strict=False), 1):
            findings.compare(f"labeler {number} settled", revealed, named, round_id)
        for line in state.released:
            findings.refuse(WHAT, "labelers settled", place(line), round_id, line.labeler)
    else:
        findings.compare("labelers released", len(state.roll), len(state.released), round_id)
        for line in state.released:
            if line.transaction != ending:
                findings.refuse(WHAT, "all in the closing", place(line), round_id, line.labeler)
    if state.gold is not None and isinstance(state.over, RoundExpired):
        findings.refuse(
            WHAT, "no gold answers in a round that expires", place(state.gold), round_id
        )
    if state.gold is not None and state.gold.transaction != ending:
        findings.refuse(WHAT, "gold answers opened by the closing", "another transaction", round_id)
