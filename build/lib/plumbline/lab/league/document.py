"""The page of the league: figures between marks in a text that people write.

<!-- figures: KEY -->
a table, replaced at every writing
<!-- end of figures -->
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.files.text import read_text
from plumbline.lab.league.panels import Panel

_BLOCK: Final = re.compile(
    r"(<!-- figures: (?P<key>[^>]*?) -->\n).*?(<!-- end of figures -->)", re.DOTALL
)


class DocumentError(PlumblineError):
    """A page whose marks are not those of the figures."""


def keys(text: str) -> list[str]:
    """The keys of all marks, in order."""
    return [found["key"] for found in _BLOCK.finditer(text)]


def filled(text: str, blocks: dict[str, str]) -> str:
    """The text with every block replaced. Raises DocumentError if marks and blocks differ."""
    known, wanted = set(keys(text)), set(blocks)
    if known != wanted:
        missing, more = sorted(wanted - known), sorted(known - wanted)
        raise DocumentError(f"the page lacks marks for {missing} and has {more} for nothing")
    return _BLOCK.sub(lambda found: f"{found[1]}{blocks[found['key']]}\n{found[3]}", text)


def write(path: Path, panels: Sequence[Panel], command: str, sample: str) -> None:
    """Replace the figures of a page.

    `command` is what reproduces them; `sample` says how a chain agreed.
    """
    blocks = {panel.key: panel.markdown() for panel in panels}
    blocks["command"] = f"```\n{command}\n```"
    blocks["on chain"] = sample
    path.write_text(filled(read_text(path), blocks), encoding="utf-8")
