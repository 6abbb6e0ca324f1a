"""A local chain, and a round on it, played step by step: who holds what, the calls, and the time.

The one driver of demo, league and gas. It decides nothing: who sends what, in which order and in
how large batches is up to whoever plays.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeVar

from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from web3 import Web3
from web3.types import RPCEndpoint

from plumbline.chain.call import Call, Receipt
from plumbline.chain.contract import LabelRounds
from plumbline.chain.deployment import Deployment
from plumbline.chain.records import Deadlines
from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import (
    EMPTY_HASH,
    Opening,
    RollEntry,
    SignedCommitment,
    commitment,
    gold_root,
    sign,
)
from plumbline.seating.evidence import Evidence
from plumbline.settlement.sheet import Sheet, pack
from plumbline.settlement.terms import ScoringTerms
from plumbline.transactions.outbox import send

TASKS_ROOT: Final = keccak(text="tasks that nobody needs to see")


T = TypeVar("T")


class ClockError(PlumblineError):
    """A node that does not let time pass."""


@dataclass(frozen=True)
class Stage:
    """A local chain that nobody minds, contracts on it, and accounts that everybody knows."""

    w3: Web3
    deployment: Deployment
    keys: Sequence[LocalAccount]
    receipts: list[Receipt] = field(default_factory=list)  # of all that was sent

    @cached_property
    def client(self) -> LabelRounds:
        """The contract."""
        return LabelRounds(self.w3, self.deployment)

    @cached_property
    def is_embedded(self) -> bool:
        """Whether this is the chain that ape embeds, which runs in this very process."""
        return self.w3.client_version.lower().startswith("ethereumtester")

    def send(self, account: LocalAccount, call: Call) -> Receipt:
        """Send a transaction, without a journal: neither accounts nor chain are to last."""
        self.receipts.append(send(self.w3, account, call))
        return self.receipts[-1]

    def now(self) -> int:
        """The time of the latest block, unix seconds."""
        return int(self.w3.eth.get_block("latest")["timestamp"])

    def advance(self, seconds: int) -> None:
        """Let so many seconds pass, and a block: time stands still between transactions."""
        if self.is_embedded:
            pending = int(self.w3.eth.get_block("pending")["timestamp"])
            self._ask("testing_timeTravel", pending + seconds)
        else:
            self._ask("evm_increaseTime", seconds)
        self._ask("evm_mine")

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is done inside, and the time that passes, has not happened afterwards."""
        snapshot = self._ask("evm_snapshot")
        try:
            yield
        finally:
            self._ask("evm_revert", snapshot)

    def _ask(self, method: str, *arguments: Any) -> Any:
        answer = self.w3.provider.make_request(RPCEndpoint(method), list(arguments))
        if "error" in answer:
            raise ClockError(f"the node does not let time pass ({method}): use Anvil or Ganache")
        return answer["result"]


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """So many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


@dataclass(frozen=True, slots=True)
class Holding:
    """A labeler's key, with the answers and salt that its commitment is of."""

    key: LocalAccount
    sheet: Sheet
    salt: bytes

    @property
    def labeler(self) -> str:
        return str(self.key.address)

    @property
    def opening(self) -> Opening:
        return Opening(self.labeler, self.sheet, self.salt)


@dataclass(frozen=True, slots=True)
class SentCall:
    """A step that was sent, and what came of it."""

    call: Call
    receipt: Receipt


class Play:
    """A round that is opened when this is made. Each method sends one transaction."""

    def __init__(
        self,
        stage: Stage,
        requester: LocalAccount,
        terms: ScoringTerms,
        phase: int,
        gold: tuple[Mapping[int, int], bytes] | None = None,
        tasks_root: bytes = TASKS_ROOT,
        begin: int | None = None,
        admission: str = ZERO,
    ) -> None:
        """Each phase has so many seconds, from now or another time on.

        `gold` are gold answers by task, and their salt; `admission` is a policy.
        """
        self.client, self.terms, self.tasks_root = stage.client, terms, tasks_root
        self._stage, self.gold_root = stage, EMPTY_HASH
        self.gold: tuple[Sheet, bytes] | None = None
        commit = (stage.now() if begin is None else begin) + phase
        self.deadlines = Deadlines(commit, commit + phase, commit + 2 * phase if gold else 0)
        if gold is not None:
            answers = [gold[0].get(task) for task in range(terms.tasks)]
            self.gold = (pack(answers, terms.options), gold[1])
            self.gold_root = gold_root(stage.deployment.domain, requester.address, *self.gold)
        call = self.client.open(terms, self.deadlines, tasks_root, self.gold_root, admission)
        self.opening = self._sent(requester, call)
        self.round_id = self.client.round_count()

    def commitment(self, held: Holding) -> bytes:
        """What a labeler commits to."""
        domain = self.client.deployment.domain
        return commitment(domain, self.round_id, held.labeler, held.sheet, held.salt)

    def signed(
        self, held: Holding, sealed: bytes = b"", evidence: Evidence = ()
    ) -> SignedCommitment:
        """A consent for a relayer."""
        deployed, stake = self.client.deployment.deployed, self.terms.stake
        digest = self.commitment(held)
        return sign(held.key, deployed, self.round_id, stake, digest, sealed, evidence)

    def commit(self, labeler: LocalAccount, digest: bytes, evidence: Evidence = ()) -> SentCall:
        given = (self.round_id, digest, self.terms.stake, b"", evidence)
        return self._sent(labeler, self.client.commit(*given))

    def relay(self, by: LocalAccount, signed: Sequence[SignedCommitment]) -> SentCall:
        return self._sent(by, self.client.commit_signed(self.round_id, signed))

    def report_leak(self, by: LocalAccount, leaked: Holding) -> SentCall:
        shown = (leaked.labeler, leaked.sheet, leaked.salt)
        return self._sent(by, self.client.report_leak(self.round_id, *shown))

    def reveal(self, by: LocalAccount, openings: Sequence[Opening]) -> SentCall:
        return self._sent(by, self.client.reveal(self.round_id, openings))

    def close(
        self, by: LocalAccount, entries: Sequence[RollEntry], opens_gold: bool = True
    ) -> SentCall:
        gold = self.gold if self.gold and opens_gold else (None, None)
        return self._sent(by, self.client.close(self.round_id, self.tasks_root, entries, *gold))

    def conclude(self, by: LocalAccount, openings: Sequence[Opening]) -> SentCall:
        return self._sent(by, self.client.conclude(self.round_id, self.tasks_root, openings))

    def forfeit(self, by: LocalAccount, labelers: Sequence[str]) -> SentCall:
        return self._sent(by, self.client.forfeit(self.round_id, labelers))

    def expire(self, by: LocalAccount, entries: Sequence[RollEntry]) -> SentCall:
        return self._sent(by, self.client.expire(self.round_id, self.tasks_root, entries))

    def _sent(self, account: LocalAccount, call: Call) -> SentCall:
        return SentCall(call, self._stage.send(account, call))


def entries_of(openings: Sequence[Opening]) -> list[RollEntry]:
    """What a close is handed of what was revealed."""
    return [RollEntry(opening.labeler, opening.sheet) for opening in openings]
