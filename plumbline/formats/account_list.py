"""The accounts of an allow list.

A text has one on each line; empty lines and what follows a # are left out. A table, whose name ends
in .csv or .tsv, has them in a column `labeler`, `account` or `address`; others are left alone.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.files.text import read_text
from plumbline.formats.table import read_table
from plumbline.protocol.addresses import AddressError, checksum

_COLUMNS: Final = ("labeler", "account", "address")
_TABLES: Final = (".csv", ".tsv")


class AccountListError(PlumblineError):
    """A file that lists no accounts, or one twice; the message has file and line."""


def read_accounts(path: Path) -> tuple[str, ...]:
    """The accounts of a file, in its order. Raises AccountListError, TableError or FileError."""
    lines = _in_table(path) if path.suffix.lower() in _TABLES else _in_text(path)
    found: dict[str, int] = {}
    for number, text in lines:
        try:
            account = checksum(text)
        except AddressError as error:
            raise AccountListError(f"{path}, line {number}: {error}") from None
        if account in found:
            raise AccountListError(
                f"{path}: {account} is on lines {found[account]} and {number}: name each once"
            )
        found[account] = number
    if not found:
        raise AccountListError(f"{path} names no account: write one on each line")
    return tuple(found)


def _in_text(path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        text = line.partition("#")[0].strip()
        if text:
            yield number, text


def _in_table(path: Path) -> Iterator[tuple[int, str]]:
    table = read_table(path)
    named = [name for name in _COLUMNS if name in {each.casefold() for each in table.columns}]
    if len(named) != 1:
        known = ", ".join(_COLUMNS)
        raise AccountListError(
            f"{path}, line 1: accounts are in one column, which is called one of {known}: "
            f"{'there is none' if not named else 'there are ' + ' and '.join(named)}"
        )
    column = table.column(named[0])
    for row in table.rows:
        yield row.line, row.cells[column].strip()
