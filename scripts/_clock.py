"""Making time pass on a local chain.

Ape imports every script for any `ape run`, so nothing heavy is imported up here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts._command import fail

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripts._node import Chain


def is_embedded() -> bool:
    """Whether this is the chain that ape brings, which runs in this very process."""
    from ape import networks

    return bool(networks.provider.name == "test")


def time_machine(chain: Chain) -> Callable[[int], None]:
    """What makes so many seconds pass on this chain."""
    from ape import chain as ape_chain

    def by_rpc(seconds: int) -> None:
        for method, args in (("evm_increaseTime", [seconds]), ("evm_mine", [])):
            answer = chain.w3.provider.make_request(method, args)  # type: ignore[arg-type]
            if "error" in answer:
                fail(f"the node does not let time pass ({method}): use Anvil or Ganache")

    def embedded(seconds: int) -> None:
        ape_chain.mine(timestamp=ape_chain.pending_timestamp + seconds)

    return embedded if is_embedded() else by_rpc
