"""Text of strangers in Markdown: it says what it says, and is no markup."""

import re
from collections.abc import Sequence
from typing import Final

from plumbline.harmless import harmless

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>#|~^$&@]|:(?=//)|(?<=www)\.)")
# What begins a list, a rule or a heading.
_BEGINNING: Final = re.compile(r"^(\s*)([-+=]|[0-9]+(?=[.)]))")


def escaped(text: str) -> str:
    """A text in one line, wherever it stands in a line."""
    inside = _MARKUP.sub(r"\\\1", harmless(text))
    return _BEGINNING.sub(_without_power, inside)


def _without_power(begins: re.Match[str]) -> str:
    mark = begins[2]
    return begins[1] + (f"{mark}\\" if mark.isdigit() else f"\\{mark}")


def quotation(text: str) -> str:
    """A text as a quotation, line by line."""
    return "\n".join(f"> {escaped(line)}  " for line in harmless(text, "\n").split("\n"))


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are Markdown already; a heading with `>` in front is right-aligned."""
    rules = ["---:" if name.startswith(">") else "---" for name in header]
    names = [name.removeprefix(">") for name in header]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (names, rules, *rows))
