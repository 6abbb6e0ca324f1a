"""The rounds that a book of records counts: those in it, and those that anyone may enter."""

from collections.abc import Sequence
from dataclasses import dataclass

from plumbline.chain.events import RoundExpired, RoundOpened
from plumbline.history.market import Market
from plumbline.seating.record_book import BookError, RecordBook, ShownClosing, closings_in, counts


@dataclass(frozen=True, slots=True)
class BookRounds:
    """Rounds that count in a book, by number.

    opened    all of them
    entered   those in it
    due       those that are closed and not in it yet, with how they ended
    running   those that are not closed yet
    """

    opened: dict[int, RoundOpened]
    entered: tuple[int, ...]
    due: tuple[ShownClosing, ...]
    running: tuple[int, ...]

    @classmethod
    def of(cls, market: Market, book: RecordBook) -> "BookRounds":
        """As of now. Raises SeatingError, EventsError."""
        events, vouched = market.events(), book.vouched()
        opened = {
            event.round_id: event
            for event in events
            if isinstance(event, RoundOpened) and counts(vouched, event)
        }
        expired = {event.round_id for event in events if isinstance(event, RoundExpired)}
        closings = closings_in(events)
        entered = book.entered(market.deployment.block)
        return cls(
            opened,
            tuple(sorted(entered)),
            tuple(closings[each] for each in opened if each in closings and each not in entered),
            tuple(each for each in opened if each not in closings and each not in expired),
        )

    def to_enter(self, wanted: Sequence[int]) -> tuple[ShownClosing, ...]:
        """Of the rounds that were named those that are not in the book yet; all that can be entered
        if none was named.

        Raises BookError for a round that does not belong into it, or is not closed.
        """
        if not wanted:
            return self.due
        due = {each.round_id: each for each in self.due}
        for number in wanted:
            if number not in self.opened:
                raise BookError(
                    f"the book does not vouch for round {number}, neither its requester nor its "
                    "policy: leave it out"
                )
            if number not in due and number not in self.entered:
                raise BookError(
                    f"round {number} is not closed, so nobody has a record of it yet: run this "
                    "again once it is"
                )
        return tuple(due[each] for each in dict.fromkeys(wanted) if each in due)
