"""Every labeler has a confusion matrix: Dawid and Skene (1979), by expectation maximisation."""

from typing import Final

import numpy as np

from plumbline.aggregation.estimate import Estimate
from plumbline.aggregation.table import AnswerTable, Floats, Integers, softmax, with_gold
from plumbline.aggregation.weighted import start

_SMOOTHING: Final = 1.0  # answers of each sort that everybody is taken to have given before
_STEPS: Final = 100
_STILL: Final = 1e-5  # change of a probability that is none


def dawid_skene(table: AnswerTable, gold: Integers) -> Estimate:
    """What the answers say if each labeler errs in a way of their own."""
    believed = start(table, gold)
    for _ in range(_STEPS):
        before = believed
        believed = with_gold(softmax(_logarithms(table, believed)), gold)
        if np.abs(believed - before).max() < _STILL:
            break
    return Estimate.of(believed)


def _logarithms(table: AnswerTable, believed: Floats) -> Floats:
    """How likely all answers to each task are, by its true option, up to a constant."""
    confusion = np.stack(  # labeler, answer, truth
        [table.given(believed[table.task, truth]) for truth in range(table.options)], axis=2
    )
    confusion += _SMOOTHING
    said = np.log(confusion / confusion.sum(axis=1, keepdims=True))
    frequent = believed.sum(axis=0) + _SMOOTHING
    result = np.tile(np.log(frequent / frequent.sum()), (table.tasks, 1))
    for truth in range(table.options):
        result[:, truth] += np.bincount(
            table.task, said[table.labeler, table.answer, truth], table.tasks
        )
    return result
