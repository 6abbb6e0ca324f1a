"""A round of the tests as web3 takes it; what its people know is a `Job`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from plumbline.chain.records import Deadlines, rules_tuple
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import EMPTY_HASH, gold_root
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement import LabelerOutcome, Settlement
from plumbline.settlement.sheet import Sheet, pack
from plumbline.settlement.terms import BPS, Kind, ScoringTerms
from tests.world.adapter import TASKS_ROOT
from tests.world.jobs import GOLD_SALT, RULES, Job, Row, truth_of, with_gold
from tests.world.people import Person

TRUTH: Final = tuple(truth_of(RULES))
GOLD_ANSWERS: Final = {task: TRUTH[task] for task in range(0, RULES.tasks, 4)}
GOLD_RULES: Final = with_gold(
    RULES, pack([GOLD_ANSWERS.get(task) for task in range(RULES.tasks)], RULES.options)
)
URI: Final = "ipfs://tasks"


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
    rows: Mapping[Person, Row | None]
    gold_answers: Mapping[int, int]

    @property
    def rules(self) -> ScoringTerms:
        return self.opening.rules

    @property
    def deadlines(self) -> Deadlines:
        return self.opening.deadlines

    @property
    def labelers(self) -> list[Person]:
        return list(self.rows)

    @cached_property
    def job(self) -> Job:
        """The secrets of everyone in it. Who the requester is makes no difference to them."""
        return Job(
            round_id=self.round_id,
            requester=ZERO,
            rules=self.rules,
            deadlines=self.deadlines,
            deployed=self.deployed,
            sheets={
                who: pack(row, self.rules.options)
                for who, row in self.rows.items()
                if row is not None  # of whom nothing will be heard
            },
            gold=gold_sheet(self.rules, self.gold_answers),
            gold_salt=GOLD_SALT if self.gold_answers else EMPTY_HASH,
        )

    @property
    def gold(self) -> tuple[Sheet, bytes]:
        """The gold answers and their salt, as `close` takes them; empty if there are none."""
        return self.job.gold, self.job.gold_salt

    def sheet(self, labeler: Person) -> Sheet:
        return self.job.sheets[labeler]

    def salt(self, labeler: Person) -> bytes:
        return self.job.salt(labeler)

    def commitment(self, labeler: Person) -> bytes:
        return self.job.commitment(labeler)

    def signed(self, labeler: Person, **changes: Any) -> tuple[Any, ...]:
        """A SignedCommitment, ready to be relayed. Changes are signed as well."""
        of = self.job.signed(labeler, **changes)
        return of.labeler, of.commitment, of.r, of.vs, of.sealed, list(of.evidence)

    def entries(self, labelers: Sequence[Person]) -> tuple[list[Person], list[Sheet]]:
        """Labelers and their sheets, as `close` and `expire` take them."""
        return list(labelers), [self.sheet(labeler) for labeler in labelers]

    def openings(self, labelers: Sequence[Person]) -> tuple[list[Person], list[Sheet], list[bytes]]:
        """Labelers, sheets and salts, as `reveal` takes them."""
        return *self.entries(labelers), [self.salt(labeler) for labeler in labelers]

    def settlement(self, revealed: Sequence[Person], withheld: bool = False) -> Settlement:
        """What the reference implementation makes of what was revealed."""
        return self.job.settlement(revealed, withheld)

    def verdict(self, revealed: Sequence[Person], withheld: bool = False) -> tuple[Any, ...]:
        """What the contract should find of the round, as its struct has it."""
        rows = [self.rows[labeler] for labeler in revealed]
        settlement = self.settlement(revealed, withheld)
        return verdict(self.rules, rows, settlement)

    def payroll(self, revealed: Sequence[Person], withheld: bool = False) -> bytes:
        """What the contract should keep of who was paid what."""
        rulings = self.settlement(revealed, withheld).labelers
        return payroll(zip(revealed, rulings, strict=True))


def payroll(rulings: Iterable[tuple[str, LabelerOutcome]]) -> bytes:
    """The running hash over labelers and their rulings."""
    hashed = EMPTY_HASH
    for labeler, ruling in rulings:
        packed = word(ruling.band, ruling.kappa_ppm, ruling.pay, ruling.slash)
        hashed = keccak(encode(["bytes32", "address", "uint256"], [hashed, labeler, packed]))
    return hashed


def word(band: int, kappa: int, pay: int, slash: int) -> int:
    """A ruling, as a close logs it."""
    return band + kappa * 2**8 + pay * 2**32 + slash * 2**120


def verdict(rules: ScoringTerms, rows: Sequence[Row], settlement: Settlement) -> tuple[Any, ...]:
    """A verdict in the order of its struct: mode, crowd's kappa, bar, and planes."""
    decided, *consensus = pack(settlement.consensus, rules.options)
    usable = sum(1 << task for task in settlement.usable_gold)
    if usable:  # only who passed the gold tasks counts
        rows = [row for row, passed in zip(rows, settlement.passed, strict=True) if passed]
    close = sum(1 << task for task in range(rules.tasks) if _is_close(rules, rows, task))
    head = (int(settlement.mode), settlement.crowd_kappa_ppm, settlement.bar_ppm)
    return *head, usable, decided, decided & close, tuple(consensus)


def verdict_hash(verdict: Sequence[Any], payroll: bytes) -> bytes:
    """What a round keeps of how it ended."""
    types = ["bytes32", *["uint256"] * 6, "uint256[4]", "bytes32"]
    return keccak(encode(types, [TASKS_ROOT, *verdict, payroll]))


def _is_close(rules: ScoringTerms, rows: Sequence[Row], task: int) -> bool:
    """Whether somebody may not be measured by what the crowd says about a task."""
    votes = Counter(row[task] for row in rows if row[task] is not None)
    if rules.kind is Kind.ORDINAL:
        return votes.total() < 3
    first, second = (*sorted(votes.values(), reverse=True), 0, 0)[:2]
    margin = max(2, -(-rules.tau_bps * votes.total() // BPS))
    return first - second <= margin


def gold_sheet(rules: ScoringTerms, gold: Mapping[int, int]) -> Sheet:
    """Gold answers by task, as a sheet."""
    return pack([gold.get(task) for task in range(rules.tasks)], rules.options)


def root_of(
    deployed: Deployed, requester: str, rules: ScoringTerms, gold: Mapping[int, int]
) -> bytes:
    """The commitment to gold answers; zero if there are none."""
    if not gold:
        return EMPTY_HASH
    return gold_root(deployed.domain, requester, gold_sheet(rules, gold), GOLD_SALT)
