"""The statistics of forensics against brute force, and its rates on crowds whose story is known."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.forensics import groups, sharpness, simulation
from plumbline.forensics.groups import search, tellable
from plumbline.forensics.model import Answers, as_answers, fit, indicators, leaders
from plumbline.forensics.pairs import compare
from plumbline.forensics.schools import find_schools
from plumbline.forensics.sharpness import (
    SHARP_ROUNDS,
    SHARPEST,
    Surroundings,
    chance_of_sharp,
    chance_of_so_few,
    draw_readers,
    least_expected,
)
from plumbline.forensics.simulation import named_groups
from plumbline.formats.recorded_answers import read
from plumbline.lab.forensics_crowds import STORIES, SchooledCrowd, draw_crowd, thin_out
from plumbline.lab.forensics_rates import real_crowds
from plumbline.planning.intervals import Share
from tests.paths import SHARED


def surroundings(usual: float, *others: float) -> Surroundings:
    return Surroundings(usual, np.array(others))


USUAL = surroundings(0.9, *[0.9] * 19)


def crowd_of(
    seed: int, labelers: int, tasks: int, schools: int = 1, options: int = 2
) -> SchooledCrowd:
    return draw_crowd(np.random.default_rng(seed), labelers, tasks, options, schools)


def two_readings(
    seed: int, sizes: tuple[int, int], tasks: int = 240, sharp: float = 0.95
) -> Answers:
    """Yes or no: one kind of picture in four counts for the second school and not for the first."""
    dice = np.random.default_rng(seed)
    kind = dice.integers(4, size=tasks)
    reads = np.array([kind == 0, (kind == 0) | (kind == 1)]).astype(np.int64)
    meant = reads[np.repeat([0, 1], sizes)]
    hard = np.exp(dice.normal(0, 1, tasks))
    slips = dice.random(meant.shape) < np.minimum((1 - sharp) * hard / hard.mean(), 0.5)
    found: Answers = np.where(slips, 1 - meant, meant)
    return found


# ---------------------------------------------------------------------------- model


@given(
    st.integers(0, 10**6),
    st.integers(3, 9),
    st.integers(12, 30),
    st.integers(2, 4),
)
@settings(max_examples=30, deadline=None)
def test_the_fit_has_the_sums_that_were_seen(
    seed: int, labelers: int, tasks: int, options: int
) -> None:
    dice = np.random.default_rng(seed)
    given_ = indicators(dice.integers(-1, options, size=(labelers, tasks)), options)
    chances = fit(given_)
    assert (chances >= 0).all()
    # Skips have no chances, answers have them all.
    assert np.allclose(chances.sum(axis=2), given_.sum(axis=2))
    assert np.abs(chances.sum(axis=0) - given_.sum(axis=0)).max() < 0.2
    assert np.abs(chances.sum(axis=1) - given_.sum(axis=1)).max() < 0.2
    lead = leaders(given_)
    for one in range(labelers):
        seen = given_[one, np.arange(tasks), lead].sum()
        assert abs(chances[one, np.arange(tasks), lead].sum() - seen) < 0.2


def test_what_all_say_and_who_always_says_the_same_leave_nothing_to_chance() -> None:
    dice = np.random.default_rng(1)
    answers = dice.integers(2, size=(8, 40))
    answers[:, :5] = 1
    answers[0] = 1
    chances = fit(indicators(answers, 2))
    assert np.allclose(chances[:, :5, 1], 1)
    assert np.allclose(chances[0, :, 1], 1, atol=0.01)


# ---------------------------------------------------------------------------- pairs


def test_differences_and_what_is_expected_are_counts_over_tasks_that_both_answered() -> None:
    answers = crowd_of(3, 8, 40).answers
    seen = indicators(answers, 2)
    chances = fit(seen)
    pairs = compare(seen, chances)
    for i, j in ((0, 1), (2, 7), (4, 5)):
        both = (answers[i] >= 0) & (answers[j] >= 0)
        assert pairs.differences[i, j] == (both & (answers[i] != answers[j])).sum()
        alike = (chances[i] * chances[j]).sum(axis=1)[both].sum()
        assert pairs.expected[i, j] == pytest.approx(both.sum() - alike)


def test_who_always_says_the_same_is_expected_to_differ_by_nothing() -> None:
    answers = crowd_of(4, 12, 96).answers
    answers[:2] = 1
    seen = indicators(answers, 2)
    pairs = compare(seen, fit(seen))
    assert pairs.expected[0, 1] < 0.5
    assert pairs.expected[2, 3] > 5
    assert pairs.distances[0, 1] > 0.7


# ------------------------------------------------------------------------ sharpness


def test_the_chance_of_sharp_readers_is_the_mean_over_their_distances() -> None:
    def exact(count: int, expected: float) -> float:
        low, high = SHARPEST
        steps = 4000
        total = 0.0
        for step in range(steps):
            root = math.sqrt(low) + (step + 0.5) / steps * (math.sqrt(high) - math.sqrt(low))
            mean = expected * root**2
            total += sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(count + 1))
        return SHARP_ROUNDS * total / steps

    for count, expected in ((0, 10.0), (0, 60.0), (3, 40.0), (9, 90.0)):
        assert chance_of_sharp(count, expected) == pytest.approx(exact(count, expected), rel=0.03)


def test_fewer_differences_of_more_expected_are_rarer() -> None:
    chances = [chance_of_so_few(count, 80.0, 2, USUAL) for count in range(20)]
    assert all(a < b for a, b in itertools.pairwise(chances))
    by_expected = [chance_of_so_few(0, expected, 2, USUAL) for expected in (0.0, 5, 20, 80)]
    assert all(a > b for a, b in itertools.pairwise(by_expected))
    assert by_expected[0] == 1


def test_near_mates_excuse_few_differences() -> None:
    """Two of a school whose members are near each other anyway."""
    near = surroundings(0.9, *[0.2] * 19)
    assert chance_of_so_few(1, 30.0, 2, USUAL) < 0.02 < 0.5 < chance_of_so_few(1, 30.0, 2, near)
    sharp_crowd = surroundings(0.2, *[0.9] * 19)
    assert chance_of_so_few(0, 20.0, 2, sharp_crowd) > 5 * chance_of_so_few(0, 20.0, 2, USUAL)


def test_only_who_is_about_as_near_as_the_nearest_counts_as_a_mate() -> None:
    alone, far = surroundings(0.9, 0.1), surroundings(0.9, 0.1, *[0.9] * 30)
    near = surroundings(0.9, *[0.1] * 31)
    chances = [chance_of_so_few(0, 60.0, 4, each) for each in (alone, far, near)]
    assert chances[0] < chances[1] < 1.1 * chances[0]
    assert chances[2] > 10 * chances[0]
    # Whoever may differ on many tasks may as well be somebody farther away.
    means = 27 * far.others
    assert sharpness._ways(4, 20, means) > 2 * sharpness._ways(4, 0, means)


def test_the_ways_to_draw_a_group_are_counted() -> None:
    """Of 9 others, all equally near, and the group; who is in many groups counts less."""
    for size in (2, 3, 7):
        ways = sharpness._ways(size, 1, np.full(9, 4.0))
        assert ways == pytest.approx(2 * math.comb(9 + size, size) / (8 + size))
    assert sharpness._ways(4, 0, np.array([2.0, 50.0])) == pytest.approx(2 * 5 / 4)


def test_what_the_round_says_of_a_sheet_is_what_happens_if_it_is_handed_in_twice() -> None:
    told = 0
    for seed in range(12):
        answers = crowd_of(seed, 12, 96).answers
        row = seed % 12
        is_told = row in tellable(answers, 2, 0.01)
        named = search(np.concatenate([answers, answers[row : row + 1]]), 2, 0.01)
        assert ((row, 12) in [group.members for group in named]) is is_told
        told += is_told
    assert 3 <= told <= 11


def test_what_must_be_expected_is_where_the_chance_falls_below() -> None:
    limits = least_expected(0.005)
    for count in (0, 2, 10, 30):
        assert chance_of_sharp(count, limits[count] * 0.9) > 0.005
        assert chance_of_sharp(count, limits[count] * 1.15) <= 0.005


def test_readers_are_drawn_as_their_chance_is_worked_out() -> None:
    dice = np.random.default_rng(1)
    drawn = np.array([draw_readers(dice, 0.9) for _ in range(20_000)])
    few = dice.poisson(drawn * 20.0) <= 1
    far = surroundings(0.9, 100.0)
    mates = chance_of_so_few(1, 20.0, 2, surroundings(1e9, 100.0)) - chance_of_sharp(1, 20.0)
    worked_out = chance_of_so_few(1, 20.0, 2, far)
    assert few.mean() == pytest.approx(worked_out, abs=0.003 + mates)


# --------------------------------------------------------------------------- groups


def test_schools_of_thought_are_no_finding() -> None:
    """At alpha of 1% somebody may be named in one round of 120; of one to four schools."""
    dice = np.random.default_rng(12)
    alarms = 0
    for number in range(120):
        labelers, tasks = (10, 20, 40)[number % 3], (64, 128)[number % 2]
        crowd = draw_crowd(dice, labelers, tasks, 2 + number % 2, 1 + number % 4, number % 5 == 0)
        alarms += bool(search(crowd.answers, crowd.options, 0.01))
    assert alarms <= 2


@pytest.mark.parametrize("sizes", [(6, 4), (8, 2), (13, 7), (17, 3)])
def test_two_readings_of_one_guideline_are_no_conspiracy(sizes: tuple[int, int]) -> None:
    for seed in range(6):
        assert search(two_readings(seed, sizes), 2, 0.01) == ()


def test_were_readers_no_sharper_than_the_crowd_a_small_school_would_be_accused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the test above guards: that few differences of a pair may be due to a reading."""

    def as_unlike_as_strangers(differences: int, expected: float, *_: object) -> float:
        return math.exp(-(max(0.0, expected - differences) ** 2) / (2 * max(expected, 1.0)))

    monkeypatch.setattr(groups, "chance_of_so_few", as_unlike_as_strangers)
    monkeypatch.setattr(groups, "chance_of_sharp", lambda *_: 0.0)
    assert all(search(two_readings(seed, (17, 3)), 2, 0.01) for seed in range(2))


@pytest.mark.parametrize("schools", [1, 3])
@pytest.mark.parametrize("size", [2, 5, 8])
def test_one_sheet_in_several_seats_is_found_and_nobody_else(schools: int, size: int) -> None:
    dice = np.random.default_rng(7)
    for tasks in (64, 128):
        crowd = draw_crowd(dice, 20, tasks, 2, schools)
        STORIES["one random sheet"](dice, crowd, size)
        (group,) = named_groups(crowd.answers, 2, 0.01)
        assert group.members == tuple(range(size))
        assert group.rate <= 0.01


def test_the_sheet_of_an_honest_labeler_in_two_seats_is_found_in_a_crowd_with_schools() -> None:
    for seed in range(3):
        answers = two_readings(seed, (12, 8), sharp=0.85)
        answers[1] = answers[0]
        (group,) = named_groups(answers, 2, 0.01)
        assert group.members == (0, 1)


def test_two_groups_are_told_apart() -> None:
    dice = np.random.default_rng(8)
    crowd = crowd_of(8, 24, 128)
    crowd.answers[:4] = dice.integers(2, size=128)
    crowd.answers[4:7] = dice.integers(2, size=128)
    found = {group.members for group in search(crowd.answers, 2, 0.01)}
    assert found == {(0, 1, 2, 3), (4, 5, 6)}


def test_nobody_is_named_for_the_company_of_others() -> None:
    dice = np.random.default_rng(11)
    crowd = crowd_of(11, 20, 128)
    crowd.answers[:4] = dice.integers(2, size=128)
    test = groups._GroupTest(crowd.answers, 2)
    members, outside = [0, 1, 2, 3, 9], [*range(4, 9), *range(10, 20)]
    named = [membership.row for membership in test.memberships(members, outside, 0.05)]
    assert named == [0, 1, 2, 3]


def test_a_group_is_never_the_crowd() -> None:
    """Where most hand in one sheet, that sheet is what the crowd says."""
    dice = np.random.default_rng(9)
    crowd = crowd_of(9, 12, 128)
    crowd.answers[:9] = dice.integers(2, size=128)
    for group in search(crowd.answers, 2, 0.01):
        assert len(group.members) <= 6


@pytest.mark.parametrize(
    "rows",
    [
        [[0] * 20] * 6,
        [[0, 1] * 10] * 12,
        [[None] * 20] * 6,
        [[0] * 20, [1] * 20, [None] * 20, [0, 1] * 10, [1, 0] * 10, [0, None] * 10],
    ],
)
def test_crowds_in_which_nothing_can_be_told_tell_nothing(rows: list[list[int | None]]) -> None:
    answers = as_answers(rows)
    assert search(answers, 2, 0.01) == ()
    assert tellable(answers, 2, 0.01) == ()


def test_skips_are_no_answers() -> None:
    """Two who skip the same runs and answer for themselves are not alike; copies with different
    skips are, on what both answered."""
    answers = crowd_of(13, 16, 128).answers
    answers[0, 20:110] = answers[1, 20:110] = -1
    assert search(answers, 2, 0.01) == ()
    dice = np.random.default_rng(13)
    answers = crowd_of(13, 16, 256).answers
    answers[:2] = dice.integers(2, size=256)
    answers[0, dice.random(256) < 0.3] = -1
    answers[1, dice.random(256) < 0.3] = -1
    (group,) = search(answers, 2, 0.01)
    assert group.members == (0, 1)
    both = (answers[0] >= 0) & (answers[1] >= 0)
    assert [one.shared for one in group.memberships] == [both.sum(), both.sum()]


def test_few_answers_feign_no_likeness() -> None:
    dice = np.random.default_rng(15)
    for _ in range(6):
        answers = draw_crowd(dice, 12, 96, 2, 2).answers
        thin_out(dice, answers)
        # Two who answered the same ten tasks, and said the same.
        answers[:2, 10:] = -1
        answers[0, :10] = answers[1, :10] = dice.integers(2, size=10)
        assert search(answers, 2, 0.01) == ()


def test_the_numbers_of_a_membership_are_counts_of_answers() -> None:
    dice = np.random.default_rng(10)
    answers = crowd_of(10, 14, 96).answers
    answers[:2] = dice.integers(2, size=96)
    answers[0, 3], answers[1, 5] = -1, -1
    answers[1, 7] = 1 - answers[0, 7]
    (group,) = search(answers, 2, 0.05)
    one = group.memberships[0]
    both = (answers[0] >= 0) & (answers[1] >= 0)
    votes = indicators(answers[2:], 2).sum(axis=0)
    same = both & (answers[0] == answers[1])
    assert (one.shared, one.differing) == (both.sum(), 1)
    assert one.against == (same & (answers[0] != votes.argmax(axis=1))).sum()
    assert 20 < one.expected < 60


def test_a_large_group_that_copies_a_good_sheet_is_found() -> None:
    """It is the crowd's opinion on every task, and so nothing is expected of any pair of it."""
    answers = two_readings(3, (16, 0), tasks=128, sharp=0.8)
    answers[:7] = answers[0]
    (group,) = search(answers, 2, 0.01)
    assert group.members == tuple(range(7))


# ----------------------------------------------------------------------- simulation


def test_a_rate_that_simulated_rounds_do_not_bear_out_names_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dice = np.random.default_rng(8)
    answers = crowd_of(8, 12, 96).answers
    answers[:2] = dice.integers(2, size=96)
    assert named_groups(answers, 2, 0.01)
    # As if every tenth simulated round had such a group.
    rates = itertools.cycle([0.0] + [1.0] * 9)
    monkeypatch.setattr(simulation, "least_rate", lambda *given: next(rates))
    assert named_groups(answers, 2, 0.01) == ()
    (group,) = named_groups(answers, 2, 0.2)
    assert group.rate == pytest.approx(0.1, abs=0.02)


def test_simulated_labelers_work_alone_and_skip_where_they_skipped() -> None:
    dice = np.random.default_rng(8)
    answers = two_readings(2, (8, 6))
    answers[3, 10:40] = -1
    answers[:3] = dice.integers(2, size=240)
    (group,) = search(answers, 2, 0.01)
    voices = simulation.voices_of(14, [group])
    schools = find_schools(indicators(answers[voices], 2))
    crowd = simulation._Simulated(answers, 2, [group], schools)
    made = [crowd.draw(dice) for _ in range(30)]
    assert all(((one < 0) == (answers < 0)).all() for one in made)
    apart = np.mean([(one[0] != one[1]).mean() for one in made])
    # Of the group each for itself, and all of them of the same reading.
    assert 0.05 < apart < 0.45
    assert np.mean([(one[0] == answers[0]).mean() for one in made]) > 0.7


# -------------------------------------------------------------------------- schools


def test_a_class_of_pictures_that_counts_for_some_is_a_second_reading() -> None:
    answers = two_readings(5, (14, 8))
    found = find_schools(indicators(answers, 2))
    assert found.sizes == (14, 8)
    assert found.alone == 0
    dice = np.random.default_rng(5)
    split = set(np.flatnonzero(dice.integers(4, size=240) == 1).tolist())
    # But for some that are so hard that a school has no clear answer.
    assert len(split - set(found.split)) <= 6
    assert len(set(found.split) - split) <= 3


def test_one_reading_is_one_however_sharp_its_readers() -> None:
    for seed in range(6):
        answers = two_readings(seed, (20, 0), sharp=0.8)
        dice = np.random.default_rng(seed)
        # Some hardly look.
        careless = dice.random((6, 240)) < 0.4
        answers[:6] = np.where(careless, dice.integers(2, size=(6, 240)), answers[:6])
        assert find_schools(indicators(answers, 2)).sizes == (20,)


# --------------------------------------------------------------------- real crowds


@pytest.mark.parametrize("name", ["bluebirds", "chatbot_safety", "website_rating"])
def test_real_crowds_raise_no_alarm_and_one_sheet_in_two_seats_does(name: str) -> None:
    folder = SHARED / "data" / name
    if not folder.exists():
        pytest.skip("the real answers are not here")
    crowd = read(folder).first()
    everybody = as_answers(list(crowd.answers.values()))
    options = len(crowd.question.options)
    dice = np.random.default_rng(2)
    found = 0
    for _ in range(10):
        answers = everybody[dice.choice(len(everybody), 12, replace=False)]
        assert search(answers, options, 0.01) == ()
        answers[1] = answers[0]
        named = [group.members for group in search(answers, options, 0.01)]
        assert named in ([], [(0, 1)])
        found += bool(named)
    # Who nearly always says the same cannot be copied to any effect.
    assert found >= 9


# -------------------------------------------------------------------------- measure


def test_intervals_are_wilsons() -> None:
    low, high = Share(0, 100).interval
    assert (low, high) == (0.0, pytest.approx(0.0370, abs=1e-4))
    assert Share(50, 100).interval == pytest.approx((0.4038, 0.5962), abs=1e-4)


def test_a_folder_without_crowds_has_none(tmp_path: Path) -> None:
    assert real_crowds(tmp_path) == []
