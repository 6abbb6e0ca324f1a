"""Ranges find out what a node grants, and nothing that was not asked for gets in."""

from types import SimpleNamespace
from typing import Any

import pytest

from plumbline.chain.logs import EventsError, Width, read_logs

ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3"


class Node:
    """Grants `widest(first)` blocks from `first` on, each with a log."""

    def __init__(self, widest: Any, **changes: Any) -> None:
        self.widest, self.changes = widest, changes
        self.granted: list[int] = []
        self.refused = 0

    def get_logs(self, wanted: Any) -> list[dict[str, Any]]:
        first, last = int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)
        if last - first + 1 > self.widest(first):
            self.refused += 1
            raise ValueError("query returned more than 10000 results")
        self.granted.append(last - first + 1)
        one = {"logIndex": 0, "transactionHash": b"", "topics": [], "data": b"", "address": ADDRESS}
        return [{**one, "blockNumber": n, **self.changes} for n in range(first, last + 1)]


def read(node: Node, last: int) -> list[int]:
    w3: Any = SimpleNamespace(eth=node)
    return [log.block for log in read_logs(w3, ADDRESS, 1, last)]


@pytest.mark.parametrize("widest", [1, 2, 7, 100, 9_999])
def test_every_block_is_read_once_whatever_is_granted(widest: int) -> None:
    node = Node(lambda first: widest)
    assert read(node, 2_000) == list(range(1, 2_001))


def test_few_ranges_are_refused_once_the_limit_is_known() -> None:
    """Doubling back after each success would have every other one refused."""
    node = Node(lambda first: 100)
    read(node, 20_000)
    assert node.refused < len(node.granted) / 4
    assert max(node.granted) > 75


def test_ranges_grow_again_after_a_dense_stretch() -> None:
    node = Node(lambda first: 4 if 1_000 <= first < 1_200 else 5_000)
    read(node, 60_000)
    assert max(node.granted[-20:]) >= 4_000


def test_a_width_never_exceeds_what_is_usual_nor_falls_below_one() -> None:
    width = Width(16)
    for _ in range(40):
        width.granted()
        assert width.now == 16
    while width.now > 1:
        width.refused(width.now)
    for _ in range(200):
        width.granted()
        assert 1 <= width.now <= 16
    assert width.now == 16


def test_a_block_that_is_refused_alone_is_named() -> None:
    with pytest.raises(EventsError, match=r"no events of block 1 .*use another node"):
        read(Node(lambda first: 0), 9)


@pytest.mark.parametrize("changes", [{"address": "0x" + "11" * 20}, {"blockNumber": 77}])
def test_a_log_that_was_not_asked_for_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(EventsError, match="not asked for"):
        read(Node(lambda first: 100, **changes), 9)
