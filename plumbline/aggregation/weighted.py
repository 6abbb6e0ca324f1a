"""Votes with a weight for each labeler."""

from typing import Final

import numpy as np

from plumbline.aggregation.estimate import Estimate
from plumbline.aggregation.table import (
    UNKNOWN,
    AnswerTable,
    Floats,
    Integers,
    shares,
    softmax,
    with_gold,
)

_PASSES: Final = 5
_PRIOR: Final = 4.0  # gold tasks that the crowd's own accuracy stands for
_SUREST: Final = 0.99  # nobody is taken to be right more often


def kappa_weighted(table: AnswerTable, gold: Integers) -> Estimate:
    """Votes weighted by Cohen's kappa with all others, whose votes are weighted likewise.

    Gold answers stand for what the others say. Who agrees less than by chance has no vote.
    """
    weights = np.ones(table.labelers)
    for _ in range(_PASSES):
        found = np.maximum(kappa_with_others(table, gold, weights), 0)
        weights = found if found.any() else np.ones(table.labelers)
    return Estimate.of(with_gold(shares(table.votes(weights[table.labeler])), gold))


def kappa_with_others(table: AnswerTable, gold: Integers, weights: Floats) -> Floats:
    """Cohen's kappa of each labeler with the weighted votes of all others; 0 for who answered
    nothing, or where chance explains everything.
    """
    rows = np.arange(len(table.task))
    own = weights[table.labeler]
    others = table.votes(own)[table.task]
    others[rows, table.answer] -= own
    said = with_gold(shares(np.maximum(others, 0)), gold[table.task])
    given = table.given()
    answered = np.maximum(given.sum(axis=1), 1)
    agreed = table.by_labeler(said[rows, table.answer]) / answered
    of_others = np.stack(
        [table.by_labeler(said[:, option]) for option in range(table.options)], axis=1
    )
    by_chance = (given * of_others).sum(axis=1) / answered**2
    room = 1 - by_chance
    return np.where(room > 1e-9, (agreed - by_chance) / np.where(room > 1e-9, room, 1), 0)


def gold_weighted(table: AnswerTable, gold: Integers) -> Estimate:
    """Votes weighted by how often each labeler was right on gold tasks.

    Who is right with probability p, and else says any other option, adds log(p (K - 1) / (1 - p)):
    who is worse than chance speaks against. With few gold tasks p is near that of the crowd.
    """
    return Estimate.of(with_gold(softmax(table.votes(_evidence(table, gold))), gold))


def _evidence(table: AnswerTable, gold: Integers) -> Floats:
    """What each answer adds to the logarithm of its option."""
    truth = gold[table.task]
    known = truth != UNKNOWN
    hits = table.by_labeler((known & (table.answer == truth)).astype(np.float64))
    seen = table.by_labeler(known.astype(np.float64))
    crowd = (hits.sum() + 1) / (seen.sum() + table.options)
    right = (hits + _PRIOR * crowd) / (seen + _PRIOR)
    right = np.clip(right, 1 - _SUREST, _SUREST)
    found: Floats = np.log(right * (table.options - 1) / (1 - right))
    return found[table.labeler]


def start(table: AnswerTable, gold: Integers) -> Floats:
    """Where methods that improve step by step begin: not with a majority that gold answers
    speak against."""
    if (gold == UNKNOWN).all():
        return shares(table.votes())
    return gold_weighted(table, gold).distribution
