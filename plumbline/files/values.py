"""Values in the JSON files of this program, strictly: each raises ValueError for anything else."""

from typing import Any, Final

_WORD: Final = 32


def integer(value: Any) -> int:
    """A number without a fraction; true and false are not numbers."""
    if type(value) is not int:
        raise ValueError(f"{value!r} is not an integer")
    return value


def hex_bytes(value: Any, least: int, most: int) -> bytes:
    """Bytes in hex, with or without 0x, from `least` to `most` of them."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not hex")
    data = bytes.fromhex(value.removeprefix("0x"))
    if not least <= len(data) <= most:
        raise ValueError(f"{len(data)} bytes, not {least} to {most}")
    return data


def word(value: Any) -> bytes:
    """32 bytes in hex, with or without 0x."""
    return hex_bytes(value, _WORD, _WORD)
