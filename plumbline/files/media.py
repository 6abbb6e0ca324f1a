"""What content is, told by its bytes: texts, images and audio, and whether they have a hash.

Names and the types that servers give are what somebody says. What a browser would run (HTML, SVG)
is text here, and everything else is none of these.
"""

import hashlib
import os
import stat
import threading
from io import BufferedReader
from pathlib import Path
from typing import Final, NamedTuple

LARGEST_MEDIA: Final = 32 * 2**20  # bytes of an image or a sound
LARGEST_TEXT: Final = 2**20  # bytes of a text: nobody reads more for one task
TEXT: Final = "text/plain"
ENDINGS: Final = {
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "image/avif": ".avif",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    TEXT: ".txt",
}
"""How files of each type end."""
# Where a mark begins, the mark, and the type: the first that is there counts.
_MARKS: Final = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypM4A ", "audio/mp4"),
    (8, b"WAVE", "audio/wav"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    *((0, bytes((0xFF, second)), "audio/mpeg") for second in (0xFB, 0xFA, 0xF3, 0xF2)),
)
_HEAD: Final = 16  # bytes that hold all marks
_RIFF: Final = frozenset({"image/webp", "audio/wav"})
_NOT_IN_TEXT: Final = frozenset(range(32)) - frozenset(b"\t\n\r\f")
_REMEMBERED: Final = 4_096  # files


class Stamp(NamedTuple):
    """What is another once a file is written to, or another file has its name."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int


def media_type(file: BufferedReader) -> str | None:
    """The type of a file that is open at its beginning, one of ENDINGS; None if it is none."""
    head = file.read(_HEAD)
    for start, mark, kind in _MARKS:
        if head.startswith(mark, start) and (kind not in _RIFF or head.startswith(b"RIFF")):
            return kind
    content = head + file.read(LARGEST_TEXT + 1 - len(head))
    if not content or len(content) > LARGEST_TEXT or not _NOT_IN_TEXT.isdisjoint(content):
        return None
    try:
        content.decode()
    except UnicodeDecodeError:
        return None
    return TEXT


def open_regular(path: Path, limit: int) -> BufferedReader | None:
    """A file that is one, of at most `limit` bytes, open to be read; else None."""
    try:
        # Opening a pipe would wait for whoever writes into it.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError):
        return None
    status = os.fstat(number)
    if stat.S_ISREG(status.st_mode) and status.st_size <= limit:
        return os.fdopen(number, "rb")
    os.close(number)
    return None


def stamp_of(file: BufferedReader) -> Stamp:
    """How an open file is now."""
    found = os.fstat(file.fileno())
    return Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


class HashCheck:
    """Whether files have their hashes; a file that stays as it was is read for it once."""

    def __init__(self) -> None:
        self._known: dict[Stamp, str] = {}
        self._lock = threading.Lock()

    def __call__(self, file: BufferedReader, sha256: str) -> bool:
        """Whether a file that is open at its beginning has this SHA-256, 64 hex digits."""
        return self.sha256(file) == sha256

    def sha256(self, file: BufferedReader) -> str:
        """The SHA-256 of a file that is open at its beginning, where it is left."""
        stamp = stamp_of(file)
        with self._lock:
            found = self._known.get(stamp)
        if found is None:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            with self._lock:
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[stamp] = found
        return found
