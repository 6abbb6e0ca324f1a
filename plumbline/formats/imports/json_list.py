"""JSON: a list of tasks."""

from collections.abc import Sequence

from plumbline.files.text import parse_json, read_text
from plumbline.formats.imports.imported import FileFormat, Source, TaskRow, TasksError


class JsonList(FileFormat):
    """A list in one file."""

    def rows(self, source: Source) -> Sequence[TaskRow]:
        path = source.path
        given = parse_json(read_text(path), str(path))
        if not isinstance(given, list):
            raise TasksError(f"{path} must hold a list of tasks")
        return [
            TaskRow(f"{path}, task {number}", task) for number, task in enumerate(given, start=1)
        ]
