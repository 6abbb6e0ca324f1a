"""Values out of ABI-encoded bytes, strictly, whatever else is in the process.

Text is the exception: whoever sends a transaction chooses its bytes, and the contract logs them
as they are. What is no UTF-8 in it is replaced (U+FFFD), since it is no reason not to read the
rest; the bytes themselves stay in the log.

eth_abi has one registry of types for a whole process, and ape replaces the decoder of unsigned
integers in it by one that takes missing bytes for zeros. An address without a contract would then
answer every question with 0, and a log that was cut off would be an event.
"""

from collections.abc import Sequence
from typing import Any

from eth_abi.codec import ABIDecoder
from eth_abi.decoding import StringDecoder, UnsignedIntegerDecoder
from eth_abi.encoding import TextStringEncoder, UnsignedIntegerEncoder
from eth_abi.exceptions import DecodingError
from eth_abi.registry import ABIRegistry, BaseEquals
from eth_abi.registry import registry as shared


def decode(types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    """One value for each type. Raises DecodingError if the bytes do not encode them."""
    try:
        return _DECODER.decode(types, data)
    except OverflowError as error:
        raise DecodingError(str(error)) from None


class _Text(StringDecoder):
    """Text of anybody."""

    def __init__(self) -> None:
        super().__init__(handle_string_errors="replace")  # type: ignore[no-untyped-call]


def _strict() -> ABIRegistry:
    registry: ABIRegistry = shared.copy()  # type: ignore[no-untyped-call]
    registry.unregister("uint")
    registry.register(
        BaseEquals("uint"),  # type: ignore[no-untyped-call]
        UnsignedIntegerEncoder,
        UnsignedIntegerDecoder,
        label="uint",
    )
    registry.unregister("string")
    registry.register(
        BaseEquals("string", with_sub=False),  # type: ignore[no-untyped-call]
        TextStringEncoder,
        _Text,
        label="string",
    )
    return registry


_DECODER = ABIDecoder(_strict())
