"""A round that somebody wrote down is settled as it stands, or refused in one line."""

from typing import Any

import pytest

from plumbline.errors import PlumblineError
from plumbline.formats.offline_settlement import settle_offline as split
from tests.unit.builders import GOLD_TERMS, TERMS
from tests.vectors import each_vector, needs_vectors

TRUTH = [task % 2 for task in range(48)]


def written(**changes: Any) -> dict[str, Any]:
    value = {
        "terms": GOLD_TERMS.to_vector(),
        "answers": [TRUTH] * 4 + [None],
        "gold": {str(task): task % 2 for task in range(12)},
        "gold_withheld": False,
    }
    return {key: part for key, part in {**value, **changes}.items() if part is not ...}


@needs_vectors
@each_vector
def test_the_vectors_are_settled_as_they_are_written(vector: dict[str, Any]) -> None:
    assert split(vector).to_vector() == vector["expect"]


def test_what_is_withheld_may_be_left_to_the_gold() -> None:
    assert not split(written(gold_withheld=...)).gold_withheld
    assert split(written(gold={}, gold_withheld=...)).gold_withheld
    assert split(written(gold=..., gold_withheld=True)).gold_withheld


def test_golds_that_are_not_credible_count_as_withheld() -> None:
    fewer = {str(task): task % 2 for task in range(11)}
    result = split(written(gold=fewer))
    assert (result.gold_withheld, result.usable_gold) == (True, ())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"terms": ...}, "terms are missing"),
        ({"terms": {**GOLD_TERMS.to_vector(), "golds": 1}}, "terms have an unknown entry golds"),
        ({"terms": {**GOLD_TERMS.to_vector(), "gold_count": 13}}, "gold_count must be 12 to 12"),
        (
            {"terms": TERMS.to_vector(), "answers": []},
            "gold answers are given, but the terms promise",
        ),
        ({"answers": ...}, "answers are missing"),
        ({"answers": [["0"] * 48]}, "answers of labeler 0 must be a list of numbers and nulls"),
        ({"gold": {"x": 1}}, "gold has a task 'x'"),
        ({"gold": {"1": None}}, "gold of task 1 is None"),
        ({"gold": {"1": 0, "01": 1}}, "gold has a task '01'"),
        ({"gold_withheld": 1}, "gold_withheld is 1: must be true or false"),
        ({"gold_withheld": True}, "gold_withheld is true, but gold was opened"),
        ({"gold": {}}, "gold_withheld is false, but gold answers are promised"),
        (
            {"terms": TERMS.to_vector(), "gold": {}, "gold_withheld": True},
            "gold_withheld is true, but gold was opened or gold_count is 0",
        ),
    ],
)
def test_what_is_no_round_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(PlumblineError) as error:
        split(written(**changes))
    assert reason in str(error.value)
