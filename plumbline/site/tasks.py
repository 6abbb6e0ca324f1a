"""Published tasks by content, and the copies of tasks that requesters keep elsewhere.

A root pins all that labelers see, so it does not matter where tasks come from: a folder of the
operator, or the address that a requester wrote on the chain. Those of the latter are copied once,
whole, each root in a folder of its own that goes when no round is about it any more.
"""

import json
import re
import shutil
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.files.private import StorageError
from plumbline.formats.asked import asked_in
from plumbline.formats.media_copies import MediaCopies, MediaSource
from plumbline.formats.media_files import MediaFile
from plumbline.formats.published import Found, Publication, PublishedFolder
from plumbline.history.market import Market
from plumbline.history.rounds import RoundHistory
from plumbline.labeler.open_rounds import fetched_tasks
from plumbline.protocol.manifest import Manifest, require_root
from plumbline.protocol.media import media_in

_ROOT: Final = re.compile(r"[0-9a-f]{64}")
_ROOM: Final = 8 * 2**30  # bytes of all copies


class TaskCopyError(PlumblineError):
    """Tasks of which some content cannot be had."""


class TaskLibrary:
    """The tasks of rounds. For several threads at a time."""

    def __init__(self, market: Market, published: Sequence[Path], copies: Path) -> None:
        """`published` are folders as `requester publish` writes them, `copies` one of its own."""
        self._market = market
        self._copies = copies
        self._published = [PublishedFolder(folder) for folder in published]
        self._copied: dict[str, PublishedFolder] = {}
        self._lock = threading.Lock()
        for folder in sorted(copies.glob("*")):
            if _ROOT.fullmatch(folder.name) and (folder / f"{folder.name}.json").is_file():
                self._copied[folder.name] = PublishedFolder(folder)
            else:  # it was stopped half-way
                shutil.rmtree(folder, ignore_errors=True)

    def manifest(self, root: str) -> Found | None:
        """The manifest with that root, 64 hex digits, if it is here."""
        if not _ROOT.fullmatch(root):
            return None
        with self._lock:
            own = self._copied.get(root)
        folders = [*self._published, *([own] if own else [])]
        return next((found for each in folders if (found := each.manifest(root))), None)

    def media(self, sha256: str) -> Found | None:
        """The content with that hash, if it is here."""
        if not _ROOT.fullmatch(sha256):
            return None
        with self._lock:
            folders = [*self._published, *self._copied.values()]
        return next((found for each in folders if (found := each.media(sha256))), None)

    def question(self, history: RoundHistory) -> str:
        """What a round asks, in words, once its tasks are here: they are copied if need be.

        Raises PlumblineError if they cannot be had, or are not those of the round.
        """
        root = history.opened.tasks_root
        manifest = self._read(root.hex())
        if manifest is None:
            manifest = fetched_tasks(self._market, history)
            self._copy(manifest, history.opened.uri)
        require_root(manifest, root, history.rules.tasks)
        return asked_in(history.rules.kind, manifest).question.wording

    def keep(self, wanted: Iterable[str]) -> None:
        """Remove all copies but those of these roots. Raises StorageError."""
        with self._lock:
            others = self._copied.keys() - set(wanted)
            for root in others:
                del self._copied[root]
        for root in others:
            shutil.rmtree(self._copies / root, ignore_errors=True)

    def _read(self, root: str) -> Manifest | None:
        found = self.manifest(root)
        if found is None:
            return None
        with found.file:
            return Manifest.from_json(json.loads(found.file.read()))

    def _copy(self, manifest: Manifest, uri: str) -> None:
        root = manifest.root.hex()
        room = _ROOM - sum(
            each.stat().st_size for each in self._copies.rglob("*") if each.is_file()
        )
        if room <= 0:
            raise StorageError("no room is left for copies of tasks here")
        folder, fetched = self._copies / root, self._copies / f"{root}.fetched"
        source = MediaSource(None, uri, may_fetch=True, is_private=self._market.node.is_here)
        wanted = list(media_in(manifest.tasks))
        copies = MediaCopies(fetched, source)
        try:
            failed = copies.collect(wanted)
            for error in failed.values():
                raise TaskCopyError(f"content of its tasks is missing: {error}")
            files = {}
            for media in wanted:
                shown = copies.show(media)
                files[media.sha256] = MediaFile(shown.path, media, shown.size)
            publication = Publication.of(manifest, files)
            publication.write(publication.place_in(folder))
        finally:
            shutil.rmtree(fetched, ignore_errors=True)
        with self._lock:
            self._copied[root] = PublishedFolder(folder)
