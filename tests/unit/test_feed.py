"""A feed reads each block once, and what the chain takes back it takes back too."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.abi import event_abi_to_log_topic
from eth_utils.crypto import keccak
from web3.exceptions import BlockNotFound, Web3RPCError

from plumbline.chain.deployment import NO_CODE, Deployment
from plumbline.chain.events import EventsError, Swept
from plumbline.chain.feed import Feed, FeedError, NodeUnavailable
from plumbline.protocol.addresses import ZERO
from tests.build import compiled_contracts

ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
CODE = b"\x60\x00"
BORN = 3  # the block of the deployment


@dataclass(eq=False)
class Node:
    """A chain of blocks with an amount swept in some; counts what it is asked."""

    topic: bytes
    blocks: list[bytes] = field(default_factory=list)
    swept: dict[bytes, int] = field(default_factory=dict)
    widest: int = 10_000
    chain_id: int = 31_337
    code: bytes = CODE
    is_away: bool = False
    ranges: list[tuple[int, int]] = field(default_factory=list)
    while_reading: Any = None

    def mine(self, count: int, fork: str = "", amount: int | None = None) -> None:
        """Add blocks, of which the last has an event if an amount is given."""
        for _ in range(count):
            parent = self.blocks[-1] if self.blocks else b""
            self.blocks.append(keccak(parent + len(self.blocks).to_bytes(8, "big") + fork.encode()))
        if amount is not None:
            self.swept[self.blocks[-1]] = amount

    def fork(self, depth: int, count: int, fork: str, amount: int | None = None) -> None:
        """Take blocks back and add others."""
        del self.blocks[len(self.blocks) - depth :]
        self.mine(count, fork, amount)

    # ------------------------------------------------------- what web3.eth has

    @property
    def block_number(self) -> int:
        return len(self.blocks) - 1

    def get_block(self, number: Any) -> dict[str, Any]:
        self._answer()
        index = len(self.blocks) - 1 if number == "latest" else number
        if not 0 <= index < len(self.blocks):
            raise BlockNotFound(f"no block {index}")
        return {"number": index, "hash": self.blocks[index], "timestamp": 1_000 + 12 * index}

    def get_code(self, address: str) -> bytes:
        self._answer()
        return self.code

    def get_logs(self, wanted: Any) -> list[dict[str, Any]]:
        self._answer()
        first, last = int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)
        self.ranges.append((first, last))
        if last - first + 1 > self.widest:
            raise Web3RPCError("query exceeds limit")
        if self.while_reading:
            self.while_reading()
        return [
            {
                "topics": [self.topic],
                "data": encode(["uint256"], [self.swept[block]]),
                "blockNumber": index,
                "logIndex": 0,
                "transactionHash": block,
            }
            for index, block in enumerate(self.blocks)
            if first <= index <= last and block in self.swept
        ]

    def _answer(self) -> None:
        if self.is_away:
            raise ConnectionError("connection refused")


@pytest.fixture(scope="module")
def abi(pytestconfig: pytest.Config) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = compiled_contracts(pytestconfig)["LabelRounds"]["abi"]
    return found


@pytest.fixture
def node(abi: list[dict[str, Any]]) -> Node:
    (entry,) = [one for one in abi if one.get("name") == "Swept" and one["type"] == "event"]
    made = Node(event_abi_to_log_topic(entry))  # type: ignore[arg-type]
    made.mine(BORN + 1)
    return made


@pytest.fixture
def deployment(abi: list[dict[str, Any]]) -> Deployment:
    return Deployment(
        chain_id=31_337,
        address=ADDRESS,
        judge=ADDRESS,
        multicall=ZERO,
        asset=ZERO,
        sink=ADDRESS,
        block=BORN,
        transaction="0x" + "11" * 32,
        arguments={},
        code_hash="0x" + keccak(CODE).hex(),
        judge_code_hash="0x" + keccak(CODE).hex(),
        multicall_code_hash=NO_CODE,
        compiler="0.4.3",
        evm_version="cancun",
        abi=abi,
    )


@pytest.fixture
def feed(node: Node, deployment: Deployment) -> Feed:
    return feed_of(node, deployment)


def feed_of(node: Node, deployment: Deployment) -> Feed:
    w3: Any = SimpleNamespace(eth=node)
    return Feed(w3, deployment)


def amounts(events: Any) -> list[int]:
    assert all(isinstance(event, Swept) for event in events)
    return [event.amount for event in events]


def test_every_block_is_read_once(node: Node, feed: Feed) -> None:
    node.mine(1, amount=1)
    news = feed.poll()
    assert (amounts(news.events), news.head, news.reorganised_from) == ([1], 4, None)
    assert news.timestamp == 1_000 + 12 * 4
    asked = len(node.ranges)
    assert amounts(feed.poll().events) == []
    assert len(node.ranges) == asked
    node.mine(3, amount=2)
    assert amounts(feed.poll().events) == [2]
    assert node.ranges[-1] == (5, 7)
    assert amounts(feed.events) == [1, 2]


def test_an_event_of_the_deployment_s_own_block_is_not_missed(node: Node, feed: Feed) -> None:
    node.swept[node.blocks[BORN]] = 9
    assert amounts(feed.poll().events) == [9]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_what_was_taken_back_is_dropped_and_read_again(node: Node, feed: Feed, depth: int) -> None:
    for amount in range(1, 5):
        node.mine(1, amount=amount)
        feed.poll()
    node.fork(depth, depth + 1, "other", amount=7)
    news = feed.poll()
    head = BORN + 4
    assert news.reorganised_from == head - depth + 1
    assert amounts(news.events) == [7]
    assert amounts(feed.events) == [*range(1, 5 - depth), 7]
    assert feed.poll().reorganised_from is None


def test_a_shorter_chain_is_a_reorganisation_too(node: Node, feed: Feed) -> None:
    node.mine(1, amount=1)
    feed.poll()
    node.mine(1, amount=2)
    feed.poll()
    node.fork(1, 0, "")
    news = feed.poll()
    assert (news.reorganised_from, news.head, amounts(feed.events)) == (5, 4, [1])


def test_only_blocks_after_the_last_common_checkpoint_are_read_again(
    node: Node, feed: Feed
) -> None:
    node.mine(1_000, amount=1)
    feed.poll()
    node.mine(5)
    feed.poll()
    node.ranges.clear()
    node.fork(10, 10, "other", amount=3)
    assert amounts(feed.poll().events)[-1] == 3
    assert node.ranges[0][0] > 900


def test_what_a_failing_node_kept_back_comes_with_the_next_poll(node: Node, feed: Feed) -> None:
    """A reorganisation that was noticed by a poll that failed must not be lost."""
    node.mine(1, amount=1)
    feed.poll()
    node.mine(1, amount=2)
    feed.poll()
    node.fork(1, 1, "other", amount=5)

    def go_away() -> None:
        node.is_away = True
        raise ConnectionError("connection reset")

    node.while_reading = go_away
    with pytest.raises(EventsError):
        feed.poll()
    with pytest.raises(NodeUnavailable, match="does not answer"):
        feed.poll()
    node.is_away, node.while_reading = False, None
    news = feed.poll()
    assert (news.reorganised_from, amounts(news.events)) == (5, [5])
    assert amounts(feed.events) == [1, 5]


def test_logs_of_two_chains_are_never_mixed(node: Node, feed: Feed) -> None:
    """The chain changes between the answer about the head and that about its logs."""
    node.mine(1, amount=1)
    feed.poll()
    node.mine(2, amount=2)

    def change() -> None:
        node.while_reading = None
        node.fork(2, 2, "other", amount=8)

    node.while_reading = change
    assert amounts(feed.poll().events) == [8]
    assert amounts(feed.events) == [1, 8]


def test_a_chain_that_never_holds_still_is_not_read_for_ever(node: Node, feed: Feed) -> None:
    feed.poll()
    node.mine(1)
    count = iter(range(100))
    node.while_reading = lambda: node.fork(1, 1, f"fork {next(count)}")
    with pytest.raises(NodeUnavailable, match="faster than it can be read"):
        feed.poll()


def test_a_node_of_narrow_ranges_is_asked_for_less(node: Node, feed: Feed) -> None:
    node.mine(40, amount=1)
    node.mine(40, amount=2)
    node.widest = 10
    assert amounts(feed.poll().events) == [1, 2]


def test_another_chain_under_the_manifest_is_refused(node: Node, deployment: Deployment) -> None:
    feed = feed_of(node, deployment)
    feed.poll()
    genesis = feed.genesis
    assert genesis == node.blocks[0]
    node.blocks.clear()
    node.mine(BORN + 4, "anew")
    with pytest.raises(FeedError, match="another chain than before"):
        feed.poll()


def test_a_deployment_that_was_taken_back_is_refused(node: Node, feed: Feed) -> None:
    feed.poll()
    node.fork(1, 2, "other")
    with pytest.raises(FeedError, match="block 3 of the deployment was taken back"):
        feed.poll()


def test_a_node_that_is_still_catching_up_is_waited_for(node: Node, feed: Feed) -> None:
    node.mine(1, amount=1)
    feed.poll()
    whole = list(node.blocks)
    del node.blocks[2:]
    with pytest.raises(NodeUnavailable, match="still catching up"):
        feed.poll()
    node.blocks = whole
    assert amounts(feed.poll().events) == [1]  # the feed had to let go of it


def test_the_first_poll_makes_sure_of_chain_and_contract(
    node: Node, deployment: Deployment
) -> None:
    node.mine(1)
    with pytest.raises(FeedError, match="on chain 31337, the deployment on 1"):
        feed_of(node, replace(deployment, chain_id=1)).poll()
    with pytest.raises(NodeUnavailable, match="ends at block 4, before"):
        feed_of(node, replace(deployment, block=9)).poll()
    node.code = b""
    with pytest.raises(FeedError, match="not that of the deployment"):
        feed_of(node, deployment).poll()
    node.is_away = True
    with pytest.raises(NodeUnavailable):
        feed_of(node, deployment).poll()


def test_a_long_watch_keeps_few_checkpoints_and_still_its_first(node: Node, feed: Feed) -> None:
    for _ in range(300):
        node.mine(1)
        feed.poll()
    assert len(feed._checkpoints) <= 257
    assert feed._checkpoints[0].block == BORN
    node.fork(299, 300, "other", amount=4)
    news = feed.poll()
    assert (news.reorganised_from, amounts(news.events)) == (BORN + 1, [4])
