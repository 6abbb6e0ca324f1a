"""Every command can be killed at any step, run again, and has then been done once.

The steps of a command are counted in a run that nobody kills (see `killing`). Then, for each of
them, chain and vault are put back, the command is killed there and run again. Without
PLUMBLINE_ALL=1 only `commit` is killed at every step, which has steps of every kind, and each
other command at a sample of its own, always the same; and only what was killed at the last of them
is followed by a later command.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.integration.forking import KILLED, Running
from tests.integration.killing import KINDS, STATE, kind_of, sample
from tests.integration.rpc import rpc
from tests.integration.shell import Result
from tests.integration.stages import STAGES, RewindableRound, Sight
from tests.sampling import ALL
from tests.waiting import wait_until

GWEI = 10**9
WHOLE = "commit"  # which is killed at every step, always
A_WHILE = 2.5  # seconds, in which a command comes to the point where it would send


@dataclass(frozen=True)
class Trial:
    """A command that was killed just before `step` and run again.

    landed   hash and block of what the killed run had sent, as words
    later    an unrelated command of the same account afterwards, where there was one
    """

    step: str
    killed: Result
    landed: list[tuple[str, str]]
    again: Result
    sight: Sight
    later: Result | None


@dataclass(frozen=True)
class Trials:
    """One for each step tried, of all `steps`; `alive` is what a run shows that nobody killed."""

    steps: list[str]
    alive: Sight
    all: list[Trial]


# Returning to a stage forgets the later ones, so the last one comes first.
@pytest.fixture(scope="module", params=reversed(STAGES))
def stage(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def trials(staged: RewindableRound, stage: str) -> Trials:
    command = STAGES[stage].command
    staged.return_to(stage)
    since = staged.w3.eth.block_number
    result, steps = staged.shell.counted(*command)
    assert result.code == 0, result
    alive = staged.see(stage, since)
    steps = _until_forgotten(steps)
    is_whole = ALL or stage == WHOLE
    chosen = range(len(steps)) if is_whole else sample(steps)
    made = [
        _trial(staged, stage, at, steps[at], goes_on=is_whole or at == chosen[-1]) for at in chosen
    ]
    return Trials(steps, alive, made)


def _until_forgotten(steps: list[str]) -> list[str]:
    """A transaction leaves the journal once its end was told; what comes then is another run."""
    ends = [at for at, step in enumerate(steps) if _is_over_with(step)]
    return steps[: ends[-1] + 1] if ends else steps


def _is_over_with(step: str) -> bool:
    return re.fullmatch(r"remove [0-9]+\.json", step) is not None


def _trial(staged: RewindableRound, stage: str, at: int, step: str, goes_on: bool) -> Trial:
    """`goes_on` if there is a later command."""
    command, who = STAGES[stage].command, f"TEST::{STAGES[stage].account}"
    staged.return_to(stage)
    since = staged.w3.eth.block_number
    killed = staged.shell.killed(*command, at=at)
    landed = _landed(staged, stage, since)
    again = staged.shell(*command)
    sight = staged.see(stage, since)
    later = (
        staged.shell("labeler", "deposit", "1 gwei", "--account", who, "--yes", "--json")
        if goes_on
        else None
    )
    return Trial(f"{at}, {step}", killed, landed, again, sight, later)


def _landed(staged: RewindableRound, stage: str, since: int) -> list[tuple[str, str]]:
    found = []
    for number in range(since + 1, staged.w3.eth.block_number + 1):
        for sent in staged.w3.eth.get_block(number, full_transactions=True)["transactions"]:
            if sent["from"] == staged.address(stage):  # type: ignore[index]
                found.append((sent["hash"].to_0x_hex(), f"block {number}"))  # type: ignore[index]
    return found


# ------------------------------------------------------------------ killed at any step


def test_transactions_are_among_the_steps(trials: Trials, stage: str) -> None:
    assert trials.steps.count("send") == trials.alive.transactions
    assert (trials.alive.transactions > 0) == STAGES[stage].sends
    assert trials.steps.count("tell") == 1


def test_steps_of_every_kind_are_tried(trials: Trials, stage: str) -> None:
    """All of them in one command, so that the others need not repeat it every time."""
    assert set(map(kind_of, trials.steps)) <= KINDS | {STATE}
    tried = {kind_of(trial.step.split(", ")[1]) for trial in trials.all}
    assert tried >= (
        KINDS if stage == WHOLE else {"send"} if STAGES[stage].sends else {"link file"}
    )


def test_run_again_it_succeeds(trials: Trials) -> None:
    assert {trial.step: trial.again for trial in trials.all if trial.again.code != 0} == {}


def test_the_chain_tells_of_one_run(trials: Trials) -> None:
    told = {trial.step: trial.sight.story for trial in trials.all}
    assert [step for step, story in told.items() if story != trials.alive.story] == []


def test_no_transaction_is_sent_twice(trials: Trials) -> None:
    counts = {trial.step: trial.sight.transactions for trial in trials.all}
    assert counts == dict.fromkeys(counts, trials.alive.transactions)


def test_what_is_kept_opens_what_is_committed_to(trials: Trials) -> None:
    assert trials.alive.secrets_kept
    assert [trial.step for trial in trials.all if not trial.sight.secrets_kept] == []


def test_what_has_landed_is_said_before_or_by_the_next_run(trials: Trials) -> None:
    silent = [
        (trial.step, trial.again.said)
        for trial in trials.all
        for words in trial.landed
        if not any(word in trial.killed.said + trial.again.said for word in words)
    ]
    assert silent == []


def test_what_is_left_over_is_in_nobodys_way(trials: Trials) -> None:
    later = [(trial.step, trial.later) for trial in trials.all if trial.later]
    assert later
    for step, result in later:
        assert result.code == 0, (step, result)
        assert result.json["amount"] == str(GWEI)
        assert len(result.json["transactions"]) == 1


# --------------------------------------------------------- killed while it is in no block


@dataclass(frozen=True)
class Pool:
    """A deposit whose process was killed while it waits in the pool, in no block."""

    staged: RewindableRound
    since: int
    started: list[Running] = field(default_factory=list)

    def start(self) -> Running:
        self.started.append(self.staged.shell.start(*STAGES["deposit"].command))
        return self.started[-1]

    def sent(self) -> list[Any]:
        """What waits there."""
        owner = self.staged.address("deposit").lower()
        content = rpc(self.staged.w3, "txpool_content")
        slots = {key.lower(): value for key, value in content["pending"].items()}
        return list(slots.get(owner, {}).values())

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        wait_until(is_so, why=lambda: rpc(self.staged.w3, "txpool_content"))

    def mine_without_it(self, base_fee: int) -> None:
        """A block that it does not fit into; Anvil forgets what fits and pays too little."""
        limit = self.staged.w3.eth.get_block("latest")["gasLimit"]
        rpc(self.staged.w3, "evm_setBlockGasLimit", hex(21_000))
        rpc(self.staged.w3, "anvil_setNextBlockBaseFeePerGas", hex(base_fee))
        rpc(self.staged.w3, "evm_mine")
        rpc(self.staged.w3, "evm_setBlockGasLimit", hex(limit))

    def finish(self, running: Running) -> None:
        """Mine; then the command is over, and the deposit was made once."""
        rpc(self.staged.w3, "evm_mine")
        result = running.result(60)
        assert result.code == 0, result
        sight = self.staged.see("deposit", self.since)
        assert [name for name, _ in sight.story] == ["Deposited"]
        assert sight.transactions == 1
        assert self.sent() == []


@pytest.fixture
def pool(staged: RewindableRound) -> Iterator[Pool]:
    staged.return_to("deposit")
    made = Pool(staged, staged.w3.eth.block_number)
    rpc(staged.w3, "evm_setAutomine", False)
    try:
        running = made.start()
        made.wait_until(lambda: len(made.sent()) == 1)
        assert running.kill().code == KILLED
        yield made
    finally:
        for running in made.started:
            running.sweep()
        rpc(staged.w3, "anvil_dropAllTransactions")
        rpc(staged.w3, "evm_setAutomine", True)


def test_what_waits_in_the_pool_is_waited_for(pool: Pool) -> None:
    (before,) = pool.sent()
    running = pool.start()
    time.sleep(A_WHILE)
    assert pool.sent() == [before]
    pool.finish(running)


def test_what_the_pool_has_forgotten_is_sent_again_as_it_was(pool: Pool) -> None:
    (before,) = pool.sent()
    rpc(pool.staged.w3, "anvil_dropTransaction", before["hash"])
    assert pool.sent() == []
    running = pool.start()
    pool.wait_until(lambda: pool.sent() != [])
    assert pool.sent() == [before]
    pool.finish(running)


def test_what_pays_too_little_is_replaced_by_what_pays_more(pool: Pool) -> None:
    (before,) = pool.sent()
    base = 10 * int(before["maxFeePerGas"], 16)
    pool.mine_without_it(base)
    assert pool.sent() == [before]
    running = pool.start()
    pool.wait_until(lambda: pool.sent() != [before])
    (after,) = pool.sent()
    assert after["nonce"] == before["nonce"]
    assert int(after["maxFeePerGas"], 16) > base
    pool.finish(running)


def test_who_is_killed_again_and_again_pays_once(pool: Pool) -> None:
    for _ in range(3):
        running = pool.start()
        time.sleep(A_WHILE)
        running.kill()
        assert len(pool.sent()) == 1
    pool.finish(pool.start())
