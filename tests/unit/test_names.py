"""What is written for a name means that name or none, whatever a spreadsheet has made of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.formats.names import Names, NamesError, look_of, option_number
from plumbline.formats.spreadsheet import guarded, to_csv, unguarded


@pytest.mark.parametrize(
    ("options", "written", "option"),
    [
        (("0.0", "0.5", "1.0"), "1", 2),
        (("0.0", "0.5", "1.0"), 0, 0),
        (("0.0", "0.5", "1.0"), 0.5, 1),
        (("0.0", "0.5", "1.0"), ".50", 1),
        (("1", "-1"), "+1", 0),
        (("1", "-1"), "-1.0", 1),
        (("1", "-1"), "\u22121", 1),
        (("true", "false"), "TRUE", 0),
        (("true", "false"), True, 0),
        (("true", "false", "?"), False, 1),
        (("caf\u00e9", "tea"), "cafe\u0301", 0),
        (("very good", "bad"), " Very\u00a0  good\ufeff", 0),
        (("=a", "b"), "'=a", 0),
        (("'=a", "b"), "''=a", 0),
        (("007", "8"), "7", 0),
        (("1e3", "b"), "1000", 0),
        (("bad", "so so", "good"), "3", 2),
        (("bad", "so so", "good"), 1, 0),
    ],
)
def test_a_name_is_that_name_however_it_is_spelt(
    options: tuple[str, ...], written: Any, option: int
) -> None:
    assert option_number(written, options) == option


@pytest.mark.parametrize(
    ("options", "written"),
    [
        # A number that could be meant as a name: of the start, of an amount, of no or yes.
        (("1 - bad", "2 - ok", "3 - good"), "1"),
        (("0.0", "0.5", "1.0"), "2"),
        (("1", "2", "3"), "0"),
        (("no", "yes"), "1"),
        (("no", "yes", "unsure"), "1"),
        (("bad", "so so", "good"), "0"),
        (("bad", "so so", "good"), "4"),
        (("bad", "so so", "good"), True),
        (("bad", "so so", "good"), "1.5"),
        (("bad", "so so", "good"), None),
        (("bad", "so so", "good"), ["bad"]),
        (("yes", "no"), True),
        (("1000", "b"), "1,000"),
        (("bad", "good"), ""),
        (("bad", "good"), "1"),
    ],
)
def test_what_might_be_another_is_refused(options: tuple[str, ...], written: Any) -> None:
    with pytest.raises(NamesError, match="is not an option: give one of"):
        option_number(written, options)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("caf\u00e9", "cafe\u0301"),
        ("a b", " a  b "),
        ("Yes", "yes"),
        ("1", "1.0"),
        ("-1", "\u22121"),
        ("good", "go\u200bod"),
        ("=a", "'=a"),
        ("0", "-0"),
    ],
)
def test_options_that_look_alike_are_refused(one: str, other: str) -> None:
    with pytest.raises(NamesError, match=r"\(numbers 1 and 3\) are the same name twice, or look"):
        Names.of((one, "other", other), has_case=False)


def test_a_name_of_which_nothing_is_seen_is_refused() -> None:
    with pytest.raises(NamesError, match="name 2 is empty"):
        Names.of(("a", "\u200b "), has_case=False)


def test_of_tasks_upper_and_lower_case_differ() -> None:
    names = Names.of(("aB", "ab"), has_case=True)
    assert (names.find("aB"), names.find(" ab "), names.find("AB")) == (0, 1, None)


@given(st.text(max_size=8), st.booleans())
def test_a_look_looks_like_itself(text: str, has_case: bool) -> None:
    look = look_of(text, has_case)
    assert look_of(f" {look}\t", has_case) == look or look.startswith("'")


# ---------------------------------------------------------------- spreadsheets


@pytest.mark.parametrize("cell", ["=1+1", "+a", "-a", "@a", "\t=a", "\ra", "'=a", "\uff1da", "-"])
def test_what_a_spreadsheet_would_run_is_guarded(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-1", "+1", "-0.5", "1e3", "-.5", "", "it's", "'", "a=b", "5-1"])
def test_what_does_no_harm_stays_as_it_is(cell: str) -> None:
    assert guarded(cell) == unguarded(cell) == cell


@given(st.text(st.sampled_from("'=+-@\t\r1.ea"), max_size=5) | st.text())
def test_what_is_guarded_comes_back(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell


def test_cells_are_quoted_where_any_reader_might_split_or_strip_them() -> None:
    rows = [["a;b", 'say "x"', " a", "a\rb"], [-1, "-x", "", 2]]
    assert to_csv(rows) == '"a;b","say ""x"""," a","a\rb"\n-1,\'-x,,2\n'
