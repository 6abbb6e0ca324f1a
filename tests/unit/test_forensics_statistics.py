"""The statistics of forensics against brute force, and its rates on crowds whose story is known."""

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import plumbline.forensics.pairs as pairs_module
from plumbline.forensics import groups
from plumbline.forensics.groups import search
from plumbline.forensics.model import Answers, as_answers, fit, indicators, leaders
from plumbline.forensics.pairs import (
    PRIOR_SPREAD,
    Pairs,
    compare,
    holm,
    normal_tail,
    spread,
    tail,
)
from plumbline.formats.recorded_answers import read
from plumbline.lab.forensics_rates import STORIES, honest_crowd
from plumbline.planning.intervals import Share
from tests.paths import SHARED


def some_chances(seed: int, tasks: int, options: int, sharp: float = 1.0) -> np.ndarray:
    """Chances of one labeler."""
    dice = np.random.default_rng(seed)
    found: np.ndarray = dice.dirichlet(np.full(options, sharp), size=tasks)
    return found


def exact_tails(
    left: np.ndarray, right: np.ndarray, deviations: Sequence[float]
) -> Iterator[float]:
    """P(S >= deviation) for each, by all answers that two labelers can give."""
    tasks, options = left.shape
    sums = {0.0: 1.0}
    for task in range(tasks):
        p, q = left[task], right[task]
        terms: dict[float, float] = {}
        for a, b in itertools.product(range(options), repeat=2):
            own, other = np.eye(options)[a] - p, np.eye(options)[b] - q
            value = float(own @ other)
            terms[value] = terms.get(value, 0.0) + p[a] * q[b]
        grown: dict[float, float] = {}
        for so_far, chance in sums.items():
            for value, more in terms.items():
                key = round(so_far + value, 10)
                grown[key] = grown.get(key, 0.0) + chance * more
        sums = grown
    for deviation in deviations:
        yield sum(chance for value, chance in sums.items() if value >= deviation - 1e-9)


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


@pytest.mark.parametrize("options", [2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_tails_are_those_of_brute_force(seed: int, options: int) -> None:
    tasks = 9 if options == 2 else 5
    left, right = some_chances(seed, tasks, options, 3), some_chances(seed + 50, tasks, options, 3)
    deviations = (1.0, 1.6, 2.2, 2.8)
    exact_ones = exact_tails(left, right, deviations)
    for deviation, exact in zip(deviations, exact_ones, strict=True):
        if exact > 1e-7:
            assert tail(left, right, deviation) == pytest.approx(exact, rel=0.5)


def test_tails_of_many_equal_tasks_are_those_of_a_binomial() -> None:
    even = np.full((40, 2), 0.5)
    for agreed in (26, 30, 35, 40):
        # S is half a point for agreement, and half a point less otherwise.
        exact = sum(math.comb(40, k) for k in range(agreed, 41)) / 2**40
        # A sum with steps this wide: the formula is for sums that take any value.
        assert exact / 2.5 < tail(even, even, agreed - 20) < exact * 2.5


def test_a_tail_never_grows_with_the_deviation() -> None:
    left, right = some_chances(1, 30, 3), some_chances(2, 30, 3)
    found = [tail(left, right, step / 4) for step in range(60)]
    assert all(a >= b for a, b in itertools.pairwise(found))
    assert found[0] > 0.3
    assert found[-1] < 1e-12


def test_tasks_that_one_of_them_skipped_count_for_nothing() -> None:
    left, right = some_chances(3, 20, 2), some_chances(4, 20, 2)
    left[10:] = 0
    assert tail(left, right, 2.0) == tail(left[:10], right[:10], 2.0)


@pytest.mark.parametrize("options", [2, 4])
def test_moments_are_those_of_brute_force(options: int) -> None:
    chances = np.array([some_chances(seed, 5, options) for seed in range(6)])
    pairs = compare(np.zeros_like(chances), chances)
    for i, j in ((0, 1), (2, 5)):
        variance = 0.0
        for task in range(5):
            p, q = chances[i, task], chances[j, task]
            variance += sum(
                p[a] * q[b] * float((np.eye(options)[a] - p) @ (np.eye(options)[b] - q)) ** 2
                for a, b in itertools.product(range(options), repeat=2)
            )
        assert pairs.variances[i, j] == pytest.approx(variance)


def test_given_the_votes_on_a_task_sharing_an_answer_is_rarer() -> None:
    """All ways in which 3 of 8 equal labelers say yes: any two of them, as compare() has it."""
    ways = list(itertools.combinations(range(8), 3))
    products = [((0 in way) - 3 / 8) * ((1 in way) - 3 / 8) for way in ways]
    exact = 2 * sum(products) / len(ways)  # for yes and for no
    chances = np.full((8, 1, 2), [5 / 8, 3 / 8])
    # The exact one has 7 others where the approximation counts 8.
    assert compare(chances, chances).means[0, 1] == pytest.approx(exact * 7 / 8)


def test_identical_sheets_have_likeness_one() -> None:
    answers, _ = honest_crowd(np.random.default_rng(5), 12, 64, 3)
    answers[1] = answers[0]
    found = indicators(answers, 3)
    pairs = compare(found, fit(found))
    assert pairs.likeness[0, 1] == pytest.approx(1, abs=0.02)
    assert pairs.likeness[0, 2] < 0.5


def _pairs(z: np.ndarray) -> Pairs:
    ones = np.ones_like(z)
    return Pairs(z, ones * 0, ones, z, z / 10)


def test_the_spread_is_that_of_the_lower_half() -> None:
    dice = np.random.default_rng(3)
    z = np.triu(dice.normal(0, 2, size=(100, 100)), 1)
    assert spread(_pairs(z)) == pytest.approx(2, rel=0.05)
    bent = z.copy()
    # A fifth of the labelers who agree with each other change it little.
    bent[:20, :20] += 50
    assert spread(_pairs(bent)) == pytest.approx(2, rel=0.1)


def test_few_pairs_are_taken_for_pairs_of_a_usual_crowd() -> None:
    assert spread(_pairs(np.zeros((2, 2)))) == pytest.approx(PRIOR_SPREAD, rel=0.02)
    assert spread(_pairs(np.zeros((80, 80)))) == 1.0


def test_holm_is_what_holm_wrote() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005], 4) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.001], 190) == pytest.approx([0.19])
    assert holm([0.5, 0.9], 2) == [1.0, 1.0]


def test_normal_tails() -> None:
    assert normal_tail(1.959964) == pytest.approx(0.025, rel=1e-5)
    assert normal_tail(0) == 0.5


# --------------------------------------------------------------------------- groups


def test_false_alarms_stay_below_alpha() -> None:
    """At alpha = 0.05, so that a few rounds tell: 0.05 would give 12 of 240."""
    dice = np.random.default_rng(12)
    alarms = 0
    for number in range(240):
        labelers, tasks, options = (10, 16, 24)[number % 3], (64, 96)[number % 2], 2 + number % 3
        answers, _ = honest_crowd(dice, labelers, tasks, options)
        alarms += bool(search(answers, options, 0.05).groups)
    assert alarms <= 6


def test_without_the_model_of_difficulty_there_would_be_false_alarms(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the test above guards: with equal tasks in the model, alarms are the rule."""

    def equal_tasks(given_: np.ndarray) -> np.ndarray:
        shares = given_.sum(axis=1) / given_.sum(axis=(1, 2))[:, None]
        found: np.ndarray = given_.sum(axis=2, keepdims=True) * shares[:, None, :]
        return found

    monkeypatch.setattr(groups, "fit", equal_tasks)
    dice = np.random.default_rng(12)
    alarms = sum(bool(search(honest_crowd(dice, 16, 96, 3)[0], 3, 0.05).groups) for _ in range(20))
    assert alarms > 10


@pytest.mark.parametrize("story", ["one random sheet", "copies with noise", "inverse of one"])
@pytest.mark.parametrize("size", [2, 5, 8])
def test_groups_are_found_and_nobody_else(story: str, size: int) -> None:
    dice = np.random.default_rng(7)
    for _ in range(3):
        answers, truth = honest_crowd(dice, 20, 128, 2)
        STORIES[story](dice, answers, truth, size, 2)
        (group,) = search(answers, 2, 0.01).groups
        assert set(group.members) <= set(range(size))
        assert 2 * len(group.members) >= size
        assert group.rate <= 0.01


def test_two_groups_are_told_apart() -> None:
    dice = np.random.default_rng(8)
    answers, _ = honest_crowd(dice, 24, 128, 2)
    answers[:4] = dice.integers(2, size=128)
    answers[4:7] = dice.integers(2, size=128)
    found = {group.members for group in search(answers, 2, 0.01).groups}
    assert found == {(0, 1, 2, 3), (4, 5, 6)}


def test_a_group_is_judged_where_every_other_has_one_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(8)
    answers, _ = honest_crowd(dice, 24, 128, 2)
    answers[:4] = dice.integers(2, size=128)
    answers[4:8] = dice.integers(2, size=128)
    crowds: dict[frozenset[int], set[int]] = {}
    memberships = groups._GroupTest.memberships

    def seen(test: groups._GroupTest, members: list[int], outside: list[int], width: float) -> list:
        crowds[frozenset(members)] = set(outside)
        return memberships(test, members, outside, width)

    monkeypatch.setattr(groups._GroupTest, "memberships", seen)
    search(answers, 2, 0.01)
    first, second = frozenset(range(4)), frozenset(range(4, 8))
    assert crowds.keys() == {first, second}
    for group, other in ((first, second), (second, first)):
        assert not crowds[group] & group
        assert len(crowds[group] & other) == 1
        assert crowds[group] >= set(range(8, 24))


def test_nobody_is_named_for_the_company_of_others() -> None:
    dice = np.random.default_rng(11)
    answers, _ = honest_crowd(dice, 20, 128, 2)
    answers[:4] = dice.integers(2, size=128)
    test = groups._GroupTest(answers, 2, 0.01)
    members, outside = [0, 1, 2, 3, 9], [*range(4, 9), *range(10, 20)]
    assert test.rate(members, outside, PRIOR_SPREAD) < 0.01
    named = [membership.row for membership in test.memberships(members, outside, PRIOR_SPREAD)]
    assert named == [0, 1, 2, 3]


def test_a_group_is_never_the_crowd() -> None:
    """Where most hand in one sheet, that sheet is what the crowd says."""
    dice = np.random.default_rng(9)
    answers, _ = honest_crowd(dice, 12, 128, 2)
    answers[:9] = dice.integers(2, size=128)
    for group in search(answers, 2, 0.01).groups:
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
    assert search(as_answers(rows), 2, 0.01).groups == ()


def test_the_numbers_of_a_link_are_counts_of_answers() -> None:
    dice = np.random.default_rng(10)
    answers, _ = honest_crowd(dice, 14, 96, 2)
    answers[1] = answers[0]
    answers[0, 3], answers[1, 5] = -1, -1
    (group,) = search(answers, 2, 0.01).groups
    link = group.memberships[0]
    both = (answers[0] >= 0) & (answers[1] >= 0)
    votes = indicators(answers[2:], 2).sum(axis=0)
    own = np.where(both, answers[0], 0)
    against = both & (own != votes.argmax(axis=1))
    disputed = both & (votes[np.arange(96), own] * 5 <= votes.sum(axis=1) * 4)
    assert (link.shared, link.agreed) == (both.sum(), both.sum())
    assert (link.disputed, link.disputed_agreed) == (disputed.sum(), disputed.sum())
    assert link.against == against.sum()
    assert link.against_expected < link.against
    assert link.disputed_expected < link.disputed < link.shared


def _schools(dice: np.random.Generator) -> Answers:
    """Twenty labelers, two of whom go by one book now and then: one answer in six."""
    answers, _ = honest_crowd(dice, 20, 256, 2)
    book = dice.random(256) < 1 / 6
    answers[1, book] = answers[0, book]
    return answers


def test_a_school_of_thought_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(14)
    crowds = [_schools(dice) for _ in range(20)]
    assert sum(bool(search(one, 2, 0.05).groups) for one in crowds) <= 1
    monkeypatch.setattr(pairs_module, "KINSHIP", 0.0)
    assert sum(bool(search(one, 2, 0.05).groups) for one in crowds) >= 3


def test_who_leads_everywhere_is_found_by_equal_answers() -> None:
    """A large group that copies a good sheet is the crowd's opinion on every task."""
    dice = np.random.default_rng(3)
    answers, _ = honest_crowd(dice, 16, 96, 2)
    answers[:7] = answers[0]
    given_ = indicators(answers, 2)
    # What is to be seen while they are all in: they are so right that nothing is left.
    assert compare(given_, fit(given_)).z[0, 1] == 0
    (group,) = search(answers, 2, 0.01).groups
    assert group.members == tuple(range(7))


# --------------------------------------------------------------------- real crowds


@pytest.mark.parametrize("name", ["bluebirds", "chatbot_safety", "website_rating"])
def test_real_crowds_raise_no_alarm_and_most_copies_in_them_do(name: str) -> None:
    folder = SHARED / "data" / name
    if not folder.exists():
        pytest.skip("the real answers are not here")
    crowd = read(folder).first()
    answers = as_answers(list(crowd.answers.values()))
    assert search(answers, len(crowd.question.options), 0.01).groups == ()
    found = 0
    for copied in range(0, len(answers), len(answers) // 5):
        rest = [row for row in range(len(answers)) if row != copied]
        bent = answers[[copied, *rest]]
        bent[1:4] = bent[0]
        groups_ = search(bent, len(crowd.question.options), 0.01).groups
        assert {member for one in groups_ for member in one.members} <= {0, 1, 2, 3}
        found += bool(groups_)
    # Who nearly always says the same cannot be copied to any effect.
    assert found >= 4


# -------------------------------------------------------------------------- measure


def test_intervals_are_wilsons() -> None:
    low, high = Share(0, 100).interval
    assert (low, high) == (0.0, pytest.approx(0.0370, abs=1e-4))
    assert Share(50, 100).interval == pytest.approx((0.4038, 0.5962), abs=1e-4)
