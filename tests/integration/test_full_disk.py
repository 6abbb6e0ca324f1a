"""The disk is full at each write of each command; with room again, the command completes, once.

Without PLUMBLINE_ALL=1 at every third write, always the same ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from web3 import Web3

from plumbline.chain.deployment import load
from plumbline.chain.events import Event, fetch
from tests.integration.forking import ForkShell, Zygote
from tests.integration.paperwork import write_answers, write_round
from tests.integration.shell import Result, manifest_of
from tests.integration.stages import COMMIT, are_kept
from tests.sampling import ALL

REQUESTER, FIRST, RELAYED, *OTHERS = (f"TEST::{number}" for number in range(4))
STRIDE = 1 if ALL else 3  # more writes from run to run
NO_ROOM = "No space left on device"


@dataclass
class Walk:
    """A round under way on a disk with ever a little more room.

    runs     of each command: the result of each run, and the write that failed in it, if any
    events   names of what came of all runs of a command
    lost     whether a commitment could ever not be opened, by the name of the command
    """

    shell: ForkShell
    w3: Web3
    runs: dict[str, list[tuple[Result, str | None]]] = field(default_factory=dict)
    events: dict[str, list[str]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    created: int = 0  # contracts, after all runs of `deploy`

    def squeeze(self, name: str, *arguments: str) -> None:
        """Ever more writes, until it succeeds."""
        before = len(self.all_events())
        self.runs[name] = []
        for room in range(0, 40, STRIDE):
            result, writes = self.shell.with_room(*arguments, room=room)
            failed = writes[room] if len(writes) > room else None
            self.runs[name].append((result, failed))
            if not are_kept(self.shell, self.w3, self.all_events()):
                self.lost.append(name)
            if result.code == 0:
                break
        self.events[name] = [type(one).__name__ for one in self.all_events()[before:]]

    def all_events(self) -> Sequence[Event]:
        path = manifest_of(self.shell, self.w3)
        return fetch(self.w3, load(path)) if path.exists() else []


COMMANDS = {
    "deploy": [],
    "deposit": ["Deposited"],
    "open": ["Deposited", "RoundOpened"],
    "sign": [],
    "relay": ["Committed"],
    "commit": ["Committed"],
    "export": [],
    "reveal": ["Revealed"],
    "close": ["GoldOpened", "RoundClosed"],
    "labels": [],
    "withdraw": ["Withdrawn"],
    "audit": [],
    "report": [],
}


@pytest.fixture(scope="module")
def walk(
    tmp_path_factory: pytest.TempPathFactory,
    anvil: str,
    w3: Web3,
    zygote: Zygote,
) -> Walk:
    shell = ForkShell(tmp_path_factory.mktemp("project"), anvil, zygote)
    write_round(shell.folder, seats=3)
    write_answers(shell.folder)
    made = Walk(shell, w3)
    made.squeeze("deploy", "deploy", "--yes")
    made.created = w3.eth.block_number
    play(made)
    return made


def play(walk: Walk) -> None:
    """A round from the first deposit to the audit."""

    def by(who: str, *arguments: str) -> tuple[str, ...]:
        return (*arguments, "--account", who, "--yes")

    deposit = ("labeler", "deposit", "0.02 ether")
    walk.squeeze("deposit", *by(FIRST, *deposit))
    walk.squeeze("open", *by(REQUESTER, "requester", "open", "round.json"))
    for who in (RELAYED, *OTHERS):
        walk.shell.good(*by(who, *deposit))
    sign = ("labeler", "sign", *COMMIT[2:], "--output", "signed.json")
    walk.squeeze("sign", *by(RELAYED, *sign))
    walk.squeeze("relay", *by(REQUESTER, "requester", "relay", "signed.json"))
    walk.squeeze("commit", *by(FIRST, *COMMIT))
    for who in OTHERS:
        walk.shell.good(*by(who, *COMMIT))
    walk.squeeze("export", *by(FIRST, "labeler", "reveal", "--export", "seat.json"))
    walk.squeeze("reveal", *by(FIRST, "labeler", "reveal"))
    for who in (RELAYED, *OTHERS):
        walk.shell.good(*by(who, "labeler", "reveal"))
    walk.squeeze("close", *by(REQUESTER, "requester", "close"))
    walk.squeeze("labels", "requester", "labels", "1", "--output", "labels.csv")
    walk.squeeze("withdraw", *by(FIRST, "labeler", "withdraw", "all"))
    walk.squeeze("audit", "audit")
    walk.squeeze("report", "audit", "report", "1", "-o", "report.html")


@pytest.fixture(params=COMMANDS)
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


def test_writes_were_refused(walk: Walk, name: str) -> None:
    refused = [write for _, write in walk.runs[name] if write is not None]
    assert refused, walk.runs[name]


def test_a_full_disk_is_said_in_one_line_that_says_to_make_room(walk: Walk, name: str) -> None:
    for result, write in walk.runs[name]:
        if result.code != 0:
            assert write is not None, result
            assert NO_ROOM in result.error, (write, result.error)
            assert "local disk" not in result.err


def test_with_room_again_it_completes_and_counts_once(walk: Walk, name: str) -> None:
    last, _ = walk.runs[name][-1]
    assert last.code == 0, last
    assert walk.events[name] == COMMANDS[name]


def test_no_commitment_is_ever_on_chain_that_the_disk_cannot_open(walk: Walk) -> None:
    assert walk.lost == []


def test_contracts_are_not_deployed_if_nobody_could_find_them_again(walk: Walk) -> None:
    (first, _), *_, (last, _) = walk.runs["deploy"]
    assert f"cannot be written ({NO_ROOM}): nothing was sent" in first.error
    assert last.code == 0
    assert walk.created == 3
