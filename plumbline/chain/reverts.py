"""Why a call failed, from the many ways in which nodes and libraries say so."""

import re
from collections.abc import Iterator
from typing import Any, Final

from eth_abi.exceptions import DecodingError
from requests.exceptions import RequestException

from plumbline.chain.decoding import decode
from plumbline.chain.transport import NodeFailure
from plumbline.files.download import failure_of

_ERROR_STRING: Final = bytes.fromhex("08c379a0")  # selector of Error(string)
_REASON: Final = re.compile(r"\b([a-z]+: [^'\"\n{}]*[^'\"\n{}\s.,)])")
_REVERT: Final = re.compile(r"revert(?:ed)?(?: with reason string)?:?\s*['\"]?", re.IGNORECASE)
_HEX: Final = re.compile(r"0x08c379a0[0-9a-fA-F]+")


def revert_reason(error: BaseException) -> str:
    """The contract's `area: reason` out of any error of web3, a node or ape.

    If there is none, the first line of what the error says; of a failed connection only how it
    failed, as the rest is a page long and names the node's address, key and all.
    """
    if isinstance(error, NodeFailure):
        return f"the node {error}"
    if isinstance(error, RequestException):
        return failure_of(error)
    for text in _texts(error):
        match = _HEX.search(text)
        reason = _decoded(match.group()) if match else None
        if reason:
            return reason
    for text in _texts(error):
        # What stands before the word is the node's, and may have colons of its own.
        match = _REASON.match(_REVERT.split(text)[-1])
        if match:
            return match.group(1)
    return _first_line(error)


def _first_line(error: BaseException) -> str:
    """What the node said, if it is a node's error, else what the error says."""
    response = getattr(error, "rpc_response", None)
    said = response.get("error") if isinstance(response, dict) else None
    first = error.args[0] if error.args else None
    # web3 puts the data of a revert beside its message, and both into the text of the error.
    plain = first if isinstance(first, str) else str(error)
    text = said.get("message") if isinstance(said, dict) else plain
    lines = str(text).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _texts(error: BaseException) -> Iterator[str]:
    """All that the error says, most telling first, then what caused it."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        for name in ("data", "revert_message", "message", "args", "rpc_response"):
            yield from _flat(getattr(current, name, None))
        current = current.__cause__ or current.__context__


def _flat(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield "0x" + value.hex()
    elif isinstance(value, dict):
        for item in value.values():
            yield from _flat(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _flat(item)


def _decoded(data: str) -> str | None:
    raw = bytes.fromhex(data[2:] if len(data) % 2 == 0 else data[2:-1])
    try:
        (text,) = decode(["string"], raw[len(_ERROR_STRING) :])
    except DecodingError:
        return None
    return str(text)
