"""Values out of ABI-encoded bytes, strictly, whatever else is in the process.

eth_abi has one registry of types for a whole process, and ape replaces the decoder of unsigned
integers in it by one that takes missing bytes for zeros. An address without a contract would then
answer every question with 0, and a log that was cut off would be an event.
"""

from collections.abc import Sequence
from typing import Any

from eth_abi.codec import ABIDecoder
from eth_abi.decoding import UnsignedIntegerDecoder
from eth_abi.encoding import UnsignedIntegerEncoder
from eth_abi.exceptions import DecodingError
from eth_abi.registry import ABIRegistry, BaseEquals
from eth_abi.registry import registry as shared


def decode(types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    """One value for each type. Raises DecodingError if the bytes do not encode them."""
    try:
        return _DECODER.decode(types, data)
    except (OverflowError, UnicodeDecodeError) as error:
        raise DecodingError(str(error)) from None


def _strict() -> ABIRegistry:
    registry: ABIRegistry = shared.copy()  # type: ignore[no-untyped-call]
    registry.unregister("uint")
    registry.register(
        BaseEquals("uint"),  # type: ignore[no-untyped-call]
        UnsignedIntegerEncoder,
        UnsignedIntegerDecoder,
        label="uint",
    )
    return registry


_DECODER = ABIDecoder(_strict())
