"""Files that appear under their name complete, or not at all."""

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write in place of what is there, if anything. Raises OSError, and leaves what was there."""
    with temporary_path(path) as temporary:
        temporary.write_bytes(data)
        temporary.replace(path)


@contextlib.contextmanager
def temporary_path(path: Path) -> Iterator[Path]:
    """A name beside `path` that nobody reads, to write under; the file is gone afterwards."""
    temporary = temporary_name(path)
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def temporary_name(path: Path) -> Path:
    """A name beside `path` that nobody reads and nothing has."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")
