"""Blocks by their numbers: what they are, and when they were made."""

from collections.abc import Iterable

from web3 import Web3
from web3.exceptions import BlockNotFound

from plumbline.chain.log_cache import Checkpoint
from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.chain.reverts import revert_reason
from plumbline.errors import PlumblineError
from plumbline.progress import Progress, no_progress


class BlockError(PlumblineError):
    """A block that the node does not have, or cannot be asked for."""


def block_at(w3: Web3, number: int | None = None) -> Checkpoint:
    """A block, the latest if none is named. Raises BlockError."""
    try:
        block = w3.eth.get_block("latest" if number is None else number)
    except BlockNotFound:
        raise BlockError(f"the node does not have block {number}: check the number") from None
    except NODE_ERRORS as error:
        raise BlockError(
            f"the node cannot be asked for its blocks ({revert_reason(error)}): check its address"
        ) from None
    return Checkpoint(int(block["number"]), bytes(block["hash"]), int(block["timestamp"]))


def times_of(w3: Web3, numbers: Iterable[int], progress: Progress = no_progress) -> dict[int, int]:
    """When blocks were made, unix seconds, by number ascending. Raises BlockError."""
    ascending = sorted(set(numbers))
    times = {}
    for done, number in enumerate(ascending):
        progress("reading the times of blocks", done, len(ascending))
        times[number] = block_at(w3, number).timestamp
    return times
