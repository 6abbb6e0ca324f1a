"""Questions to a contract, straight from its ABI.

web3 looks the function up, checks every argument and walks every result each time; an audit of
thousands of seats asks thousands of times, and pays for that in minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector

from plumbline.chain.decoding import decode


@dataclass(frozen=True, slots=True)
class Question:
    """One view: its selector, the types that it takes, and those that it gives."""

    selector: bytes
    takes: tuple[str, ...]
    gives: tuple[str, ...]

    def data(self, args: Sequence[Any]) -> bytes:
        """The call. Raises EncodingError for arguments that do not fit."""
        return self.selector + encode(self.takes, args)

    def answer(self, data: bytes) -> Any:
        """What came back: one value, or a tuple; addresses are in lower case.

        Raises DecodingError if it is not what the ABI says.
        """
        values = decode(self.gives, data)
        return values[0] if len(values) == 1 else values


def questions(abi: Sequence[Mapping[str, Any]]) -> dict[str, Question]:
    """All views of an ABI, by name."""
    return {
        entry["name"]: Question(
            bytes(function_abi_to_4byte_selector(entry)),  # type: ignore[arg-type]
            _types(entry["inputs"]),
            _types(entry["outputs"]),
        )
        for entry in abi
        if entry.get("type") == "function" and entry.get("stateMutability") in ("view", "pure")
    }


def _types(entries: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(collapse_if_tuple(dict(entry)) for entry in entries)
