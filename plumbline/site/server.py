"""Connections: how many, and how slow.

A head has ten seconds to come, also that of a next request, and what is sent twenty to be taken; a
client has so many connections, and all have so many together.
"""

import asyncio
import logging
import socket
import threading
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from plumbline.errors import PlumblineError
from plumbline.site.guard import Application
from plumbline.site.limits import Proxies, subscriber

_HEAD_SECONDS: Final = 10.0
_TAKING_SECONDS: Final = 20.0
_IDLE_SECONDS: Final = 5  # that a connection is kept without a request
_LARGEST_HEAD: Final = 16 * 2**10  # bytes
_BACKLOG: Final = 512
_GRACE: Final = 15  # seconds for what is under way when it ends


class SiteServerError(PlumblineError):
    """A server that cannot begin."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """Connections at a time: of one client, but for trusted proxies, and of all; and the seconds
    that a head has to come, and that what is sent has to be taken.
    """

    of_client: int
    of_all: int
    head_seconds: float = _HEAD_SECONDS
    taking_seconds: float = _TAKING_SECONDS


class SiteServer:
    """Listens, and serves an application from a thread of its own, from `start` to `stop`."""

    def __init__(self, host: str, port: int, capacity: Capacity, proxies: Proxies) -> None:
        """Listen at once; port 0 is any that is free. Raises SiteServerError."""
        try:
            family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            self._socket = socket.create_server(
                address[:2], family=family, backlog=_BACKLOG, reuse_port=False
            )
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "no such name"
            raise SiteServerError(
                f"nothing can be served at {host}:{port} ({reason}): name another --host or --port"
            ) from None
        self.port = int(self._socket.getsockname()[1])
        for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # what they say may be secret
        name = f"[{host}]" if ":" in host else host
        self.url = f"http://{name}:{self.port}/"
        self._capacity = capacity
        self._proxies = proxies
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self, app: Application) -> None:
        """Begin to answer."""
        capacity = self._capacity
        config = uvicorn.Config(
            app,
            http=_bounded(capacity, self._proxies),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=capacity.of_all,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=_GRACE,
            h11_max_incomplete_event_size=_LARGEST_HEAD,
        )
        self._server = uvicorn.Server(config)
        run = partial(self._server.run, sockets=[self._socket])
        self._thread = threading.Thread(target=run, name="site", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, once what is under way is answered."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(_GRACE + 5)
        self._socket.close()


def _bounded(capacity: Capacity, proxies: Proxies) -> type[H11Protocol]:
    """The protocol of a server, with limits of its own."""
    counts: Counter[str] = Counter()

    class BoundedProtocol(H11Protocol):
        """Ends a connection that is one too many, of which no whole head comes in time, or that
        does not take what is sent.
        """

        _peer: str | None = None
        _late: asyncio.TimerHandle | None = None
        _stuck: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            host = self.client[0] if self.client else ""
            self._peer = subscriber(host)
            counts[self._peer] += 1
            is_known = host in proxies.addresses
            if len(self.connections) > capacity.of_all or (
                not is_known and counts[self._peer] > capacity.of_client
            ):
                transport.abort()
                return
            self._expect_head()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            self._cancel()
            self._taken()
            if self._peer is not None:
                counts[self._peer] -= 1
                if counts[self._peer] <= 0:
                    del counts[self._peer]
                self._peer = None

        def data_received(self, data: bytes) -> None:
            if not self._is_answering():
                self._expect_head()
            super().data_received(data)
            if self._is_answering():
                self._cancel()

        def pause_writing(self) -> None:
            super().pause_writing()
            self._expect_taking()

        def resume_writing(self) -> None:
            super().resume_writing()
            self._taken()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if self.transport.is_closing():
                self._expect_taking()  # of what is left in the buffer

        def _expect_taking(self) -> None:
            if self._stuck is None:
                self._stuck = self.loop.call_later(capacity.taking_seconds, self.transport.abort)

        def _taken(self) -> None:
            if self._stuck is not None:
                self._stuck.cancel()
                self._stuck = None

        def _is_answering(self) -> bool:
            cycle: Any = self.cycle
            return cycle is not None and not cycle.response_complete

        def _expect_head(self) -> None:
            if self._late is None:
                self._late = self.loop.call_later(capacity.head_seconds, self._give_up)

        def _give_up(self) -> None:
            self._late = None
            if not self._is_answering():
                self.transport.abort()

        def _cancel(self) -> None:
            if self._late is not None:
                self._late.cancel()
                self._late = None

    return BoundedProtocol
