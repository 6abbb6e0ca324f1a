"""The settlement agrees to the wei with the rounds handed down."""

from typing import Any

from plumbline.settlement import settle
from plumbline.settlement.terms import ScoringTerms, validate
from tests.vectors import VECTORS, each_vector, needs_vectors

pytestmark = needs_vectors


@each_vector
def test_settles_as_expected(vector: dict[str, Any]) -> None:
    terms = ScoringTerms.from_vector(vector["terms"])
    gold = {int(task): truth for task, truth in vector["gold"].items()}
    settlement = settle(terms, vector["answers"], gold)
    assert settlement.to_vector() == vector["expect"]


@each_vector
def test_its_terms_are_valid_and_read_alike(vector: dict[str, Any]) -> None:
    terms = ScoringTerms.from_vector(vector["terms"])
    validate(terms)
    assert terms.to_vector() == vector["terms"]


def test_all_sixty_are_there() -> None:
    assert len(VECTORS) == 60
