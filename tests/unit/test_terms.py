"""Terms are read exactly, and impossible ones are told apart."""

from dataclasses import replace

import pytest

from plumbline.errors import PlumblineError
from plumbline.settlement.terms import (
    Kind,
    ScoringTerms,
    TermsError,
    gold_presets,
    usual_terms,
    validate,
)

NOMINAL = usual_terms(
    Kind.NOMINAL, options=2, width=1, tasks=48, price=10**16, stake=10**17, seats=9
)
ORDINAL = replace(NOMINAL, kind=Kind.ORDINAL, options=5, width=3)


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


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (2, (5_000, 2_500)),
        (3, (4_800, 1_600)),
        (4, (4_000, 1_250)),
        (5, (3_500, 1_000)),
        (7, (2_928, 714)),
        (11, (2_409, 454)),
        (16, (2_125, 312)),
    ],
)
def test_gold_presets_follow_the_design(options: int, expected: tuple[int, int]) -> None:
    assert gold_presets(options) == expected


@pytest.mark.parametrize("options", [0, 1, 17])
def test_there_is_no_preset_without_options(options: int) -> None:
    with pytest.raises(TermsError, match="options must be 2 to 16"):
        gold_presets(options)


@pytest.mark.parametrize("options", range(2, 17))
def test_gold_presets_are_valid(options: int) -> None:
    gold_pass, gold_slash = gold_presets(options)
    terms = replace(NOMINAL, options=options, gold_pass_bps=gold_pass, gold_slash_bps=gold_slash)
    validate(terms)


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
        {"gold_pass_bps": 1, "gold_slash_bps": 0},
        {"gold_pass_bps": 10_000, "gold_slash_bps": 9_999},
    ],
)
def test_terms_at_the_limits_are_valid(changes: dict[str, int]) -> None:
    validate(replace(NOMINAL, **changes))  # type: ignore[arg-type]


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
        ({"gold_pass_bps": 0}, "gold_pass_bps must be 1 to 10000, not 0"),
        ({"gold_pass_bps": 10_001}, "gold_pass_bps must be 1 to 10000, not 10001"),
        ({"gold_slash_bps": -1}, "gold_slash_bps must be 0 to 4999, not -1"),
        ({"gold_slash_bps": 5_000}, "gold_slash_bps must be 0 to 4999, not 5000"),
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
