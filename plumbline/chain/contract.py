"""LabelRounds, typed: its views, and the calls to it, built but not sent.

The only place where calls are built. Whatever can be seen to be wrong is refused here with a
line of its own, before anything is signed; the rest the contract refuses, with a reason that
`revert_reason` extracts.
"""

from collections.abc import Sequence
from typing import Any

from eth_abi.exceptions import DecodingError, EncodingError
from eth_typing import BlockIdentifier
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import Web3Exception
from web3.types import TxParams

from plumbline.chain import multicall, preconditions
from plumbline.chain.abi import view_functions
from plumbline.chain.asset import Asset
from plumbline.chain.call import Call, Receipt, Sender
from plumbline.chain.deployment import Deployment
from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.chain.packing import account_from, round_from, seat_from
from plumbline.chain.preconditions import CallError
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
from plumbline.chain.reverts import revert_reason
from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.protocol.commitment import (
    EMPTY_HASH,
    EMPTY_SHEET,
    Opening,
    RollEntry,
    SignedCommitment,
    commitment,
    gold_root,
    is_signed,
    require_word,
    roll_of,
)
from plumbline.protocol.limits import MAX_RELAYED, MAX_REVEALED, MAX_SIGNATURE_BYTES
from plumbline.protocol.withdrawal import SignedWithdrawal
from plumbline.settlement.sheet import Sheet
from plumbline.settlement.terms import ScoringTerms

__all__ = [
    "Account",
    "Call",
    "CallError",
    "ContractError",
    "Deadlines",
    "LabelRounds",
    "Opening",
    "Phase",
    "Receipt",
    "RollEntry",
    "RoundState",
    "Seat",
    "Sender",
    "SignedCommitment",
    "Verdict",
]


class ContractError(PlumblineError):
    """A view that the contract, or the node, does not answer."""


class LabelRounds:
    """One deployment. Amounts are in wei (or the smallest unit of its ERC-20)."""

    def __init__(self, w3: Web3, deployment: Deployment) -> None:
        """Asks the node nothing yet; see `deployment.compare` for whether the chain agrees."""
        self.w3 = w3
        self.deployment = deployment
        self.address = checksum(deployment.address)
        self.money = Asset(w3, deployment.asset)
        self._contract = w3.eth.contract(address=self.address, abi=deployment.abi)
        self._views = view_functions(deployment.abi)

    # ------------------------------------------------------------------- views

    def round_count(self, block: BlockIdentifier = "latest") -> int:
        """How many rounds were opened; they are numbered from 1."""
        return int(self._read("round_count", block=block))

    def round(self, round_id: int, block: BlockIdentifier = "latest") -> RoundState:
        """The terms and the state of a round. Raises ContractError if there is none."""
        preconditions.require_round(round_id)
        state = round_from(self._read("round", round_id, block=block))
        if state is None:
            raise ContractError(f"there is no round {round_id}: check the number")
        return state

    def account(self, owner: str, block: BlockIdentifier = "latest") -> Account:
        """Balances and record of an address."""
        return account_from(self._read("account", checksum(owner), block=block))

    def seat(self, round_id: int, labeler: str, block: BlockIdentifier = "latest") -> Seat:
        """What a seat holds."""
        return seat_from(bytes(self._read("seat", round_id, checksum(labeler), block=block)))

    def is_verdict(
        self,
        round_id: int,
        tasks_root: bytes,
        verdict: Verdict,
        payroll: bytes,
        block: BlockIdentifier = "latest",
    ) -> bool:
        """Whether a round about these tasks was closed with this verdict and payroll."""
        given = [tasks_root, verdict_tuple(verdict), payroll]
        return bool(self._read("is_verdict", round_id, *given, block=block))

    def nonce(self, owner: str) -> int:
        """How many withdrawals of an address were relayed; the next one is signed with it."""
        return int(self._read("nonces", checksum(owner)))

    def judge(self) -> str:
        """The contract that settles rounds."""
        return checksum(self._read("JUDGE"))

    def asset(self) -> str:
        """The ERC-20 of this deployment, or the zero address for ether."""
        return checksum(self._read("asset"))

    def sink(self) -> str:
        """Where slashed money goes."""
        return checksum(self._read("sink"))

    def sink_balance(self, block: BlockIdentifier = "latest") -> int:
        """What the sink may collect."""
        return int(self._read("sink_balance", block=block))

    # --------------------------------------------------------- calls: accounts

    def approve(self, amount: int) -> Call:
        """Let the contract take so much of the ERC-20; a deposit needs it first."""
        return self.money.approve(self.address, amount)

    def deposit(self, amount: int) -> Call:
        """Add to the sender's own free balance."""
        preconditions.require_amount("amount", amount)
        return self._call(
            "deposit",
            [amount],
            f"Deposit {self.in_words(amount)} into your account at {self.address}.",
            value=amount if self.money.is_ether else 0,
        )

    def deposit_for(self, account: str, amount: int) -> Call:
        """Add to somebody else's free balance; the sender pays."""
        owner = preconditions.require_account("account", account)
        preconditions.require_amount("amount", amount)
        return self._call(
            "deposit_for",
            [owner, amount],
            f"Deposit {self.in_words(amount)} into the account of {owner} at {self.address}.",
            value=amount if self.money.is_ether else 0,
        )

    def withdraw(self, amount: int, receiver: str) -> Call:
        """Pay out free balance of the sender."""
        preconditions.require_amount("amount", amount)
        to = preconditions.require_account("receiver", receiver)
        return self._call(
            "withdraw",
            [amount, to],
            f"Withdraw {self.in_words(amount)} from your account at {self.address} to {to}.",
        )

    def withdraw_for(self, signed: SignedWithdrawal) -> Call:
        """Pay out for somebody who signed it; the fee is credited to the sender.

        Raises CallError if another nonce is due.
        """
        withdrawal = signed.withdrawal
        nonce = self.nonce(withdrawal.owner)
        if nonce != withdrawal.nonce:
            raise CallError(
                f"signed with nonce {withdrawal.nonce} and {nonce} is due: it was relayed already,"
                " or another one was"
            )
        fee = self.in_words(withdrawal.fee)
        return self._call(
            "withdraw_for",
            [
                withdrawal.owner,
                withdrawal.amount,
                withdrawal.receiver,
                withdrawal.fee,
                withdrawal.deadline,
                signed.signature,
            ],
            f"Withdraw {self.in_words(withdrawal.amount)} of {withdrawal.owner} from"
            f" {self.address} to {withdrawal.receiver}, less a fee of {fee} for you.",
        )

    def is_withdrawal(self, call: Call, amount: int | None, receiver: str) -> bool:
        """Whether a call pays out `amount` (None: any) of the sender's to that receiver."""
        name, values = self._decoded(call)
        if name != "withdraw" or values["receiver"] != checksum(receiver):
            return False
        return amount is None or bool(values["amount"] == amount)

    def is_opening(self, call: Call, rules: ScoringTerms, tasks_root: bytes) -> bool:
        """Whether a call opens a round with these rules and tasks."""
        name, values = self._decoded(call)
        if name != "open":
            return False
        given = values["rules"]
        opened = rules_from(list(given.values()) if isinstance(given, dict) else given)
        return opened == rules and bytes(values["tasks_root"]) == tasks_root

    def sweep(self) -> Call:
        """Pay out to the sink what was slashed."""
        return self._call(
            "sweep", [], f"Pay out what {self.address} holds for its sink {self.deployment.sink}."
        )

    # ------------------------------------------------------- calls: requesters

    def open(
        self,
        rules: ScoringTerms,
        deadlines: Deadlines,
        tasks_root: bytes,
        gold_root: bytes = EMPTY_HASH,
        admission: str = ZERO,
        uri: str = "",
    ) -> Call:
        """Open a round; price * seats leave the sender's free balance."""
        require_word("gold_root", gold_root)
        has_gold = gold_root != EMPTY_HASH
        preconditions.require_rules(rules, has_gold)
        preconditions.require_deadlines(deadlines, has_gold)
        preconditions.require_hash("tasks_root", tasks_root)
        preconditions.require_uri(uri)
        times = (deadlines.commit, deadlines.reveal, deadlines.gold)
        policy = checksum(admission)
        escrow = self.in_words(rules.price * rules.seats)
        return self._call(
            "open",
            [rules_tuple(rules), times, tasks_root, gold_root, policy, uri],
            f"Open a round of {rules.tasks} tasks for {rules.seats} labelers and put"
            f" {escrow} from your account at {self.address} in escrow.",
        )

    # --------------------------------------------------------- calls: labelers

    def commit(
        self,
        round_id: int,
        commitment: bytes,
        stake: int,
        sealed: bytes = b"",
        evidence: Sequence[bytes] = (),
    ) -> Call:
        """Take a seat: `stake` is what the sender agrees to lock, refused if it is another."""
        preconditions.require_round(round_id)
        preconditions.require_stake(stake)
        preconditions.require_commitment(commitment, sealed, evidence)
        return self._call(
            "commit",
            [round_id, commitment, stake, sealed, list(evidence)],
            f"Take a seat in round {round_id} at {self.address} and lock a stake of"
            f" {self.in_words(stake)}, which is lost in part if you do not reveal.",
        )

    def commit_signed(self, round_id: int, signed: Sequence[SignedCommitment]) -> Call:
        """Relay commitments that labelers signed, at most 64.

        Raises CallError for one whose signature is not the labeler's for this round's stake.
        """
        preconditions.require_labelers([item.labeler for item in signed], at_most=MAX_RELAYED)
        stake = self.round(round_id).rules.stake
        for item in signed:
            preconditions.require_commitment(item.commitment, item.sealed, item.evidence)
            if not is_signed(self.deployment.deployed, round_id, stake, item):
                raise CallError(
                    f"{item.labeler} did not sign this for round {round_id} and a stake of"
                    f" {self.in_words(stake)}: leave it out or have it signed again"
                )
        columns: list[list[Any]] = [
            [checksum(item.labeler) for item in signed],
            [item.commitment for item in signed],
            [(int.from_bytes(item.r), item.vs) for item in signed],
        ]
        name = "commit_signed"
        if any(item.sealed or item.evidence for item in signed):
            name = "commit_sealed"
            columns.append([(item.sealed, list(item.evidence)) for item in signed])
        return self._call(
            name,
            [round_id, *columns],
            f"Relay {_count(len(signed), 'signed commitment')} to round {round_id}"
            f" at {self.address}.",
        )

    def commit_for_wallet(
        self,
        round_id: int,
        labeler: str,
        commitment: bytes,
        signature: bytes,
        sealed: bytes = b"",
        evidence: Sequence[bytes] = (),
    ) -> Call:
        """Relay the commitment of a wallet contract (EIP-1271)."""
        preconditions.require_round(round_id)
        wallet = checksum(labeler)
        preconditions.require_commitment(commitment, sealed, evidence)
        if len(signature) > MAX_SIGNATURE_BYTES:
            raise CallError(
                f"a signature of {len(signature)} bytes: the contract takes {MAX_SIGNATURE_BYTES}"
            )
        return self._call(
            "commit_for_wallet",
            [round_id, wallet, commitment, sealed, list(evidence), signature],
            f"Relay the commitment of the wallet {wallet} to round {round_id} at {self.address}.",
        )

    def report_leak(self, round_id: int, labeler: str, sheet: Sheet, salt: bytes) -> Call:
        """Show a labeler's answers and salt before the commit deadline, for a bounty.

        Raises CallError unless they are what the labeler committed to.
        """
        owner = checksum(labeler)
        self._require_opening(round_id, Opening(owner, sheet, salt))
        return self._call(
            "report_leak",
            [round_id, owner, list(sheet), salt],
            f"Show the leaked answers of {owner} in round {round_id} at {self.address},"
            " which slashes that labeler and pays you a bounty.",
        )

    # ----------------------------------------------------------- calls: anyone

    def reveal(self, round_id: int, openings: Sequence[Opening]) -> Call:
        """Open commitments, one's own or others', at most 128.

        Raises CallError if answers do not fit.
        """
        preconditions.require_labelers(
            [opening.labeler for opening in openings], at_most=MAX_REVEALED
        )
        rules = self.round(round_id).rules
        for opening in openings:
            _require_fitting(opening, rules)
        labelers, sheets, salts = _columns(openings)
        return self._call(
            "reveal",
            [round_id, labelers, sheets, salts],
            f"Reveal the answers of {_count(len(labelers), 'labeler')} in round {round_id}"
            f" at {self.address}.",
        )

    def close(
        self,
        round_id: int,
        tasks_root: bytes,
        entries: Sequence[RollEntry],
        gold: Sheet | None = None,
        gold_salt: bytes | None = None,
    ) -> Call:
        """Judge the round and pay everyone: all that was revealed, in that order.

        `tasks_root` is that of the opening. Raises CallError if it is not what was revealed, or
        the gold answers are not those committed to.
        """
        state = self.round(round_id)
        self._require_roll(round_id, state, tasks_root, entries)
        sheet, salt = self._gold(round_id, state, gold, gold_salt)
        labelers, sheets = _rows(entries)
        return self._call(
            "close",
            [round_id, tasks_root, labelers, sheets, [], list(sheet), salt],
            f"Close round {round_id} at {self.address}: judge and pay"
            f" {_count(len(labelers), 'labeler')}{_with_gold(gold)}.",
        )

    def conclude(
        self,
        round_id: int,
        tasks_root: bytes,
        openings: Sequence[Opening],
        gold: Sheet | None = None,
        gold_salt: bytes | None = None,
    ) -> Call:
        """Reveal all seats and close, in one; `tasks_root` is that of the opening.

        Raises CallError if not all are there, or the gold answers are not those committed to.
        """
        preconditions.require_labelers([opening.labeler for opening in openings])
        state = self.round(round_id)
        if state.revealed:
            raise CallError(f"some have revealed in round {round_id}: reveal the rest and close")
        if len(openings) != state.awaited:
            raise CallError(
                f"{len(openings)} of {state.awaited} seats of round {round_id}: conclude takes"
                " the answers of all, reveal takes some"
            )
        if state.roll != tasks_root:
            raise CallError(f"round {round_id} is about other tasks: read its opening again")
        for opening in openings:
            _require_fitting(opening, state.rules)
        sheet, salt = self._gold(round_id, state, gold, gold_salt)
        labelers, sheets, salts = _columns(openings)
        return self._call(
            "close",
            [round_id, tasks_root, labelers, sheets, salts, list(sheet), salt],
            f"Conclude round {round_id} at {self.address}: reveal, judge and pay"
            f" {_count(len(labelers), 'labeler')}{_with_gold(gold)}.",
        )

    def forfeit(self, round_id: int, labelers: Sequence[str]) -> Call:
        """Slash seats that were not revealed in time."""
        preconditions.require_round(round_id)
        preconditions.require_labelers(labelers)
        silent = [checksum(labeler) for labeler in labelers]
        return self._call(
            "forfeit",
            [round_id, silent],
            f"Slash {_count(len(silent), 'labeler')} who did not reveal in round {round_id}"
            f" at {self.address}.",
        )

    def expire(self, round_id: int, tasks_root: bytes, entries: Sequence[RollEntry]) -> Call:
        """Unwind a round that nobody closed for 30 days; `tasks_root` is that of the opening.

        Raises CallError if `entries` is not all that was revealed, in that order.
        """
        self._require_roll(round_id, self.round(round_id), tasks_root, entries)
        labelers, sheets = _rows(entries)
        return self._call(
            "expire",
            [round_id, tasks_root, labelers, sheets],
            f"Unwind round {round_id} at {self.address}: give back"
            f" {_count(len(labelers), 'stake')} and the escrow.",
        )

    def is_ending(self, call: Call) -> bool:
        """Whether a call closes a round or slashes its silent, or one of those in a multicall."""
        carried = multicall.calls_in(self.deployment, call)
        return any(self._name_of(data) in ("close", "forfeit") for data in carried)

    # --------------------------------------------------------- several in one

    def together(self, calls: Sequence[Call], gas: Sequence[int]) -> Call:
        """Calls in one transaction, each with so much gas: see `multicall.together`.

        Raises CallError for one that depends on who sends it.
        """
        for call in calls:
            name = self._name_of(call.data)
            if name not in multicall.CARRIED:
                raise CallError(f"{name or 'that'} depends on who sends it: send it for itself")
        return multicall.together(self.deployment, calls, gas)

    # ---------------------------------------------------------------- internal

    def _call(self, name: str, args: list[Any], description: str, value: int = 0) -> Call:
        try:
            data = self._contract.encode_abi(name, args=args)
        except (Web3Exception, ValueError) as error:
            raise CallError(f"{name} cannot be encoded ({error}): check the manifest") from None
        return Call(self.address, bytes.fromhex(data[2:]), value, description)

    def _name_of(self, data: bytes) -> str:
        """The function that calldata is for; empty if it is none of the contract's."""
        try:
            return str(self._contract.get_function_by_selector(data[:4]).fn_name)
        except (Web3Exception, ValueError):
            return ""

    def _decoded(self, call: Call) -> tuple[str, dict[str, Any]]:
        if call.to != self.address:
            return "", {}
        try:
            function, values = self._contract.decode_function_input(HexBytes(call.data))
        except (Web3Exception, ValueError):
            return "", {}
        return str(function.fn_name), values

    def _read(self, name: str, *args: Any, block: BlockIdentifier = "latest") -> Any:
        view = self._views.get(name)
        if view is None:
            raise ContractError(f"{name} is not in the ABI: check the manifest")
        try:
            call: TxParams = {"to": self.address, "data": HexBytes(view.encode_call(args))}
            return view.decode_result(bytes(self.w3.eth.call(call, block)))
        except DecodingError:
            raise ContractError(
                f"no Plumbline at {self.address} on chain {self.deployment.chain_id}:"
                " check the node and the manifest"
            ) from None
        except EncodingError as error:
            raise ContractError(f"{name} cannot be asked ({error}): check its arguments") from None
        except NODE_ERRORS as error:
            raise ContractError(_explained(name, args, revert_reason(error))) from None

    def in_words(self, amount: int) -> str:
        """An amount of the asset, exactly, with its unit."""
        return self.money.unit.exact(amount)

    def _require_roll(
        self, round_id: int, state: RoundState, tasks_root: bytes, entries: Sequence[RollEntry]
    ) -> None:
        for entry in entries:
            preconditions.require_fit(f"the answers of {entry.labeler}", entry.sheet, state.rules)
        if len(entries) != state.revealed:
            raise CallError(
                f"{len(entries)} of {state.revealed} who revealed in round {round_id}:"
                " all are needed, in the order of their events"
            )
        revealed = ((entry.labeler, entry.sheet) for entry in entries)
        if roll_of(tasks_root, revealed) != state.roll:
            raise CallError(
                f"not what was revealed in round {round_id}: read the events again, in order"
                " (a round that is over has no roll)"
            )

    def _require_opening(self, round_id: int, opening: Opening) -> None:
        require_word("salt", opening.salt)
        domain = self.deployment.domain
        expected = commitment(domain, round_id, opening.labeler, opening.sheet, opening.salt)
        if self.seat(round_id, opening.labeler).commitment != expected:
            raise CallError(f"not what {opening.labeler} committed to in round {round_id}")

    def _gold(
        self, round_id: int, state: RoundState, gold: Sheet | None, salt: bytes | None
    ) -> tuple[Sheet, bytes]:
        if gold is None:
            return EMPTY_SHEET, EMPTY_HASH
        if salt is None:
            raise CallError("gold answers without their salt: give both or neither")
        require_word("gold_salt", salt)
        preconditions.require_fit("the gold answers", gold, state.rules)
        if gold_root(self.deployment.domain, state.requester, gold, salt) != state.gold_root:
            raise CallError(f"not the gold answers committed to when round {round_id} opened")
        return gold, salt


def _require_fitting(opening: Opening, rules: ScoringTerms) -> None:
    require_word(f"the salt of {opening.labeler}", opening.salt)
    preconditions.require_fit(f"the answers of {opening.labeler}", opening.sheet, rules)


def _columns(openings: Sequence[Opening]) -> tuple[list[str], list[list[int]], list[bytes]]:
    return (
        [checksum(opening.labeler) for opening in openings],
        [list(opening.sheet) for opening in openings],
        [opening.salt for opening in openings],
    )


def _rows(entries: Sequence[RollEntry]) -> tuple[list[str], list[list[int]]]:
    return (
        [checksum(entry.labeler) for entry in entries],
        [list(entry.sheet) for entry in entries],
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _with_gold(gold: Sheet | None) -> str:
    return "" if gold is None else " and open the gold answers"


def _explained(name: str, args: tuple[Any, ...], reason: str) -> str:
    if reason == "round: no such round":
        return f"there is no round {args[0]}: check the number"
    return f"{name} cannot be read ({reason}): check the node and the manifest"
