"""A node that dies at a chosen question: a proxy before a real one that stops answering."""

import threading

import requests

from tests.integration.proxy import Proxy

SEND = "eth_sendRawTransaction"
RECEIPT = "eth_getTransactionReceipt"


class DyingNode:
    """Answers like the node behind it, until it dies; `revive` starts it again."""

    def __init__(self, url: str) -> None:
        self._upstream = url
        self._session = requests.Session()
        self._lock = threading.Lock()
        self._method, self._left, self._does_it_first = "", 0, False
        self._is_dead = False
        self._proxy = Proxy(self.answer)
        self.url = self._proxy.url

    def die_at(self, method: str, nth: int = 1, does_it_first: bool = False) -> None:
        """Die when it is asked that for the nth time from now, before or after it has done it."""
        self._method, self._left, self._does_it_first = method, nth, does_it_first

    def revive(self) -> bool:
        """Answer again; whether it had died."""
        was_dead, self._is_dead, self._method = self._is_dead, False, ""
        return was_dead

    def is_dead(self) -> bool:
        """Whether it has died and was not revived."""
        return self._is_dead

    def stop(self) -> None:
        self._proxy.stop()

    def answer(self, body: bytes) -> bytes | None:
        """None once it is dead."""
        with self._lock:
            if self._is_dead:
                return None
            if self._method and self._method.encode() in body:
                self._left -= 1
                self._is_dead = self._left == 0
            if self._is_dead and not self._does_it_first:
                return None
            given = self._session.post(
                self._upstream, data=body, headers={"Content-Type": "application/json"}, timeout=30
            ).content
            return None if self._is_dead else given
