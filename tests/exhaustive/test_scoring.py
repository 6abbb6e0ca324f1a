"""Scores of every small sheet against all small references, and of every small crowd.

The naive side is area S of the specification, sum by sum.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

import pytest

from tests.exhaustive.columns import (
    ANSWERS,
    OPTIONS,
    Answer,
    counters,
    in_words,
    plane,
    sheet,
    values,
)
from tests.exhaustive.test_consensus import told_nominal, told_ordinal
from tests.world.chain import Contract

PPM = 1_000_000
WIDTHS = range(1, 17)
PAIRS = list(product(ANSWERS, repeat=2))

# Options, width, tasks: all sheets of so many tasks against all references.
SMALL = [(2, 1, 4), (3, 1, 3), (3, 2, 3), (3, 4, 3), (4, 3, 2), (5, 2, 2), (16, 5, 1)]


def credit(x: int, y: int, width: int) -> int:
    return max(0, width - abs(x - y))


# One labeler.


@dataclass(frozen=True)
class Score:
    """S1.1 to S1.4, S1.7."""

    tasks: int
    gain: int
    best: int
    kappa: int
    is_one_sided: bool


def score(own: Sequence[Answer], said: Sequence[Answer], options: int, width: int) -> Score:
    """A reference of None is a task that does not count."""
    counted = [(a, y) for a, y in zip(own, said, strict=True) if y is not None]
    tasks = len(counted)
    agreed = sum(credit(a, y, width) for a, y in counted if a is not None)
    given = [a for a, _ in counted]
    wanted = [y for _, y in counted]
    chance = best = 0
    for x, y in product(range(options), repeat=2):
        chance += given.count(x) * wanted.count(y) * credit(x, y, width)
        best += wanted.count(x) * wanted.count(y) * credit(x, y, width)
    gain = tasks * agreed - chance
    best = tasks * tasks * width - best
    kappa = gain * PPM // best if gain > 0 else 0
    return Score(tasks, gain, best, kappa, best == 0 or best * 8 < width * tasks * tasks)


@pytest.mark.parametrize(("options", "width", "tasks"), SMALL)
def test_the_score_of_every_small_sheet_against_all_references(
    scoring: Contract, options: int, width: int, tasks: int
) -> None:
    rows: list[tuple[Answer, ...]] = list(product((None, *range(options)), repeat=tasks))
    for owns in in_words(rows):
        packed = [sheet(own) for own in owns]
        for said in rows:
            total, best, one_sided, found = scoring.ask(
                "scores", packed, sheet(said), options, width
            )
            for own, (gain, loss, kappa) in zip(owns, found, strict=True):
                expected = score(own, said, options, width)
                assert (total, best) == (expected.tasks, expected.best)
                # where nothing can be gained, the void is decided by the fewest tasks
                assert one_sided == expected.is_one_sided or best == total == 0
                assert (gain - loss, kappa) == (expected.gain, expected.kappa), (own, said)
                assert gain == 0 or loss == 0


# Its parts.


@pytest.mark.parametrize("width", WIDTHS)
def test_closeness_of_every_pair_of_answers(scoring: Contract, width: int) -> None:
    for word in in_words(PAIRS):
        near = [a is not None and b is not None and credit(a, b, width) > 0 for a, b in word]
        answered, *digits = scoring.ask(
            "closeness", sheet([a for a, _ in word]), sheet([b for _, b in word]), width
        )
        assert answered == plane(near)
        for (a, b), is_near, distance in zip(word, near, values(digits, len(word)), strict=True):
            if a is not None and b is not None and is_near:
                assert distance == abs(a - b)


@pytest.mark.parametrize("options", range(2, 17))
def test_what_a_constant_answer_earns_for_every_scale_and_width(
    scoring: Contract, options: int
) -> None:
    """S(x) is a sum over the references: each of them alone, all in different numbers, and as many
    as a crowd can have, two for each task, on one option or on two."""
    alone = [[int(x == y) for x in OPTIONS] for y in range(options)]
    most = [[512 * tally for tally in only] for only in alone]
    split = [[256 * (x in (0, options - 1)) for x in OPTIONS]]
    together = [[(7 * x + 3) % 16 if x < options else 0 for x in OPTIONS]]
    for width, tally in product(WIDTHS, [*alone, *most, *split, *together]):
        expected = [
            sum(tally[y] * credit(x, y, width) for y in range(options)) for x in range(options)
        ]
        lanes, chance = scoring.ask("expected", tally, options, width)
        assert lanes[:options] == tuple(expected)
        assert chance == sum(tally[x] * expected[x] for x in range(options))


def test_tally_counts_every_option(scoring: Contract) -> None:
    answers = [*ANSWERS, *(x for x in OPTIONS for _ in range(x))]
    for options in range(2, 17):
        given = [answer for answer in answers if answer is None or answer < options]
        tally = scoring.ask("tally", sheet(given), options)
        assert tally == tuple(given.count(x) for x in OPTIONS)


# The crowd.


@dataclass(frozen=True)
class Crowd:
    tasks: int
    best: int
    kappa: int


def crowd_nominal(tasks: Sequence[Sequence[int]], tau_bps: int) -> Crowd:  # S2.1, S2.2
    """Who was told what is asked vote by vote."""
    options = range(len(tasks[0]))
    leaders: list[int] = []
    counted = dict.fromkeys(options, 0)
    agreed = 0
    for votes in tasks:
        leader = votes.index(max(votes))
        if told_nominal(tuple(votes), None, tau_bps) is not None:
            leaders.append(leader)
        for x in options:
            if votes[x] and told_nominal(tuple(votes), x, tau_bps) is not None:
                counted[x] += votes[x]
                agreed += votes[x] * (x == leader)
    total = len(leaders)
    best = total**2 - sum(leaders.count(y) ** 2 for y in options)
    gain = agreed * total - sum(counted[x] * leaders.count(x) for x in options)
    return Crowd(total, best, share(gain * total, sum(counted.values()) * best))


def crowd_ordinal(tasks: Sequence[Sequence[int]], width: int) -> Crowd:  # S2.3, S2.4
    counted = [tuple(votes) for votes in tasks if sum(votes) >= 3]
    total = len(counted)
    told: list[int] = []  # lo and hi of each task
    voted: list[int] = []
    agreed = 0
    for votes in counted:
        order = [x for x, count in enumerate(votes) for _ in range(count)]
        told += order[len(order) // 2 - 1 : len(order) // 2 + 1]
        voted += order
        for x in order:
            reference = told_ordinal(votes, x)
            assert reference is not None
            agreed += credit(x, reference, width)
    best4 = 4 * total**2 * width - sum(credit(x, y, width) for x, y in product(told, told))
    gain = 4 * total * agreed - 2 * sum(credit(x, y, width) for x, y in product(voted, told))
    return Crowd(total, best4 // 4, share(gain * total, len(voted) * best4))


def share(gain: int, of: int) -> int:
    return gain * PPM // of if gain > 0 and of > 0 else 0


def crowds(options: int, tasks: int, most: int) -> Iterable[tuple[tuple[int, ...], ...]]:
    """All ways in which votes can fall on some tasks, at most so many on each; but tasks in one
    order only, as a score does not know of any.
    """
    ways = [votes for votes in product(range(most + 1), repeat=options) if sum(votes) <= most]
    return combinations_with_replacement(ways, tasks)


# A tau of 5,000 asks for more than two votes from five on.
@pytest.mark.parametrize(
    ("options", "tasks", "most", "tau_bps"),
    [(2, 3, 4, 0), (3, 2, 4, 0), (2, 2, 7, 0), (2, 2, 7, 5_000)],
)
def test_the_nominal_score_of_every_small_crowd(
    scoring: Contract, options: int, tasks: int, most: int, tau_bps: int
) -> None:
    for way in crowds(options, tasks, most):
        found = scoring.ask("crowd", counters(way), options, 1, most, tau_bps, False)
        assert Crowd(*found) == crowd_nominal(way, tau_bps), way


@pytest.mark.parametrize(
    ("options", "tasks", "most", "width"), [(2, 3, 4, 2), (3, 2, 4, 2), (3, 2, 4, 4), (4, 2, 3, 3)]
)
def test_the_ordinal_score_of_every_small_crowd(
    scoring: Contract, options: int, tasks: int, most: int, width: int
) -> None:
    for way in crowds(options, tasks, most):
        found = scoring.ask("crowd", counters(way), options, width, most, 0, True)
        assert Crowd(*found) == crowd_ordinal(way, width), way
