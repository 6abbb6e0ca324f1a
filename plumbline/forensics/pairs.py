"""How much more two labelers agree than the model explains, and how likely that is by chance.

With r = given - p (a labeler's answers less their chances) the statistic of a pair is

    S = sum over tasks of sum over x of r[i,t,x] * r[j,t,x]

On a task with answers a and b that is [a = b] less what was expected of either. Sharing a rare
answer counts for much, sharing what everybody says for nothing. Under independence:

    mean      - sum v[i,t,x] * v[j,t,x] / V[t,x], v = p(1-p), V its sum over labelers: as the
              votes on a task are given, where one has voted for x there is one vote less for
              the others
    variance  sum over tasks of the trace of C[i,t] C[j,t], C[i,t] = diag(p) - p p'
    tail      by the saddlepoint of Lugannani and Rice (1980), since S is a sum of T
              independent terms with known distributions, most of them far from normal. (Where
              all tasks are alike S has steps, and the chance may be twice as large.)

Real crowds have more in common than any model: schools of thought, shared errors. `spread` is
how much wider the pairs of this crowd lie about their median than they should; every deviation
is divided by it before its tail is taken (Efron's empirical null, 2004). Only the lower half is
looked at, so that those who agree too much cannot widen it. And no likeness up to KINSHIP is held
against anybody: S must exceed its mean by that share of the length of both residuals, before it
counts at all.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from plumbline.forensics.model import Array

KINSHIP: Final = 0.25  # likeness that labelers who work alone may have, see docs/forensics.md
LEAST_VARIANCE: Final = 0.5  # of S: below, two sheets can be neither like nor unlike
SMALLEST: Final = 1e-300

_QUARTILE: Final = 0.674489750196  # of a normal distribution
PRIOR_SPREAD: Final = 1.3  # what crowds of people were found to have, see docs/forensics.md
_PRIOR_WEIGHT: Final = 50  # pairs that this is worth
_STEPS: Final = 60
_STEEPEST: Final = 1e6


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs of N labelers, N * N each: `scores` is S, in answers; `z` its deviation.

    `likeness` is the cosine of the two residuals: 1 for identical sheets.
    """

    scores: Array
    means: Array
    variances: Array
    z: Array
    likeness: Array

    def excess(self, left: int, right: int) -> float:
        """How far S is above its mean and above what kinship allows, in answers."""
        # S is the likeness times the product of both lengths.
        likeness = self.likeness[left, right]
        length = self.scores[left, right] / likeness if abs(likeness) > 1e-9 else 0.0
        return float(self.scores[left, right] - self.means[left, right] - KINSHIP * length)


def compare(given: Array, chances: Array, first: int = 0) -> Pairs:
    """The statistic of every pair of the rows from `first` on; the diagonal is 0."""
    variety = (chances * (1 - chances)).sum(axis=0)
    given, chances = given[first:], chances[first:]
    count = given.shape[0]
    residuals = (given - chances).reshape(count, -1)
    scores = residuals @ residuals.T
    lengths = np.sqrt(np.maximum(np.diag(scores), 1e-9))
    likeness = scores / lengths[:, None] / lengths[None, :]
    flat = chances.reshape(count, -1)
    squares = flat**2
    variances = flat @ flat.T - squares @ flat.T - flat @ squares.T
    for task in range(given.shape[1]):
        variances += (chances[:, task] @ chances[:, task].T) ** 2
    own = chances * (1 - chances)
    parts = (own / np.sqrt(np.maximum(variety, 1e-9))).reshape(count, -1)
    means = -(parts @ parts.T)
    z = (scores - means) / np.sqrt(np.maximum(variances, LEAST_VARIANCE))
    z[variances < LEAST_VARIANCE] = 0.0
    for matrix in (scores, means, variances, z, likeness):
        np.fill_diagonal(matrix, 0.0)
    return Pairs(scores, means, variances, z, likeness)


def spread(pairs: Pairs) -> float:
    """How much wider the deviations lie than independence explains, 1 at least."""
    upper = np.triu_indices(len(pairs.z), 1)
    z = pairs.z[upper][pairs.variances[upper] >= LEAST_VARIANCE]
    if not z.size:
        return PRIOR_SPREAD
    low, middle = np.quantile(z, [0.25, 0.5])
    seen = (middle - low) / _QUARTILE
    mixed = (z.size * seen**2 + _PRIOR_WEIGHT * PRIOR_SPREAD**2) / (z.size + _PRIOR_WEIGHT)
    return max(1.0, math.sqrt(mixed))


def tail(left: Array, right: Array, deviation: float) -> float:
    """The chance that S of two independent labelers is `deviation` or more above its mean.

    `left` and `right` are their chances, T * K. Tasks that one of them skipped have none.
    """
    both = (left.sum(axis=1) > 0) & (right.sum(axis=1) > 0)
    p, q = left[both], right[both]
    same = np.eye(p.shape[1])[None]
    dot = (p * q).sum(axis=1)
    terms = same - q[:, :, None] - p[:, None, :] + dot[:, None, None]
    weights = p[:, :, None] * q[:, None, :]
    return _saddlepoint(
        terms.reshape(len(p), -1), weights.reshape(len(p), -1), deviation, float(dot.size)
    )


def _saddlepoint(terms: Array, weights: Array, target: float, most: float) -> float:
    """P(sum >= target) of independent terms of mean 0, one a row, by Lugannani and Rice."""
    variance = float((weights * terms**2).sum())
    if target <= 0.5 * math.sqrt(variance):
        # Near the mean the formula divides 0 by 0, and nobody asks.
        return normal_tail(target / math.sqrt(variance)) if variance > 0 else 1.0
    possible = np.where(weights > 0, terms, -np.inf)
    highest = float(possible.max(axis=1).sum())
    if target >= highest * (1 - 1e-9):
        # Only if all terms are at their highest.
        at_top = np.where(possible >= possible.max(axis=1, keepdims=True) - 1e-12, weights, 0.0)
        return max(SMALLEST, math.exp(float(np.log(at_top.sum(axis=1)).sum())))
    # Newton's steps, halved where they leave what is known to hold the solution.
    low, high, s = 0.0, math.inf, target / variance
    for _ in range(_STEPS):
        value, slope, curve = _slope(terms, weights, s)
        if abs(slope - target) <= 1e-9 * target or s > _STEEPEST:
            break
        low, high = (s, high) if slope < target else (low, s)
        s += (target - slope) / max(curve, 1e-12)
        if not low < s < high:
            s = 2 * low if high == math.inf else (low + high) / 2
    signed = math.sqrt(max(2 * (s * target - value), 1e-18))
    scaled = s * math.sqrt(max(curve, 1e-18))
    density = math.exp(-(signed**2) / 2) / math.sqrt(2 * math.pi)
    approximation = normal_tail(signed) + density * (1 / scaled - 1 / signed)
    # Chernoff's bound holds without any approximation.
    return min(1.0, max(SMALLEST, min(approximation, math.exp(value - s * target))))


def _slope(terms: Array, weights: Array, s: float) -> tuple[float, float, float]:
    """The cumulant generating function of the sum at s, and its two derivatives."""
    top = terms.max(axis=1, keepdims=True)
    tilted = weights * np.exp(s * (terms - top))
    total = tilted.sum(axis=1, keepdims=True)
    value = float((np.log(total) + s * top).sum())
    tilted = tilted / total
    first = (tilted * terms).sum(axis=1)
    second = (tilted * terms**2).sum(axis=1) - first**2
    return value, float(first.sum()), float(second.sum())


def normal_tail(z: float) -> float:
    """P(Z >= z) of a standard normal."""
    return max(SMALLEST, math.erfc(z / math.sqrt(2)) / 2)


def holm(chances: npt.NDArray[np.float64] | list[float], family: int) -> list[float]:
    """P-values adjusted by Holm (1979), `chances` being the smallest of `family` of them.

    That is: the chance that any test of the family says as much where there is nothing.

    Findings name people, so what is kept low is the chance of a single wrong one (family-wise
    error) and not their share among all findings (Benjamini and Hochberg). Holm's steps hold
    however the tests depend on each other, as pairs with a labeler in common do.
    """
    order = np.argsort(np.asarray(chances))
    adjusted = [1.0] * len(order)
    worst = 0.0
    for step, place in enumerate(order):
        worst = max(worst, min(1.0, float(chances[place]) * (family - step)))
        adjusted[place] = worst
    return adjusted
