"""Strengths of things that were compared: Bradley and Terry (1952).

What is compared is how likely each is to be preferred, not how many said so, so that guessers
count for as little here as in the labels of single pairs.
"""

from collections.abc import Sequence
from functools import cache
from itertools import combinations, permutations
from math import log
from typing import Final

import numpy as np

from plumbline.aggregation.bradley_terry import strengths
from plumbline.aggregation.table import Floats, softmax
from plumbline.questions.question import Item

_LEAST: Final = 1e-12  # no side of a pair is ever ruled out


def compares_pairs(item: Item) -> bool:
    """Whether each task of an item says which of two of its choices is better."""
    return bool(item.about) and all(len(about) == 2 for about in item.about)


def first_wins(distribution: Sequence[float]) -> float:
    """How likely the first of two is preferred, from options that go from one to the other: what
    lies in the middle, a tie, counts half.
    """
    steps = len(distribution) - 1
    return sum(likely * (steps - step) / steps for step, likely in enumerate(distribution))


def strengths_of(item: Item, distributions: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """The strength of each choice of an item; they sum to 1. `distributions` are by task."""
    wins = np.zeros((len(item.choices), len(item.choices)))
    for (left, right), distribution in zip(item.about, distributions, strict=True):
        chance = first_wins(distribution)
        wins[left, right] += chance
        wins[right, left] += 1 - chance
    return tuple(float(each) for each in strengths(wins))


def order_of(strength: Sequence[float]) -> tuple[int, ...]:
    """Choices by number, strongest first; the first of equals."""
    return tuple(sorted(range(len(strength)), key=lambda choice: (-strength[choice], choice)))


def chance_of_order(
    item: Item, distributions: Sequence[Sequence[float]], order: Sequence[int]
) -> float:
    """How likely an order is the right one, of all orders that there are.

    Each is as likely as all of its pairs together: where these contradict each other, as each of
    three being better than the next, no order is sure.
    """
    count = len(item.choices)
    chances = np.ones((count, count))
    for (left, right), distribution in zip(item.about, distributions, strict=True):
        chances[left, right] = first_wins(distribution)
        chances[right, left] = 1 - chances[left, right]
    orders, pairs = _orders(count)
    likely: Floats = softmax((pairs @ np.log(np.maximum(chances, _LEAST)).ravel())[None, :])[0]
    return float(likely[orders.index(tuple(order))])


@cache
def _orders(count: int) -> tuple[list[tuple[int, ...]], Floats]:
    """All orders of so many things, and for each which of two is the better one, in a row."""
    orders = list(permutations(range(count)))
    pairs = np.zeros((len(orders), count, count))
    for place, order in enumerate(orders):
        for better, worse in combinations(order, 2):
            pairs[place, better, worse] = 1
    return orders, pairs.reshape(len(orders), -1)


def margin(strength: Sequence[float], better: int, worse: int) -> float:
    """By how much one is better: the logarithm of the odds that it is preferred."""
    return log(strength[better] / strength[worse])


def pair_strengths(distribution: Sequence[float]) -> tuple[float, float]:
    """The strengths of the two things of a single task, as those of an item."""
    chance = first_wins(distribution)
    first, second = strengths(np.array([[0.0, chance], [1 - chance, 0.0]]))
    return float(first), float(second)
