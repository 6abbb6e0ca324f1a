"""Small files from the network."""

from typing import Final

import requests
from requests.exceptions import HTTPError, RequestException, Timeout

from plumbline.errors import PlumblineError

_TIMEOUT: Final = 30  # seconds without a byte


class DownloadError(PlumblineError):
    """A file that cannot be downloaded, or should not be."""


def download(url: str, limit: int, follow: bool = True) -> bytes:
    """What is at a URL, at most `limit` bytes; `follow` redirects, which may lead anywhere.

    Raises DownloadError with the reason alone, a few words.
    """
    try:
        with requests.get(url, timeout=_TIMEOUT, stream=True, allow_redirects=follow) as response:
            response.raise_for_status()
            content: bytes = response.raw.read(limit + 1, decode_content=True)
    except RequestException as error:
        raise DownloadError(failure_of(error)) from None
    except OSError as error:
        raise DownloadError(str(error)) from None
    if len(content) > limit:
        raise DownloadError(f"larger than {limit >> 20} MiB")
    return content


def failure_of(error: RequestException) -> str:
    """How a connection failed, in a few words and without the URL, which may hold a key."""
    if isinstance(error, HTTPError) and error.response is not None:
        return f"HTTP {error.response.status_code}"
    return "no answer in time" if isinstance(error, Timeout) else "the connection failed"
