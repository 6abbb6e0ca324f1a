"""Task manifests, from a file or from where a round says they are."""

from pathlib import Path
from typing import Final

from plumbline.files.download import DownloadError, download
from plumbline.files.text import FileError, parse_json, read_object
from plumbline.protocol.manifest import Manifest, ManifestError, uri_flaw

LARGEST_MANIFEST: Final = 16 * 2**20  # bytes that are fetched or handed out


def load_manifest(path: Path) -> Manifest:
    """A manifest from a file in JSON or YAML."""
    try:
        return Manifest.from_json(read_object(path))
    except ManifestError as error:
        raise ManifestError(f"{path}: {error}") from None


def fetch_manifest(uri: str, *, private: bool, patience: float = 30) -> Manifest:
    """A manifest from the `uri` of a round, http or https, in at most `patience` seconds.

    Anybody may have written it: compare its root with the round's before it is shown. `private`
    addresses are asked too, as on a local chain; else only those of the internet. Raises
    DownloadError if it cannot be had, FileError or ManifestError if it is not a manifest.
    """
    if not uri.startswith(("http://", "https://")) or uri_flaw(uri) is not None:
        place = f"is at {uri!r}" if uri else "is nowhere on chain"
        raise DownloadError(f"the task manifest {place}: get it and name it with --tasks FILE")
    try:
        content = download(uri, LARGEST_MANIFEST, stranger=not private, patience=patience)
    except DownloadError as error:
        raise DownloadError(
            f"the tasks cannot be had from {uri} ({error}): get them in another way and name them "
            "with --tasks FILE"
        ) from None
    try:
        return Manifest.from_json(parse_json(content.decode("utf-8-sig"), uri))
    except UnicodeDecodeError:
        raise FileError(f"{uri} is not text in UTF-8") from None
