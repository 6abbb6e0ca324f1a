"""A node with moods: a proxy before a real one that refuses some questions, and changes answers."""

import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import requests

from tests.integration.proxy import Proxy, Reply

SEND: Final = "eth_sendRawTransaction"
ESTIMATE: Final = "eth_estimateGas"

COMPUTE_UNITS: Final = {
    "code": 429,
    "message": "Your app has exceeded its compute units per second capacity.",
}
NO_FUNDS: Final = {"code": -32_000, "message": "insufficient funds for gas * price + value"}

Refusal = dict[str, Any] | HTTPStatus | None


class MoodyNode:
    """Answers like the node behind it, but for what `refuse` and `change` say.

    refuse     (method, params) -> an error of JSON-RPC or a status, None to let it through
    change     (method, result) -> the result as it is given
    refusals   how often it has refused
    """

    def __init__(self, url: str) -> None:
        self._upstream, self._session = url, requests.Session()
        self._lock = threading.Lock()
        self.refuse: Callable[[str, list[Any]], Refusal] = lambda method, params: None
        self.change: Callable[[str, Any], Any] = lambda method, result: result
        self.refusals = 0
        self.proxy = Proxy(self._answer)
        self.url = self.proxy.url

    def refuse_nth(self, method: str, nth: int, error: dict[str, Any]) -> None:
        """Refuse that once, the nth time from now."""
        left = [nth]

        def refuse(asked: str, params: list[Any]) -> Refusal:
            left[0] -= asked == method
            if asked == method and left[0] == 0:
                return error
            return None

        self.refuse = refuse
        self.refusals = 0

    def _answer(self, body: bytes) -> Reply:
        asked = json.loads(body)
        with self._lock:
            refusal = self.refuse(asked["method"], asked.get("params", []))
            if refusal is not None:
                self.refusals += 1
            if isinstance(refusal, HTTPStatus):
                return refusal
            if refusal is not None:
                return json.dumps({"jsonrpc": "2.0", "id": asked["id"], "error": refusal}).encode()
            given = self._session.post(self._upstream, json=asked, timeout=60).json()
            if "result" in given:
                given["result"] = self.change(asked["method"], given["result"])
            return json.dumps(given).encode()
