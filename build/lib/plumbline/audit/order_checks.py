"""Whether events came in an order and a number that the rules allow.

Each round is followed through its life. Deadlines are not looked at: they are the chain's own
to keep, and the times of its blocks are not in the events.
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
)
from plumbline.protocol.commitment import EMPTY_HASH

WHAT: Final = "order of events"


def check_order(events: Sequence[Event], findings: Findings, first_round: int = 1) -> None:
    """Note every event that cannot stand where it does.

    `first_round` is the number that the first opening must have.
    """
    lives: dict[int, _Life] = {}
    expected_round = first_round
    before: tuple[int, int] | None = None
    for event in events:
        position = (event.block, event.log_index)
        if before is not None and position <= before:
            findings.refuse(WHAT, "events in the order of the chain", place(event))
        before = position
        findings.checks += 1
        if isinstance(event, RoundOpened):
            findings.compare("number of the round", expected_round, event.round_id, event.round_id)
            expected_round = event.round_id + 1
            if event.round_id in lives:
                findings.refuse(WHAT, "one opening", place(event), event.round_id)
            lives[event.round_id] = _Life(event)
        elif isinstance(event, RoundEvent):
            life = lives.get(event.round_id)
            if life is None:
                who = event.labeler if isinstance(event, LabelerEvent) else None
                findings.refuse(WHAT, "an opening before it", place(event), event.round_id, who)
            else:
                _follow(life, event, findings)
    for life in lives.values():
        _check_end(life, findings)


@dataclass(slots=True)
class _Life:
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


def _follow(life: _Life, event: RoundEvent, findings: Findings) -> None:
    """Note what is wrong with the next event of a round, then let it happen."""
    for expected in _broken(life, event):
        labeler = event.labeler if isinstance(event, LabelerEvent) else None
        findings.refuse(WHAT, expected, place(event), event.round_id, labeler)
    match event:
        case Committed():
            life.seats[event.labeler] = "committed"
        case LeakReported():
            life.seats[event.labeler] = "leaked"
        case Revealed():
            life.seats[event.labeler] = "revealed"
            life.roll.append(event.labeler)
        case Forfeited():
            life.seats[event.labeler] = "forfeited"
        case GoldOpened():
            life.gold = event
        case Released():
            life.released.append(event)
        case RoundClosed() | RoundExpired():
            life.over = event


def _broken(life: _Life, event: RoundEvent) -> list[str]:
    """What should have been, for each rule that the event breaks."""
    seat = life.seats.get(event.labeler) if isinstance(event, LabelerEvent) else None
    is_full = len(life.seats) >= life.opened.rules.seats
    match event:
        case Committed():
            rules = {
                "one commitment per labeler": seat is None,
                "a free seat": not is_full,
                "no commitment after the commit phase": life.is_committing,
            }
        case LeakReported():
            rules = {
                "a commitment that is not opened": seat == "committed",
                "no leak after the commit phase": life.is_committing and not is_full,
                "another reporter than the labeler": event.reporter != event.labeler,
            }
        case Revealed():
            rules = {
                "a commitment that is not opened": seat == "committed",
                "no reveal after the reveal phase": "forfeited" not in life.seats.values()
                and not life.is_ending,
            }
        case Forfeited():
            rules = {"a commitment that is not opened": seat == "committed"}
        case GoldOpened():
            rules = {
                "a round with gold": life.opened.gold_root != EMPTY_HASH,
                "golds opened once, before anyone is settled": not life.is_ending,
            }
        case Released():
            rules = {
                "the next labeler on the roll": _is_next(life, event.labeler),
                "no stake given back once the round is over": life.over is None,
            }
        case RoundClosed() | RoundExpired():
            rules = {"a round that is not over": life.over is None}
        case _:
            rules = {"a round that is not over": life.over is None}
    return [expected for expected, holds in rules.items() if not holds]


def _is_next(life: _Life, labeler: str) -> bool:
    number = len(life.released)
    return number < len(life.roll) and life.roll[number] == labeler


def _check_end(life: _Life, findings: Findings) -> None:
    """A round ends in one transaction, for everyone on the roll."""
    round_id = life.opened.round_id
    if life.over is None:
        if life.released or life.gold:
            findings.refuse(WHAT, "a closing", "none, though it had begun", round_id)
        return
    ending = life.over.transaction
    if isinstance(life.over, RoundClosed):
        # The closing names all who revealed, in that order.
        settled = [outcome.labeler for outcome in life.over.outcomes]
        findings.compare("labelers settled", len(life.roll), len(settled), round_id)
        for number, (revealed, named) in enumerate(zip(life.roll, settled, strict=False), 1):
            findings.compare(f"labeler {number} settled", revealed, named, round_id)
        for line in life.released:
            findings.refuse(WHAT, "labelers settled", place(line), round_id, line.labeler)
    else:
        findings.compare("labelers released", len(life.roll), len(life.released), round_id)
        for line in life.released:
            if line.transaction != ending:
                findings.refuse(WHAT, "all in the closing", place(line), round_id, line.labeler)
    if life.gold is not None and isinstance(life.over, RoundExpired):
        findings.refuse(WHAT, "no golds in a round that expires", place(life.gold), round_id)
    if life.gold is not None and life.gold.transaction != ending:
        findings.refuse(WHAT, "golds opened by the closing", "another transaction", round_id)
