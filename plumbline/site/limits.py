"""How often a client may ask: so often at once, and so often a second in the long run."""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import Final

from plumbline.errors import PlumblineError

_MOST_CLIENTS: Final = 20_000  # that are remembered
_NETWORK: Final = 64  # bits of an IPv6 address that are one subscriber's


class ProxyError(PlumblineError):
    """A proxy that is not named by its address."""


@dataclass(frozen=True, slots=True)
class RequestRate:
    """So many requests `at_once`, and `a_second` on average."""

    at_once: float
    a_second: float


class RateLimiter:
    """A bucket of tokens for each client, and a forgetful memory for clients."""

    def __init__(self, rate: RequestRate, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def wait_of(self, client: Hashable) -> float:
        """Take a token: 0, or after how many seconds there is one again."""
        now = self._clock()
        with self._lock:
            left, since = self._buckets.pop(client, (self._rate.at_once, now))
            left = min(self._rate.at_once, left + (now - since) * self._rate.a_second)
            wait = 0.0 if left >= 1 else (1 - left) / self._rate.a_second
            self._buckets[client] = (left if wait else left - 1, now)
            if len(self._buckets) > _MOST_CLIENTS:
                self._buckets.popitem(last=False)
        return wait


@dataclass(frozen=True, slots=True)
class Proxies:
    """Reverse proxies that may say whose request they pass on, and the header they say it in."""

    addresses: frozenset[str] = frozenset()
    header: str = "x-forwarded-for"

    @classmethod
    def of(cls, addresses: Collection[str], header: str) -> "Proxies":
        """Raises ProxyError."""
        try:
            plain = frozenset(str(ipaddress.ip_address(each)) for each in addresses)
        except ValueError as error:
            raise ProxyError(f"a proxy is named by its address, like 127.0.0.1: {error}") from None
        return cls(plain, header.lower())

    def client_of(self, peer: str, forwarded: str) -> str:
        """Whose request it is: an address, or for IPv6 the network that a subscriber has.

        `peer` is where the connection comes from, `forwarded` the value of the header. Of that
        only what trusted proxies have added is believed, from the right.
        """
        address = peer
        for named in reversed(forwarded.split(",")):
            if address not in self.addresses:
                break
            try:
                address = str(ipaddress.ip_address(named.strip()))
            except ValueError:
                break
        return subscriber(address)


def subscriber(address: str) -> str:
    """The address, or for IPv6 its network."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((known, _NETWORK), strict=False))
    return address
