"""A campaign is extended: others are asked where its labels are not sure enough."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from plumbline.planning import gas
from tests.integration.campaigning import People
from tests.integration.forking import ForkShell, Project
from tests.integration.paperwork import MESSAGES, write_campaign
from tests.integration.shell import Result
from tests.waiting import wait_until

WHO = ("--account", "TEST::0")
TRUTH = {f"m{number}": answer for number, answer in enumerate(MESSAGES.values())}
EXTEND = ("extend", "--confidence", "0.95", "--yes")


@dataclass
class Played:
    """What each command came to, and what lay beside the campaign file after the extension."""

    shell: ForkShell
    results: dict[str, Result] = field(default_factory=dict)
    on_disk: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.results[name].json

    def right(self, name: str, items: set[str]) -> int:
        """How many labels of these items are right."""
        return sum(each["label"] == TRUTH[each["id"]] for each in self[name] if each["id"] in items)

    @property
    def asked_again(self) -> set[str]:
        return {each["id"] for each in self["after"] if len(each["tasks"][0]["places"]) > 1}


@pytest.fixture(scope="module")
def played(project: Project) -> Iterator[Played]:
    shell = project.shell
    write_campaign(shell.folder, batch=75)
    people = People(
        project.w3, project.deployment, shell.folder / "published", MESSAGES, 9, skill=0.6
    )
    seats = shell.folder / "seats"
    seats.mkdir()
    made = Played(shell)

    def run(name: str, *arguments: str) -> None:
        made.results[name] = shell(
            "campaign", arguments[0], "job.json", *arguments[1:], *WHO, "--json"
        )

    def answer(*labelers: int) -> None:
        for past in people.market.histories():
            if not past.is_over:
                people.answer(past, labelers, seats)
        keeper = ("keeper", "--once", "--delegated", "seats", "--steps", "reveal", "--yes")
        shell.good(*keeper, "--account", "TEST::9")

    run("open", "open", "--yes")
    run("early", *EXTEND)
    answer(0, 1, 2)
    run("close", "close", "--yes")
    run("before", "labels")
    run("poor", *EXTEND, "--budget", "1 gwei")
    run("extend", *EXTEND)
    for path in shell.folder.glob("job.*.json"):
        made.on_disk[path.name] = path.read_text()
    run("again", *EXTEND)
    policy = next(iter({past.opened.admission for past in people.market.histories()[2:]}))
    back, new = (people.accounts[number].address for number in (0, 3))
    ask = ("policy", "prove", policy, "--labeler")
    made.results["back"], made.results["new"] = shell(*ask, back), shell(*ask, new)
    # Beside a policy that wants to be shown something, nothing more is to be shown.
    (shell.folder / "people.txt").write_text(f"{back}\n{new}\n")
    both = {"all": [{"list": "people.txt"}, {"exclude": [1, 2]}]}
    (shell.folder / "both.json").write_text(json.dumps(both))
    made.results["both"] = shell("policy", "deploy", "both.json", "--yes", "--json", *WHO)
    ask = ("policy", "prove", made["both"]["policy"], "--list", "people.txt", "--labeler")
    made.results["back with proof"], made.results["new with proof"] = (
        shell(*ask, each) for each in (back, new)
    )
    answer(3, 4, 5)
    # Nothing is left but the campaign file, its follow-up rounds and the wallet.
    shutil.rmtree(shell.vault)
    shutil.rmtree(shell.folder / "published")
    (shell.folder / "job.state.json").unlink()
    run("closed", "close", "--yes")
    run("after", "labels")
    run("done", *EXTEND, "--most", "6")
    run("bare", *EXTEND, "--wait")
    waiting = shell.start(
        *("campaign", "extend", "job.json", "--confidence", "0.95", "--most", "9", "--no-gold"),
        *("--wait", "--interval", "0.2", "--budget", "0.1 ether", "--yes", "--json", *WHO),
    )
    wait_until(
        lambda: not all(past.is_over for past in people.market.histories()), why=waiting.kill
    )
    answer(6, 7, 8)
    made.results["waited"] = waiting.result()
    run("withdraw", "withdraw", "--yes")
    yield made


def test_what_is_still_open_comes_first(played: Played) -> None:
    early = played.results["early"]
    assert early.code == 1
    assert "rounds that are open (2) have to be closed first: `plumbline campaign res" in early.err


def test_a_budget_that_is_too_small_asks_nothing_and_says_so(played: Played) -> None:
    poor = played.results["poor"]
    assert (poor.code, poor.json["extension"]["rounds"], poor.json["transactions"]) == (0, [], [])
    assert "nothing is asked: all of it could cost 0.0" in poor.err
    assert "1 gwei of the budget are left" in poor.err


def test_what_was_decided_is_opened_with_gold_tasks_that_nobody_has_seen(played: Played) -> None:
    extended = played["extend"]
    decided = extended["extension"]["rounds"]
    opened = [each for each in extended["rounds"] if each["is_follow_up"]]
    assert [each["round"] for each in opened] == [3, 4][: len(decided)]
    assert [each["tasks_root"] for each in opened] == [each["tasks_root"] for each in decided]
    before = {each["id"] for each in played["before"] if each["is_gold"]}
    gold = {each["id"] for each in played["after"] if each["is_gold"]}
    assert len(gold - before) == sum(each["gold_tasks"] for each in decided) >= 12
    assert all(each["gold_tasks"] >= 12 for each in decided)
    assert int(extended["in_escrow"]) == sum(3 * int(each["price"]) for each in decided)


def test_who_answered_before_is_refused_a_seat_with_the_reason_and_others_are_admitted(
    played: Played,
) -> None:
    said = played.results["extend"].err
    assert said.count("Create a policy that admits who answered in none of rounds 1 and 2.") == 1
    assert all(each["excluded"] == [1, 2] for each in played["extend"]["extension"]["rounds"])
    back = played.results["back"]
    assert back.code == 1
    assert "answered in one of rounds 1 and 2, and others are asked now" in back.err
    assert played["new"] == []


def test_with_a_policy_of_the_file_labelers_show_what_it_wants_and_no_more(played: Played) -> None:
    assert "answered in one of rounds 1 and 2" in played.results["back with proof"].err
    lengths, *proof = played["new with proof"]
    assert (int(lengths, 16), len(proof)) == (1, 1)
    # The policy that excludes was there: only the list and what joins them were created.
    assert len(played["both"]["transactions"]) == 2
    assert "answered in none" not in played.results["both"].err


def test_excluding_takes_what_was_planned(played: Played) -> None:
    created = played["extend"]["transactions"][0]["gas_used"]
    assert created <= gas.excluding(2, 6, 3) <= 1.1 * created


def test_nothing_that_is_kept_tells_gold_tasks(played: Played) -> None:
    assert set(played.on_disk) == {"job.follow-ups.json", "job.state.json"}
    kept = json.loads(played.on_disk["job.follow-ups.json"])
    assert [set(each) for each in kept["rounds"]] == [
        {"tasks_root", "seats", "admission", "excluded", "items"}
    ] * len(kept["rounds"])
    assert '"yes"' not in played.on_disk["job.follow-ups.json"]


def test_run_again_meanwhile_it_waits(played: Played) -> None:
    again = played.results["again"]
    assert again.code == 0
    assert "have to be closed first" in again.err
    assert again.json["transactions"] == []
    assert again.json["opened"] == played["extend"]["opened"]


def test_an_empty_machine_with_the_follow_up_rounds_closes_them_with_gold(played: Played) -> None:
    closed = played["closed"]
    assert closed["is_done"]
    assert {each["mode"] for each in closed["rounds"]} <= {"peer", "gold"}
    assert "the gold deadline is over" not in played.results["closed"].err


def test_labels_are_better_where_others_were_asked(played: Played) -> None:
    again = played.asked_again
    assert len(again) >= 36
    assert len(played["after"]) == len(MESSAGES)
    assert played.right("after", again) > played.right("before", again)
    assert max(sum(each["votes"]) for each in played["after"]) == 6


def test_where_as_many_as_may_be_asked_have_answered_it_ends(played: Played) -> None:
    done = played["done"]["extension"]
    assert done["rounds"] == []
    gold = {each["id"] for each in played["after"] if each["is_gold"]}
    assert done["asked_again"] == len(played.asked_again - gold)
    said = played.results["done"].err
    assert ("more labels would hardly settle m" in said) == bool(done["disputed"])
    assert "Nothing is left to ask" in said


def test_left_to_itself_it_asks_until_nothing_is_left(played: Played) -> None:
    assert "say what they may cost with --budget" in played.results["bare"].error
    waited = played.results["waited"]
    assert waited.code == 0, waited
    rounds = [each for each in waited.json["rounds"] if each["is_follow_up"]]
    assert rounds[-1]["mode"] is not None
    assert waited.json["is_done"]
    last = waited.json["extension"]
    assert (last["rounds"], last["below"]) == ([], 0)
    assert last["asked_again"] >= played["done"]["extension"]["asked_again"]
    assert int(last["spent"]) <= 10**17
    assert played["withdraw"]["free"] == "0"


def test_without_the_file_of_follow_up_rounds_it_stops(played: Played) -> None:
    path = played.shell.folder / "job.follow-ups.json"
    path.rename(path.with_suffix(".away"))
    refused = played.shell("campaign", "status", "job.json", *WHO).error
    assert "a follow-up round that job.follow-ups.json does not have: put that file back" in refused
    path.with_suffix(".away").rename(path)
    status = played.shell.good("campaign", "status", "job.json", *WHO).out
    assert "in 1 follow-up round" in status or "follow-up rounds" in status
