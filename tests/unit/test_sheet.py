"""Answers and bit planes say the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.settlement.sheet import (
    SHEET_PLANES,
    SheetError,
    digits,
    pack,
    planes_used,
    tighten,
    unpack,
    widen,
)

options_counts = st.integers(2, 16)


@st.composite
def answer_rows(draw: st.DrawFn) -> tuple[int, list[int | None]]:
    options = draw(options_counts)
    answer = st.none() | st.integers(0, options - 1)
    return options, draw(st.lists(answer, min_size=1, max_size=256))


@given(answer_rows())
def test_unpack_inverts_pack(case: tuple[int, list[int | None]]) -> None:
    options, answers = case
    sheet = pack(answers, options)
    assert len(sheet) == SHEET_PLANES
    assert all(0 <= plane < 2**256 for plane in sheet)
    assert unpack(sheet, options, len(answers)) == answers


@given(answer_rows())
def test_widen_inverts_tighten(case: tuple[int, list[int | None]]) -> None:
    options, answers = case
    sheet = pack(answers, options)
    tight = tighten(sheet, options)
    assert len(tight) == planes_used(options)
    assert widen(tight) == sheet


@given(options_counts, st.lists(st.integers(0, 15), min_size=5, max_size=5))
def test_planes_that_unpack_are_what_pack_writes(options: int, planes: list[int]) -> None:
    try:
        answers = unpack(planes, options, 4)
    except SheetError:
        return
    assert pack(answers, options) == tuple(planes)


def test_each_task_has_its_bit_and_each_digit_its_plane() -> None:
    assert pack([2, None, 1], 4) == (0b101, 0b100, 0b001, 0, 0)
    assert pack([15, 0], 16) == (0b11, 1, 1, 1, 1)


def test_the_last_of_256_tasks_fits() -> None:
    answers: list[int | None] = [None] * 255 + [1]
    assert pack(answers, 2) == (1 << 255, 1 << 255, 0, 0, 0)
    assert unpack((1 << 255, 1 << 255, 0, 0, 0), 2, 256) == answers


@pytest.mark.parametrize(
    ("options", "expected"), [(2, 1), (3, 2), (4, 2), (5, 3), (8, 3), (9, 4), (16, 4)]
)
def test_digits_are_just_enough_for_the_highest_option(options: int, expected: int) -> None:
    assert digits(options) == expected
    assert planes_used(options) == expected + 1


@pytest.mark.parametrize("answer", [3, 4, -1])
def test_an_answer_that_is_no_option_is_not_packed(answer: int) -> None:
    with pytest.raises(SheetError, match=rf"task 1 has answer {answer}: must be 0 to 2"):
        pack([0, answer], 3)


def test_more_than_256_answers_are_not_packed() -> None:
    with pytest.raises(SheetError, match="257 answers"):
        pack([None] * 257, 2)


def test_an_option_out_of_range_is_not_unpacked() -> None:
    with pytest.raises(SheetError, match="task 2 has answer 3: must be 0 to 2"):
        unpack((0b100, 0b100, 0b100, 0, 0), 3, 4)


@pytest.mark.parametrize("number", [0, 1])
def test_a_bit_beyond_the_last_task_is_not_unpacked(number: int) -> None:
    planes = [0b1111, 0, 0, 0, 0]
    assert unpack(planes, 2, 4) == [0, 0, 0, 0]
    planes[number] |= 1 << 4
    with pytest.raises(SheetError, match=f"plane {number} has a bit of task 4"):
        unpack(planes, 2, 4)


def test_a_word_of_more_than_256_bits_is_not_unpacked() -> None:
    with pytest.raises(SheetError, match="plane 0 has a bit of task 256"):
        unpack((1 << 256, 0, 0, 0, 0), 2, 256)
    with pytest.raises(SheetError, match="257 tasks"):
        unpack((1 << 256, 0, 0, 0, 0), 2, 257)


def test_a_negative_plane_is_not_unpacked() -> None:
    with pytest.raises(SheetError, match="plane 1 is -1"):
        unpack((0, -1, 0, 0, 0), 2, 4)


def test_a_digit_of_a_skipped_task_is_not_unpacked() -> None:
    with pytest.raises(SheetError, match="task 1 is skipped but has digits of 2"):
        unpack((0b1101, 0, 0b0010, 0, 0), 4, 4)


@pytest.mark.parametrize(("options", "number"), [(2, 2), (4, 3), (8, 4)])
def test_a_plane_beyond_the_digits_must_be_empty(options: int, number: int) -> None:
    planes = [0b1000, 0, 0, 0, 0]
    planes[number] = 0b1000
    with pytest.raises(SheetError, match=f"plane {number} has a bit of task 3"):
        unpack(planes, options, 4)
    with pytest.raises(SheetError, match=f"plane {number} has a bit of task 3"):
        tighten(planes, options)


@pytest.mark.parametrize("count", [4, 6])
def test_a_sheet_has_five_planes(count: int) -> None:
    with pytest.raises(SheetError, match=f"{count} planes"):
        unpack([0] * count, 2, 4)
    with pytest.raises(SheetError, match=f"{count} planes"):
        tighten([0] * count, 2)


def test_more_than_five_planes_do_not_widen() -> None:
    with pytest.raises(SheetError, match="6 planes"):
        widen([0] * 6)


@given(answer_rows())
def test_bit_by_bit_a_sheet_is_what_its_definition_says(
    case: tuple[int, list[int | None]],
) -> None:
    options, answers = case
    planes = [0] * SHEET_PLANES
    for task, answer in enumerate(answers):
        if answer is not None:
            planes[0] |= 1 << task
            for digit in range(4):
                planes[1 + digit] |= (answer >> digit & 1) << task
    assert pack(answers, options) == tuple(planes)


@pytest.mark.parametrize("answer", [1.0, "1"])
def test_what_is_no_whole_number_is_no_answer(answer: object) -> None:
    with pytest.raises(TypeError):
        pack([0, answer], 2)  # type: ignore[list-item]


def test_more_options_than_four_digits_tell_apart_are_refused() -> None:
    with pytest.raises(SheetError, match="17 options: a sheet tells 16 apart"):
        pack([0], 17)
