"""Tables as Parquet, the one format that all tables of a folder share, as `datasets` wants it."""

import io
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from plumbline.dataset.exports.export import DatasetTable, ExportedFile
from plumbline.dataset.split import Row, Split


def parquet_path(table: DatasetTable, split: Split) -> str:
    """Where the rows of a split are, from the folder."""
    return f"data/{table.name}-{split.value}.parquet"


def splits_of(table: DatasetTable) -> list[Split]:
    """The splits that have rows: `datasets` fails on a file without any."""
    return [split for split in Split if table.rows[split]]


def parquet_files(tables: Sequence[DatasetTable]) -> Iterator[ExportedFile]:
    """A file for each table and split."""
    for table in tables:
        for split in splits_of(table):
            content = parquet_bytes(table.schema, table.rows[split])
            yield ExportedFile(parquet_path(table, split), content)


def parquet_bytes(schema: pa.Schema, rows: Sequence[Row]) -> bytes:
    """Rows as a file. The same rows give the same bytes."""
    file = io.BytesIO()
    table = pa.Table.from_pylist(rows, schema=schema)
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()
