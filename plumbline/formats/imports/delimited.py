"""Tables: CSV and TSV, a task a row."""

from collections.abc import Sequence

from plumbline.formats.imports.imported import FileFormat, Source, TaskRow
from plumbline.formats.table import read_table
from plumbline.progress import track


class Csv(FileFormat):
    """Cells that the header separates."""

    def rows(self, source: Source) -> Sequence[TaskRow]:
        return _rows(source, source.delimiter)


class Tsv(FileFormat):
    """Cells that tabs separate."""

    def rows(self, source: Source) -> Sequence[TaskRow]:
        return _rows(source, source.delimiter or "\t")


def _rows(source: Source, delimiter: str | None) -> list[TaskRow]:
    table = read_table(source.path, delimiter)
    rows = []
    for row in track(table.rows, "reading rows", source.progress):
        # A checkout with other line ends means the same tasks.
        cells = [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row.cells]
        rows.append(TaskRow(table.place(row), dict(zip(table.columns, cells, strict=True))))
    return rows
