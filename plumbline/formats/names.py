"""Names of options and tasks, as people and their spreadsheets write them.

What looks alike is the same name: composed and decomposed accents, more or fewer blanks, marks
that nobody sees, the apostrophe that guards a cell, a number written in another way (`1`, `1.0`,
`+1`, `01`) and, of options, upper and lower case, since a spreadsheet makes `TRUE` of `true`. Of a
list no two may look alike, so that whatever is written has one meaning.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.formats.spreadsheet import NUMBER, unguarded

_MINUS: Final = "\u2212"
_SHOWN: Final = 5  # names listed in an error
_DIGITS: Final = 5  # of a number that may be that of an option; zeros that are written out
_WIDEST: Final = 60  # characters of a value in an error
_FEW: Final = 2  # options, which people write as 0 and 1
SKIPS: Final = frozenset({"", "-", "skip"})
"""Looks of a skip, where no option is called so."""

_FLAGS: Final = frozenset({"yes", "no", "true", "false"})


class NamesError(PlumblineError):
    """Names that look alike, or that are none of the list."""


@dataclass(frozen=True, slots=True)
class Names:
    """A list of names that all look different; `looks` has the number of each, from 0."""

    names: tuple[str, ...]
    has_case: bool
    looks: dict[str, int]

    @classmethod
    def of(cls, names: Sequence[str], has_case: bool) -> "Names":
        """Raises NamesError if two look alike; `has_case` if upper and lower case differ."""
        looks: dict[str, int] = {}
        for number, name in enumerate(names):
            look = look_of(name, has_case)
            if not look:
                raise NamesError(f"name {number + 1} is empty: {quoted(name)}")
            if look in looks:
                raise NamesError(
                    f"{quoted(names[looks[look]])} and {quoted(name)} (numbers {looks[look] + 1} "
                    f"and {number + 1}) are the same name twice, or look alike: rename one"
                )
            looks[look] = number
        return cls(tuple(names), has_case, looks)

    def find(self, text: str) -> int | None:
        """The number of the name that looks like this, from 0; None if there is none."""
        return self.looks.get(look_of(text, self.has_case))


def look_of(text: str, has_case: bool) -> str:
    """What all that look like this text have in common."""
    text = text.strip()
    while text != unguarded(text):  # one more for each time that it was written and not read
        text = unguarded(text)
    text = unicodedata.normalize("NFC", text)
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    text = " ".join(text.split()).replace(_MINUS, "-")
    if NUMBER.fullmatch(text):
        return _number(text)
    return text if has_case else unicodedata.normalize("NFC", text.casefold())


def option_number(value: object, options: Sequence[str]) -> int:
    """The option that a cell or a value of JSON or YAML means, from 0.

    It is the name of an option; or its number, counted from 1 as on the answer screen, where that
    cannot be taken for a name: no name has a digit, there are more than two, and none is yes, no,
    true or false, which people write as 0 and 1. Raises NamesError for all else.
    """
    names = Names.of(options, has_case=False)
    text = _text(value)
    found = None if text is None else names.find(text)
    if found is not None:
        return found
    number = _given_number(text, options)
    if number is not None and 1 <= number <= len(options):
        return number - 1
    hint = f"give one of {listed(options)}"
    if number == 0:
        hint += f", or their number, 1 to {len(options)} as on the answer screen"
    elif text is not None and NUMBER.fullmatch(text.strip()) and number is None:
        hint += " (a number could be taken for a name here)"
    raise NamesError(f"{quoted(value)} is not an option: {hint}")


def _given_number(text: str | None, options: Sequence[str]) -> int | None:
    """The number that a text is, where options may be given by number; else None."""
    if text is None or len(options) <= _FEW or _FLAGS & {name.casefold() for name in options}:
        return None
    if any(letter.isnumeric() for name in options for letter in name):
        return None
    text = look_of(text, has_case=False)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def quoted(value: object) -> str:
    """A value for an error: in quotes, in one line, and not too long."""
    text = repr(value)
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}.."


def listed(names: Sequence[str]) -> str:
    """The first of some names, for an error."""
    more = ", .." if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else None


def _number(text: str) -> str:
    """A number in one way only: digits without a zero at either end, and the exponent."""
    sign, digits, exponent = Decimal(text).as_tuple()
    written = "".join(map(str, digits)).lstrip("0")
    if not written or not isinstance(exponent, int):
        return "0"
    short = written.rstrip("0")
    exponent += len(written) - len(short)
    zeros = "0" * exponent if 0 <= exponent < _DIGITS else f"e{exponent}"
    return ("-" if sign else "") + short + zeros
