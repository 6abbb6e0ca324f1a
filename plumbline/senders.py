"""Sending a call with a local key, and telling what became of it.

Three things can have happened, and a user must never have to guess which:

    Refused     nothing was sent: it would have failed, or the node did not take it
    NotLanded   it was sent (or may have been) and is not known to be in a block: look it up
    Reverted    it is in a block and changed nothing but the fee
"""

from collections.abc import Mapping
from typing import Any, Final

from eth_account.datastructures import SignedTransaction
from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.exceptions import TimeExhausted, TransactionNotFound
from web3.types import TxParams, Wei

from plumbline.addresses import checksum
from plumbline.call import Call, Receipt, Sender
from plumbline.errors import PlumblineError
from plumbline.nodes import NODE_ERRORS, TRANSPORT_ERRORS
from plumbline.reverts import revert_reason

__all__ = ["NotLanded", "Refused", "Reverted", "SendError", "send", "sender"]

GAS_CAP: Final = 1 << 24  # of a transaction, EIP-7825
_MARGIN: Final = (115, 100)  # an estimate is of the state now, not of the block it lands in
_TIP: Final = 10**9  # wei per gas, where the node names none
_PATIENCE: Final = 180.0  # seconds


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


def sender(w3: Web3, account: LocalAccount, patience: float = _PATIENCE) -> Sender:
    """A sender bound to a node and a key."""

    def bound(call: Call) -> Receipt:
        return send(w3, account, call, patience)

    return bound


def send(w3: Web3, account: LocalAccount, call: Call, patience: float = _PATIENCE) -> Receipt:
    """Send a call and wait until it is in a block, at most `patience` seconds.

    Gas is estimated and fees are the node's (EIP-1559 where there is a base fee). Raises
    Refused, NotLanded or Reverted.
    """
    params = _prepared(w3, account, call)
    fields: dict[str, Any] = {**params}
    signed = account.sign_transaction(fields)
    transaction = "0x" + bytes(signed.hash).hex()
    _broadcast(w3, signed, transaction)
    receipt = _wait(w3, signed, transaction, patience)
    if receipt["status"] != 1:
        reason = _replayed(w3, params, receipt["blockNumber"])
        raise Reverted(f"transaction {transaction} failed: {reason}", transaction)
    return Receipt(
        transaction=transaction,
        block=int(receipt["blockNumber"]),
        gas_used=int(receipt["gasUsed"]),
        fee=int(receipt["gasUsed"]) * int(receipt.get("effectiveGasPrice", 0)),
        logs=tuple(receipt["logs"]),
    )


def _prepared(w3: Web3, account: LocalAccount, call: Call) -> TxParams:
    try:
        params: TxParams = {
            "from": account.address,
            "to": checksum(call.to),
            "data": call.data,
            "value": Wei(call.value),
        }
        params["gas"] = _gas(w3, params)
        params["nonce"] = w3.eth.get_transaction_count(account.address, "pending")
        params["chainId"] = w3.eth.chain_id
        return {**params, **_fees(w3)}
    except NODE_ERRORS as error:
        raise Refused(f"nothing was sent: {revert_reason(error)}") from error


def _gas(w3: Web3, params: TxParams) -> int:
    estimate = w3.eth.estimate_gas(params)
    if estimate > GAS_CAP:
        raise Refused(f"nothing was sent: {estimate} gas is above the cap of {GAS_CAP}, send less")
    more, of = _MARGIN
    return min(estimate * more // of, GAS_CAP)


def _fees(w3: Web3) -> TxParams:
    latest = w3.eth.get_block("latest")
    base = latest.get("baseFeePerGas")
    if base is None:
        return {"gasPrice": w3.eth.gas_price}
    try:
        tip = w3.eth.max_priority_fee
    except NODE_ERRORS:
        tip = Wei(_TIP)
    # Twice the base fee outlasts six full blocks.
    return {"maxFeePerGas": Wei(2 * base + tip), "maxPriorityFeePerGas": tip}


def _broadcast(w3: Web3, signed: SignedTransaction, transaction: str) -> None:
    try:
        w3.eth.send_raw_transaction(signed.raw_transaction)
    except TRANSPORT_ERRORS as error:
        raise NotLanded(
            f"transaction {transaction} may have been sent ({revert_reason(error)}):"
            " look it up before you try again",
            transaction,
        ) from error
    except NODE_ERRORS as error:
        # Some nodes run it first and answer with its failure, though it is in a block by then.
        if not _is_known(w3, signed):
            raise Refused(f"nothing was sent: {revert_reason(error)}") from error


def _is_known(w3: Web3, signed: SignedTransaction) -> bool:
    try:
        w3.eth.get_transaction(signed.hash)
    except TransactionNotFound:
        return False
    return True


def _wait(
    w3: Web3, signed: SignedTransaction, transaction: str, patience: float
) -> Mapping[str, Any]:
    try:
        return w3.eth.wait_for_transaction_receipt(
            signed.hash, timeout=patience, poll_latency=_latency(patience)
        )
    except TimeExhausted as error:
        raise NotLanded(
            f"transaction {transaction} is in no block after {patience:.0f} seconds:"
            " look it up before you try again",
            transaction,
        ) from error
    except NODE_ERRORS as error:
        raise NotLanded(
            f"transaction {transaction} was sent, but the node went away"
            f" ({revert_reason(error)}): look it up",
            transaction,
        ) from error


def _latency(patience: float) -> float:
    """Seconds between questions: short, so that a local chain is not waited for."""
    return min(0.1, patience / 10)


def _replayed(w3: Web3, params: TxParams, block: int) -> str:
    """Why it failed, by asking for it again on the state before its block."""
    again: TxParams = {
        "from": params["from"],
        "to": params["to"],
        "data": params["data"],
        "value": params["value"],
        "gas": params["gas"],
    }
    try:
        w3.eth.call(again, block - 1)
    except NODE_ERRORS as error:
        return revert_reason(error)
    return "it would not have before its block, something came in between: try again"
