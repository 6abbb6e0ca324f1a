"""A campaign that asks two groups of people apart: each in rounds of its own, judged by itself."""

import json
from dataclasses import dataclass

import pyarrow.parquet as pq
import pytest

from plumbline.seating.merkle_list import MerkleList
from tests.integration.campaigning import People
from tests.integration.forking import ForkShell, Project
from tests.integration.paperwork import MESSAGES, write_campaign
from tests.integration.shell import Result

NURSES, DOCTORS = range(3), range(3, 7)
WHO = ("--account", "TEST::0")


@dataclass
class Played:
    """A campaign to its end; `refused` is what a doctor was told in a round of nurses."""

    shell: ForkShell
    people: People
    planned: Result
    opened: Result
    refused: Result
    closed: Result

    def group_of(self, address: str) -> str:
        number = [each.address for each in self.people.accounts].index(address)
        return "nurses" if number in NURSES else "doctors"


@pytest.fixture(scope="module")
def played(project: Project) -> Played:
    shell = project.shell
    people = People(project.w3, project.deployment, shell.folder / "published", MESSAGES, 7)
    lists = {}
    for name, members in (("nurses", NURSES), ("doctors", DOCTORS)):
        accounts = [people.accounts[number].address for number in members]
        (shell.folder / f"{name}.txt").write_text("\n".join(accounts))
        lists[name] = MerkleList(accounts)
    quotas = {
        "nurses": {"labels": 3, "admission": {"list": "nurses.txt"}, "price": "0.02 ether"},
        "doctors": {"labels": 4, "admission": {"list": "doctors.txt"}},
    }
    write_campaign(shell.folder, labels=None, quotas=quotas, batch=150)
    values = json.loads((shell.folder / "job.json").read_text())
    del values["labels"]
    (shell.folder / "job.json").write_text(json.dumps(values))
    seats = shell.folder / "seats"
    seats.mkdir()
    run = ("campaign", "plan", "job.json")
    planned = shell.good(*run), shell.good(*run, "--json")
    assert "0.06 ETH" in planned[0].out and "3 of nurses, 4 of doctors" in planned[0].out
    opened = shell.good("campaign", "open", "job.json", "--yes", "--json", *WHO)
    first, second = people.market.histories()
    ask = ("policy", "prove", first.opened.admission, "--list", "nurses.txt", "--labeler")
    refused = shell(*ask, people.accounts[3].address)
    for history, name, members in ((first, "nurses", NURSES), (second, "doctors", DOCTORS)):
        proofs = {number: lists[name].proof(people.accounts[number].address) for number in members}
        people.answer(history, members, seats, proofs)
    keeper = ("keeper", "--once", "--delegated", "seats", "--steps", "reveal", "--yes")
    shell.good(*keeper, "--account", "TEST::9")
    closed = shell.good("campaign", "close", "job.json", "--yes", "--json", *WHO)
    return Played(shell, people, planned[1], opened, refused, closed)


def test_each_group_has_a_round_of_the_same_tasks(played: Played) -> None:
    assert [each["group"] for each in played.planned.json["parts"]] == ["nurses", "doctors"]
    assert [each["labels"] for each in played.planned.json["parts"]] == [3, 4]
    first, second = played.people.market.histories()
    assert (first.rules.seats, second.rules.seats) == (3, 4)
    assert (first.rules.price, second.rules.price) == (2 * 10**16, 2 * 10**15)
    assert first.opened.admission != second.opened.admission
    assert first.opened.tasks_root != second.opened.tasks_root
    # Which of them are gold tasks is told by the closing; none is gold in both.
    gold = []
    for history in (first, second):
        path = played.people.published / f"{history.opened.tasks_root.hex()}.json"
        tasks = json.loads(path.read_text())["tasks"]
        assert history.closed is not None
        gold.append({tasks[task]["text"] for task in history.gold_answers()})
        assert {task["text"] for task in tasks} == set(MESSAGES)
    assert gold[0] and gold[1] and not gold[0] & gold[1]


def test_nobody_of_another_group_is_admitted(played: Played) -> None:
    assert played.refused.code == 1
    assert "would not be admitted: no proof that" in played.refused.err


def test_each_group_is_judged_by_itself(played: Played) -> None:
    assert [each["mode"] for each in played.closed.json["rounds"]] == ["peer", "peer"]
    for history in played.people.market.histories():
        (group,) = {played.group_of(event.labeler) for event in history.reveals}
        assert group == ("nurses" if history.rules.seats == 3 else "doctors")


def test_the_dataset_says_what_each_group_says(played: Played) -> None:
    made = ("requester", "dataset", "job.json", "--to", "made", "--json", *WHO)
    played.shell.good(*made)
    rows = pq.read_table(played.shell.folder / "made/data/labels-train.parquet").to_pylist()
    assert rows
    for row in rows:
        assert [each["group"] for each in row["groups"]] == ["doctors", "nurses"]
    # A stranger makes it again from the chain, with the groups that the folder says.
    played.shell.good("requester", "verify", "made")
    played.shell.good(*made, "--weight", "nurses=1", "--weight", "doctors=3")
    missing = played.shell(*made, "--weight", "nurses=1")
    assert missing.code == 1
    assert "'doctors' of labelers has no weight" in missing.err


def test_asking_again_is_for_campaigns_of_one_crowd(played: Played) -> None:
    extend = ("campaign", "extend", "job.json", "--confidence", "0.99", "--yes", *WHO)
    refused = played.shell(*extend)
    assert refused.code == 1
    assert "asks groups of people apart" in refused.err
