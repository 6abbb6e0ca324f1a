"""The histories of all rounds, kept up with a feed.

A round that cannot be told is left alone, and stops no other.
"""

from collections.abc import Mapping, Sequence

from plumbline.chain.events import RoundEvent
from plumbline.chain.feed import FeedUpdate
from plumbline.history.remarks import remarks
from plumbline.history.rounds import RoundHistory, rebuild


class RoundIndex:
    """All rounds so far. Only those that something happened in are rebuilt."""

    def __init__(self) -> None:
        self._events: dict[int, list[RoundEvent]] = {}
        self._rounds: dict[int, RoundHistory] = {}
        self._unreadable: dict[int, str] = {}
        self._remarks: list[str] = []

    @property
    def rounds(self) -> Mapping[int, RoundHistory]:
        """The history of every round that can be told, by number."""
        return self._rounds

    @property
    def unreadable(self) -> Mapping[int, str]:
        """Why a round cannot be told, for each of which that is so."""
        return self._unreadable

    @property
    def remarks(self) -> Sequence[str]:
        """What is odd about rounds, or cannot be told of them."""
        return self._remarks

    def take(self, update: FeedUpdate) -> None:
        """Forget what was taken back, add what is new."""
        changed: set[int] = set()
        if update.reorganised_from is not None:
            for round_id, events in self._events.items():
                kept = [event for event in events if event.block < update.reorganised_from]
                if len(kept) < len(events):
                    changed.add(round_id)
                self._events[round_id] = kept
        for event in update.events:
            if isinstance(event, RoundEvent):
                self._events.setdefault(event.round_id, []).append(event)
                changed.add(event.round_id)
        for round_id in changed:
            self._rebuild(round_id)
        if changed:
            self._remarks = remarks(self._rounds.values(), self._unreadable)

    def _rebuild(self, round_id: int) -> None:
        events = self._events[round_id]
        if not events:
            del self._events[round_id]
        histories, unreadable = rebuild(events)
        self._rounds |= histories
        self._unreadable |= unreadable
        if round_id not in histories:
            self._rounds.pop(round_id, None)
        if round_id not in unreadable:
            self._unreadable.pop(round_id, None)
