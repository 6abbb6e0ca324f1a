"""Private files that are on the disk, complete, before anything is built on them.

Files are readable by their owner only (0600), their folders are 0700. A write is flushed to the
disk before it returns, and a crash leaves either all of the new file or the one before.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.files.atomic import temporary_path
from plumbline.files.text import FileError, parse_json

_MODE_FILE: Final = 0o600
_MODE_FOLDER: Final = 0o700


class StorageError(PlumblineError):
    """A private file that cannot be written or read."""


class DamagedError(StorageError):
    """A private file whose content makes no sense."""


def write_new(path: Path, text: str) -> bool:
    """Write a file that is not there yet; False, and nothing changed, if there is one.

    Two at a time cannot both win. Raises StorageError.
    """
    with _explained(path):
        with _temporary(path, text) as temporary:
            try:
                # A link, unlike a renaming, fails where there is a file already.
                path.hardlink_to(temporary)
            except FileExistsError:
                return False
        _flush_folder(path.parent)
    return True


def write_over(path: Path, text: str) -> None:
    """Write a file in place of what is there, if anything. Raises StorageError."""
    with _explained(path):
        with _temporary(path, text) as temporary:
            temporary.replace(path)
        _flush_folder(path.parent)


def set_aside(path: Path, why: str) -> Path | None:
    """Rename a file to a new name that says why; None if there is no file."""
    aside = path.with_name(f"{path.stem}.{why}-{secrets.token_hex(4)}")
    with _explained(path):
        try:
            path.rename(aside)
        except FileNotFoundError:
            return None
        _flush_folder(path.parent)
    return aside


def read_record(path: Path, version: int) -> dict[str, Any] | None:
    """A JSON object with that `version`; None if there is no file. Raises StorageError."""
    try:
        values = parse_json(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror}): check the file") from None
    except (FileError, UnicodeDecodeError):
        raise damaged(path) from None
    if not isinstance(values, dict) or values.get("version") != version:
        raise StorageError(f"{path} is of another version of this program: use that one")
    return values


def damaged(source: Path | str) -> DamagedError:
    """The error for a file, or a request, whose content makes no sense."""
    return DamagedError(f"{source} is damaged: restore it from a copy")


def make_folder(folder: Path) -> None:
    """Make a private folder, and those above it that are missing. Raises StorageError."""
    with _explained(folder):
        missing = []
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for new in reversed(missing):
            new.mkdir(mode=_MODE_FOLDER, exist_ok=True)
            _flush_folder(new.parent)


@contextlib.contextmanager
def _temporary(path: Path, text: str) -> Iterator[Path]:
    """The text on the disk, under a name that nobody reads."""
    make_folder(path.parent)
    with temporary_path(path) as temporary:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE_FILE)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), _MODE_FILE)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield temporary


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written ({error.strerror}): make room, or name another folder"
        ) from None
