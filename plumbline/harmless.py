"""What strangers wrote, as it may be shown: on a screen, in a table, on a page, in an error.

Whatever people write is kept: all letters and signs, spaces that are not broken or narrow, soft
hyphens, what joins letters in Persian, Hindi and emoji, marks of direction inside words, and
emoji newer than Python's tables. What does not print is shown as its code point, `<U+001B>`, since
a text that hides something should not look as if it did not. So no text

    moves the cursor    control letters are shown; breaks of a line become what the caller wants
    turns a line round  embeddings, overrides and isolates are shown, and a text that ends with
                        letters from right to left gets a mark, so that what follows does not
    runs                on a page and in markup it is still to be escaped, as any text is

Cut a long text before, not after: a mark at its end would go.
"""

import re
import unicodedata
from typing import Final

_TAB: Final = 4
_BREAK: Final = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_LEFT_TO_RIGHT: Final = "\u200e"
_JOINERS: Final = "\u200c\u200d"
_DIRECTIONS: Final = "\u200e\u200f\u061c"
_SOFT_HYPHEN: Final = "\u00ad"
# Letters that are nothing alone, in the place they were written for.
_INSIDE: Final = re.compile(f"[{_SOFT_HYPHEN}{_JOINERS}{_DIRECTIONS}]+")
# A flag of a region: a black flag, its name in invisible letters, and the end of it.
_FLAG: Final = re.compile("\U0001f3f4[\U000e0030-\U000e007a]{2,6}\U000e007f")
_EMOJI: Final = range(0x1F000, 0x1FFFE)
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})


def harmless(text: str, line_break: str = " ") -> str:
    """A stranger's text without power over what shows it; `line_break` is put between lines."""
    if text.isascii() and text.isprintable():
        return text
    return line_break.join(_line(line.expandtabs(_TAB)) for line in _BREAK.split(text))


def _line(line: str) -> str:
    # What most people write prints as it is.
    whole = line if line.isprintable() else _shown(line)
    runs = (unicodedata.bidirectional(letter) for letter in reversed(whole))
    last = next((run for run in runs if run == "L" or run in _RIGHT_TO_LEFT), "L")
    if last == "L":
        return whole
    written = whole.rstrip()
    return written + _LEFT_TO_RIGHT + whole[len(written) :]


def _shown(line: str) -> str:
    shown = []
    at = 0
    while at < len(line):
        if flag := _FLAG.match(line, at):
            shown.append(flag.group())
            at = flag.end()
        elif inside := _INSIDE.match(line, at):
            before = at > 0 and _is_visible(line[at - 1])
            is_last = inside.end() == len(line)
            after = not is_last and _is_visible(line[inside.end()])
            shown += [
                letter if _has_place(letter, before, after, is_last) else _as_code_point(letter)
                for letter in inside.group()
            ]
            at = inside.end()
        else:
            letter = line[at]
            shown.append(letter if _is_shown(letter) else _as_code_point(letter))
            at += 1
    return "".join(shown)


def _has_place(letter: str, before: bool, after: bool, is_last: bool) -> bool:
    """Whether a letter that is nothing alone stands where people put it."""
    if letter == _SOFT_HYPHEN:
        return before and after
    if letter in _DIRECTIONS:
        return before or after
    return before and not is_last  # else it would join what follows the text


def _is_shown(letter: str) -> bool:
    return (
        letter.isprintable()
        or unicodedata.category(letter) == "Zs"
        or (ord(letter) in _EMOJI and unicodedata.category(letter) == "Cn")
    )


def _is_visible(letter: str) -> bool:
    return _is_shown(letter) and unicodedata.category(letter) != "Zs"


def _as_code_point(letter: str) -> str:
    return f"<U+{ord(letter):04X}>"
