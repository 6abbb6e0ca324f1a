"""How seldom honest readers of one reading may differ, and the chance of so few differences.

Two people who read a guideline in the same way still differ: they slip. How much they slip is
their sharpness, and no round tells the sharpness of two people who share a reading with nobody
else. So their distance (see `pairs`) is drawn from what it may be,

    ordinary readers   as far from each other as others of this round are from whoever is next to
                       them: a gamma distribution about most of that distance
    sharp readers      anything from 0.02 to 0.35, the less the likelier (its square root is
                       uniform), in one round of twenty
    school-mates       as far from each other as from the next of their school outside of the
                       group, with a chance for each who is about as near as that

and the differences given the distance are counts of rare events (Poisson). The chance is that of
any of the three.
"""

from dataclasses import dataclass
from math import exp, lgamma
from typing import Final

import numpy as np

from plumbline.forensics.model import Array

SHARPEST: Final = (0.02, 0.35)  # distances of two sharp readers
SHARP_ROUNDS: Final = 0.05  # rounds with two such readers who share a reading with nobody else
_ORDINARY: Final = (10.0, 0.8)  # shape; mean, of the usual distance to the next
_MATES: Final = (20.0, 0.9)  # shape; mean, of the distance to the next outside of the group
_STEPS: Final = 32
_GRID: Final = 150
_MOST_DIFFERENCES: Final = 60


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of how near honest labelers of a round are to each other.

    usual    median over everybody else of the distance to whoever is next
    others   distance of the group to each of everybody else, a group of them counting as one
    """

    usual: float
    others: Array


def chance_of_so_few(
    differences: int, expected: float, size: int, surroundings: Surroundings
) -> float:
    """The chance that a round has `size` labelers who work alone and differ so little.

    `expected` is how many differences strangers would have.
    """
    if expected <= 0:
        return 1.0
    shape, share = _ORDINARY
    ordinary = _mixed(differences, expected * share * min(1.0, surroundings.usual), shape)
    mean = expected * _MATES[1] * np.minimum(1.0, surroundings.others)
    mates = _mixed(differences, float(mean.min()), _MATES[0] * size / 2)
    mates *= _ways(size, round(2 * differences / size), 2 * mean / size)
    return min(1.0, chance_of_sharp(differences, expected) + ordinary + mates)


def _ways(size: int, differences: int, means: Array) -> float:
    """In how many ways a group of `size` can be drawn from the school of a voice.

    Each of the others, who differ from it on so many tasks on average, counts as much as it is as
    likely as the nearest to differ on so few.
    """
    likely = _at_most(differences, means)
    mates = float((likely / likely.max()).sum())
    everybody = mates + size
    groups = lgamma(everybody + 1) - lgamma(size + 1) - lgamma(mates + 1)
    return 2 * exp(groups) / (everybody - 1)


def chance_of_sharp(differences: int, expected: float) -> float:
    """The part of it that is due to sharp readers alone."""
    return SHARP_ROUNDS * float(_at_most(differences, expected * _sharp_distances()).mean())


def least_expected(chance: float) -> Array:
    """For 0, 1, 2, ... differences: how many must be expected at least, for their chance to be
    as low as that; the last of them holds for all further ones."""
    expected = np.geomspace(1, 1e4, _GRID)
    means = (expected[:, None] * _sharp_distances()[None]).ravel()
    chances = SHARP_ROUNDS * _cumulative(_MOST_DIFFERENCES, means).reshape(_GRID, _STEPS, -1)
    low_enough = chances.mean(axis=1) <= chance
    first = np.where(low_enough.any(axis=0), low_enough.argmax(axis=0), _GRID - 1)
    found: Array = expected[np.maximum(first - 1, 0)]
    return found


def _sharp_distances() -> Array:
    """Distances of sharp readers, each as likely as the others."""
    return _sharp((np.arange(_STEPS) + 0.5) / _STEPS)


def _sharp(share: Array) -> Array:
    """The distance below which this share of sharp readers are."""
    low, high = np.sqrt(SHARPEST)
    found: Array = (low + share * (high - low)) ** 2
    return found


def draw_readers(dice: np.random.Generator, usual: float) -> float:
    """A distance of readers of whom nothing is known; `usual` as in `Surroundings`."""
    if dice.random() < SHARP_ROUNDS:
        return float(_sharp(dice.random(1))[0])
    shape, share = _ORDINARY
    return float(dice.gamma(shape, share * min(1.0, usual) / shape))


def draw_mates(dice: np.random.Generator, mean: float, count: int) -> Array:
    """Distances of labelers whose school is seen to have this mean."""
    shape = _MATES[0]
    found: Array = dice.gamma(shape, min(1.0, mean) / shape, count)
    return found


def _at_most(count: int, means: Array) -> Array:
    """P(X <= count) of Poisson distributions."""
    found: Array = _cumulative(count, means)[:, -1]
    return found


def _cumulative(most: int, means: Array) -> Array:
    """P(X <= k) of Poisson distributions for k = 0 to most, one of them a row."""
    steps = np.arange(1, most + 1)
    ratios = np.log(means)[:, None] - np.log(steps)[None]
    logs = np.concatenate([np.zeros((len(means), 1)), np.cumsum(ratios, axis=1)], axis=1)
    found: Array = np.minimum(1.0, np.exp(logs - means[:, None]).cumsum(axis=1))
    return found


def _mixed(count: int, mean: float, shape: float) -> float:
    """P(X <= count) of Poisson distributions whose means are gamma distributed (Greenwood and
    Yule 1920): a negative binomial distribution."""
    zero = shape * np.log(shape / (shape + mean))
    steps = np.arange(1, count + 1)
    ratios = np.log((shape + steps - 1) / steps * (mean / (shape + mean)))
    logs = np.concatenate([[0.0], np.cumsum(ratios)])
    return float(min(1.0, np.exp(zero + logs).sum()))
