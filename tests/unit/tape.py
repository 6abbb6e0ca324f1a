"""Whole rounds written down as their events, settled by the twin: a marketplace without a chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_account import Account
from eth_utils.crypto import keccak

from plumbline.chain.events import (
    Committed,
    Deposited,
    Event,
    Forfeited,
    GoldOpened,
    LeakReported,
    Released,
    Revealed,
    RoundClosed,
    RoundExpired,
    RoundOpened,
    Swept,
    Withdrawn,
)
from plumbline.chain.records import Deadlines, Verdict
from plumbline.history.rounds import RoundHistory, history
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.protocol.outcomes import Outcome
from plumbline.settlement import settle
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import BPS, LEAK_BOUNTY_BPS, Kind, ScoringTerms

Row = Sequence[int | None]


def person(name: str) -> str:
    """The address of somebody."""
    return Account.from_key(keccak(text=name)).address


REQUESTER, REPORTER, STRANGER = person("requester"), person("reporter"), person("stranger")


def terms(**changes: Any) -> ScoringTerms:
    """A binary round of 48 tasks for nine, with odd amounts."""
    values: dict[str, Any] = {
        "kind": Kind.NOMINAL,
        "options": 2,
        "width": 1,
        "tasks": 48,
        "price": 1_000_000_000_000_007,
        "stake": 700_000_000_000_003,
        "seats": 9,
        "r_min": 3,
        "tau_bps": 200,
        "rho_bps": 5_000,
        "slash_base_bps": 2_500,
        "slash_max_bps": 5_000,
        "showup_bps": 1_000,
        "gold_pass_bps": 5_000,
        "gold_slash_bps": 2_500,
    }
    return ScoringTerms(**{**values, **changes})


@dataclass
class Tape:
    """Events in the order of the chain; each call of `turn` begins another transaction."""

    events: list[Event] = field(default_factory=list)
    block: int = 100
    index: int = 0
    rounds: int = 0

    def turn(self) -> None:
        """The next event is in another transaction, in a block of its own."""
        self.block += 1
        self.index = 0

    def add(self, kind: type[Event], *fields: Any) -> None:
        transaction = keccak(text=f"transaction of block {self.block}")
        self.events.append(kind(self.block, self.index, transaction, *fields))
        self.index += 1

    def deposit(self, account: str, amount: int, payer: str | None = None) -> None:
        self.turn()
        self.add(Deposited, account, payer or account, amount)

    def withdraw(self, account: str, amount: int, receiver: str | None = None) -> None:
        self.turn()
        self.add(Withdrawn, account, receiver or account, amount)

    def sweep(self, amount: int) -> None:
        self.turn()
        self.add(Swept, amount)

    def open(self, rules: ScoringTerms, has_gold: bool = False, uri: str = "ipfs://x") -> int:
        """Open a round, and pay for it before."""
        self.deposit(REQUESTER, rules.price * rules.seats)
        self.turn()
        self.rounds += 1
        root = keccak(text="golds") if has_gold else EMPTY_HASH
        deadlines = Deadlines(1_000, 2_000, 3_000 if has_gold else 0)
        tasks = keccak(text="tasks")
        self.add(RoundOpened, self.rounds, REQUESTER, rules, deadlines, tasks, root, ZERO, uri)
        return self.rounds

    def commit(self, rules: ScoringTerms, labelers: Sequence[str], batch: int = 1) -> None:
        """Deposit the stakes, then commit, so many in one transaction."""
        for labeler in labelers:
            self.deposit(labeler, rules.stake)
        for place, labeler in enumerate(labelers):
            if place % batch == 0:
                self.turn()
            self.add(Committed, self.rounds, labeler, keccak(text=labeler), b"seal" * (place % 3))

    def reveal(
        self, rules: ScoringTerms, labelers: Sequence[str], rows: Sequence[Row], batch: int = 1
    ) -> None:
        for place, (labeler, row) in enumerate(zip(labelers, rows, strict=True)):
            if place % batch == 0:
                self.turn()
            sheet = pack(row, rules.options)
            self.add(Revealed, self.rounds, labeler, keccak(text=f"salt {labeler}"), sheet)

    def close(
        self,
        rules: ScoringTerms,
        labelers: Sequence[str],
        rows: Sequence[Row],
        gold: Mapping[int, int] | None = None,
        withheld: bool = False,
    ) -> None:
        """Judge those who revealed, by the twin."""
        self.turn()
        made = settle(rules, rows, gold or {}, withheld)
        if gold:
            sheet = pack([gold.get(task) for task in range(rules.tasks)], rules.options)
            self.add(GoldOpened, self.rounds, keccak(text="gold salt"), sheet)
        outcomes = tuple(map(Outcome.of, labelers, made.labelers))
        verdict = Verdict.of(made, rules.options)
        self.add(RoundClosed, self.rounds, verdict, outcomes, made.paid, made.refund, made.burned)

    def leak(self, rules: ScoringTerms, labeler: str, row: Row) -> None:
        self.turn()
        slash = rules.stake * rules.slash_max_bps // BPS
        bounty = rules.stake * LEAK_BOUNTY_BPS // BPS
        salt = keccak(text=f"salt {labeler}")
        sheet = pack(row, rules.options)
        self.add(LeakReported, self.rounds, labeler, REPORTER, salt, sheet, slash, bounty)

    def forfeit(self, rules: ScoringTerms, labeler: str, round_id: int | None = None) -> None:
        self.turn()
        slash = rules.stake * rules.slash_max_bps // BPS
        self.add(Forfeited, round_id or self.rounds, labeler, slash)

    def expire(self, rules: ScoringTerms, labelers: Sequence[str]) -> None:
        self.turn()
        for labeler in labelers:
            self.add(Released, self.rounds, labeler, rules.stake)
        self.add(RoundExpired, self.rounds, rules.price * rules.seats)

    def history(self, round_id: int | None = None) -> RoundHistory:
        return history(self.events)[round_id or self.rounds]


def simple_round(
    rows: Sequence[Row], batch: int = 1, names: Sequence[str] | None = None, **changes: Any
) -> Tape:
    """One round in which all revealed these rows, closed."""
    tape = Tape()
    labelers = list(names) if names else [person(f"labeler {n}") for n in range(len(rows))]
    rules = terms(seats=max(3, len(rows)), tasks=len(rows[0]), **changes)
    tape.open(rules)
    tape.commit(rules, labelers, batch)
    tape.reveal(rules, labelers, rows, batch)
    tape.close(rules, labelers, rows)
    return tape
