"""A server whose answers are made up: before a node that lies or dies, or in a service's place."""

import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = bytes | HTTPStatus | None


class Proxy:
    """Listens until it is stopped."""

    def __init__(self, answer: Callable[[bytes], Reply]) -> None:
        """`answer` takes what is posted, and gives what is sent back, a status with nothing to it,
        or None for silence.
        """
        handler = type("Handler", (_Handler,), {"answer": staticmethod(answer)})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    answer: Callable[[bytes], Reply]
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one packet: else each answer waits for a delayed ACK

    def do_POST(self) -> None:
        reply = self.answer(self.rfile.read(int(self.headers["Content-Length"])))
        if reply is None:
            self.close_connection = True
            return
        status, body = (HTTPStatus.OK, reply) if isinstance(reply, bytes) else (reply, b"")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Nothing on stderr."""
