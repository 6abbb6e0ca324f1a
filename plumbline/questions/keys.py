"""Which key gives which option.

The first ten options go by 1 to 9 and 0, unless options are digits themselves: those go by
their own. An option also goes by its first letter if no other option begins with it and no
command has it, and by the next letter that is free if it has no key otherwise.
"""

from collections import Counter
from collections.abc import Sequence
from string import ascii_lowercase
from typing import Final

COMMANDS: Final = frozenset("sugqirco")
"""Letters of commands, on the page of a task or on that of the review: `c` commits there, and
must not be what somebody's fingers are used to."""

_DIGITS: Final = "1234567890"


def keys_of(options: Sequence[str]) -> list[tuple[str, ...]]:
    """The keys of every option, the one to show first in front; at least one each."""
    names = [name.strip().lower() for name in options]
    keys_by_option: list[list[str]] = [[] for _ in names]
    for keys, digit in zip(keys_by_option, _digits(names), strict=True):
        keys.extend(digit)
    begins = Counter(name[:1] for name in names)
    for keys, name in zip(keys_by_option, names, strict=True):
        letter = name[:1]
        if letter in ascii_lowercase and begins[letter] == 1 and letter and letter not in COMMANDS:
            keys.append(letter)
    taken = COMMANDS.union(*keys_by_option)
    free = (letter for letter in ascii_lowercase if letter not in taken)
    for keys in keys_by_option:
        if not keys:
            keys.append(next(free))
    return [tuple(keys) for keys in keys_by_option]


def _digits(names: list[str]) -> list[str]:
    """A digit for each option, or nothing."""
    own = [name if name in _DIGITS and len(name) == 1 else "" for name in names]
    if not any(own):
        return list(_DIGITS[: len(names)]) + [""] * (len(names) - len(_DIGITS))
    # On a scale of ten named by its steps `0` is ten, as it is when steps have names.
    tenth = names.index("10") if "10" in names and "0" not in names else None
    return [
        "" if own.count(digit) > 1 else "0" if place == tenth else digit
        for place, digit in enumerate(own)
    ]
