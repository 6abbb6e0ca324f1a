"""Books of records: which rounds count for a gate, and entering them.

How a round ended is shown with what its opening and its closing event say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from web3 import Web3

from plumbline.chain.builds import seating_abi
from plumbline.chain.call import Call
from plumbline.chain.event_abi import event_kinds
from plumbline.chain.events import Event, RoundClosed, RoundOpened
from plumbline.chain.logs import read_logs
from plumbline.chain.packing import account_from
from plumbline.chain.records import Account, Verdict, verdict_tuple
from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.protocol.outcomes import Outcome, payroll_of, to_word
from plumbline.seating.client import (
    SeatingContract,
    SeatingError,
    code_at,
    kind_of,
    selector_of,
)

MOST_VOUCHED: Final = 16
BOOK: Final = "RecordBook"


class BookError(PlumblineError):
    """A book that no contract would keep, or a round that does not belong into it."""


@dataclass(frozen=True, slots=True)
class ShownClosing:
    """How a round ended, as contracts are shown it; `outcomes` are of all who revealed, in the
    order of the roll.
    """

    round_id: int
    tasks_root: bytes
    verdict: Verdict
    outcomes: tuple[Outcome, ...]

    @classmethod
    def of(cls, opened: RoundOpened, closed: RoundClosed) -> "ShownClosing":
        """From the events of a round. Raises BookError if they are of two rounds."""
        if opened.round_id != closed.round_id:
            raise BookError(f"rounds {opened.round_id} and {closed.round_id} are two")
        return cls(opened.round_id, opened.tasks_root, closed.verdict, closed.outcomes)

    @property
    def payroll(self) -> bytes:
        """The hash over labelers and rulings that the round keeps, 32 bytes."""
        return payroll_of(self.outcomes)

    @property
    def labelers(self) -> tuple[str, ...]:
        """Who answered."""
        return tuple(outcome.labeler for outcome in self.outcomes)

    def values(self) -> tuple[Any, ...]:
        """In the order of the contract's struct."""
        return (
            self.round_id,
            self.tasks_root,
            verdict_tuple(self.verdict),
            [checksum(labeler) for labeler in self.labelers],
            [to_word(outcome) for outcome in self.outcomes],
        )


def closings_in(events: Iterable[Event]) -> dict[int, ShownClosing]:
    """How rounds ended that are closed, by number, from the events of a deployment."""
    opened: dict[int, RoundOpened] = {}
    found: dict[int, ShownClosing] = {}
    for event in events:
        if isinstance(event, RoundOpened):
            opened[event.round_id] = event
        elif isinstance(event, RoundClosed) and event.round_id in opened:
            found[event.round_id] = ShownClosing.of(opened[event.round_id], event)
    return found


def counts(vouched: Sequence[str], opened: RoundOpened) -> bool:
    """Whether a round counts in a book: its requester or its policy is vouched for."""
    return opened.requester in vouched or opened.admission in vouched


def require_vouched(vouched: Sequence[str]) -> None:
    """Raise BookError for what the contract would not take."""
    if not 0 < len(vouched) <= MOST_VOUCHED:
        raise BookError(
            f"{len(vouched)} requesters and policies: a book vouches for 1 to {MOST_VOUCHED}"
        )
    if ZERO in vouched:
        raise BookError("the zero address stands for rounds without a policy: name another")


def book_at(w3: Web3, label_rounds: str, address: str) -> "RecordBook":
    """The book of a deployment at an address. Raises SeatingError if there is none."""
    if kind_of(code_at(w3, checksum(address))) != BOOK:
        raise SeatingError(
            f"{checksum(address)} is no book of records: check the address, or create a book with "
            "`plumbline book create`"
        )
    book = RecordBook(w3, address)
    there = book.label_rounds()
    if there != checksum(label_rounds):
        raise SeatingError(
            f"the book {book.address} is about rounds of {there}: name one of this deployment"
        )
    return book


class RecordBook:
    """A book on a chain."""

    def __init__(self, w3: Web3, address: str) -> None:
        """Asks the node nothing yet."""
        self._contract = SeatingContract(w3, address, BOOK)
        self.address = self._contract.address

    def label_rounds(self) -> str:
        """The deployment whose rounds are entered. Raises SeatingError, as all that follow."""
        return checksum(self._contract.read("LABEL_ROUNDS"))

    def vouched(self) -> tuple[str, ...]:
        """The requesters and policies whose rounds count."""
        return tuple(checksum(each) for each in self._contract.read("vouched"))

    def is_entered(self, round_id: int) -> bool:
        """Whether a round is in it already."""
        return bool(self._contract.read("is_entered", round_id))

    def entered(self, first: int) -> frozenset[int]:
        """The rounds that were entered since a block. Raises EventsError."""
        w3 = self._contract.w3
        kinds = {kind.topic: kind for kind in event_kinds(seating_abi(BOOK))}
        return frozenset(
            int(value)
            for log in read_logs(w3, self.address, first, int(w3.eth.block_number))
            for _, _, value in kinds[log.topics[0]].values(log)
        )

    def record(self, labeler: str) -> Account:
        """The record of a labeler in the rounds that count; balances are 0."""
        return account_from(self._contract.read("account", checksum(labeler)))

    def is_entering(self, call: Call) -> bool:
        """Whether a call enters a round into this book."""
        return call.to == self.address and call.data.startswith(selector_of(BOOK, "enter"))

    def enter(self, closing: ShownClosing) -> Call:
        """The call that enters a round; anyone may send it."""
        return self._contract.call(
            "enter",
            [closing.values()],
            f"Enter round {closing.round_id} into the book of records {self.address}.",
        )
