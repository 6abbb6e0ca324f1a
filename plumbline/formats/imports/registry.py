"""All formats of tasks by name, and which of them a file has.

How rows lie in a file is told by its ending; whether a program wrote them, by what is in it. A
round file may name either as its `format`, and must where the file could be read in two ways.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from plumbline.formats.imports.imported import (
    FileFormat,
    Imported,
    ProgramFormat,
    Source,
    TaskRow,
    TasksError,
    TasksKeyError,
)
from plumbline.formats.names import quoted

LIST: Final = "list"
"""What tasks are that stand in the round file itself."""


@dataclass(frozen=True, slots=True)
class FormatEntry:
    """A format: where it is, `module:class`, what it is, and the ending of its files, if any."""

    place: str
    meaning: str
    ending: str = ""


FORMATS: Final[Mapping[str, FormatEntry]] = {
    "csv": FormatEntry("delimited:Csv", "a table with a header, a task a row", ".csv"),
    "tsv": FormatEntry("delimited:Tsv", "the same with tabs", ".tsv"),
    "jsonl": FormatEntry("json_lines:JsonLines", "JSON Lines, a task a line", ".jsonl"),
    "json": FormatEntry("json_list:JsonList", "a list of tasks", ".json"),
    "parquet": FormatEntry("parquet:Parquet", "a table with types, a task a row", ".parquet"),
    "label-studio": FormatEntry(
        "label_studio:LabelStudio", "tasks and exports of Label Studio, with their labeling config"
    ),
    "argilla": FormatEntry("argilla:Argilla", "records of Argilla, best with their settings"),
    "preferences": FormatEntry(
        "preferences:Preferences", "rows of prompt, chosen and rejected, as preferences are trained"
    ),
}


def import_tasks(given: object, source: Source, name: str | None) -> Imported:
    """The tasks of a round file: a list, or those of the file that `source` names.

    `name` is the format if it is said. Raises TasksError with file and row, TasksKeyError with
    the key of the round file.
    """
    if isinstance(given, list) and given:
        _require_file(source, name)
        tasks = [TaskRow(f"task {number}", task) for number, task in enumerate(given, start=1)]
        return Imported(LIST, tuple(tasks), len(tasks))
    if not isinstance(given, str):
        endings = ", ".join(entry.ending for entry in FORMATS.values() if entry.ending)
        raise TasksKeyError(f"tasks must be a list, or the name of a file ({endings})")
    if name is not None and name not in FORMATS:
        listed = "; ".join(f"{known}: {entry.meaning}" for known, entry in FORMATS.items())
        raise TasksKeyError(f"format is {quoted(name)}: give one of ({listed})")
    program, source = _in_folder(source)
    kind = name if name is not None and FORMATS[name].ending else _by_ending(source.path)
    if source.delimiter is not None and kind != "csv":
        raise TasksKeyError("delimiter is for tasks in a .csv file: leave it out")
    rows = _file_format(kind).rows(source)
    if not rows:
        raise TasksError(f"{source.path} has no tasks in it")
    if name == kind and not program:
        return _plain(kind, rows, source)
    found = program or name or _recognised(rows, source)
    if found is None:
        return _plain(kind, rows, source)
    if program and name not in (None, program):
        raise TasksKeyError(f"format is {name}, and this is a folder of {program}")
    return _program(found).read(rows, source)


def _plain(kind: str, rows: Sequence[TaskRow], source: Source) -> Imported:
    """Rows that mean what they say."""
    for key, value in (("config", source.config), ("question", source.question)):
        if value is not None:
            programs = " or ".join(name for name, entry in FORMATS.items() if not entry.ending)
            raise TasksKeyError(
                f"{key} is for tasks of a program: leave it out, or say `format: {programs}`"
            )
    return Imported(kind, tuple(rows), len(rows))


def _require_file(source: Source, name: str | None) -> None:
    said = {
        "delimiter": source.delimiter,
        "format": name,
        "config": source.config,
        "question": source.question,
    }
    for key, value in said.items():
        if value is not None:
            where = "in a .csv file" if key == "delimiter" else "in a file"
            raise TasksKeyError(f"{key} is for tasks {where}: leave it out")


def _in_folder(source: Source) -> tuple[str | None, Source]:
    """The program whose folder this is and the files in it; the same source if it is a file."""
    if not source.path.is_dir():
        return None, source
    for name, entry in FORMATS.items():
        files = None if entry.ending else _program(name).folder(source.path)
        if files is not None:
            records, settings = files
            return name, replace(source, path=records, config=source.config or settings)
    raise TasksError(f"{source.path} is a folder, and none that a program writes its tasks to")


def _by_ending(path: Path) -> str:
    ending = path.suffix.lower()
    for name, entry in FORMATS.items():
        if entry.ending == ending:
            return name
    kinds = {name: entry.ending for name, entry in FORMATS.items() if entry.ending}
    raise TasksError(
        f"{path} must end in {', '.join(kinds.values())}: save it as one of these, or say which it "
        f"is, like `format: {next(iter(kinds))}`"
    )


def _recognised(rows: Sequence[TaskRow], source: Source) -> str | None:
    """The program that wrote some rows; None if they are anybody's.

    Settings are those of a program, so that they tell it too.
    """
    programs = {name: _program(name) for name, entry in FORMATS.items() if not entry.ending}
    if source.config is not None:
        ending = source.config.suffix.lower()
        found = [name for name, program in programs.items() if program.config == ending]
        if not found:
            endings = " or ".join(
                f"{program.config} ({name})" for name, program in programs.items() if program.config
            )
            raise TasksKeyError(f"config is {quoted(source.config.name)}: must end in {endings}")
    else:
        found = [name for name, program in programs.items() if program.recognises(rows)]
    if len(found) > 1:
        raise TasksKeyError(
            f"{source.path} may be of {' or '.join(found)}: say which, like `format: {found[0]}`"
        )
    return found[0] if found else None


def _file_format(name: str) -> FileFormat:
    found = _of(name)
    assert isinstance(found, FileFormat), name
    return found


def _program(name: str) -> ProgramFormat:
    found = _of(name)
    assert isinstance(found, ProgramFormat), name
    return found


def _of(name: str) -> object:
    """A format, imported where it is used: some need packages that others do without."""
    module, _, attribute = FORMATS[name].place.partition(":")
    try:
        found = importlib.import_module(f"{__package__}.{module}")
    except ModuleNotFoundError as error:
        raise TasksError(
            f"{name} takes the package {error.name}: pip install 'plumbline[report]'"
        ) from None
    return getattr(found, attribute)()
