"""Tables of figures for terminal and page alike, and pages that a command fills in.

<!-- figures: KEY -->
a table, replaced at every writing; all around it is written by people
<!-- end of figures -->
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from plumbline.errors import PlumblineError

_BLOCK: Final = re.compile(r"(<!-- figures: ([^>]*?) -->\n).*?(<!-- end of figures -->)", re.DOTALL)


class PageError(PlumblineError):
    """A page whose marks are not those of the figures."""


@dataclass(frozen=True, slots=True)
class FigureTable:
    """Figures in words. Columns that begin with `>` are right-aligned.

    key   names its place in a page
    rows  with a cell for each column; one of a single cell is a heading
    """

    key: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    caption: str = ""

    def markdown(self) -> str:
        """As GitHub draws it, without the title."""
        width = len(self.columns)
        lines = [
            [column.lstrip(">") for column in self.columns],
            ["--:" if column.startswith(">") else "---" for column in self.columns],
            *(
                [f"**{row[0]}**", *[""] * (width - 1)] if len(row) < width else row
                for row in self.rows
            ),
        ]
        text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"{text}\n\n{self.caption}" if self.caption else text


def keys(page: str) -> list[str]:
    """The keys of all marks, in order."""
    return [match[2] for match in _BLOCK.finditer(page)]


def require_keys(page: str, wanted: Sequence[str]) -> None:
    """Raise PageError unless the page has a mark for each key, once, and no others."""
    marks = keys(page)
    if sorted(marks) != sorted(wanted):
        missing, extra = sorted(set(wanted) - set(marks)), sorted(set(marks) - set(wanted))
        raise PageError(
            f"the page lacks marks for {missing}, has {extra} for nothing, or has one twice"
        )


def filled(page: str, blocks: Mapping[str, str]) -> str:
    """The page with every block replaced. Raises PageError if marks and blocks differ."""
    require_keys(page, list(blocks))
    return _BLOCK.sub(lambda match: f"{match[1]}{blocks[match[2]]}\n{match[3]}", page)
