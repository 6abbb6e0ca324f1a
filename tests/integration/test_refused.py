"""Every command that sends can be refused at any transaction, run again, and is then done once.

The node refuses a transaction as it does where there is too little ether, or the call before it,
when it estimates its gas. What was sent before stays; the same command goes on from there. Of
estimates `make test` refuses the last one of every fourth command, `make test-all` each; and in
`make test` a later command follows only the last refusal of each.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest
from web3 import Web3

from tests.build import Compiled
from tests.integration.conftest import deploy_for
from tests.integration.forking import ForkShell, Zygote
from tests.integration.moody import ESTIMATE, NO_FUNDS, SEND, MoodyNode
from tests.integration.paperwork import write_answers, write_round
from tests.integration.shell import Result
from tests.integration.stages import STAGES, RewindableRound, Sight
from tests.sampling import ALL

SENDING = [name for name, stage in STAGES.items() if stage.sends]
ESTIMATED = SENDING[::4]  # whose last estimate is refused as well; in `make test-all` each is


@dataclass(frozen=True)
class Trial:
    """A command that was refused once at `place`, and run again."""

    place: str
    refused: Result
    between: Sight
    again: Result
    sight: Sight
    later: Result | None


@dataclass(frozen=True)
class Trials:
    """One for each transaction and estimate; `alive` is what a run shows that nobody refused."""

    alive: Sight
    all: list[Trial]


# Returning to a stage forgets the later ones, so the last one comes first.
@pytest.fixture(scope="module", params=reversed(SENDING))
def stage(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def trials(staged: RewindableRound, stage: str, anvil: str) -> Trials:
    staged.return_to(stage)
    since = staged.w3.eth.block_number
    assert staged.shell(*STAGES[stage].command).code == 0
    alive = staged.see(stage, since)
    assert alive.transactions > 0
    moody = MoodyNode(anvil)
    try:
        places = [
            (method, nth)
            for method in (SEND, ESTIMATE)
            for nth in range(1, alive.transactions + 1)
            if ALL or method == SEND or (nth == alive.transactions and stage in ESTIMATED)
        ]
        made = [
            _trial(staged, stage, moody, place, goes_on=ALL or place == places[-1])
            for place in places
        ]
    finally:
        moody.proxy.stop()
    return Trials(alive, made)


def _trial(
    staged: RewindableRound, stage: str, moody: MoodyNode, place: tuple[str, int], goes_on: bool
) -> Trial:
    """`goes_on` if there is a later command."""
    method, nth = place
    command, who = STAGES[stage].command, f"TEST::{STAGES[stage].account}"
    staged.return_to(stage)
    since = staged.w3.eth.block_number
    moody.refuse_nth(method, nth, NO_FUNDS)
    refused = staged.shell(*command, PLUMBLINE_NODE=moody.url)
    assert moody.refusals == 1, (stage, method, nth)
    between = staged.see(stage, since)
    again = staged.shell(*command)
    sight = staged.see(stage, since)
    later = (
        staged.shell("labeler", "deposit", "1 gwei", "--account", who, "--yes", "--json")
        if goes_on
        else None
    )
    return Trial(f"{method} {nth}", refused, between, again, sight, later)


def test_a_refusal_ends_it_with_the_reason_of_the_node(trials: Trials) -> None:
    for trial in trials.all:
        _ = trial.refused.error
        said = set(trial.refused.said.split())  # in a table it may be broken
        assert said >= {"insufficient", "funds"}, trial


def test_what_was_sent_before_a_refusal_stays_and_no_more_is_sent(trials: Trials) -> None:
    """Where nothing depends on it, what comes after it goes out all the same."""
    for trial in trials.all:
        assert trial.between.transactions < trials.alive.transactions, trial


def test_run_again_after_a_refusal_it_succeeds(trials: Trials) -> None:
    assert {trial.place: trial.again for trial in trials.all if trial.again.code != 0} == {}


def test_the_chain_tells_of_one_run_that_was_not_refused(trials: Trials) -> None:
    told = {trial.place: trial.sight.story for trial in trials.all}
    assert [place for place, story in told.items() if story != trials.alive.story] == []


def test_no_transaction_is_sent_again_after_a_refusal(trials: Trials) -> None:
    counts = {trial.place: trial.sight.transactions for trial in trials.all}
    assert counts == dict.fromkeys(counts, trials.alive.transactions)


def test_what_is_kept_after_a_refusal_opens_what_is_committed_to(trials: Trials) -> None:
    seen = [(trial.place, trial.between, trial.sight) for trial in trials.all]
    assert [place for place, *both in seen if not all(each.secrets_kept for each in both)] == []


def test_a_refusal_leaves_nothing_in_the_way_of_others(trials: Trials) -> None:
    later = [trial.later for trial in trials.all if trial.later]
    assert later
    for result in later:
        assert result.code == 0, result
        assert len(result.json["transactions"]) == 1


def test_one_of_several_that_is_refused_stops_no_other(
    tmp_path: Path, w3: Web3, compiled: Compiled, zygote: Zygote, moody: MoodyNode
) -> None:
    """Two rounds in one `reveal`: the one is done, and the refused one with the next run."""
    shell = ForkShell(tmp_path, moody.url, zygote)
    deploy_for(shell, w3, compiled)
    write_round(shell.folder, gold=None, gold_window=None, seats=3)
    write_answers(shell.folder)
    for again in ([], ["--again"]):
        shell.good("requester", "open", "round.json", *again, "--yes")
    seat = ("labeler", "commit", "answers.csv", "--tasks", "round.tasks.json")
    for account in (1, 2, 3):
        who = ("--account", f"TEST::{account}", "--yes")
        shell.good("labeler", "deposit", "0.04 ether", *who)
        for number in ("1", "2"):
            shell.good(*seat, number, *who)
    nonce = w3.eth.get_transaction_count(w3.eth.accounts[1])
    moody.refuse_nth(SEND, 1, NO_FUNDS)
    reveal = ("labeler", "reveal", "--account", "TEST::1", "--yes")
    assert "revealed in 1 of 2 rounds: see above, and run it again" in shell(*reveal).error
    shell.good(*reveal)
    assert "nothing to reveal" in shell.good(*reveal).out
    assert w3.eth.get_transaction_count(w3.eth.accounts[1]) - nonce == 2
