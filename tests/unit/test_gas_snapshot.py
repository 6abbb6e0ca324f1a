"""A snapshot keeps every figure, and a step that grew is named."""

import re
from dataclasses import replace

import pytest

from plumbline.lab.gas.cases import CASES, GRID, Case, matching
from plumbline.lab.gas.policies import ADMITS, ATTESTATION, POLICIES, RECORD, RECORD_BY_BOOK
from plumbline.lab.gas.snapshot import (
    GasFigure,
    SnapshotError,
    from_text,
    regressions,
    to_text,
)
from plumbline.lab.gas.together import CHOSEN, ROUNDS, SMALL, WAYS
from plumbline.seating.seat_draw import KIND
from tests.build import ROOT
from tests.unit.gas import CASE, REPORT, measured

FIGURES = REPORT.figures([CASE])


def _grown(gas: int, size: int) -> list[str]:
    *others, last = FIGURES
    return regressions(FIGURES, [*others, GasFigure(last.case, last.step, gas, size)])


def test_a_snapshot_keeps_every_figure() -> None:
    every = [
        GasFigure(case.name, item.step, item.gas, item.size) for case in GRID for item in FIGURES
    ]
    assert from_text(to_text(every, GRID)) == every


def test_a_snapshot_says_which_rounds_it_holds() -> None:
    text = to_text(FIGURES, [CASE])
    assert "holds 1 rounds" in text
    assert f"#   {CASE.name}\n" in text


def test_figures_are_per_labeler_but_for_the_opening_and_code() -> None:
    assert [
        GasFigure("deployment", "Judge", 3_000_000, 15_000),
        GasFigure("account", "deposit", 46_000, 200),
        GasFigure(CASE.name, "open", 150_000, 800),
        GasFigure(CASE.name, "relayed, 50 at a time", 38_000, 292),
        GasFigure(CASE.name, "relayed, 10 at a time", 42_000, 309),
        GasFigure(CASE.name, "reveal, 50 at a time", 11_500, 230),
        GasFigure(CASE.name, "close", 20_000, 196),
    ] == FIGURES


@pytest.mark.parametrize("line", ["", "nominal", "nominal K=2  close  many", f"{'x' * 76}5"])
def test_a_line_that_is_no_figure_is_named(line: str) -> None:
    text = to_text(FIGURES, [CASE])
    number = len(text.splitlines()) + 1
    with pytest.raises(SnapshotError, match=f"line {number} is no figure"):
        from_text(text + line + "\n")


def test_a_figure_may_grow_by_half_a_percent_and_fall_freely() -> None:
    assert _grown(20_100, 196) == []
    assert _grown(1, 1) == []
    assert _grown(20_101, 196) == [f"{CASE.name}, close: 20000 gas before, 20101 now"]
    assert _grown(20_000, 197) == [f"{CASE.name}, close: 196 bytes before, 197 now"]


def test_a_figure_on_one_side_only_is_a_regression() -> None:
    assert regressions(FIGURES[1:], FIGURES) == [
        "deployment, Judge: 3000000 gas is not in the snapshot"
    ]
    assert regressions(FIGURES, FIGURES[1:]) == ["deployment, Judge: not measured"]


def test_the_snapshot_of_the_project_holds_the_rounds_that_ci_plays() -> None:
    text = (ROOT / ".gas-snapshot").read_text()
    assert re.findall(r"(?m)^#   (.*)$", text) == [case.name for case in CASES]
    names = {item.case for item in from_text(text)}
    together = {f"{ROUNDS} x {case.name}" for case in SMALL}
    rounds = {case.name for case in CASES}
    assert names == {"deployment", "account", *POLICIES, KIND} | rounds | together


@pytest.mark.parametrize(
    ("step", "most"),
    [
        (ADMITS, 15_000),
        ("join", 60_000),
        ("draw, 1 round", 125_000),
        ("draw, 20 rounds", 125_000 + 19 * 18_000),
    ],
)
def test_seats_by_lot_are_cheap(step: str, most: int) -> None:
    kept = from_text((ROOT / ".gas-snapshot").read_text())
    (gas,) = (item.gas for item in kept if (item.case, item.step) == (KIND, step))
    assert gas <= most


@pytest.mark.parametrize(
    ("policy", "most"), [(RECORD, 15_000), (RECORD_BY_BOOK, 15_000), (ATTESTATION, 11_000)]
)
def test_policies_are_cheap_to_ask(policy: str, most: int) -> None:
    kept = from_text((ROOT / ".gas-snapshot").read_text())
    (gas,) = (item.gas for item in kept if (item.case, item.step) == (policy, ADMITS))
    assert gas <= most


@pytest.mark.parametrize(
    ("case", "end"), [(SMALL[0], ""), (SMALL[0], " concluded"), (SMALL[1], " concluded")]
)
def test_small_rounds_that_go_together_cost_at_most_950_gas_a_label(case: Case, end: str) -> None:
    """Of rounds with gold tasks those that are concluded; what the library chooses costs least."""
    kept = {
        item.step: item.gas
        for item in from_text((ROOT / ".gas-snapshot").read_text())
        if item.case == f"{ROUNDS} x {case.name}"
    }
    by_way = [kept[f"a label{end}, {way}"] for way in (*WAYS, CHOSEN)]
    assert by_way == sorted(by_way, reverse=True)
    assert by_way[-1] <= 950


def test_rounds_have_names_of_their_own_and_are_found_by_them() -> None:
    assert len({case.name for case in GRID}) == len(GRID) == 49
    assert GRID[: len(CASES)] == CASES
    (found,) = matching(GRID, "nominal K=2 T=64 N=10")  # not N=100
    assert (found.tasks, found.labelers) == (64, 10)
    assert matching(GRID, "K=1") == ()


def test_two_batches_alike_are_one_figure() -> None:
    twice = [measured("reveal", 10, 140_000), measured("reveal", 10, 120_000)]
    kept = replace(REPORT, measured=tuple(twice))
    assert [item.gas for item in kept.figures([CASE])] == [3_000_000, 14_000]
