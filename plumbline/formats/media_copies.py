"""Verified copies of what tasks refer to, for whoever answers them.

Content is looked for beside the task file and, if that was agreed to, at the addresses that the
requester wrote; what has its hash is kept in a folder under that hash, with the ending of what it
is by its own bytes. It is compared with its hash again each time that it is shown.
"""

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

from plumbline.errors import PlumblineError
from plumbline.files.atomic import temporary_path
from plumbline.files.download import DownloadError, download
from plumbline.files.media import (
    ENDINGS,
    LARGEST_MEDIA,
    TEXT,
    HashCheck,
    media_type,
    open_regular,
)
from plumbline.files.private import StorageError, make_folder
from plumbline.progress import Progress, no_progress
from plumbline.protocol.media import Media

_PATIENCE: Final = 30.0  # seconds for one address
_PATIENCE_FOR_ALL: Final = 600.0
_LARGEST_ALL: Final = 2**30  # bytes that are fetched for one round
_UNKNOWN: Final = ".bin"
_WEB: Final = ("http://", "https://")


class MediaError(PlumblineError):
    """Content that cannot be shown; the message says why."""


class AbsentMediaError(MediaError):
    """Content that is not here, and was not to be fetched."""


class AlteredMediaError(MediaError):
    """Content that is not what the round was opened with."""


@dataclass(frozen=True, slots=True)
class MediaSource:
    """Where content may be looked for.

    folder      that of the task file; None if the tasks came from elsewhere
    uri         address of the manifest, from which names go; empty if there is none
    may_fetch   whether to ask addresses that the requester wrote
    is_private  whether to ask private ones too, as on a local chain
    """

    folder: Path | None
    uri: str
    may_fetch: bool
    is_private: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """Content that has its hash: `text` if it is one; else it is the file at `path`.

    `size` is in bytes, `type` by its own bytes, one of `files.media.ENDINGS` or empty.
    """

    path: Path
    size: int
    type: str
    text: str | None


class MediaCopies:
    """The verified copies in a folder, which may be that of many rounds."""

    def __init__(
        self,
        folder: Path,
        source: MediaSource,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` gives seconds."""
        self._folder, self._source, self._clock = folder, source, clock
        self._has_hash = HashCheck()
        self._reasons: dict[str, MediaError] = {}
        self._end: float | None = None
        self._room = _LARGEST_ALL

    def collect(
        self, wanted: Iterable[Media], progress: Progress = no_progress
    ) -> dict[str, MediaError]:
        """Get what is not here yet; returns why not, by hash, where that did not succeed."""
        by_hash = {media.sha256: media for media in wanted}
        for number, media in enumerate(by_hash.values(), start=1):
            try:
                if self._copy_of(media.sha256) is None:
                    self._keep(media, self._content(media))
            except MediaError as error:
                self._reasons[media.sha256] = error
            progress("texts, images and sounds", number, len(by_hash))
        return dict(self._reasons)

    def show(self, media: Media) -> Shown:
        """What content is, once it is here. Raises MediaError."""
        if media.sha256 in self._reasons:
            raise self._reasons[media.sha256].with_traceback(None)  # it is raised again and again
        path = self._copy_of(media.sha256)
        shown = None if path is None else _read(path)
        # A text is what was read, not what was there before.
        if shown is None or (shown.text is not None and _hash(shown.text) != media.sha256):
            raise AlteredMediaError(f"its copy in {self._folder} was changed: run this again")
        return shown

    def _copy_of(self, sha256: str) -> Path | None:
        for ending in (*ENDINGS.values(), _UNKNOWN):
            path = self._folder / f"{sha256}{ending}"
            file = open_regular(path, LARGEST_MEDIA)
            if file is not None:
                with file:
                    if self._has_hash(file, sha256):
                        return path
        return None

    def _keep(self, media: Media, content: bytes) -> None:
        if _hash(content) != media.sha256:
            raise AlteredMediaError(
                f"what is at {media.place} is NOT what the round was opened with: its hash is "
                "another"
            )
        try:
            make_folder(self._folder)
            with temporary_path(self._folder / media.sha256) as temporary:
                temporary.write_bytes(content)
                with temporary.open("rb") as file:
                    kind = media_type(file)
                ending = ENDINGS[kind] if kind else _UNKNOWN
                temporary.replace(self._folder / f"{media.sha256}{ending}")
        except (OSError, StorageError) as error:
            raise MediaError(f"it cannot be kept in {self._folder}: {error}") from None

    def _content(self, media: Media) -> bytes:
        is_address = media.src.startswith(_WEB)
        if not is_address and self._source.folder is not None:
            content = _beside(self._source.folder, media.src)
            if content is not None:
                return content
        if is_address:
            address = media.src
        elif self._source.uri.startswith(_WEB):
            address = urljoin(self._source.uri, media.src)
        else:
            raise AbsentMediaError(
                f"{media.place} is not beside the task file: copy the folder media there as well"
            )
        if not self._source.may_fetch:
            raise AbsentMediaError(f"{media.place} is not here: --fetch gets it")
        return self._download(address, media.place)

    def _download(self, address: str, place: str) -> bytes:
        """What is at an address, which an error calls by its `place`."""
        now = self._clock()
        if self._end is None:
            self._end = now + _PATIENCE_FOR_ALL
        left = self._end - now
        if left <= 0 or self._room <= 0:
            raise MediaError(f"no time or room is left to get {place}: run it again to go on")
        try:
            content = download(
                address,
                LARGEST_MEDIA,
                stranger=not self._source.is_private,
                patience=min(left, _PATIENCE),
            )
        except DownloadError as error:
            raise MediaError(f"{place} cannot be had ({error})") from None
        self._room -= len(content)
        return content


def _hash(content: str | bytes) -> str:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def _beside(folder: Path, name: str) -> bytes | None:
    """What a name relative to a folder stands for, within it; None if nothing is there."""
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise MediaError("it is outside of the folder of the tasks")
        file = open_regular(path, LARGEST_MEDIA)
        if file is None:
            return None
        with file:
            return file.read()
    except (OSError, ValueError, RuntimeError):
        return None


def _read(path: Path) -> Shown:
    try:
        with path.open("rb") as file:
            kind = media_type(file) or ""
            size = path.stat().st_size
            file.seek(0)
            text = file.read().decode(errors="replace") if kind == TEXT else None
    except OSError as error:
        raise MediaError(f"{path} cannot be read ({error.strerror})") from None
    return Shown(path, size, kind, text)
