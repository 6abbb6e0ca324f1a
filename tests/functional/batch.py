"""A round of the tests: its terms, and the secrets of everyone in it."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from plumbline.chain.records import Deadlines, rules_tuple
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import EMPTY_HASH, commitment, gold_root, sign
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement import Settlement, settle
from plumbline.settlement.sheet import Sheet, pack
from plumbline.settlement.terms import BPS, Kind, ScoringTerms
from tests.functional.chain import Person

Row = Sequence[int | None]

# Odd amounts, so that no division comes out even.
RULES: Final = ScoringTerms(
    kind=Kind.NOMINAL,
    options=3,
    width=1,
    tasks=36,
    price=1_000_000_000_000_007,
    stake=700_000_000_000_003,
    seats=8,
    r_min=3,
    tau_bps=200,
    rho_bps=5_000,
    slash_base_bps=2_500,
    slash_max_bps=5_000,
    showup_bps=1_000,
    gold_pass_bps=4_800,
    gold_slash_bps=1_600,
)
TRUTH: Final = tuple(random.Random(1).choices(range(RULES.options), k=RULES.tasks))
GOLDS: Final = {task: TRUTH[task] for task in range(0, RULES.tasks, 4)}

TASKS_ROOT: Final = keccak(text="tasks")
GOLD_SALT: Final = keccak(text="golds")
URI: Final = "ipfs://tasks"


def mistaken(every: int, start: int = 0, by: int = 1) -> list[int | None]:
    """The truth but for each task that `every` divides, counted from `start`."""
    row: list[int | None] = list(TRUTH)
    for task in range(start, RULES.tasks, every):
        row[task] = (TRUTH[task] + by) % RULES.options
    return row


# From the most to the least careful: without gold four get the full price, the next a part and
# the last is an outlier; with gold the fifth is far.
ROWS: Final[tuple[Row, ...]] = (
    TRUTH,
    [None, *mistaken(every=12, start=5)[1:]],
    mistaken(every=9, start=3),
    mistaken(every=6, start=1),
    [truth if task % 3 == 0 else task % 3 for task, truth in enumerate(TRUTH)],
    mistaken(every=1, by=2),
)


@dataclass(frozen=True)
class Opening:
    """What a round is opened with; its fields are the arguments of `open`, in that order."""

    rules: ScoringTerms
    deadlines: Deadlines
    tasks_root: bytes = TASKS_ROOT
    gold_root: bytes = EMPTY_HASH
    admission: str = ZERO
    uri: str = URI

    @property
    def args(self) -> tuple[Any, ...]:
        times = (self.deadlines.commit, self.deadlines.reveal, self.deadlines.gold)
        rest = (self.tasks_root, self.gold_root, self.admission, self.uri)
        return rules_tuple(self.rules), times, *rest


@dataclass(frozen=True)
class Batch:
    """An open round. Nothing in it changes, so that tests may share it."""

    round_id: int
    opening: Opening
    deployed: Deployed
    rows: Mapping[Person, Row]
    golds: Mapping[int, int]

    @property
    def rules(self) -> ScoringTerms:
        return self.opening.rules

    @property
    def deadlines(self) -> Deadlines:
        return self.opening.deadlines

    @property
    def labelers(self) -> list[Person]:
        return list(self.rows)

    @property
    def gold(self) -> tuple[Sheet, bytes]:
        """The gold answers and their salt, as `close` takes them; empty if there are none."""
        return gold_sheet(self.rules, self.golds), GOLD_SALT if self.golds else EMPTY_HASH

    def sheet(self, labeler: Person) -> Sheet:
        return pack(self.rows[labeler], self.rules.options)

    def salt(self, labeler: Person) -> bytes:
        return keccak(text=f"salt of {labeler} in {self.round_id}")

    def commitment(self, labeler: Person) -> bytes:
        sheet, salt = self.sheet(labeler), self.salt(labeler)
        return commitment(self.deployed.domain, self.round_id, labeler, sheet, salt)

    def signed(self, labeler: Person, **changes: Any) -> tuple[Any, ...]:
        """A SignedCommitment, ready to be relayed. Changes are signed as well."""
        if "commitment" not in changes:
            changes["commitment"] = self.commitment(labeler)
        values = {
            "deployed": self.deployed,
            "round_id": self.round_id,
            "stake": self.rules.stake,
            "sealed": b"",
            "evidence": (),
        }
        return labeler, *_signature(labeler, **{**values, **changes})

    def entries(self, labelers: Sequence[Person]) -> tuple[list[Person], list[Sheet]]:
        """Labelers and their sheets, as `close` and `expire` take them."""
        return list(labelers), [self.sheet(labeler) for labeler in labelers]

    def openings(self, labelers: Sequence[Person]) -> tuple[list[Person], list[Sheet], list[bytes]]:
        """Labelers, sheets and salts, as `reveal` takes them."""
        return *self.entries(labelers), [self.salt(labeler) for labeler in labelers]

    def settlement(self, revealed: Sequence[Person], withheld: bool = False) -> Settlement:
        """What the reference implementation makes of what was revealed."""
        rows = [self.rows[labeler] for labeler in revealed]
        return settle(self.rules, rows, {} if withheld else self.golds, withheld)

    def verdict(self, revealed: Sequence[Person], withheld: bool = False) -> tuple[Any, ...]:
        """What the contract should find of the round, as its struct has it."""
        rows = [self.rows[labeler] for labeler in revealed]
        settlement = self.settlement(revealed, withheld)
        return verdict(self.rules, rows, settlement)


def verdict(rules: ScoringTerms, rows: Sequence[Row], settlement: Settlement) -> tuple[Any, ...]:
    """A verdict in the order of its struct: mode, crowd's kappa, bar, and planes."""
    decided, *consensus = pack(settlement.consensus, rules.options)
    usable = sum(1 << task for task in settlement.usable_gold)
    close = sum(1 << task for task in range(rules.tasks) if _is_close(rules, rows, task))
    head = (int(settlement.mode), settlement.crowd_kappa_ppm, settlement.bar_ppm)
    return *head, usable, decided, decided & close, tuple(consensus)


def verdict_hash(verdict: Sequence[Any]) -> bytes:
    """What a round keeps of its verdict."""
    return keccak(encode(["bytes32", *["uint256"] * 6, "uint256[4]"], [TASKS_ROOT, *verdict]))


def _is_close(rules: ScoringTerms, rows: Sequence[Row], task: int) -> bool:
    """Whether somebody may not be measured by what the crowd says about a task."""
    votes = Counter(row[task] for row in rows if row[task] is not None)
    if rules.kind is Kind.ORDINAL:
        return votes.total() < 3
    first, second = (*sorted(votes.values(), reverse=True), 0, 0)[:2]
    margin = max(2, -(-rules.tau_bps * votes.total() // BPS))
    return first - second <= margin


def gold_sheet(rules: ScoringTerms, golds: Mapping[int, int]) -> Sheet:
    """Gold answers by task, as a sheet."""
    return pack([golds.get(task) for task in range(rules.tasks)], rules.options)


def root_of(
    deployed: Deployed, requester: str, rules: ScoringTerms, golds: Mapping[int, int]
) -> bytes:
    """The commitment to gold answers; zero if there are none."""
    if not golds:
        return EMPTY_HASH
    return gold_root(deployed.domain, requester, gold_sheet(rules, golds), GOLD_SALT)


@cache
def _signature(
    signer: Person,
    deployed: Deployed,
    round_id: int,
    stake: int,
    commitment: bytes,
    sealed: bytes,
    evidence: tuple[bytes, ...],
) -> tuple[Any, ...]:
    signed = sign(signer.key, deployed, round_id, stake, commitment, sealed)
    return signed.commitment, signed.r, signed.vs, sealed, list(evidence)
