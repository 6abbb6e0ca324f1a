"""Amounts and durations are exact both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.units import ETHER, Unit, UnitError, format_duration, parse_duration

USDC = Unit("USDC", 6, "0x" + "11" * 20)


@pytest.mark.parametrize(
    ("text", "wei"),
    [
        ("0.01 ether", 10**16),
        ("1ETH", 10**18),
        ("5 gwei", 5 * 10**9),
        ("1_000 wei", 1_000),
        ("7", 7),
        (7, 7),
        ("0.000000000000000001 ether", 1),
        ("309485009.821345068724781055 ether", 2**88 - 1),
    ],
)
def test_amounts_are_read_exactly(text: object, wei: int) -> None:
    assert ETHER.parse(text) == wei


@pytest.mark.parametrize(
    "text",
    [
        "0.01",
        "1.5 wei",
        "1e18",
        "-1 ether",
        -1,
        "1 usdc",
        "",
        "ether",
        None,
        True,
        0.5,
        "1,5 ether",
    ],
)
def test_what_is_no_amount_is_refused(text: object) -> None:
    with pytest.raises(UnitError, match="price is"):
        ETHER.parse(text, "price")


@given(st.integers(0, 2**96), st.sampled_from([ETHER, USDC, Unit("NIL", 0, "0x")]))
def test_the_exact_form_is_read_back(amount: int, unit: Unit) -> None:
    assert unit.parse(unit.exact(amount)) == amount


@given(st.integers(0, 2**96))
def test_the_short_form_is_never_more_than_there_is(amount: int) -> None:
    shown = ETHER.parse(ETHER.short(amount))
    assert shown <= amount
    assert amount - shown <= amount // 100 + 0 or amount - shown < 10**14


@pytest.mark.parametrize(
    ("wei", "short", "column"),
    [
        (0, "0 ETH", "0.0000"),
        (1, "1 wei", "1 wei"),
        (10**11, "100 gwei", "100 gwei"),
        (123 * 10**14, "0.0123 ETH", "0.0123"),
        (123456 * 10**10, "0.00123 ETH", "0.0012"),
        (12345678 * 10**12, "12.3456 ETH", "12.3456"),
        (-(10**18), "-1 ETH", "-1.0000"),
    ],
)
def test_short_forms(wei: int, short: str, column: str) -> None:
    assert ETHER.short(wei) == short
    assert ETHER.column(wei) == column


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2h", 7_200), ("1d 12h", 129_600), ("90 minutes", 5_400), ("45", 45), (45, 45), ("5m", 300)],
)
def test_durations(text: object, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["soon", "2x", "1 month", "h", 0, "0s", -5, True, None, "2h 3"])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(UnitError, match="commit is"):
        parse_duration(text, "commit")


def test_durations_in_words() -> None:
    assert [format_duration(seconds) for seconds in (0, 59, 301, 5_400, 129_600)] == [
        "0s",
        "59s",
        "5m 1s",
        "1h 30m",
        "1d 12h",
    ]
