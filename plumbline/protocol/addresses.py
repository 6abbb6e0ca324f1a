"""Addresses as the library holds them: strings with their checksum."""

from functools import lru_cache
from typing import Final

from eth_typing import ChecksumAddress
from eth_utils.address import (
    is_checksum_address,
    is_checksum_formatted_address,
    is_hex_address,
    to_checksum_address,
)

from plumbline.errors import PlumblineError

ZERO: Final = to_checksum_address("0x" + "00" * 20)


class AddressError(PlumblineError):
    """Something that is not an address."""


def checksum(value: str) -> ChecksumAddress:
    """The address with its checksum.

    Raises AddressError for anything else. An address in mixed case must have the right checksum,
    which tells a mistyped address from another.
    """
    if not isinstance(value, str):
        raise AddressError(f"{value!r} is not an address: give 0x and 40 hex digits")
    return _checksum(value)


def short_address(address: str) -> str:
    """An address in 14 characters, for people who know it."""
    return f"{address[:8]}..{address[-4:]}"


@lru_cache(maxsize=1 << 16)  # an audit meets each address many times, and hashes it each time
def _checksum(value: str) -> ChecksumAddress:
    if not value.startswith("0x") or not is_hex_address(value):
        raise AddressError(f"{value!r} is not an address: give 0x and 40 hex digits")
    if is_checksum_formatted_address(value) and not is_checksum_address(value):
        raise AddressError(f"{value} has a wrong checksum: copy the address again")
    return to_checksum_address(value)
