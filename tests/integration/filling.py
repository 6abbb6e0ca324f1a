"""A disk that is full from a chosen write on, and counting writes.

The interpreter reports to an audit hook before a file is opened for writing or a folder is made;
what the hook raises is what the command gets, in the place of what the system would raise.
"""

import errno
import os
import sys
from pathlib import Path
from typing import Any, Final

# Folders of ape and of the tests, which are no business of ours.
_OTHERS: Final = ("ape", ".build", "papers-")


def fill(folder: Path, trail: Path, room: int) -> None:
    """From now on write every write below `folder` to `trail`, and let only `room` succeed."""
    handle = os.open(trail, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    sys.addaudithook(_Disk(folder.absolute(), handle, room).hear)


class _Disk:
    """Counts, from 0."""

    def __init__(self, folder: Path, trail: int, room: int) -> None:
        self._folder = folder
        self._trail = trail
        self._room = room
        self._count = 0

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """What the interpreter is about to do."""
        if event == "open":
            path, _, flags = arguments
            if not isinstance(path, int) and flags & (os.O_WRONLY | os.O_RDWR):
                self._write(Path(os.fsdecode(path)).absolute())
        elif event == "os.mkdir" and not Path(os.fsdecode(arguments[0])).exists():
            self._write(Path(os.fsdecode(arguments[0])).absolute())

    def _write(self, path: Path) -> None:
        if not path.is_relative_to(self._folder) or (path.exists() and path.suffix == ".lock"):
            return
        first, *_ = path.relative_to(self._folder).parts
        if first.startswith(_OTHERS):
            return
        os.write(self._trail, f"{path.name}\n".encode())
        self._count += 1
        if self._count > self._room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
