"""Published tasks over HTTP: what is named by its content comes whole and right, nothing else."""

import hashlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from plumbline.formats.media_files import attach_media
from plumbline.formats.published import Publication, PublishedFolder
from plumbline.protocol.manifest import Manifest, verify
from plumbline.requester.task_server import Answered, ServerError, TaskServer
from tests.waiting import wait_until

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
TEXT = "Ein langer Text: \u00e4\u00f6\u00fc\n" * 50
SHA = hashlib.sha256(PNG).hexdigest()
SECRET = {"salt": "0x" + "5a" * 32}
HEAD_SECONDS = 0.6


class Place:
    """A folder with published tasks and things that are nobody's business, and its server."""

    def __init__(self, folder: Path, head_seconds: float = HEAD_SECONDS) -> None:
        self.folder = folder / "published"
        for name, content in (("a.png", PNG), ("long.txt", TEXT.encode())):
            (folder / name).write_bytes(content)
        tasks = [{"id": f"t{n}", "image": "a.png", "text": "long.txt"} for n in range(12)]
        places = [f"task {n}" for n in range(12)]
        attached = attach_media(tasks, places, ("image", "text"), folder)
        self.manifest = Manifest(("no", "yes"), attached.tasks, "Is it?")
        self.root = self.manifest.root.hex()
        publication = Publication(self.manifest, attached.files)
        publication.write(publication.place_in(self.folder))
        (folder / "secret.json").write_text(json.dumps(SECRET))
        self.log: list[Answered] = []
        self.server = TaskServer(
            PublishedFolder(self.folder), "127.0.0.1", 0, self.log.append, head_seconds
        )
        self.server.start()
        self.url = self.server.url

    def get(self, path: str, method: str = "GET", **headers: str) -> requests.Response:
        return requests.request(method, self.url + path, headers=headers, timeout=10)

    def connect(self) -> socket.socket:
        parts = urlsplit(self.url)
        assert parts.hostname and parts.port
        return socket.create_connection((parts.hostname, parts.port), timeout=10)

    def large(self) -> tuple[bytes, str]:
        """Content that no buffer between two programs holds, and its hash."""
        content = b"\x89PNG\r\n\x1a\n" + os.urandom(2**20) * 8
        sha = hashlib.sha256(content).hexdigest()
        (self.folder / "media" / sha).write_bytes(content)
        return content, sha

    def raw(self, request: bytes) -> bytes:
        """All that is answered to these bytes."""
        with self.connect() as connection:
            connection.sendall(request)
            answer = b""
            try:
                while part := connection.recv(2**16):
                    answer += part
            except ConnectionResetError:  # what was not read of the request is thrown away
                pass
            return answer


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = Place(tmp_path_factory.mktemp("place"))
    yield made
    made.server.stop()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Place]:
    """A place that a test may change."""
    made = Place(tmp_path)
    yield made
    made.server.stop()


# ---------------------------------------------------------------- what is handed out


def test_a_manifest_goes_by_its_root(place: Place) -> None:
    answer = place.get(f"{place.root}.json")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert Manifest.from_json(answer.json()) == place.manifest


def test_media_go_by_their_hash_with_their_type_by_content(place: Place) -> None:
    answer = place.get(f"media/{SHA}")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["Content-Type"] == "image/png"
    text = hashlib.sha256(TEXT.encode()).hexdigest()
    assert place.get(f"media/{text}").headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_single_task_comes_with_a_proof_for_its_root(place: Place) -> None:
    for number in (1, 12):
        value = place.get(f"{place.root}/{number}.json").json()
        proof = [bytes.fromhex(word[2:]) for word in value["proof"]]
        assert value["task"] == number
        assert value["shown"] == place.manifest.shown(number - 1)
        assert verify(bytes.fromhex(place.root), number - 1, value["shown"], proof)
    assert place.get(f"{place.root}/13.json").status_code == 404


def test_pages_of_other_origins_may_read_and_keep_it_and_nobody_may_run_it(place: Place) -> None:
    for path in (f"{place.root}.json", f"{place.root}/1.json", f"media/{SHA}"):
        headers = place.get(path).headers
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert headers["Server"] == "plumbline"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert place.get(path, **{"If-None-Match": headers["ETag"]}).status_code == 304
    preflight = place.get(f"media/{SHA}", "OPTIONS", Origin="https://x.example")
    assert preflight.status_code == 204
    assert "Range" in preflight.headers["Access-Control-Allow-Headers"]


def test_a_head_is_that_of_the_whole_and_has_no_body(place: Place) -> None:
    for path in (f"{place.root}.json", f"{place.root}/1.json", f"media/{SHA}", "nothing"):
        whole, head = place.get(path), place.get(path, "HEAD")
        assert head.status_code == whole.status_code and head.content == b""
        for name in ("Content-Length", "Content-Type", "ETag"):
            assert head.headers.get(name) == whole.headers.get(name)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-0", PNG[:1]),
        ("bytes=8-", PNG[8:]),
        ("bytes=0-", PNG),
        ("bytes=-7", PNG[-7:]),
        ("bytes=-999999", PNG),
        ("bytes=10-999999", PNG[10:]),
    ],
)
def test_a_part_is_that_part(place: Place, asked: str, expected: bytes) -> None:
    answer = place.get(f"media/{SHA}", Range=asked)
    assert (answer.status_code, answer.content) == (206, expected)
    start = len(PNG) - len(expected) if asked != "bytes=0-0" else 0
    stop = start + len(expected) - 1
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop}/{len(PNG)}"


@pytest.mark.parametrize("asked", [f"bytes={len(PNG)}-", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(place: Place, asked: str) -> None:
    answer = place.get(f"media/{SHA}", Range=asked)
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{len(PNG)}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=", "bytes=-", "bytes=5-3", "bytes=0-1,3-4", "lines=0-1", "bytes=0x1-2", "\u00b2"],
)
def test_what_is_no_range_gets_all(place: Place, asked: str) -> None:
    answer = place.get(f"media/{SHA}", Range=asked.encode("latin-1"))  # type: ignore[arg-type]
    assert (answer.status_code, answer.content) == (200, PNG)


def test_a_part_of_something_else_is_not_mixed_in(place: Place) -> None:
    answer = place.get(f"media/{SHA}", **{"Range": "bytes=0-0", "If-Range": '"another"'})
    assert (answer.status_code, answer.content) == (200, PNG)


# ---------------------------------------------------------------- what is not


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "//",
        "/media/",
        "/media",
        "/../secret.json",
        "/media/../../secret.json",
        "/%2e%2e/secret.json",
        "/media/%2e%2e%2f%2e%2e%2fsecret.json",
        "/..%5csecret.json",
        "/.hidden",
        "/secret.json",
        "file:///etc/passwd",
        "http://127.0.0.1/{root}.json",
        "/{root}",
        "/0x{root}.json",
        "/{ROOT}.json",
        "/{root}.json?x=1",
        "/{root}.json#x",
        "/{root}.json/",
        "/{root}.json%00",
        "/{root}/0.json",
        "/{root}/01.json",
        "/{root}/-1.json",
        "/{root}/1",
        "/{root}/1.json?x=1",
        "/{root}/1.jsonp",
        "/{root}/media/{sha}",
        "/media/{SHA}",
        "/media/{sha}.png",
        "/{sha}.json",
        "/media/{root}",
        "*",
    ],
)
def test_nothing_else_has_a_name(place: Place, path: str) -> None:
    root = place.root
    path = path.format(root=root, ROOT=root.upper(), sha=SHA, SHA=SHA.upper())
    answer = place.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404 Not Found\r\n"), answer
    assert answer.endswith(b"\r\n\r\n404 Not Found\n")


def test_what_is_not_what_it_is_called_is_not_handed_out(own: Place) -> None:
    """Not at first, and not if it is changed while it is served."""
    manifest, image = own.folder / f"{own.root}.json", own.folder / "media" / SHA
    paths = [f"{own.root}.json", f"{own.root}/1.json", f"media/{SHA}"]
    assert [own.get(path).status_code for path in paths] == [200, 200, 200]
    manifest.write_text(manifest.read_text().replace("Is it?", "Is it!"))
    image.write_bytes(PNG[:-1] + b"\x00")
    assert [own.get(path).status_code for path in paths] == [404, 404, 404]
    image.write_bytes(PNG)
    assert own.get(f"media/{SHA}").content == PNG


def test_a_pipe_a_folder_and_a_broken_link_hold_nobody_up(own: Place) -> None:
    names = ["11" * 32, "22" * 32, "33" * 32]
    os.mkfifo(own.folder / "media" / names[0])
    (own.folder / "media" / names[1]).mkdir()
    (own.folder / "media" / names[2]).symlink_to("nowhere")
    os.mkfifo(own.folder / f"{names[0]}.json")
    for path in (*(f"media/{name}" for name in names), f"{names[0]}.json"):
        assert own.get(path).status_code == 404


def test_gold_answers_and_salts_are_never_handed_out(own: Place) -> None:
    """Not even from a folder that holds them, under any name that a path can have."""
    content = json.dumps(SECRET).encode()
    for name in (f"{'ab' * 32}.json", f"media/{'ab' * 32}", f"{'ab' * 32}/1.json"):
        path = own.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        answer = own.get(name)
        assert answer.status_code == 404 and b"5a5a" not in answer.content


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "get"])
def test_nothing_can_be_written(place: Place, method: str) -> None:
    path = f"/{place.root}.json"
    request = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}"
    assert place.raw(request.encode()).startswith(b"HTTP/1.1 501 ")


# ---------------------------------------------------------------- hostile requests


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /ROOT.json HTTP/1.1\r\n\r\n", 400),
        (b"GET /ROOT.json HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET /ROOT.json\r\n\r\n", 400),
        (b"GET\r\n\r\n", 400),
        (b"GET /ROOT.json x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /ROOT.json HTTP/0.9\r\n\r\n", 505),
        (b"GET /ROOT.json HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        (b"GET /ROOT.json HTTP/1.10\r\nHost: x\r\n\r\n", 505),
        (b"GET /ROOT.json HTTP/x\r\nHost: x\r\n\r\n", 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET /\x00\xff HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    ],
)
def test_what_is_no_request_is_refused_in_words_of_http(
    place: Place, request_: bytes, status: int
) -> None:
    """With a status line always: what has none would be read as if it were the content."""
    answer = place.raw(request_.replace(b"ROOT", place.root.encode()))
    assert (not answer and len(request_) > 70_000) or answer.startswith(
        f"HTTP/1.1 {status} ".encode()
    ), answer
    assert b"options" not in answer and b"aaaa" not in answer
    assert place.get(f"{place.root}.json").status_code == 200


def test_a_second_request_on_a_connection_is_not_read(place: Place) -> None:
    one = f"GET /{place.root}.json HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    answer = place.raw(one + one)
    assert answer.count(b"HTTP/1.1 200") == 1 and b"Connection: close" in answer


def test_a_head_that_drips_is_ended_however_often_a_byte_comes(place: Place) -> None:
    begun = time.monotonic()
    with place.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError):
            for _ in range(200):
                connection.sendall(b"X")
                time.sleep(0.05)
    assert HEAD_SECONDS < time.monotonic() - begun < 10 * HEAD_SECONDS


def test_silent_connections_keep_nobody_out(tmp_path: Path) -> None:
    """More of them than there are seats, which are taken anew as soon as they are given up."""
    own, stop = Place(tmp_path, head_seconds=30), threading.Event()

    def crowd() -> None:
        while not stop.is_set():
            with ExitStack() as stack, suppress(OSError):  # whose seat went to another
                for _ in range(100):
                    stack.enter_context(own.connect()).sendall(b"GET / HT")

    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(own.connect()).sendall(b"GET / HT")
        begun = time.monotonic()
        assert own.get(f"{own.root}.json").status_code == 200
        assert time.monotonic() - begun < 30
        threads = [threading.Thread(target=crowd) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            answers = [own.get(f"{own.root}.json").status_code for _ in range(5)]
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    assert answers == [200] * 5
    own.server.stop()


def test_who_is_being_answered_keeps_the_seat_and_is_waited_for(tmp_path: Path) -> None:
    own = Place(tmp_path, head_seconds=30)
    large, sha = own.large()
    with ExitStack() as stack:
        reader = stack.enter_context(own.connect())
        reader.sendall(f"GET /media/{sha} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received = reader.recv(1)
        for _ in range(100):
            stack.enter_context(own.connect()).sendall(b"GET / HT")
        stopping = threading.Thread(target=own.server.stop, args=(30,))
        stopping.start()
        stopping.join(0.5)
        assert stopping.is_alive()
        while part := reader.recv(2**20):
            received += part
        stopping.join(30)
    assert received.endswith(large)


def test_who_does_not_read_is_ended_and_holds_up_nobody(
    own: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, sha = own.large()
    with own.connect() as lazy:
        with monkeypatch.context() as patched:
            patched.setattr("plumbline.requester.task_server._SLOWEST", len(large))
            lazy.sendall(f"GET /media/{sha} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            lazy.recv(1, socket.MSG_PEEK)
        assert own.get(f"media/{sha}").content == large
        wait_until(lambda: len(own.log) == 2)
        received = 0
        with suppress(OSError):
            while part := lazy.recv(2**20):
                received += len(part)
    assert 0 < received < len(large)
    assert sorted(answered.size == len(large) for answered in own.log) == [False, True]


# ---------------------------------------------------------------- beginning and end


def test_what_was_asked_is_told_once_with_what_came_of_it(own: Place) -> None:
    own.get(f"media/{SHA}")
    own.get("nothing\u202e")
    own.server.stop()
    first, second = own.log
    assert (first.method, first.path, first.status, first.size) == (
        "GET",
        f"/media/{SHA}",
        200,
        len(PNG),
    )
    assert (second.status, second.path) == (404, "/nothing%E2%80%AE")


def test_tasks_that_are_published_meanwhile_are_there(own: Place) -> None:
    more = Manifest(("a", "b"), ("x",) * 12)
    name = f"{more.root.hex()}.json"
    assert own.get(name).status_code == 404
    Publication(more, {}).write(own.folder / name)
    assert own.get(name).json() == more.to_json()
    assert PublishedFolder(own.folder).roots == sorted([own.root, more.root.hex()])


def test_it_stops_at_once_if_nobody_is_being_answered(own: Place) -> None:
    with own.connect():
        begun = time.monotonic()
        own.server.stop()
        assert time.monotonic() - begun < 2
    with pytest.raises(requests.ConnectionError):
        own.get("")


def test_a_place_that_is_taken_is_told(place: Place) -> None:
    port = urlsplit(place.url).port
    assert port
    with pytest.raises(ServerError, match=rf"127\.0\.0\.1:{port} \(Address already in use\)"):
        TaskServer(PublishedFolder(place.folder), "127.0.0.1", port, place.log.append)
    with pytest.raises(ServerError, match="name another --host"):
        TaskServer(PublishedFolder(place.folder), "no.such.host.invalid", 0, place.log.append)
