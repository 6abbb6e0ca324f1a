"""A page on the disk, whole or not at all."""

import secrets
from pathlib import Path

from plumbline.report.facts import ReportError


def write_page(path: Path, page: str) -> int:
    """Write a page in place of what is there, if anything; its size in bytes.

    Raises ReportError, and leaves what was there, if it cannot be written.
    """
    data = page.encode()
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        try:
            draft.write_bytes(data)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise ReportError(
            f"{path} cannot be written ({error.strerror}): name another file with -o"
        ) from None
    return len(data)
