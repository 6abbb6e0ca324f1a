"""Files that appear under their name complete, or not at all."""

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def temporary_path(path: Path) -> Iterator[Path]:
    """A name beside `path` that nobody reads, to write under; the file is gone afterwards."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
