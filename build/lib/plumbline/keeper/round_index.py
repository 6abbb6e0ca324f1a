"""The histories of all rounds, kept up with a feed."""

from collections.abc import Mapping

from plumbline.chain.events import RoundEvent
from plumbline.chain.feed import News
from plumbline.history.rounds import RoundHistory, history


class Past:
    """All rounds so far. Only those that something happened in are told again."""

    def __init__(self) -> None:
        self._events: dict[int, list[RoundEvent]] = {}
        self._rounds: dict[int, RoundHistory] = {}

    @property
    def rounds(self) -> Mapping[int, RoundHistory]:
        """The history of every round, by number."""
        return self._rounds

    def take(self, news: News) -> None:
        """Forget what was taken back, add what is new."""
        changed: set[int] = set()
        if news.reorganised_from is not None:
            for round_id, events in self._events.items():
                kept = [event for event in events if event.block < news.reorganised_from]
                if len(kept) < len(events):
                    changed.add(round_id)
                self._events[round_id] = kept
        for event in news.events:
            if isinstance(event, RoundEvent):
                self._events.setdefault(event.round_id, []).append(event)
                changed.add(event.round_id)
        for round_id in changed:
            self._tell(round_id)

    def _tell(self, round_id: int) -> None:
        events = self._events[round_id]
        if events:
            self._rounds[round_id] = history(events)[round_id]
        else:
            del self._events[round_id]
            self._rounds.pop(round_id, None)
