"""What a site lets through: names, origins, sizes, speeds, and how often."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import pytest

from plumbline.errors import PlumblineError
from plumbline.lab.site.client import SiteAway, SiteClient
from plumbline.site.errors import RequestError
from plumbline.site.guard import MOST_BODY, Admitted, Guard, Message, Receive, Send
from plumbline.site.limits import Proxies, ProxyError, RateLimiter, RequestRate
from plumbline.site.lookups import Lookups
from plumbline.site.server import Capacity, SiteServer, SiteServerError
from tests.waiting import wait_until

ROOMY = Capacity(64, 128, head_seconds=0.6, taking_seconds=0.6)
NOBODY = Proxies()
SECRET = "what nobody may read in a log"


async def echo(scope: Message, receive: Receive, send: Send) -> None:
    """Says what it was sent; or takes long, says much, or breaks."""
    body = bytes((await receive()).get("body", b""))
    if scope["path"] == "/breaks":
        raise ValueError(SECRET)
    if scope["path"] == "/waits":
        await asyncio.sleep(0.5)
    if scope["path"] == "/refuses":
        raise RequestError(HTTPStatus.CONFLICT, "no", "do something else")
    pieces = [body] if scope["path"] != "/much" else [b"x" * 2**20] * 64
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@dataclass
class Served:
    """A guarded application on a real socket."""

    rate: int = 60_000
    capacity: Capacity = ROOMY
    proxies: Proxies = NOBODY
    log: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server = SiteServer("127.0.0.1", 0, self.capacity, self.proxies)
        self.name = f"127.0.0.1:{self.server.port}"
        admitted = Admitted(
            frozenset((self.name, "label.example")),
            frozenset((f"http://{self.name}", "https://label.example")),
            self.rate,
            self.proxies,
        )
        self.server.start(Guard(echo, admitted, self._log))
        self.client = SiteClient(self.server.url, patience=10)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.server.port), timeout=10)

    def raw(self, text: bytes) -> bytes:
        """The whole answer to bytes that no library would send."""
        with self.connect() as connection:
            connection.sendall(text)
            return read_all(connection)

    def _log(self, level: str, message: str, **fields: object) -> None:
        self.log.append({"level": level, "message": message, **fields})


def read_all(connection: socket.socket) -> bytes:
    data = b""
    try:
        while piece := connection.recv(2**16):
            data += piece
    except ConnectionError:
        pass
    return data


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    made = Served()
    yield made
    made.server.stop()


# ------------------------------------------------------------------------ names and origins


def test_a_request_for_another_name_is_refused(served: Served) -> None:
    assert served.client.get("/api/x", host="label.example").status == 200
    for name in ("evil.example", "label.example.evil.example", "", "label.example:81", "127.0.0.1"):
        assert served.client.get("/api/x", host=name).status == 421, name


def test_what_changes_something_comes_from_the_sites_own_page(served: Served) -> None:
    own = served.client.post("/api/x", "{}")
    assert (own.status, own.body) == (200, b"{}")
    for origin in ("https://evil.example", "null", "", f"https://{served.name}"):
        assert served.client.post("/api/x", "{}", origin=origin).status == 403, origin
    kind = {"content-type": "application/json"}
    assert served.client.ask("POST", "/api/x", b"{}", kind).status == 403
    forms = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "")
    for form in forms:
        assert served.client.post("/api/x", "{}", **{"content-type": form}).status == 415, form


def test_what_another_site_has_a_browser_ask_is_refused(served: Served) -> None:
    for site in ("cross-site", "same-site"):
        assert served.client.get("/api/x", **{"sec-fetch-site": site}).status == 403
    assert served.client.get("/api/x", **{"sec-fetch-site": "same-origin"}).status == 200
    assert served.client.get("/", **{"sec-fetch-site": "cross-site"}).status == 200  # a link


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"])
def test_other_methods_are_refused(served: Served, method: str) -> None:
    assert served.client.ask(method, "/api/x", None, {}).status in (400, 405)


@pytest.mark.parametrize("path", ["/", "/api/x", "/breaks", "/tasks/x"])
def test_no_answer_can_be_framed_sniffed_or_run_strangers_scripts(
    served: Served, path: str
) -> None:
    for reply in (served.client.get(path), served.client.get(path, host="evil.example")):
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy and "*" not in policy
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert "server" not in reply.headers
        assert "access-control-allow-origin" not in reply.headers
    is_content = path.startswith("/tasks/")
    assert ("sandbox" in policy) == is_content
    assert ("require-trusted-types-for 'script'" in policy) != is_content


# ------------------------------------------------------------------------ sizes and speeds


def test_a_body_has_at_most_64_kib(served: Served) -> None:
    assert served.client.post("/api/x", "x" * MOST_BODY).status == 200
    assert served.client.post("/api/x", "x" * (MOST_BODY + 1)).status == 413
    head = (
        f"POST /api/x HTTP/1.1\r\nHost: {served.name}\r\nOrigin: http://{served.name}\r\n"
        "Content-Type: application/json\r\n"
    )
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    chunked = f"{head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode()
    assert b"413" in served.raw(chunked + 3 * chunk + b"0\r\n\r\n")
    assert b" 400 " in served.raw(f"{head}Content-Length: -1\r\n\r\n".encode())
    assert served.client.ask("GET", "/api/x", b"{}", {}).status == 400


def test_a_head_that_does_not_come_is_not_waited_for(served: Served) -> None:
    began = time.monotonic()
    for opening in (b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nA: "):
        with served.connect() as connection:
            connection.sendall(opening)
            assert read_all(connection) == b""
    assert time.monotonic() - began < 6
    with served.connect() as connection:  # neither is that of a second request
        connection.sendall(f"GET /api/x HTTP/1.1\r\nHost: {served.name}\r\n\r\n".encode())
        time.sleep(0.2)
        connection.sendall(b"GET ")
        assert read_all(connection).startswith(b"HTTP/1.1 200")


def test_a_head_that_comes_by_drops_is_not_waited_for(served: Served) -> None:
    with served.connect() as connection:
        began = time.monotonic()
        with pytest.raises(ConnectionError):
            for _ in range(60):
                connection.sendall(b"G")
                time.sleep(0.05)
        assert time.monotonic() - began < 2.5


def test_an_answer_under_way_is_not_cut_short(served: Served) -> None:
    assert served.client.get("/waits").status == 200


@pytest.mark.parametrize(
    "bytes_sent",
    [b"\x16\x03\x01\x02\x00\x01", b"GET /\x00 HTTP/1.1\r\n\r\n", b"\r\n" * 40, b"A" * 40_000],
)
def test_what_is_no_http_ends_the_connection_alone(served: Served, bytes_sent: bytes) -> None:
    served.raw(bytes_sent)
    assert served.client.get("/api/x").status == 200


def test_a_slow_body_is_given_up(monkeypatch: pytest.MonkeyPatch, served: Served) -> None:
    monkeypatch.setattr("plumbline.site.guard._BODY_SECONDS", 0.3)
    head = (
        f"POST /api/x HTTP/1.1\r\nHost: {served.name}\r\nOrigin: http://{served.name}\r\n"
        "Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    )
    with served.connect() as connection:
        connection.sendall(head.encode())
        assert b"408" in connection.recv(2**16)


def test_who_does_not_take_an_answer_is_given_up(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(f"GET /much HTTP/1.1\r\nHost: {served.name}\r\n\r\n".encode())
        time.sleep(1.5)
        assert len(read_all(connection)) < 32 * 2**20


def test_who_takes_an_answer_gets_all_of_it(served: Served) -> None:
    assert len(served.client.get("/much").body) == 64 * 2**20


def test_one_client_has_so_many_connections_and_a_proxy_has_more() -> None:
    small = Served(capacity=Capacity(4, 64, head_seconds=5))
    held = [small.connect() for _ in range(4)]
    time.sleep(0.2)
    with pytest.raises(SiteAway):
        small.client.get("/api/x")
    held.pop().close()
    wait_until(lambda: answers(small))
    for each in held:
        each.close()
    small.server.stop()
    trusted = Proxies.of(["127.0.0.1"], "X-Forwarded-For")
    behind = Served(capacity=Capacity(4, 64, head_seconds=5), proxies=trusted)
    held = [behind.connect() for _ in range(8)]
    assert behind.client.get("/api/x").status == 200
    for each in held:
        each.close()
    behind.server.stop()


def test_all_together_have_so_many_connections() -> None:
    trusted = Proxies.of(["127.0.0.1"], "X-Forwarded-For")
    small = Served(capacity=Capacity(64, 4, head_seconds=5), proxies=trusted)
    held = [small.connect() for _ in range(4)]
    time.sleep(0.2)
    with small.connect() as one_too_many:
        one_too_many.settimeout(2)
        assert read_all(one_too_many) == b""
    for each in held:
        each.close()
    wait_until(lambda: answers(small))
    small.server.stop()


def answers(served: Served) -> bool:
    try:
        return served.client.get("/api/x").status == 200
    except SiteAway:
        return False


def test_a_port_that_is_taken_is_said(served: Served) -> None:
    with pytest.raises(SiteServerError, match="name another --host or --port"):
        SiteServer("127.0.0.1", served.server.port, Capacity(4, 4), Proxies())


# ------------------------------------------------------------------------ mistakes


def test_a_mistake_is_an_answer_and_its_values_are_in_no_log(served: Served) -> None:
    reply = served.client.get("/breaks")
    assert reply.status == 500 and SECRET not in reply.body.decode()
    *_, entry = [each for each in served.log if each["message"] == "a request failed"]
    assert entry["error"] == "ValueError" and entry["place"].startswith("test_site_guard.py:")
    assert SECRET not in json.dumps(served.log)
    assert served.client.get("/api/x").status == 200


def test_a_refusal_is_a_sentence_and_what_to_do(served: Served) -> None:
    reply = served.client.get("/refuses")
    assert (reply.status, reply.json) == (409, {"error": "no", "remedy": "do something else"})
    assert reply.headers["cache-control"] == "no-store"


# ------------------------------------------------------------------------ how often


def test_who_asks_too_often_waits_and_nobody_else_does() -> None:
    behind = Served(rate=60, proxies=Proxies.of(["127.0.0.1"], "x-forwarded-for"))

    def ask(client: str, **headers: str) -> int:
        return behind.client.get("/api/x", **{"x-forwarded-for": client}, **headers).status

    statuses = [ask("198.51.100.7") for _ in range(20)]
    assert statuses[:15] == [200] * 15 and 429 in statuses[15:]
    again = behind.client.get("/api/x", **{"x-forwarded-for": "198.51.100.7"})
    assert again.status == 429 and int(again.headers["retry-after"]) >= 1
    # What a client puts before what the proxy adds changes nothing.
    assert ask("203.0.113.1, 198.51.100.7") == 429
    assert ask("198.51.100.8") == 200
    # All of a subscriber's IPv6 addresses are one client.
    statuses = [ask(f"2001:db8:0:1::{number}") for number in range(20)]
    assert 429 in statuses and ask("2001:db8:0:2::1") == 200
    # What hands something in has a share of its own.
    posted = [behind.client.post("/api/x", "{}").status for _ in range(5)]
    assert posted[:3] == [200] * 3 and posted[-1] == 429
    behind.server.stop()


def test_all_together_may_ask_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plumbline.site.guard._ALL", 2)
    behind = Served(rate=60, proxies=Proxies.of(["127.0.0.1"], "x-forwarded-for"))
    statuses = [
        behind.client.get("/api/x", **{"x-forwarded-for": f"198.51.100.{number}"}).status
        for number in range(40)
    ]
    assert statuses[:30] == [200] * 30 and statuses[-1] == 503
    behind.server.stop()


def test_without_a_proxy_nobody_is_believed_whose_request_it_is() -> None:
    plain = Served(rate=60)
    statuses = [
        plain.client.get("/api/x", **{"x-forwarded-for": f"198.51.100.{number}"}).status
        for number in range(20)
    ]
    assert 429 in statuses
    plain.server.stop()


def test_tokens_come_back_and_the_memory_for_clients_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("plumbline.site.limits._MOST_CLIENTS", 3)
    now = [0.0]
    limiter = RateLimiter(RequestRate(at_once=2, a_second=0.5), clock=lambda: now[0])
    assert [limiter.wait_of("a") for _ in range(3)] == [0, 0, 2.0]
    now[0] = 2.0
    assert [limiter.wait_of("a") for _ in range(2)] == [0, 2.0]
    now[0] = 1_000.0
    assert [limiter.wait_of("a") for _ in range(3)] == [0, 0, 2.0]  # never more than at once
    for client in "bcdefgh":
        assert limiter.wait_of(client) == 0
    assert len(limiter._buckets) == 3


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, nonsense", "10.0.0.1"),
        ("192.0.2.5", "198.51.100.7", "192.0.2.5"),
        ("10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::/64"),
        ("10.0.0.1", "10.0.0.2,10.0.0.1", "10.0.0.2"),
    ],
)
def test_a_client_is_whoever_the_nearest_stranger_is(
    peer: str, forwarded: str, client: str
) -> None:
    proxies = Proxies.of(["10.0.0.1", "10.0.0.2"], "X-Forwarded-For")
    assert proxies.client_of(peer, forwarded) == client


def test_a_proxy_is_named_by_its_address() -> None:
    with pytest.raises(ProxyError, match="named by its address"):
        Proxies.of(["proxy.example"], "x")


# ------------------------------------------------------------------------ looked up aside


def test_what_hangs_or_fails_stops_no_other_lookup() -> None:
    hangs = threading.Event()
    asked: list[str] = []

    def look(key: str) -> str:
        asked.append(key)
        if key == "hangs":
            hangs.wait(10)
        if key == "fails":
            raise PlumblineError("it is not there")
        if key == "breaks":
            raise KeyError(SECRET)
        return key.upper()

    lookups: Lookups[str, str] = Lookups(look, workers=2)
    keys = ["hangs", "fails", "breaks", *"abc"]
    lookups.keep(keys)
    wait_until(lambda: [lookups.found(key) for key in "abc"] == ["A", "B", "C"])
    assert lookups.failure("fails") == "it is not there"
    assert lookups.failure("breaks") == "it could not be looked up (KeyError)"
    assert lookups.found("hangs") is None and lookups.failure("hangs") is None
    for _ in range(3):
        lookups.keep(keys)
    time.sleep(0.1)
    assert sorted(asked) == sorted(keys)  # each once: what failed is left alone for a while
    lookups.keep(["a"])
    assert lookups.found("b") is None and lookups.failure("fails") is None
    hangs.set()
    lookups.stop()
