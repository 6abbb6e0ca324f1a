"""Tables as Parquet files, one folder a table and one file a range of blocks.

    <folder>/<table>/blocks-000000000100-000000000199/part.parquet

`*` in the place of the range reads all of a table. The same range of the same chain gives the
same bytes, whoever writes it. A file is written under another name and moved into its place, so
that a reader never sees half of one.
"""

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from plumbline.tables.rows import Row, TablesError
from plumbline.tables.schemas import SCHEMAS, WEI

_PART: Final = "part.parquet"
_RANGE: Final = re.compile(r"blocks-([0-9]{12,})-([0-9]{12,})", re.ASCII)
_GROUP: Final = 131_072  # rows that are compressed together


def to_arrow(name: str, rows: Sequence[Row], about: Mapping[str, str] | None = None) -> pa.Table:
    """Rows as an Arrow table; `about` goes into the metadata of the table.

    Raises TablesError for a value that its column cannot hold.
    """
    schema = SCHEMAS[name].with_metadata(dict(about) if about else None)
    columns = []
    for field in schema:
        values = [row[field.name] for row in rows]
        if field.type == WEI:
            # Arrow takes decimals and no wide integers.
            values = [None if value is None else Decimal(value) for value in values]
        try:
            columns.append(pa.array(values, field.type))
        except (pa.ArrowInvalid, OverflowError) as error:
            raise TablesError(f"{name}, column {field.name}: {error}") from None
    return pa.Table.from_arrays(columns, schema=schema)


def path_of(folder: Path, name: str, first: int, last: int) -> Path:
    """Where a table of the blocks from `first` to `last`, included, is."""
    return folder / name / f"blocks-{first:012d}-{last:012d}" / _PART


def ranges_in(folder: Path) -> set[tuple[int, int]]:
    """The ranges of blocks of which there is a file of any table, first and last included."""
    ranges = set()
    for name in SCHEMAS:
        for path in (folder / name).glob(f"*/{_PART}"):
            match = _RANGE.fullmatch(path.parent.name)
            if match:
                ranges.add((int(match[1]), int(match[2])))
    return ranges


def require_room(folder: Path, first: int, last: int) -> None:
    """Raise TablesError if blocks of another range than just this one are there already."""
    for other in sorted(ranges_in(folder)):
        if other != (first, last) and other[0] <= last and first <= other[1]:
            raise TablesError(
                f"{folder} has blocks {other[0]} to {other[1]} already, and rows would come"
                f" twice: take --from-block {other[1] + 1}, or another folder"
            )


def write(table: pa.Table, path: Path) -> None:
    """Write a file whole or not at all. Raises TablesError if the disk does not take it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    except OSError as error:
        raise TablesError(f"{path} cannot be written: {error.strerror}") from None
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            pq.write_table(table, file, compression="zstd", row_group_size=_GROUP)
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(0o644)
        unfinished.replace(path)
    except OSError as error:
        raise TablesError(f"{path} cannot be written: {error}") from None
    finally:
        unfinished.unlink(missing_ok=True)
