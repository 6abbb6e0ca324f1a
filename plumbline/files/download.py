"""Small files from the network, of which nobody knows what is there until they are read.

Whoever names an address chooses what answers: a server that sends a byte every five seconds, a
gigabyte, a way to the router of whoever asks. So there is one deadline for all of it, names
looked up and redirects included, a size, as few redirects as people use, none to another scheme,
and no decompression. A `stranger`'s address must lead to a public one, as the connection has it
when it is there, and is asked without the user's proxy and passwords.
"""

import ipaddress
import queue
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import HTTPError, RequestException, Timeout
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError as LowLevelError

from plumbline.errors import PlumblineError

_SCHEMES: Final = ("http", "https")
_PATIENCE: Final = 30.0  # seconds for all of it
_REDIRECTS: Final = 5
_CHUNK: Final = 2**16  # bytes


class DownloadError(PlumblineError):
    """A file that cannot be downloaded, or should not be."""


def download(
    url: str,
    limit: int,
    *,
    follow: bool = True,
    stranger: bool = False,
    patience: float = _PATIENCE,
) -> bytes:
    """What is at a URL, at most `limit` bytes, in at most `patience` seconds.

    `follow` redirects, within the scheme; a `stranger` wrote the URL. Raises DownloadError with
    the reason alone, a few words.
    """
    found: queue.Queue[bytes | Exception] = queue.Queue(1)

    def get() -> None:
        try:
            found.put(_get(url, limit, follow, stranger, patience))
        except Exception as error:
            found.put(error)

    # Neither looking up a name nor reading a header has a deadline of its own: so there is a
    # thread that can be left alone with it.
    threading.Thread(target=get, daemon=True).start()
    try:
        content = found.get(timeout=patience)
    except queue.Empty:
        raise DownloadError(f"not all there after {patience:g} seconds") from None
    if isinstance(content, bytes):
        return content
    if isinstance(content, DownloadError):
        raise content
    if isinstance(content, RequestException):
        raise DownloadError(failure_of(content)) from None
    if isinstance(content, LowLevelError):
        raise DownloadError("the connection failed") from None
    if isinstance(content, (OSError, ValueError)):
        raise DownloadError(str(content)) from None
    raise content


def failure_of(error: RequestException) -> str:
    """How a connection failed, in a few words and without the URL, which may hold a key."""
    if isinstance(error, HTTPError) and error.response is not None:
        return f"HTTP {error.response.status_code}"
    return "no answer in time" if isinstance(error, Timeout) else "the connection failed"


def _get(url: str, limit: int, follow: bool, stranger: bool, patience: float) -> bytes:
    scheme = urlsplit(url).scheme
    if scheme not in _SCHEMES:
        raise DownloadError("not an address of http or https")
    with _session(stranger) as session:
        for _ in range(_REDIRECTS + 1):
            with closing(
                session.get(url, stream=True, timeout=patience, allow_redirects=False)
            ) as response:
                response.raise_for_status()
                target = response.headers.get("location") if response.is_redirect else None
                if target is None:
                    return _read(response.raw, limit)
            url = urljoin(url, target)
            if not follow:
                raise DownloadError("it redirects to elsewhere")
            if urlsplit(url).scheme != scheme:
                raise DownloadError("it redirects to another scheme")
    raise DownloadError(f"it redirects more than {_REDIRECTS} times")


def _read(raw: Any, limit: int) -> bytes:
    assert isinstance(raw, HTTPResponse)
    if raw.headers.get("content-encoding", "identity") != "identity":
        raise DownloadError("it is compressed, which was not asked for")
    content = bytearray()
    while chunk := raw.read(min(_CHUNK, limit + 1 - len(content)), decode_content=False):
        content += chunk
        if len(content) > limit:
            raise DownloadError(f"larger than {limit >> 20} MiB")
    return bytes(content)


@contextmanager
def _session(stranger: bool) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Accept-Encoding"] = "identity"
        if stranger:
            session.trust_env = False
            for scheme in _SCHEMES:
                session.mount(f"{scheme}://", _PublicOnly())
        yield session


class _PublicOnly(HTTPAdapter):
    """Sends nothing to an address that is not public."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PublicPool, "https": _PublicTLSPool}


class _PublicConnection(HTTPConnection):
    def _new_conn(self) -> Any:
        return _require_public(super()._new_conn())


class _PublicTLSConnection(HTTPSConnection):
    def _new_conn(self) -> Any:
        return _require_public(super()._new_conn())


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicTLSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicTLSConnection


def _require_public(connection: Any) -> Any:
    """The address that is at the other end now, whatever a name stood for before."""
    if is_public(connection.getpeername()[0]):
        return connection
    connection.close()
    raise DownloadError("it is in a private network")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet at large, also where it wraps another."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address) and (found.sixtofour or found.teredo):
        return False
    return found.is_global and not found.is_multicast
