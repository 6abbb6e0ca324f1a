"""Distributions as sure as they should be.

Methods that multiply what labelers say take them to err on their own. People err on the same
tasks, so such distributions are far too sure, the more the more answers a task has. A
temperature below 1 flattens them. The usual one follows from the design effect of Kish (1965),
1 + (n - 1) rho for n answers that are alike with rho; gold answers move it.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from plumbline.aggregation.table import Floats, Integers, softmax

_ALIKE: Final = 0.13  # rho; fits three crowds with known answers (docs/aggregation.md)
_COUNTED: Final = 2.0  # shares of votes are less sure than they should be
_SPREAD: Final = 0.4  # of the logarithm of the temperature, beforehand
_EVEN: Final = 0.02  # no option is ever ruled out
_TEMPERATURES: Final[Sequence[float]] = tuple(np.geomspace(0.02, 8, 25))


def usual_temperature(answers_a_task: float, counted: bool) -> float:
    """Without any gold answer; `counted` if the distribution is shares of votes."""
    return _COUNTED if counted else 1 / (1 + max(0, answers_a_task - 1) * _ALIKE)


def tempered(distribution: Floats, temperature: float) -> Floats:
    """Flatter below 1, steeper above; nothing is ever ruled out."""
    flat = softmax(temperature * np.log(np.maximum(distribution, 1e-12)))
    return flat * (1 - _EVEN) + _EVEN / distribution.shape[1]


def best_temperature(predicted: Floats, truth: Integers, usual: float) -> tuple[float, float]:
    """The temperature under which the truth is likeliest, and the logarithm of how likely.

    `predicted` are distributions for tasks whose truth was held out. The fewer these are, the
    nearer the temperature is to the usual one.
    """
    rows = np.arange(len(truth))

    def likely(temperature: float) -> float:
        fit = np.log(tempered(predicted, temperature)[rows, truth]).sum()
        return float(fit - (np.log(temperature / usual) / _SPREAD) ** 2 / 2)

    best = max((usual, *_TEMPERATURES), key=likely)
    return best, likely(best)


def calibration_error(confidence: Floats, is_right: Integers, bins: int = 10) -> float:
    """The expected calibration error over bins of one width (Guo et al. 2017)."""
    places = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(places, confidence - is_right, bins)
    return float(np.abs(gaps).sum() / max(1, len(confidence)))
