"""Asking a node over HTTP: with a deadline, and with patience where it limits its answers.

Nodes tell a rate limit in two ways, as HTTP 429 or as an error of JSON-RPC with HTTP 200, and a
request that is too large in two others, as such an error or as HTTP 400 or 413. The first is waited
out here. The second is for whoever asked, so it comes back as the node's answer and is not retried.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import requests
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import HTTPError, RequestException, Timeout
from urllib3.exceptions import HTTPError as ReadingError
from web3 import HTTPProvider
from web3.types import RPCEndpoint

_CONNECT: Final = 10.0  # seconds until a connection stands
_QUICK: Final = 10.0  # seconds for what takes a node no work
_QUICK_METHODS: Final = ("eth_chainId", "web3_clientVersion", "eth_blockNumber")
PATIENCE: Final = 60.0
"""Seconds for any other answer, whole."""

_LONGEST_LIMIT: Final = 90.0  # seconds that a rate limit is waited out for one answer
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 16.0  # seconds
_RETRIES: Final = 4  # of a gateway without a node behind it
_RETRY_PAUSE: Final = 0.125  # seconds, doubled each time
_TELL_AGAIN: Final = 10.0  # seconds
_GATEWAY: Final = (502, 503, 504)

_RATE_CODES: Final = frozenset({429, -32_005, -32_007, -32_016, -32_029, -32_090, -32_097})
_RATE: Final = re.compile(
    r"rate.?limit|compute units|too many requests?|throttl|over (?:the )?rate|\brps\b"
    r"|requests? (?:rate|count|limit)|requests? ?(?:/|per) ?(?:second|sec|minute)|/second"
    r"|per second|capacity",
    re.IGNORECASE,
)
# What is told with the same codes, and is about one request: -32005 is "limit exceeded" of any
# kind.
_RANGE: Final = re.compile(
    r"range|results?\b|\blogs?\b|response size|too (?:large|big|long|wide)|payload|\bblocks\b",
    re.IGNORECASE,
)
_REVERTED: Final = 3  # the code of a call that failed: its words are a contract's


class NodeFailure(RequestException):
    """A node that does not answer, in words of ours: they never name its address, key and all."""


class NoAnswer(NodeFailure, Timeout):
    """It took the connection, and did not answer in time."""


class RateLimited(NodeFailure):
    """It limits how often it is asked, and has done so for longer than we wait."""


def _ignore(sentence: str) -> None:
    """Report nothing."""


class PatientProvider(HTTPProvider):
    """A node at a URL, for web3.

    patience   seconds until an answer must be there, whole
    tell       takes a sentence when the node is waited for
    headers    of every request, None for the usual ones
    """

    def __init__(
        self,
        url: str,
        patience: float = PATIENCE,
        tell: Callable[[str], None] = _ignore,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(url, exception_retry_configuration=None)
        self._headers = dict(headers or self.get_request_headers())
        self._url = url
        self._patience = patience
        self._tell = tell
        self._told_at: float | None = None
        self._sessions = threading.local()

    def _make_request(self, method: RPCEndpoint, request_data: bytes) -> bytes:
        """The body of the answer, which may be an error of JSON-RPC.

        Raises NoAnswer, RateLimited, HTTPError for an answer that is not JSON-RPC, or what
        requests raises for a connection that is lost.
        """
        waited, pause, lost, is_again = 0.0, _FIRST_PAUSE, 0, False
        while True:
            try:
                status, asked_for, body = self._posted(method, request_data)
            except Timeout:
                raise
            except NoConnection:
                # Once: a connection that was idle may have been given up by the other side.
                if is_again:
                    raise
                is_again = True
                continue
            error = _error_in(body)
            if status == 429 or (error is not None and is_rate_limit(error)):
                rest = _LONGEST_LIMIT - waited
                if rest <= 0:
                    raise RateLimited(
                        "limits how often it is asked, and has done so for "
                        f"{_LONGEST_LIMIT:.0f} seconds: wait, or name another with --network URL"
                    )
                seconds = min(max(pause, asked_for), rest)
                self._say(
                    "the node limits how often it is asked: waiting "
                    f"{seconds:.0f} second{'' if round(seconds) == 1 else 's'}"
                )
                time.sleep(seconds)
                waited += seconds
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            if status in _GATEWAY and error is None and lost < _RETRIES:
                time.sleep(_RETRY_PAUSE * 2**lost)
                lost += 1
                continue
            if status >= 400 and error is None:
                raise HTTPError(f"HTTP {status}", response=_response(status))
            return body

    def _posted(self, method: str, request_data: bytes) -> tuple[int, float, bytes]:
        """(HTTP status, seconds that the node asks to wait, body) of one request."""
        patience = min(self._patience, _QUICK) if method in _QUICK_METHODS else self._patience
        deadline = time.monotonic() + patience
        try:
            with self._session().post(
                self._url,
                data=request_data,
                headers=self._headers,
                timeout=(min(_CONNECT, patience), patience),
                stream=True,
            ) as response:
                asked_for = response.headers.get("Retry-After", "")
                body = bytearray()
                # Piece by piece: the timeout above is for each of them, and a node that sends a
                # byte now and then would never exceed it.
                while piece := response.raw.read1(1 << 16, decode_content=True):
                    body += piece
                    if time.monotonic() > deadline:
                        raise Timeout
                seconds = float(asked_for) if asked_for.isascii() and asked_for.isdigit() else 0.0
                return response.status_code, seconds, bytes(body)
        except (Timeout, ReadingError, NoConnection) as error:
            if isinstance(error, Timeout) or "timed out" in str(error):
                raise NoAnswer(
                    f"took the connection and did not answer {method} within {patience:g} seconds: "
                    "is it the right address? Try again, or name another with --network URL"
                ) from None
            if isinstance(error, ReadingError):
                raise NoConnection(str(error)) from None
            raise

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = self._sessions.session = requests.Session()
        return session

    def _say(self, sentence: str) -> None:
        now = time.monotonic()
        if self._told_at is None or now - self._told_at >= _TELL_AGAIN:
            self._told_at = now
            self._tell(sentence)


def is_rate_limit(error: dict[str, Any]) -> bool:
    """Whether an error of JSON-RPC says: not so often, rather than: not so much."""
    code, message = error.get("code"), str(error.get("message", ""))
    if code == _REVERTED or "revert" in message.lower() or _RANGE.search(message):
        return False
    return code in _RATE_CODES or _RATE.search(message) is not None


def _error_in(body: bytes) -> dict[str, Any] | None:
    """The error in an answer of JSON-RPC, if it is one that has one."""
    if b'"error"' not in body:
        return None
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, dict) else None


def _response(status: int) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    return response
