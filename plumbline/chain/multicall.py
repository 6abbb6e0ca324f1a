"""Several calls of LabelRounds as one, through the multicall that was deployed beside it.

To LabelRounds the sender is then the multicall, which anybody can make call anything: whatever is
credited to it belongs to whoever is first to withdraw it. So only what anyone may do, and what is
the same whoever does it, goes through it (`CARRIED`). A deposit, a withdrawal (a relayed one too,
whose fee is its sender's), an opening, a commitment of one's own and the report of a leak do not.
"""

from collections.abc import Sequence
from typing import Any, Final

from eth_abi.abi import encode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak
from hexbytes import HexBytes

from plumbline.chain.call import Call, Receipt
from plumbline.chain.decoding import decode
from plumbline.chain.deployment import Deployment
from plumbline.chain.preconditions import CallError
from plumbline.protocol.addresses import checksum
from plumbline.protocol.limits import MAX_CALL_BYTES, MAX_CALLS

CARRIED: Final = frozenset(
    {
        *("commit_signed", "commit_sealed", "commit_for_wallet"),
        *("reveal", "close", "forfeit", "expire"),
    }
)
"""The functions whose calls may go together."""

_TYPES: Final = ("(uint256,uint256)[]", "bytes")
_FUNCTION: Final = keccak(text=f"multicall({','.join(_TYPES)})")[:4]
_FAILED: Final = keccak(text="CallFailed(uint256)")


def together(deployment: Deployment, calls: Sequence[Call], gas: Sequence[int]) -> Call:
    """Calls of LabelRounds in one transaction, each with so much gas and no more.

    One that fails stops no other: see `failed_in`. Raises CallError for what may not go through
    it, or is too much for it.
    """
    if not deployment.has_multicall:
        raise CallError("this deployment has no multicall: send each call for itself")
    if any(call.to != deployment.address or call.value for call in calls):
        raise CallError("only calls of LabelRounds, without ether, go through its multicall")
    size = sum(len(call.data) for call in calls)
    if not 0 < len(calls) <= MAX_CALLS or size > MAX_CALL_BYTES:
        raise CallError(
            f"{len(calls)} calls of {size} bytes: a multicall carries {MAX_CALLS}, and"
            f" {MAX_CALL_BYTES} bytes"
        )
    parts = [(len(call.data), each) for call, each in zip(calls, gas, strict=True)]
    data = _FUNCTION + encode(_TYPES, [parts, b"".join(call.data for call in calls)])
    listed = " ".join(f"({number}) {call.description}" for number, call in enumerate(calls, 1))
    description = f"In one transaction, through {deployment.multicall}: {listed}"
    return Call(deployment.multicall, data, 0, description)


def calls_in(deployment: Deployment, call: Call) -> tuple[bytes, ...]:
    """The calldata for LabelRounds that a transaction carries: its own, or that of each call in a
    multicall; none if it is of another contract, or crooked.
    """
    if call.to == deployment.address:
        return (call.data,)
    if call.to != deployment.multicall or call.data[:4] != _FUNCTION:
        return ()
    try:
        parts, data = decode(_TYPES, call.data[4:])
    except DecodingError:
        return ()
    found, start = [], 0
    for size, _ in parts:
        found.append(data[start : start + size])
        start += size
    return tuple(found)


def failed_in(receipt: Receipt, deployment: Deployment) -> frozenset[int]:
    """The places, from 0, of the calls in a multicall that failed."""
    return frozenset(
        int.from_bytes(HexBytes(log["topics"][1]))
        for log in receipt.logs
        if _is_failure(log, deployment)
    )


def _is_failure(log: Any, deployment: Deployment) -> bool:
    topics = [bytes(HexBytes(topic)) for topic in log["topics"]]
    return checksum(log["address"]) == deployment.multicall and topics[:1] == [_FAILED]
