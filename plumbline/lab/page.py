"""Tables of figures for terminal and page alike, and pages that a command fills in.

<!-- figures: KEY -->
a table, replaced at every writing; all around it is written by people
<!-- end of figures -->
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeVar

from plumbline.errors import PlumblineError
from plumbline.files.text import read_text

T = TypeVar("T")
Columns = Mapping[str, Callable[[T], str]]
"""Names of columns, and what each says of an item."""

_BLOCK: Final = re.compile(r"(<!-- figures: ([^>]*?) -->\n).*?(<!-- end of figures -->)", re.DOTALL)


class PageError(PlumblineError):
    """A page whose marks are not those of the figures."""


@dataclass(frozen=True, slots=True)
class FigureTable:
    """Figures in words. Columns that begin with `>` are right-aligned.

    rows  with a cell for each column; one of a single cell is a heading
    """

    key: str  # names its place in a page
    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    caption: str = ""

    @classmethod
    def of(
        cls,
        key: str,
        title: str,
        columns: Columns[T],
        items: Iterable[T],
        caption: str = "",
        heading: Callable[[T], str] = lambda item: "",
    ) -> Self:
        """A row for each item, a cell by each column; items under a new heading get it first."""
        rows: list[tuple[str, ...]] = []
        above = ""
        for item in items:
            if heading(item) not in ("", above):
                above = heading(item)
                rows.append((above,))
            rows.append(tuple(cell(item) for cell in columns.values()))
        return cls(key, title, tuple(columns), rows, caption)

    def markdown(self) -> str:
        """As GitHub draws it, without the title."""
        lines: list[Sequence[str]] = [[column.lstrip(">") for column in self.columns]]
        lines.append(["--:" if column.startswith(">") else "---" for column in self.columns])
        for row in self.rows:
            empty = [""] * (len(self.columns) - 1)
            lines.append(row if len(row) > 1 else [f"**{row[0]}**", *empty])
        text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"{text}\n\n{self.caption}" if self.caption else text


def keys(page: str) -> list[str]:
    """The keys of all marks, in order."""
    return [match[2] for match in _BLOCK.finditer(page)]


def require_keys(path: Path, wanted: Iterable[str]) -> str:
    """The text of a page. Raises PageError unless it has a mark for each key and no others."""
    text = read_text(path)
    if sorted(keys(text)) != sorted(wanted):
        marks = ", ".join(keys(text)) or "nothing"
        raise PageError(f"{path} has marks for {marks}: it must have {', '.join(sorted(wanted))}")
    return text


def fill(path: Path, blocks: Mapping[str, str]) -> None:
    """Replace every block of a page. Raises PageError if its marks are others."""
    text = require_keys(path, blocks)
    filled = _BLOCK.sub(lambda match: f"{match[1]}{blocks[match[2]]}\n{match[3]}", text)
    path.write_text(filled, encoding="utf-8")
