"""A folder that files are put into while somebody looks: each is read once, and again if it
changes."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from plumbline.errors import PlumblineError

T = TypeVar("T")


class WatchedFolder(Generic[T]):
    """The `*.json` of a folder, which need not be there yet."""

    def __init__(self, path: Path, read: Callable[[Path], T]) -> None:
        """`read` raises PlumblineError for a file that cannot be used."""
        self.path = path
        self._read = read
        self._known: dict[Path, tuple[tuple[int, int, int], T | PlumblineError]] = {}

    def contents(self) -> dict[Path, T | PlumblineError]:
        """What each file holds that is there now, or why it cannot be used, by name."""
        now: dict[Path, tuple[tuple[int, int, int], T | PlumblineError]] = {}
        for path in self._paths():
            try:
                status = path.stat()
            except OSError:
                continue  # removed meanwhile
            mark = (status.st_ino, status.st_size, status.st_mtime_ns)
            known = self._known.get(path)
            now[path] = known if known and known[0] == mark else (mark, self._try(path))
        self._known = now
        return {path: value for path, (_, value) in now.items()}

    def _paths(self) -> list[Path]:
        try:
            return sorted(self.path.glob("*.json"))
        except OSError:
            return []

    def _try(self, path: Path) -> T | PlumblineError:
        try:
            return self._read(path)
        except PlumblineError as error:
            return error
