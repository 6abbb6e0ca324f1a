"""Each word-parallel function does to 256 columns what a loop over them would do.

A count has 256 values and a word 256 columns: with the counts 0..255 laid side by side, one
call compares them all with something, so that 256 calls cover every pair.
"""

from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import boa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.sheet import Sheet, pack

HARNESS = Path(__file__).resolve().parents[1] / "contracts" / "PlanesHarness.vy"

COLUMNS = 256
COUNTS = range(256)
OPTIONS = range(16)
ALL = 2**COLUMNS - 1

EVERY_COUNT = list(COUNTS)
EVERY_ANSWER: list[int | None] = [None, *OPTIONS]
# All pairs of answers, skips among them, do not fit into one word: two of them, then.
PAIRS = list(product(EVERY_ANSWER, repeat=2))
HALVES = [PAIRS[:COLUMNS], PAIRS[COLUMNS:]]

planes_of_all_kinds = st.integers(min_value=0, max_value=ALL)


@pytest.fixture(scope="module")
def planes() -> Any:
    return boa.load(str(HARNESS))


# The naive side: planes from columns, and columns from planes.


def plane(columns: Sequence[object]) -> int:
    """The plane with a 1 in each column that holds something true."""
    return sum(1 << column for column, bit in enumerate(columns) if bit)


def counter(counts: Sequence[int]) -> list[int]:
    """Eight planes of binary digits."""
    return [plane([count >> digit & 1 for count in counts]) for digit in range(8)]


def sheet(answers: Sequence[int | None]) -> Sheet:
    """Five planes: the answered tasks, and four binary digits."""
    return pack(answers, options=16)


def where(sieve: Callable[[int, int], bool], pairs: Sequence[tuple[int | None, int | None]]) -> int:
    """The plane of the pairs of answers, without a skip, that pass the sieve."""
    return plane([a is not None and b is not None and sieve(a, b) for a, b in pairs])


def some_plane(rng: Random) -> int:
    return rng.getrandbits(COLUMNS)


# One plane.


@pytest.mark.parametrize("number", [0, ALL, ALL >> 1, ALL - 1, ALL // 3, ALL // 5, ALL // 17])
def test_popcount_of_regular_planes(planes: Any, number: int) -> None:
    assert planes.popcount(number) == number.bit_count()


def test_popcount_of_each_single_bit_is_one(planes: Any) -> None:
    for column in range(COLUMNS):
        assert planes.popcount(1 << column) == 1


def test_popcount_of_all_but_one_bit_is_255(planes: Any) -> None:
    for column in range(COLUMNS):
        assert planes.popcount(ALL ^ 1 << column) == 255


@settings(max_examples=100, deadline=None)
@given(number=planes_of_all_kinds)
def test_popcount_is_the_number_of_ones(planes: Any, number: int) -> None:
    assert planes.popcount(number) == number.bit_count()


def test_first_is_the_plane_of_that_many_lowest_columns(planes: Any) -> None:
    for count in range(1, COLUMNS + 1):
        assert planes.first(count) == 2**count - 1


def test_union_holds_what_is_in_either_plane(planes: Any) -> None:
    assert planes.union(0b0101, 0b0011) == 0b0111


# Sheets.


def test_columns_hold_the_options_with_the_same_remainder(planes: Any) -> None:
    assert planes.columns(sheet(EVERY_ANSWER)) == [
        plane([answer is not None and answer % 4 == column for answer in EVERY_ANSWER])
        for column in range(4)
    ]


def test_rows_hold_four_options_in_a_row(planes: Any) -> None:
    assert planes.rows(sheet(EVERY_ANSWER)) == [
        plane([answer is not None and answer // 4 == row for answer in EVERY_ANSWER])
        for row in range(4)
    ]


@pytest.mark.parametrize("options", range(2, 17))
def test_one_hot_has_a_plane_for_each_option(planes: Any, options: int) -> None:
    answers = EVERY_ANSWER[: options + 1] * 2
    assert planes.one_hot(sheet(answers), options) == [
        plane([answer == option for answer in answers]) for option in OPTIONS
    ]


def test_a_constant_sheet_gives_one_option_to_every_task(planes: Any) -> None:
    for option in OPTIONS:
        assert tuple(planes.constant_sheet(option)) == sheet([option] * COLUMNS)


@pytest.mark.parametrize("pairs", HALVES)
def test_choose_takes_the_first_sheet_in_the_mask_and_the_second_elsewhere(
    planes: Any, pairs: Sequence[tuple[int | None, int | None]]
) -> None:
    left, right = sheet([a for a, _ in pairs]), sheet([b for _, b in pairs])
    for mask in (0, ALL, ALL // 3, some_plane(Random(1))):
        chosen = sheet([a if mask >> task & 1 else b for task, (a, b) in enumerate(pairs)])
        assert tuple(planes.choose(mask, left, right)) == chosen


@pytest.mark.parametrize("pairs", HALVES)
def test_same_above_and_distance_of_every_pair_of_answers(
    planes: Any, pairs: Sequence[tuple[int | None, int | None]]
) -> None:
    left, right = sheet([a for a, _ in pairs]), sheet([b for _, b in pairs])
    assert planes.same(left, right) == where(lambda a, b: a == b, pairs)
    assert planes.above(left, right) == where(lambda a, b: a > b, pairs)
    answered, *digits = planes.distance(left, right)
    assert answered == where(lambda a, b: True, pairs)
    assert [answered & digit for digit in digits] == [
        where(lambda a, b, j=j: bool(abs(a - b) >> j & 1), pairs)  # type: ignore[misc]
        for j in range(4)
    ]


# Counters, every pair of counts.


def test_compare_tells_more_from_less_for_every_pair_of_counts(planes: Any) -> None:
    every = counter(EVERY_COUNT)
    for count in COUNTS:
        more = plane([other > count for other in COUNTS])
        less = plane([other < count for other in COUNTS])
        assert planes.compare(every, counter([count] * COLUMNS)) == (more, less)


def test_more_than_compares_every_count_with_every_number(planes: Any) -> None:
    every = counter(EVERY_COUNT)
    for least in COUNTS:
        assert planes.more_than(every, least) == plane([count > least for count in COUNTS])


def test_add_of_every_pair_of_counts_that_a_counter_can_hold(planes: Any) -> None:
    for count in COUNTS:
        others = range(COLUMNS - count)
        total = counter([count + other for other in others])
        assert planes.add(counter([count] * len(others)), counter(others)) == total


def test_subtract_of_every_pair_of_counts_that_is_not_negative(planes: Any) -> None:
    for count in COUNTS:
        others = range(count + 1)
        rest = counter([count - other for other in others])
        assert planes.subtract(counter([count] * len(others)), counter(others)) == rest


def test_halve_rounds_every_count_down(planes: Any) -> None:
    assert planes.halve(counter(EVERY_COUNT)) == counter([count // 2 for count in COUNTS])


def test_increment_adds_one_where_the_plane_says_so(planes: Any) -> None:
    counts = EVERY_COUNT[:-1]
    for chosen in (0, plane(counts), ALL // 3, ALL // 5, some_plane(Random(2))):
        mask = chosen & plane([True] * len(counts))
        raised = counter([count + (mask >> column & 1) for column, count in enumerate(counts)])
        assert planes.increment(counter(counts), mask) == raised


@pytest.mark.parametrize("bits", product([0, 1], repeat=4))
def test_add_four_adds_any_four_bits_to_every_count(planes: Any, bits: tuple[int, ...]) -> None:
    counts = EVERY_COUNT[:-4]
    everywhere = plane([True] * len(counts))
    raised = counter([count + sum(bits) for count in counts])
    assert planes.add_four(counter(counts), *(bit * everywhere for bit in bits)) == raised


def test_add_four_keeps_columns_apart(planes: Any) -> None:
    rng = Random(3)
    counts = [rng.randrange(252) for _ in range(COLUMNS)]
    four = [some_plane(rng) for _ in range(4)]
    raised = [count + sum(p >> column & 1 for p in four) for column, count in enumerate(counts)]
    assert planes.add_four(counter(counts), *four) == counter(raised)


def test_select_takes_the_first_counter_in_the_mask_and_the_second_elsewhere(planes: Any) -> None:
    reverse = EVERY_COUNT[::-1]
    for mask in (0, ALL, ALL // 3, some_plane(Random(4))):
        chosen = [
            a if mask >> column & 1 else b
            for column, (a, b) in enumerate(zip(EVERY_COUNT, reverse, strict=True))
        ]
        assert planes.select(mask, counter(EVERY_COUNT), counter(reverse)) == counter(chosen)


@settings(max_examples=50, deadline=None)
@given(
    counts=st.lists(st.integers(0, 255), min_size=COLUMNS, max_size=COLUMNS),
    within=planes_of_all_kinds,
)
def test_weigh_is_the_sum_of_the_counts_within(planes: Any, counts: list[int], within: int) -> None:
    total = sum(count for column, count in enumerate(counts) if within >> column & 1)
    assert planes.weigh(counter(counts), within) == total


def test_weigh_of_full_counters_reaches_its_bound(planes: Any) -> None:
    assert planes.weigh(counter([255] * COLUMNS), ALL) == 255 * COLUMNS
