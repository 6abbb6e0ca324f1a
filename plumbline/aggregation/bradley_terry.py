"""Strengths of things from which of two was preferred: Bradley and Terry (1952).

Found by the steps of Hunter (2004), minorisation and maximisation, which always come nearer.
"""

from typing import Final

import numpy as np

from plumbline.aggregation.table import Floats

_STEPS: Final = 1_000
_STILL: Final = 1e-9
_PRIOR: Final = 0.1  # wins of each over an average thing: so that who never loses is not infinite


def strengths(wins: Floats) -> Floats:
    """`wins[a, b]` is how often a was preferred to b, a tie half for each; strengths sum to 1.

    P(a preferred to b) = strength a / (strength a + strength b).
    """
    things = len(wins)
    won = wins.sum(axis=1) + _PRIOR
    met = wins + wins.T
    strength = np.full(things, 1 / things)
    for _ in range(_STEPS):
        before = strength
        pairs = met / (strength[:, None] + strength[None, :])
        np.fill_diagonal(pairs, 0)
        average = 2 * _PRIOR / (strength + 1 / things)
        strength = won / (pairs.sum(axis=1) + average)
        strength = strength / strength.sum()
        if np.abs(strength - before).max() < _STILL:
            break
    return strength
