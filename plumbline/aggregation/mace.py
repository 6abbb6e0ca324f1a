"""Every labeler knows the answer or guesses in a way of their own: MACE, Hovy et al. (2013)."""

from typing import Final

import numpy as np

from plumbline.aggregation.estimate import Estimate
from plumbline.aggregation.table import AnswerTable, Integers, softmax, with_gold
from plumbline.aggregation.weighted import start

_STEPS: Final = 100
_STILL: Final = 1e-5  # change of a probability that is none
_GUESSES: Final = 0.5  # answers that everybody is taken to have guessed before, and known
_STRATEGY: Final = 1.0  # guesses of each option that everybody is taken to have made before


def mace(table: AnswerTable, gold: Integers) -> Estimate:
    """What the answers say if each labeler either knows or guesses."""
    believed = start(table, gold)
    answered = table.given().sum(axis=1)
    guessing = np.full(table.labelers, 0.5)
    strategy = np.full((table.labelers, table.options), 1 / table.options)
    for _ in range(_STEPS):
        before = believed
        # Was an answer guessed? Surely if it is wrong; if it is right, it may have been known.
        by_guess = guessing[table.labeler] * strategy[table.labeler, table.answer]
        if_right = by_guess / (1 - guessing[table.labeler] + by_guess)
        right = believed[table.task, table.answer]
        guessed = right * if_right + 1 - right
        guessing = (table.by_labeler(guessed) + _GUESSES) / (answered + 2 * _GUESSES)
        strategy = table.given(guessed) + _STRATEGY
        strategy /= strategy.sum(axis=1, keepdims=True)
        by_guess = guessing[table.labeler] * strategy[table.labeler, table.answer]
        known = 1 - guessing[table.labeler] + by_guess
        # The same for all options of a task but for the one that was answered.
        believed = with_gold(softmax(table.votes(np.log(known / by_guess))), gold)
        if np.abs(believed - before).max() < _STILL:
            break
    return Estimate.of(believed)
