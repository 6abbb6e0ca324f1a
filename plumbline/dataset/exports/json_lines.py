"""The labels as JSON Lines: an item a line, in the order of the requester's file."""

import json
from collections.abc import Iterator, Sequence

from plumbline.dataset.exports.export import Column, DatasetExport, ExportedFile
from plumbline.dataset.exports.labels import LabelRows
from plumbline.dataset.split import Row, SplitDataset


class JsonLinesFile(DatasetExport):
    """`labels.jsonl`, with all that the table `labels` has."""

    def files(self, source: SplitDataset) -> Iterator[ExportedFile]:
        lines = "".join(f"{line}\n" for line in _lines(source))
        yield ExportedFile("labels.jsonl", lines.encode())


def labels_json(source: SplitDataset) -> str:
    """The table `labels` as a list of objects, a line each."""
    return "[\n" + ",\n".join(_lines(source)) + "\n]\n"


def to_json(columns: Sequence[Column], row: Row) -> str:
    """A row as an object with all columns, in their order."""
    return json.dumps({column.name: row.get(column.name) for column in columns}, ensure_ascii=False)


def _lines(source: SplitDataset) -> Iterator[str]:
    rows = LabelRows(source)
    return (to_json(rows.columns, rows.row(item)) for item in source.dataset.items)
