"""A small job on a real chain: what it says it took is what the chain has seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from web3 import Web3

from plumbline.transactions.senders import GAS_CAP
from tests.integration.forking import ForkShell, Zygote

ROUNDS, TASKS, SEATS, LABELERS = 2, 64, 12, 20
SIZE = ("--rounds", "2", "--tasks", "64", "--seats", "12", "--labelers", "20")


@dataclass
class Place:
    """An empty chain, and a shell beside it."""

    shell: ForkShell
    w3: Web3

    def transactions(self, after: int) -> list[Any]:
        """All in blocks after that one."""
        blocks = range(after + 1, self.w3.eth.block_number + 1)
        return [
            transaction
            for block in blocks
            for transaction in self.w3.eth.get_block(block, full_transactions=True)["transactions"]
        ]


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory, anvil: str, w3: Web3, zygote: Zygote
) -> Iterator[Place]:
    yield Place(ForkShell(tmp_path_factory.mktemp("job"), anvil, zygote), w3)


def test_a_job_ends_settled_and_audited_and_its_figures_are_the_chains(place: Place) -> None:
    before = place.w3.eth.block_number
    result = place.shell.good("job", *SIZE, "--silent", "10", "--json").json
    steps = {step["name"]: step for step in result["steps"]}
    silent = result["silent"]
    assert 0 < silent < ROUNDS * SEATS - 5
    assert result["answers"] == (ROUNDS * SEATS - silent) * TASKS
    assert steps["forfeit"]["labelers"] == silent
    assert steps["commit"]["labelers"] == ROUNDS * SEATS
    assert steps["stakes"]["transactions"] == LABELERS

    sent = place.transactions(before)[2:]  # without the two contracts
    receipts = [place.w3.eth.get_transaction_receipt(one["hash"]) for one in sent]
    gas = [receipt["gasUsed"] for receipt in receipts]
    total = result["total"]
    assert (total["transactions"], total["gas"], total["largest"]) == (
        len(sent),
        sum(gas),
        max(gas),
    )
    assert total["largest"] <= GAS_CAP
    data = [bytes(one["input"]) for one in sent]
    assert total["calldata"] == sum(map(len, data))
    assert total["zeros"] == sum(one.count(0) for one in data)
    # A requester, a relayer, a keeper; no labeler has any ether.
    assert len({one["from"] for one in sent}) == 3

    audit = result["audit"]
    assert audit["is_clean"] and audit["accounts"] == LABELERS + 1
    assert [(one["mode"], one["revealed"] + one["gone"]) for one in audit["rounds"]] == [
        ("peer", SEATS),
        ("peer", SEATS),
    ]


def test_where_nobody_is_silent_a_round_is_concluded_in_one(place: Place) -> None:
    shown = place.shell.good("job", *SIZE, "--silent", "0", "--sealed").out
    assert "conclude" in shown and "reveal" not in shown and "forfeit" not in shown
    assert "1,536 answers settled" in shown and "Agrees to the wei" in shown


def test_a_plan_that_cannot_be_is_one_line(place: Place) -> None:
    failed = place.shell("job", "--rounds", "2", "--seats", "12", "--labelers", "25")
    assert failed.error.startswith("25 labelers for 2 rounds of 12 seats: it takes 12 to 24")


def test_the_benchmark_needs_no_node_and_finds_nothing(place: Place) -> None:
    arguments = ("--rounds", "2", "--seats", "9", "--tasks", "60", "--json")
    result = place.shell.good("bench", *arguments).json
    audit = result["audit"]
    assert result["answers"] == audit["answers"] == 2 * 9 * 60
    assert (audit["rounds"], audit["differences"]) == (2, [])
    assert all(part["times"] == 18 and part["seconds"] > 0 for part in result["parts"])
