"""Pools that are drawn from in numpy: who may sit, how often, and what that comes to."""

from dataclasses import replace

import numpy as np
import pytest

from plumbline.lab.league.players import GoldUse
from plumbline.lab.league.sections import BINARY
from plumbline.lab.seating.outcomes import mean_outcome, play_all
from plumbline.lab.seating.pools import (
    PoolCase,
    Seating,
    admitted_at,
    drawn,
    first_come,
    least_load,
)

QUARTER = PoolCase(units=400, bloc=100)


def dice() -> np.random.Generator:
    return np.random.default_rng(3)


def test_a_bloc_gets_its_share_by_lot_and_all_if_seats_are_open() -> None:
    assert first_come(QUARTER, 20, dice()).bloc.tolist() == [20] * 200
    seating = drawn(QUARTER, 100, dice())
    share = seating.bloc.sum() / seating.taken.sum()
    assert share == pytest.approx(QUARTER.share_of_comers, abs=0.02)
    assert QUARTER.share == 0.25 < QUARTER.share_of_comers < 0.26


def test_an_account_has_one_seat_in_a_round_whatever_it_bonded() -> None:
    one = replace(QUARTER, accounts=1)
    assert drawn(one, 20, dice()).bloc.max() == 1
    assert first_come(one, 20, dice()).bloc.max() == 1


def test_a_pool_without_a_bloc_seats_none_of_it() -> None:
    for seat in (first_come, drawn):
        seating = seat(replace(QUARTER, bloc=0), 20, dice())
        assert seating.bloc.sum() == 0 and not seating.leads.any()


def test_who_stands_by_fills_what_the_absent_leave() -> None:
    full = drawn(replace(QUARTER, bloc=0, absent=0.3), 40, dice())
    assert full.is_full.mean() >= 0.99
    assert np.nanmedian(full.filled) > np.nanmedian(
        drawn(replace(QUARTER, bloc=0), 40, dice()).filled
    )


def test_hoarding_gets_a_bloc_fewer_seats() -> None:
    seats = [
        drawn(replace(QUARTER, absent=0.3, hoards=hoards), 60, dice()).bloc.mean()
        for hoards in (True, False)
    ]
    assert seats[0] < seats[1]


def test_nobody_is_listed_more_often_than_the_load_says() -> None:
    case = PoolCase(units=200, bloc=0, rounds=10)
    seating = drawn(case, 30, dice())
    assert seating.turns <= least_load(200, 10, 60)
    assert [least_load(units, 10, 60) for units in (60, 120, 600)] == [10, 5, 1]


def test_positions_are_admitted_one_after_the_other() -> None:
    found = admitted_at(60, 20)
    assert (found[:20] == 0).all()
    assert (np.diff(found[19:]) > 0).all()
    assert found[20] > 0.55 and found[-1] == pytest.approx(0.95)


def test_who_comes_as_others_do_has_no_more_with_open_seats() -> None:
    half = PoolCase(units=400, bloc=200, hurries=False)
    assert first_come(half, 200, dice()).bloc.mean() == pytest.approx(10, abs=0.3)


def test_an_outcome_is_the_mean_over_numbers_of_seats() -> None:
    world = replace(BINARY, tasks=64)
    records = play_all(world, "one honest sheet", GoldUse.FAIR, {0, 4}, 6, 1)
    bloc = np.array([0, 4, 4, 4])
    seating = Seating(20, bloc, np.full(4, 20), np.full(4, 0.5), 1)
    found = mean_outcome(seating, records)
    assert found.bloc == pytest.approx(0.75 * 4 * records[4].first.net.mean())
    assert found.right == pytest.approx(
        0.25 * records[0].right.mean() + 0.75 * records[4].right.mean()
    )
    assert found.seats == pytest.approx(12 / 80)
    assert 0 < found.pay < 0.5
