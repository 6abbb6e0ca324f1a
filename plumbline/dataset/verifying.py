"""Everything in a dataset's folder again, from the events of its rounds.

The folder is what somebody says. The labels are made anew as it says that they were, all its files
are written anew, and what is there is compared with them row by row. Nothing in it is believed but
what the chain does not tell (see `provenance`), and that must be the same in all files.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from plumbline.dataset.exports.card import CardDetails
from plumbline.dataset.exports.export import ExportedFile
from plumbline.dataset.exports.folder import dataset_files, formats_for
from plumbline.dataset.file_comparison import FileComparer
from plumbline.dataset.labeling import in_file_order, label
from plumbline.dataset.provenance import (
    PROVENANCE,
    Provenance,
    ProvenanceError,
    RoundPlace,
    manifest_path,
    read_manifest,
)
from plumbline.dataset.records import Dataset
from plumbline.dataset.row_differences import DifferenceKind, RowDifference
from plumbline.dataset.sources import SourceError, SourceRound
from plumbline.errors import PlumblineError
from plumbline.files.checked_folder import SUMS, read_sums, sha256_of
from plumbline.files.media import open_regular
from plumbline.history.rounds import RoundHistory
from plumbline.progress import Progress, no_progress
from plumbline.units import Unit

_NOT_ITS_OWN: Final = frozenset({".git", ".gitattributes", ".gitignore", ".cache"})
"""What programs that fetch a folder leave in it."""
_ROOM: Final = 2**20  # bytes that a file may be larger than twice what it should be, to be read
_MOST_FIELDS: Final = 1_000
_MOST_NAMES: Final = 1_000  # unknown files that are named


@dataclass(frozen=True, slots=True)
class ComparedFile:
    """A file that follows from the rounds or from the others, and how many differences were found
    in it.
    """

    path: str
    differences: int


@dataclass(frozen=True, slots=True)
class OnTrust:
    """What no chain tells, and is the requester's word.

    fields   names of what was kept beside
    groups   of items, by name
    labelers who were put into groups, and the groups
    """

    fields: tuple[str, ...]
    groups: tuple[str, ...]
    labelers: int
    labeler_groups: tuple[str, ...]

    @classmethod
    def of(cls, provenance: Provenance) -> "OnTrust":
        """In a dataset."""
        items, people = provenance.items.values(), provenance.groups.of
        return cls(
            tuple(dict.fromkeys(field for item in items for field in item.kept)),
            tuple(dict.fromkeys(item.group for item in items if item.group is not None)),
            len(people),
            tuple(dict.fromkeys(people.values())),
        )


@dataclass(frozen=True, slots=True)
class VerifiedFolder:
    """What came out.

    dataset   as it follows from the rounds; None if they are not what the folder says: then no
              row was compared
    files     those that follow
    ignored   what is in the folder and not looked at
    """

    provenance: Provenance
    dataset: Dataset | None
    files: tuple[ComparedFile, ...]
    findings: tuple[RowDifference, ...]
    ignored: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether all of it follows from the rounds."""
        return not self.findings

    @property
    def answers(self) -> int:
        """How many answers the labels are made of, heard or not."""
        if self.dataset is None:
            return 0
        return sum(len(task.answers) for item in self.dataset.items for task in item.tasks)


def verify_folder(
    folder: Path,
    provenance: Provenance,
    histories: Mapping[int, RoundHistory],
    unit: Unit,
    comparer: FileComparer,
    progress: Progress = no_progress,
) -> VerifiedFolder:
    """Compare a folder with what follows from these rounds, by number: those of its deployment
    that it names, as far as there are any. `unit` is that of amounts there.
    """
    findings: list[RowDifference] = []
    dataset = _made_again(folder, provenance, histories, findings)
    if dataset is None:
        return VerifiedFolder(provenance, None, (), tuple(findings), ())
    progress("labels made again", 1, 1)
    files, unreadable = [], set()
    known = {PROVENANCE, *(manifest_path(place.tasks_root) for place in provenance.rounds)}
    options = provenance.options
    details = CardDetails(options.license, provenance.deployed, unit)
    try:
        for wanted in dataset_files(options.split(dataset), options.formats, details):
            own = list(_file_differences(folder, wanted, comparer))
            known.add(wanted.path)
            if any(finding.kind is DifferenceKind.UNREADABLE for finding in own):
                unreadable.add(wanted.path)
            files.append(ComparedFile(wanted.path, len(own)))
            findings += own
            progress("files compared", len(files), len(files) + 1)
    except PlumblineError as error:
        # What was asked for makes no dataset, and nobody can have written it.
        wrong = RowDifference(DifferenceKind.ROUND, PROVENANCE, str(error))
        return VerifiedFolder(provenance, None, (), (wrong,), ())
    progress("files compared", len(files), len(files))
    sums = list(_sum_differences(folder, known - unreadable))
    files.append(ComparedFile(SUMS, len(sums)))
    findings += sums
    unknown, ignored = _others(folder, {*known, SUMS})
    return VerifiedFolder(provenance, dataset, tuple(files), (*findings, *unknown), ignored)


def _made_again(
    folder: Path,
    provenance: Provenance,
    histories: Mapping[int, RoundHistory],
    findings: list[RowDifference],
) -> Dataset | None:
    """The dataset as it follows from the rounds; None, and findings, if they are others."""
    found = [_source(folder, provenance, each, histories, findings) for each in provenance.rounds]
    sources = [source for source in found if source is not None]
    if not findings:
        findings += _strangers(provenance, sources)
    if findings:
        return None
    if _count_fields(provenance, sources) > _MOST_FIELDS:
        # Each is a column of every row.
        words = f"items have more than {_MOST_FIELDS:,} different fields: they make no table"
        findings.append(RowDifference(DifferenceKind.ROUND, PROVENANCE, words))
        return None
    options = provenance.options
    try:
        dataset = label(sources, options.method, provenance.groups)
        if options.formats:
            formats_for(dataset.question, options.formats)
    except PlumblineError as error:
        findings.append(RowDifference(DifferenceKind.ROUND, PROVENANCE, str(error)))
        return None
    return in_file_order(dataset, [item.name for item in provenance.items.values()])


def left_out(provenance: Provenance, histories: Mapping[int, RoundHistory]) -> tuple[int, ...]:
    """Further closed rounds of the requester about the same tasks, which a dataset does not name:
    maybe held again, maybe not to the requester's liking.
    """
    named = {place.round_id for place in provenance.rounds}
    roots = {place.tasks_root for place in provenance.rounds}
    return tuple(
        number
        for number, history in histories.items()
        if number not in named
        and history.closed is not None
        and history.requester == provenance.requester
        and history.opened.tasks_root in roots
    )


# ---------------------------------------------------------------- rounds


def _source(
    folder: Path,
    provenance: Provenance,
    place: RoundPlace,
    histories: Mapping[int, RoundHistory],
    findings: list[RowDifference],
) -> SourceRound | None:
    """A round with its tasks; None, and a finding, if it is not what the folder says."""
    where = f"round {place.round_id}"
    history = histories.get(place.round_id)
    if history is None:
        findings.append(
            RowDifference(DifferenceKind.ROUND, where, "there is no such round that can be told")
        )
    elif history.requester != provenance.requester:
        words = f"was opened by {history.requester}, and not by {provenance.requester}"
        findings.append(RowDifference(DifferenceKind.ROUND, where, words))
    elif history.opened.tasks_root != place.tasks_root:
        words = (
            f"is about other tasks (root 0x{history.opened.tasks_root.hex()}), and not those of "
            f"{manifest_path(place.tasks_root)}"
        )
        findings.append(RowDifference(DifferenceKind.ROUND, where, words))
    elif history.closed is None:
        findings.append(
            RowDifference(DifferenceKind.ROUND, where, "is not closed: it has no labels")
        )
    else:
        return _with_tasks(folder, provenance, history, findings)
    return None


def _with_tasks(
    folder: Path, provenance: Provenance, history: RoundHistory, findings: list[RowDifference]
) -> SourceRound | None:
    path = manifest_path(history.opened.tasks_root)
    link = _link_to(folder, path)
    if link is not None:
        findings.append(_not_followed(path, link))
        return None
    try:
        manifest = read_manifest(folder, history.opened.tasks_root)
        return SourceRound.of(history, manifest, provenance.items)
    except ProvenanceError as error:
        kind = DifferenceKind.CHANGED if (folder / path).exists() else DifferenceKind.MISSING
        findings.append(RowDifference(kind, path, str(error)))
    except SourceError as error:
        findings.append(RowDifference(DifferenceKind.MISSING, PROVENANCE, str(error)))
    except PlumblineError as error:
        findings.append(RowDifference(DifferenceKind.CHANGED, path, str(error)))
    return None


def _strangers(provenance: Provenance, sources: Sequence[SourceRound]) -> Iterator[RowDifference]:
    """Items and labelers that are in no round."""
    asked = {item.name for source in sources for item in source.asked.items}
    for called, item in provenance.items.items():
        if called not in asked:
            words = f"item {item.name} ({called} to labelers) is in none of the rounds"
            yield RowDifference(DifferenceKind.ADDED, PROVENANCE, words)
    answered = {event.labeler for source in sources for event in source.history.reveals}
    for labeler in provenance.groups.of:
        if labeler not in answered:
            words = f"labeler {labeler} answered in none of the rounds"
            yield RowDifference(DifferenceKind.ADDED, PROVENANCE, words)


def _count_fields(provenance: Provenance, sources: Sequence[SourceRound]) -> int:
    kept = {field for item in provenance.items.values() for field in item.kept}
    shown = {
        field
        for source in sources
        for task in source.manifest.tasks
        if isinstance(task, Mapping)
        for field in task
    }
    return len(kept) + len(shown)


# ---------------------------------------------------------------- files


def _file_differences(
    folder: Path, wanted: ExportedFile, comparer: FileComparer
) -> Iterator[RowDifference]:
    """What differs between a file and the one that follows from the rounds."""
    link = _link_to(folder, wanted.path)
    if link is not None:
        yield _not_followed(wanted.path, link)
        return
    limit = 2 * len(wanted.content) + _ROOM
    path = folder / wanted.path
    if not path.exists():
        yield RowDifference(DifferenceKind.MISSING, wanted.path, "is not there")
        return
    file = open_regular(path, limit)
    if file is None:
        words = f"is not a file of about {len(wanted.content):,} bytes: it is not read"
        yield RowDifference(DifferenceKind.UNREADABLE, wanted.path, words)
        return
    try:
        with file:
            content = file.read(limit + 1)
    except OSError as error:
        words = f"cannot be read ({error.strerror})"
        yield RowDifference(DifferenceKind.UNREADABLE, wanted.path, words)
        return
    yield from comparer.differences(wanted.path, wanted.content, content)


def _sum_differences(folder: Path, names: Iterable[str]) -> Iterator[RowDifference]:
    """Files that are there and do not have the hash that stands in the list of hashes."""
    try:
        listed = read_sums(folder)
        other = [
            name
            for name in sorted(names)
            if _link_to(folder, name) is None
            and (folder / name).is_file()
            and listed.get(name) != sha256_of(folder / name)
        ]
    except OSError as error:
        yield RowDifference(
            DifferenceKind.UNREADABLE, SUMS, f"cannot be compared ({error.strerror})"
        )
        return
    if not listed:
        yield RowDifference(DifferenceKind.MISSING, SUMS, "is not there, or lists nothing")
    elif other:
        more = f" (and {len(other) - 1:,} more files)" if len(other) > 1 else ""
        yield RowDifference(
            DifferenceKind.CHANGED, SUMS, f"does not have the hash of {other[0]}{more}"
        )


def _not_followed(path: str, link: str) -> RowDifference:
    return RowDifference(DifferenceKind.UNREADABLE, path, f"{link} is a link: it is not followed")


def _link_to(folder: Path, path: str) -> str | None:
    """The first part of a path in a folder that is a link, if any is."""
    parts = PurePosixPath(path).parts
    places = ("/".join(parts[:count]) for count in range(1, len(parts) + 1))
    return next((place for place in places if (folder / place).is_symlink()), None)


def _others(folder: Path, known: set[str]) -> tuple[list[RowDifference], tuple[str, ...]]:
    """Files that do not follow from the rounds, and what is not looked at."""
    folders = {str(parent) for path in known for parent in PurePosixPath(path).parents}
    findings: list[RowDifference] = []
    ignored: list[str] = []
    for inside in sorted(folders):
        place = folder / inside
        if place.is_symlink() or not place.is_dir():
            continue
        for path in sorted(place.iterdir()):
            name = path.name if inside == "." else f"{inside}/{path.name}"
            if name in _NOT_ITS_OWN:
                ignored.append(name)
            elif name not in known and name not in folders:
                if len(findings) == _MOST_NAMES:
                    words = f"there are more than {_MOST_NAMES:,} such files"
                    return [*findings, RowDifference(DifferenceKind.ADDED, inside, words)], tuple(
                        ignored
                    )
                findings.append(
                    RowDifference(DifferenceKind.ADDED, name, "does not follow from the rounds")
                )
    return findings, tuple(ignored)
