"""A node is waited for, and not for ever: rate limits, ranges it refuses, and silence."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import HTTPError
from web3 import Web3

from plumbline.chain import logs
from plumbline.chain.logs import EventsError, read_logs
from plumbline.chain.node import Node
from plumbline.chain.reverts import revert_reason
from plumbline.chain.transport import NoAnswer, PatientProvider, RateLimited, is_rate_limit

ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
KEY = "5ecre7"

Reply = tuple[int, Any] | tuple[int, Any, dict[str, str]]


def result(value: Any) -> Reply:
    return 200, {"jsonrpc": "2.0", "id": 1, "result": value}


def error(code: int, message: str, status: int = 200) -> Reply:
    return status, {"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": message}}


class FakeNode:
    """Answers what `answer` says: (HTTP status, JSON or bytes, headers)."""

    def __init__(self, answer: Callable[[str, list[Any]], Reply]) -> None:
        self.asked: list[str] = []
        self.said: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16  # head and body in one packet, or each waits for a delayed ACK

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append(body["method"])
                status, content, *headers = answer(body["method"], body["params"])
                sent = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in (headers[0] if headers else {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *arguments: object) -> None:
                """Nothing on stderr."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def w3(self) -> Web3:
        url = f"http://127.0.0.1:{self.server.server_address[1]}/v3/{KEY}"
        return Web3(PatientProvider(url, 5, self.said.append))


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[str, list[Any]], Reply]], FakeNode]]:
    nodes: list[FakeNode] = []

    def start(answer: Callable[[str, list[Any]], Reply]) -> FakeNode:
        nodes.append(FakeNode(answer))
        return nodes[-1]

    yield start
    for node in nodes:
        node.server.shutdown()
        node.server.server_close()


Serve = Callable[[Callable[[str, list[Any]], Reply]], FakeNode]


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What would have been waited, seconds."""
    pauses: list[float] = []
    monkeypatch.setattr("plumbline.chain.transport.time.sleep", pauses.append)
    return pauses


# ------------------------------------------------------------------------- rate limits

COMPUTE_UNITS = "Your app has exceeded its compute units per second capacity."
RATE_LIMITS = [
    (429, COMPUTE_UNITS),
    (-32_005, "project ID request rate exceeded"),
    (-32_005, "daily request count exceeded, request rate limited"),
    (-32_007, "50/second request limit reached - reduce calls per second"),
    (-32_016, "over rate limit"),
    (-32_090, "Too many requests, reason: call rate limit exhausted"),
    (-32_000, "You've exceeded the RPS limit available on the current plan."),
]
RANGES = [
    (-32_005, "query returned more than 10000 results. Try with this block range [0x1, 0x9]."),
    (-32_600, "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block"),
    (-32_000, "exceed maximum block range: 5000"),
    (-32_005, "block range limit exceeded"),
    (-32_602, "Log response size exceeded."),
    (-32_000, "query timeout exceeded"),
    (3, "execution reverted: too many requests"),
    (-32_000, "execution reverted: rate limit"),
]


@pytest.mark.parametrize(("code", "message"), RATE_LIMITS)
def test_a_rate_limit_in_an_error_is_waited_out(
    serve: Serve, slept: list[float], code: int, message: str
) -> None:
    answers = [error(code, message), error(code, message), result("0x11")]
    node = serve(lambda method, params: answers.pop(0))
    assert node.w3.eth.block_number == 17
    assert slept == [1, 2]
    assert node.said == ["the node limits how often it is asked: waiting 1 second"]


def test_a_rate_limit_in_the_status_is_waited_out_for_as_long_as_it_says(
    serve: Serve, slept: list[float]
) -> None:
    answers: list[Reply] = [(429, b"slow down", {"Retry-After": "7"}), (429, b""), result("0x11")]
    node = serve(lambda method, params: answers.pop(0))
    assert node.w3.eth.block_number == 17
    assert slept == [7, 2]


def test_a_rate_limit_that_lasts_is_told_with_what_to_do(serve: Serve, slept: list[float]) -> None:
    node = serve(lambda method, params: error(429, COMPUTE_UNITS))
    with pytest.raises(RateLimited) as caught:
        _ = node.w3.eth.block_number
    assert sum(slept) == 90
    assert "limits how often it is asked" in revert_reason(caught.value)
    assert "--network URL" in revert_reason(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(("code", "message"), RANGES)
def test_what_is_about_one_request_is_no_rate_limit(code: int, message: str) -> None:
    """Nor is the reason of a contract, which a stranger can have written."""
    assert not is_rate_limit({"code": code, "message": message})


def test_a_rate_limit_is_not_taken_for_a_range_that_is_too_wide(
    serve: Serve, slept: list[float]
) -> None:
    widths = []

    def answer(method: str, params: list[Any]) -> Reply:
        widths.append(int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1)
        return error(-32_005, "limit exceeded") if len(widths) % 2 else result([])

    node = serve(answer)
    assert read_logs(node.w3, ADDRESS, 1, 20_000) == []
    assert widths == [10_000] * 4
    assert slept == [1, 1]


# ---------------------------------------------------------------- ranges told in the status


@pytest.mark.parametrize("status", [400, 413])
@pytest.mark.parametrize(
    "content", [b"range too wide", error(-32_600, "up to a 10 block range")[1]]
)
def test_a_range_limit_told_as_a_status_is_learned_once_and_remembered(
    serve: Serve, slept: list[float], status: int, content: Any
) -> None:
    refused = [0]

    def answer(method: str, params: list[Any]) -> Reply:
        width = int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1
        if width <= 10:
            return result([])
        refused[0] += 1
        return status, content

    node = serve(answer)
    w3 = node.w3
    read_logs(w3, ADDRESS, 1, 3_020)
    assert slept == []
    assert refused[0] <= 25
    before = refused[0]
    read_logs(w3, ADDRESS, 3_021, 6_040)
    assert refused[0] - before <= 3


def test_headers_that_are_given_are_those_of_every_request() -> None:
    heard: list[bytes] = []
    url = silent(lambda connection: heard.append(connection.recv(1 << 16)))
    with pytest.raises(NoAnswer):
        _ = Web3(PatientProvider(url, 0.3, headers={"Authorization": "me"})).eth.chain_id
    assert b"Authorization: me" in heard[0]


def test_a_status_without_an_answer_is_told_and_not_asked_again(
    serve: Serve, slept: list[float]
) -> None:
    node = serve(lambda method, params: (401, b"no such project"))
    with pytest.raises(HTTPError) as caught:
        _ = node.w3.eth.block_number
    assert revert_reason(caught.value) == "HTTP 401"
    assert (node.asked, slept) == (["eth_blockNumber"], [])


def test_a_gateway_without_a_node_is_asked_again_for_a_moment(
    serve: Serve, slept: list[float]
) -> None:
    answers: list[Reply] = [(502, b"<html>"), (503, b""), result("0x11")]
    assert serve(lambda method, params: answers.pop(0)).w3.eth.block_number == 17
    node = serve(lambda method, params: (502, b"<html>"))
    with pytest.raises(HTTPError):
        _ = node.w3.eth.block_number
    assert sum(slept) < 5


# ----------------------------------------------------------------------------- silence


def silent(take: Callable[[socket.socket], None]) -> str:
    """The URL of a server that accepts connections, and does this with them."""
    server = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        kept = []
        while True:
            connection, _ = server.accept()
            kept.append(connection)
            threading.Thread(target=take, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return f"http://127.0.0.1:{server.getsockname()[1]}"


def trickle(connection: socket.socket) -> None:
    """A byte now and then, for ever."""
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(b" ")
            threading.Event().wait(0.05)


@pytest.mark.parametrize("take", [lambda connection: None, trickle])
def test_a_node_that_never_answers_is_told_after_a_time(
    take: Callable[[socket.socket], None],
) -> None:
    w3 = Web3(PatientProvider(silent(take), 0.4))
    began = time.monotonic()
    with pytest.raises(NoAnswer) as caught:
        Node.of(w3)
    assert time.monotonic() - began < 3
    assert "did not answer eth_chainId within 0.4 seconds" in revert_reason(caught.value)


def test_silence_is_not_taken_for_a_range_that_is_too_wide() -> None:
    w3 = Web3(PatientProvider(silent(lambda connection: None), 0.2))
    began = time.monotonic()
    with pytest.raises(EventsError, match="took the connection and did not answer"):
        read_logs(w3, ADDRESS, 1, 100_000)
    assert time.monotonic() - began < 3


def test_a_range_that_takes_a_node_too_long_is_halved(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(method: str, params: list[Any]) -> Reply:
        if method == "eth_blockNumber":
            return result("0x11")
        if int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) > 3_000:
            threading.Event().wait(0.6)
        return result([])

    node = serve(answer)
    url = node.w3.provider.endpoint_uri  # type: ignore[attr-defined]
    assert read_logs(Web3(PatientProvider(url, 0.3)), ADDRESS, 1, 9_000) == []


def test_a_connection_that_is_lost_is_made_once_more(slept: list[float]) -> None:
    taken: list[socket.socket] = []

    def hang_up(connection: socket.socket) -> None:
        taken.append(connection)
        connection.recv(1 << 16)
        connection.shutdown(socket.SHUT_RDWR)

    url = silent(hang_up)
    with pytest.raises(NoConnection):
        _ = Web3(PatientProvider(url, 1)).eth.block_number
    assert (len(taken), slept) == (2, [])


def test_what_was_learned_of_one_node_is_not_held_against_another(serve: Serve) -> None:
    narrow = serve(lambda method, params: error(-32_000, "block range")).w3
    with pytest.raises(EventsError):
        read_logs(narrow, ADDRESS, 1, 9)
    wide = serve(lambda method, params: result([]))
    read_logs(wide.w3, ADDRESS, 1, 9_000)
    assert wide.asked == ["eth_getLogs"]
    assert len(logs._WIDTHS) >= 1
