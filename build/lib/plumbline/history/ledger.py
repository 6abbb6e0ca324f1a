"""The books of a deployment, rebuilt from events alone.

Every unit of the asset that came in is in exactly one place: free in an account, locked there
as a stake, in the escrow of a round, or left to the sink. Each event moves some of it. The
rules followed here are those of docs/specification.md, not a translation of the contract.

Event           from                    to
Deposited       outside                 free
Withdrawn       free                    outside
Swept           sink                    outside
RoundOpened     free of the requester   escrow: price * seats
Committed       free                    locked: the stake
RoundClosed     locked, escrow          free of each labeler: stake - slash + pay
                escrow, slashes         free of the requester: refund; sink: to_sink
LeakReported    locked                  free: stake - slash; free of the reporter: bounty; sink
Forfeited       locked                  free: stake - slash; sink: slash
Released        locked                  free: the stake
RoundExpired    escrow                  free of the requester: refund
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from plumbline.chain.events import (
    Committed,
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
from plumbline.settlement import Band, Mode
from plumbline.settlement.terms import BPS, PPM, ScoringTerms

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
        self._pages: dict[str, _Page] = {}
        self._rounds: dict[int, _Pot] = {}
        self._sink = 0
        self._deposited = 0
        self._withdrawn = 0
        self._swept = 0
        self._shortfalls: dict[tuple[str, str], Shortfall] = {}

    def books(self) -> Books:
        """The books after all that was booked."""
        return Books(
            accounts={owner: page.account() for owner, page in sorted(self._pages.items())},
            escrow={round_id: pot.escrow for round_id, pot in sorted(self._rounds.items())},
            sink=self._sink,
            deposited=self._deposited,
            withdrawn=self._withdrawn,
            swept=self._swept,
            shortfalls=tuple(self._shortfalls.values()),
        )

    def book(self, event: Event) -> None:
        """Book the next event. Raises LedgerError for one of a round that was not opened."""
        match event:
            case Deposited():
                self._deposited += event.amount
                self._page(event.account).free += event.amount
            case Withdrawn():
                self._withdrawn += event.amount
                self._page(event.account).free -= event.amount
                self._watch(event, event.account)
            case Swept():
                self._swept += event.amount
                self._sink -= event.amount
                self._note(event, "sink", "sink", self._sink)
            case RoundOpened():
                self._open(event)
            case RoundEvent():
                self._book_in(event, self._pot(event))

    def _book_in(self, event: RoundEvent, pot: "_Pot") -> None:
        """An event of a round that was opened."""
        match event:
            case Committed():
                page = self._page(event.labeler)
                page.free -= pot.rules.stake
                page.locked += pot.rules.stake
                self._watch(event, event.labeler)
            case LeakReported():
                self._end_seat(event, event.labeler, pot, event.slash)
                self._page(event.labeler).note(Band.UNREVEALED, 0)
                self._page(event.reporter).free += event.bounty
                self._sink += event.slash - event.bounty
            case Forfeited():
                self._end_seat(event, event.labeler, pot, event.slash)
                self._page(event.labeler).note(Band.UNREVEALED, 0)
                self._sink += event.slash
            case Released():
                self._end_seat(event, event.labeler, pot)
                self._page(event.labeler).note(Band.VOID, 0)
            case RoundClosed():
                for one in event.outcomes:
                    self._end_seat(event, one.labeler, pot, one.slash, one.pay)
                    self._page(one.labeler).note(one.band, one.kappa)
                # What the slashes do not explain of the sink's share is forfeit pay.
                slashed = sum(one.slash for one in event.outcomes)
                pot.escrow -= sum(one.pay for one in event.outcomes)
                pot.escrow -= event.refund + event.to_sink - slashed
                self._sink += event.to_sink
                self._refund(event, pot, event.refund, event.verdict.mode == Mode.VOID)
            case RoundExpired():
                pot.escrow -= event.refund
                self._refund(event, pot, event.refund, is_void=True)

    def _open(self, event: RoundOpened) -> None:
        escrow = event.rules.price * event.rules.seats
        page = self._page(event.requester)
        page.free -= escrow
        page.note_opened()
        self._rounds[event.round_id] = _Pot(event.requester, event.rules, escrow)
        self._watch(event, event.requester)

    def _end_seat(
        self, event: RoundEvent, labeler: str, pot: "_Pot", slash: int = 0, pay: int = 0
    ) -> None:
        page = self._page(labeler)
        page.locked -= pot.rules.stake
        page.free += pot.rules.stake - slash + pay
        self._watch(event, labeler)

    def _refund(
        self, event: RoundClosed | RoundExpired, pot: "_Pot", refund: int, is_void: bool
    ) -> None:
        page = self._page(pot.requester)
        page.free += refund
        if is_void:
            page.note_void()
        self._note(event, f"round {event.round_id}", "escrow", pot.escrow)

    def _page(self, owner: str) -> "_Page":
        return self._pages.setdefault(owner, _Page())

    def _pot(self, event: RoundEvent) -> "_Pot":
        if event.round_id not in self._rounds:
            raise LedgerError(
                f"events of round {event.round_id} without its opening:"
                " fetch from the deployment on"
            )
        return self._rounds[event.round_id]

    def _watch(self, event: Event, owner: str) -> None:
        page = self._page(owner)
        self._note(event, owner, "free", page.free)
        self._note(event, owner, "locked", page.locked)

    def _note(self, event: Event, owner: str, balance: str, amount: int) -> None:
        if amount < 0 and (owner, balance) not in self._shortfalls:
            self._shortfalls[owner, balance] = Shortfall(event, owner, balance, amount)


@dataclass(slots=True)
class _Pot:
    """The money of one round that is not in anybody's account."""

    requester: str
    rules: ScoringTerms
    escrow: int


@dataclass(slots=True)
class _Page:
    """One account under way."""

    free: int = 0
    locked: int = 0
    ended: int = 0
    near: int = 0
    outlier: int = 0
    unrevealed: int = 0
    kappa_bps: int = 0
    opened: int = 0
    void: int = 0

    def note(self, band: Band, kappa_ppm: int) -> None:
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

    def account(self) -> Account:
        return Account(
            free=self.free,
            locked=self.locked,
            rounds=self.ended,
            near=self.near,
            outlier=self.outlier,
            unrevealed=self.unrevealed,
            kappa=self.kappa_bps,
            opened=self.opened,
            void=self.void,
        )
