"""What the keeper saw when it last looked at the chain."""

import functools
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from plumbline.chain.records import Account, Phase
from plumbline.history.rounds import RoundHistory
from plumbline.history.secrecy import Secrecy, secrecy
from plumbline.keeper.activity import Tick
from plumbline.keeper.relay_decisions import HeldCommitment
from plumbline.labeler.consents import Consent
from plumbline.settlement import Mode


@dataclass(frozen=True, slots=True)
class RequesterRecord:
    """Rounds of a requester: how many were opened, and of these closed, expired, or void."""

    opened: int = 0
    closed: int = 0
    expired: int = 0
    void: int = 0

    @property
    def account(self) -> Account:
        """The part of it that an offer is made of."""
        return Account(opened=self.opened, void=self.void + self.expired)


@dataclass(frozen=True)
class MarketView:
    """All rounds as of one look.

    head       number of the latest block
    timestamp  of the next block at the earliest, unix seconds
    rounds     every round that can be rebuilt, by number
    unseated   why signed commitments are not relayed
    is_local   a chain that stands still between transactions: time goes on without blocks
    taken      when it was, seconds of `time.monotonic`
    """

    head: int
    timestamp: int
    rounds: Mapping[int, RoundHistory]
    unseated: Mapping[Consent, HeldCommitment]
    is_local: bool
    taken: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, tick: Tick, is_local: bool) -> "MarketView":
        """What a look at the chain has shown."""
        unseated = {each.consent: each for each in tick.unseated}
        return cls(tick.head, tick.now, tick.rounds, unseated, is_local)

    @property
    def now(self) -> int:
        """The time as of now, unix seconds."""
        return self.timestamp + (int(time.monotonic() - self.taken) if self.is_local else 0)

    @property
    def age(self) -> float:
        """Seconds since then."""
        return time.monotonic() - self.taken

    @property
    def committing(self) -> list[RoundHistory]:
        """Rounds that take commitments, those that end first in front."""
        now = self.now
        found = [each for each in self.rounds.values() if each.phase_at(now) is Phase.COMMIT]
        return sorted(found, key=lambda each: (each.deadlines.commit, each.round_id))

    @functools.cached_property
    def by_labeler(self) -> Mapping[str, tuple[RoundHistory, ...]]:
        """The rounds that each labeler has a seat in, newest first."""
        found: dict[str, list[RoundHistory]] = defaultdict(list)
        for history in sorted(self.rounds.values(), key=lambda each: -each.round_id):
            for event in history.commitments:
                found[event.labeler].append(history)
        return {labeler: tuple(several) for labeler, several in found.items()}

    @functools.cached_property
    def requesters(self) -> Mapping[str, RequesterRecord]:
        """The record of each requester."""
        several: dict[str, list[RoundHistory]] = defaultdict(list)
        for history in self.rounds.values():
            several[history.requester].append(history)
        return {
            requester: RequesterRecord(
                opened=len(rounds),
                closed=sum(each.closed is not None for each in rounds),
                expired=sum(each.expired is not None for each in rounds),
                void=sum(
                    each.closed is not None and each.closed.verdict.mode == Mode.VOID
                    for each in rounds
                ),
            )
            for requester, rounds in several.items()
        }

    def secrecy(self, history: RoundHistory, confirmations: int) -> Secrecy | None:
        """Why answers of a round must not be shown yet, all of it as of one look."""
        return secrecy(history, self.timestamp, self.head, confirmations)
