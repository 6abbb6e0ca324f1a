"""Made-up rounds, as the events that a chain would have of them: the one builder for unit tests.

    Chain         a deployment's events, one transaction after the other
    StagedRound   a round on it, step by step; every step returns the round, so that they chain
    every_state   a round of each kind that there is

What is committed, opened and settled is real: commitments open, gold answers have their root, and
the reference implementation judges. So an audit of the events finds nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random
from typing import Any, Self

from eth_account import Account
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
    Swept,
    Withdrawn,
)
from plumbline.chain.records import Deadlines, Verdict
from plumbline.history.rounds import RoundHistory, history
from plumbline.labeler.delegated_reveals import DelegatedReveal
from plumbline.labeler.unlocking import Keyring
from plumbline.labeler.vault import Secret
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import EMPTY_HASH, Deployed, Opening, commitment, gold_root
from plumbline.protocol.master_key import MasterKey
from plumbline.protocol.outcomes import Outcome
from plumbline.settlement import Band, Mode, settle
from plumbline.settlement.consensus import Row
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import BPS, LEAK_BOUNTY_BPS, Kind, ScoringTerms, usual_terms
from tests.differential.crowds import Round

OPENED = 1_700_000_000  # unix seconds, of the block in which the first round is opened
HOUR = 3_600
COMMIT, REVEAL, GOLD = OPENED + HOUR, OPENED + 2 * HOUR, OPENED + 3 * HOUR  # deadlines
OPENED_IN = 100  # number of that block
BLOCK_TIME = 10  # seconds
NOISE = 0  # a seed of dice among whom there is no agreement
UNREVEALED = Band.UNREVEALED.label

DEPLOYED = Deployed(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
DOMAIN = DEPLOYED.domain
GENESIS = b"\x07" * 32


def keyring_of(*keys: MasterKey) -> Keyring:
    """A keyring with these keys, whose account is in the last epoch of them."""
    return Keyring(
        lambda: max((key.epoch for key in keys), default=0),
        lambda epoch: tuple(key for key in keys if key.epoch == epoch),
    )


# A binary round for nine, with odd amounts.
TERMS = replace(
    usual_terms(
        Kind.NOMINAL,
        options=2,
        width=1,
        tasks=24,
        price=1_000_000_000_000_007,
        stake=700_000_000_000_003,
        seats=9,
        gold_count=0,
    ),
    r_min=3,
)
# The same with gold, which takes more tasks.
GOLD_TERMS = replace(
    usual_terms(
        Kind.NOMINAL,
        options=2,
        width=1,
        tasks=48,
        price=TERMS.price,
        stake=TERMS.stake,
        seats=9,
        gold_count=12,
    ),
    r_min=3,
)


def terms(**changes: Any) -> ScoringTerms:
    """The terms of most rounds here, but for these."""
    return replace(TERMS, **changes)


SMALL = terms(tasks=12, seats=4, price=1_000, stake=1_000)


@cache
def person(name: str) -> str:
    """The address of somebody."""
    return str(Account.from_key(keccak(text=name)).address)


def labeler(number: int) -> str:
    """The address of a labeler, from 0."""
    return person(f"labeler {number}")


REQUESTER, REPORTER, STRANGER = person("requester"), person("reporter"), person("stranger")
LABELERS = tuple(map(labeler, range(6)))


@dataclass
class Chain:
    """Events in the order of the chain; each transaction is in a block of its own.

    With `deposits` requesters and labelers pay in just before they open a round or commit.
    """

    deposits: bool = True
    block: int = OPENED_IN - 1  # the latest
    events: list[Event] = field(default_factory=list)
    rounds: int = 0
    _index: int = 0

    def next_block(self) -> None:
        """What comes next is in another transaction."""
        self.block += 1
        self._index = 0

    def add(self, kind: type[Event], *fields: Any) -> None:
        """One more event of the same transaction."""
        transaction = keccak(text=f"transaction of block {self.block}")
        self.events.append(kind(self.block, self._index, transaction, *fields))
        self._index += 1

    def deposit(self, account: str, amount: int, payer: str | None = None) -> None:
        self.next_block()
        self.add(Deposited, account, payer or account, amount)

    def withdraw(
        self,
        account: str,
        amount: int,
        receiver: str | None = None,
        fee: int = 0,
        relayer: str | None = None,
    ) -> None:
        self.next_block()
        self.add(Withdrawn, account, receiver or account, amount, fee, relayer or account)

    def sweep(self, amount: int) -> None:
        self.next_block()
        self.add(Swept, amount)

    def open(
        self,
        rules: ScoringTerms = TERMS,
        answers: Mapping[str, Row | None] | None = None,
        **more: Any,
    ) -> "StagedRound":
        """Open the next round; see StagedRound."""
        return StagedRound(rules, dict(answers or {}), chain=self, **more)

    def history(self, round_id: int | None = None) -> RoundHistory:
        """Of a round, the latest if none is named."""
        return history(self.events)[round_id or self.rounds]


@dataclass
class StagedRound:
    """A round, opened as soon as it is made.

    answers        a row for each labeler, in the order in which they come; None for one who will
                   not reveal. Who is not among them has answers of their own, too
    gold           task -> answer, as it will be opened by the closing
    has_gold       gold was promised: always so if the terms say so, or if there is any. Terms that
                   say no number then promise as many as there are
    round_id       the next on the chain, if not given
    """

    terms: ScoringTerms = TERMS
    answers: dict[str, Row | None] = field(default_factory=dict)
    gold: Mapping[int, int] = field(default_factory=dict)
    has_gold: bool = False
    round_id: int = 0
    tasks_root: bytes = keccak(text="tasks")
    uri: str = "ipfs://tasks"
    chain: Chain = field(default_factory=lambda: Chain(deposits=False))

    @classmethod
    def of(cls, crowd: Round, **more: Any) -> Self:
        """The round of a crowd whose labelers are numbered."""
        answers = {labeler(number): row for number, row in enumerate(crowd.answers)}
        return cls(crowd.terms, answers, crowd.gold, **more)

    def __post_init__(self) -> None:
        self.has_gold = self.has_gold or bool(self.gold) or self.terms.has_gold
        if self.has_gold and not self.terms.has_gold:
            promised = sum(answer is not None for answer in self.secret.answers)
            self.terms = replace(self.terms, gold_count=promised)
        self.round_id = self.round_id or self.chain.rounds + 1
        self.chain.rounds = self.round_id
        if self.chain.deposits:
            self.chain.deposit(REQUESTER, self.terms.price * self.terms.seats)
        self.chain.next_block()
        self._add(
            RoundOpened,
            REQUESTER,
            self.terms,
            Deadlines(COMMIT, REVEAL, GOLD if self.has_gold else 0),
            self.tasks_root,
            self.secret.digest if self.has_gold else EMPTY_HASH,
            ZERO,
            self.uri,
        )

    @property
    def events(self) -> list[Event]:
        """All of the chain."""
        return self.chain.events

    @property
    def history(self) -> RoundHistory:
        return history(self.chain.events)[self.round_id]

    @property
    def secret(self) -> Secret:
        """The gold answers as the requester keeps them."""
        return gold_secret(self.terms, self.gold)

    @property
    def times(self) -> dict[int, int]:
        """When the blocks of the round were made, and the one before, unix seconds."""
        opened = self.history.opened.block
        blocks = {opened - 1, *(event.block for event in self.events)}
        return {block: OPENED + BLOCK_TIME * (block - opened) for block in sorted(blocks)}

    @property
    def deposits(self) -> list[Deposited]:
        """What labelers paid in just before the opening, if the chain does not have it."""
        place = (self.history.opened.block - 1, 0, b"\x06" * 32)
        return [Deposited(*place, who, who, self.terms.stake) for who in self.answers]

    def opening(self, who: str) -> Opening:
        """What opens the commitment of a labeler."""
        row = self.answers.get(who) or answers_of(who, self.terms)
        return Opening(who, pack(row, self.terms.options), _salt(who, self.round_id))

    # -------------------------------------------------------------------------- steps

    def commit(self, *labelers: str, batch: int = 1) -> Self:
        """These labelers, or all who have answers; so many in one transaction."""
        chosen = labelers or tuple(self.answers)
        for who in chosen if self.chain.deposits else ():
            self.chain.deposit(who, self.terms.stake)
        for number, who in self._in_batches(chosen, batch):
            opening = self.opening(who)
            digest = commitment(DOMAIN, self.round_id, who, opening.sheet, opening.salt)
            # Some hand in sealed answers, too.
            self._add(Committed, who, digest, b"seal" * (number % 3))
        return self

    def reveal(self, *labelers: str, batch: int = 1) -> Self:
        """These labelers, or all who are awaited and mean to."""
        for _, who in self._in_batches(labelers or self._willing(), batch):
            opening = self.opening(who)
            self._add(Revealed, who, opening.salt, opening.sheet)
        return self

    def leak(self, who: str, reporter: str = REPORTER) -> Self:
        """Somebody shows a labeler's answers before the commit deadline."""
        self.chain.next_block()
        opening, slash = self.opening(who), self._silence()
        bounty = self.terms.stake * LEAK_BOUNTY_BPS // BPS
        self._add(LeakReported, who, reporter, opening.salt, opening.sheet, slash, bounty)
        return self

    def close(self) -> Self:
        """By the reference implementation, of all that was revealed."""
        self.chain.next_block()
        past = self.history
        result = settle(self.terms, past.answers(), self.gold)
        if self.gold:
            self._add(GoldOpened, self.secret.salt, self.secret.sheet)
        names = [event.labeler for event in past.reveals]
        outcomes = tuple(map(Outcome.of, names, result.labelers))
        verdict = Verdict.of(result, self.terms.options)
        self._add(RoundClosed, verdict, outcomes, result.paid, result.refund, result.burned)
        return self

    def forfeit(self, *labelers: str) -> Self:
        """These labelers, or all who are awaited."""
        for who in labelers or self.history.awaited:
            self.chain.next_block()
            self._add(Forfeited, who, self._silence())
        return self

    def expire(self) -> Self:
        """Unwound without scoring, in one transaction."""
        self.chain.next_block()
        for event in self.history.reveals:
            self._add(Released, event.labeler, self.terms.stake)
        self._add(RoundExpired, self.terms.price * self.terms.seats)
        return self

    def _willing(self) -> list[str]:
        return [who for who in self.history.awaited if self.answers.get(who, ()) is not None]

    def _in_batches(self, labelers: Sequence[str], batch: int) -> Iterator[tuple[int, str]]:
        """Labelers with their numbers, so many in one transaction."""
        for number, who in enumerate(labelers):
            if number % batch == 0:
                self.chain.next_block()
            yield number, who

    def _silence(self) -> int:
        return self.terms.stake * self.terms.slash_max_bps // BPS

    def _add(self, kind: type[Event], *fields: Any) -> None:
        self.chain.add(kind, self.round_id, *fields)


def small_round(round_id: int = 1, has_gold: bool = False, **more: Any) -> StagedRound:
    """A round of twelve tasks for four, of which only some things matter."""
    return StagedRound(SMALL, round_id=round_id, has_gold=has_gold, **more)


# ------------------------------------------------------------------------------ secrets


def answers_of(who: str, rules: ScoringTerms = TERMS) -> list[int | None]:
    """The answers of somebody who answers every task."""
    return [keccak(text=f"{who} {task}")[0] % rules.options for task in range(rules.tasks)]


def delegated_reveal(
    who: str, round_id: int = 1, rules: ScoringTerms | None = None
) -> DelegatedReveal:
    """What a labeler of a small round, or of one with these rules, would hand over to a keeper."""
    rules = rules or SMALL
    row, salt = answers_of(who, rules), _salt(who, round_id)
    digest = commitment(DOMAIN, round_id, who, pack(row, rules.options), salt)
    return DelegatedReveal(
        DEPLOYED, GENESIS, round_id, who, rules.options, tuple(row), salt, digest
    )


def _salt(who: str, round_id: int) -> bytes:
    return keccak(text=f"salt of {who} in {round_id}")


def gold_secret(rules: ScoringTerms, gold: Mapping[int, int]) -> Secret:
    """Gold answers with their salt; two of them if none are named."""
    answers = gold or {0: 0, 1: 1}
    sheet = pack([answers.get(task) for task in range(rules.tasks)], rules.options)
    salt = keccak(text="gold salt")
    digest = gold_root(DOMAIN, REQUESTER, sheet, salt)
    return Secret(rules.options, rules.tasks, sheet, salt, digest)


# ------------------------------------------------------------------------------- crowds


def careful(size: int, silent: int = 0, rules: ScoringTerms = TERMS) -> Round:
    """A crowd that alternates between the options; each errs on a task of their own."""
    rows: list[list[int | None] | None] = []
    for number in range(size):
        row: list[int | None] = [task % rules.options for task in range(rules.tasks)]
        row[number % rules.tasks] = (number + 1) % rules.options
        rows.append(row if number < size - silent else None)
    return Round(rules, rows, {})


def with_gold(size: int, wrong: bool = False, rules: ScoringTerms = GOLD_TERMS) -> Round:
    """A careful crowd, and the first tasks as gold tasks."""
    gold = {task: (task + wrong) % rules.options for task in range(rules.gold_count)}
    return replace(careful(size, rules=rules), gold=gold)


def closed_round(
    rows: Sequence[Row], batch: int = 1, names: Sequence[str] | None = None, **changes: Any
) -> Chain:
    """A chain with one round, in which all revealed these rows, closed."""
    chain = Chain()
    labelers = names or [labeler(number) for number in range(len(rows))]
    rules = terms(seats=max(3, len(rows)), tasks=len(rows[0]), **changes)
    crowd = dict(zip(labelers, rows, strict=True))
    chain.open(rules, crowd).commit(batch=batch).reveal(batch=batch).close()
    return chain


def every_state() -> dict[str, StagedRound]:
    """A round of each kind that there is, by what it is about."""
    quiet = careful(9, silent=2)
    # A leak is one only while others can still commit.
    early = careful(9, silent=2, rules=terms(seats=10))
    dice = Random(NOISE)
    scale = terms(kind=Kind.ORDINAL, options=3, width=2)
    noisy = [[dice.randrange(3) for _ in range(scale.tasks)] for _ in range(7)]
    one_sided = replace(careful(7), answers=[[1] * 24 for _ in range(7)])
    staged = StagedRound.of
    golden = with_gold(8)
    one_fewer = replace(golden, gold=dict(list(golden.gold.items())[1:]))
    return {
        "opened": staged(careful(0)),
        "committing": staged(careful(4)).commit(),
        "revealing": staged(careful(9)).commit().reveal(*map(labeler, range(4))),
        "gold awaited": staged(careful(9, rules=GOLD_TERMS)).commit().reveal(),
        "closed": staged(quiet).commit().reveal().close(),
        "forfeited": staged(quiet).commit().reveal().close().forfeit(),
        "leaked": staged(early).commit().leak(labeler(8)).reveal().close().forfeit(),
        "gold": staged(golden).commit().reveal().close(),
        "by gold": staged(with_gold(8, wrong=True)).commit().reveal().close(),
        "gold not credible": staged(one_fewer).commit().reveal().close(),
        "gold withheld": staged(replace(golden, gold={})).commit().reveal().close(),
        "void for few": staged(careful(6, silent=4)).commit().reveal().close(),
        "void for one side": staged(one_sided).commit().reveal().close(),
        "void for noise": staged(Round(scale, noisy, {})).commit().reveal().close(),
        "nobody came": staged(careful(0)).close(),
        "nobody revealed": staged(careful(4, silent=4)).commit().close().forfeit(),
        "expired": staged(quiet).commit().reveal().expire().forfeit(),
    }


def modes() -> dict[str, str]:
    """The mode each closed round of `every_state` is meant to have."""
    void = {"void for few", "void for one side", "void for noise", "nobody came", "nobody revealed"}
    peer = {"closed", "forfeited", "leaked", "gold", "gold not credible", "gold withheld"}
    return (
        dict.fromkeys(sorted(void), Mode.VOID.label)
        | dict.fromkeys(sorted(peer), Mode.PEER.label)
        | {"by gold": Mode.GOLD.label}
    )


# -------------------------------------------------------------- what is said of a round


def audited(*differences: Difference, block: int = 10_000) -> AuditReport:
    """What an audit would say."""
    return AuditReport(
        chain_id=DEPLOYED.chain_id,
        address=DEPLOYED.address,
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
    """The manifest of the contract that all of this is made up for."""
    return Deployment(
        chain_id=DEPLOYED.chain_id,
        address=DEPLOYED.address,
        judge=person("judge"),
        multicall=person("multicall"),
        asset=ZERO,
        sink=person("sink"),
        block=1,
        transaction="0x" + "cd" * 32,
        arguments={},
        code_hash="0x" + "11" * 32,
        judge_code_hash="0x" + "22" * 32,
        multicall_code_hash="0x" + "33" * 32,
        compiler="0.4.3",
        evm_version="cancun",
        abi=[],
    )
