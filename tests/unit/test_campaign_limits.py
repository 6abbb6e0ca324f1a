"""A campaign keeps its limits, and notices what must not have changed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plumbline.campaign.openings import plan_openings, withdrawable_now
from plumbline.campaign.rounds import Campaign, load
from plumbline.campaign.sources import campaign_sources
from plumbline.campaign.standing import Standing
from plumbline.campaign.state import (
    CampaignState,
    RecordedRound,
    StateError,
    read_state,
    require_same_campaign,
    state_path,
    write_state,
)
from plumbline.planning import gas
from plumbline.seating.draw import fee
from tests.unit.builders import (
    COMMIT,
    DEPLOYED,
    GENESIS,
    LABELERS,
    REQUESTER,
    STRANGER,
    Chain,
    StagedRound,
)
from tests.unit.markets import MadeUpMarket

ETHER = 10**18
GWEI = 10**9
TASKS = [f"message {number}" for number in range(240)]
TERMS: dict[str, Any] = {
    "preset": "binary",
    "tasks": TASKS,
    "no_gold": True,
    "batch": 48,
    "labels": 5,
    "price": "0.01 ether",
    "stake": "0.02 ether",
}
ESCROW = 5 * ETHER // 100


def campaign(folder: Path, **changes: Any) -> Campaign:
    path = folder / "job.json"
    path.write_text(json.dumps({**TERMS, **changes}))
    return load(path)


def standing(made: Campaign, opened: int = 0, closed: int = 0, **more: Any) -> Standing:
    """So many rounds of it opened, of which the first are closed."""
    chain = Chain(deposits=False)
    for planned in made.rounds[:opened]:
        staged = StagedRound(planned.round_file.rules, tasks_root=planned.root, chain=chain)
        if planned.number <= closed:
            staged.commit(*LABELERS[:4]).reveal().close()
    market = MadeUpMarket.of(chain, now=COMMIT - 1)
    histories = dict(enumerate(market.histories(), start=1))
    return Standing(market, made, REQUESTER, histories, more.get("fees", {}), ())


# ------------------------------------------------------------------ limits


def test_without_limits_ten_rounds_are_opened_at_once(tmp_path: Path) -> None:
    here = standing(campaign(tmp_path))
    plan = plan_openings(here, GWEI, 0)
    assert [each.number for each in plan.rounds] == [1, 2, 3, 4, 5]
    assert (plan.missing, plan.escrow, plan.held) == (5 * ESCROW, 5 * ESCROW, None)


def test_no_more_rounds_are_open_at_once_than_the_file_says(tmp_path: Path) -> None:
    made = campaign(tmp_path, open_at_once=2)
    plan = plan_openings(standing(made), GWEI, 0)
    assert len(plan.rounds) == 2
    assert plan.held is not None and "2 rounds are open at once" in plan.held
    assert plan_openings(standing(made, opened=2), GWEI, 0).rounds == ()
    later = plan_openings(standing(made, opened=2, closed=1), GWEI, 0)
    assert [each.number for each in later.rounds] == [3]


def test_a_free_balance_is_used_before_anything_is_deposited(tmp_path: Path) -> None:
    made = campaign(tmp_path, open_at_once=2)
    assert plan_openings(standing(made), GWEI, ESCROW + 1).missing == ESCROW - 1
    assert plan_openings(standing(made), GWEI, 9 * ETHER).missing == 0


def test_escrow_gas_paid_and_gas_to_come_stay_within_what_may_be_spent(tmp_path: Path) -> None:
    """To the wei: one less, and a round less is opened."""
    rules = campaign(tmp_path).rounds[0].round_file.rules
    two = 2 * (gas.OPENING + gas.GOLD_ROOT + gas.closing(rules)) + gas.DEPOSIT
    fees = {b"\x01" * 32: 12_345}
    most = 2 * ESCROW + two * GWEI + 12_345
    enough = standing(campaign(tmp_path, spend=f"{most} wei"), fees=fees)
    plan = plan_openings(enough, GWEI, 0)
    assert len(plan.rounds) == 2
    assert plan.is_spent
    less = standing(campaign(tmp_path, spend=f"{most - 1} wei"), fees=fees)
    assert len(plan_openings(less, GWEI, 0).rounds) == 1
    assert len(plan_openings(enough, 2 * GWEI, 0).rounds) == 1


def test_fees_of_draws_stay_within_what_may_be_spent(tmp_path: Path) -> None:
    """Of what was opened before, too; to the wei."""
    most = 3 * ESCROW + 3 * fee(ESCROW)
    made = campaign(tmp_path, spend=f"{most} wei")
    assert len(plan_openings(standing(made, opened=1), 0, 0, pools=lambda _: 1).rounds) == 2
    less = campaign(tmp_path, spend=f"{most - 1} wei")
    assert len(plan_openings(standing(less, opened=1), 0, 0, pools=lambda _: 1).rounds) == 1
    assert len(plan_openings(standing(less, opened=1), 0, 0).rounds) == 2
    assert len(plan_openings(standing(made, opened=1), 0, 0, pools=lambda _: 2).rounds) == 1


def test_what_came_back_may_be_spent_again(tmp_path: Path) -> None:
    made = campaign(tmp_path, spend="0.15 ether", open_at_once=9)
    running = plan_openings(standing(made, opened=2), GWEI, 0)
    closed = standing(made, opened=2, closed=2)
    assert closed.spending.refunded > 0
    assert closed.spending.in_escrow == 0
    assert len(plan_openings(closed, GWEI, 0).rounds) >= len(running.rounds)
    assert closed.spending.spent + closed.spending.refunded == 2 * ESCROW


def test_what_the_next_rounds_need_is_not_withdrawn(tmp_path: Path) -> None:
    made = campaign(tmp_path)
    assert withdrawable_now(standing(made, opened=3), 2 * ESCROW) == 0
    assert withdrawable_now(standing(made, opened=3), 2 * ESCROW + 1) == 1
    assert withdrawable_now(standing(made, opened=5), 7) == 7


def test_who_takes_more_rounds_than_wanted_is_listed(tmp_path: Path) -> None:
    here = standing(campaign(tmp_path, load=1), opened=2, closed=2)
    assert here.overloaded == dict.fromkeys(LABELERS[:4], 2)
    assert standing(campaign(tmp_path, load=2), opened=2, closed=2).overloaded == {}
    assert standing(campaign(tmp_path), opened=2, closed=2).overloaded == {}


def test_a_campaign_is_done_when_its_last_round_is(tmp_path: Path) -> None:
    made = campaign(tmp_path)
    assert not standing(made, opened=5, closed=4).is_done
    assert not standing(made, opened=4, closed=4).is_done
    assert standing(made, opened=5, closed=5).is_done


def test_rounds_without_a_verdict_are_told(tmp_path: Path) -> None:
    made = campaign(tmp_path)
    chain = Chain(deposits=False)
    for planned in made.rounds[:2]:
        staged = StagedRound(planned.round_file.rules, tasks_root=planned.root, chain=chain)
        staged.commit(*LABELERS[:4])
        if planned.number == 1:
            staged.close()
    market = MadeUpMarket.of(chain, now=COMMIT - 1)
    histories = dict(enumerate(market.histories(), start=1))
    assert Standing(market, made, REQUESTER, histories, {}, ()).unjudged == [1]
    assert standing(made, opened=2, closed=0).unjudged == []


# ------------------------------------------------------------------ labels


def test_of_rounds_that_are_open_nothing_is_said(tmp_path: Path) -> None:
    made = campaign(tmp_path)
    here = standing(made, opened=2, closed=1)
    sources = campaign_sources(here)
    assert (sources.running, sources.unopened) == ((2,), 3)
    names = [each.name for each in sources.label().items]
    assert set(names) == {item.name for item in made.rounds[0].batch.items}
    assert [int(name) for name in names] == sorted(map(int, names))


# ------------------------------------------------------------------ the state file


def state_of(made: Campaign, opened: int = 1) -> CampaignState:
    rounds = tuple(
        RecordedRound(
            each.root,
            tuple(item.name for item in each.batch.items),
            each.number if each.number <= opened else None,
        )
        for each in made.rounds
    )
    return CampaignState(DEPLOYED, GENESIS, REQUESTER, rounds, {b"\x01" * 32: 7})


def require(state: CampaignState, made: Campaign, requester: str = REQUESTER) -> None:
    require_same_campaign(state, state_path(made.path), made, DEPLOYED, GENESIS, requester)


def test_a_state_comes_back_as_it_was_written_and_is_private(tmp_path: Path) -> None:
    made = campaign(tmp_path)
    path = state_path(made.path)
    assert path == tmp_path / "job.state.json"
    assert read_state(path) is None
    write_state(path, state_of(made))
    assert read_state(path) == state_of(made)
    assert path.stat().st_mode & 0o077 == 0


def test_money_and_limits_may_change_at_any_time(tmp_path: Path) -> None:
    state = state_of(campaign(tmp_path))
    require(state, campaign(tmp_path, price="0.02 ether", spend="1 ether", labels=7, commit="2d"))


def test_tasks_may_change_until_the_first_round_is_opened(tmp_path: Path) -> None:
    made = campaign(tmp_path)
    other = campaign(tmp_path, tasks=[*TASKS[:-1], "another"])
    require(state_of(made, opened=0), other)
    with pytest.raises(StateError, match="after 1 of 5 rounds had been opened"):
        require(state_of(made), other)
    with pytest.raises(StateError, match="put them back"):
        require(state_of(made), campaign(tmp_path, batch=60))


def test_a_state_of_others_is_refused(tmp_path: Path) -> None:
    made = campaign(tmp_path)
    state = state_of(made)
    require(state, made)
    with pytest.raises(StateError, match="was begun by"):
        require(state, made, STRANGER)
    with pytest.raises(StateError, match="another chain or deployment"):
        require(replace(state, genesis=bytes(32)), made)


@pytest.mark.parametrize(
    "damage",
    [
        lambda values: {**values, "rounds": [{**values["rounds"][0], "round": "1"}]},
        lambda values: {**values, "rounds": [{**values["rounds"][0], "items": [1]}]},
        lambda values: {**values, "rounds": 5},
        lambda values: {**values, "fees": {"0x00": "1"}},
        lambda values: {**values, "fees": {"0x" + "01" * 32: 1}},
        lambda values: {**values, "version": 2},
        lambda values: {key: held for key, held in values.items() if key != "requester"},
        lambda values: [values],
    ],
)
def test_a_damaged_state_is_refused_with_what_to_do(tmp_path: Path, damage: Any) -> None:
    made = campaign(tmp_path)
    path = state_path(made.path)
    write_state(path, state_of(made))
    path.write_text(json.dumps(damage(json.loads(path.read_text()))))
    with pytest.raises(StateError, match="remove it: it is made anew from the chain"):
        read_state(path)
