"""The settlement agrees to the wei with the rounds handed down."""

import json
from typing import Any

import pytest

from plumbline.settlement import settle
from plumbline.terms import ScoringTerms, validate
from tests.paths import ROUNDS

VECTORS: list[dict[str, Any]] = json.loads(ROUNDS.read_text()) if ROUNDS.exists() else []

pytestmark = pytest.mark.skipif(not VECTORS, reason=f"no vectors at {ROUNDS}")


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_settles_as_expected(vector: dict[str, Any]) -> None:
    terms = ScoringTerms.from_vector(vector["terms"])
    gold = {int(task): truth for task, truth in vector["gold"].items()}
    settlement = settle(terms, vector["answers"], gold, vector["gold_withheld"])
    assert settlement.to_vector() == vector["expect"]


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_its_terms_are_valid_and_read_alike(vector: dict[str, Any]) -> None:
    terms = ScoringTerms.from_vector(vector["terms"])
    validate(terms)
    assert terms.to_vector() == vector["terms"]


def test_all_sixty_are_there() -> None:
    assert len(VECTORS) == 60
