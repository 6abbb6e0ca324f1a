"""Whether the task manifests are those that the rounds were opened with.

A round stores the root of its tasks and logs where they are. An auditor names files, or has them
fetched from there; a round whose tasks are not to be had is noted and no difference, for they may
be nobody else's business. Whoever opened a thousand rounds at slow addresses only gets a time
that is for all of them together.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from plumbline.audit.report import Findings, as_text
from plumbline.files.download import DownloadError
from plumbline.files.text import FileError
from plumbline.formats.asked import asked_in
from plumbline.formats.manifest_file import fetch_manifest, load_manifest
from plumbline.history.remarks import named
from plumbline.history.rounds import RoundHistory
from plumbline.progress import Progress, no_progress
from plumbline.protocol.manifest import Manifest, ManifestError
from plumbline.questions.question import QuestionError

WHAT: Final = "root of the tasks"
_PATIENCE: Final = 300.0  # seconds for all addresses together
_PATIENCE_FOR_ONE: Final = 30.0


@dataclass(frozen=True, slots=True)
class TaskSources:
    """Where manifests come from.

    files  by name, as the auditor has them
    get    reads the manifest at a round's uri, or raises DownloadError if it is not to be had;
           None not to look
    """

    files: Mapping[str, Manifest]
    get: Callable[[str], Manifest] | None = None


def sources(paths: Iterable[Path]) -> TaskSources:
    """Manifests from files. Raises ManifestError or FileError for a file that is none."""
    return TaskSources({str(path): load_manifest(path) for path in paths})


class Fetcher:
    """Manifests from the addresses of rounds, in so many seconds for all of them together."""

    def __init__(
        self,
        private: bool,
        patience: float = _PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`private` addresses are asked too, as on a local chain."""
        self._private = private
        self._clock = clock
        self._patience = patience
        self._end: float | None = None  # since the first question, as an audit takes its time

    def __call__(self, uri: str) -> Manifest:
        """The manifest at a uri. Raises what `fetch_manifest` raises."""
        now = self._clock()
        if self._end is None:
            self._end = now + self._patience
        left = self._end - now
        if left <= 0:
            raise DownloadError("no time is left to look there")
        return fetch_manifest(uri, private=self._private, patience=min(left, _PATIENCE_FOR_ONE))


def check_tasks(
    histories: Iterable[RoundHistory],
    given: TaskSources,
    findings: Findings,
    progress: Progress = no_progress,
) -> list[str]:
    """Compare the tasks of rounds with their roots; returns notes on those that are not there, and
    on those that make no question."""
    rounds = list(histories)
    roots = {name: manifest.root for name, manifest in given.files.items()}
    for name, root in roots.items():
        if root not in {history.opened.tasks_root for history in rounds}:
            alone = rounds[0] if len(rounds) == 1 else None
            expected = as_text(alone.opened.tasks_root) if alone else "that of a round"
            at = None if alone is None else alone.round_id
            findings.refuse(f"{WHAT} in {name}", expected, as_text(root), at)
    absent: list[int] = []
    flaws: list[str] = []
    for number, history in enumerate(rounds, 1):
        manifest = next(
            (given.files[name] for name in roots if roots[name] == history.opened.tasks_root), None
        )
        if manifest is None and not (len(rounds) == 1 and given.files):
            manifest = _fetched(history, given, findings, absent)
        if manifest is not None:
            _compare(history, manifest, findings)
            flaws += _flaws(history, manifest)
        progress("task manifests compared", number, len(rounds))
    return [*([_note(absent)] if absent else []), *flaws]


def _fetched(
    history: RoundHistory, given: TaskSources, findings: Findings, absent: list[int]
) -> Manifest | None:
    if given.get is None:
        absent.append(history.round_id)
        return None
    try:
        return given.get(history.opened.uri)
    except DownloadError:
        absent.append(history.round_id)
    except (ManifestError, FileError) as error:
        findings.refuse("tasks at the round's uri", "a task manifest", str(error), history.round_id)
    return None


def _compare(history: RoundHistory, manifest: Manifest, findings: Findings) -> None:
    at, rules = history.round_id, history.rules
    findings.compare("number of tasks in the manifest", rules.tasks, len(manifest.tasks), at)
    findings.compare("options in the manifest", rules.options, len(manifest.options), at)
    findings.compare(WHAT, history.opened.tasks_root, _root(manifest), at)


def _flaws(history: RoundHistory, manifest: Manifest) -> list[str]:
    """Why nobody is shown these tasks: no concern of the money, as answers are options."""
    try:
        asked_in(history.rules.kind, manifest)
    except QuestionError as error:
        return [f"tasks of round {history.round_id} cannot be answered on a screen: {error}"]
    return []


def _root(manifest: Manifest) -> bytes | str:
    try:
        return manifest.root
    except ManifestError as error:
        return str(error)


def _note(absent: Sequence[int]) -> str:
    many = "s" if len(absent) > 1 else ""
    return (
        f"tasks of {named(absent)} were not to be had, and are not compared with the"
        f" root{many}: name them with --tasks FILE"
    )
