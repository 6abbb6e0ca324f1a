"""The rows of a file of a dataset, whoever wrote it.

.parquet   one row each, with the types of the columns and what is said of the whole
.csv       cells as they are written, by the names of the columns
.jsonl     a value a line
.json      the entries of a list, or else the whole
others     lines of text
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from plumbline.errors import PlumblineError
from plumbline.files.text import FileError, parse_json

_BATCH: Final = 256  # rows that are decoded at a time
_THRIFT: Final = 16 * 2**20  # bytes, and entries, of what a Parquet file says of itself


class RowsError(PlumblineError):
    """A file whose rows cannot be read."""


@dataclass(frozen=True, slots=True)
class FileRows:
    """What a file holds.

    head  what is said of all rows: the columns, with their types if they have any; whether JSON is
          a list
    """

    head: tuple[str, ...]
    read: Callable[[], Iterator[object]]

    def __iter__(self) -> Iterator[object]:
        """The rows, each as JSON or a line of text. They are read anew each time.

        Raises RowsError where one cannot be.
        """
        try:
            yield from self.read()
        except FileError as error:
            raise RowsError(str(error)) from None


def rows_of(name: str, content: bytes) -> FileRows:
    """The rows of a file of that name. Raises RowsError."""
    return _READERS.get(PurePosixPath(name).suffix, _lines)(content)


def _lines(content: bytes) -> FileRows:
    text = _text(content)
    return FileRows((), lambda: iter(text.split("\n")))


def _json(content: bytes) -> FileRows:
    try:
        value = parse_json(_text(content), "it")
    except FileError as error:
        raise RowsError(str(error)) from None
    if isinstance(value, list):
        return FileRows(("a list",), lambda: iter(value))
    return FileRows(("one value",), lambda: iter([value]))


def _json_lines(content: bytes) -> FileRows:
    lines = _text(content).removesuffix("\n").split("\n")
    return FileRows(
        (), lambda: (parse_json(line, f"line {number}") for number, line in enumerate(lines, 1))
    )


def _csv(content: bytes) -> FileRows:
    text = _text(content)
    head = next(_csv_rows(text), [])
    if len(set(head)) < len(head):
        raise RowsError("row 1: a column comes twice")
    return FileRows(tuple(head), lambda: _cells(head, _csv_rows(text)))


def _csv_rows(text: str) -> Iterator[list[str]]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        yield from rows
    except csv.Error as error:
        raise RowsError(f"line {rows.line_num}: {error}") from None


def _cells(head: Sequence[str], rows: Iterator[list[str]]) -> Iterator[object]:
    next(rows, None)
    for number, row in enumerate(rows, start=2):
        if len(row) != len(head):
            raise RowsError(f"row {number}: {len(row)} cells, not {len(head)}")
        yield dict(zip(head, row, strict=True))


def _parquet(content: bytes) -> FileRows:
    try:
        file = pq.ParquetFile(
            pa.BufferReader(content),
            thrift_string_size_limit=_THRIFT,
            thrift_container_size_limit=_THRIFT,
        )
        schema = file.schema_arrow
        head = [f"{field.name}: {field.type}" for field in schema]
        # Loaders read of it what columns mean.
        said = {key.decode(): value.decode() for key, value in (schema.metadata or {}).items()}
        head += [f"{key} = {value}" for key, value in sorted(said.items())]
    except (pa.ArrowException, OSError, UnicodeDecodeError, ValueError) as error:
        raise RowsError(f"it is not Parquet ({_first_line(error)})") from None
    return FileRows(tuple(head), lambda: _decoded(file))


def _decoded(file: pq.ParquetFile) -> Iterator[object]:
    try:
        for batch in file.iter_batches(_BATCH, use_threads=False):
            yield from batch.to_pylist()
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, MemoryError):
            raise
        raise RowsError(f"its rows cannot be read ({_first_line(error)})") from None


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise RowsError("it is not text in UTF-8") from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


_READERS: Final[dict[str, Callable[[bytes], FileRows]]] = {
    ".parquet": _parquet,
    ".csv": _csv,
    ".jsonl": _json_lines,
    ".json": _json,
}
