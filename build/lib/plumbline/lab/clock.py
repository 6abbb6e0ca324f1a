"""Time on a local chain, which stands still between transactions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from web3 import Web3
from web3.types import RPCEndpoint

from plumbline.errors import PlumblineError


class ClockError(PlumblineError):
    """A node that does not let time pass."""


def is_embedded(w3: Web3) -> bool:
    """Whether this is the chain that ape embeds, which runs in this very process."""
    return w3.client_version.lower().startswith("ethereumtester")


@contextmanager
def undone(w3: Web3) -> Iterator[None]:
    """What is done inside, and the time that passes, has not happened afterwards."""
    snapshot = _ask(w3, "evm_snapshot")
    try:
        yield
    finally:
        _ask(w3, "evm_revert", snapshot)


def time_machine(w3: Web3) -> Callable[[int], None]:
    """What makes so many seconds pass on this chain, and a block."""

    def by_rpc(seconds: int) -> None:
        _ask(w3, "evm_increaseTime", seconds)
        _ask(w3, "evm_mine")

    def embedded(seconds: int) -> None:
        now = int(w3.eth.get_block("pending")["timestamp"])
        _ask(w3, "testing_timeTravel", now + seconds)
        _ask(w3, "evm_mine")

    return embedded if is_embedded(w3) else by_rpc


def _ask(w3: Web3, method: str, *arguments: Any) -> Any:
    answer = w3.provider.make_request(RPCEndpoint(method), list(arguments))
    if "error" in answer:
        raise ClockError(f"the node does not let time pass ({method}): use Anvil or Ganache")
    return answer["result"]
