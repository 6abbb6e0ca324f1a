"""The events of a deployment as they come, on a chain whose last blocks may be taken back.

Each `poll` reads only what is new. The feed remembers the hash of every block up to which it has
read, a checkpoint. If the node has another block there now, or none, what came after the last
checkpoint that still stands is dropped and read again, and the caller is told from where on.

It needs headers, logs and the code of now: no archive.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from web3 import Web3
from web3.exceptions import BlockNotFound

from plumbline.deployment import Deployment, DeploymentError, code_hash
from plumbline.errors import PlumblineError
from plumbline.events import Event, fetch
from plumbline.nodes import NODE_ERRORS, TRANSPORT_ERRORS
from plumbline.reverts import revert_reason

_CHECKPOINTS: Final = 256  # kept, besides the first
_UNSETTLED: Final = 64  # blocks: two epochs of Ethereum, after which it takes nothing back
_ATTEMPTS: Final = 5


class FeedError(PlumblineError):
    """The chain is not the one that the deployment, or this feed, began on."""


class NodeAway(PlumblineError):
    """The node does not answer, or is not as far as it must be: ask again later."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A block up to which everything was read."""

    block: int
    hash: bytes
    timestamp: int


@dataclass(frozen=True, slots=True)
class News:
    """What a poll found.

    events            new ones, in the order of the chain
    reorganised_from  if not None: forget all earlier events of this block and those after it;
                      whatever of them still stands is among `events` again
    head              the latest block, up to which everything is known now
    timestamp         its time, unix seconds
    """

    events: tuple[Event, ...]
    reorganised_from: int | None
    head: int
    timestamp: int


class Feed:
    """The events of one deployment, from its own block on."""

    def __init__(self, w3: Web3, deployment: Deployment) -> None:
        """Asks nothing yet."""
        self._w3 = w3
        self._deployment = deployment
        self._genesis: bytes | None = None
        # The first is the deployment's own block, and never goes.
        self._checkpoints: list[Checkpoint] = []
        self._events: list[Event] = []
        # What no caller knows of yet: polls that failed half-way must not lose it.
        self._reported = 0
        self._reorganised: int | None = None

    @property
    def events(self) -> Sequence[Event]:
        """All that happened, as far as it was read."""
        return tuple(self._events)

    @property
    def genesis(self) -> bytes | None:
        """The hash of block 0; None before the first poll."""
        return self._genesis

    def poll(self) -> News:
        """Read what is new.

        Raises FeedError if this is another chain, NodeAway or EventsError if the node fails;
        after the latter two it can be asked again, and nothing is lost.
        """
        for _ in range(_ATTEMPTS):
            head = self._latest()
            if not self._checkpoints:
                self._begin(head)
            self._rewind(head)
            if self._read(head):
                return self._report(head)
        raise NodeAway("the chain changes faster than it can be read: try again")

    # ---------------------------------------------------------------- internal

    def _begin(self, head: Checkpoint) -> None:
        """Make sure of the chain and of the contract, once."""
        deployment = self._deployment
        try:
            chain_id = self._w3.eth.chain_id
            found = code_hash(self._w3, deployment.address)
        except NODE_ERRORS as error:
            raise away(error) from None
        except DeploymentError as error:
            raise NodeAway(str(error)) from None
        if chain_id != deployment.chain_id:
            raise FeedError(
                f"the node is on chain {chain_id}, the deployment on {deployment.chain_id}:"
                " use another node"
            )
        self._require_deployment(head)
        if found != deployment.code_hash:
            raise FeedError(
                f"the code at {deployment.address} is not that of the deployment: was the node"
                " started anew? Check with `ape run deploy check`"
            )
        genesis, own = self._block(0), self._block(deployment.block)
        if genesis is None or own is None:
            raise NodeAway("the node does not have the block of the deployment: try again")
        self._genesis = genesis.hash
        self._events = list(fetch(self._w3, deployment, own.block, own.block))
        self._checkpoints = [own]

    def _require_deployment(self, head: Checkpoint) -> None:
        if head.block < self._deployment.block:
            raise NodeAway(
                f"the chain ends at block {head.block}, before the deployment in block"
                f" {self._deployment.block}: is the node still catching up?"
            )

    def _rewind(self, head: Checkpoint) -> None:
        """Drop what stands on blocks that are no longer there."""
        while not self._stands(self._checkpoints[-1], head):
            if len(self._checkpoints) == 1:
                self._refuse_chain(head)
            self._checkpoints.pop()
            self._drop()

    def _stands(self, checkpoint: Checkpoint, head: Checkpoint) -> bool:
        if checkpoint.block > head.block:
            return False
        now = head if checkpoint.block == head.block else self._block(checkpoint.block)
        return now is not None and now.hash == checkpoint.hash

    def _refuse_chain(self, head: Checkpoint) -> None:
        """Not even the deployment's own block is there."""
        genesis = self._block(0)
        if genesis is None:
            raise NodeAway("the node does not have block 0: try again")
        if genesis.hash != self._genesis:
            raise FeedError(
                "this is another chain than before, with another block 0: the node was started"
                " anew. Deploy again, and start again with the new manifest"
            )
        self._require_deployment(head)
        raise FeedError(
            f"block {self._deployment.block} of the deployment was taken back and is another now:"
            " check with `ape run deploy check`"
        )

    def _drop(self) -> None:
        """Forget what came after the last checkpoint, and remember to say so."""
        first = self._checkpoints[-1].block + 1
        kept = sum(event.block < first for event in self._events)
        del self._events[kept:]
        self._reported = min(self._reported, kept)
        self._reorganised = first if self._reorganised is None else min(first, self._reorganised)

    def _read(self, head: Checkpoint) -> bool:
        """Read up to the head; False if the chain changed meanwhile."""
        stops = [head]
        # After a long reading a reorganisation should not mean to read it all again.
        if head.block - self._checkpoints[-1].block > 2 * _UNSETTLED:
            settled = self._block(head.block - _UNSETTLED)
            stops = [settled, head] if settled else stops
        for stop in stops:
            first = self._checkpoints[-1].block + 1
            if stop.block < first:
                continue
            found = fetch(self._w3, self._deployment, first, stop.block)
            # Logs carry no promise of which chain they are of: the same block before and after
            # them does.
            after = self._block(stop.block)
            if after is None or after.hash != stop.hash:
                return False
            self._events.extend(found)
            self._checkpoints.append(stop)
            del self._checkpoints[1:-_CHECKPOINTS]
        return True

    def _report(self, head: Checkpoint) -> News:
        new = tuple(self._events[self._reported :])
        news = News(new, self._reorganised, head.block, head.timestamp)
        self._reported = len(self._events)
        self._reorganised = None
        return news

    def _latest(self) -> Checkpoint:
        latest = self._block("latest")
        if latest is None:
            raise NodeAway("the node has no latest block: try again")
        return latest

    def _block(self, number: Any) -> Checkpoint | None:
        """A block by number; None if the node does not have it."""
        try:
            found = self._w3.eth.get_block(number)
        except BlockNotFound:
            return None
        except NODE_ERRORS as error:
            raise away(error) from None
        return Checkpoint(int(found["number"]), bytes(found["hash"]), int(found["timestamp"]))


def away(error: BaseException) -> NodeAway:
    """What to say of a node's error."""
    # What the way to the node has to say is a page long, and always the same.
    is_transport = isinstance(error, TRANSPORT_ERRORS)
    why = type(error).__name__ if is_transport else revert_reason(error)
    return NodeAway(f"the node does not answer ({why}): is it running?")
