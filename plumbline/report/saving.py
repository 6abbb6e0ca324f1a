"""A page on the disk, whole or not at all."""

from pathlib import Path

from plumbline.files.atomic import write_whole
from plumbline.report.facts import ReportError


def write_page(path: Path, page: str) -> int:
    """Write a page in place of what is there, if anything; its size in bytes.

    Raises ReportError, and leaves what was there, if it cannot be written.
    """
    data = page.encode()
    try:
        write_whole(path, data)
    except OSError as error:
        raise ReportError(
            f"{path} cannot be written ({error.strerror}): name another file"
        ) from None
    return len(data)
