"""A snapshot keeps every figure, and a step that grew is named."""

import pytest

from plumbline.gas import (
    CASES,
    Figure,
    GasError,
    from_snapshot,
    per_label,
    regressions,
    to_snapshot,
)

CASE = CASES[1]
FIGURES = [
    Figure(CASE.name, "open (whole)", 150_000),
    Figure(CASE.name, "commit, own transaction", 60_000),
    Figure(CASE.name, "commit, relayed", 38_000),
    Figure(CASE.name, "reveal", 11_500),
    Figure(CASE.name, "close", 20_000),
    Figure(CASE.name, "close (whole)", 2_000_000),
]


def test_a_snapshot_keeps_every_figure() -> None:
    every = [Figure(case.name, item.step, item.gas) for case in CASES for item in FIGURES]
    assert from_snapshot(to_snapshot(every)) == every


@pytest.mark.parametrize("line", ["", "nominal", "nominal K=2  close  many", f"{'x' * 58}5"])
def test_a_line_that_is_no_figure_is_named(line: str) -> None:
    with pytest.raises(GasError, match="line 7 is no figure"):
        from_snapshot(to_snapshot(FIGURES) + line + "\n")


def test_a_figure_may_grow_by_half_a_percent_and_fall_freely() -> None:
    def changed(gas: int) -> list[Figure]:
        return [*FIGURES[:4], Figure(CASE.name, "close", gas), FIGURES[5]]

    assert regressions(FIGURES, changed(20_100)) == []
    assert regressions(FIGURES, changed(1)) == []
    assert regressions(FIGURES, changed(20_101)) == [f"{CASE.name}, close: 20000 before, 20101 now"]


def test_a_figure_on_one_side_only_is_a_regression() -> None:
    assert regressions(FIGURES[1:], FIGURES) == [
        f"{CASE.name}, open (whole): 150000 is not in the snapshot"
    ]
    assert regressions(FIGURES, FIGURES[1:]) == [f"{CASE.name}, open (whole): not measured"]


def test_a_label_bears_its_share_of_every_step() -> None:
    assert per_label(FIGURES, CASE) == (1_500 + 38_000 + 11_500 + 20_000) / 256
