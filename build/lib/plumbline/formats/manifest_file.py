"""Getting a task manifest from where a round says it is."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import requests

from plumbline.errors import PlumblineError
from plumbline.files.text import FileError, parse_json, read_object
from plumbline.protocol.manifest import Manifest, ManifestError

_LIMIT: Final = 64 * 2**20  # bytes
_PATIENCE: Final = 30  # seconds


class DownloadError(PlumblineError):
    """A manifest that cannot be had."""


def load_manifest(path: Path) -> Manifest:
    """A manifest from a file in JSON or YAML."""
    try:
        return Manifest.from_json(read_object(path))
    except ManifestError as error:
        raise ManifestError(f"{path}: {error}") from None


def fetch_manifest(uri: str) -> Manifest:
    """A manifest from the `uri` of a round: http or https.

    What comes back is anybody's: compare its root with the round's before it is shown.
    """
    if urlsplit(uri).scheme not in ("http", "https"):
        place = f"is at {uri!r}" if uri else "is nowhere on chain"
        raise DownloadError(f"the task manifest {place}: get it and name it with --tasks FILE")
    try:
        with requests.get(uri, timeout=_PATIENCE, stream=True) as response:
            response.raise_for_status()
            raw = response.raw.read(_LIMIT + 1, decode_content=True)
    except (requests.RequestException, OSError) as error:
        raise DownloadError(
            f"the tasks cannot be had from {uri} ({type(error).__name__}): get them in another "
            "way and name them with --tasks FILE"
        ) from None
    if len(raw) > _LIMIT:
        raise DownloadError(f"what {uri} sends is larger than 64 MiB: it is no task manifest")
    try:
        return Manifest.from_json(parse_json(raw.decode("utf-8-sig"), uri))
    except UnicodeDecodeError:
        raise FileError(f"{uri} is not text in UTF-8") from None
