"""Published tasks over HTTP, by their root, for labelers and for pages of other origins.

    GET /<root>.json        the manifest with that root, 64 lower-case hex digits
    GET /<root>/<n>.json    task n of it, from 1, as labelers see it, with its Merkle proof
    GET /media/<sha256>     content that tasks refer to

What these paths name does not change, so it may be kept for ever; everything else is not there.
Nothing is listed and nothing written, and a file that is not what it is called is not handed out.

Whoever asks is a stranger. A head has ten seconds to come and a body as long as a slow line takes,
counted from outside and not by reads; when all seats are taken, the one that has waited longest
without a whole head goes. One request a connection: nothing is left of it to be misread.
"""

import re
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Final, cast

from plumbline.errors import PlumblineError
from plumbline.formats.published import CACHE_CONTROL, Found, PublishedFolder

_MANIFEST: Final = re.compile(r"/([0-9a-f]{64})\.json")
_TASK: Final = re.compile(r"/([0-9a-f]{64})/([1-9][0-9]{0,2})\.json")
_MEDIA: Final = re.compile(r"/media/([0-9a-f]{64})")
_RANGE: Final = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
_METHODS: Final = "GET, HEAD, OPTIONS"
_SEATS: Final = 64  # connections at a time
_HEAD_SECONDS: Final = 10.0
_SLOWEST: Final = 16 * 2**10  # bytes a second
_TICK: Final = 0.1  # seconds
_BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class ServerError(PlumblineError):
    """A server that cannot begin."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What was asked, and what came of it.

    `method` and `path` are a stranger's; `size` is in bytes of the body, as far as it was sent.
    """

    method: str
    path: str
    status: int
    size: int
    seconds: float


class TaskServer:
    """Hands out the tasks of a folder, from `start` to `stop`."""

    def __init__(
        self,
        folder: PublishedFolder,
        host: str,
        port: int,
        log: Callable[[Answered], None],
        head_seconds: float = _HEAD_SECONDS,
    ) -> None:
        """Listen at once; port 0 is any that is free. `log` may be called by several threads.

        Raises ServerError.
        """
        try:
            family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            self._server = _Server(family, address, folder, log, head_seconds)
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "no such name"
            raise ServerError(
                f"nothing can be served at {host}:{port} ({reason}): name another --host or --port"
            ) from None
        found, port = self._server.socket.getsockname()[:2]
        self.url = f"http://{f'[{found}]' if ':' in found else found}:{port}/"

    def start(self) -> None:
        """Serve, in threads of its own."""
        for work in (self._server.serve_forever, self._server.keep_time):
            threading.Thread(target=work, daemon=True).start()

    def stop(self, patience: float = 5) -> None:
        """Take no more requests; those that have begun are answered, in `patience` seconds."""
        self._server.shutdown()
        self._server.server_close()
        end = time.monotonic() + patience
        while self._server.is_answering and time.monotonic() < end:
            time.sleep(_TICK)
        self._server.stopped.set()


@dataclass(slots=True)
class _Seat:
    """A connection: until when it may be there (monotonic seconds), and whether its head is."""

    end: float
    has_head: bool = False


class _Server(socketserver.ThreadingTCPServer):
    """Counts seats, and ends connections whose time is over."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        family: int,
        address: Any,
        folder: PublishedFolder,
        log: Callable[[Answered], None],
        head_seconds: float,
    ) -> None:
        self.address_family = family
        self.folder, self.log = folder, log
        self.stopped = threading.Event()
        self._head_seconds = head_seconds
        self._seats: dict[socket.socket, _Seat] = {}
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    @property
    def is_answering(self) -> bool:
        """Whether anybody is being answered."""
        with self._lock:
            return any(seat.has_head for seat in self._seats.values())

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection a seat, if need be that of somebody who says nothing."""
        with self._lock:
            if len(self._seats) >= _SEATS:
                silent = [
                    (s.end, n, c) for n, (c, s) in enumerate(self._seats.items()) if not s.has_head
                ]
                if silent:
                    *_, oldest = min(silent)
                    del self._seats[oldest]
                    _end(oldest)
            is_full = len(self._seats) >= _SEATS
            if not is_full:
                self._seats[request] = _Seat(time.monotonic() + self._head_seconds)
        if is_full:
            with suppress(OSError):
                request.setblocking(False)
                request.send(_BUSY)
            self.shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, in a thread, and give the seat back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._seats.pop(request, None)

    def begin(self, connection: socket.socket, size: int) -> None:
        """The head of a connection is there: it has as long as a slow line takes for the body."""
        with self._lock:
            seat = self._seats.get(connection)
            if seat is not None:
                seat.has_head = True
                seat.end = time.monotonic() + self._head_seconds + size / _SLOWEST

    def keep_time(self) -> None:
        """End connections whose time is over, until the server has stopped."""
        while not self.stopped.wait(_TICK):
            now = time.monotonic()
            with self._lock:
                for connection, seat in self._seats.items():
                    if seat.end < now:
                        _end(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever goes away in the middle is nobody's trouble."""


def _end(connection: socket.socket) -> None:
    """Wake up whoever reads from a connection or writes to it: there is nothing more."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        """Begin with a connection."""
        super().setup()
        self._begun = time.monotonic()
        self._status = self._sent = 0
        self.command, self.path = "", ""

    @property
    def _tasks(self) -> _Server:
        return cast(_Server, self.server)

    def parse_request(self) -> bool:
        """Read the head; whether it is one of HTTP 1.0 or 1.1, and may be answered."""
        if not super().parse_request():
            return False
        if len(self.requestline.split()) != 3:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return False
        if self.request_version not in ("HTTP/1.0", "HTTP/1.1"):
            self.send_error(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
            return False
        hosts = self.headers.get_all("host", [])
        if len(hosts) > 1 or (self.request_version == "HTTP/1.1" and not hosts):
            self.send_error(HTTPStatus.BAD_REQUEST)
            return False
        return True

    def do_GET(self) -> None:
        """Hand out what is at a path."""
        body = self._found()
        if body is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        with body.file:
            self._hand_out(body)

    do_HEAD = do_GET

    def do_OPTIONS(self) -> None:
        """Pages of all origins may read, and ask for a part."""
        self._head(HTTPStatus.NO_CONTENT, 0)
        self.send_header("Allow", _METHODS)
        self.send_header("Access-Control-Allow-Methods", _METHODS)
        self.send_header("Access-Control-Allow-Headers", "If-None-Match, If-Range, Range")
        self.send_header("Access-Control-Max-Age", "86400")
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Say what is wrong, in the words of HTTP and in none of the stranger's."""
        text = f"{int(code)} {HTTPStatus(code).phrase}\n".encode()
        self._head(code, len(text))
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        if code == HTTPStatus.NOT_IMPLEMENTED:
            self.send_header("Allow", _METHODS)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)
            self._sent = len(text)

    def version_string(self) -> str:
        """The name of the server, and nothing of what it runs on."""
        return "plumbline"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: there is one record when all is over."""

    def finish(self) -> None:
        """End with a connection."""
        super().finish()
        if self._status:
            seconds = time.monotonic() - self._begun
            self._tasks.log(
                Answered(self.command or "?", self.path, self._status, self._sent, seconds)
            )

    def _found(self) -> Found | None:
        folder = self._tasks.folder
        if asked := _TASK.fullmatch(self.path):
            return folder.task(asked[1], int(asked[2]))
        if asked := _MANIFEST.fullmatch(self.path):
            return folder.manifest(asked[1])
        if asked := _MEDIA.fullmatch(self.path):
            return folder.media(asked[1])
        return None

    def _hand_out(self, body: Found) -> None:
        if body.is_known(self.headers.get("if-none-match", "")):
            self._head(HTTPStatus.NOT_MODIFIED, None)
            self._describe(body)
            self.end_headers()
            return
        part = self._part(body)
        if part is not None and not part:
            self._head(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, 0)
            self.send_header("Content-Range", f"bytes */{body.size}")
            self.end_headers()
            return
        sent = range(body.size) if part is None else part
        self._head(HTTPStatus.OK if part is None else HTTPStatus.PARTIAL_CONTENT, len(sent))
        self._describe(body)
        self.send_header("Content-Type", body.content_type)
        self.send_header("Accept-Ranges", "bytes")
        if part is not None:
            self.send_header("Content-Range", f"bytes {part.start}-{part.stop - 1}/{body.size}")
        self.end_headers()
        if self.command != "HEAD":
            try:
                self.connection.sendfile(body.file, sent.start, len(sent))
            finally:  # the file is left where sending ended
                self._sent = max(0, body.file.tell() - sent.start)

    def _part(self, body: Found) -> range | None:
        """The bytes that are asked for, empty if there are none such; None for all of them.

        What is no range of one part counts as not asked for, as RFC 9110 allows.
        """
        asked = _RANGE.fullmatch(self.headers.get("range", ""))
        if asked is None or self.headers.get("if-range", body.entity_tag) != body.entity_tag:
            return None
        first, last = asked.groups()
        whole = range(body.size)
        if not first:
            return whole[max(0, body.size - int(last)) :] if last else None
        if last and int(last) < int(first):
            return None
        return whole[int(first) : int(last) + 1 if last else None]

    def _head(self, status: int, length: int | None) -> None:
        self._status = int(status)
        self._tasks.begin(self.connection, length or 0)
        self.request_version = "HTTP/1.0"  # whatever was said: there is always a status line
        self.send_response(status)
        self.send_header("Connection", "close")
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "default-src 'none'; sandbox")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Expose-Headers", "Content-Range, ETag")
        self.send_header("Cross-Origin-Resource-Policy", "cross-origin")

    def _describe(self, body: Found) -> None:
        self.send_header("Cache-Control", CACHE_CONTROL)
        self.send_header("ETag", body.entity_tag)
