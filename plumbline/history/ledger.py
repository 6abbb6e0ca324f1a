"""The books of a deployment, rebuilt from events alone: all movements, and everyone's record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from plumbline.chain.events import (
    Deposited,
    Event,
    Forfeited,
    LeakReported,
    Released,
    RoundClosed,
    RoundEvent,
    RoundExpired,
    RoundOpened,
    Swept,
    Withdrawn,
)
from plumbline.chain.records import Account
from plumbline.errors import PlumblineError
from plumbline.history.movements import (
    OUTSIDE,
    SINK,
    Place,
    escrow,
    free,
    locked,
    movements,
)
from plumbline.settlement import Band, Mode
from plumbline.settlement.terms import BPS, PPM

MOST_ROUNDS: Final = 4_095  # of a labeler, in 12 bits: then the counts are halved
MOST_OPENED: Final = 511  # of a requester, in 9 bits: likewise
MEMORY: Final = 8  # the latest kappa weighs an eighth of the average


class LedgerError(PlumblineError):
    """Events from which no books can be made."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A balance that an event took below zero: an event is missing, or is not true.

    `balance` is `free`, `locked`, `sink` or `escrow`; `owner` an address or `round 7`; `amount`
    is below 0, in wei.
    """

    event: Event
    owner: str
    balance: str
    amount: int


@dataclass(frozen=True, slots=True)
class Books:
    """Where everything is, in wei (or the smallest unit of the ERC-20).

    accounts    by address, everyone who ever appeared with money or in a record
    escrow      by number, of every round; 0 once it is over
    sink        what the sink may collect
    deposited, withdrawn, swept   what ever came in and went out
    shortfalls  the first time each balance went below zero; empty if all is well
    """

    accounts: Mapping[str, Account]
    escrow: Mapping[int, int]
    sink: int
    deposited: int
    withdrawn: int
    swept: int
    shortfalls: tuple[Shortfall, ...]

    @property
    def free(self) -> int:
        """All free balances."""
        return sum(account.free for account in self.accounts.values())

    @property
    def locked(self) -> int:
        """All stakes."""
        return sum(account.locked for account in self.accounts.values())

    @property
    def in_escrow(self) -> int:
        """The escrow of all rounds."""
        return sum(self.escrow.values())

    @property
    def total(self) -> int:
        """What the contract must hold."""
        return self.free + self.locked + self.in_escrow + self.sink


def replay(events: Iterable[Event]) -> Books:
    """The books after these events, which must be all since the deployment, in order.

    Raises LedgerError for an event of a round whose opening is not among them.
    """
    ledger = Ledger()
    for event in events:
        ledger.book(event)
    return ledger.books()


class Ledger:
    """Books one event after the other."""

    def __init__(self) -> None:
        self._openings: dict[int, RoundOpened] = {}
        self._balances: dict[Place, int] = {SINK: 0}
        self._deposited = 0
        self._withdrawn = 0
        self._swept = 0
        self._records: dict[str, _Record] = {}
        self._shortfalls: dict[Place, Shortfall] = {}

    def books(self) -> Books:
        """The books after all that was booked."""
        owners = {place.owner for place in self._balances if place.balance in ("free", "locked")}
        return Books(
            accounts={owner: self._account(owner) for owner in sorted(owners | set(self._records))},
            escrow={
                round_id: self._balances[escrow(round_id)] for round_id in sorted(self._openings)
            },
            sink=self._balances[SINK],
            deposited=self._deposited,
            withdrawn=self._withdrawn,
            swept=self._swept,
            shortfalls=tuple(self._shortfalls.values()),
        )

    def book(self, event: Event) -> None:
        """Book the next event. Raises LedgerError for one of a round that was not opened."""
        opened = self._opening(event) if isinstance(event, RoundEvent) else None
        balances = self._balances
        touched: dict[Place, None] = {}
        for _, source, target, amount in movements(event, opened):
            balances[source] = balances.get(source, 0) - amount
            balances[target] = balances.get(target, 0) + amount
            touched[source] = touched[target] = None
        match event:
            case Deposited():
                self._deposited += event.amount
            case Withdrawn():
                self._withdrawn += event.amount
            case Swept():
                self._swept += event.amount
            case RoundEvent() if opened is not None:
                self._note(event, opened.requester)
        # Within an event balances may be below zero for a moment.
        for place in touched:
            if balances[place] < 0 and place is not OUTSIDE and place not in self._shortfalls:
                shortfall = Shortfall(event, place.owner, place.balance, balances[place])
                self._shortfalls[place] = shortfall

    def _opening(self, event: RoundEvent) -> RoundOpened:
        if isinstance(event, RoundOpened):
            self._openings[event.round_id] = event
        if event.round_id not in self._openings:
            raise LedgerError(
                f"events of round {event.round_id} without its opening:"
                " fetch from the deployment on"
            )
        return self._openings[event.round_id]

    def _note(self, event: RoundEvent, requester: str) -> None:
        """What an event means for the records of the labelers and the requester."""
        match event:
            case RoundOpened():
                self._record(requester).note_opened()
            case LeakReported() | Forfeited():
                self._record(event.labeler).note_ended(Band.UNREVEALED, 0)
            case Released():
                self._record(event.labeler).note_ended(Band.VOID, 0)
            case RoundClosed():
                for outcome in event.outcomes:
                    self._record(outcome.labeler).note_ended(outcome.band, outcome.kappa)
                if event.verdict.mode == Mode.VOID:
                    self._record(requester).note_void()
            case RoundExpired():
                self._record(requester).note_void()

    def _record(self, owner: str) -> "_Record":
        return self._records.setdefault(owner, _Record())

    def _account(self, owner: str) -> Account:
        record = self._records.get(owner, _Record())
        return Account(
            free=self._balances.get(free(owner), 0),
            locked=self._balances.get(locked(owner), 0),
            rounds=record.ended,
            near=record.near,
            outlier=record.outlier,
            unrevealed=record.unrevealed,
            kappa=record.kappa_bps,
            opened=record.opened,
            void=record.void,
        )


@dataclass(slots=True)
class _Record:
    """The record of one account under way."""

    ended: int = 0
    near: int = 0
    outlier: int = 0
    unrevealed: int = 0
    kappa_bps: int = 0
    opened: int = 0
    void: int = 0

    def note_ended(self, band: Band, kappa_ppm: int) -> None:
        """One more round that ended for the labeler."""
        if self.ended == MOST_ROUNDS:
            self.ended //= 2
            self.near //= 2
            self.outlier //= 2
            self.unrevealed //= 2
        self.ended += 1
        self.near += band is Band.NEAR
        self.outlier += band is Band.OUTLIER
        self.unrevealed += band is Band.UNREVEALED
        if band in (Band.NEAR, Band.FAR, Band.OUTLIER):
            latest = min(kappa_ppm * BPS // PPM, BPS)
            self.kappa_bps = (self.kappa_bps * (MEMORY - 1) + latest) // MEMORY

    def note_opened(self) -> None:
        """One more round of the requester."""
        if self.opened == MOST_OPENED:
            self.opened //= 2
            self.void //= 2
        self.opened += 1

    def note_void(self) -> None:
        """One of them came to nothing."""
        self.void = min(self.void + 1, self.opened)
