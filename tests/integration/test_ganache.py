"""A whole round on Ganache, which knows nothing newer than Shanghai."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.build import ROOT
from tests.integration.conftest import free_port, running_node
from tests.integration.forking import ForkShell, Zygote
from tests.integration.paperwork import GOLD, SEATS, TRUTH, write_answers, write_round
from tests.integration.shell import Result

GANACHE = ROOT / "node_modules/.bin/ganache"
MNEMONIC = "test test test test test test test test test test test junk"
OPTIONS = ("--chain.allowUnlimitedContractSize", "--wallet.totalAccounts", "40", "--logging.quiet")
LABELERS = range(1, SEATS + 1)
CONTRARIAN = SEATS


@dataclass
class Play:
    """The commands of a round, all of which succeed, and what they came to."""

    shell: ForkShell
    results: dict[str, Result] = field(default_factory=dict)

    def run(self, name: str, *arguments: str) -> None:
        network = self.shell.environment["APE_FOUNDRY_HOST"]
        result = self.shell(*arguments, "--network", network, APE_FOUNDRY_HOST="")
        assert result.code == 0, (name, result.out, result.err)
        self.results[name] = result

    def __getitem__(self, name: str) -> Result:
        return self.results[name]


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
def played(tmp_path_factory: pytest.TempPathFactory, ganache: str, zygote: Zygote) -> Play:
    """One labeler answers everything the wrong way round."""
    folder = tmp_path_factory.mktemp("project")
    play = Play(ForkShell(folder, ganache, zygote))
    write_round(folder)
    right = write_answers(folder)
    wrong = _write_wrong_answers(folder)
    play.run("deploy", "deploy", "--yes", "--json")
    play.run("check", "deploy", "check")
    play.run("open", "requester", "open", "round.json", "--yes", "--json")
    for number in LABELERS:
        who = ("--account", f"TEST::{number}", "--yes")
        answers = wrong if number == CONTRARIAN else right
        play.run("deposit", "labeler", "deposit", "0.02 ether", *who)
        play.run("commit", "labeler", "commit", answers.name, "--tasks", "round.tasks.json", *who)
    for number in LABELERS:
        play.run("reveal", "labeler", "reveal", "--account", f"TEST::{number}", "--yes")
    play.run("close", "requester", "close", "--yes", "--json")
    play.run("labels", "requester", "labels", "--json")
    for number in (LABELERS[0], CONTRARIAN):
        who = ("--account", f"TEST::{number}", "--yes")
        play.run(f"withdraw {number}", "labeler", "withdraw", *who, "--json")
    play.run("audit", "audit", "--json")
    return play


def _write_wrong_answers(folder: Path) -> Path:
    other = {"yes": "no", "no": "yes"}
    wrong = {f"_{task}": other[answer] for task, answer in enumerate(TRUTH)}
    return write_answers(folder, "wrong.csv", **wrong)


def test_deploy_notices_and_says_that_the_node_stops_at_shanghai(played: Play) -> None:
    assert played["deploy"].json["evm_version"] == "shanghai"
    assert "does not know MCOPY: using the shanghai build" in played["deploy"].said
    assert "is what the sources compile to for shanghai" in played["check"].said


def test_the_round_is_judged_with_its_golds(played: Play) -> None:
    closed = played["close"].json
    assert (closed["mode"], closed["revealed"]) == ("peer", SEATS)
    assert closed["paid"] == str(4 * 10**16)
    golds = {int(one["task"]) for one in played["labels"].json if one["gold"] is not None}
    assert golds == set(GOLD)


def test_the_labels_are_what_the_crowd_said(played: Play) -> None:
    labels = [one["label"] for one in played["labels"].json]
    assert labels == [str(int(answer == "yes")) for answer in TRUTH]


def test_the_careful_are_paid_and_the_contrarian_is_slashed(played: Play) -> None:
    assert played[f"withdraw {LABELERS[0]}"].json["amount"] == str(3 * 10**16)
    assert played[f"withdraw {CONTRARIAN}"].json["amount"] == str(10**16)


def test_the_audit_agrees(played: Play) -> None:
    assert played["audit"].json["is_clean"]
