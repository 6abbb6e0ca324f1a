"""A small job on a real chain: what it says it took is what the chain has seen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from web3 import Web3

from plumbline.lab.job import Job, Plan
from plumbline.lab.meter import together
from plumbline.lab.play import Stage
from plumbline.transactions.senders import GAS_CAP
from tests.integration.forking import ForkShell, Zygote
from tests.integration.market import Market

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


def test_a_job_ends_settled_and_audited_and_its_figures_are_the_chains(
    place: Place, market: Market, tmp_path: Path
) -> None:
    keys = [market.actor(role) for role in ("requester", "relayer", "keeper")]
    stage = Stage(market.w3, market.deployment, keys)
    plan = Plan(ROUNDS, TASKS, SEATS, LABELERS, silent_bps=1_000)
    before = place.w3.eth.block_number
    result = Job(stage, plan, tmp_path).run()
    steps = {step.name: step for step in result.steps}
    silent = result.silent
    assert 0 < silent < ROUNDS * SEATS - 5
    assert result.answers == (ROUNDS * SEATS - silent) * TASKS
    assert steps["forfeit"].labelers == silent
    assert steps["commit"].labelers == ROUNDS * SEATS
    assert steps["stakes"].transactions == LABELERS

    sent = place.transactions(before)
    receipts = [place.w3.eth.get_transaction_receipt(one["hash"]) for one in sent]
    gas = [receipt["gasUsed"] for receipt in receipts]
    total = together(result.steps)
    assert (total.transactions, total.gas, total.largest) == (len(sent), sum(gas), max(gas))
    assert total.largest <= GAS_CAP
    assert total.calldata == sum(len(one["input"]) for one in sent)
    # A requester, a relayer, a keeper; no labeler has any ether.
    assert len({one["from"] for one in sent}) == 3

    audit = result.report
    assert audit.is_clean and audit.accounts == LABELERS + 1
    assert [(one.mode, one.revealed + one.gone) for one in audit.rounds] == [("peer", SEATS)] * 2


def test_the_parts_of_a_job_and_of_its_audit_are_timed_for_every_seat(place: Place) -> None:
    shown = place.shell.good("job", *SIZE, "--silent", "10").out
    assert "Work for 1,536 answers" in shown
    parts = shown.partition("Work for")[2].partition("Audit of")[0]
    assert parts.count(f" {ROUNDS * SEATS} ") == 13  # all but the secrets, one for each labeler
    settled = re.search(r"([0-9,]+) answers settled", shown)
    assert settled and f"Audit of {settled[1]} answers" in shown
    assert "commitments, gold roots, forms" in shown


def test_where_nobody_is_silent_a_round_is_concluded_in_one(place: Place) -> None:
    whole = place.shell.good("job", *SIZE, "--silent", "0", "--sealed").out
    shown = whole.partition("Work for")[0]
    assert "conclude" in shown and "reveal" not in shown and "forfeit" not in shown
    assert "1,536 answers settled" in shown and "Agrees to the wei" in shown


def test_a_plan_that_cannot_be_is_one_line(place: Place) -> None:
    failed = place.shell("job", "--rounds", "2", "--seats", "12", "--labelers", "25")
    assert failed.error.startswith("25 labelers for 2 rounds of 12 seats: it takes 12 to 24")
