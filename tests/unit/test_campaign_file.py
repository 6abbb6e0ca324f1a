"""A campaign file says one thing, or it is refused with the key."""

import json
from pathlib import Path
from typing import Any

import pytest

from plumbline.campaign.rounds import Campaign, load
from plumbline.errors import PlumblineError
from plumbline.formats.admission_terms import CombinedTerms, KnownPolicy
from plumbline.units import ETHER

TASKS = [f"message {number}" for number in range(200)]
GOLD = {number: "yes" if number % 3 else "no" for number in range(1, 91)}
SMALLEST: dict[str, Any] = {
    "preset": "binary",
    "tasks": TASKS,
    "gold": GOLD,
    "price": "0.01 ether",
    "stake": "0.02 ether",
}


POLICY, OTHER_POLICY = "0x" + "11" * 20, "0x" + "22" * 20
QUOTAS: dict[str, Any] = {
    "nurses": {"labels": 3, "admission": POLICY, "price": "0.03 ether"},
    "the public": {"labels": 7},
}


def campaign(folder: Path, **changes: Any) -> Campaign:
    path = folder / "job.json"
    values = {key: held for key, held in {**SMALLEST, **changes}.items() if held is not None}
    path.write_text(json.dumps(values))
    return load(path)


def test_the_shortest_file_is_a_campaign(tmp_path: Path) -> None:
    made = campaign(tmp_path)
    assert [each.number for each in made.rounds] == [1, 2, 3]
    assert made.tasks == 200
    rules = [each.round_file.rules for each in made.rounds]
    assert {each.seats for each in rules} == {9}
    assert made.escrow == 27 * ETHER.parse("0.01 ether", "price")
    assert (made.limits.spend, made.limits.open_at_once, made.limits.load) == (None, 10, None)
    assert len({each.root for each in made.rounds}) == 3
    assert made.by_root[made.rounds[1].root] is made.rounds[1]


def test_all_that_a_round_file_says_is_said_of_each_round(tmp_path: Path) -> None:
    changes = {"labels": 5, "r_min": 4, "commit": "2d", "tau_bps": 300, "instructions": "Look."}
    limits = {"spend": "1 ether", "open_at_once": 2, "load": 3, "batch": 200, "gold_count": 12}
    (only,) = campaign(tmp_path, **changes, **limits).rounds
    rules = only.round_file.rules
    assert (rules.seats, rules.r_min, rules.tau_bps, rules.gold_count) == (5, 4, 300, 12)
    assert only.round_file.commit_seconds == 2 * 86_400
    assert only.round_file.manifest.instructions == "Look."
    made = campaign(tmp_path, **limits)
    assert (made.limits.spend, made.limits.open_at_once, made.limits.load) == (10**18, 2, 3)


def test_rounds_are_published_by_their_root(tmp_path: Path) -> None:
    made = campaign(tmp_path, uri="https://example.org/tasks/")
    uris = [each.round_file.uri for each in made.rounds]
    assert uris == [f"https://example.org/tasks/{each.root.hex()}.json" for each in made.rounds]


def test_no_money_and_no_limit_changes_the_cut(tmp_path: Path) -> None:
    roots = [each.root for each in campaign(tmp_path).rounds]
    other = campaign(tmp_path, price="0.02 ether", spend="1 ether", labels=5, commit="3d")
    assert [each.root for each in other.rounds] == roots
    assert [each.root for each in campaign(tmp_path, batch=64).rounds] != roots


def test_each_group_answers_everything_in_rounds_of_its_own(tmp_path: Path) -> None:
    made = campaign(tmp_path, quotas=QUOTAS, batch=96)
    assert [each.group for each in made.rounds] == ["nurses", "the public"] * 3
    assert len({each.root for each in made.rounds}) == 6
    assert made.tasks == 200
    nurses, public = (each.round_file for each in made.rounds[:2])
    assert [file.rules.seats for file in (nurses, public)] == [3, 7]
    assert [file.rules.price for file in (nurses, public)] == [3 * 10**16, 10**16]
    assert [file.rules.stake for file in (nurses, public)] == [2 * 10**16] * 2
    assert nurses.admission == KnownPolicy(POLICY)
    assert public.admission is None
    # Labelers are shown which group is meant, and the root pins it.
    assert nurses.manifest.shown(0)["labelers"] == "nurses"
    assert sorted(map(str, nurses.manifest.tasks)) == sorted(map(str, public.manifest.tasks))


def test_an_admission_for_all_holds_beside_that_of_a_group(tmp_path: Path) -> None:
    nurses, public, *_ = campaign(tmp_path, quotas=QUOTAS, admission=OTHER_POLICY, batch=96).rounds
    assert public.round_file.admission == KnownPolicy(OTHER_POLICY)
    assert nurses.round_file.admission == CombinedTerms(
        True, (KnownPolicy(OTHER_POLICY), KnownPolicy(POLICY))
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seats": 9}, "seats is not a key of a campaign"),
        ({"bach": 9}, "bach is not a key of a campaign: do you mean batch?"),
        ({"labels": "9"}, "labels is '9': must be an integer"),
        ({"labels": 2}, "seats must be 3 to 255"),
        ({"batch": 47}, "batch is 47: a round has 48 to 256 tasks"),
        ({"batch": 257}, "batch is 257"),
        ({"spend": "much"}, "spend"),
        ({"open_at_once": 0}, "open_at_once is 0: must be 1 or more"),
        ({"load": 0}, "load is 0"),
        ({"gold_count": 0}, "gold_count is 0"),
        ({"uri": "https://example.org/tasks"}, "uri must end in /"),
        ({"gold": None}, "no gold answers: add them, or say no_gold"),
        ({"gold": {1: "yes"}}, "gold has 1 known answers"),
        ({"gold": dict.fromkeys(GOLD, "yes")}, "gold is too one-sided"),
        ({"tasks": TASKS[:40], "gold": None, "no_gold": True}, "40 tasks are one small round"),
        ({"quotas": {"nurses": {"labels": 3}}}, "quotas must name two groups or more"),
        ({"quotas": [3, 4]}, "quotas must name two groups or more"),
        ({"quotas": QUOTAS, "labels": 5}, "say how many labels in each of the quotas"),
        ({"quotas": QUOTAS | {"doctors": 3}}, "quotas: 'doctors' must say labels"),
        ({"quotas": QUOTAS | {"doctors": {"labels": 3}}}, "doctors and the public admit the same"),
        (
            {"quotas": QUOTAS | {"doctors": QUOTAS["nurses"]}},
            "quotas: doctors and nurses admit the same people",
        ),
        ({"quotas": QUOTAS | {"x": {"labels": 0}}}, "labels is 0: must be 1 or more"),
        (
            {"quotas": QUOTAS | {"the public": {"labels": 2}}},
            "of 'the public': seats must be 3 to 255",
        ),
        ({"quotas": QUOTAS | {" x": {"labels": 3}}}, "no space at its ends"),
        ({"quotas": QUOTAS | {"x" * 61: {"labels": 3}}}, "has 1 to 60 characters"),
        ({"quotas": QUOTAS | {"x": {"labels": 3, "gold": 4}}}, "has no gold: known are labels"),
        ({"tasks": [*TASKS[:150], 1.5], "gold": None, "no_gold": True}, "task 151: the number"),
    ],
)
def test_what_cannot_be_is_refused_with_file_and_key(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(PlumblineError) as refused:
        campaign(tmp_path, **changes)
    assert str(refused.value).startswith(f"{tmp_path / 'job.json'}: ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "item", "answer", "tasks"),
    [
        ({"preset": "ranking"}, lambda n: {"items": [f"a{n}", f"b{n}", f"c{n}"]}, "2 > 1 > 3", 3),
        (
            {"preset": "labels", "options": ["toxic", "insult"]},
            lambda n: {"text": f"message {n}"},
            "insult",
            2,
        ),
    ],
)
def test_all_tasks_of_an_item_are_in_one_round_and_can_be_put_together(
    tmp_path: Path, changes: dict[str, Any], item: Any, answer: str, tasks: int
) -> None:
    items = [item(number) for number in range(120)]
    gold = dict.fromkeys(range(1, 61), answer)
    made = campaign(tmp_path, tasks=items, gold=gold, batch=96, **changes)
    names = []
    for planned in made.rounds:
        manifest = planned.round_file.manifest
        found = planned.round_file.question.items(manifest.tasks, manifest.names)
        assert {len(each.tasks) for each in found} == {tasks}
        assert [each.name for each in found] == [each.called for each in planned.batch.items]
        names += [each.name for each in planned.batch.items]
    assert sorted(names, key=int) == [str(number) for number in range(1, 121)]
