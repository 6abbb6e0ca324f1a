"""The judge agrees with the reference implementation, and with the rounds handed down, in all.

PLUMBLINE_DIFFERENTIAL_ROUNDS sets how many random rounds are judged (5,000), and
PLUMBLINE_DIFFERENTIAL_FIRST the seed of the first (0): other seeds are other rounds.
"""

import json
import os
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from plumbline.chain.packing import rules_word, status_word
from plumbline.protocol.commitment import EMPTY_SHEET
from plumbline.settlement import Band, Mode, settle
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import MAX_SEATS, validate
from tests.differential.corpus import kept
from tests.differential.crowds import Round, random_round
from tests.differential.edges import edges_of
from tests.differential.judging import ask_judge, ask_reference
from tests.vectors import each_vector, needs_vectors
from tests.world.chain import Contract, Refused

FIRST = int(os.environ.get("PLUMBLINE_DIFFERENTIAL_FIRST", "0"))
COUNT = int(os.environ.get("PLUMBLINE_DIFFERENTIAL_ROUNDS", "5000"))
BLOCK = 100

KEPT = kept()


@needs_vectors
@each_vector
def test_the_judge_settles_the_vectors_as_expected(judge: Contract, vector: dict[str, Any]) -> None:
    case = Round.from_vector(vector)
    judged = ask_judge(judge, case)
    expected = vector["expect"]
    assert judged.mode.label == expected["mode"]
    assert judged.crowd_kappa_ppm == expected["crowd_kappa_ppm"]
    assert judged.bar_ppm == expected["bar_ppm"]
    assert list(judged.usable_gold) == expected["usable_gold"]
    assert list(judged.consensus) == expected["consensus"]
    assert [outcome.to_vector() for outcome in judged.revealed] == [
        labeler
        for labeler, row in zip(expected["labelers"], case.answers, strict=True)
        if row is not None
    ]


@pytest.mark.parametrize("name", KEPT)
def test_the_judge_agrees_with_its_reference_implementation_on_hard_rounds(
    judge: Contract, name: str
) -> None:
    assert ask_judge(judge, KEPT[name]) == ask_reference(KEPT[name])


def test_no_more_sheets_are_judged_than_a_round_has_seats(judge: Contract) -> None:
    """The counters of votes hold 255."""
    full = KEPT["only the first task counts for some only"]
    seated = replace(full.terms, seats=MAX_SEATS)
    sheets = [pack(full.answers[1], full.terms.options)] * MAX_SEATS
    words = status_word(seated), rules_word(seated)
    judge.ask("judge", *words, sheets, EMPTY_SHEET)
    with pytest.raises(Refused):
        judge.ask("judge", *words, [*sheets, sheets[0]], EMPTY_SHEET)


@pytest.mark.parametrize("first", range(FIRST, FIRST + COUNT, BLOCK))
def test_the_judge_agrees_with_its_reference_implementation(judge: Contract, first: int) -> None:
    for seed in range(first, min(first + BLOCK, FIRST + COUNT)):
        case = random_round(seed)
        judged, expected = ask_judge(judge, case), ask_reference(case)
        if judged != expected:
            print(json.dumps(case.to_vector(f"seed-{seed}")))
        assert judged == expected


def test_random_rounds_have_valid_terms_and_reach_every_case() -> None:
    seen: Counter[str] = Counter()
    for seed in range(300):
        case = random_round(seed)
        validate(case.terms)
        settlement = settle(case.terms, case.answers, case.gold)
        seen[f"mode {settlement.mode.label}"] += 1
        seen.update({f"band {outcome.band.label}" for outcome in settlement.labelers})
        seen["not credible"] += settlement.gold_withheld and bool(case.gold)
        seen["withheld"] += case.gold_withheld
        seen["full house"] += len(case.answers) == MAX_SEATS
        seen["nobody"] += all(row is None for row in case.answers)
    common = [f"mode {mode.label}" for mode in Mode] + [f"band {band.label}" for band in Band]
    assert [what for what in common if seen[what] < 20] == []
    assert [
        what for what in ("not credible", "withheld", "full house", "nobody") if not seen[what]
    ] == []


def test_every_edge_that_random_rounds_come_to_has_a_round_that_is_kept() -> None:
    known = {edge for case in KEPT.values() for edge in edges_of(case)}
    assert set().union(*(edges_of(random_round(seed)) for seed in range(200))) - known == set()
