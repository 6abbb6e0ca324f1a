"""A whole round on Ganache, which knows nothing newer than Shanghai."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build import ROOT
from tests.integration.forking import ForkShell, Zygote
from tests.integration.nodes import free_port, running_node
from tests.integration.paperwork import GOLD, SEATS, TRUTH, write_answers, write_round
from tests.integration.playbook import Playbook
from tests.sampling import ALL

GANACHE = ROOT / "node_modules/.bin/ganache"
MNEMONIC = "test test test test test test test test test test test junk"
OPTIONS = ("--chain.allowUnlimitedContractSize", "--wallet.totalAccounts", "40", "--logging.quiet")
LABELERS = range(1, SEATS + 1)
CONTRARIAN = SEATS


@pytest.fixture(scope="module")
def ganache() -> Iterator[str]:
    """The address of a Ganache that dies with the tests."""
    if not GANACHE.exists():
        pytest.skip("no ganache: npm install ganache@7.9.2")
    port = free_port()
    command = [str(GANACHE), "--port", str(port), "--wallet.mnemonic", MNEMONIC, *OPTIONS]
    with running_node(command, port) as url:
        yield url


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, ganache: str, zygote: Zygote) -> Playbook:
    """One labeler answers everything the wrong way round."""
    folder = tmp_path_factory.mktemp("project")
    play = Playbook(
        ForkShell(folder, ganache, zygote), {"APE_FOUNDRY_HOST": ""}, ("--network", ganache)
    )
    write_round(folder)
    right = write_answers(folder)
    wrong = _write_wrong_answers(folder)
    play.good("deploy", "deploy", "--yes", "--json")
    if ALL:  # it compiles all of it once more
        play.good("check", "deploy", "check")
    address = play["deploy"].json["address"]
    play.good("join", "join", address, "--output", "joined.json", "--json")
    play.good("open", "requester", "open", "round.json", "--yes", "--json")
    for number in LABELERS:
        who = ("--account", f"TEST::{number}", "--yes")
        answers = wrong if number == CONTRARIAN else right
        play.good("deposit", "labeler", "deposit", "0.02 ether", *who)
        play.good("commit", "labeler", "commit", answers.name, "--tasks", "round.tasks.json", *who)
    for number in LABELERS:
        play.good("reveal", "labeler", "reveal", "--account", f"TEST::{number}", "--yes")
    play.good("close", "requester", "close", "--yes", "--json")
    play.good("labels", "requester", "labels", "--json")
    for number in (LABELERS[0], CONTRARIAN):
        who = ("--account", f"TEST::{number}", "--yes")
        play.good(f"withdraw {number}", "labeler", "withdraw", *who, "--json")
    play.good("audit", "audit", "--json")
    return play


def _write_wrong_answers(folder: Path) -> Path:
    other = {"yes": "no", "no": "yes"}
    wrong = {f"_{task}": other[answer] for task, answer in enumerate(TRUTH, start=1)}
    return write_answers(folder, "wrong.csv", **wrong)


def test_deploy_notices_and_says_that_the_node_stops_at_shanghai(played: Playbook) -> None:
    assert played["deploy"].json["evm_version"] == "shanghai"
    assert "does not know MCOPY: using the shanghai build" in played["deploy"].said


@pytest.mark.skipif(not ALL, reason="compiles the contracts anew: make test-all")
def test_a_deployment_is_checked_with_the_build_that_it_is_of(played: Playbook) -> None:
    assert "is what the sources compile to for shanghai" in played["check"].said


def test_the_build_for_shanghai_is_recognised_by_whoever_joins(played: Playbook) -> None:
    joined, deployed = played["join"].json, played["deploy"].json
    assert joined["evm_version"] == "shanghai"
    names = ("address", "judge", "block", "transaction")
    assert [joined[name] for name in names] == [deployed[name] for name in names]


def test_the_round_is_judged_with_its_gold(played: Playbook) -> None:
    closed = played["close"].json
    assert (closed["mode"], closed["revealed"]) == ("peer", SEATS)
    assert closed["paid"] == str(4 * 10**16)
    gold_tasks = {one["task"] for one in played["labels"].json if one["gold"] is not None}
    assert gold_tasks == {f"task {number}" for number in GOLD}


def test_the_labels_are_what_the_crowd_said(played: Playbook) -> None:
    labels = [one["label"] for one in played["labels"].json]
    assert labels == ["option 2" if answer == "yes" else "option 1" for answer in TRUTH]


def test_the_careful_are_paid_and_the_contrarian_is_slashed(played: Playbook) -> None:
    assert played[f"withdraw {LABELERS[0]}"].json["amount"] == str(3 * 10**16)
    assert played[f"withdraw {CONTRARIAN}"].json["amount"] == str(10**16)


def test_the_audit_agrees(played: Playbook) -> None:
    assert played["audit"].json["is_clean"]
