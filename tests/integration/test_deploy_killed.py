"""`deploy` can be killed at any step (see `killing`), run again, and has then deployed once.

Without PLUMBLINE_ALL=1 at a sample of its steps, always the same.
"""

import shutil
from dataclasses import dataclass

import pytest
from web3 import Web3

from plumbline.chain.deployment import compare, load
from tests.integration.forking import Folder, ForkShell, Zygote
from tests.integration.killing import sample
from tests.integration.rpc import hashes, rpc
from tests.integration.shell import Result
from tests.sampling import ALL
from tests.waiting import wait_until

COMMAND = ("deploy", "--yes")
GWEI = 10**9


@dataclass(frozen=True)
class Trial:
    """`deploy` was killed just before `step` and run again.

    landed        hashes of what the killed run had sent and is in a block
    was_written   whether that run had come as far as the manifest
    sent          transactions of the account after both runs
    differences   what the chain says otherwise than the manifest
    later         an unrelated command of the same account afterwards
    """

    step: str
    killed: Result
    landed: list[str]
    was_written: bool
    again: Result
    sent: int
    differences: list[str]
    later: Result


class Place(Folder):
    """A chain without contracts, in a folder without a manifest, to come back to."""

    def trial(self, at: int, step: str) -> Trial:
        beginning = rpc(self.w3, "evm_snapshot")
        killed = self.shell.killed(*COMMAND, at=at)
        landed, was_written = hashes(self.w3), self.manifest.exists()
        again = self.shell(*COMMAND)
        sent = self.w3.eth.get_transaction_count(self.w3.eth.accounts[0])
        differences = compare(self.w3, load(self.manifest))
        later = self.shell(
            "labeler", "deposit", "1 gwei", "--account", "TEST::0", "--yes", "--json"
        )
        self.clear(beginning)
        return Trial(f"{at}, {step}", killed, landed, was_written, again, sent, differences, later)

    def clear(self, beginning: str) -> None:
        """Nothing was ever deployed."""
        assert rpc(self.w3, "evm_revert", beginning)
        shutil.rmtree(self.shell.vault)
        shutil.rmtree(self.manifest.parent)

    def wait_for_pending(self) -> None:
        wait_until(lambda: rpc(self.w3, "txpool_content")["pending"])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, anvil: str, w3: Web3, zygote: Zygote) -> Place:
    return Place(ForkShell(tmp_path_factory.mktemp("project"), anvil, zygote), w3)


@pytest.fixture(scope="module")
def trials(place: Place) -> list[Trial]:
    w3 = place.w3
    beginning = rpc(w3, "evm_snapshot")
    result, steps = place.shell.counted(*COMMAND)
    assert result.code == 0, result
    assert w3.eth.get_transaction_count(w3.eth.accounts[0]) == steps.count("send") == 3
    place.clear(beginning)
    chosen = range(len(steps)) if ALL else sample(steps)
    return [place.trial(at, steps[at]) for at in chosen]


def test_the_manifest_is_among_the_steps(trials: list[Trial]) -> None:
    assert sum(trial.step.endswith(", link 31337.json") for trial in trials) == 1
    assert {trial.was_written for trial in trials} == {True, False}


def test_run_again_it_succeeds_or_says_that_it_is_done(trials: list[Trial]) -> None:
    for trial in trials:
        if trial.was_written:
            assert "deployments/31337.json exists" in trial.again.error, trial
        else:
            assert trial.again.code == 0, trial


def test_the_manifest_is_whole_and_of_what_is_there(trials: list[Trial]) -> None:
    assert {one.step: one.differences for one in trials if one.differences} == {}


def test_no_contract_is_created_twice(trials: list[Trial]) -> None:
    assert {trial.step: trial.sent for trial in trials if trial.sent != 3} == {}


def test_what_has_landed_is_said_before_or_by_a_later_run(trials: list[Trial]) -> None:
    silent = [
        (trial.step, hashed)
        for trial in trials
        for hashed in trial.landed
        if hashed not in trial.killed.said + trial.again.said + trial.later.said
    ]
    assert silent == []


def test_what_is_left_over_is_in_nobodys_way(trials: list[Trial]) -> None:
    for trial in trials:
        assert trial.later.code == 0, trial
        assert trial.later.json["amount"] == str(GWEI)
        assert len(trial.later.json["transactions"]) == 1


def test_contracts_whose_manifest_cannot_be_written_wait_for_the_next_run(place: Place) -> None:
    """Somebody else's comes there while the transactions are under way."""
    beginning = rpc(place.w3, "evm_snapshot")
    rpc(place.w3, "evm_setAutomine", False)
    running = place.shell.start(*COMMAND)
    try:
        place.wait_for_pending()
        place.manifest.write_text("{}")
        for _ in range(2):
            rpc(place.w3, "evm_mine")
            place.wait_for_pending()
        rpc(place.w3, "evm_mine")
        result = running.result(60)
    finally:
        running.sweep()
        rpc(place.w3, "evm_setAutomine", True)
    assert "exists: move it away. The contracts are there: run it again" in result.error
    assert result.out == ""
    place.manifest.unlink()
    assert place.shell.good(*COMMAND).said.count("is done, in block") == 3
    assert place.w3.eth.get_transaction_count(place.w3.eth.accounts[0]) == 3
    assert compare(place.w3, load(place.manifest)) == []
    place.clear(beginning)
