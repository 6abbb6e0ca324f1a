"""The rounds handed down with the settlement expected of each, if they are of this rule.

They come with the design and not with the code: where the design is a version ahead, its rounds
have terms that the contract does not know, and are no measure of it.
"""

import json
from dataclasses import fields
from typing import Any

import pytest

from plumbline.settlement.terms import ScoringTerms
from tests.paths import ROUNDS


def _load() -> tuple[list[dict[str, Any]], str]:
    """The rounds, or none and why."""
    if not ROUNDS.exists():
        return [], f"no vectors at {ROUNDS}"
    vectors: list[dict[str, Any]] = json.loads(ROUNDS.read_text())
    known = {field.name for field in fields(ScoringTerms)}
    unknown = sorted(set(vectors[0]["terms"]) ^ known)
    if unknown:
        return [], f"the vectors are of a rule with other terms: {', '.join(unknown)}"
    return vectors, ""


VECTORS, WHY_NONE = _load()

needs_vectors = pytest.mark.skipif(not VECTORS, reason=WHY_NONE)
each_vector = pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
