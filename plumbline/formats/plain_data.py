"""Records as plain data, for JSON."""

from collections.abc import Collection
from dataclasses import asdict
from enum import Enum
from typing import Any


def plain_data(record: Any, large: Collection[str]) -> dict[str, Any]:
    """The fields of a dataclass, and of those in it, as what JSON has.

    Numbers of the fields named `large` (money, planes) become decimal strings, since JSON readers
    hold numbers as doubles; bytes become 0x hex, members of enumerations their lower-case names.
    """
    result: dict[str, Any] = _plain(asdict(record), large)
    return result


def _plain(value: Any, large: Collection[str], name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _plain(item, large, key) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, large, name) for item in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, Enum):
        return value.name.lower()
    return str(value) if name in large else value
