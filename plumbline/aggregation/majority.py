"""As on the chain: most votes, or on a scale the one in the middle."""

import numpy as np

from plumbline.aggregation.estimate import Estimate
from plumbline.aggregation.table import UNKNOWN, AnswerTable, Integers, shares, with_gold


def majority(table: AnswerTable, gold: Integers) -> Estimate:
    """The crowd's answer of the specification (K), every labeler with one vote."""
    votes = table.votes()
    if table.is_ordinal:
        middle = np.maximum(1, votes.sum(axis=1, keepdims=True) // 2)
        labels = (votes.cumsum(axis=1) >= middle).argmax(axis=1)
    else:
        labels = votes.argmax(axis=1)
    return Estimate(np.where(gold == UNKNOWN, labels, gold), with_gold(shares(votes), gold))
