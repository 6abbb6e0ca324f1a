"""What it takes to get one transaction into a block, and to find out the outcome.

Four things can have happened, and a user must never have to guess which:

    Refused     nothing was sent: it would have failed, or the node did not take it
    NotLanded   it was sent (or may have been) and is not known to be in a block
    Reverted    it is in a block and changed nothing but the fee

    Dropped     it is in no block and never will be

The order of the steps, and the journal of them, is in `outbox`.
"""

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from eth_account.datastructures import SignedTransaction
from eth_account.messages import SignableMessage
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import TransactionNotFound
from web3.types import TxParams, Wei

from plumbline.chain.call import Call, Receipt
from plumbline.chain.node_errors import NODE_ERRORS, TRANSPORT_ERRORS, is_rejection
from plumbline.chain.reverts import revert_reason
from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import checksum
from plumbline.transactions.journal import Attempt
from plumbline.units import ETHER

GAS_CAP: Final = 1 << 24
"""What a transaction may use on Ethereum (EIP-7825). Other chains allow as much as a block has."""

_MARGIN: Final = (115, 100)  # an estimate is of the state now, not of the block it lands in
_TIP: Final = 10**9  # wei per gas, where the node names none
_BUMP: Final = (1125, 1000)  # nodes take a replacement that pays a tenth more


class SendError(PlumblineError):
    """A call that did not do what it should; see the subclasses for what it did."""


class Refused(SendError):
    """Nothing was sent."""


class NotLanded(SendError):
    """Sent, or maybe sent, and not known to be in a block; `transaction` is its hash, 0x hex."""

    def __init__(self, message: str, transaction: str) -> None:
        super().__init__(message)
        self.transaction = transaction


class Reverted(SendError):
    """In a block, but it failed; `transaction` is its hash, 0x hex."""

    def __init__(self, message: str, transaction: str) -> None:
        super().__init__(message)
        self.transaction = transaction


class Dropped(SendError):
    """It cannot get into a block any more; nothing changed."""


class Signer(Protocol):
    """What signs transactions: a local key, or anything in its manner."""

    @property
    def address(self) -> str:
        """Whose signature it is."""

    def sign_transaction(self, transaction_dict: dict[str, Any]) -> SignedTransaction:
        """Sign the fields of a transaction."""


class NamedSigner(Signer, Protocol):
    """An account with a name that signs typed data too."""

    @property
    def name(self) -> str:
        """What its owner calls it."""

    def sign_message(self, message: SignableMessage) -> bytes | None:
        """Sign typed data, 65 bytes; None if the account cannot."""


@dataclass(frozen=True, slots=True)
class FeeBid:
    """Wei per gas; `tip` is None for a node without EIP-1559, where `most` is the gas price."""

    most: int
    tip: int | None

    def at_least(self, attempt: Attempt) -> "FeeBid":
        """These, or what replaces an earlier attempt, whichever is more."""
        numerator, denominator = _BUMP
        most = max(self.most, attempt.max_fee * numerator // denominator + 1)
        if self.tip is None:
            return FeeBid(most, None)
        tip = max(self.tip, attempt.tip * numerator // denominator + 1)
        return FeeBid(max(most, tip), tip)

    def at_most(self, limit: int | None) -> "FeeBid":
        """These, but no more than the limit."""
        if limit is None:
            return self
        tip = None if self.tip is None else min(self.tip, limit)
        return FeeBid(min(self.most, limit), tip)


def current_fees(w3: Web3) -> FeeBid:
    """What the node says that a transaction takes now."""
    priced = _base_and_tip(w3)
    if priced is None:
        return FeeBid(w3.eth.gas_price, None)
    base, tip = priced
    # Twice the base fee outlasts six full blocks.
    return FeeBid(2 * base + tip, tip)


def price_of_gas(w3: Web3) -> int:
    """What a unit of gas costs now, wei: base fee and tip, or the node's price without them."""
    priced = _base_and_tip(w3)
    return int(w3.eth.gas_price) if priced is None else sum(priced)


def _base_and_tip(w3: Web3) -> tuple[int, int] | None:
    """The base fee of the latest block and the usual tip, wei per gas; None before EIP-1559."""
    base = w3.eth.get_block("latest").get("baseFeePerGas")
    if base is None:
        return None
    try:
        return int(base), int(w3.eth.max_priority_fee)
    except NODE_ERRORS:
        return int(base), _TIP


def call_params(account: str, call: Call) -> TxParams:
    """A call as a node is asked about it."""
    params: TxParams = {
        "from": checksum(account),
        "data": HexBytes(call.data),
        "value": Wei(call.value),
    }
    return params if call.to is None else {**params, "to": checksum(call.to)}


def gas_limit(w3: Web3, account: str, call: Call, cap: int | None = None) -> int:
    """What the call needs now and some more, at most `cap`, or else what a block may hold.

    Whether the chain allows a transaction less than a block is for the node to say, when it
    estimates or when it is handed the transaction. Raises Refused if it would fail, with the
    reason.
    """
    try:
        room = room_for(w3, cap)
        _require_balance(w3, account, call.value)
        estimate = w3.eth.estimate_gas(call_params(account, call))
    except NODE_ERRORS as error:
        raise Refused(f"nothing was sent: {revert_reason(error)}") from error
    if estimate > room:
        raise Refused(f"nothing was sent: {above_cap(estimate, room, cap)}: send less")
    return min(with_margin(estimate, GAS_CAP if cap is None else cap), room)


def room_for(w3: Web3, cap: int | None) -> int:
    """The most gas that a transaction may ask for: `cap`, or else what a block may hold.

    Raises what asking a node raises.
    """
    return int(w3.eth.get_block("latest")["gasLimit"]) if cap is None else cap


def above_cap(gas: int, room: int, cap: int | None) -> str:
    """In words, that it takes more gas than there is room, see `room_for`."""
    whose = "a block of this chain" if cap is None else "PLUMBLINE_GAS_CAP"
    return f"{gas:,} gas is above the cap of {room:,} ({whose})"


def generous(estimate: int) -> int:
    """An estimate with a margin, gas."""
    numerator, denominator = _MARGIN
    return estimate * numerator // denominator


def with_margin(estimate: int, cap: int = GAS_CAP) -> int:
    """The limit to send a call with whose estimate is this, gas.

    The margin does not lift it above a cap, Ethereum's unless another is named, where it would be
    refused: what fits there without the margin has to be possible.
    """
    return min(generous(estimate), cap) if estimate <= cap else generous(estimate)


def signed_attempt(
    w3: Web3, account: Signer, call: Call, nonce: int, gas: int, fees: FeeBid
) -> Attempt:
    """Sign, but do not send. Raises Refused if the balance does not cover value and fee."""
    try:
        _require_balance(w3, account.address, call.value + gas * fees.most)
        fields: dict[str, Any] = {
            **call_params(account.address, call),
            "gas": gas,
            "nonce": nonce,
            "chainId": w3.eth.chain_id,
        }
    except NODE_ERRORS as error:
        raise Refused(f"nothing was sent: {revert_reason(error)}") from error
    if fees.tip is None:
        fields["gasPrice"] = Wei(fees.most)
    else:
        fields |= {"maxFeePerGas": Wei(fees.most), "maxPriorityFeePerGas": Wei(fees.tip)}
    signed = account.sign_transaction(fields)
    return Attempt(
        transaction="0x" + bytes(signed.hash).hex(),
        raw=bytes(signed.raw_transaction),
        max_fee=fees.most,
        tip=fees.most if fees.tip is None else fees.tip,
        signed_at=int(time.time()),
    )


def broadcast(w3: Web3, attempt: Attempt) -> None:
    """Hand it to the node. Raises Refused if the node does not take it, NotLanded if unsure."""
    try:
        _hand_over(w3, attempt)
    except TRANSPORT_ERRORS as error:
        raise NotLanded(
            f"transaction {attempt.transaction} may have been sent ({revert_reason(error)}):"
            " run the command again, which finds out",
            attempt.transaction,
        ) from error


def _hand_over(w3: Web3, attempt: Attempt) -> None:
    try:
        w3.eth.send_raw_transaction(HexBytes(attempt.raw))
    except TRANSPORT_ERRORS:
        raise
    except NODE_ERRORS as error:
        # Some nodes run it first and answer with its failure, though it is in a block by then.
        if is_known(w3, attempt):
            return
        if not is_rejection(error):
            raise NotLanded(
                f"transaction {attempt.transaction} may have been sent, the node's answer is"
                f" unclear ({revert_reason(error)}): run the command again, which finds out",
                attempt.transaction,
            ) from error
        raise Refused(f"nothing was sent: {revert_reason(error)}") from error


def is_known(w3: Web3, attempt: Attempt) -> bool:
    """Whether the node has it, in a block or not."""
    try:
        w3.eth.get_transaction(HexBytes(attempt.transaction))
    except TransactionNotFound:
        return False
    return True


def receipt_of(w3: Web3, attempt: Attempt) -> Mapping[str, Any] | None:
    """The node's receipt; None while it is in no block."""
    with contextlib.suppress(TransactionNotFound):
        return w3.eth.get_transaction_receipt(HexBytes(attempt.transaction))
    return None


def to_receipt(receipt: Mapping[str, Any]) -> Receipt:
    """A node's receipt as ours."""
    created = receipt.get("contractAddress")
    executed = int(receipt["gasUsed"]) * int(receipt.get("effectiveGasPrice", 0))
    return Receipt(
        transaction="0x" + bytes(receipt["transactionHash"]).hex(),
        block=int(receipt["blockNumber"]),
        gas_used=int(receipt["gasUsed"]),
        fee=executed + _layer_1_fee(receipt),
        logs=tuple(receipt["logs"]),
        created=checksum(created) if created else None,
    )


def _layer_1_fee(receipt: Mapping[str, Any]) -> int:
    """What a rollup takes besides, for putting the transaction on layer 1, wei."""
    fee = receipt.get("l1Fee") or 0
    return int(fee, 16) if isinstance(fee, str) else int(fee)


def failure_reason(w3: Web3, account: str, call: Call, block: int | None = None) -> str | None:
    """Why the call would fail on the state after `block`, or now; None if it would not."""
    try:
        w3.eth.call(call_params(account, call), "latest" if block is None else block)
    except TRANSPORT_ERRORS:
        raise
    except NODE_ERRORS as error:
        return revert_reason(error)
    return None


def _require_balance(w3: Web3, account: str, needed: int) -> None:
    missing = needed - w3.eth.get_balance(checksum(account))
    if missing > 0:
        raise Refused(
            f"nothing was sent: not enough funds, {account} needs up to {ETHER.exact(needed)} for"
            f" this and its fee: {ETHER.exact(missing)} are missing"
        )
