"""A campaign through its commands: planned, opened, left to a keeper, gone on with from nothing."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from plumbline.chain.deployment import Deployment
from plumbline.history.rounds import RoundHistory
from tests.integration.campaigning import People
from tests.integration.dying import DyingNode
from tests.integration.forking import ForkShell, Project
from tests.integration.paperwork import MESSAGES, write_campaign
from tests.integration.shell import Result, pass_time, vault_of
from tests.waiting import wait_until


@dataclass
class Played:
    """What each command of the campaign came to, and what lay on the disk after the opening."""

    results: dict[str, Result]
    on_disk: dict[str, bytes]
    deployment: Deployment
    gold: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        return self.results[name].json


def every_file(*folders: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def played(project: Project) -> Iterator[Played]:
    shell, w3 = project.shell, project.w3
    write_campaign(shell.folder)
    results: dict[str, Result] = {}
    people = People(w3, project.deployment, shell.folder / "published", MESSAGES, 4, skill=0.8)
    delegated = shell.folder / "delegated"
    delegated.mkdir()

    def run(name: str, *arguments: str, who: int = 0) -> Result:
        account = ("--account", f"TEST::{who}") if arguments[1] != "plan" else ()
        results[name] = shell(*arguments[:2], "job.json", *arguments[2:], *account, "--json")
        assert results[name].code == 0, (name, results[name])
        return results[name]

    def keep() -> None:
        """The requester sleeps: another account does all that is due, with what it was handed."""
        shutil.move(shell.vault, shell.folder / "away")
        keeper = ("keeper", "--once", "--delegated", "delegated", "--account", "TEST::9", "--yes")
        results["keeper"] = shell(*keeper, "--json")
        assert results["keeper"].code == 0, results["keeper"]
        shutil.rmtree(shell.vault)
        shutil.move(shell.folder / "away", shell.vault)

    run("plan", "campaign", "plan")
    run("open", "campaign", "open", "--yes")
    on_disk = every_file(shell.vault, shell.folder / "published")
    on_disk["state"] = (shell.folder / "job.state.json").read_bytes()
    vault = vault_of(shell, w3)
    first, second = people.market.histories()
    people.answer(first, (0, 1, 2), delegated)
    people.answer(second, (0, 1, 3), delegated)
    run("delegate", "campaign", "delegate", "--to", "delegated")
    run("answered", "campaign", "status")
    keep()
    run("kept", "campaign", "status")
    run("resume", "campaign", "resume", "--yes")
    people.answer(people.market.histories()[2], (0, 1, 2), delegated)
    results["early"] = shell("campaign", "labels", "job.json", "--json")
    # All that a requester has is gone but the file and the wallet.
    assert vault.folder.exists()
    shutil.rmtree(shell.vault)
    shutil.rmtree(shell.folder / "published")
    (shell.folder / "job.state.json").unlink()
    for path in delegated.glob("*gold*"):
        path.unlink()
    results["reveals"] = shell(
        *("keeper", "--once", "--delegated", "delegated", "--account", "TEST::9", "--yes")
    )
    run("overload", "campaign", "status")
    run("close", "campaign", "close", "--yes")
    run("again", "campaign", "resume", "--yes")
    results["labels"] = shell("campaign", "labels", "job.json", "--format", "csv")
    run("withdraw", "campaign", "withdraw", "--yes")
    results["audit"] = shell("audit", "rounds", "--json")
    yield Played(results, on_disk, project.deployment)


def test_what_is_planned_is_what_is_opened(played: Played) -> None:
    planned, opened = played["plan"], played["open"]
    parts = [(each["part"], each["tasks_root"]) for each in planned["parts"]]
    assert parts == [(each["part"], each["tasks_root"]) for each in opened["rounds"]]
    assert (planned["items"], planned["rounds"], planned["gold_tasks"]) == (150, 3, 36)
    assert planned["escrow"] == str(18 * 10**15)
    assert opened["in_escrow"] == str(12 * 10**15)
    assert [each["round"] for each in opened["rounds"]] == [1, 2, None]


def test_one_deposit_pays_for_what_is_opened(played: Played) -> None:
    assert len(played["open"]["transactions"]) == 3
    assert "Deposit 0.012 ETH" in played.results["open"].err


def test_gold_is_in_nothing_that_is_kept_published_or_printed(played: Played) -> None:
    """Neither which tasks are gold tasks, nor their answers, nor the salt."""
    published = [json.loads(held) for path, held in played.on_disk.items() if "/published/" in path]
    assert len(published) == 2
    for manifest in published:
        assert {tuple(task) for task in manifest["tasks"]} == {("id", "text")}
        assert b"answer" not in json.dumps(manifest).encode()
    state = json.loads(played.on_disk["state"])
    assert "gold" not in json.dumps(state).replace("golden", "")
    gold = [json.loads(held) for path, held in played.on_disk.items() if "/gold/" in path]
    assert len(gold) == 2
    for kept in gold:
        assert not {"answers", "salt", "sheet"} & set(kept)
    printed = [played.results[name] for name in ("plan", "open", "answered", "resume")]
    for result in printed:
        said = json.dumps(result.json)
        assert "answers" not in said and "salt" not in said
        assert "answer is" not in result.err


def test_a_keeper_alone_closes_what_was_delegated(played: Played) -> None:
    done = [(each["round"], each["action"]) for each in played["keeper"]["done"]]
    assert done == [(1, "conclude"), (2, "conclude")]
    assert played["delegate"]["delegated"].keys() == {"1", "2"}
    kept = played["kept"]
    assert [each.get("mode") for each in kept["rounds"]] == ["peer", "peer", None]
    assert kept["crowd_kappa_ppm"] > 500_000
    # What the keeper sent is not the requester's to pay.
    assert kept["fees"] == played["answered"]["fees"]


def test_going_on_opens_the_rest(played: Played) -> None:
    resumed = played["resume"]
    assert [each["round"] for each in resumed["rounds"]] == [1, 2, 3]
    assert resumed["over"] == 2
    labels = played["early"]
    assert sorted({each["rounds"][0] for each in labels}) == [1, 2]
    assert len(labels) == 100


def test_a_load_is_watched(played: Played) -> None:
    assert played["answered"]["overloaded"] == {}
    assert sorted(played["overload"]["overloaded"].values()) == [3, 3]


def test_an_empty_machine_closes_with_gold(played: Played) -> None:
    closed = played["close"]
    assert [each["mode"] for each in closed["rounds"]] == ["peer", "peer", "peer"]
    assert closed["is_done"]
    assert "the gold deadline is over" not in played.results["close"].err
    rounds = json.loads(played.results["audit"].out)["rounds"]
    assert rounds[2]["mode"] == "peer"
    assert played["again"]["is_done"]


def test_the_labels_are_one_file_in_the_order_of_the_tasks(played: Played) -> None:
    rows = list(csv.DictReader(io.StringIO(played.results["labels"].out)))
    assert [row["item"] for row in rows] == [f"m{number}" for number in range(len(MESSAGES))]
    right = [row["label"] == answer for row, answer in zip(rows, MESSAGES.values(), strict=True)]
    assert sum(right) > 135
    assert sum(row["gold"] == "yes" for row in rows) == 36
    assert all(row["known"] for row in rows if row["gold"] == "yes")
    assert [row["kept origin"] for row in rows][:2] == ["file 0", "file 1"]
    assert {row["rounds"] for row in rows} == {"1", "2", "3"}


def test_what_came_back_is_paid_out_and_the_books_agree(played: Played) -> None:
    assert played["withdraw"]["free"] == "0"
    spent = played["again"]
    came_back = int(spent["refunded"])
    # Some of it went into the escrow of the last round again.
    assert 0 < int(played["withdraw"]["amount"]) < came_back
    assert int(spent["paid"]) + int(spent["to_sink"]) + came_back == 18 * 10**15
    assert json.loads(played.results["audit"].out)["differences"] == []


# ------------------------------------------------------------------ what is refused


@pytest.fixture(scope="module")
def shell(project: Project, played: Played) -> ForkShell:
    return project.shell


def test_tasks_that_were_changed_after_an_opening_are_refused(shell: ForkShell) -> None:
    path = write_campaign(shell.folder, "job.json", batch=75)
    refused = shell("campaign", "resume", "job.json", "--yes").error
    assert "were changed after 3 of 3 rounds had been opened: put them back" in refused
    write_campaign(shell.folder, path.name)
    assert shell("campaign", "status", "job.json", "--json").json["is_done"]


def test_a_state_that_the_chain_does_not_bear_out_is_refused(shell: ForkShell) -> None:
    path = shell.folder / "job.state.json"
    whole = path.read_text()
    path.write_text(whole.replace('"round": 3', '"round": 4'))
    refused = shell("campaign", "status", "job.json").error
    assert "part 3 of the campaign is round 4, and this node knows no such round" in refused
    path.write_text(whole[:100])
    assert "or remove it: it is made anew" in shell("campaign", "status", "job.json").error
    path.write_text(whole)


def test_no_more_is_spent_than_the_file_says(shell: ForkShell, project: Project) -> None:
    write_campaign(
        shell.folder, "poor.json", spend="0.008 ether", gold=None, no_gold=True, open_at_once=9
    )
    opened = shell("campaign", "open", "poor.json", "--yes", "--json")
    assert (opened.code, opened.json["opened"]) == (0, 1)
    assert "spend is 0.008 ETH" in opened.err
    assert shell("campaign", "open", "poor.json", "--yes", "--json").json["opened"] == 1
    write_campaign(shell.folder, "poorer.json", spend="0.006 ether", seed="another")
    refused = shell("campaign", "open", "poorer.json", "--yes").error
    assert refused.startswith("nothing was opened: one more could bring what is spent to 0.00")
    assert "0 of 3 rounds" in shell("campaign", "status", "poorer.json").out
    pass_time(project.w3, 4 * 3_600)
    closed = shell("campaign", "close", "poor.json", "--yes", "--json").json
    assert closed["rounds"][0]["mode"] == "void"


# ------------------------------------------------------------------ left to itself


def test_left_to_itself_it_opens_and_closes_until_all_is_done(
    shell: ForkShell, project: Project, anvil: str
) -> None:
    """With nobody at the keyboard and a node that goes away; labelers come and reveal."""
    write_campaign(shell.folder, "alone.json", seed="alone", batch=75, open_at_once=1)
    before = project.w3.eth.block_number
    people = People(project.w3, project.deployment, shell.folder / "published", MESSAGES, 4)
    seats = shell.folder / "alone"
    seats.mkdir()
    node = DyingNode(anvil)
    running = shell.start(
        *("campaign", "resume", "alone.json", "--wait", "--interval", "0.2", "--yes", "--json"),
        PLUMBLINE_NODE=node.url,
    )

    def opened(number: int) -> list[RoundHistory]:
        new = [each for each in people.market.histories() if each.opened.block > before]
        return new if len(new) >= number else []

    for number in (1, 2):
        wait_until(lambda number=number: bool(opened(number)), why=running.kill)
        people.answer(opened(number)[-1], (0, 1, 2), seats)
        node.die_at("eth_")
        wait_until(node.is_dead, why=lambda: "it asks nothing")
        keeper = ("keeper", "--once", "--delegated", "alone", "--steps", "reveal")
        shell.good(*keeper, "--account", "TEST::9", "--yes")
        assert node.revive()
    result = running.result()
    node.stop()
    assert result.code == 0, result
    assert "the connection failed" in result.err
    assert result.json["is_done"]
    assert [each["mode"] for each in result.json["rounds"]] == ["peer", "peer"]
