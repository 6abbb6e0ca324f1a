"""What is to be done for a draw of seats now: its seed, and who was drawn and stays away. Pure.

A draw needs its seed before its first commit deadline, while the hash of the seed block can be
had; else another block is named. Absence can be proved from the middle of the window on, as long
as the round takes commitments.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from plumbline.chain.records import Phase
from plumbline.history.rounds import RoundHistory
from plumbline.keeper.decisions import (
    Action,
    Decision,
    DecisionContext,
    PoolAction,
    Step,
    Wait,
)
from plumbline.seating.draw import FAIR_WINDOW, RESPITE, STRIKES, Draw
from plumbline.seating.records import PoolUnit

SEATS_A_COMMITMENT: Final = 3  # one in so many has to be taken, or nobody is called absent

# What a pool says where somebody else was faster.
_OVERTAKEN: Final = (
    "draw: seed is captured",
    "rearm: not yet",
    "rearm: can be captured",
    "report: has a seat",
    "report: struck already",
    "report: expelled already",
    "report: commit phase is over",
)


@dataclass(frozen=True, slots=True)
class PoolDraw:
    """A draw of a pool, as of a block.

    round_id       one of its rounds, which takes commitments still
    is_hash_gone   the pool would let anybody name another seed block
    """

    pool: str
    draw: Draw
    round_id: int
    is_hash_gone: bool = False


@dataclass(frozen=True, slots=True)
class Capture(PoolAction):
    """Fix the seed of a draw, by the header of its seed block."""

    seed_block: int


@dataclass(frozen=True, slots=True)
class Rearm(PoolAction):
    """Name another seed block."""


@dataclass(frozen=True, slots=True)
class Report(PoolAction):
    """Strike a drawn unit whose owner has no seat."""

    unit: int
    owner: str

    @property
    def labelers(self) -> tuple[str, ...]:
        return (self.owner,)

    @property
    def subject(self) -> tuple[object, ...]:
        return self.pool, self.draw_id, self.unit


def decide_seed(known: PoolDraw, context: DecisionContext) -> Decision:
    """What to do for a draw that has no seed."""
    draw = known.draw
    if draw.seed is not None or Step.CAPTURE not in context.steps:
        return Decision((), None)
    named = f"draw {draw.number} of the pool {known.pool}"
    if context.now >= draw.ends:
        late = f"{named} has no seed, and it is too late for one: nobody can be seated by it"
        return Decision((), Wait(known.round_id, late))
    missing = draw.seed_block + 1 - context.head
    if missing > 0 or context.now <= draw.frozen:
        blocks = max(missing, 1)
        waits = f"{named} has its seed from block {draw.seed_block}: {blocks} more to come"
        return Decision((), Wait(known.round_id, waits, draw.ends))
    if known.is_hash_gone:
        reason = f"{named}: the hash of block {draw.seed_block} is gone, another block is named"
        return Decision((Rearm(known.round_id, reason, known.pool, draw.number),), None)
    reason = f"{named}: block {draw.seed_block} is there, the seed is fixed"
    capture = Capture(known.round_id, reason, known.pool, draw.number, draw.seed_block)
    return Decision((capture,), None)


def may_report(draw: Draw, history: RoundHistory, context: DecisionContext) -> bool:
    """Whether absence can be proved now of whoever was drawn for a round."""
    return (
        Step.REPORT in context.steps
        and draw.captured is not None
        and draw.is_liable
        and draw.ends - draw.captured >= FAIR_WINDOW
        and context.now >= draw.reported_from()
        and history.phase_at(context.now) is Phase.COMMIT
        and len(history.commitments) * SEATS_A_COMMITMENT >= draw.seats
    )


def is_absent(draw: Draw, history: RoundHistory, unit: PoolUnit, now: int) -> bool:
    """Whether a unit that was drawn for a round can be struck, if `may_report` says so."""
    if unit.owner is None or history.commitment_of(unit.owner) is not None:
        return False
    # Once for all rounds whose turns came before, and never twice a day.
    is_due = unit.struck is None or (
        unit.struck < draw.reported_from() and unit.struck + RESPITE <= now
    )
    return draw.has(unit) and is_due and unit.strikes < STRIKES


def reports(
    known: PoolDraw, history: RoundHistory, absent: Iterable[tuple[int, PoolUnit]]
) -> tuple[Report, ...]:
    """The reports of units, by number, that `is_absent` from a round."""
    number = known.draw.number
    found = []
    for unit, member in absent:
        assert member.owner is not None  # it is absent
        reason = (
            f"unit {unit} of the pool {known.pool} was drawn and stays away: a tenth of its bond"
            " is lost"
        )
        found.append(
            Report(history.round_id, reason, known.pool, number, unit=unit, owner=member.owner)
        )
    return tuple(found)


def once_each(actions: Iterable[Action]) -> list[Action]:
    """Without the second report of a unit: a strike is for all rounds of a draw, and a second one
    would be refused.
    """
    struck: set[tuple[str, int]] = set()
    kept = []
    for action in actions:
        if isinstance(action, Report):
            if (action.pool, action.unit) in struck:
                continue
            struck.add((action.pool, action.unit))
        kept.append(action)
    return kept


def overtaken(reason: str) -> str | None:
    """Why an action at a pool that failed so is not needed any more; None if it still is."""
    return "somebody else was faster" if any(each in reason for each in _OVERTAKEN) else None
