"""Histories of rounds put together by hand, for tests of what is decided on them."""

from dataclasses import dataclass, field

from eth_account import Account
from eth_utils.crypto import keccak

from plumbline.chain.events import (
    Committed,
    Event,
    Forfeited,
    LeakReported,
    Revealed,
    RoundClosed,
    RoundExpired,
    RoundOpened,
)
from plumbline.chain.records import Deadlines, Verdict
from plumbline.history.rounds import RoundHistory, history
from plumbline.labeler.delegated_reveals import DelegatedReveal
from plumbline.labeler.vault import Secret
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import EMPTY_HASH, Deployed, commitment, gold_root
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import Kind, ScoringTerms

DEPLOYED = Deployed(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
GENESIS = b"\x07" * 32
REQUESTER = Account.from_key(keccak(text="requester")).address
LABELERS = tuple(Account.from_key(keccak(text=f"labeler {n}")).address for n in range(6))
TASKS = 12
COMMIT, REVEAL, GOLD = 1_000, 2_000, 3_000
OPENED_IN = 10  # block
TX = b"\x11" * 32
VERDICT = Verdict(1, 0, 300_000, 0, 0, 0, (0, 0, 0, 0))

RULES = ScoringTerms(
    kind=Kind.NOMINAL,
    options=2,
    width=1,
    tasks=TASKS,
    price=1_000,
    stake=1_000,
    seats=4,
    r_min=3,
    tau_bps=200,
    rho_bps=5_000,
    slash_base_bps=2_500,
    slash_max_bps=5_000,
    showup_bps=1_000,
    gold_pass_bps=5_000,
    gold_slash_bps=2_500,
)


def answers_of(labeler: str) -> list[int | None]:
    """Answers of that labeler, who answers every task."""
    return [keccak(text=f"{labeler} {task}")[0] % 2 for task in range(TASKS)]


def entrusted_of(labeler: str, round_id: int = 1, tasks: int = TASKS) -> DelegatedReveal:
    """What that labeler would hand over."""
    answers = answers_of(labeler)[:tasks]
    salt = keccak(text=f"salt of {labeler} in {round_id}")
    made = commitment(DEPLOYED.domain, round_id, labeler, pack(answers, 2), salt)
    return DelegatedReveal(DEPLOYED, GENESIS, round_id, labeler, 2, tuple(answers), salt, made)


def golds() -> Secret:
    """The golds of every round with gold here."""
    sheet = pack([0, 1, *[None] * (TASKS - 2)], 2)
    salt = keccak(text="gold")
    return Secret(2, TASKS, sheet, salt, gold_root(DEPLOYED.domain, REQUESTER, sheet, salt))


@dataclass
class Told:
    """Writes a history down event by event, each in a block of its own."""

    round_id: int = 1
    has_gold: bool = False
    rules: ScoringTerms = RULES
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.events.append(
            RoundOpened(
                *self._place(),
                self.round_id,
                REQUESTER,
                self.rules,
                Deadlines(COMMIT, REVEAL, GOLD if self.has_gold else 0),
                keccak(text="tasks"),
                golds().digest if self.has_gold else EMPTY_HASH,
                ZERO,
                "",
            )
        )

    def commit(self, *labelers: str, tasks: int = TASKS) -> "Told":
        for labeler in labelers:
            made = entrusted_of(labeler, self.round_id, tasks).commitment
            self.events.append(Committed(*self._place(), self.round_id, labeler, made, b""))
        return self

    def reveal(self, *labelers: str) -> "Told":
        for labeler in labelers:
            opening = entrusted_of(labeler, self.round_id).opening
            self.events.append(
                Revealed(*self._place(), self.round_id, labeler, opening.salt, opening.sheet)
            )
        return self

    def leak(self, labeler: str) -> "Told":
        opening = entrusted_of(labeler, self.round_id).opening
        self.events.append(
            LeakReported(
                *self._place(),
                self.round_id,
                labeler,
                REQUESTER,
                opening.salt,
                opening.sheet,
                500,
                50,
            )
        )
        return self

    def forfeit(self, *labelers: str) -> "Told":
        for labeler in labelers:
            self.events.append(Forfeited(*self._place(), self.round_id, labeler, 500))
        return self

    def close(self) -> "Told":
        self.events.append(RoundClosed(*self._place(), self.round_id, VERDICT, (), 0, 0, 0))
        return self

    def expire(self) -> "Told":
        self.events.append(RoundExpired(*self._place(), self.round_id, 0))
        return self

    @property
    def history(self) -> RoundHistory:
        return history(self.events)[self.round_id]

    def _place(self) -> tuple[int, int, bytes]:
        return OPENED_IN + len(self.events), 0, TX
