"""Folders that appear whole, and are replaced only where nothing of anybody else's is lost.

SHA256SUMS lists every file in one, so that `sha256sum -c SHA256SUMS` checks it, and so that it is
known which files may be replaced.
"""

import contextlib
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.files.atomic import temporary_name

SUMS: Final = "SHA256SUMS"
_LARGEST_SUMS: Final = 2**24  # bytes


class FolderError(PlumblineError):
    """A folder that cannot be written, or must not be."""


@contextlib.contextmanager
def checked_folder(folder: Path) -> Iterator[Path]:
    """A folder to write into, which takes the place of `folder` when all has gone well.

    Raises FolderError if `folder` is there and holds anything but what was written by this, or if
    it cannot be written.
    """
    require_replaceable(folder)
    unfinished = temporary_name(folder.absolute())
    try:
        unfinished.mkdir(parents=True)
        yield unfinished
        (unfinished / SUMS).write_text(_sums(unfinished), encoding="utf-8")
        _put_in_place(unfinished, folder)
    except OSError as error:
        raise FolderError(
            f"{folder} cannot be written ({error.strerror}): make room, or name another folder"
        ) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def require_replaceable(folder: Path) -> None:
    """Raise FolderError unless there is no folder, or an empty one, or one that this wrote."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise FolderError(f"{folder} is there, and is no folder: name another")
    try:
        if not folder.exists() or not any(folder.iterdir()):
            return
        known = read_sums(folder)
        for path in folder.rglob("*"):
            name = path.relative_to(folder).as_posix()
            if name == SUMS or (path.is_dir() and not path.is_symlink()):
                continue
            is_own = path.is_file() and not path.is_symlink() and name in known
            if not is_own or known[name] != sha256_of(path):
                raise FolderError(
                    f"{folder} is there, and {name} in it was not written with it, or was changed: "
                    "move it away, or name another folder"
                )
    except OSError as error:
        raise FolderError(f"{folder} cannot be read ({error.strerror}): name another") from None


def _put_in_place(unfinished: Path, folder: Path) -> None:
    if not folder.exists():
        unfinished.replace(folder)
        return
    earlier = temporary_name(folder.absolute())
    folder.replace(earlier)
    try:
        unfinished.replace(folder)
    except BaseException:
        earlier.replace(folder)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


def _sums(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "".join(f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in files)


def read_sums(folder: Path) -> dict[str, str]:
    """The hashes that a folder lists, in hex by file; nothing if it has no such list."""
    path = folder / SUMS
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST_SUMS:
        return {}
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    pairs = (line.split("  ", 1) for line in lines)
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
