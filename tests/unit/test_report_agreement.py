"""Agreement of labelers: chance is 0, a copy 1, and groups stand together."""

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from plumbline.report.agreement import agreement
from plumbline.report.facts import facts_of
from plumbline.report.pairs import closest_pairs
from tests.unit.builders import OPENED, StagedRound, careful, labeler

ROW = [0, 1] * 12


def between(
    one: list[int | None], other: list[int | None], options: int = 2, width: int = 1
) -> float | None:
    """The agreement of two rows."""
    return agreement(options, width, [one, other]).values[0][1]


def test_a_copy_is_one_its_opposite_minus_one_a_constant_chance() -> None:
    assert between([*ROW], [*ROW]) == 1
    assert between([*ROW], [1 - answer for answer in ROW]) == -1
    assert between([*ROW], [1] * 24) == 0


def test_only_tasks_that_both_answered_count() -> None:
    half = [answer if task < 12 else None for task, answer in enumerate(ROW)]
    wrong_elsewhere = [answer if task < 12 else 1 - answer for task, answer in enumerate(ROW)]
    assert between(half, wrong_elsewhere) == 1


def test_of_what_cannot_be_compared_nothing_is_said() -> None:
    left = [answer if task < 12 else None for task, answer in enumerate(ROW)]
    right = [None if task < 12 else answer for task, answer in enumerate(ROW)]
    assert between(left, right) is None
    assert between([1] * 24, [1] * 24) is None


def test_on_a_scale_a_near_miss_is_worth_more_than_a_far_one() -> None:
    truth = [task % 5 for task in range(24)]
    near = between([*truth], [min(4, answer + 1) for answer in truth], 5, 4)
    far = between([*truth], [min(4, answer + 2) for answer in truth], 5, 4)
    assert near is not None and far is not None
    assert 1 > near > far > 0


def test_by_hand() -> None:
    """Cohen's kappa of 18 of 24 the same, with even margins: (0.75 - 0.5) / (1 - 0.5)."""
    other = [1 - answer if task < 6 else answer for task, answer in enumerate(ROW)]
    assert between([*ROW], other) == pytest.approx(0.5)


def test_the_table_is_symmetric_in_its_order() -> None:
    dice = Random(2)
    rows = [[dice.choice([0, 1, None]) for _ in range(24)] for _ in range(9)]
    found = agreement(2, 1, rows)
    assert sorted(found.order) == list(range(9))
    for a in range(9):
        assert found.values[a][a] == 1
        for b in range(9):
            assert found.values[a][b] == found.values[b][a]
            one, other = rows[found.order[a]], rows[found.order[b]]
            assert a == b or found.values[a][b] == between(one, other)


@pytest.mark.parametrize("seed", range(5))
def test_groups_stand_together_however_they_came(seed: int) -> None:
    dice = Random(seed)
    sheets = [[dice.randrange(2) for _ in range(24)] for _ in range(3)]
    members = [group for group in range(3) for _ in range(5)]
    dice.shuffle(members)
    rows = [
        [1 - answer if dice.random() < 0.05 else answer for answer in sheets[group]]
        for group in members
    ]
    seen = [members[place] for place in agreement(2, 1, rows).order]
    changes = sum(a != b for a, b in pairwise(seen))
    assert changes == 2


@pytest.mark.parametrize("seed", range(5))
def test_neighbours_are_the_most_alike(seed: int) -> None:
    """Sheets that drift away from the first one step at a time come back in line."""
    drift = [[1 - a if task < 2 * step else a for task, a in enumerate(ROW)] for step in range(8)]
    places = list(range(8))
    Random(seed).shuffle(places)
    seen = [places[place] for place in agreement(2, 1, [drift[place] for place in places]).order]
    assert seen in (sorted(seen), sorted(seen, reverse=True))


@pytest.mark.parametrize("seed", range(10))
def test_nothing_is_beyond_minus_one_and_one(seed: int) -> None:
    dice = Random(seed)
    options = dice.randrange(2, 17)
    width = dice.randrange(2, min(16, 4 * (options - 1)) + 1)
    half = dice.randrange(options)
    rows = [[dice.choice([0, half, options - 1]) for _ in range(24)] for _ in range(6)]
    rows += [[options - 1 - answer for answer in row] for row in rows]
    found = agreement(options, width, rows)
    values = [value for row in found.values for value in row if value is not None]
    assert min(values) >= -1 and max(values) <= 1


def test_nobody_and_one_have_an_order() -> None:
    assert agreement(2, 1, []).order == ()
    assert agreement(2, 1, [[*ROW]]).values == ((1.0,),)


def test_the_closest_pairs_come_first() -> None:
    crowd = careful(8)
    rows = list(crowd.answers)
    rows[6] = rows[2]
    staged = StagedRound.of(replace(crowd, answers=rows)).commit().reveal()
    facts = facts_of(staged.history, OPENED, {})
    pairs = closest_pairs(facts.agreement, facts.compared, 3)
    assert (pairs[0].first.address, pairs[0].second.address) == (labeler(2), labeler(6))
    assert pairs[0].value == 1
    assert [pair.value for pair in pairs] == sorted((pair.value for pair in pairs), reverse=True)
    assert len(pairs) == 3
