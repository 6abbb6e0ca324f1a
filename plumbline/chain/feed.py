"""The events of a deployment as they come, on a chain whose last blocks may be taken back.

Each `poll` reads only what is new. The feed remembers the hash of every block up to which it has
read, a checkpoint. If the node has another block there now, or none, what came after the last
checkpoint that still stands is dropped and read again, and the caller learns from which block on.

It needs headers, logs and the code of now: no archive. With a cache (`log_cache`) a later feed
begins where this one ended: its checkpoints are kept there with the logs before each, and are
compared with the chain just like one's own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from web3 import Web3
from web3.exceptions import BlockNotFound

from plumbline.chain.deployment import Deployment, DeploymentError, code_hash
from plumbline.chain.events import Event, EventsError, decode
from plumbline.chain.log_cache import Checkpoint, LogCache, Stretch
from plumbline.chain.logs import Log, read_logs
from plumbline.chain.node_errors import NODE_ERRORS, no_answer
from plumbline.errors import PlumblineError
from plumbline.progress import Progress, no_progress

__all__ = ["Checkpoint", "Feed", "FeedError", "FeedUpdate", "NodeUnavailable", "node_unavailable"]

_CHECKPOINTS: Final = 256  # kept, besides the first
_UNSETTLED: Final = 64  # blocks: two epochs of Ethereum, after which it takes nothing back
_STRETCH: Final = 100_000  # blocks read, and kept, at a time
_ATTEMPTS: Final = 5


class FeedError(PlumblineError):
    """The chain is not the one that the deployment, or this feed, began on."""


class NodeUnavailable(PlumblineError):
    """The node does not answer, or lags behind: ask again later."""


@dataclass(frozen=True, slots=True)
class FeedUpdate:
    """The result of a poll.

    events            new ones, in the order of the chain
    reorganised_from  if not None: forget all earlier events of this block and those after it;
                      whatever of them still stands is among `events` again
    head              the latest block (or `until`), up to which everything is known now
    timestamp         its time, unix seconds
    """

    events: tuple[Event, ...]
    reorganised_from: int | None
    head: int
    timestamp: int


class Feed:
    """The events of one deployment, from its own block on."""

    def __init__(
        self,
        w3: Web3,
        deployment: Deployment,
        cache: LogCache | None = None,
        progress: Progress = no_progress,
    ) -> None:
        """Asks the node nothing yet."""
        self._w3 = w3
        self._deployment = deployment
        self._cache = cache
        self._progress = progress
        self._genesis: bytes | None = None
        # The first is the deployment's own block, and never goes.
        self._checkpoints: list[Checkpoint] = []
        self._events: list[Event] = []
        # What no caller knows of yet: a poll that fails half-way must not lose it.
        self._reported = 0
        self._reorganised: int | None = None

    @property
    def events(self) -> Sequence[Event]:
        """All that happened, as far as it was read."""
        return tuple(self._events)

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The block up to which everything is known; None before the first poll."""
        return self._checkpoints[-1] if self._checkpoints else None

    @property
    def genesis(self) -> bytes | None:
        """The hash of block 0; None before the first poll."""
        return self._genesis

    def poll(self, until: int | None = None) -> FeedUpdate:
        """Read what is new; with `until` no further than to that block.

        Raises FeedError if this is another chain, NodeUnavailable or EventsError if the node fails;
        after the latter two it can be asked again, and nothing is lost.
        """
        for _ in range(_ATTEMPTS):
            head = self._latest()
            if not self._checkpoints:
                self._begin(head)
            self._rewind(head)
            goal = head if until is None or until >= head.block else self._block(until)
            if goal is not None and self._read(goal, head):
                return self._report()
        raise NodeUnavailable("the chain changes faster than it can be read: try again")

    # ---------------------------------------------------------------- internal

    def _begin(self, head: Checkpoint) -> None:
        """Make sure of the chain and of the contract, once."""
        deployment = self._deployment
        try:
            chain_id = self._w3.eth.chain_id
            actual_code_hash = code_hash(self._w3, deployment.address)
        except NODE_ERRORS as error:
            raise node_unavailable(error) from None
        except DeploymentError as error:
            raise NodeUnavailable(str(error)) from None
        if chain_id != deployment.chain_id:
            raise FeedError(
                f"the node is on chain {chain_id}, the deployment on {deployment.chain_id}:"
                " use another node"
            )
        self._require_deployment(head)
        if actual_code_hash != deployment.code_hash:
            raise FeedError(
                f"the code at {deployment.address} is not that of the deployment: was the node"
                " started anew? Check with `plumbline deploy check`"
            )
        genesis, own = self._block(0), self._block(deployment.block)
        if genesis is None or own is None:
            raise NodeUnavailable("the node does not have the block of the deployment: try again")
        self._genesis = genesis.hash
        self._recall(own)
        if not self._checkpoints:
            self._take(own, self._read_logs(own.block, own.block))

    def _recall(self, own: Checkpoint) -> None:
        """Begin with what is cached, if it is of this deployment; `_rewind` sees to the rest."""
        if self._cache is None or self._genesis is None:
            return
        kept = self._cache.load(self._genesis)
        if kept and kept[0].checkpoint != own:
            self._cache.discard("the deployment is in another block now")
            return
        try:
            self._events = self._decode(log for stretch in kept for log in stretch.logs)
        except EventsError as error:
            self._cache.discard(str(error))
            return
        self._checkpoints = [stretch.checkpoint for stretch in kept]
        del self._checkpoints[1:-_CHECKPOINTS]

    def _require_deployment(self, head: Checkpoint) -> None:
        if head.block < self._deployment.block:
            raise NodeUnavailable(
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
            raise NodeUnavailable("the node does not have block 0: try again")
        if genesis.hash != self._genesis:
            raise FeedError(
                "this is another chain than before, with another block 0: the node was started"
                " anew. Deploy again, and start again with the new manifest"
            )
        self._require_deployment(head)
        raise FeedError(
            f"block {self._deployment.block} of the deployment was taken back and is another now:"
            " check with `plumbline deploy check`"
        )

    def _drop(self) -> None:
        """Forget what came after the last checkpoint, and remember to say so."""
        first = self._checkpoints[-1].block + 1
        if self._cache is not None:
            self._cache.rewind(first - 1)
        kept = sum(event.block < first for event in self._events)
        del self._events[kept:]
        self._reported = min(self._reported, kept)
        self._reorganised = first if self._reorganised is None else min(first, self._reorganised)

    def _read(self, goal: Checkpoint, head: Checkpoint) -> bool:
        """Read up to the goal; False if the chain changed meanwhile."""
        for stop in self._stops(goal, head):
            first = self._checkpoints[-1].block + 1
            if stop.block < first:
                continue
            logs = self._read_logs(first, stop.block)
            # Logs carry no promise of which chain they are of: the same block before and after
            # them does.
            after = self._block(stop.block)
            if after is None or after.hash != stop.hash:
                return False
            self._take(stop, logs)
        return True

    def _stops(self, goal: Checkpoint, head: Checkpoint) -> Iterable[Checkpoint]:
        """Where to put checkpoints on the way: a long reading should not be lost at its end."""
        start = self._checkpoints[-1].block
        places = list(range(start + _STRETCH, goal.block, _STRETCH))
        if goal.block - start > 2 * _UNSETTLED:
            # What may still be taken back is read apart.
            places = sorted({*places, min(goal.block, head.block - _UNSETTLED)} - {goal.block})
        for place in places:
            stop = self._block(place)
            if stop is not None:
                yield stop
        yield goal

    def _read_logs(self, first: int, last: int) -> list[Log]:
        address = self._deployment.address
        return read_logs(self._w3, address, first, last, progress=self._progress)

    def _take(self, stop: Checkpoint, logs: Sequence[Log]) -> None:
        """What was read up to a block that still stands."""
        in_order = sorted(logs, key=lambda log: (log.block, log.index))
        self._events.extend(self._decode(in_order))
        self._checkpoints.append(stop)
        del self._checkpoints[1:-_CHECKPOINTS]
        if self._cache is not None:
            self._cache.keep(Stretch(stop, tuple(in_order)))

    def _decode(self, logs: Iterable[Log]) -> list[Event]:
        return decode(logs, self._deployment.abi, self._progress)

    def _report(self) -> FeedUpdate:
        end = self._checkpoints[-1]
        new = tuple(self._events[self._reported :])
        update = FeedUpdate(new, self._reorganised, end.block, end.timestamp)
        self._reported = len(self._events)
        self._reorganised = None
        return update

    def _latest(self) -> Checkpoint:
        latest = self._block("latest")
        if latest is None:
            raise NodeUnavailable("the node has no latest block: try again")
        return latest

    def _block(self, number: Any) -> Checkpoint | None:
        """A block by number; None if the node does not have it."""
        try:
            block = self._w3.eth.get_block(number)
        except BlockNotFound:
            return None
        except NODE_ERRORS as error:
            raise node_unavailable(error) from None
        return Checkpoint(int(block["number"]), bytes(block["hash"]), int(block["timestamp"]))


def node_unavailable(error: BaseException) -> NodeUnavailable:
    """The error to raise for an error of a node."""
    return NodeUnavailable(no_answer(error))
