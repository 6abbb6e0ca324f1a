"""Everything that happened, as tables for SQL, data frames and whoever else reads Parquet.

    schemas    the columns, with their units
    rows       events as rows
    files      rows as Parquet files, a range of blocks each
    export     from a node to files

Movements of money are those of `plumbline.history`. docs/tables.md has all columns, and queries to
begin with.
"""

from plumbline.tables.export import Export, Written, export_tables
from plumbline.tables.files import path_of, to_arrow, write
from plumbline.tables.rows import TablesError, rows_of
from plumbline.tables.schemas import SCHEMAS

__all__ = [
    "SCHEMAS",
    "Export",
    "TablesError",
    "Written",
    "export_tables",
    "path_of",
    "rows_of",
    "to_arrow",
    "write",
]
