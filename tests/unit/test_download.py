"""Addresses that strangers wrote: whatever answers, nobody waits and nothing private is asked."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from plumbline.audit.task_checks import Fetcher
from plumbline.files.download import DownloadError, download, is_public
from plumbline.files.text import FileError
from plumbline.formats.manifest_file import fetch_manifest
from plumbline.protocol.manifest import Manifest
from tests.serving import served

LIMIT = 2**20
MANIFEST = {"options": ["no", "yes"], "tasks": [f"task {number}" for number in range(12)]}

Answer = Callable[[socket.socket, bytes], None]


@contextmanager
def answering(answer: Answer) -> Iterator[str]:
    """The URL of a server that says whatever it likes, byte by byte."""
    stop = threading.Event()

    def serve(listener: socket.socket) -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                if request := connection.recv(2**16):
                    answer(connection, request)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/tasks.json"
        stop.set()


def drip(connection: socket.socket, head: bytes) -> None:
    connection.sendall(head)
    for _ in range(200):
        connection.sendall(b"x")
        time.sleep(0.1)


def refused(url: str, **how: float | bool) -> str:
    with pytest.raises(DownloadError) as caught:
        download(url, LIMIT, **how)  # type: ignore[arg-type]
    return str(caught.value)


def test_what_is_there_is_read_to_its_end() -> None:
    body = bytes(range(256)) * 1_000
    with served(body) as url:
        assert download(url, len(body)) == body


@pytest.mark.parametrize(
    "head", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n"], ids=len
)
def test_there_is_one_deadline_for_all_of_it(head: bytes) -> None:
    """However often a byte comes: in the status, in a header, in the body."""
    with answering(lambda connection, _: drip(connection, head)) as url:
        start = time.monotonic()
        assert refused(url, patience=0.5) == "not all there after 0.5 seconds"
        assert time.monotonic() - start < 2


def test_all_rounds_of_an_audit_share_one_time() -> None:
    times = iter((0.0, 299.9, 300.0))
    fetch = Fetcher(private=True, clock=lambda: next(times))
    with served(json.dumps(MANIFEST).encode()) as url:
        assert fetch(url).tasks == fetch(url).tasks
        with pytest.raises(DownloadError, match="no time is left"):
            fetch(url)


def test_the_last_round_of_an_audit_gets_what_is_left() -> None:
    times = iter((0.0, 299.5))
    fetch = Fetcher(private=True, clock=lambda: next(times))
    with served(json.dumps(MANIFEST).encode()) as url:
        fetch(url)
    with (
        answering(lambda connection, _: drip(connection, b"")) as url,
        pytest.raises(DownloadError, match=r"after 0\.5 seconds"),
    ):
        fetch(url)


def test_what_is_too_large_is_left() -> None:
    def endless(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(bytes(2**16))

    with answering(endless) as url:
        assert refused(url) == "larger than 1 MiB"
    with served(bytes(LIMIT + 1)) as url:
        assert refused(url) == "larger than 1 MiB"


def test_what_is_asked_for_is_not_compressed() -> None:
    asked: list[bytes] = []

    def note(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    with answering(note) as url:
        download(url, LIMIT)
    assert b"accept-encoding: identity" in asked[0].lower()


def test_nothing_is_unpacked() -> None:
    bomb = gzip.compress(bytes(100 * LIMIT))
    assert len(bomb) < LIMIT
    with served(bomb, **{"Content-Encoding": "gzip"}) as url:
        assert "compressed" in refused(url)


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "https://127.0.0.1/x", "gopher://x"]
)
def test_no_redirect_leads_to_another_scheme(target: str) -> None:
    with served(b"", 302, Location=target) as url:
        assert refused(url) == "it redirects to another scheme"


def test_redirects_are_followed_but_not_for_ever_and_only_if_told_to() -> None:
    with served(b"here") as url, served(b"", 302, Location=url) as first:
        assert download(first, LIMIT) == b"here"
        assert refused(first, follow=False) == "it redirects to elsewhere"
    with served(b"", 302, Location="/again") as url:
        assert refused(url) == "it redirects more than 5 times"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"])
def test_a_stranger_leads_nobody_into_a_private_network(host: str) -> None:
    """By the address that is connected to, whatever it is called; nothing is sent there."""
    asked: list[bytes] = []

    def note(connection: socket.socket, _: bytes) -> None:
        asked.append(b"asked")
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nsecret")

    with answering(note) as url:
        there = url.replace("127.0.0.1", host)
        assert download(there, LIMIT) == b"secret"
        assert refused(there, stranger=True) == "it is in a private network"
        there = there.replace("http:", "https:")
        assert refused(there, stranger=True) == "it is in a private network"
    assert asked == [b"asked"]


def test_a_stranger_leads_nobody_there_by_a_redirect(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(b"secret") as inside, served(b"", 302, Location=inside) as url:
        # As if the first were public.
        port = int(url.split(":")[2].split("/")[0])
        real = socket.socket.getpeername

        class Pretending(socket.socket):
            def getpeername(self) -> tuple[str, int]:
                found = real(self)
                return ("1.1.1.1", port) if found[1] == port else found

        monkeypatch.setattr(socket, "socket", Pretending)
        assert refused(url, stranger=True) == "it is in a private network"


def test_a_stranger_gets_no_password_and_no_proxy_of_the_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with served(b"from the proxy") as proxy:
        monkeypatch.setenv("http_proxy", proxy)
        assert download("http://tasks.invalid/", LIMIT) == b"from the proxy"
        assert refused("http://tasks.invalid/", stranger=True) == "the connection failed"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("1.1.1.1", True),
        ("2606:4700::1111", True),
        ("::ffff:1.1.1.1", True),
        ("10.0.0.1", False),
        ("127.0.0.2", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:7f00:1::", False),
        ("2001:0:7f00:1::", False),
    ],
)
def test_only_addresses_of_the_internet_are_public(address: str, expected: bool) -> None:
    assert is_public(address) is expected


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://[", "http://", "ftp://x/", "http://x:y/"]
)
def test_what_is_no_address_is_refused_in_words(url: str) -> None:
    assert refused(url)


# ------------------------------------------------------------------------ manifests


def test_a_manifest_is_fetched_from_a_private_address_only_on_a_local_chain() -> None:
    with served(json.dumps(MANIFEST).encode()) as url:
        assert fetch_manifest(url, private=True) == Manifest.from_json(MANIFEST)
        with pytest.raises(DownloadError, match=r"it is in a private network.*--tasks FILE"):
            fetch_manifest(url, private=False)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[" * 200_000, "nested too deeply"),
        (b'{"options":[],"tasks":' + b"[" * 200_000, "nested too deeply"),
        (b'{"options":["a","b"],"tasks":[' + b"9" * 5_000 + b"]}", "5,000 digits is too large"),
        (b'{"tasks":[],"tasks":[]}', "comes twice"),
        (b'{"tasks":[NaN]}', "NaN is not a number"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b"", "not valid JSON"),
    ],
    ids=["brackets", "brackets inside", "digits", "twice", "NaN", "no text", "nothing"],
)
def test_what_is_no_manifest_is_refused_in_words(body: bytes, words: str) -> None:
    with served(body) as url, pytest.raises(FileError, match=words):
        fetch_manifest(url, private=True)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "tasks.json",
        "file:///etc/passwd",
        "ipfs://x",
        "http://x/\x00",
        "\ufffd",
        "https://ex\u202eample.org",
        "a" * 256,
    ],
)
def test_a_uri_that_is_no_web_address_is_not_looked_for(uri: str) -> None:
    with pytest.raises(DownloadError, match=r"the task manifest is .*--tasks FILE"):
        fetch_manifest(uri, private=True)
