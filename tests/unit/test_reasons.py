"""Why everybody got what they got is said in words that fit."""

from dataclasses import replace

import pytest

from plumbline.settlement import Band, settle
from plumbline.settlement.consensus import Row
from plumbline.settlement.reasons import reasons
from plumbline.settlement.terms import ScoringTerms
from tests.unit.builders import GOLD_TERMS, TERMS

GOLD = {task: task % 2 for task in range(12)}
TRUTH = [task % 2 for task in range(48)]
WRONG = [1 - answer for answer in TRUTH]


def sheet(right: int, rest: Row = tuple(TRUTH[12:])) -> list[int | None]:
    """So many gold tasks right from the first on, and the 36 other tasks."""
    return [*TRUTH[:right], *WRONG[right:12], *rest]


def beside(row: Row | None, others: int = 5, terms: ScoringTerms = GOLD_TERMS) -> str:
    """The reason of a labeler beside some who answer all right."""
    return reasons(settle(terms, [TRUTH] * others + [row], GOLD))[-1]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (None, "never revealed"),
        (sheet(12), "agrees: full pay"),
        (sheet(12, [*WRONG[12:18], *TRUTH[18:]]), "agrees in part: 66% of pay"),
        ([None, *sheet(12)[1:]], "97% answered: 97% of pay"),
        (sheet(12, [None] * 12 + TRUTH[24:]), "agrees in part, 75% answered: 49% of pay"),
        (sheet(12, WRONG[12:]), "close to chance: no pay"),
        (sheet(7), "no pay: kappa 0.17 on gold, 0.25 needed"),
        ([*TRUTH[:2], *[None] * 46], "no pay: kappa 0.17 on gold (2 of 12 answered), 0.25 needed"),
        ([None] * 48, "nothing answered: no better than chance"),
        ([*sheet(12)[:14], *[None] * 34], "only 29% answered: no pay"),
        (sheet(3), "contradicts gold answers: kappa -0.50"),
        (sheet(6, WRONG[12:]), "contradicts the others"),
        (sheet(6, [0] * 36), "no better than chance"),
    ],
)
def test_beside_a_crowd(row: Row | None, expected: str) -> None:
    assert beside(row) == expected


def test_where_golds_judge() -> None:
    assert beside(sheet(12), others=1) == "right by the gold answers: full pay"
    assert beside(sheet(9), others=1) == "right in part: 83% of pay"
    few = settle(GOLD_TERMS, [TRUTH] * 2 + [sheet(6)] * 7, GOLD)
    assert reasons(few)[-1] == "no better than chance on gold: kappa 0.00"


def test_where_nobody_judges() -> None:
    void = settle(replace(TERMS, tasks=48), [TRUTH, [0] * 24 + [None] * 24], {})
    assert {outcome.band for outcome in void.labelers} == {Band.VOID}
    assert reasons(void) == [
        "not scored: show-up fee",
        "not scored, 50% answered: show-up fee",
    ]


LONG = replace(TERMS, tasks=256, seats=9)
ALTERNATING = [task % 2 for task in range(256)]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([*ALTERNATING[:10], *[None] * 246], "only 3% answered: no pay"),
        ([*ALTERNATING[:2], *[None] * 254], "only under 1% answered: no pay"),
        (
            [*ALTERNATING[:150], *[0] * 50, *[None] * 56],
            "agrees in part, 78% answered: 45% of pay",
        ),
        ([*ALTERNATING[:30], *[0] * 126, *[None] * 100], "close to chance, 60% answered: no pay"),
        ([None] * 256, "nothing answered: no better than chance"),
    ],
)
def test_who_is_right_but_skips_is_not_told_to_be_close_to_chance(row: Row, expected: str) -> None:
    assert reasons(settle(LONG, [ALTERNATING] * 5 + [row], {}))[-1] == expected
