"""Files that the tasks of a round file name: what they are, and what stands for them in a task.

    media: [image]    # the fields of tasks.csv that hold names of files beside it

A name becomes `{src, sha256, type}` (see `protocol.media`). Its own letters are not published: who
calls a file spam/017.png has told the answer.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.files.media import ENDINGS, LARGEST_MEDIA, LARGEST_TEXT, TEXT, media_type
from plumbline.formats.names import quoted
from plumbline.protocol.media import Media, is_like_media, like_media_in

_TYPES: Final = "text in UTF-8, " + ", ".join(
    kind.partition("/")[2].upper() for kind in sorted(ENDINGS, reverse=True) if kind != TEXT
)


class MediaFilesError(PlumblineError):
    """A file that a task names and that cannot be published; the message has place and field."""


class MediaKeyError(MediaFilesError):
    """Tasks that are not what `media` says of them."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file that goes with the tasks, as it was when it was looked at; `size` in bytes."""

    path: Path
    media: Media
    size: int


@dataclass(frozen=True, slots=True)
class WithMedia:
    """Tasks with references in the place of names, and the file of each hash."""

    tasks: tuple[object, ...]
    files: Mapping[str, MediaFile]


def media_src(sha256: str) -> str:
    """Where content is that is published with its tasks, from where they are."""
    return f"media/{sha256}"


def attach_media(
    tasks: Sequence[object], places: Sequence[str], fields: Sequence[str], folder: Path
) -> WithMedia:
    """Look at the files that tasks name in these fields, by names relative to `folder`.

    `places` say where each task stands. A field may hold one name, a list of names, or nothing.
    Raises MediaFilesError.
    """
    files: dict[str, MediaFile] = {}
    by_path: dict[Path, MediaFile] = {}
    root = folder.resolve()

    def referred(name: object, place: str) -> object:
        if name is None or name == "" or is_like_media(name):
            return name
        if isinstance(name, (list, tuple)):
            return [referred(each, place) for each in name]
        if not isinstance(name, str):
            raise MediaFilesError(f"{place}: {quoted(name)} is no name of a file")
        path = _within(root, name, place)
        found = by_path.get(path)
        if found is None:
            found = by_path[path] = _look_at(path, f"{place}: {quoted(name)}")
            files.setdefault(found.media.sha256, found)
        return found.media.to_json()

    for field in fields:
        if not any(isinstance(task, Mapping) and field in task for task in tasks):
            raise MediaKeyError(f"media: no task shows a field {quoted(field)}")
    made = []
    for task, place in zip(tasks, places, strict=True):
        shown = task
        if isinstance(task, Mapping):
            shown = {
                field: referred(held, f"{place}, {field}") if field in fields else held
                for field, held in task.items()
            }
        for reference in like_media_in(shown):
            _require_sound(reference, files, place)
        made.append(shown)
    return WithMedia(tuple(made), files)


def _within(root: Path, name: str, place: str) -> Path:
    try:
        path = (root / name).resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        raise MediaFilesError(f"{place}: there is no file {quoted(name)} in {root}") from None
    if not path.is_relative_to(root):
        raise MediaFilesError(
            f"{place}: {quoted(name)} is outside of {root}: copy it to the tasks, so that nothing "
            "is published that was not meant"
        )
    if not path.is_file():
        raise MediaFilesError(f"{place}: {quoted(name)} is no file")
    return path


def _look_at(path: Path, place: str) -> MediaFile:
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if size > LARGEST_MEDIA:
                raise MediaFilesError(
                    f"{place} has {size:,} bytes: at most {LARGEST_MEDIA:,} (32 MiB), and "
                    f"{LARGEST_TEXT:,} of a text"
                )
            kind = media_type(file)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise MediaFilesError(f"{place} cannot be read ({error.strerror})") from None
    if not size:
        raise MediaFilesError(f"{place} is empty")
    if kind is None:
        raise MediaFilesError(
            f"{place} is none of {_TYPES}, by its content (a text has at most {LARGEST_TEXT:,} "
            "bytes): convert it"
        )
    return MediaFile(path, Media(media_src(sha256), sha256, kind), size)


def _require_sound(value: object, files: Mapping[str, MediaFile], place: str) -> None:
    media = Media.of(value)
    if media is None:
        raise MediaFilesError(
            f"{place}: a value with src and sha256 needs an address and 64 lower-case hex digits"
        )
    if media.sha256 in files and media.src == media_src(media.sha256):
        return
    if not media.src.startswith(("http://", "https://")):
        raise MediaFilesError(
            f"{place}: src is {quoted(media.src)}, no address of http or https: name the file, and "
            "its field in media"
        )
