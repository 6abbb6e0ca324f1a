"""The ABI of LabelRounds, as these tests know it: calldata from the library's records, and back.

The only module of the tests in boa that knows how a call is encoded. Nothing is checked on the
way, unlike in `plumbline.chain.contract`: an attacker would not.
"""

from collections.abc import Sequence
from typing import Any, Final

from eth_utils.crypto import keccak

from plumbline.chain.records import (
    Account,
    Deadlines,
    Phase,
    RoundState,
    Seat,
    Verdict,
    rules_from,
    rules_tuple,
    verdict_tuple,
)
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import (
    EMPTY_HASH,
    EMPTY_SHEET,
    Opening,
    RollEntry,
    SignedCommitment,
)
from plumbline.settlement.sheet import Sheet
from plumbline.settlement.terms import ScoringTerms
from tests.world.chain import Abi, Contract

TASKS_ROOT: Final = keccak(text="tasks")  # of all rounds, where nothing else is said


class Calls:
    """Calldata of every function that changes something. Amounts in wei."""

    def __init__(self, abi: Abi) -> None:
        self._data = abi.data

    def deposit(self, amount: int) -> bytes:
        return self._data("deposit", amount)

    def deposit_for(self, account: str, amount: int) -> bytes:
        return self._data("deposit_for", account, amount)

    def withdraw(self, amount: int, receiver: str) -> bytes:
        return self._data("withdraw", amount, receiver)

    def withdraw_for(
        self, owner: str, amount: int, receiver: str, fee: int, deadline: int, signature: bytes
    ) -> bytes:
        return self._data("withdraw_for", owner, amount, receiver, fee, deadline, signature)

    def sweep(self) -> bytes:
        return self._data("sweep")

    def open(
        self,
        rules: ScoringTerms,
        deadlines: Deadlines,
        tasks_root: bytes,
        gold_root: bytes,
        admission: str,
        uri: str = "",
    ) -> bytes:
        times = (deadlines.commit, deadlines.reveal, deadlines.gold)
        return self._data("open", rules_tuple(rules), times, tasks_root, gold_root, admission, uri)

    def commit(
        self,
        round_id: int,
        commitment: bytes,
        stake: int,
        sealed: bytes = b"",
        evidence: Sequence[bytes] = (),
    ) -> bytes:
        return self._data("commit", round_id, commitment, stake, sealed, evidence)

    def commit_signed(self, round_id: int, signed: Sequence[SignedCommitment]) -> bytes:
        """With what is enclosed only if anything is."""
        enclosed = [(item.sealed, item.evidence) for item in signed]
        columns: list[Sequence[Any]] = [
            [item.labeler for item in signed],
            [item.commitment for item in signed],
            [(int.from_bytes(item.r, "big"), item.vs) for item in signed],
        ]
        if any(sealed or evidence for sealed, evidence in enclosed):
            return self._data("commit_sealed", round_id, *columns, enclosed)
        return self._data("commit_signed", round_id, *columns)

    def commit_for_wallet(
        self,
        round_id: int,
        labeler: str,
        commitment: bytes,
        signature: bytes,
        sealed: bytes = b"",
        evidence: Sequence[bytes] = (),
    ) -> bytes:
        return self._data(
            "commit_for_wallet", round_id, labeler, commitment, sealed, evidence, signature
        )

    def report_leak(self, round_id: int, labeler: str, sheet: Sheet, salt: bytes) -> bytes:
        return self._data("report_leak", round_id, labeler, sheet, salt)

    def reveal(self, round_id: int, openings: Sequence[Opening]) -> bytes:
        return self._data("reveal", round_id, *_columns(openings))

    def close(
        self,
        round_id: int,
        entries: Sequence[RollEntry],
        gold: Sheet = EMPTY_SHEET,
        gold_salt: bytes = EMPTY_HASH,
        tasks_root: bytes = TASKS_ROOT,
    ) -> bytes:
        rows = _rows(entries)
        return self._data("close", round_id, tasks_root, *rows, [], gold, gold_salt)

    def conclude(
        self,
        round_id: int,
        openings: Sequence[Opening],
        gold: Sheet = EMPTY_SHEET,
        gold_salt: bytes = EMPTY_HASH,
        tasks_root: bytes = TASKS_ROOT,
    ) -> bytes:
        """A close that reveals all seats first, as it is handed their salts."""
        return self._data("close", round_id, tasks_root, *_columns(openings), gold, gold_salt)

    def forfeit(self, round_id: int, labelers: Sequence[str]) -> bytes:
        return self._data("forfeit", round_id, labelers)

    def expire(
        self, round_id: int, entries: Sequence[RollEntry], tasks_root: bytes = TASKS_ROOT
    ) -> bytes:
        return self._data("expire", round_id, tasks_root, *_rows(entries))


class Views:
    """What the contract says when it is asked, in part through the lens."""

    def __init__(self, market: Contract, lens: Contract) -> None:
        self._market = market
        self._lens = lens

    def round_count(self) -> int:
        return int(self._market.ask("round_count"))

    def nonce(self, owner: str) -> int:
        return int(self._market.ask("nonces", owner))

    def account(self, owner: str) -> Account:
        return Account(*self._words("account", owner))

    def phase(self, round_id: int) -> tuple[Phase, int]:
        """The phase and the seconds left in it."""
        phase, left = self._words("phase", round_id)
        return Phase(phase), left

    def round(self, round_id: int) -> RoundState:
        requester, rules, deadlines, gold_root, admission, committed, revealed, gone, roll = (
            self._lens.ask("round", self._market.address, round_id)
        )
        return RoundState(
            checksum(requester),
            rules_from(rules),
            Deadlines(*deadlines),
            gold_root,
            checksum(admission),
            committed,
            revealed,
            gone,
            roll,
            self.phase(round_id)[0] is Phase.CLOSED,
        )

    def seat(self, round_id: int, labeler: str) -> Seat:
        held, leaked = self._words("seat", round_id, labeler)
        return Seat(held.to_bytes(32, "big"), bool(leaked))

    def sink_balance(self) -> int:
        return int(self._market.ask("sink_balance"))

    def is_verdict(
        self, round_id: int, verdict: Verdict, payroll: bytes, tasks_root: bytes = TASKS_ROOT
    ) -> bool:
        given = verdict_tuple(verdict)
        return bool(self._market.ask("is_verdict", round_id, tasks_root, given, payroll))

    def _words(self, name: str, *args: Any) -> list[int]:
        """An answer of nothing but words; these are asked for most often."""
        data = self._lens.abi.data(name, self._market.address, *args)
        output = self._lens.chain.ask(self._lens.address, data)
        return [int.from_bytes(output[at : at + 32], "big") for at in range(0, len(output), 32)]


def _rows(entries: Sequence[RollEntry]) -> tuple[list[str], list[Sheet]]:
    return [entry.labeler for entry in entries], [entry.sheet for entry in entries]


def _columns(openings: Sequence[Opening]) -> tuple[list[str], list[Sheet], list[bytes]]:
    return (
        [opening.labeler for opening in openings],
        [opening.sheet for opening in openings],
        [opening.salt for opening in openings],
    )
