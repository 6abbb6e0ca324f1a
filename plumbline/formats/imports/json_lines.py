"""JSON Lines: a task a line."""

from collections.abc import Sequence

from plumbline.files.text import parse_json, read_text
from plumbline.formats.imports.imported import FileFormat, Source, TaskRow, TasksError
from plumbline.progress import track


class JsonLines(FileFormat):
    """Any JSON in each line."""

    def rows(self, source: Source) -> Sequence[TaskRow]:
        # Only a line feed ends a line of JSON: other breaks may stand in its texts.
        lines = [line.strip(" \t\r") for line in read_text(source.path).split("\n")]
        while lines and not lines[-1]:
            lines.pop()
        rows = []
        for number, line in enumerate(track(lines, "reading lines", source.progress), start=1):
            place = f"{source.path}, line {number}"
            if not line:
                raise TasksError(f"{place}: an empty line: remove it, since tasks are counted")
            rows.append(TaskRow(place, parse_json(line, place)))
        return rows
