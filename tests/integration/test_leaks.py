"""Leaked answers are reported, and what was slashed is paid out, by the command lines."""

from collections.abc import Iterator

import pytest
from web3 import Web3

from plumbline.chain.contract import LabelRounds
from plumbline.chain.deployment import load
from tests.integration.forking import Project
from tests.integration.paperwork import STAKE, write_round
from tests.integration.rpc import rpc
from tests.integration.shell import pass_time

FILE = "leaked.json"
REPORT = ("labeler", "report-leak", FILE, "--account", "TEST::0", "--yes")
BOUNTY, SLASH = STAKE * 5 // 100, STAKE // 2


@pytest.fixture(scope="module")
def leaky(project: Project) -> Project:
    """A round of three in which TEST::1 has committed, and handed its answers to others."""
    write_round(project.shell.folder, gold=None, gold_window=None, seats=3)
    project.shell.good("requester", "open", "round.json", "--yes")
    commit(project, 1)
    project.shell.good("labeler", "reveal", "--export", FILE, "--account", "TEST::1", "--yes")
    return project


@pytest.fixture(autouse=True)
def again(leaky: Project) -> Iterator[None]:
    """As it was, for each test."""
    snapshot = rpc(leaky.w3, "evm_snapshot")
    yield
    assert rpc(leaky.w3, "evm_revert", snapshot)


def commit(project: Project, account: int) -> None:
    who = ("--account", f"TEST::{account}", "--yes")
    project.shell.good("labeler", "deposit", "0.02 ether", *who)
    project.shell.good(
        "labeler", "commit", "answers.csv", "--tasks", "round.tasks.json", "--discard", *who
    )


def rounds(project: Project) -> LabelRounds:
    return LabelRounds(project.w3, load(project.manifest))


def free(project: Project, w3: Web3, account: int) -> int:
    return rounds(project).account(w3.eth.accounts[account]).free


def test_who_shows_leaked_answers_gets_the_bounty(leaky: Project, w3: Web3) -> None:
    before = free(leaky, w3, 0)
    report = leaky.shell.good(*REPORT, "--json").json
    assert (report["labeler"], report["round"]) == (w3.eth.accounts[1], 1)
    assert (int(report["bounty"]), int(report["slash"])) == (BOUNTY, SLASH)
    assert free(leaky, w3, 0) - before == BOUNTY
    assert free(leaky, w3, 1) == STAKE - SLASH
    audited = leaky.shell.good("audit")
    assert "Agrees to the wei" in audited.out


def test_reported_once_more_nothing_is_sent(leaky: Project, w3: Web3) -> None:
    shown = leaky.shell.good(*REPORT)
    assert "loses 0.01 ETH: 0.001 ETH of it are credited to TEST::0" in shown.said
    again = leaky.shell.good(*REPORT)
    assert "You have reported that already: nothing was sent." in again.said
    other = leaky.shell(*REPORT[:-2], "TEST::2", "--yes")
    assert f"{w3.eth.accounts[0]} has reported that already" in other.error


def test_what_would_be_refused_is_said_before_anything_is_sent(leaky: Project, w3: Web3) -> None:
    def refused(account: int) -> str:
        nonce = w3.eth.get_transaction_count(w3.eth.accounts[account])
        result = leaky.shell(*REPORT[:-2], f"TEST::{account}", "--yes")
        assert w3.eth.get_transaction_count(w3.eth.accounts[account]) == nonce
        return result.error

    assert "nobody reports their own" in refused(1)
    pass_time(w3, 3_700)
    assert "too late: a leak is one while others commit" in refused(0)


def test_answers_that_were_not_committed_are_no_leak(leaky: Project, w3: Web3) -> None:
    path = leaky.shell.folder / FILE
    whole = path.read_text()
    try:
        path.write_text(whole.replace(w3.eth.accounts[1], w3.eth.accounts[4]))
        assert "does not hash to the commitment it names" in leaky.shell(*REPORT).error
        path.write_text("{}")
        assert FILE in leaky.shell(*REPORT).error
    finally:
        path.write_text(whole)


def test_what_was_slashed_is_paid_out_to_the_sink(leaky: Project, w3: Web3) -> None:
    sweep = ("requester", "sweep", "--yes")
    assert "nothing was slashed" in leaky.shell(*sweep).error
    leaky.shell.good(*REPORT)
    sink = rounds(leaky).sink()
    report = leaky.shell.good(*sweep, "--json").json
    assert (report["sink"], int(report["amount"])) == (sink, SLASH - BOUNTY)
    assert w3.eth.get_balance(sink) == SLASH - BOUNTY  # type: ignore[arg-type]
    assert rounds(leaky).sink_balance() == 0
    assert "nothing was slashed" in leaky.shell(*sweep).error
    assert "Agrees to the wei" in leaky.shell.good("audit").out
