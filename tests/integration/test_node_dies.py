"""The node dies in the middle of what a command does, comes back, and the command is run again.

Two rounds, so that revealing is two transactions, and relaying and keeping carry both in one. Each
command is run with a node that dies at one of its transactions: before the node has it, when it
has it and has not said so, or when it is asked what became of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from web3 import Web3

from plumbline.audit import audit
from plumbline.chain.deployment import Deployment
from plumbline.chain.events import Event, fetch
from tests.build import Compiled
from tests.integration.conftest import deploy_for
from tests.integration.dying import RECEIPT, SEND, DyingNode
from tests.integration.forking import ForkShell, Zygote
from tests.integration.market import Market
from tests.integration.nodes import Node
from tests.integration.paperwork import write_answers, write_round
from tests.integration.shell import Result
from tests.integration.stages import are_kept

SEATS = 3
ROUNDS = (1, 2)
REQUESTER, FIRST, SECOND, THIRD, RELAYER, KEEPER = (f"TEST::{number}" for number in range(6))


@dataclass(frozen=True)
class Trial:
    """A command whose node died, and the same again.

    events         names of all events that came of both runs
    transactions   how many of its account are in blocks
    """

    died: Result
    was_dead: bool
    again: Result
    events: list[str]
    transactions: int


@dataclass
class Walk:
    """Rounds under way, through a node that dies."""

    shell: ForkShell
    w3: Web3
    deployment: Deployment
    node: DyingNode
    trials: dict[str, Trial] = field(default_factory=dict)

    def good(self, *arguments: str, who: str) -> Result:
        return self.shell.good(*arguments, "--account", who, "--yes")

    def events(self, since: int = 0) -> list[Event]:
        return [one for one in fetch(self.w3, self.deployment) if one.block > since]

    def trial(self, name: str, *arguments: str, who: str, does_it_first: bool) -> None:
        """Run it with a node that dies at what `TRIALS` says, and again."""
        method, nth, *_ = TRIALS[name]
        account = self.w3.eth.accounts[int(who.removeprefix("TEST::"))]
        since, nonce = self.w3.eth.block_number, self.w3.eth.get_transaction_count(account)
        command = (*arguments, "--account", who, "--yes")
        self.node.die_at(method, nth, does_it_first)
        died = self.shell(*command)
        was_dead = self.node.revive()
        again = self.shell(*command)
        self.trials[name] = Trial(
            died,
            was_dead,
            again,
            [type(event).__name__ for event in self.events(since)],
            self.w3.eth.get_transaction_count(account) - nonce,
        )


# Name: the question at which the node dies and which time; the command's events; its transactions.
TRIALS: dict[str, tuple[str, int, list[str], int]] = {
    "deposit": (RECEIPT, 1, ["Deposited"], 1),
    "open": (SEND, 2, ["Deposited", "RoundOpened"], 2),
    "relay": (SEND, 1, ["Committed"] * 4, 1),
    "commit": (SEND, 1, ["Committed"], 1),
    "reveal": (SEND, 2, ["Revealed"] * 2, 2),
    "keep": (SEND, 2, ["Revealed"] * 4 + ["RoundClosed"] * 2, 2),
    "withdraw": (SEND, 1, ["Withdrawn"], 1),
}


@pytest.fixture(scope="module")
def node(anvil: str) -> Iterator[DyingNode]:
    made = DyingNode(anvil)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def walk(
    tmp_path_factory: pytest.TempPathFactory,
    w3: Web3,
    compiled: Compiled,
    zygote: Zygote,
    node: DyingNode,
) -> Walk:
    shell = ForkShell(tmp_path_factory.mktemp("project"), node.url, zygote)
    deployment = deploy_for(shell, w3, compiled)
    write_round(shell.folder, gold=None, gold_window=None, seats=SEATS)
    write_answers(shell.folder)
    made = Walk(shell, w3, deployment, node)
    play(made)
    return made


def play(walk: Walk) -> None:
    """Two rounds from the first deposit to a withdrawal."""
    good, trial = walk.good, walk.trial
    trial("deposit", "labeler", "deposit", "0.04 ether", who=FIRST, does_it_first=False)
    opening = ("requester", "open", "round.json")
    trial("open", *opening, who=REQUESTER, does_it_first=False)
    good(*opening, "--again", who=REQUESTER)
    seat = ("answers.csv", "--tasks", "round.tasks.json")
    files = []
    for who in (SECOND, THIRD):
        good("labeler", "deposit", "0.04 ether", who=who)
        for number in ROUNDS:
            files.append(f"signed-{who[-1]}-{number}.json")
            good("labeler", "sign", *seat, str(number), "--output", files[-1], who=who)
    trial("relay", "requester", "relay", *files, who=RELAYER, does_it_first=True)
    trial("commit", "labeler", "commit", *seat, "1", who=FIRST, does_it_first=True)
    good("labeler", "commit", *seat, "2", who=FIRST)
    trial("reveal", "labeler", "reveal", who=FIRST, does_it_first=True)
    (walk.shell.folder / "delegated").mkdir()
    for who in (SECOND, THIRD):
        good("labeler", "reveal", "--export", "delegated", who=who)
    keep = ("keeper", "--once", "--delegated", "delegated")
    trial("keep", *keep, who=KEEPER, does_it_first=True)
    trial("withdraw", "labeler", "withdraw", "all", who=FIRST, does_it_first=True)


@pytest.fixture(params=TRIALS)
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


def test_a_node_that_dies_ends_the_command_in_one_line_that_says_what_to_do(
    walk: Walk, name: str
) -> None:
    trial = walk.trials[name]
    assert trial.was_dead
    assert "run" in trial.died.error and "again" in trial.died.error


def test_run_again_it_completes_and_nothing_is_sent_twice(walk: Walk, name: str) -> None:
    trial = walk.trials[name]
    _, _, events, transactions = TRIALS[name]
    assert trial.again.code == 0, trial.again
    assert sorted(trial.events) == sorted(events)
    assert trial.transactions == transactions


def test_what_the_node_had_taken_is_told_by_the_next_run(walk: Walk, name: str) -> None:
    said = " ".join(walk.trials[name].again.err.split())
    assert "an earlier run was interrupted" in said or "sent before" in said, said


def test_no_secret_is_lost_with_a_node(walk: Walk) -> None:
    assert are_kept(walk.shell, walk.w3, filter(is_seat, walk.events()))
    assert audit(walk.w3, walk.deployment).is_clean


def is_seat(event: Event) -> bool:
    return type(event).__name__ == "Committed"


# ------------------------------------------------------ a node that forgets its last blocks


def test_a_killed_node_that_comes_back_with_an_older_chain_loses_nobodys_money(
    tmp_path: Path, compiled: Compiled, zygote: Zygote
) -> None:
    """What it had not written down never happened: the command is run again, and counts once."""
    node = Node(tmp_path)
    node.start()
    try:
        folder = tmp_path / "project"
        folder.mkdir()
        shell = ForkShell(folder, node.url, zygote)
        deployment = deploy_for(shell, node.connect(), compiled)
        node.stop()  # so much is in its file
        node.start()
        deposit = ("labeler", "deposit", "0.02 ether", "--account", "TEST::1", "--yes")
        shell.good(*deposit)
        shell.good("audit")
        node.kill()
        node.start()
        market = Market(node.connect(), deployment)
        labeler = market.w3.eth.accounts[1]
        assert market.rounds.account(labeler).free == 0
        audited = shell.good("audit")
        assert "Agrees to the wei" in audited.out
        shell.good(*deposit)
        assert market.rounds.account(labeler).free == 2 * 10**16
        assert "Agrees to the wei" in shell.good("audit").out
    finally:
        node.stop()
