"""Which method the gold answers speak for, and the average of all by how much they do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from plumbline.aggregation.calibration import best_temperature, tempered, usual_temperature
from plumbline.aggregation.estimate import Estimate
from plumbline.aggregation.methods import COUNTED, METHODS
from plumbline.aggregation.table import UNKNOWN, AnswerTable, Floats, Integers, with_gold

AVERAGE: Final = "average"
ADVISED: Final = 20
"""Gold answers from which on a choice is more than luck."""

_FOLDS: Final = 5
# Methods that know neither how labelers agree nor how they err need more to speak for them.
_BEFORE: Final[Mapping[str, float]] = {"majority": 0.3, "gold-weighted": 0.3}


@dataclass(frozen=True, slots=True)
class MethodScore:
    """How a method did on gold answers that were held out of it.

    right        how many it got, of `held_out`
    temperature  what makes its distribution as sure as it should be
    weight       its share in the average
    """

    right: int
    held_out: int
    temperature: float
    weight: float


@dataclass(frozen=True, slots=True)
class MethodChoice:
    """An estimate and why it was made so; `scores` by method, without gold answers with no task
    held out."""

    method: str
    estimate: Estimate
    scores: Mapping[str, MethodScore]
    reason: str


def choose(table: AnswerTable, gold: Integers, method: str | None = None) -> MethodChoice:
    """The average of all methods, or one of them by name, as sure as it should be.

    Each method predicts gold answers held out of it, a fifth at a time, and counts in the average
    by how likely it made them. Raises KeyError for a method that is not known.
    """
    return choices(table, gold)[method or AVERAGE]


def choices(table: AnswerTable, gold: Integers) -> dict[str, MethodChoice]:
    """What `choose` says for each method, and for their average."""
    parts = folds(gold)
    fits = {name: _fit(table, gold, name, parts) for name in METHODS}
    most = max(likely for _, likely, _ in fits.values())
    raw = {
        name: _BEFORE.get(name, 1.0) * float(np.exp(likely - most))
        for name, (_, likely, _) in fits.items()
    }
    held_out = sum(len(part) for part in parts)
    scores = {
        name: MethodScore(right, held_out, temperature, raw[name] / sum(raw.values()))
        for name, (temperature, _, right) in fits.items()
    }
    made: dict[str, MethodChoice] = {}
    mixed: Floats = np.zeros((table.tasks, table.options))
    for name, method in METHODS.items():
        estimate = method(table, gold)
        calm = tempered(estimate.distribution, scores[name].temperature)
        mixed += scores[name].weight * calm
        one = Estimate(estimate.labels, with_gold(calm, gold))
        made[name] = MethodChoice(name, one, scores, "chosen by hand")
    average = Estimate.of(with_gold(mixed, gold))
    made[AVERAGE] = MethodChoice(AVERAGE, average, scores, _reason(scores, held_out))
    return made


def folds(gold: Integers) -> list[Integers]:
    """The gold tasks in parts, each with all sorts of answers; none if there are too few."""
    known = np.flatnonzero(gold != UNKNOWN)
    if len(known) < _FOLDS:
        return []
    by_option = known[np.argsort(gold[known], kind="stable")]
    return [by_option[first::_FOLDS] for first in range(_FOLDS)]


def _fit(
    table: AnswerTable, gold: Integers, name: str, parts: list[Integers]
) -> tuple[float, float, int]:
    """Temperature, logarithm of the likelihood, and how many of the held out it got right."""
    usual = usual_temperature(table.answers_a_task, name in COUNTED)
    if not parts:
        return usual, 0.0, 0
    predicted, truth, right = [], [], 0
    for fold in parts:
        rest = gold.copy()
        rest[fold] = UNKNOWN
        estimate = METHODS[name](table, rest)
        predicted.append(estimate.distribution[fold])
        truth.append(gold[fold])
        right += int((estimate.labels[fold] == gold[fold]).sum())
    temperature, likely = best_temperature(np.concatenate(predicted), np.concatenate(truth), usual)
    return temperature, likely, right


def _reason(scores: Mapping[str, MethodScore], held_out: int) -> str:
    if not held_out:
        return (
            "no gold answers, so nothing can be chosen: the average of all methods, each as sure "
            "as crowds usually are"
        )
    first = max(scores, key=lambda name: scores[name].weight)
    words = (
        f"the average of all methods by how well they predict {held_out} gold answers that were "
        f"held out: {first} counts for {scores[first].weight:.0%}"
    )
    return words if held_out >= ADVISED else f"{words} ({ADVISED} gold answers would tell more)"
