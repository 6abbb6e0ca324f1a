"""View functions of a contract, called straight from its ABI.

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
class ViewFunction:
    """A view function: its selector, and the types of its arguments and results."""

    selector: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def encode_call(self, args: Sequence[Any]) -> bytes:
        """The data of a call. Raises EncodingError for arguments that do not fit."""
        return self.selector + encode(self.inputs, args)

    def decode_result(self, data: bytes) -> Any:
        """The result of a call: one value, or a tuple; addresses are in lower case.

        Raises DecodingError if it is not what the ABI says.
        """
        values = decode(self.outputs, data)
        return values[0] if len(values) == 1 else values


def view_functions(abi: Sequence[Mapping[str, Any]]) -> dict[str, ViewFunction]:
    """All view functions of an ABI, by name."""
    return {
        entry["name"]: ViewFunction(
            bytes(function_abi_to_4byte_selector(entry)),  # type: ignore[arg-type]
            _types(entry["inputs"]),
            _types(entry["outputs"]),
        )
        for entry in abi
        if entry.get("type") == "function" and entry.get("stateMutability") in ("view", "pure")
    }


def _types(entries: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(collapse_if_tuple(dict(entry)) for entry in entries)
