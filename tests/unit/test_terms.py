"""Terms are read exactly, and impossible ones are told apart."""

from dataclasses import replace

import pytest

from plumbline.errors import PlumblineError
from plumbline.settlement.terms import (
    Kind,
    ScoringTerms,
    TermsError,
    usual_gold_count,
    usual_terms,
    validate,
)

NOMINAL = usual_terms(
    Kind.NOMINAL,
    options=2,
    width=1,
    tasks=48,
    price=10**16,
    stake=10**17,
    seats=9,
    gold_count=0,
)
ORDINAL = replace(NOMINAL, kind=Kind.ORDINAL, options=5, width=3)
GOLD = usual_terms(
    Kind.NOMINAL,
    options=2,
    width=1,
    tasks=96,
    price=10**16,
    stake=10**17,
    seats=9,
    gold_count=24,
)


def test_a_vector_is_read_and_written_alike() -> None:
    vector = NOMINAL.to_vector()
    assert vector["kind"] == "nominal"
    assert vector["price"] == "10000000000000000"
    assert vector["seats"] == 9
    assert ScoringTerms.from_vector(vector) == NOMINAL


def test_amounts_keep_every_digit() -> None:
    odd = replace(NOMINAL, stake=2**96 - 1)
    assert ScoringTerms.from_vector(odd.to_vector()) == odd


@pytest.mark.parametrize("value", [1.0, True, None, "", "1.5", "-1", "0x10", "1e18", "\u0663"])
def test_only_whole_numbers_are_read(value: object) -> None:
    with pytest.raises(TermsError, match="price must be an integer"):
        ScoringTerms.from_vector({**NOMINAL.to_vector(), "price": value})


@pytest.mark.parametrize("name", ["kind", "stake"])
def test_a_missing_entry_is_named(name: str) -> None:
    vector = NOMINAL.to_vector()
    del vector[name]
    with pytest.raises(TermsError, match=f"terms lack {name}"):
        ScoringTerms.from_vector(vector)


def test_kinds_go_by_name() -> None:
    assert [kind.label for kind in Kind] == ["nominal", "ordinal"]
    assert [Kind.parse(label) for label in ("nominal", "Ordinal")] == list(Kind)
    with pytest.raises(TermsError, match="kind must be nominal or ordinal, not 'scale'"):
        Kind.parse("scale")


def test_an_unknown_entry_is_refused() -> None:
    with pytest.raises(TermsError, match="terms have an unknown entry gold: remove it"):
        ScoringTerms.from_vector({**NOMINAL.to_vector(), "gold": 12})


def test_usual_terms_follow_the_design() -> None:  # T1.12, T1.20, T1.21, T1.25, T1.26
    assert (NOMINAL.r_min, NOMINAL.bar_bps, NOMINAL.refund_bps) == (5, 13_500, 10_000)
    assert (GOLD.r_min, GOLD.bar_bps, GOLD.refund_bps) == (3, 12_500, 5_000)
    assert (GOLD.gold_count, GOLD.gold_pass_bps, GOLD.gold_slash_bps) == (24, 2_500, 2_083)
    few = usual_terms(Kind.NOMINAL, 4, 1, 48, 1, 10**6, seats=4, gold_count=0)
    assert (few.r_min, few.gold_pass_bps) == (4, 2_500)


@pytest.mark.parametrize(
    ("gold_count", "expected"), [(8, 6_250), (12, 4_166), (24, 2_083), (49, 1_020), (64, 1_000)]
)
def test_the_more_golds_the_less_is_needed_to_fail_them(gold_count: int, expected: int) -> None:
    usual = usual_terms(Kind.NOMINAL, 4, 1, 256, 1, 10**6, seats=9, gold_count=gold_count)
    assert usual.gold_slash_bps == expected
    validate(usual)


@pytest.mark.parametrize(
    ("options", "tasks", "expected"),
    [(2, 48, 12), (2, 95, 23), (2, 96, 24), (2, 256, 24), (3, 32, 8), (3, 48, 12), (16, 256, 12)],
)
def test_the_usual_number_of_golds_follows_the_design(
    options: int, tasks: int, expected: int
) -> None:
    assert usual_gold_count(options, tasks) == expected
    validate(usual_terms(Kind.NOMINAL, options, 1, tasks, 1, 10**6, 9, expected))


@pytest.mark.parametrize(
    "changes",
    [
        {"options": 2},
        {"options": 16},
        {"tasks": 12},
        {"tasks": 256},
        {"seats": 3, "r_min": 3},
        {"seats": 255, "r_min": 255},
        {"price": 1, "stake": 4},
        {"price": 2**88 - 1, "stake": 2**88 - 1},
        {"tau_bps": 0, "rho_bps": 0, "showup_bps": 0},
        {"tau_bps": 8_888, "rho_bps": 10_000, "showup_bps": 10_000},
        {"slash_base_bps": 1, "slash_max_bps": 500},
        {"slash_base_bps": 10_000, "slash_max_bps": 10_000},
        {"bar_bps": 10_000, "refund_bps": 0},
        {"bar_bps": 20_000, "refund_bps": 10_000},
        {"gold_pass_bps": 0, "gold_slash_bps": 0},
        {"gold_pass_bps": 10_000, "gold_slash_bps": 10_000},
    ],
)
def test_terms_at_the_limits_are_valid(changes: dict[str, int]) -> None:
    validate(replace(NOMINAL, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"gold_pass_bps": 500, "gold_slash_bps": 1_000},
        {"gold_pass_bps": 4_000, "gold_slash_bps": 10_000},
        {"gold_count": 12, "tasks": 48},
        {"gold_count": 64, "tasks": 256},
        {"gold_count": 8, "tasks": 32, "options": 3},
    ],
)
def test_golds_at_the_limits_are_valid(changes: dict[str, int]) -> None:
    validate(replace(GOLD, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gold_pass_bps": 499}, "gold_pass_bps must be 500 to 4000, not 499"),
        ({"gold_pass_bps": 4_001}, "gold_pass_bps must be 500 to 4000, not 4001"),
        ({"gold_slash_bps": 999}, "gold_slash_bps must be 1000 to 10000, not 999"),
        ({"gold_slash_bps": 10_001}, "gold_slash_bps must be 1000 to 10000, not 10001"),
        ({"gold_count": 11}, "gold_count must be 12 to 24, not 11"),
        ({"gold_count": 25}, "gold_count must be 12 to 24, not 25"),
        ({"gold_count": 24, "tasks": 95}, "gold_count must be 12 to 23, not 24"),
        (
            {"gold_count": 12, "tasks": 47},
            "tasks must be 48 or more with 2 options and gold, not 47",
        ),
        ({"gold_count": 7, "options": 3}, "gold_count must be 8 to 24, not 7"),
        (
            {"gold_count": 8, "options": 3, "tasks": 31},
            "tasks must be 32 or more with 3 options and gold, not 31",
        ),
        ({"gold_count": -1}, "gold_count must be 0 to 0, not -1"),
    ],
)
def test_golds_that_judge_badly_are_refused(changes: dict[str, int], message: str) -> None:
    with pytest.raises(TermsError) as caught:
        validate(replace(GOLD, **changes))  # type: ignore[arg-type]
    assert str(caught.value) == message


@pytest.mark.parametrize("width", [2, 16])
def test_ordinal_widths_at_the_limits_are_valid(width: int) -> None:
    validate(replace(ORDINAL, width=width))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"options": 1}, "options must be 2 to 16, not 1"),
        ({"options": 17}, "options must be 2 to 16, not 17"),
        ({"width": 0}, "width of a nominal round must be 1, not 0"),
        ({"width": 2}, "width of a nominal round must be 1, not 2"),
        ({"tasks": 11}, "tasks must be 12 to 256, not 11"),
        ({"tasks": 257}, "tasks must be 12 to 256, not 257"),
        ({"seats": 2}, "seats must be 3 to 255, not 2"),
        ({"seats": 256}, "seats must be 3 to 255, not 256"),
        ({"r_min": 2}, "r_min must be 3 to 9, not 2"),
        ({"r_min": 10}, "r_min must be 3 to 9, not 10"),
        ({"price": 0}, "price must be above 0, not 0"),
        ({"stake": 0}, "stake must be above 0, not 0"),
        (
            {"price": 2**88},
            "price is more than the contract can hold (309485009821345068724781055 wei)",
        ),
        (
            {"stake": 2**88},
            "stake is more than the contract can hold (309485009821345068724781055 wei)",
        ),
        ({"stake": 3}, "stake is too small to be slashed: raise it or slash_base_bps"),
        ({"slash_base_bps": 0}, "stake is too small to be slashed: raise it or slash_base_bps"),
        ({"tau_bps": -1}, "tau_bps must be 0 to 8888, not -1"),
        ({"tau_bps": 8_889}, "tau_bps must be 0 to 8888, not 8889"),
        ({"rho_bps": -1}, "rho_bps must be 0 to 10000, not -1"),
        ({"rho_bps": 10_001}, "rho_bps must be 0 to 10000, not 10001"),
        ({"slash_max_bps": 499}, "slash_max_bps must be 500 to 10000, not 499"),
        ({"slash_max_bps": 10_001}, "slash_max_bps must be 500 to 10000, not 10001"),
        ({"slash_base_bps": -1}, "slash_base_bps must be 0 to 5000, not -1"),
        ({"slash_base_bps": 5_001}, "slash_base_bps must be 0 to 5000, not 5001"),
        ({"showup_bps": -1}, "showup_bps must be 0 to 10000, not -1"),
        ({"showup_bps": 10_001}, "showup_bps must be 0 to 10000, not 10001"),
        ({"bar_bps": 9_999}, "bar_bps must be 10000 to 20000, not 9999"),
        ({"bar_bps": 20_001}, "bar_bps must be 10000 to 20000, not 20001"),
        ({"refund_bps": -1}, "refund_bps must be 0 to 10000, not -1"),
        ({"refund_bps": 10_001}, "refund_bps must be 0 to 10000, not 10001"),
        ({"gold_pass_bps": -1}, "gold_pass_bps must be 0 to 10000, not -1"),
        ({"gold_pass_bps": 10_001}, "gold_pass_bps must be 0 to 10000, not 10001"),
        ({"gold_slash_bps": -1}, "gold_slash_bps must be 0 to 10000, not -1"),
        ({"gold_slash_bps": 10_001}, "gold_slash_bps must be 0 to 10000, not 10001"),
    ],
)
def test_impossible_terms_are_refused(changes: dict[str, int], message: str) -> None:
    with pytest.raises(TermsError) as caught:
        validate(replace(NOMINAL, **changes))  # type: ignore[arg-type]
    assert str(caught.value) == message
    assert isinstance(caught.value, PlumblineError)


@pytest.mark.parametrize("width", [1, 17])
def test_impossible_ordinal_widths_are_refused(width: int) -> None:
    with pytest.raises(TermsError, match=f"must be 2 to 16, not {width}"):
        validate(replace(ORDINAL, width=width))
