"""A service of advisories as pip-audit or npm asks it: it knows what it is told, or fails."""

import gzip
import json
from collections.abc import Callable
from typing import Any

from tests.integration.proxy import Proxy, Reply

Advisory = dict[str, Any]


class Service:
    """Remembers what it is asked; `known` has advisories by the name of a package."""

    def __init__(self, answer: Callable[[dict[str, list[Advisory]], Any], Any]) -> None:
        self.known: dict[str, list[Advisory]] = {}
        self.asked: list[Any] = []
        self.instead: Callable[[], Reply] | None = None
        self._answer = answer
        self._proxy = Proxy(self._reply)
        self.url = self._proxy.url

    def forget(self) -> None:
        """Knows nothing, has not been asked, and works."""
        self.known, self.asked, self.instead = {}, [], None

    def stop(self) -> None:
        self._proxy.stop()

    def _reply(self, body: bytes) -> Reply:
        asked = json.loads(gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body)
        self.asked.append(asked)
        return (
            self.instead() if self.instead else json.dumps(self._answer(self.known, asked)).encode()
        )


def osv() -> Service:
    """Is asked about one package at a time."""
    return Service(lambda known, asked: {"vulns": known.get(asked["package"]["name"], [])})


def npm() -> Service:
    """Is asked about all packages at a time; what it has not on one package (a GET) is an error."""
    return Service(lambda known, asked: {name: known[name] for name in asked if name in known})


def osv_advisory(name: str, package: str, *aliases: str, fixed: str = "99") -> Advisory:
    """As OSV writes it."""
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
    affected = {"package": {"name": package, "ecosystem": "PyPI"}, "ranges": ranges}
    return {"id": name, "aliases": aliases, "summary": "Bad.", "affected": [affected]}


def npm_advisory(name: str, versions: str = "<99", number: int = 1) -> Advisory:
    """As npm's registry writes it."""
    url = f"https://github.com/advisories/{name}"
    return {
        "id": number,
        "url": url,
        "title": "Bad.",
        "severity": "high",
        "vulnerable_versions": versions,
    }
