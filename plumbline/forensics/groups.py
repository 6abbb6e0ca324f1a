"""Groups of labelers whose sheets differ less than those of independent readers of any reading.

Any few labelers may read the guideline in a way of their own: what they have in common is never
held against them, however unlike everybody else it is. What they must do is slip, each for
themselves. So a group is weighed by how little its members differ from each other, against how
much readers differ who share a reading (see `sharpness`).

The search works inwards. From the nearest pairs groups are grown; the one that is least likely is
taken out if its chance is below alpha, it counts as one voice from then on, everything is fitted
again, until nothing is left. At the end every group is weighed once more, in a crowd of which no
other group is more than one voice.

A group is never more than half of the voices: what most labelers say is the crowd, and no test
on answers can tell a conspiracy of most from the truth.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from plumbline.forensics.model import Answers, Array, fit, indicators
from plumbline.forensics.pairs import Pairs, compare, count_differences
from plumbline.forensics.sharpness import (
    Surroundings,
    chance_of_sharp,
    chance_of_so_few,
)

FEWEST_VOICES: Final = 5  # that a crowd needs, a pair among them
_SEEDS: Final = 3  # nearest pairs from which a group is grown
_MARGIN: Final = 2.0  # how much more of a group may be expected than of its pairs
_NEAR: Final = 0.5  # distance from which on nobody joins a group
_SIZES: Final = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 30, 40, 60, 80, 100)  # worth a test
_NAMED: Final = 5  # times alpha: chance at which anybody not of a group that holds is named with it


@dataclass(frozen=True, slots=True)
class Membership:
    """A labeler, by row, and how little it differs from what most others of its group say.

    chance      that a round has two labelers who work alone and differ so little
    differing, shared   tasks on which they differ, of those both answered
    expected    how many there would be if they had no more in common than the crowd
    against     tasks on which they agree, and not with what most of everybody else say
    """

    row: int
    chance: float
    differing: int
    shared: int
    expected: float
    against: int


@dataclass(frozen=True, slots=True)
class Group:
    """Labelers who differ too little; `rate`: how often an honest round has such a group."""

    memberships: tuple[Membership, ...]
    rate: float

    @property
    def members(self) -> tuple[int, ...]:
        """Rows, ascending."""
        return tuple(sorted(membership.row for membership in self.memberships))


def search(answers: Answers, options: int, alpha: float) -> tuple[Group, ...]:
    """Groups of rows that differ less than independent readers, the least likely first."""
    test = _GroupTest(answers, options)
    voices = list(range(len(answers)))
    separate: list[list[int]] = []
    while len(voices) >= FEWEST_VOICES:
        given = test.given[voices]
        group, rate = _next(test, voices, alpha, compare(given, fit(given)))
        if rate > alpha:
            break
        separate.append(group)
        voices = [voice for voice in voices if voice not in group[1:]]
    merged = _merge(separate)
    groups = []
    for members in merged:
        # Every other group has one voice.
        lost = {row for other in merged if other is not members for row in other[1:]}
        outside = [v for v in range(len(answers)) if v not in lost and v not in members]
        rate = test.rate(members, outside)
        if rate <= alpha:
            memberships = test.memberships(members, outside, _NAMED * alpha)
            if len(memberships) > 1:
                groups.append(Group(tuple(memberships), rate))
    return tuple(sorted(groups, key=lambda group: group.rate))


def tellable(answers: Answers, options: int, alpha: float) -> tuple[int, ...]:
    """Rows that would be named if they were handed in twice: the others are too like what people
    who read alike may answer, each for themselves."""
    given = indicators(answers, options)
    chances = fit(given)
    distances = compare(given, chances).distances
    usual = float(np.median(distances.min(axis=1)))
    expected = np.where(answers >= 0, 1 - (chances**2).sum(axis=2), 0.0).sum(axis=1)
    return tuple(
        row
        for row in range(len(answers))
        if chance_of_so_few(
            0, float(expected[row]), 2, Surroundings(usual, np.delete(distances[row], row))
        )
        <= alpha
    )


def least_rate(answers: Answers, options: int, expected: Array, limits: Array) -> float:
    """The rate of the least likely group of a crowd whose expected differences are known; 1 where
    no pair reaches the `limits`, see `least_expected`.

    Nothing is fitted: a group counts as it is, not as one voice, which changes little where
    nobody works together.
    """
    pairs = Pairs(count_differences(answers, options), expected)
    # Larger groups have more to expect than any pair, but not without near pairs.
    few = np.minimum(pairs.differences, len(limits) - 1).astype(np.int64)
    if not (_MARGIN * expected > limits[few]).any():
        return 1.0
    test, everybody = _GroupTest(answers, options), list(range(len(answers)))
    distances, least = pairs.distances, 1.0
    for group in _candidates(test, pairs, everybody):
        # Each labeler who differs does so from all others of the group.
        inside = float(expected[np.ix_(group, group)].sum()) / 2 / (len(group) - 1)
        differences, _ = test.differences(group)
        if inside <= limits[min(differences, len(limits) - 1)]:
            continue
        others = [row for row in everybody if row not in group]
        between = distances[np.ix_(group, others)]
        usual = float(np.median(distances[np.ix_(others, others)].min(axis=1)))
        surroundings = Surroundings(usual, between.mean(axis=0))
        least = min(least, chance_of_so_few(differences, inside, len(group), surroundings))
    return least


def _next(
    test: "_GroupTest", voices: Sequence[int], alpha: float, pairs: Pairs
) -> tuple[list[int], float]:
    """The least likely group of those worth a test, and its rate; no group has rate 1."""
    best: tuple[list[int], float] = ([], 1.0)
    tried: set[frozenset[int]] = set()
    for group in _candidates(test, pairs, voices):
        if frozenset(group) in tried:
            continue
        tried.add(frozenset(group))
        members = [voices[place] for place in group]
        if not test.may_hold(members, alpha):
            continue
        rate = test.rate(members, [voice for voice in voices if voice not in members])
        if rate < best[1]:
            best = members, rate
    return best


def _candidates(test: "_GroupTest", pairs: Pairs, voices: Sequence[int]) -> Iterator[list[int]]:
    """Groups worth a test: grown from the pairs that differ least, as expected and as counted.

    A group that leads everywhere looks as if it were merely right, and nothing is expected of it;
    few differences are still few.
    """
    left, right = np.triu_indices(len(voices), 1)
    distances = pairs.distances
    unlike = test.unlike(voices)
    for measure in (distances, unlike):
        for place in np.argsort(measure[left, right], kind="stable")[:_SEEDS]:
            group = _grow(measure, [int(left[place]), int(right[place])])
            for size in _SIZES:
                if size < len(group):
                    yield group[:size]
            yield group


def _grow(distances: Array, group: list[int]) -> list[int]:
    """The pair with all who belong to it, the nearest first."""
    group = list(group)
    while len(group) < max(2, min(len(distances) // 2, len(distances) + 2 - FEWEST_VOICES)):
        to_group = distances[:, group].mean(axis=1)
        to_group[group] = np.inf
        best = int(to_group.argmin())
        if to_group[best] > min(_NEAR, max(0.1, 3 * distances[group[0], group[1]])):
            break
        group.append(best)
    return group


def _merge(groups: list[list[int]]) -> list[list[int]]:
    """Groups with a labeler in common are one: whoever spoke for one may have been found again."""
    merged: list[list[int]] = []
    for group in groups:
        mine = list(group)
        rest = []
        for other in merged:
            if set(other) & set(mine):
                mine = [*other, *(member for member in mine if member not in other)]
            else:
                rest.append(other)
        merged = [*rest, mine]
    return merged


class _GroupTest:
    """Weighs groups of labelers among everybody else."""

    def __init__(self, answers: Answers, options: int) -> None:
        self.answers = answers
        self.options = options
        self.given = indicators(answers, options)

    def unlike(self, rows: Sequence[int]) -> Array:
        """The share of differing answers of every pair, 1 if there are few that both gave."""
        given = self.given[list(rows)]
        pairs = compare(given, np.zeros_like(given))
        shares: Array = (pairs.differences + 1) / (pairs.expected + 1)
        return shares

    def rate(self, members: Sequence[int], outside: Sequence[int]) -> float:
        """The chance that a round of independent labelers has such a group anywhere."""
        return self._weigh([self.given[member] for member in members], outside)[0]

    def may_hold(self, members: Sequence[int], alpha: float) -> bool:
        """Whether the rate could be alpha if nothing of what they say were common: cheap."""
        differences, answers = self.differences(members)
        most = (1 - 1 / self.options) * answers / 2
        return most > 0 and chance_of_sharp(differences, most) <= alpha

    def differences(self, members: Sequence[int]) -> tuple[int, int]:
        """Answers that are not what most of the members say, of how many on tasks that more than
        one of them answered."""
        votes = self.given[list(members)].sum(axis=0)
        answers = votes.sum(axis=1)
        both = answers > 1
        return int((answers - votes.max(axis=1))[both].sum()), int(answers[both].sum())

    def memberships(
        self, members: Sequence[int], outside: Sequence[int], most: float
    ) -> list[Membership]:
        """The members who differ too little from the rest of the group themselves."""
        found = []
        for member in members:
            rest = [other for other in members if other != member]
            sheet = self._sheet(rest)
            chance, chances = self._weigh([self.given[member], sheet], outside)
            if len(members) == 2 or chance <= most:
                found.append(self._membership(member, sheet, outside, chances, chance))
        return found

    def _sheet(self, rows: Sequence[int]) -> Array:
        """What most of the rows say, T * K. Where they are divided, the first decides."""
        votes = self.given[list(rows)].sum(axis=0)
        votes += self.given[rows[0]] / 2
        best = np.where(votes.sum(axis=1) > 0, votes.argmax(axis=1), -1)
        sheet: Array = indicators(best[None], self.options)[0]
        return sheet

    def _weigh(self, sheets: Sequence[Array], outside: Sequence[int]) -> tuple[float, Array]:
        """The chance of so few differences between the sheets, and the model's of their voice."""
        together = np.stack(sheets)
        votes = together.sum(axis=0)
        tie = votes + together[0] / 2
        best = np.where(votes.sum(axis=1) > 0, tie.argmax(axis=1), -1)
        voice = indicators(best[None], self.options)
        crowd = np.concatenate([self.given[list(outside)], voice])
        chances = fit(crowd)
        answers = votes.sum(axis=1)
        differences = round(float((answers - votes.max(axis=1))[answers > 1].sum()))
        apart = np.where(answers > 1, 1 - (chances[-1] ** 2).sum(axis=1), 0.0)
        expected = float((apart * answers / 2).sum())
        distances = compare(crowd, chances).distances
        usual = float(np.median(distances.min(axis=1)[:-1]))
        surroundings = Surroundings(usual, distances[-1, :-1])
        return chance_of_so_few(differences, expected, len(sheets), surroundings), chances[-1]

    def _membership(
        self, member: int, sheet: Array, outside: Sequence[int], chances: Array, chance: float
    ) -> Membership:
        own = self.given[member]
        both = (own.sum(axis=1) > 0) & (sheet.sum(axis=1) > 0)
        same = (own * sheet).sum(axis=1) > 0
        votes = self.given[list(outside)].sum(axis=0)
        lead = votes.argmax(axis=1)
        with_lead = np.take_along_axis(own, lead[:, None], axis=1)[:, 0] > 0
        return Membership(
            row=member,
            chance=chance,
            differing=int((both & ~same).sum()),
            shared=int(both.sum()),
            expected=float((1 - (chances**2).sum(axis=1))[both].sum()),
            against=int((same & ~with_lead & (votes.sum(axis=1) > 0)).sum()),
        )
