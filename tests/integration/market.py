"""People of a marketplace on a test chain, who act through the library as a script would."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from web3 import Web3
from web3.types import Wei

from plumbline.chain.call import Call, Receipt
from plumbline.chain.contract import LabelRounds, Opening, RollEntry
from plumbline.chain.deployment import Deployment
from plumbline.chain.records import Deadlines
from plumbline.lab.play import Stage
from plumbline.protocol.commitment import EMPTY_HASH, commitment, gold_root, sign
from plumbline.settlement.sheet import Sheet, pack
from plumbline.settlement.terms import Kind, ScoringTerms
from plumbline.transactions.outbox import send
from tests.integration.rpc import rpc
from tests.world.adapter import TASKS_ROOT
from tests.world.jobs import odd_terms

ETHER = 10**18
WINDOW = 3_600  # seconds from one deadline to the next


def terms(gold_count: int = 0, **changes: Any) -> ScoringTerms:
    """A binary round of 48 tasks for five with so many gold tasks, but for these changes."""
    usual = odd_terms(Kind.NOMINAL, options=2, width=1, tasks=48, seats=5, gold_count=gold_count)
    return replace(usual, **changes)


@dataclass
class Batch:
    """A round under way, with the secrets of everyone in it."""

    round_id: int
    rules: ScoringTerms
    deadlines: Deadlines
    truth: list[int]
    gold: Sheet | None = None
    gold_salt: bytes | None = None
    openings: dict[str, Opening] = field(default_factory=dict)
    revealed: list[str] = field(default_factory=list)

    def entries(self) -> list[RollEntry]:
        """What was revealed, in order."""
        return [RollEntry(labeler, self.openings[labeler].sheet) for labeler in self.revealed]


class Market:
    """One deployment and everybody on it."""

    def __init__(self, w3: Web3, deployment: Deployment) -> None:
        self.w3 = w3
        self.deployment = deployment
        self.rounds = LabelRounds(w3, deployment)
        self.random = random.Random(1)

    def stage(self) -> Stage:
        """What measures, with a treasurer who has plenty."""
        treasurer = self.actor("treasurer")
        paid = self.w3.eth.send_transaction(
            {
                "from": self.w3.eth.accounts[0],
                "to": treasurer.address,
                "value": Wei(1_000 * ETHER),
            }
        )
        self.w3.eth.wait_for_transaction_receipt(paid)
        return Stage(self.w3, self.deployment, [treasurer])

    def actor(self, role: str) -> LocalAccount:
        """The account of a role, with ether of its own."""
        account: LocalAccount = Account.from_key(keccak(text=role))
        if self.w3.eth.get_balance(account.address) < ETHER:
            faucet = self.w3.eth.accounts[0]
            paid = self.w3.eth.send_transaction(
                {"from": faucet, "to": account.address, "value": 10 * ETHER}  # type: ignore[typeddict-item]
            )
            self.w3.eth.wait_for_transaction_receipt(paid)
        return account

    def send(self, role: str, call: Call) -> Receipt:
        return send(self.w3, self.actor(role), call)

    def now(self) -> int:
        return self.w3.eth.get_block("latest")["timestamp"]

    def wait_until(self, timestamp: int) -> None:
        """The next block has this time."""
        rpc(self.w3, "evm_increaseTime", timestamp - self.now())
        rpc(self.w3, "evm_mine")

    def open(
        self,
        rules: ScoringTerms,
        gold_tasks: Sequence[int] | None = None,
        wrong_gold: bool = False,
    ) -> Batch:
        """Open a round by `requester`; without `gold_tasks` it has no gold."""
        requester = self.actor("requester")
        self.send("requester", self.rounds.deposit(rules.price * rules.seats))
        truth = [self.random.randrange(rules.options) for _ in range(rules.tasks)]
        start = self.now() + WINDOW
        gold_deadline = 0 if gold_tasks is None else start + 2 * WINDOW
        deadlines = Deadlines(start, start + WINDOW, gold_deadline)
        batch = Batch(0, rules, deadlines, truth)
        root = EMPTY_HASH
        if gold_tasks is not None:
            shift = 1 if wrong_gold else 0
            answers = [
                (answer + shift) % rules.options if task in gold_tasks else None
                for task, answer in enumerate(truth)
            ]
            batch.gold = pack(answers, rules.options)
            batch.gold_salt = keccak(text=f"gold {start}")
            root = gold_root(self.deployment.domain, requester.address, batch.gold, batch.gold_salt)
        call = self.rounds.open(rules, deadlines, TASKS_ROOT, root, uri="ipfs://tasks")
        self.send("requester", call)
        batch.round_id = self.rounds.round_count()
        return batch

    def answers(self, batch: Batch, accuracy: float) -> list[int | None]:
        """Answers that are right so often, else any other; now and then none."""
        row: list[int | None] = []
        for answer in batch.truth:
            if self.random.random() < 0.03:
                row.append(None)
            elif self.random.random() < accuracy:
                row.append(answer)
            else:
                row.append(self.random.randrange(batch.rules.options))
        return row

    def commit(self, batch: Batch, accuracies: Sequence[float], alone: bool = True) -> None:
        """A labeler for each accuracy deposits and signs; the first commits alone, if asked."""
        signed = []
        for number, accuracy in enumerate(accuracies):
            role = f"labeler {number}"
            labeler = self.actor(role)
            self.send(role, self.rounds.deposit(batch.rules.stake))
            sheet = pack(self.answers(batch, accuracy), batch.rules.options)
            salt = keccak(text=f"{role} {batch.round_id}")
            domain = self.deployment.domain
            made = commitment(domain, batch.round_id, labeler.address, sheet, salt)
            batch.openings[labeler.address] = Opening(labeler.address, sheet, salt)
            if alone and number == 0:
                call = self.rounds.commit(batch.round_id, made, batch.rules.stake, b"sealed")
                self.send(role, call)
            else:
                deployed = self.deployment.deployed
                signed.append(sign(labeler, deployed, batch.round_id, batch.rules.stake, made))
        self.send("stranger", self.rounds.commit_signed(batch.round_id, signed))

    def reveal(self, batch: Batch, labelers: Sequence[str]) -> None:
        """A stranger relays the openings."""
        openings = [batch.openings[labeler] for labeler in labelers]
        self.send("stranger", self.rounds.reveal(batch.round_id, openings))
        batch.revealed.extend(labelers)

    def report_leak(self, batch: Batch) -> None:
        """Somebody shows the answers of who committed first."""
        sold = next(iter(batch.openings.values()))
        call = self.rounds.report_leak(batch.round_id, sold.labeler, sold.sheet, sold.salt)
        self.send("reporter", call)

    def close(self, batch: Batch, with_gold: bool = True) -> None:
        """A stranger closes, with the gold answers if they are to be had."""
        gold, salt = (batch.gold, batch.gold_salt) if with_gold else (None, None)
        call = self.rounds.close(batch.round_id, TASKS_ROOT, batch.entries(), gold, salt)
        self.send("stranger", call)
