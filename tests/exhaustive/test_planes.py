"""Each word-parallel function does to 256 columns what a loop over them would do.

A count has 256 values and a word 256 columns: with the counts 0..255 laid side by side, one
call compares them all with something, so that 256 calls cover every pair.
"""

from collections.abc import Callable, Sequence
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exhaustive.columns import (
    ALL,
    ANSWERS,
    COLUMNS,
    OPTIONS,
    Answer,
    counter,
    in_words,
    plane,
    sheet,
)
from tests.world.chain import Contract

COUNTS = range(256)
EVERY_COUNT = list(COUNTS)
# All pairs of answers, skips among them, do not fit into one word: two of them, then.
HALVES = list(in_words(list(product(ANSWERS, repeat=2))))
# Planes that mix well: none, all, every second column, and two without a pattern.
MASKS = (0, ALL, ALL // 3, *(Random(seed).getrandbits(COLUMNS) for seed in (1, 2)))

planes_of_all_kinds = st.integers(min_value=0, max_value=ALL)


def where(sieve: Callable[[int, int], bool], pairs: Sequence[tuple[Answer, Answer]]) -> int:
    """The plane of the pairs of answers, without a skip, that pass the sieve."""
    return plane([a is not None and b is not None and sieve(a, b) for a, b in pairs])


# One plane.


def test_popcount_of_every_double_byte_alone_and_in_all_sixteen_places(planes: Contract) -> None:
    """These are the fields that are added up in the end; up to there none touches another."""
    for start in range(0, 2**16, COLUMNS):
        fields = range(start, start + COLUMNS)
        ones = [field.bit_count() for field in fields]
        alone = [field << 16 * (field % 16) for field in fields]
        everywhere = [field * (ALL // 65_535) for field in fields]
        assert planes.ask("popcounts", alone) == tuple(ones)
        assert planes.ask("popcounts", everywhere) == tuple(16 * count for count in ones)


def test_popcount_of_every_run_of_ones(planes: Contract) -> None:
    """Every number of tasks, 256 being the one that does not fit into a byte."""
    for start in range(COLUMNS):
        runs = [2**length - 1 << start for length in range(1, COLUMNS + 1 - start)]
        assert planes.ask("popcounts", runs) == tuple(range(1, len(runs) + 1))


def test_first_is_the_plane_of_that_many_lowest_columns(planes: Contract) -> None:
    for count in range(1, COLUMNS + 1):
        assert planes.ask("first", count) == 2**count - 1


def test_union_holds_what_is_in_either_plane(planes: Contract) -> None:
    assert planes.ask("union", 0b0101, 0b0011) == 0b0111  # all there is in a column


# Sheets.


def test_columns_hold_the_options_with_the_same_remainder(planes: Contract) -> None:
    assert planes.ask("columns", sheet(ANSWERS)) == tuple(
        plane([answer is not None and answer % 4 == column for answer in ANSWERS])
        for column in range(4)
    )


def test_rows_hold_four_options_in_a_row(planes: Contract) -> None:
    assert planes.ask("rows", sheet(ANSWERS)) == tuple(
        plane([answer is not None and answer // 4 == row for answer in ANSWERS]) for row in range(4)
    )


@pytest.mark.parametrize("options", range(2, 17))
def test_one_hot_has_a_plane_for_each_option(planes: Contract, options: int) -> None:
    answers = ANSWERS[: options + 1] * 2
    assert planes.ask("one_hot", sheet(answers), options) == tuple(
        plane([answer == option for answer in answers]) for option in OPTIONS
    )


def test_a_constant_sheet_gives_one_option_to_every_task(planes: Contract) -> None:
    for option in OPTIONS:
        assert tuple(planes.ask("constant_sheet", option)) == sheet([option] * COLUMNS)


@pytest.mark.parametrize("pairs", HALVES)
def test_choose_takes_the_first_sheet_in_the_mask_and_the_second_elsewhere(
    planes: Contract, pairs: Sequence[tuple[Answer, Answer]]
) -> None:
    left, right = sheet([a for a, _ in pairs]), sheet([b for _, b in pairs])
    for mask in MASKS:
        chosen = sheet([a if mask >> task & 1 else b for task, (a, b) in enumerate(pairs)])
        assert tuple(planes.ask("choose", mask, left, right)) == chosen


def test_sheets_that_differ_in_one_bit_are_not_equal(planes: Contract) -> None:
    for mask in MASKS:
        same = [mask] * 5
        assert planes.ask("equal", same, same)
        for place, column in product(range(5), range(COLUMNS)):
            other = [*same[:place], mask ^ 1 << column, *same[place + 1 :]]
            assert not planes.ask("equal", same, other)
    assert planes.ask("equal", [1, 2, 3, 4, 5], [1, 2, 3, 4, 5])


@pytest.mark.parametrize("pairs", HALVES)
def test_same_above_and_distance_of_every_pair_of_answers(
    planes: Contract, pairs: Sequence[tuple[Answer, Answer]]
) -> None:
    left, right = sheet([a for a, _ in pairs]), sheet([b for _, b in pairs])
    assert planes.ask("same", left, right) == where(lambda a, b: a == b, pairs)
    assert planes.ask("above", left, right) == where(lambda a, b: a > b, pairs)
    answered, *digits = planes.ask("distance", left, right)
    assert answered == where(lambda a, b: True, pairs)
    assert [answered & digit for digit in digits] == [
        where(lambda a, b, j=j: bool(abs(a - b) >> j & 1), pairs)  # type: ignore[misc]
        for j in range(4)
    ]


# Counters, every pair of counts.


def test_compare_tells_more_from_less_for_every_pair_of_counts(planes: Contract) -> None:
    every = counter(EVERY_COUNT)
    for count in COUNTS:
        more = plane([other > count for other in COUNTS])
        less = plane([other < count for other in COUNTS])
        assert planes.ask("compare", every, counter([count] * COLUMNS)) == (more, less)


def test_more_than_compares_every_count_with_every_number(planes: Contract) -> None:
    every = counter(EVERY_COUNT)
    for least in COUNTS:
        assert planes.ask("more_than", every, least) == plane([count > least for count in COUNTS])


def test_add_of_every_pair_of_counts_that_a_counter_can_hold(planes: Contract) -> None:
    for count in COUNTS:
        others = range(COLUMNS - count)
        total = counter([count + other for other in others])
        assert planes.ask("add", counter([count] * len(others)), counter(others)) == total


def test_subtract_of_every_pair_of_counts_that_is_not_negative(planes: Contract) -> None:
    for count in COUNTS:
        others = range(count + 1)
        rest = counter([count - other for other in others])
        assert planes.ask("subtract", counter([count] * len(others)), counter(others)) == rest


def test_halve_rounds_every_count_down(planes: Contract) -> None:
    assert planes.ask("halve", counter(EVERY_COUNT)) == counter([count // 2 for count in COUNTS])


def test_increment_adds_one_where_the_plane_says_so(planes: Contract) -> None:
    counts = EVERY_COUNT[:-1]
    for chosen in MASKS:
        mask = chosen & plane([True] * len(counts))
        raised = counter([count + (mask >> column & 1) for column, count in enumerate(counts)])
        assert planes.ask("increment", counter(counts), mask) == raised


@pytest.mark.parametrize("bits", product([0, 1], repeat=4))
def test_add_four_adds_any_four_bits_to_every_count(
    planes: Contract, bits: tuple[int, ...]
) -> None:
    counts = EVERY_COUNT[:-4]
    everywhere = plane([True] * len(counts))
    raised = counter([count + sum(bits) for count in counts])
    assert planes.ask("add_four", counter(counts), *(bit * everywhere for bit in bits)) == raised


def test_add_four_keeps_columns_apart(planes: Contract) -> None:
    rng = Random(3)
    counts = [rng.randrange(252) for _ in range(COLUMNS)]
    four = [rng.getrandbits(COLUMNS) for _ in range(4)]
    raised = [count + sum(p >> column & 1 for p in four) for column, count in enumerate(counts)]
    assert planes.ask("add_four", counter(counts), *four) == counter(raised)


def test_select_takes_the_first_counter_in_the_mask_and_the_second_elsewhere(
    planes: Contract,
) -> None:
    reverse = EVERY_COUNT[::-1]
    for mask in MASKS:
        chosen = [
            a if mask >> column & 1 else b
            for column, (a, b) in enumerate(zip(EVERY_COUNT, reverse, strict=True))
        ]
        assert planes.ask("select", mask, counter(EVERY_COUNT), counter(reverse)) == counter(chosen)


def test_weigh_of_every_count_in_one_task(planes: Contract) -> None:
    every = counter(EVERY_COUNT)
    for count in COUNTS:
        assert planes.ask("weigh", every, 1 << count) == count


@settings(max_examples=100, deadline=None)
@given(within=planes_of_all_kinds)
def test_weigh_is_the_sum_of_the_counts_within(planes: Contract, within: int) -> None:
    total = sum(count for count in COUNTS if within >> count & 1)
    assert planes.ask("weigh", counter(EVERY_COUNT), within) == total


def test_weigh_of_full_counters_reaches_its_bound(planes: Contract) -> None:
    assert planes.ask("weigh", counter([255] * COLUMNS), ALL) == 255 * COLUMNS
