"""The history of every round, from events alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from plumbline.chain.events import (
    CommitRefused,
    Committed,
    Event,
    Forfeited,
    GoldOpened,
    LeakReported,
    Released,
    Revealed,
    RevealRefused,
    RoundClosed,
    RoundEvent,
    RoundExpired,
    RoundOpened,
    Unreadable,
)
from plumbline.chain.records import Deadlines, Phase
from plumbline.errors import PlumblineError
from plumbline.protocol.commitment import EMPTY_HASH, RollEntry, roll_of
from plumbline.protocol.outcomes import Outcome
from plumbline.settlement import WorkedSettlement, settle
from plumbline.settlement.consensus import Row
from plumbline.settlement.sheet import unpack
from plumbline.settlement.terms import (
    MAX_OPTIONS,
    MAX_SEATS,
    MAX_TASKS,
    MAX_WIDTH,
    MIN_OPTIONS,
    ScoringTerms,
)

E = TypeVar("E", bound=RoundEvent)

EXPIRY: Final = 30 * 86_400  # seconds after the last deadline
_END_OF_TIME: Final = 2**40  # unix seconds: what the contract keeps has 40 bits


class HistoryError(PlumblineError):
    """Events that do not tell the whole story of a round."""


@dataclass(frozen=True, slots=True)
class RoundHistory:
    """All that happened in a round, each kind of event in the order of the chain.

    `reveals` is the roll. Whether the events are legal and right is for the audit to say.
    """

    opened: RoundOpened
    commitments: tuple[Committed, ...]
    leaks: tuple[LeakReported, ...]
    reveals: tuple[Revealed, ...]
    gold: GoldOpened | None
    closed: RoundClosed | None
    forfeits: tuple[Forfeited, ...]
    released: tuple[Released, ...]
    expired: RoundExpired | None
    refused: tuple[CommitRefused | RevealRefused, ...]

    @property
    def round_id(self) -> int:
        """Its number."""
        return self.opened.round_id

    @property
    def requester(self) -> str:
        """Who opened it."""
        return self.opened.requester

    @property
    def rules(self) -> ScoringTerms:
        """How answers are judged and paid; amounts in wei."""
        return self.opened.rules

    @property
    def deadlines(self) -> Deadlines:
        """When phases end at the latest, unix seconds."""
        return self.opened.deadlines

    @property
    def events(self) -> tuple[RoundEvent, ...]:
        """All of them, kind by kind."""
        endings = (self.gold, self.closed, self.expired)
        return (
            self.opened,
            *self.commitments,
            *self.leaks,
            *self.reveals,
            *self.forfeits,
            *self.released,
            *self.refused,
            *(event for event in endings if event is not None),
        )

    @property
    def has_gold(self) -> bool:
        """Whether gold answers were committed to."""
        return self.opened.gold_root != EMPTY_HASH

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes of those who revealed, in that order; none before the round is closed."""
        return self.closed.outcomes if self.closed is not None else ()

    @property
    def is_over(self) -> bool:
        """Closed or expired."""
        return self.closed is not None or self.expired is not None

    @property
    def expires_at(self) -> int:
        """From when on anyone may unwind it, unix seconds."""
        return self.deadlines.last + EXPIRY

    @property
    def gone(self) -> int:
        """How many seats were leaked or forfeited."""
        return len(self.leaks) + len(self.forfeits)

    @property
    def awaited(self) -> tuple[str, ...]:
        """Labelers whose commitments are neither revealed nor gone, in order of commitment."""
        done = {event.labeler for event in (*self.reveals, *self.leaks, *self.forfeits)}
        return tuple(event.labeler for event in self.commitments if event.labeler not in done)

    @property
    def entries(self) -> tuple[RollEntry, ...]:
        """What `close` and `expire` must be handed."""
        return tuple(RollEntry(event.labeler, event.sheet) for event in self.reveals)

    @property
    def roll(self) -> bytes:
        """The hash of the tasks' root and all that was revealed, 32 bytes."""
        return roll_of(
            self.opened.tasks_root, ((event.labeler, event.sheet) for event in self.reveals)
        )

    def commitment_of(self, labeler: str) -> Committed | None:
        """The commitment of a labeler, if there is one."""
        for event in self.commitments:
            if event.labeler == labeler:
                return event
        return None

    def phase_at(self, timestamp: int) -> Phase:
        """The phase at a time in unix seconds, if nothing more happens until then."""
        if self.is_over:
            return Phase.CLOSED
        if timestamp < self.deadlines.commit and len(self.commitments) < self.rules.seats:
            return Phase.COMMIT
        if timestamp < self.deadlines.reveal and self.awaited:
            return Phase.REVEAL
        if self.has_gold and timestamp < self.deadlines.gold:
            return Phase.GOLD
        return Phase.DUE

    def answers(self) -> list[Row]:
        """What each of `reveals` holds: T options, None for a skip.

        Raises SheetError if a sheet does not fit.
        """
        rules = self.rules
        return [unpack(event.sheet, rules.options, rules.tasks) for event in self.reveals]

    def gold_answers(self) -> dict[int, int]:
        """What was opened of the gold: task -> answer. Raises SheetError if it does not fit."""
        if self.gold is None:
            return {}
        answers = unpack(self.gold.sheet, self.rules.options, self.rules.tasks)
        return {task: answer for task, answer in enumerate(answers) if answer is not None}

    def settlement(self) -> WorkedSettlement:
        """What the round comes to with what was revealed so far, by the reference implementation.

        One outcome for each of `reveals`, in order. Gold counts if it was opened; a round with
        gold that was not opened is settled as one whose gold answers are withheld. Raises
        SheetError or SettlementError if answers do not fit.
        """
        return settle(self.rules, self.answers(), self.gold_answers())


def rebuild(events: Iterable[Event]) -> tuple[dict[int, RoundHistory], dict[int, str]]:
    """The history of every round that can be told, and why of each that cannot; by number."""
    histories: dict[int, RoundHistory] = {}
    unreadable: dict[int, str] = {}
    for round_id, own in _by_round(events).items():
        try:
            histories[round_id] = _history(own)
        except HistoryError as error:
            unreadable[round_id] = str(error)
    return histories, unreadable


def history(events: Iterable[Event]) -> dict[int, RoundHistory]:
    """The history of every round that can be told, by number. Of the others see `rebuild`."""
    return rebuild(events)[0]


def history_of(events: Iterable[Event], round_id: int) -> RoundHistory:
    """The history of a round that has events. Raises HistoryError if it cannot be told."""
    try:
        return _history(_by_round(events)[round_id])
    except HistoryError as error:
        raise HistoryError(f"round {round_id} cannot be told: {error}") from None


def _by_round(events: Iterable[Event]) -> Mapping[int, list[RoundEvent]]:
    """In the order of their numbers."""
    by_round: dict[int, list[RoundEvent]] = {}
    for event in events:
        if isinstance(event, RoundEvent):
            by_round.setdefault(event.round_id, []).append(event)
    return {number: by_round[number] for number in sorted(by_round)}


def _history(events: list[RoundEvent]) -> RoundHistory:
    """The history of a round from its events. Raises HistoryError with the reason alone."""
    unreadable = _first(events, Unreadable)
    if unreadable is not None:
        place = f"log {unreadable.log_index} of block {unreadable.block}"
        raise HistoryError(f"{place} is not a {unreadable.kind} ({unreadable.reason})")
    opened = _first(events, RoundOpened)
    if opened is None:
        raise HistoryError("its opening is missing, fetch from the deployment on")
    # What is worked out from these takes as long as they are large.
    rules, ends = opened.rules, opened.deadlines
    is_possible = (
        1 <= rules.tasks <= MAX_TASKS
        and MIN_OPTIONS <= rules.options <= MAX_OPTIONS
        and 1 <= rules.width <= MAX_WIDTH
        and 1 <= rules.seats <= MAX_SEATS
        and max(ends.commit, ends.reveal, ends.gold) < _END_OF_TIME
    )
    if not is_possible:
        raise HistoryError("the contract opens no round of such a size")
    return RoundHistory(
        opened=opened,
        commitments=_all(events, Committed),
        leaks=_all(events, LeakReported),
        reveals=_all(events, Revealed),
        gold=_first(events, GoldOpened),
        closed=_first(events, RoundClosed),
        forfeits=_all(events, Forfeited),
        released=_all(events, Released),
        expired=_first(events, RoundExpired),
        refused=tuple(e for e in events if isinstance(e, CommitRefused | RevealRefused)),
    )


def _all(events: list[RoundEvent], kind: type[E]) -> tuple[E, ...]:
    return tuple(event for event in events if isinstance(event, kind))


def _first(events: list[RoundEvent], kind: type[E]) -> E | None:
    return next((event for event in events if isinstance(event, kind)), None)
