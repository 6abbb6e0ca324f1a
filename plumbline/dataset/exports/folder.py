"""A dataset as a folder.

README.md                   the card
data/TABLE-SPLIT.parquet    the tables, for `datasets`, pandas and all that reads Parquet
labels.csv, ..              what else was asked for
provenance.json, rounds/    where its rows come from
SHA256SUMS                  of all of them
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from plumbline.dataset.exports.card import CARD, CardDetails, card
from plumbline.dataset.exports.export import DatasetExport, ExportedFile
from plumbline.dataset.exports.labels import Labels
from plumbline.dataset.exports.parquet import parquet_files, splits_of
from plumbline.dataset.exports.registry import EXPORTS, ExportError, export_named
from plumbline.dataset.provenance import Provenance, write_provenance
from plumbline.dataset.split import SplitDataset
from plumbline.files.checked_folder import checked_folder
from plumbline.protocol.manifest import Manifest
from plumbline.questions.question import Question


def formats_for(question: Question, given: Sequence[str] = ()) -> tuple[str, ...]:
    """The names of the formats that were asked for, else of all that fit the question.

    Raises ExportError for one that is not known or does not fit.
    """
    if not given:
        return tuple(name for name in EXPORTS if export_named(name).suits(question))
    for name in given:
        if not export_named(name).suits(question):
            raise ExportError(
                f"format {name} has nothing to say about a question of the kind {question.name}: "
                "leave it out"
            )
    return tuple(name for name in EXPORTS if name in given)


def exports_of(formats: Sequence[str]) -> list[DatasetExport]:
    """The labels, and the exports of these names."""
    return [Labels(), *map(export_named, formats)]


def dataset_files(
    source: SplitDataset, formats: Sequence[str], details: CardDetails
) -> Iterator[ExportedFile]:
    """All files but those of the provenance. The same dataset gives the same bytes."""
    exports = exports_of(formats)
    tables = [table for export in exports for table in export.tables(source) if splits_of(table)]
    yield ExportedFile(CARD, card(source, tables, details).encode())
    yield from parquet_files(tables)
    for export in exports:
        yield from export.files(source)


def write_dataset(
    folder: Path,
    source: SplitDataset,
    details: CardDetails,
    provenance: Provenance,
    manifests: Sequence[Manifest],
) -> list[tuple[str, int]]:
    """Write the folder, whole or not at all; what was written, with the bytes of each file.

    `manifests` are the tasks of its rounds. Raises FolderError if something else is there or it
    cannot be written, ProvenanceError for names or fields of items that no file can hold.
    """
    with checked_folder(folder) as unfinished:
        # First, as it refuses what cannot be written.
        write_provenance(unfinished, provenance, manifests)
        for file in dataset_files(source, provenance.options.formats, details):
            path = unfinished / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
    return [
        (path.relative_to(folder).as_posix(), path.stat().st_size)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
