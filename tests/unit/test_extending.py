"""A campaign is extended where labels are not sure enough, within its limits, and no further."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plumbline.aggregation.stopping import Target
from plumbline.campaign.cut import CutError
from plumbline.campaign.extending import (
    Extension,
    ExtensionError,
    is_under_way,
    plan_extension,
    record,
    unfinished,
)
from plumbline.campaign.follow_up_cut import AskedAgain, FollowUpShape, asked_in_any, cut_again
from plumbline.campaign.follow_ups import follow_ups_path
from plumbline.campaign.rounds import Campaign, PlannedRound, load
from plumbline.campaign.sources import campaign_sources
from plumbline.campaign.standing import Standing
from plumbline.campaign.state import StateError, read_state, require_same_campaign, state_path
from plumbline.files.private import DamagedError
from plumbline.formats.admission_terms import CombinedTerms, ExcludeTerms, KnownPolicy
from plumbline.formats.campaign_file import CampaignFileError
from plumbline.formats.task_pool import PoolItem
from plumbline.planning import gas
from plumbline.questions.lots import Lots
from tests.unit.builders import COMMIT, DEPLOYED, GENESIS, REQUESTER, Chain, StagedRound, labeler
from tests.unit.markets import MadeUpMarket

GWEI = 10**9
TARGET = Target(0.9, 3, 15)
TASKS = 240
KNOWN = 120  # the first of them
HARD = range(140, 240)  # on which people differ
TERMS: dict[str, Any] = {
    "preset": "binary",
    "tasks": [f"message {number}" for number in range(TASKS)],
    "gold": {number + 1: ("no", "yes")[number % 2] for number in range(KNOWN)},
    "gold_count": 12,
    "batch": 96,
    "labels": 5,
    "price": "0.01 ether",
    "stake": "0.02 ether",
}


def campaign(folder: Path, **changes: Any) -> Campaign:
    path = folder / "job.json"
    path.write_text(json.dumps({**TERMS, **changes}))
    return load(path)


def truth(name: str) -> int:
    return (int(name) - 1) % 2


def sheet(planned: PlannedRound, number: int) -> list[int | None]:
    """The answers of a labeler, who is right but for hard tasks and one in a dozen others."""
    dice = Random(f"{number} {planned.root.hex()}")
    row: list[int | None] = []
    for item in planned.batch.items:
        is_hard = int(item.name) - 1 in HARD
        slips = dice.random() < (0.5 if is_hard else 0.08)
        row.append(truth(item.name) ^ slips)
    return row


def play(
    made: Campaign, *crowds: tuple[int, ...], closed: int | None = None, opens_gold: bool = True
) -> Standing:
    """Each of the first rounds is answered by such labelers; all are closed, or the first."""
    chain = Chain(deposits=False)
    for planned, crowd in zip(made.rounds, crowds, strict=False):
        rows = {labeler(number): sheet(planned, number) for number in crowd}
        staged = StagedRound(
            planned.round_file.rules,
            rows,
            planned.batch.gold if opens_gold else {},
            tasks_root=planned.root,
            chain=chain,
        )
        if closed is None or planned.number <= closed:
            staged.commit().reveal().close() if rows else staged.close()
    market = MadeUpMarket.of(chain, now=COMMIT - 1)
    histories = dict(enumerate(market.histories(), start=1))
    return Standing(market, made, REQUESTER, histories, {}, ())


FIVE = (0, 1, 2, 3, 4)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return campaign(tmp_path_factory.mktemp("job"))


@pytest.fixture(scope="module")
def closed(made: Campaign) -> Standing:
    return play(made, *[FIVE] * len(made.rounds))


@pytest.fixture(scope="module")
def extension(closed: Standing) -> Extension:
    return plan_extension(closed, TARGET, GWEI)


def asked(extension: Extension) -> set[str]:
    return {item.name for each in extension.rounds for item in each.batch.items}


# ------------------------------------------------------------------ what is asked again


def test_what_people_differ_on_is_asked_again(extension: Extension) -> None:
    hard = {str(number + 1) for number in HARD}
    assert extension.sureness.items == TASKS - KNOWN
    assert extension.sureness.sure + extension.sureness.below == TASKS - KNOWN
    assert len(asked(extension) & hard) > 30
    assert extension.held is None
    assert extension.asked == extension.sureness.below


def test_gold_tasks_are_new_and_every_known_answer_is_one(
    made: Campaign, extension: Extension
) -> None:
    opened = {each.batch.items[task].name for each in made.rounds for task in each.batch.gold}
    for each in extension.rounds:
        known = {place for place, item in enumerate(each.batch.items) if item.known[0] is not None}
        assert set(each.batch.gold) == known
        assert not {each.batch.items[place].name for place in known} & opened
        assert len(known) >= 12
        assert len(known) * 4 <= len(each.batch.items)
        assert Counter(each.batch.gold.values())[0] == len(known) // 2
    assert extension.known == KNOWN - len(opened) - extension.gold_tasks


def test_gold_that_was_never_opened_may_be_used_again(made: Campaign) -> None:
    silent = play(made, *[FIVE] * 3, opens_gold=False)
    extension = plan_extension(silent, TARGET, GWEI)
    assert extension.known == KNOWN - extension.gold_tasks


def test_a_higher_target_asks_more_and_a_reached_one_nothing(closed: Standing) -> None:
    low, high = (
        plan_extension(closed, replace(TARGET, confidence=confidence), GWEI)
        for confidence in (0.6, 0.99)
    )
    assert low.sureness.below < high.sureness.below
    none = plan_extension(closed, replace(TARGET, confidence=0.01), GWEI)
    assert (none.rounds, none.cost, none.held) == ((), 0, None)
    assert none.sureness.below == 0


def test_who_has_been_asked_often_is_disputed_and_not_asked(closed: Standing) -> None:
    extension = plan_extension(closed, replace(TARGET, most=7), GWEI)
    assert extension.rounds == ()
    assert len(extension.sureness.disputed) > 30
    assert extension.sureness.below == 0
    assert plan_extension(closed, replace(TARGET, most=8), GWEI).sureness.disputed == ()


def test_price_and_stake_are_in_proportion_to_tasks(made: Campaign, extension: Extension) -> None:
    usual = made.rounds[0].round_file.rules
    for each in extension.rounds:
        rules = each.round_file.rules
        assert (rules.seats, rules.tasks) == (3, len(each.batch.tasks))
        assert rules.price == -(-usual.price * rules.tasks // 80)
        assert rules.stake == -(-usual.stake * rules.tasks // 80)


def test_rounds_are_numbered_on_and_repeat_no_root(made: Campaign, closed: Standing) -> None:
    extension = plan_extension(closed, TARGET, GWEI)
    numbers = [each.number for each in extension.campaign.rounds]
    assert numbers == list(range(1, len(numbers) + 1))
    roots = {each.root for each in extension.campaign.rounds}
    assert len(roots) == len(numbers)
    assert extension.campaign.first_rounds == made.rounds


def test_the_same_answers_make_the_same_plan(closed: Standing, extension: Extension) -> None:
    again = plan_extension(closed, TARGET, 5 * GWEI)
    assert [each.root for each in again.rounds] == [each.root for each in extension.rounds]


def test_a_round_that_is_too_small_is_filled_with_the_next_least_sure(closed: Standing) -> None:
    few = plan_extension(closed, replace(TARGET, confidence=0.5), GWEI)
    if few.sureness.below:
        (only,) = few.rounds
        assert len(only.batch.items) == 48
        assert few.filling == 36 - few.sureness.below


# ------------------------------------------------------------------ limits


def test_a_budget_is_kept_to_the_wei_and_spent_on_the_least_sure(
    closed: Standing, extension: Extension
) -> None:
    exact = plan_extension(closed, TARGET, GWEI, budget=extension.cost)
    assert exact.rounds == extension.rounds
    rules = [each.round_file.rules for each in extension.rounds]
    fees = sum(gas.OPENING + gas.GOLD_ROOT + gas.closing(each) for each in rules) + gas.DEPOSIT
    assert {each.excluded for each in extension.rounds} == {(1, 2, 3)}
    fees += gas.excluding(3, 15, 5)
    escrow = sum(each.price * each.seats for each in rules)
    assert extension.cost == escrow + fees * GWEI
    less = plan_extension(closed, TARGET, GWEI, budget=extension.cost - 1)
    assert 0 < less.cost < extension.cost
    assert less.held is not None and "of the budget are left" in less.held
    assert less.asked < extension.asked
    sure = {name: place for place, name in enumerate(_by_doubt(closed))}
    left = asked(extension) - asked(less) - _known(closed)
    taken = asked(less) - _known(closed)
    assert max(sure[name] for name in taken) < min(sure[name] for name in left)


def test_nothing_is_asked_for_too_small_a_budget(closed: Standing) -> None:
    none = plan_extension(closed, TARGET, GWEI, budget=1_000)
    assert none.rounds == () and none.cost == 0
    assert none.held is not None and "1000 wei of the budget are left" in none.held


def test_no_more_is_spent_than_the_file_says(tmp_path: Path) -> None:
    here = play(campaign(tmp_path), *[FIVE] * 3)
    rounds = plan_extension(here, TARGET, GWEI).rounds
    most = here.committed(GWEI, rounds)
    enough = play(campaign(tmp_path, spend=most), *[FIVE] * 3)
    assert plan_extension(enough, TARGET, GWEI).rounds == rounds
    less = plan_extension(play(campaign(tmp_path, spend=most - 1), *[FIVE] * 3), TARGET, GWEI)
    assert less.asked < sum(len(each.batch.items) - len(each.batch.gold) for each in rounds)
    assert less.held is not None and "bring what is spent to" in less.held


def test_without_gold_tasks_left_it_says_so_and_asks_what_is_meant(tmp_path: Path) -> None:
    gold = {number + 1: ("no", "yes")[number % 2] for number in range(36)}
    here = play(campaign(tmp_path, gold=gold), *[FIVE] * 3)
    with pytest.raises(ExtensionError, match=r"below the target, .* 0 known answers were no gold"):
        plan_extension(here, TARGET, GWEI)
    extension = plan_extension(here, TARGET, GWEI, no_gold=True)
    assert all(not each.batch.gold for each in extension.rounds)
    assert not asked(extension) & {str(number + 1) for number in range(36)}
    assert any("without gold" in line for line in extension.advice)


def test_gold_tasks_for_fewer_rounds_are_said_to_be_the_limit(tmp_path: Path) -> None:
    gold = {number + 1: ("no", "yes")[number % 2] for number in range(48)}
    here = play(campaign(tmp_path, gold=gold), *[FIVE] * 3)
    extension = plan_extension(here, replace(TARGET, confidence=0.999), GWEI)
    assert len(extension.rounds) == 1
    assert extension.held is not None and "no gold tasks are left for more" in extension.held


def test_one_sided_gold_is_refused(tmp_path: Path) -> None:
    gold = {number + 1: ("no", "yes")[number % 2] for number in range(36)}
    here = play(
        campaign(tmp_path, gold={**gold, **{n + 1: "no" for n in range(40, 60)}}), *[FIVE] * 3
    )
    with pytest.raises(ExtensionError, match="one-sided"):
        plan_extension(here, TARGET, GWEI)


# ------------------------------------------------------------------ when


def test_nothing_is_decided_before_all_is_closed(made: Campaign) -> None:
    running = play(made, *[FIVE] * 3, closed=2)
    assert unfinished(running) == "rounds that are open (1) have to be closed first"
    with pytest.raises(ExtensionError, match=r"campaign resume .*job.json"):
        plan_extension(running, TARGET, GWEI)
    begun = play(made, *[FIVE] * 2)
    assert unfinished(begun) == "rounds that are not opened yet (1) come first"
    assert not is_under_way(running)


def test_what_was_decided_and_never_opened_is_decided_anew(
    closed: Standing, extension: Extension
) -> None:
    written = closed.with_campaign(extension.campaign)
    assert unfinished(written) is None
    assert plan_extension(written, TARGET, GWEI).rounds == extension.rounds


def test_follow_ups_that_are_answered_come_first_and_then_count(
    closed: Standing, extension: Extension
) -> None:
    longer, others = extension.campaign, [(5, 6, 7)] * len(extension.rounds)
    running = play(longer, *[FIVE] * 3, *others, closed=3)
    assert is_under_way(running)
    done = play(longer, *[FIVE] * 3, *others)
    assert not is_under_way(done)
    after = plan_extension(done, TARGET, GWEI)
    assert after.sureness.again == len(asked(extension)) - extension.gold_tasks
    assert after.sureness.labels == 5 * 120 + 3 * after.sureness.again
    assert after.spent == done.spent_on_follow_ups.spent > 0
    assert {each.root for each in after.rounds}.isdisjoint(each.root for each in longer.rounds)
    assert after.rounds[0].number == len(longer.rounds) + 1


def test_nobody_is_heard_twice_on_a_task(extension: Extension) -> None:
    same = play(extension.campaign, *[FIVE] * 3, *[(0, 1, 5)] * len(extension.rounds))
    heard = votes(same)
    assert {heard[name] for name in asked(extension)} == {6}
    other = play(extension.campaign, *[FIVE] * 3, *[(5, 6, 7)] * len(extension.rounds))
    heard = votes(other)
    assert {heard[name] for name in asked(extension)} == {8}
    assert len(heard) == TASKS


def test_whoever_answered_an_item_is_excluded_where_it_is_asked_again(tmp_path: Path) -> None:
    own = {"admission": DEPLOYED.address}
    here = play(campaign(tmp_path, **own), *[FIVE] * 3)
    first = plan_extension(here, TARGET, GWEI, no_gold=True)
    joined = CombinedTerms(True, (KnownPolicy(DEPLOYED.address), ExcludeTerms((1, 2, 3))))
    assert {each.round_file.admission for each in first.rounds} == {joined}
    done = play(first.campaign, *[FIVE] * 3, *[(5, 6, 7)] * len(first.rounds))
    for each in plan_extension(done, TARGET, GWEI, no_gold=True).rounds:
        names = {item.name for item in each.batch.items}
        asked = [
            number
            for number, before in enumerate(first.campaign.rounds, start=1)
            if names & {item.name for item in before.batch.items}
        ]
        assert len(asked) > 2
        assert each.excluded == tuple(asked)


def test_rounds_in_which_nobody_answered_exclude_nobody(made: Campaign) -> None:
    here = play(made, FIVE, (), FIVE)
    assert {each.excluded for each in plan_extension(here, TARGET, GWEI).rounds} == {(1, 3)}
    silent = plan_extension(play(made, (), (), ()), TARGET, GWEI)
    assert {each.round_file.admission for each in silent.rounds} == {None}


def test_a_follow_up_that_nobody_answered_is_asked_again_in_a_round_of_its_own(
    closed: Standing,
) -> None:
    first = plan_extension(closed, TARGET, GWEI, no_gold=True)
    nobody = play(first.campaign, *[FIVE] * 3, *[()] * len(first.rounds))
    second = plan_extension(nobody, TARGET, GWEI, no_gold=True)
    assert asked(second) == asked(first)
    assert not {each.root for each in second.rounds} & {each.root for each in first.rounds}


# ------------------------------------------------------------------ the file of follow-up rounds


@pytest.fixture
def recorded(tmp_path: Path) -> Standing:
    made = campaign(tmp_path)
    here = play(made, *[FIVE] * 3)
    return record(here, plan_extension(here, TARGET, GWEI))


def test_follow_up_rounds_come_back_as_they_were_decided_and_say_nothing_of_gold(
    recorded: Standing,
) -> None:
    path = follow_ups_path(recorded.campaign.path)
    assert path.name == "job.follow-ups.json"
    assert path.stat().st_mode & 0o077 == 0
    assert "gold" not in path.read_text() and "yes" not in path.read_text()
    again = load(recorded.campaign.path)
    assert [each.root for each in again.rounds] == [each.root for each in recorded.campaign.rounds]
    assert [dict(each.batch.gold) for each in again.rounds] == [
        dict(each.batch.gold) for each in recorded.campaign.rounds
    ]
    assert again.without_follow_ups.rounds == again.first_rounds


def test_a_policy_of_their_own_is_kept_with_follow_up_rounds(tmp_path: Path) -> None:
    here = play(campaign(tmp_path), *[FIVE] * 3)
    policy = DEPLOYED.address
    extension = plan_extension(here, TARGET, GWEI, admission=policy)
    record(here, extension)
    again = load(here.campaign.path)
    admissions = {each.round_file.admission for each in again.follow_up_rounds}
    others = ExcludeTerms((1, 2, 3))
    assert admissions == {CombinedTerms(True, (KnownPolicy(policy), others))}
    assert again.rounds == extension.campaign.rounds
    assert again.rounds[0].round_file.admission is None
    to_all = plan_extension(here, TARGET, GWEI, admission=policy, open_to_all=True)
    assert {each.round_file.admission for each in to_all.rounds} == {KnownPolicy(policy)}
    fees = gas.excluding(3, 15, 5) + gas.joining(2)
    assert extension.cost - to_all.cost == fees * GWEI
    with pytest.raises(ExtensionError, match="admission"):
        plan_extension(here, TARGET, GWEI, admission="somewhere")


def test_what_was_changed_under_follow_up_rounds_is_refused(recorded: Standing) -> None:
    path = recorded.campaign.path
    written = follow_ups_path(path)
    whole = written.read_text()
    with pytest.raises(CampaignFileError, match="has other tasks for round 4, which"):
        campaign(path.parent, instructions="others")
    campaign(path.parent, price="0.02 ether")
    for key, value, why in (("items", ["999"], "has no item '?999"), ("seats", 2, "seats must be")):
        values = json.loads(whole)
        values["rounds"][0][key] = value
        written.write_text(json.dumps(values))
        with pytest.raises(CampaignFileError, match=why):
            load(path)
    written.write_text(whole[:50])
    with pytest.raises(DamagedError):
        load(path)


def test_follow_up_rounds_of_others_and_lost_ones_are_noticed(recorded: Standing) -> None:
    market, again = recorded.market, load(recorded.campaign.path)
    recorded.save()
    assert again.follow_ups is not None
    other = replace(again, follow_ups=replace(again.follow_ups, genesis=bytes(32)))
    with pytest.raises(StateError, match="is of another chain, deployment or account"):
        Standing.of(market, other, REQUESTER)
    state = read_state(state_path(again.path))
    assert state is not None
    opened = replace(
        state,
        rounds=tuple(replace(each, round_id=n) for n, each in enumerate(state.rounds, 1)),
    )
    with pytest.raises(StateError, match=r"a follow-up round that .*job.follow-ups.json does not"):
        require_same_campaign(
            opened, Path("s"), again.without_follow_ups, DEPLOYED, GENESIS, REQUESTER
        )
    require_same_campaign(opened, Path("s"), again, DEPLOYED, GENESIS, REQUESTER)


# ------------------------------------------------------------------ the cut


def item(number: int, size: int, answer: int | None = None) -> PoolItem:
    tasks = tuple({"id": f"{number}/{task}"} for task in range(size))
    known = tuple(None if answer is None else (answer + task) % 2 for task in range(size))
    return PoolItem(f"m{number}", "", str(number), tasks, known)


@settings(max_examples=80, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=200),
    spare=st.integers(0, 60),
    known=st.lists(st.sampled_from([0, 1]), max_size=80),
    options=st.sampled_from([2, 4]),
    gold_count=st.sampled_from([0, 12, 24]),
)
def test_every_item_is_asked_once_or_left_and_gold_is_as_it_must_be(
    sizes: list[int], spare: int, known: list[int], options: int, gold_count: int
) -> None:
    below = [item(number, size) for number, size in enumerate(sizes)]
    others = [item(1_000 + number, 1) for number in range(spare)]
    answers = [item(2_000 + number, 1, answer) for number, answer in enumerate(known)]
    shape = FollowUpShape(options, 96, gold_count)
    try:
        made = cut_again(AskedAgain(below, others, answers), shape, Lots(b"seed"))
    except CutError:
        assume(False)
    times = Counter(each.name for one in made.rounds for each in one.items)
    assert set(times.values()) == {1}
    left = {each.name for each in made.left}
    assert all((each.name in times) != (each.name in left) for each in below)
    for one in made.rounds:
        tasks = len(one.tasks)
        assert 12 <= tasks <= 96
        assert len(one.gold) * 4 <= tasks and tasks - len(one.gold) >= 12
        assert shape.fewest_gold <= len(one.gold) <= gold_count
    if not gold_count:
        assert not left


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=60, max_size=300), st.integers(1, 3))
def test_what_was_asked_together_is_asked_together_again(before: list[int], size: int) -> None:
    below = [item(number, size) for number in range(len(before))]
    asked_in = {each.name: frozenset([number]) for each, number in zip(below, before, strict=True)}
    cut = [
        cut_again(AskedAgain(below, [], []), FollowUpShape(2, 96, 0), Lots(b"seed"), where).rounds
        for where in (asked_in, None)
    ]
    together, apart = ([asked_in_any(each.items, asked_in) for each in rounds] for rounds in cut)
    assert len(cut[0]) == len(cut[1])
    # Each border between two follow-up rounds splits one earlier round at most.
    assert sum(map(len, together)) <= len(set(before)) + len(together) - 1
    assert sum(map(len, together)) <= sum(map(len, apart))
    sizes = [len(each.tasks) for each in cut[0]]
    assert max(sizes) - min(sizes) <= size


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=360, max_size=360))
def test_gold_tasks_are_from_where_the_others_were_asked_and_as_good(before: list[int]) -> None:
    below = [item(number, 1) for number in range(240)]
    known = [item(1_000 + number, 1, number // 3 % 2) for number in range(120)]
    asked_in = {
        each.name: frozenset([number])
        for each, number in zip((*below, *known), before, strict=True)
    }
    again, shape = AskedAgain(below, [], known), FollowUpShape(2, 96, 12)
    near = cut_again(again, shape, Lots(b"seed"), asked_in).rounds
    far = cut_again(again, shape, Lots(b"seed")).rounds
    assert len(near) == len(far) == 3
    gold = [{one.items[task].name for one in rounds for task in one.gold} for rounds in (near, far)]
    assert gold[0] == gold[1] and len(gold[0]) == 36
    assert all(Counter(one.gold.values()) == {0: 6, 1: 6} for one in near)
    asked = [
        sum(len(asked_in_any(one.items, asked_in)) for one in rounds) for rounds in (near, far)
    ]
    assert asked[0] <= asked[1]


def test_gold_tasks_from_elsewhere_are_few_where_there_is_a_choice() -> None:
    below = [item(number, 1) for number in range(160)]
    known = [item(1_000 + number, 1, number % 2) for number in range(24)]
    asked_in = {
        **{each.name: frozenset([1 + place // 80]) for place, each in enumerate(below)},
        **{each.name: frozenset([1 + place // 2 % 2]) for place, each in enumerate(known)},
    }
    again = AskedAgain(below, [], known)
    rounds = cut_again(again, FollowUpShape(2, 96, 12), Lots(b"seed"), asked_in).rounds
    assert [asked_in_any(each.items, asked_in) for each in rounds] == [{1}, {2}]


def test_gold_tasks_are_those_on_which_the_answers_say_least() -> None:
    answers = [item(number, 1, number % 2) for number in range(60)]
    below = [item(100 + number, 1) for number in range(40)]
    made = cut_again(AskedAgain(below, [], answers), FollowUpShape(2, 96, 12), Lots(b"seed"))
    (only,) = made.rounds
    gold = {only.items[task].name for task in only.gold}
    assert gold == {f"m{number}" for number in range(12)}


def test_gold_tasks_are_left_for_later_where_there_are_enough() -> None:
    def used(known: int) -> int:
        answers = [item(number, 1, number % 2) for number in range(known)]
        below = [item(100 + number, 1) for number in range(72)]
        again = AskedAgain(below, [], answers)
        return len(cut_again(again, FollowUpShape(2, 96, 24), Lots(b"seed")).rounds[0].gold)

    assert [used(known) for known in (12, 20, 24, 30, 36, 60)] == [12, 12, 12, 18, 24, 24]


def test_who_does_not_know_the_seed_cannot_tell_the_order() -> None:
    below = [item(number, 1) for number in range(40)]
    again = AskedAgain(below, [], [])
    orders = [
        [
            each.name
            for each in cut_again(again, FollowUpShape(2, 96, 0), Lots(seed)).rounds[0].items
        ]
        for seed in (b"one", b"one", b"two")
    ]
    assert orders[0] == orders[1] != orders[2]


def test_too_few_tasks_for_a_round_with_gold_are_said() -> None:
    answers = [item(number, 1, number % 2) for number in range(60)]
    again = AskedAgain([item(100, 1)], [item(101, 1)], answers)
    with pytest.raises(CutError, match="takes 36 tasks without its gold tasks, and there are 2"):
        cut_again(again, FollowUpShape(2, 96, 12), Lots(b"seed"))


def votes(standing: Standing) -> dict[str, int]:
    """How many are heard, by item."""
    items = campaign_sources(standing).label().items
    return {each.name: sum(each.tasks[0].votes) for each in items}


def _known(standing: Standing) -> set[str]:
    items = standing.campaign.file.asked.pool.items
    return {each.name for each in items if each.known[0] is not None}


def _by_doubt(standing: Standing) -> list[str]:
    found = {each.name: each.confidence or 0.0 for each in campaign_sources(standing).label().items}
    items = standing.campaign.file.asked.pool.items
    return [each.name for each in sorted(items, key=lambda one: found[one.name])]
