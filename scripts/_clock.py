"""Time on a local chain, which stands still between transactions.

Ape imports every script for any `ape run`, so nothing heavy is imported up here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from scripts._command import fail
from scripts._node import Chain


def is_embedded() -> bool:
    """Whether this is the chain that ape brings, which runs in this very process."""
    from ape import networks

    return networks.provider.name == "test"


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside, and the time that passes, has not happened afterwards."""
    from ape import chain as ape_chain

    with ape_chain.isolate():
        yield


def time_machine(chain: Chain) -> Callable[[int], None]:
    """What makes time pass on this chain."""
    from ape import chain as ape_chain

    def by_rpc(seconds: int) -> None:
        for method, args in (("evm_increaseTime", [seconds]), ("evm_mine", [])):
            answer = chain.w3.provider.make_request(method, args)
            if "error" in answer:
                fail(f"the node does not let time pass ({method}): use Anvil or Ganache")

    def embedded(seconds: int) -> None:
        ape_chain.mine(timestamp=ape_chain.pending_timestamp + seconds)

    return embedded if is_embedded() else by_rpc
