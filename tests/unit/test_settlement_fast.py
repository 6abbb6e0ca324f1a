"""The settlement on tables is the plain one's, to the last figure, whatever the round."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plumbline.settlement import Mode, SettlementError, settle
from plumbline.settlement.consensus import Row
from plumbline.settlement.sheet import SheetError, pack, require_sheet, unpack
from plumbline.settlement.terms import BPS, Kind, ScoringTerms
from plumbline.settlement.vectorised import settle_sheets
from tests.differential.crowds import random_round
from tests.vectors import each_vector, needs_vectors


def require_same(
    terms: ScoringTerms,
    answers: Sequence[Row | None],
    gold: Mapping[int, int],
    withheld: bool,
) -> Mode:
    """Settle those who revealed both ways."""
    rows = [row for row in answers if row is not None]
    sheets = [pack(row, terms.options) for row in rows]
    plain = settle(terms, rows, gold, withheld)
    assert settle_sheets(terms, sheets, gold, withheld) == plain.without_working()
    return plain.mode


@needs_vectors
@each_vector
def test_the_vectors_are_settled_alike(vector: dict[str, Any]) -> None:
    terms = ScoringTerms.from_vector(vector["terms"])
    gold = {int(task): truth for task, truth in vector["gold"].items()}
    require_same(terms, vector["answers"], gold, vector["gold_withheld"])


@pytest.mark.parametrize("batch", range(8))
def test_crowds_of_every_kind_are_settled_alike(batch: int) -> None:
    """Rounds that agree, split by a hair, conspire, guess, skip and stay silent."""
    modes = set()
    for seed in range(batch * 60, batch * 60 + 60):
        made = random_round(seed)
        modes.add(require_same(made.terms, made.answers, made.gold, made.gold_withheld))
    assert modes == set(Mode)


@st.composite
def rounds(draw: st.DrawFn) -> tuple[ScoringTerms, list[list[int | None]], dict[int, int], bool]:
    """Small crowds on few options, where margins are met exactly or missed by one."""
    kind = draw(st.sampled_from(Kind))
    options = draw(st.integers(2, 16))
    tasks = draw(st.integers(12, 24))
    size = draw(st.integers(0, 9))
    seats = max(3, size)
    terms = ScoringTerms(
        kind=kind,
        options=options,
        width=1 if kind is Kind.NOMINAL else draw(st.integers(2, min(16, 4 * (options - 1)))),
        tasks=tasks,
        price=draw(st.integers(1, 2**88 - 1)),
        stake=draw(st.integers(BPS, 2**88 - 1)),
        seats=seats,
        r_min=3,
        tau_bps=draw(st.integers(0, (seats - 1) * BPS // seats)),
        rho_bps=draw(st.integers(0, BPS)),
        slash_base_bps=1_000,
        slash_max_bps=draw(st.integers(1_000, BPS)),
        showup_bps=draw(st.integers(0, BPS)),
        gold_pass_bps=draw(st.integers(1, BPS)),
        gold_slash_bps=0,
    )
    answer = st.one_of(st.none(), st.integers(0, 1), st.integers(0, options - 1))
    rows = draw(st.lists(st.lists(answer, min_size=tasks, max_size=tasks), max_size=size))
    gold = draw(st.dictionaries(st.integers(0, tasks - 1), st.integers(0, options - 1)))
    return terms, rows, gold, draw(st.booleans()) and not gold


@settings(max_examples=400, deadline=None)
@given(rounds())
def test_small_rounds_are_settled_alike(
    made: tuple[ScoringTerms, list[list[int | None]], dict[int, int], bool],
) -> None:
    require_same(*made)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("options", [2, 16])
def test_a_full_house_of_the_largest_round_is_settled_alike(kind: Kind, options: int) -> None:
    """255 labelers, 256 tasks, the widest scale and the dearest money: nothing overflows."""
    terms = replace(
        random_round(1).terms,
        kind=kind,
        options=options,
        width=1 if kind is Kind.NOMINAL else min(16, 4 * (options - 1)),
        tasks=256,
        seats=255,
        price=2**88 - 1,
        stake=2**88 - 1,
        r_min=3,
        tau_bps=200,
    )
    # All right but for a few, so that sums are as large as they get.
    rows = [
        [(task * 7 + (labeler % 50 == task % 50)) % options for task in range(256)]
        for labeler in range(255)
    ]
    assert require_same(terms, rows, {}, False) is Mode.PEER


def test_nobody_and_nothing_answered_are_settled_alike() -> None:
    for kind in Kind:
        terms = replace(random_round(1).terms, kind=kind, width=1 if kind is Kind.NOMINAL else 2)
        empty: Row = [None] * terms.tasks
        require_same(terms, [], {}, False)
        require_same(terms, [empty] * 3, {0: 0}, False)
        require_same(terms, [], {}, True)


def test_what_does_not_fit_is_refused() -> None:
    made = random_round(3)
    terms = made.terms
    sheet = pack([0] * terms.tasks, terms.options)
    with pytest.raises(SettlementError, match="seats"):
        settle_sheets(terms, [sheet] * (terms.seats + 1), {})
    with pytest.raises(SettlementError, match="gold task"):
        settle_sheets(terms, [sheet], {terms.tasks: 0})
    with pytest.raises(SettlementError, match="both opened and withheld"):
        settle_sheets(terms, [sheet], {0: 0}, gold_withheld=True)
    with pytest.raises(SheetError):
        settle_sheets(terms, [(1, 0, 0, 0, 1 << 255)], {})


@settings(max_examples=400, deadline=None)
@given(
    st.tuples(*[st.integers(-1, 2**14)] * 5),
    st.integers(2, 16),
    st.integers(12, 14),
)
@example((0b1, 0b10, 0, 0, 0), 2, 12)
@example((0b1, 0b0, 0b1, 0, 0), 2, 12)
@example((0b1, 0b1, 0b1, 0, 0), 3, 12)
@example((0b1, 0b0, 0b1, 0, 0), 3, 12)
@example((1 << 12, 0, 0, 0, 0), 2, 12)
def test_a_sheet_is_well_formed_if_it_can_be_unpacked(
    sheet: tuple[int, int, int, int, int], options: int, tasks: int
) -> None:
    """The same as task by task, and with the same reason."""
    try:
        unpack(sheet, options, tasks)
    except SheetError as error:
        with pytest.raises(SheetError) as found:
            require_sheet(sheet, options, tasks)
        assert str(found.value) == str(error)
    else:
        require_sheet(sheet, options, tasks)
