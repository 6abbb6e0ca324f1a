"""All that a dataset can be written as, by name.

An export is imported when it is used.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from plumbline.dataset.exports.export import DatasetExport
from plumbline.errors import PlumblineError


class ExportError(PlumblineError):
    """A form that a dataset cannot be written in, or a folder that it cannot be written to."""


@dataclass(frozen=True, slots=True)
class ExportEntry:
    """An export: where it is, `module:class`, and what it is."""

    place: str
    meaning: str


EXPORTS: Final[Mapping[str, ExportEntry]] = {
    "csv": ExportEntry("delimited:CsvFile", "labels.csv, for spreadsheets"),
    "jsonl": ExportEntry("json_lines:JsonLinesFile", "labels.jsonl, an item a line"),
    "trl": ExportEntry("trl:Trl", "rows for DPO, reward models, KTO and SFT"),
    "label-studio": ExportEntry("label_studio:LabelStudioFiles", "a project of Label Studio"),
    "argilla": ExportEntry("argilla:ArgillaFiles", "a dataset of Argilla"),
}
"""Besides the tables of labels and answers, which are always written."""


def export_named(name: str) -> DatasetExport:
    """The export of that name. Raises ExportError that lists them all."""
    if name not in EXPORTS:
        listed = "; ".join(f"{known}: {entry.meaning}" for known, entry in EXPORTS.items())
        raise ExportError(f"format {name!r} is not known: give one of ({listed})")
    module, _, cls = EXPORTS[name].place.partition(":")
    found: DatasetExport = getattr(
        importlib.import_module(f"plumbline.dataset.exports.{module}"), cls
    )()
    return found
