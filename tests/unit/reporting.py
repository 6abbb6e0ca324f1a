"""Rounds in every state, as events say them, and an audit's word on them, for reports."""

from dataclasses import dataclass, field, replace
from random import Random

from eth_utils.crypto import keccak

from plumbline.audit.report import AuditReport, Difference
from plumbline.chain.deployment import Deployment
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
)
from plumbline.chain.records import Deadlines, Verdict
from plumbline.history.rounds import RoundHistory, history
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.protocol.outcomes import Outcome
from plumbline.settlement import Band, Mode, settle
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import BPS, LEAK_BOUNTY_BPS, Kind, ScoringTerms
from tests.differential.crowds import Round

OPENED = 1_700_000_000  # unix seconds
HOUR = 3_600
NOISE = 0  # a seed of dice among whom there is no agreement
REQUESTER = checksum("0x" + keccak(text="requester")[:20].hex())

TERMS = ScoringTerms(
    kind=Kind.NOMINAL,
    options=2,
    width=1,
    tasks=24,
    price=1_000_000_000_000_007,
    stake=700_000_000_000_003,
    seats=9,
    r_min=3,
    tau_bps=200,
    rho_bps=5_000,
    slash_base_bps=2_500,
    slash_max_bps=5_000,
    showup_bps=1_000,
    gold_pass_bps=5_000,
    gold_slash_bps=2_500,
)


def labeler(number: int) -> str:
    return checksum("0x" + keccak(text=f"labeler {number}")[:20].hex())


@dataclass
class Tale:
    """Tells a round event by event; each is a block of its own, ten seconds after the last."""

    round: Round
    has_gold: bool = False
    round_id: int = 1
    tasks_root: bytes = b"\x01" * 32
    uri: str = "ipfs://tasks"
    first_block: int = 100
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        commit = OPENED + HOUR
        self.has_gold = self.has_gold or bool(self.round.gold) or self.round.gold_withheld
        deadlines = Deadlines(commit, commit + HOUR, commit + 2 * HOUR if self.has_gold else 0)
        root = b"\x02" * 32 if self.has_gold else EMPTY_HASH
        self._add(
            RoundOpened,
            REQUESTER,
            self.round.terms,
            deadlines,
            self.tasks_root,
            root,
            ZERO,
            self.uri,
        )

    @property
    def terms(self) -> ScoringTerms:
        return self.round.terms

    def commit(self) -> "Tale":
        for number in range(len(self.round.answers)):
            self._add(Committed, labeler(number), keccak(text=f"commitment {number}"), b"")
        return self

    def reveal(self, most: int = 255) -> "Tale":
        for number, row in enumerate(self.round.answers[:most]):
            if row is not None:
                sheet = pack(list(row), self.terms.options)
                self._add(Revealed, labeler(number), b"\x03" * 32, sheet)
        return self

    def leak(self, number: int) -> "Tale":
        """Of a labeler whose row is None."""
        slash = self.terms.stake * self.terms.slash_max_bps // BPS
        bounty = self.terms.stake * LEAK_BOUNTY_BPS // BPS
        self._add(
            LeakReported, labeler(number), REQUESTER, b"\x04" * 32, (0, 0, 0, 0, 0), slash, bounty
        )
        return self

    def close(self) -> "Tale":
        """By the twin, of all that was revealed."""
        rows = [row for row in self.round.answers if row is not None]
        names = [labeler(n) for n, row in enumerate(self.round.answers) if row is not None]
        found = settle(self.terms, rows, self.round.gold, self.round.gold_withheld)
        if self.round.gold:
            golds = [self.round.gold.get(task) for task in range(self.terms.tasks)]
            self._add(GoldOpened, b"\x05" * 32, pack(golds, self.terms.options))
        outcomes = tuple(map(Outcome.of, names, found.labelers))
        verdict = Verdict.of(found, self.terms.options)
        self._add(RoundClosed, verdict, outcomes, found.paid, found.refund, found.burned)
        return self

    def forfeit(self) -> "Tale":
        """All who are still awaited."""
        slash = self.terms.stake * self.terms.slash_max_bps // BPS
        for who in self.told.awaited:
            self._add(Forfeited, who, slash)
        return self

    def expire(self) -> "Tale":
        for event in self.told.reveals:
            self._add(Released, event.labeler, self.terms.stake)
        self._add(RoundExpired, self.terms.price * self.terms.seats)
        return self

    @property
    def told(self) -> RoundHistory:
        return history(self.events)[self.round_id]

    @property
    def times(self) -> dict[int, int]:
        return {
            event.block: OPENED + 10 * (event.block - self.first_block) for event in self.events
        } | {self.first_block - 1: OPENED - 10}

    @property
    def deposits(self) -> list[Deposited]:
        """Each labeler paid in just before the opening."""
        place = (self.first_block - 1, 0, b"\x06" * 32)
        return [
            Deposited(*place, labeler(n), labeler(n), self.terms.stake)
            for n in range(len(self.round.answers))
        ]

    def _add(self, kind: type[Event], *values: object) -> None:
        block = self.first_block + len(self.events)
        self.events.append(kind(block, 0, b"\x07" * 32, self.round_id, *values))  # type: ignore[call-arg]


def careful(size: int, silent: int = 0, terms: ScoringTerms = TERMS) -> Round:
    """A crowd that alternates between the options; each errs on a task of their own."""
    rows: list[list[int | None] | None] = []
    for number in range(size):
        row: list[int | None] = [task % terms.options for task in range(terms.tasks)]
        row[number % terms.tasks] = (number + 1) % terms.options
        rows.append(row if number < size - silent else None)
    return Round(terms, rows, {}, False)


def with_gold(made: Round, count: int, wrong: bool = False, withheld: bool = False) -> Round:
    """The first tasks as golds."""
    options = made.terms.options
    gold = {task: (task + wrong) % options for task in range(0 if withheld else count)}
    return replace(made, gold=gold, gold_withheld=withheld)


def audited(*differences: Difference, block: int = 10_000) -> AuditReport:
    """What an audit would say."""
    return AuditReport(
        chain_id=31337,
        address=labeler(1_001),
        block=block,
        block_hash="0x" + "ab" * 32,
        events=73,
        accounts=0,
        checks=281,
        rounds=(),
        totals=None,
        differences=differences,
        notes=(),
    )


def deployment() -> Deployment:
    return Deployment(
        chain_id=31337,
        address=labeler(1_001),
        judge=labeler(1_002),
        asset=ZERO,
        sink=labeler(1_003),
        block=1,
        transaction="0x" + "cd" * 32,
        arguments={},
        code_hash="0x" + "11" * 32,
        judge_code_hash="0x" + "22" * 32,
        compiler="0.4.3",
        evm_version="cancun",
        abi=[],
    )


def every_state() -> dict[str, Tale]:
    """A round of each kind that there is, by what it is about."""
    quiet = careful(9, silent=2)
    dice = Random(NOISE)
    scale = replace(TERMS, kind=Kind.ORDINAL, options=3, width=2)
    noisy = [[dice.randrange(3) for _ in range(scale.tasks)] for _ in range(7)]
    one_sided = replace(careful(7), answers=[[1] * 24 for _ in range(7)])
    return {
        "opened": Tale(careful(0)),
        "committing": Tale(careful(4)).commit(),
        "revealing": Tale(careful(9)).commit().reveal(4),
        "gold awaited": Tale(careful(9), has_gold=True).commit().reveal(),
        "closed": Tale(quiet).commit().reveal().close(),
        "forfeited": Tale(quiet).commit().reveal().close().forfeit(),
        "leaked": Tale(quiet).commit().leak(8).reveal().close().forfeit(),
        "gold": Tale(with_gold(careful(8), 10)).commit().reveal().close(),
        "captured": Tale(with_gold(careful(8), 10, wrong=True)).commit().reveal().close(),
        "gold ignored": Tale(with_gold(careful(8), 5)).commit().reveal().close(),
        "gold withheld": Tale(with_gold(careful(8), 0, withheld=True)).commit().reveal().close(),
        "void for few": Tale(careful(6, silent=4)).commit().reveal().close(),
        "void for one side": Tale(one_sided).commit().reveal().close(),
        "void for noise": Tale(Round(scale, noisy, {}, False)).commit().reveal().close(),
        "nobody came": Tale(careful(0)).close(),
        "nobody revealed": Tale(careful(4, silent=4)).commit().close().forfeit(),
        "expired": Tale(quiet).commit().reveal().expire().forfeit(),
    }


def modes() -> dict[str, str]:
    """The mode each closed round of `every_state` is meant to have."""
    void = {"void for few", "void for one side", "void for noise", "nobody came", "nobody revealed"}
    peer = {"closed", "forfeited", "leaked", "gold", "gold ignored", "gold withheld"}
    return (
        dict.fromkeys(sorted(void), Mode.VOID.label)
        | dict.fromkeys(sorted(peer), Mode.PEER.label)
        | {"captured": Mode.GOLD.label}
    )


UNREVEALED = Band.UNREVEALED.label
