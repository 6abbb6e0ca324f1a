"""What a keeper reports, for logs, metrics and people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from plumbline.history.rounds import RoundHistory
from plumbline.keeper.decisions import Wait
from plumbline.keeper.relay_decisions import HeldCommitment


class ActionOutcome(StrEnum):
    """The outcome of an action."""

    DONE = "done"
    PLANNED = "planned"  # a rehearsal: nothing was sent
    OVERTAKEN = "overtaken"  # somebody else did it first, which is as good
    FAILED = "failed"  # nothing was sent, or it changed nothing
    UNKNOWN = "unknown"  # sent, and in no block yet

    @property
    def is_done(self) -> bool:
        """Whether it is done, by whomever."""
        return self in (ActionOutcome.DONE, ActionOutcome.OVERTAKEN)

    @property
    def is_trouble(self) -> bool:
        """Whether somebody should look at it."""
        return self in (ActionOutcome.FAILED, ActionOutcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class ActionResult:
    """The result of one action, or of the part of it that is one call.

    labelers      how many it was done for
    reason        why it was done, or why it failed
    transaction   its hash, 0x hex, if one was sent; block, gas_used and fee (wei) if it is in one;
                  for a rehearsal gas_used is the node's estimate
    sharing       how many actions are in that transaction; gas_used and fee are shares of it
    """

    round_id: int
    kind: str
    labelers: int
    outcome: ActionOutcome
    reason: str
    transaction: str | None = None
    block: int | None = None
    gas_used: int = 0
    fee: int = 0
    sharing: int = 1


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the log: `level` as in logging, the message in few words, the rest by name.

    `result` is set if the line is about an action.
    """

    level: str
    message: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    result: ActionResult | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """One look at the chain, and the outcome.

    head, timestamp   the latest block
    phases            number of rounds in each phase, by its name
    delegated         answer sheets at hand; of these `waiting` are of seats still to be opened
    refused           files of delegated answers that cannot be used
    commitments       how many signed ones are held, dropped, landed, or refused as files
    unseated          of these, each that is not relayed now, and why
    now               the time that was decided by, unix seconds
    rounds            every round that can be told, as of `head` at least
    results           of actions, in order
    waits             rounds that wait, and for what
    resting           actions that failed before and are left alone for a while
    held              why nothing can be sent at all now, if so
    reorganised_from  first block that was taken back, if any was
    """

    head: int
    timestamp: int
    phases: Mapping[str, int]
    delegated: int
    waiting: int
    refused: int
    results: tuple[ActionResult, ...]
    waits: tuple[Wait, ...]
    resting: int
    held: str | None
    reorganised_from: int | None
    commitments: Mapping[str, int] = field(default_factory=dict)
    unseated: tuple[HeldCommitment, ...] = ()
    now: int = 0
    rounds: Mapping[int, RoundHistory] = field(default_factory=dict)
