"""Rounds to play: their terms, and the secrets of everyone in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random
from typing import Any, Final

from eth_utils.crypto import keccak

from plumbline.chain.records import Deadlines
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import (
    EMPTY_HASH,
    EMPTY_SHEET,
    Opening,
    RollEntry,
    SignedCommitment,
    commitment,
    gold_root,
)
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement import Settlement, settle
from plumbline.settlement.sheet import Sheet, pack, unpack
from plumbline.settlement.terms import MIN_SEATS, Kind, ScoringTerms, usual_terms
from tests.world.people import Person, signed

GOLD_SALT: Final = keccak(text="golds")

# Odd, so that no division comes out even; wei.
PRICE: Final = 1_000_000_000_000_007
STAKE: Final = 700_000_000_000_003

Row = Sequence[int | None]


def odd_terms(
    kind: Kind, options: int, width: int, tasks: int, seats: int, gold_count: int = 0
) -> ScoringTerms:
    """Usual terms with odd amounts, for rounds of as few as there may be."""
    usual = usual_terms(kind, options, width, tasks, PRICE, STAKE, seats, gold_count)
    return replace(usual, r_min=MIN_SEATS)


RULES: Final = odd_terms(Kind.NOMINAL, options=3, width=1, tasks=36, seats=8)
"""Of most rounds of these tests."""


def with_gold(rules: ScoringTerms, gold: Sheet) -> ScoringTerms:
    """The same shape of round on the usual terms of one with so many gold answers."""
    return odd_terms(
        rules.kind, rules.options, rules.width, rules.tasks, rules.seats, gold[0].bit_count()
    )


def truth_of(rules: ScoringTerms) -> list[int]:
    """What there is to be found."""
    return Random(1).choices(range(rules.options), k=rules.tasks)


def mistaken(rules: ScoringTerms, every: int, start: int = 0, by: int = 1) -> list[int | None]:
    """The truth but for each task that `every` divides, counted from `start`."""
    row: list[int | None] = [*truth_of(rules)]
    for task in range(start, rules.tasks, every):
        row[task] = (truth_of(rules)[task] + by) % rules.options
    return row


def crowd_of(rules: ScoringTerms) -> list[Row]:
    """From the most to the least careful: four are near, the fifth is far, and the last is an
    outlier, who does not pass gold answers either.
    """
    truth = truth_of(rules)
    return [
        truth,
        [None, *mistaken(rules, every=12, start=5)[1:]],
        mistaken(rules, every=9, start=3),
        mistaken(rules, every=6, start=1),
        [true if task % 3 == 0 else task % rules.options for task, true in enumerate(truth)],
        mistaken(rules, every=1, by=2),
    ]


@dataclass(frozen=True)
class Job:
    """An open round and what the tests know of it. Nothing in it changes, so tests may share it."""

    round_id: int
    requester: str
    rules: ScoringTerms
    deadlines: Deadlines
    deployed: Deployed
    sheets: Mapping[str, Sheet] = field(default_factory=dict)
    gold: Sheet = EMPTY_SHEET
    gold_salt: bytes = EMPTY_HASH
    admission: str = ZERO

    @cached_property
    def gold_root(self) -> bytes:
        if self.gold == EMPTY_SHEET and self.gold_salt == EMPTY_HASH:
            return EMPTY_HASH
        return gold_root(self.deployed.domain, self.requester, self.gold, self.gold_salt)

    @property
    def labelers(self) -> list[str]:
        return list(self.sheets)

    def salt(self, labeler: str) -> bytes:
        return keccak(text=f"salt of {labeler} in {self.round_id}")

    def opening(self, labeler: str) -> Opening:
        return Opening(labeler, self.sheets[labeler], self.salt(labeler))

    def openings(self, labelers: Sequence[str] | None = None) -> list[Opening]:
        return [self.opening(labeler) for labeler in self._these(labelers)]

    def entries(self, labelers: Sequence[str] | None = None) -> list[RollEntry]:
        return [RollEntry(labeler, self.sheets[labeler]) for labeler in self._these(labelers)]

    def commitment(self, labeler: str) -> bytes:
        sheet, salt = self.sheets[labeler], self.salt(labeler)
        return commitment(self.deployed.domain, self.round_id, labeler, sheet, salt)

    def signed(self, labeler: Person, **changes: Any) -> SignedCommitment:
        """The labeler's consent; changes, as to `evidence`, are signed as well."""
        if "commitment" not in changes:
            changes["commitment"] = self.commitment(labeler)
        values = {
            "deployed": self.deployed,
            "round_id": self.round_id,
            "stake": self.rules.stake,
        }
        return signed(labeler, **{**values, **changes})

    def settlement(
        self, labelers: Sequence[str] | None = None, withheld: bool = False
    ) -> Settlement:
        """What the reference implementation makes of it if these revealed."""
        options, tasks = self.rules.options, self.rules.tasks
        rows = [unpack(self.sheets[labeler], options, tasks) for labeler in self._these(labelers)]
        known = enumerate(unpack(self.gold, options, tasks))
        gold = {task: answer for task, answer in known if answer is not None}
        return settle(self.rules, rows, {} if withheld else gold)

    def _these(self, labelers: Sequence[str] | None) -> Sequence[str]:
        return self.labelers if labelers is None else labelers


def gold_sheet(rules: ScoringTerms, every: int = 4) -> Sheet:
    """The truth of each task that `every` divides, as gold answers."""
    truth = truth_of(rules)
    known = [truth[task] if task % every == 0 else None for task in range(rules.tasks)]
    return pack(known, rules.options)
