"""CSV that a spreadsheet leaves alone.

A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@`, also behind a tab or a carriage
return. So such text is written with an apostrophe in front, as one types it into a spreadsheet,
and read without. A plain number, `-1` or `+0.5`, is written as it is: it does no harm.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final

# A number as a spreadsheet has it; one with a longer exponent is text.
NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
# Apostrophes of its own, and then what is dangerous; also in the wide forms of East Asia.
_DANGEROUS: Final = re.compile("'*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
# Whatever some reader takes for a delimiter, or strips.
_QUOTED: Final = re.compile('[,;|\t\r\n"]|^ | $')


def guarded(cell: str) -> str:
    """A cell that no spreadsheet runs."""
    is_safe = NUMBER.fullmatch(cell) or not _DANGEROUS.match(cell)
    return cell if is_safe else f"'{cell}"


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if cell.startswith("'") and _DANGEROUS.match(cell) else cell


def cell_of(value: object) -> str:
    """Any JSON as a cell: a text as it is, nothing as an empty one."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def to_csv(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV with commas and line feeds, every cell guarded."""
    return "".join(",".join(map(_written, row)) + "\n" for row in rows)


def _written(value: object) -> str:
    # Not by `csv`, which leaves a carriage return without quotes, so that no reader gets it back.
    cell = guarded(str(value))
    return '"' + cell.replace('"', '""') + '"' if _QUOTED.search(cell) else cell
