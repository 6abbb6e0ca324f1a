"""Amounts and durations as people write them, and back.

Inside, an amount is an integer in the smallest unit of the asset (wei) and a duration an integer
in seconds; nothing is ever a float.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from plumbline.errors import PlumblineError

_NUMBER: Final = re.compile(r"([0-9][0-9_]*(?:\.[0-9]+)?)\s*([A-Za-z]*)", re.ASCII)
_DURATION: Final = re.compile(r"([0-9]+)\s*(seconds?|s|minutes?|min|m|hours?|h|days?|d)", re.ASCII)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_MOST_DIGITS: Final = 100  # of a number: no asset has as many units
_PLACES: Final = 4  # after the point in a short form


class UnitError(PlumblineError):
    """An amount or a duration that cannot be read."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What pays and stakes are in: `decimals` places between a unit and the smallest unit.

    `address` is None for ether.
    """

    symbol: str
    decimals: int
    address: str | None = None

    def parse(self, value: object, key: str = "amount") -> int:
        """Read `0.01 ether`, `5 gwei`, `10 USDC` or an integer in the smallest unit.

        `key` names the value in errors. A number with a fraction needs a unit.
        """
        if isinstance(value, int) and not isinstance(value, bool):
            if value < 0:
                raise UnitError(f"{key} is {value}: must not be negative")
            return value
        match = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            raise UnitError(f"{key} is {value!r}: write it like {self._example()}")
        if len(match[1]) > _MOST_DIGITS:
            raise UnitError(f"{key} has {len(match[1]):,} digits: that is more than there is")
        whole, _, fraction = match[1].replace("_", "").partition(".")
        fraction, unit = fraction.rstrip("0"), match[2].lower()
        if not unit and fraction:
            raise UnitError(f"{key} is {value!r}: add a unit, like {self._example()}")
        places = self._places(unit, key)
        if len(fraction) > places:
            raise UnitError(f"{key} is {value!r}: finer than the smallest unit")
        return int(whole + fraction.ljust(places, "0"))

    def exact(self, amount: int) -> str:
        """All digits, with the symbol: `0.012345678901234567 ETH`."""
        return f"{_write(amount, self.decimals, self.decimals)} {self.symbol}"

    def short(self, amount: int) -> str:
        """Four digits after the point or three that matter, cut off: `0.0123 ETH`."""
        places, symbol = self.decimals, self.symbol
        if self.address is None and 0 < abs(amount) < 10**12:
            if abs(amount) < 10**6:
                return f"{amount} wei"
            places, symbol = 9, "gwei"
        missing = places - len(str(abs(amount)))  # zeros between the point and the first digit
        return f"{_write(amount, places, max(_PLACES, missing + 3))} {symbol}"

    def column(self, amount: int) -> str:
        """Four places without the symbol, for columns; `short` if that would show nothing."""
        whole, rest = divmod(abs(amount), 10**self.decimals)
        fraction = f"{rest:0{self.decimals}d}"[:_PLACES].ljust(_PLACES, "0")
        if amount and not whole and not int(fraction):
            return self.short(amount)
        return f"{'-' if amount < 0 else ''}{whole}.{fraction}"

    def _places(self, unit: str, key: str) -> int:
        if self.address is None:
            known = {"": 0, "wei": 0, "gwei": 9, "eth": 18, "ether": 18}
        else:
            known = {"": 0, "token": self.decimals, "tokens": self.decimals}
            known[self.symbol.lower()] = self.decimals
        if unit not in known:
            raise UnitError(f"{key} is in {unit}: write it like {self._example()}")
        return known[unit]

    def _example(self) -> str:
        return "0.01 ether" if self.address is None else f"2.5 {self.symbol}"


ETHER: Final = Unit("ETH", 18)


def parse_duration(value: object, key: str = "duration") -> int:
    """Read `2h`, `1d 12h`, `90 minutes` or an integer in seconds."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if isinstance(value, str):
        text = value.strip()
        if len(text) > _MOST_DIGITS:
            raise UnitError(f"{key} has {len(text):,} letters: write it like 90m, 2h or 1d 12h")
        parts = _DURATION.findall(text)
        rest = _DURATION.sub("", text).strip(" ,")
        total = sum(int(number) * _SECONDS[unit[0]] for number, unit in parts)
        if parts and not rest and total > 0:
            return total
        if text.isascii() and text.isdigit() and int(text) > 0:
            return int(text)
    raise UnitError(f"{key} is {value!r}: write it like 90m, 2h or 1d 12h")


def format_duration(seconds: int) -> str:
    """The two largest units: `1d 12h`, `5m 0s`."""
    if seconds < 60:
        return f"{seconds}s"
    for large, small in (("d", "h"), ("h", "m"), ("m", "s")):
        size = _SECONDS[large]
        if seconds >= size:
            return f"{seconds // size}{large} {seconds % size // _SECONDS[small]}{small}"
    raise AssertionError("a minute or more has a unit")


def format_time(timestamp: int) -> str:
    """A time in unix seconds, for people: `2030-01-31 12:00:00 UTC`."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _write(amount: int, decimals: int, places: int) -> str:
    """Cut off after that many places, without zeros at the end."""
    whole, rest = divmod(abs(amount), 10**decimals)
    fraction = f"{rest:0{decimals}d}"[:places].rstrip("0") if decimals else ""
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"
