"""The labels as CSV, for spreadsheets: an item a row, in the order of the requester's file.

A list of numbers, one for each option, has a column for each; all other lists are JSON. Nothing is
an empty cell.
"""

from collections.abc import Iterator, Sequence

from plumbline.dataset.exports.export import Column, DatasetExport, ExportedFile
from plumbline.dataset.exports.labels import LabelRows
from plumbline.dataset.split import Row, SplitDataset
from plumbline.formats import spreadsheet


class CsvFile(DatasetExport):
    """`labels.csv`, with all that the table `labels` has."""

    def files(self, source: SplitDataset) -> Iterator[ExportedFile]:
        yield ExportedFile("labels.csv", labels_csv(source).encode())


def labels_csv(source: SplitDataset) -> str:
    """The table `labels`, safe in a spreadsheet."""
    rows = LabelRows(source)
    header = [heading for column in rows.columns for heading in column.headings]
    cells = (_cells(rows.columns, rows.row(item)) for item in source.dataset.items)
    return spreadsheet.to_csv([header, *cells])


def _cells(columns: Sequence[Column], row: Row) -> list[str]:
    cells: list[str] = []
    for column in columns:
        value = row.get(column.name)
        if not column.entries:
            cells.append(spreadsheet.cell_of(value))
        elif isinstance(value, list):
            cells += map(spreadsheet.cell_of, value)
        else:
            cells += [""] * len(column.entries)
    return cells
