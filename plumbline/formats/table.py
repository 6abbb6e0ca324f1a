"""Tables that people bring: CSV, and what spreadsheets call so.

    encoding     UTF-8, with or without a byte order mark
    delimiter    `,` `;` tab or `|`, as the header tells, or as it is said
    header       the first line; names are stripped of blanks, and differ
    rows         as many cells as the header, at the end maybe empty ones, which are left out

Everything else is refused with file and line, since a row that is read in another way than it was
written may cost money.
"""

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.files.text import read_text
from plumbline.formats.names import listed, quoted

DELIMITERS: Final = {",": "`,`", ";": "`;`", "\t": "a tab", "|": "`|`"}
_CELL: Final = 131_072  # characters; the limit of `csv`: more is nearly always a lost quote


class TableError(PlumblineError):
    """A table that has no meaning, or more than one; the message has file and line."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, and the line in which it begins."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextTable:
    """Rows with as many cells each as there are columns."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def place(self, row: Row) -> str:
        """Where a row is, for errors."""
        return f"{self.path}, line {row.line}"

    def column(self, name: str) -> int:
        """The place of a column whose name is this, in upper or lower case.

        Raises TableError if there is none, or more than one.
        """
        places = [at for at, column in enumerate(self.columns) if column.casefold() == name]
        if len(places) != 1:
            problem = f"two columns are called {name}" if places else f"there is no column {name}"
            raise TableError(f"{self.path}, line 1: {problem} (columns are {listed(self.columns)})")
        return places[0]


def read_table(path: Path, delimiter: str | None = None) -> TextTable:
    """A table with a header. Raises TableError, or FileError if it is no text."""
    return table_of(path, read_rows(path, delimiter))


def table_of(path: Path, rows: Sequence[Row]) -> TextTable:
    """The same of rows that were read from a file. Raises TableError."""
    if not rows:
        raise TableError(f"{path} is empty: its first line must name the columns")
    header, *body = rows
    names = [unicodedata.normalize("NFC", name.strip()) for name in header.cells]
    for row in body:
        if len(row.cells) != len(names):
            raise TableError(
                f"{path}, line {row.line}: {len(row.cells)} cells, and {len(names)} columns are "
                "named: put a cell in quotes if the delimiter is in it"
            )
    # Spreadsheets add such columns at the right.
    kept = [
        place
        for place, name in enumerate(names)
        if name or any(row.cells[place].strip() for row in body)
    ]
    for place in kept:
        _require_name(path, names, place)
    return TextTable(
        path,
        tuple(names[place] for place in kept),
        tuple(Row(row.line, tuple(row.cells[place] for place in kept)) for row in body),
    )


def read_rows(path: Path, delimiter: str | None = None) -> list[Row]:
    """All rows, the header too if there is one, without empty ones at the end.

    An empty one before others is refused: what comes after it would be counted in two ways.
    """
    text = read_text(path)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise TableError(f"{path}, line {line}: a NUL character: is it a text file in UTF-8?")
    rows = list(_parse(path, text, delimiter or _delimiter(path, text)))
    while rows and _is_empty(rows[-1]):
        rows.pop()
    for row in rows:
        if _is_empty(row):
            raise TableError(f"{path}, line {row.line}: an empty line: remove it, or fill it")
    return rows


def _is_empty(row: Row) -> bool:
    return not any(cell.strip() for cell in row.cells)


def _require_name(path: Path, names: Sequence[str], place: int) -> None:
    name = names[place]
    if not name:
        raise TableError(f"{path}, line 1: column {place + 1} has no name: name or remove it")
    if not name.isprintable():
        raise TableError(
            f"{path}, line 1: the name of column {place + 1}, {quoted(name)}, has "
            "characters that nobody sees: type it anew"
        )
    first = names.index(name)
    if first != place:
        raise TableError(
            f"{path}, line 1: columns {first + 1} and {place + 1} are both called {quoted(name)}: "
            "rename one"
        )


def _parse(path: Path, text: str, delimiter: str) -> Iterator[Row]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in rows:
            yield Row(line, tuple(cells))
            line = rows.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            problem = f"a cell of more than {_CELL:,} characters: is a quote not closed?"
        elif "unexpected end" in str(error):
            problem = "a quote that is never closed"
        else:
            problem = f"not valid CSV, {error}"
        raise TableError(f"{path}, the row that begins in line {line}: {problem}") from None


def _delimiter(path: Path, text: str) -> str:
    """What separates cells: what the header has, and what fits all rows if that is not one."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    headers = {mark: _header(path, text, mark) for mark in DELIMITERS}
    found = [mark for mark, cells in headers.items() if len(cells) > 1]
    if len(found) > 1:
        found = [mark for mark in found if _fits(path, text, mark, len(headers[mark]))] or found
    if len(found) > 1:
        marks = " or ".join(DELIMITERS[mark] for mark in found)
        raise TableError(
            f"{path}, line 1: cells may be separated by {marks}: put what holds the other in quotes"
        )
    return found[0] if found else ","


def _header(path: Path, text: str, delimiter: str) -> tuple[str, ...]:
    try:
        return next((row.cells for row in _parse(path, text, delimiter)), ())
    except TableError:
        return ()


def _fits(path: Path, text: str, delimiter: str, columns: int) -> bool:
    try:
        rows = list(_parse(path, text, delimiter))
    except TableError:
        return False
    return all(len(row.cells) == columns or _is_empty(row) for row in rows)
