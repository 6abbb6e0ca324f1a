"""Published tasks: files that go by their content, wherever they lie.

    <root>.json       the manifest with that root, 64 lower-case hex digits
    media/<sha256>    the content that its tasks refer to

So any folder, web server, bucket or gateway hands them out, and nothing that is there has to be
believed: who reads a file compares it with its name. Only the order of a task's fields, which a
root does not pin, is as its requester wrote it. A manifest that is handed to people has a name of
their own, and its media beside it as well.
"""

import hashlib
import json
import re
import shutil
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.files.atomic import temporary_path, write_whole
from plumbline.files.media import (
    LARGEST_MEDIA,
    TEXT,
    HashCheck,
    Stamp,
    media_type,
    open_regular,
    stamp_of,
)
from plumbline.files.text import parse_json
from plumbline.formats.manifest_file import LARGEST_MANIFEST
from plumbline.formats.media_files import MediaFile, media_src
from plumbline.protocol.manifest import Manifest, proofs
from plumbline.protocol.media import media_in

_BY_ROOT: Final = re.compile(r"[0-9a-f]{64}\.json")
CACHE_CONTROL: Final = "public, max-age=31536000, immutable"
"""What goes by its content may be kept for ever: a year, as HTTP has it."""

_KEPT: Final = 4  # manifests of which single tasks are ready


class PublishingError(PlumblineError):
    """Tasks that cannot be written where they are to be."""


@dataclass(frozen=True, slots=True)
class Publication:
    """Tasks with the files that they refer to, by hash; see `of`."""

    manifest: Manifest
    files: Mapping[str, MediaFile]

    @classmethod
    def of(cls, manifest: Manifest, files: Mapping[str, MediaFile]) -> "Publication":
        """A manifest with those of the files, by hash, that it refers to."""
        wanted = [media.sha256 for media in media_in(manifest.tasks)]
        return cls(manifest, {sha256: files[sha256] for sha256 in wanted if sha256 in files})

    @property
    def media_names(self) -> list[str]:
        """The files of its media, from the folder of its manifest."""
        return [media_src(sha256) for sha256 in self.files]

    @property
    def media_size(self) -> int:
        """Bytes of all its media."""
        return sum(file.size for file in self.files.values())

    def place_in(self, where: Path) -> Path:
        """The file of the manifest: `where` if it ends in .json, else by its root in a folder."""
        return where if where.suffix == ".json" else where / manifest_name(self.manifest.root)

    @staticmethod
    def require_free(path: Path) -> None:
        """Raise PublishingError if something else than published tasks is where they are to be."""
        file = open_regular(path, LARGEST_MANIFEST)
        if file is None and not path.exists():
            return
        try:
            if file is None:
                raise PublishingError(f"{path} is no such file")
            with file:
                Manifest.from_json(parse_json(file.read().decode(), str(path)))
        except (PlumblineError, UnicodeDecodeError):
            raise PublishingError(
                f"{path} is there, and does not hold published tasks: move it, or name another "
                "place"
            ) from None

    def write(self, path: Path) -> None:
        """Write the manifest to `path` and its media beside it, each whole; media come first.

        What is there already is left as it is. Raises PublishingError.
        """
        content = _in_order(self.manifest.to_json(), indent=1) + b"\n"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            for file in self.files.values():
                _copy(file, path.parent / media_src(file.media.sha256))
            if not path.exists() or path.read_bytes() != content:
                write_whole(path, content)
        except OSError as error:
            raise PublishingError(
                f"{error.filename or path} cannot be written ({error.strerror}): make room, or "
                "name another place"
            ) from None


def _in_order(value: object, indent: int | None = None) -> bytes:
    """JSON whose keys are in the order in which labelers see them."""
    return json.dumps(value, ensure_ascii=False, indent=indent).encode()


def manifest_name(root: bytes) -> str:
    """What the manifest with that root is called."""
    return f"{root.hex()}.json"


def _copy(source: MediaFile, path: Path) -> None:
    is_same = HashCheck()
    there = open_regular(path, LARGEST_MEDIA)
    if there is not None:
        with there:
            if is_same(there, source.media.sha256):
                return
    path.parent.mkdir(exist_ok=True)
    with temporary_path(path) as temporary:
        shutil.copyfile(source.path, temporary)
        with temporary.open("rb") as copied:
            if not is_same(copied, source.media.sha256):
                raise PublishingError(f"{source.path} was changed meanwhile: run it again")
        temporary.replace(path)


@dataclass(frozen=True, slots=True)
class Found:
    """What is as its name says, to be read from its beginning.

    size  bytes
    type  media type
    tag   another for every other content
    """

    file: BufferedReader | BytesIO
    size: int
    type: str
    tag: str

    @property
    def entity_tag(self) -> str:
        """Its ETag."""
        return f'"{self.tag}"'

    @property
    def content_type(self) -> str:
        """Its Content-Type."""
        return f"{self.type}; charset=utf-8" if self.type == TEXT else self.type

    def is_known(self, if_none_match: str) -> bool:
        """Whether it is among what a client says that it has, by the header."""
        known = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
        return self.entity_tag in known


class PublishedFolder:
    """A folder of published tasks, of which only that is handed out which is what it is called.

    For several threads at a time.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._has_hash = HashCheck()
        self._tasks: OrderedDict[str, tuple[Stamp, tuple[bytes, ...]]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def roots(self) -> list[str]:
        """The roots of all manifests that can be had here now, 64 hex digits each."""
        names = sorted(path.name for path in self.folder.glob("*.json"))
        roots = [name.removesuffix(".json") for name in names if _BY_ROOT.fullmatch(name)]
        return [root for root in roots if self._has_manifest(root)]

    def media(self, sha256: str) -> Found | None:
        """The content with that hash, if it is here."""
        file = open_regular(self.folder / media_src(sha256), LARGEST_MEDIA)
        if file is None:
            return None
        try:
            if self._has_hash(file, sha256):
                kind = media_type(file) or "application/octet-stream"
                file.seek(0)
                return Found(file, stamp_of(file).size, kind, sha256)
        except OSError:
            pass
        file.close()
        return None

    def manifest(self, root: str) -> Found | None:
        """The manifest with that root, 64 hex digits, if it is here."""
        file = open_regular(self.folder / f"{root}.json", LARGEST_MANIFEST)
        if file is None:
            return None
        if self._checked(file, root) is None:
            file.close()
            return None
        try:
            file.seek(0)
            return Found(file, stamp_of(file).size, "application/json", self._has_hash.sha256(file))
        except OSError:
            file.close()
            return None

    def _has_manifest(self, root: str) -> bool:
        found = self.manifest(root)
        if found is not None:
            found.file.close()
        return found is not None

    def task(self, root: str, number: int) -> Found | None:
        """Task `number`, from 1, as labelers see it, with its proof; None if it is not here.

        A JSON object: `task` is the number, `shown` what its leaf pins, `proof` the siblings on
        the way to the root, 0x hex.
        """
        file = open_regular(self.folder / f"{root}.json", LARGEST_MANIFEST)
        if file is None:
            return None
        with file:
            tasks = self._checked(file, root)
        if tasks is None or not 0 < number <= len(tasks):
            return None
        content = tasks[number - 1]
        tag = hashlib.sha256(content).hexdigest()
        return Found(BytesIO(content), len(content), "application/json", tag)

    def _checked(self, file: BufferedReader, root: str) -> tuple[bytes, ...] | None:
        """The single tasks of an open file, if it is the manifest with that root."""
        stamp = stamp_of(file)
        with self._lock:  # reading one takes a while, and two at a time twice the memory
            kept = self._tasks.get(root)
            if kept is None or kept[0] != stamp:
                tasks = _single_tasks(file, root)
                if tasks is None:
                    return None
                kept = self._tasks[root] = (stamp, tasks)
                if len(self._tasks) > _KEPT:
                    self._tasks.popitem(last=False)
            self._tasks.move_to_end(root)
        return kept[1]


def _single_tasks(file: BufferedReader, root: str) -> tuple[bytes, ...] | None:
    try:
        manifest = Manifest.from_json(parse_json(file.read().decode(), root))
        if manifest.root.hex() != root:
            return None
    except (PlumblineError, OSError, UnicodeDecodeError):
        return None
    leaves = manifest.leaves
    return tuple(
        _in_order({"task": number, "shown": shown, "proof": ["0x" + each.hex() for each in path]})
        for number, (shown, path) in enumerate(zip(leaves, proofs(leaves), strict=True), start=1)
    )
