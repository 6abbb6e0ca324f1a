"""What the crowd says, and the others to each, for every way in which few votes can fall.

The naive side takes the labeler's own vote out and counts again. Only the numbers of votes matter,
so that all crowds of some size are all ways to share out so many votes; each way is one task.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, product

import pytest

from tests.exhaustive.columns import (
    COLUMNS,
    Answer,
    bits,
    counter,
    counters,
    in_words,
    plane,
    values,
)
from tests.world.chain import Contract

BPS = 10_000
SEATS = 255
TAUS = (0, 1, 200, 2_500, 4_000, 5_001, 9_960, 10_000)

Votes = tuple[int, ...]

# Each option may have up to so many votes.
UP_TO = {3: 12, 4: 6, 5: 4, 6: 2, 8: 1}


def ways(options: int) -> Iterator[Votes]:
    """Two options: every number of votes that a round can have. Up to eight: few votes in every
    way. Sixteen: on any three of them.
    """
    if options == 2:
        yield from ((a, b) for a in range(SEATS + 1) for b in range(SEATS + 1 - a))
    elif options == 16:
        for chosen in combinations(range(options), 3):
            for counts in product((1, 2, 3), repeat=3):
                votes = dict(zip(chosen, counts, strict=True))
                yield tuple(votes.get(option, 0) for option in range(options))
    else:
        yield from product(range(UP_TO[options] + 1), repeat=options)


def without(votes: Votes, own: Answer) -> list[int]:
    """The votes of the others."""
    return [count - (option == own) for option, count in enumerate(votes)]


# The rule: area K of the specification.


def consensus_nominal(votes: Sequence[int]) -> int:  # K1.2
    return votes.index(max(votes))


def told_nominal(votes: Votes, own: Answer, tau_bps: int) -> int | None:  # K2.1, K2.2, K2.3
    """The reference, or None if the task does not count."""
    others = without(votes, own)
    second, first = sorted(others)[-2:]
    margin = max(2, -(-tau_bps * sum(votes) // BPS))
    return others.index(first) if first - second >= margin else None


def in_order(votes: Sequence[int]) -> list[int]:
    """The answers, from the smallest to the greatest."""
    return [option for option, count in enumerate(votes) for _ in range(count)]


def consensus_ordinal(votes: Sequence[int]) -> int:  # K1.3
    return in_order(votes)[max(1, sum(votes) // 2) - 1]


def told_ordinal(votes: Votes, own: Answer) -> int | None:  # K3.1, K3.2, K3.3
    """The lower median of the others; for who skipped, the vote that is `lo` of all."""
    if sum(votes) < 3:
        return None
    if own is None:
        return in_order(votes)[sum(votes) // 2 - 1]
    others = in_order(without(votes, own))
    return others[(len(others) - 1) // 2]


# Everyone's reference, on every task.


def compare(
    harness: Contract, options: int, tau_bps: int, ordinal: bool, word: Sequence[Votes]
) -> None:
    crowd, everyone, told = harness.ask("told", counters(word), options, SEATS, tau_bps, ordinal)
    decided = [sum(votes) > 0 for votes in word]
    assert bits(crowd[0], COLUMNS) == decided + [False] * (COLUMNS - len(word))
    rule = consensus_ordinal if ordinal else consensus_nominal
    assert values(crowd[1:], len(word)) == [rule(votes) if any(votes) else 0 for votes in word]

    answers: list[Answer] = [*range(options), None]
    for_all = [True] * len(word)
    for own, said in zip(answers, told, strict=True):
        counts, given = bits(said[0], COLUMNS), values(said[1:], len(word))
        assert not any(counts[len(word) :])
        for task, votes in enumerate(word):
            if own is not None and votes[own] == 0:
                continue  # nobody gave this answer
            expected = told_ordinal(votes, own) if ordinal else told_nominal(votes, own, tau_bps)
            assert (given[task] if counts[task] else None) == expected, (votes, own)
            for_all[task] &= expected is not None
    # contested, as the verdict has it, is what does not count for everyone
    assert [e for e, votes in zip(bits(everyone, len(word)), word, strict=True) if any(votes)] == [
        a for a, votes in zip(for_all, word, strict=True) if any(votes)
    ]


@pytest.mark.parametrize("tau_bps", TAUS)
@pytest.mark.parametrize("options", UP_TO)
def test_nominal_references_are_those_without_ones_own_vote(
    consensus: Contract, options: int, tau_bps: int
) -> None:
    for word in in_words(ways(options)):
        compare(consensus, options, tau_bps, False, word)


@pytest.mark.parametrize(("options", "tau_bps"), [(2, 200), (2, 4_000), (16, 4_000)])
def test_nominal_references_of_two_options_and_of_sixteen(
    consensus: Contract, options: int, tau_bps: int
) -> None:
    for word in in_words(ways(options)):
        compare(consensus, options, tau_bps, False, word)


@pytest.mark.parametrize("options", [2, *UP_TO, 16])
def test_ordinal_references_are_the_lower_medians_of_the_others(
    consensus: Contract, options: int
) -> None:
    for word in in_words(ways(options)):
        compare(consensus, options, 0, True, word)


# The parts.


def test_the_margin_of_every_number_of_votes(consensus: Contract) -> None:  # K2.1
    """At every 37th tau, 37 being prime, and at those where some margin grows by one."""
    edges = {v * BPS // m + d for v in range(2, 5) for m in (3, 100, 255) for d in (0, 1)}
    every = counter(range(COLUMNS))
    for tau_bps in sorted({*range(0, BPS + 1, 37), *edges, 1, BPS - 1, BPS} & {*range(BPS + 1)}):
        margins = [max(2, -(-tau_bps * count // BPS)) for count in range(COLUMNS)]
        assert consensus.ask("margin", every, SEATS, tau_bps) == counter(margins), tau_bps


def test_a_margin_needs_to_know_no_more_than_the_most_votes(consensus: Contract) -> None:
    for reveals in range(COLUMNS):
        counts = range(reveals + 1)
        margins = [max(2, -(-4_000 * count // BPS)) for count in counts]
        found = consensus.ask("margin", counter(counts), reveals, 4_000)
        assert values(found, len(counts)) == margins


@pytest.mark.parametrize("options", [3, 8, 16])
def test_totals_are_the_votes_on_all_options(consensus: Contract, options: int) -> None:
    for word in in_words(ways(options)):
        totals = counter([sum(votes) for votes in word])
        assert consensus.ask("total", counters(word), options) == totals


@pytest.mark.parametrize("tau_bps", TAUS)
def test_all_are_told_alike_exactly_where_no_answer_makes_a_difference(
    consensus: Contract, tau_bps: int
) -> None:
    for word in in_words(product(range(5), repeat=3)):
        alike = consensus.ask("tells_all_alike", counters(word), 3, SEATS, tau_bps, False)
        for votes, same in zip(word, alike, strict=False):
            answers = [None, *(own for own in range(3) if votes[own] > 0)]
            told = {told_nominal(votes, own, tau_bps) for own in answers}
            assert same == (len(told) == 1), votes


def test_a_scale_never_tells_all_alike(consensus: Contract) -> None:
    """A single vote at the median is told something else; so each labeler is asked about."""
    assert not any(consensus.ask("tells_all_alike", counters([(3, 3)]), 2, SEATS, 0, True))


def test_restricted_to_some_tasks_nothing_else_counts(consensus: Contract) -> None:
    """Each of sixteen ways in which a task can be in four planes."""
    everyone, dissenters, backers, within = (
        plane([way >> j & 1 for way in range(16)]) for j in range(4)
    )
    assert consensus.ask("restrict", everyone, dissenters, backers, within) == (
        everyone & within,
        dissenters & within,
        backers & within,
    )
