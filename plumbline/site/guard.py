"""What every request must be before anybody looks at it, and the headers of every answer.

Of the site's own name and, if it changes anything, from the site's own page; not too often; not too
large and not too slow. Whoever frames the page, or smuggles a script into it, gets nothing.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from plumbline.keeper.service_loop import LogWriter
from plumbline.site.errors import RequestError
from plumbline.site.limits import Proxies, RateLimiter, RequestRate

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

MOST_BODY: Final = 64 * 2**10
"""Bytes of a request."""

_BODY_SECONDS: Final = 10.0  # for a body to come
_WRITES_SHARE: Final = 10  # of so many requests of a client one may change something
_ALL: Final = 40  # clients that may ask as often as they can at the same time
_NO_FRAMES: Final = "frame-ancestors 'none'"
_PAGE_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        _NO_FRAMES,
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
_CONTENT_POLICY: Final = f"default-src 'none'; sandbox; {_NO_FRAMES}"
_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
# What reads, although browsers send it as a POST.
_READING: Final = frozenset({"/api/node"})
# Of strangers: it must not run in the page's name, wherever it is opened.
_CONTENT: Final = ("/tasks/",)


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who may ask, and how often.

    hosts       the site's own names, with their ports, as browsers send them
    origins     the site's own origins, like https://label.example
    rate        requests of a client in a minute
    proxies     whom to believe whose request it is
    """

    hosts: frozenset[str]
    origins: frozenset[str]
    rate: int
    proxies: Proxies


class Guard:
    """Stands before an application."""

    def __init__(self, app: Application, admitted: Admitted, log: LogWriter) -> None:
        self._app = app
        self._admitted = admitted
        self._log = log
        a_second = admitted.rate / 60
        reads, writes = (
            RequestRate(admitted.rate / 4, a_second),
            RequestRate(max(3.0, admitted.rate / 4 / _WRITES_SHARE), a_second / _WRITES_SHARE),
        )
        self._limits = {
            is_write: (RateLimiter(rate), RateLimiter(_of_all(rate)))
            for is_write, rate in ((False, reads), (True, writes))
        }

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        if scope["type"] != "http":
            return
        answer = _Answer(send, scope["path"])
        try:
            headers = self._checked(scope)
            self._require_slack(scope, headers)
            body = await _body(scope, headers, receive)
            await self._app(scope, _once(body), answer.send)
        except RequestError as error:
            await answer.refuse(error)
        except (TimeoutError, ConnectionError, asyncio.CancelledError):
            raise  # whoever asked is gone
        except Exception as error:
            place = _place(error)
            self._log("error", "a request failed", error=type(error).__name__, place=place)
            await answer.refuse(
                RequestError(
                    HTTPStatus.INTERNAL_SERVER_ERROR,
                    "something went wrong here, and it is not your fault",
                    "try again later",
                )
            )

    def _checked(self, scope: Message) -> dict[str, str]:
        """The headers, by name, of a request that is for this site and by its own page."""
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            headers[key] = f"{headers[key]},{text}" if key in headers else text
        if headers.get("host", "").lower() not in self._admitted.hosts:
            raise RequestError(
                HTTPStatus.MISDIRECTED_REQUEST,
                "this site has another name",
                "who runs it names it with --public-url",
            )
        if scope["method"] not in ("GET", "HEAD", "POST"):
            raise RequestError(HTTPStatus.METHOD_NOT_ALLOWED, "that cannot be done here")
        # Browsers say where a request comes from; a link that is followed says "none".
        site = headers.get("sec-fetch-site", "none")
        is_api = scope["path"].startswith("/api/")
        if is_api and site not in ("none", "same-origin"):
            raise _foreign()
        if scope["method"] == "POST":
            if headers.get("origin", "").lower() not in self._admitted.origins:
                raise _foreign()
            if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
                raise RequestError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send application/json")
        return headers

    def _require_slack(self, scope: Message, headers: dict[str, str]) -> None:
        """Raise RequestError if this client, or all together, ask too often."""
        proxies = self._admitted.proxies
        peer = scope["client"][0] if scope.get("client") else ""
        client = proxies.client_of(peer, headers.get(proxies.header, ""))
        is_write = scope["method"] == "POST" and scope["path"] not in _READING
        own, everybody = self._limits[is_write]
        if wait := own.wait_of(client):
            raise RequestError(
                HTTPStatus.TOO_MANY_REQUESTS, "too many requests from you", _later(wait), wait
            )
        if wait := everybody.wait_of(None):
            raise RequestError(
                HTTPStatus.SERVICE_UNAVAILABLE, "too many requests by all", _later(wait), wait
            )


def _of_all(rate: RequestRate) -> RequestRate:
    return RequestRate(rate.at_once * _ALL, rate.a_second * _ALL)


class _Answer:
    """Sends an answer with its headers for browsers."""

    def __init__(self, send: Send, path: str) -> None:
        self._send = send
        policy = _CONTENT_POLICY if path.startswith(_CONTENT) else _PAGE_POLICY
        headers = _HEADERS | {"content-security-policy": policy}
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._has_begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._has_begun = True
            message["headers"] = [*message.get("headers", ()), *self._headers]
        await self._send(message)

    async def refuse(self, error: RequestError) -> None:
        """Say why a request is refused, unless an answer has begun."""
        if self._has_begun:
            return
        values = {"error": str(error)} | ({} if error.remedy is None else {"remedy": error.remedy})
        body = json.dumps(values).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        if error.wait is not None:
            headers.append((b"retry-after", str(int(error.wait) + 1).encode()))
        await self.send(
            {"type": "http.response.start", "status": int(error.status), "headers": headers}
        )
        await self.send({"type": "http.response.body", "body": body})


async def _body(scope: Message, headers: dict[str, str], receive: Receive) -> bytes:
    """All of a body. Raises RequestError if it is too large or too slow."""
    length = headers.get("content-length", "0")
    limit = MOST_BODY if scope["method"] == "POST" else 0
    if not (length.isascii() and length.isdigit()) or len(length) > 9 or int(length) > limit:
        raise _too_large(limit)
    body: bytes = b""
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise ConnectionError("the client is gone")
                body += bytes(message.get("body", b""))
                if len(body) > limit:
                    raise _too_large(limit)
                if not message.get("more_body", False):
                    return body
    except TimeoutError:
        raise RequestError(
            HTTPStatus.REQUEST_TIMEOUT, f"the request took longer than {_BODY_SECONDS:.0f} seconds"
        ) from None


def _once(body: bytes) -> Receive:
    """The body in one piece, and then that there is no more."""
    messages = [
        {"type": "http.request", "body": body, "more_body": False},
    ]
    gone = asyncio.Event()

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await gone.wait()  # for ever: nobody listens for who hangs up
        return {"type": "http.disconnect"}

    return receive


def _too_large(limit: int) -> RequestError:
    if not limit:
        return RequestError(HTTPStatus.BAD_REQUEST, "a GET has no body")
    return RequestError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request has at most {limit:,} bytes"
    )


def _foreign() -> RequestError:
    return RequestError(
        HTTPStatus.FORBIDDEN, "this is for the site's own page only", "open the page at its address"
    )


def _later(wait: float) -> str:
    return f"try again in {int(wait) + 1} seconds"


def _place(error: BaseException) -> str:
    """Where it happened, without any value: those may be secret."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None:
        return "unknown"
    return f"{last.tb_frame.f_code.co_filename.rpartition('/')[2]}:{last.tb_lineno}"
