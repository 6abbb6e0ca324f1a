"""What an audit found, as plain data for a table or JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any, Final

from plumbline.chain.events import Event
from plumbline.chain.records import Account, RoundState, Verdict
from plumbline.formats.plain_data import plain_data

_Record = Account | RoundState | Verdict

_AMOUNTS: Final = frozenset(
    {
        *("escrow", "paid", "refund", "slashed", "bounties", "to_sink"),
        *("deposited", "withdrawn", "swept", "free", "locked", "sink", "books", "held"),
    }
)


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it must be.

    round_id   the round, None for what belongs to none
    labeler    the address concerned (an account, also a requester's), None for none
    what       what was compared, in words
    expected   what follows from the rules, as text; amounts in wei, bytes as 0x hex
    found      what the events or the chain say instead
    """

    round_id: int | None
    labeler: str | None
    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        where = [] if self.round_id is None else [f"round {self.round_id}"]
        where += [] if self.labeler is None else [self.labeler]
        place = ", ".join(where) or "deployment"
        return f"{place}: {self.what}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class RoundSummary:
    """A round in one line; amounts in wei, kappa in ppm.

    state     open, closed or expired
    mode      void, peer or gold; empty unless closed
    gold_withheld    whether it was closed without the credible gold answers that it promised
    gone      seats leaked or forfeited
    escrow    what is still in it
    slashed   of all seats, the silent and the leaked too
    to_sink   what the closing, forfeits and leaks left to the sink
    """

    round_id: int
    requester: str
    state: str
    mode: str
    gold_withheld: bool
    tasks: int
    seats: int
    committed: int
    revealed: int
    gone: int
    crowd_kappa: int
    escrow: int
    paid: int
    refund: int
    slashed: int
    bounties: int
    to_sink: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The sum of all books, in wei (or the smallest unit of the ERC-20).

    `held` is what the contract holds of the asset; it may be more than `books`, since nobody
    can be kept from sending there, but never less.
    """

    deposited: int
    withdrawn: int
    swept: int
    free: int
    locked: int
    escrow: int
    sink: int
    books: int
    held: int


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The result of an audit up to and including one block.

    checks     how many values were compared
    rounds     one summary each
    totals     None if only one round was audited: books take the events of all
    notes      what an auditor should know but is no difference
    """

    chain_id: int
    address: str
    block: int
    block_hash: str
    events: int
    accounts: int
    checks: int
    rounds: tuple[RoundSummary, ...]
    totals: Totals | None
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether everything agrees to the wei."""
        return not self.differences

    def with_notes(self, notes: Sequence[str]) -> "AuditReport":
        """The same with more to be known, before what is noted already."""
        return replace(self, notes=(*notes, *self.notes))

    def to_json(self) -> dict[str, Any]:
        """Plain data; amounts as decimal strings, since JSON readers hold numbers as doubles."""
        return {**plain_data(self, _AMOUNTS), "is_clean": self.is_clean}


class Findings:
    """Collects differences, and counts what was compared."""

    def __init__(self) -> None:
        self.differences: list[Difference] = []
        self.checks = 0

    def compare(
        self,
        what: str,
        expected: object,
        found: object,
        round_id: int | None = None,
        labeler: str | None = None,
    ) -> None:
        """Note a difference unless both are the same."""
        self.checks += 1
        if expected != found:
            self.differences.append(
                Difference(round_id, labeler, what, as_text(expected), as_text(found))
            )

    def compare_fields(
        self,
        what: str,
        expected: _Record,
        found: _Record,
        round_id: int | None = None,
        labeler: str | None = None,
    ) -> None:
        """Compare two records of one class, field by field."""
        for part in fields(expected):
            name = f"{what}, {part.name}"
            pair = getattr(expected, part.name), getattr(found, part.name)
            self.compare(name, *pair, round_id, labeler)

    def refuse(
        self,
        what: str,
        expected: str,
        found: str,
        round_id: int | None = None,
        labeler: str | None = None,
    ) -> None:
        """Note what cannot be compared, only refused."""
        self.differences.append(Difference(round_id, labeler, what, expected, found))


def as_text(value: object) -> str:
    """A value as it stands in a difference."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, Enum):
        return value.name.lower()
    if value is None:
        return "none"
    return str(value)


def place(event: Event) -> str:
    """Where an event stands, in words."""
    return f"{type(event).__name__} in block {event.block}, log {event.log_index}"
