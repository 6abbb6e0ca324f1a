"""Groups of labelers who agree too much: found first, then confirmed by who is not in them.

A group that hands in one sheet many times bends everything that is measured against the crowd:
it makes honest labelers look alike, and the crowd look wide. So the search works inwards. The
likest pair grows into a group; if it holds, it counts as one voice from then on and everything
is fitted again, until nothing is left. Then every group is tested once more, in a crowd of
which no other group is more than one voice, with the spread of that crowd.

A group holds if its false-alarm rate is below alpha. Members come in the order in which they
joined, and p[k] is the chance that the k-th agrees so much with what most of those before it
say. For independent labelers these are independent, and there are no more than
N * (N-1) / 2 * (N-2) * ... such rows of members, so the rate of a group of g is at most

    (N * (N-1) / 2 * p[2]) * ((N-2) * p[3]) * ... * ((N-g+1) * p[g])

times N-1 as g was chosen too. A pair alone is held to Holm's procedure over all pairs. Of these
two ways the better one counts, twice, since there are two. Who is named must agree with the rest of
the group, too: the chance of it, times N since anybody could have joined, is at most 5 * alpha.

A group is never more than half of the voices: what most labelers say is the crowd, and no test
on answers can tell a conspiracy of most from the truth.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from plumbline.forensics.model import Answers, Array, fit, indicators
from plumbline.forensics.pairs import PRIOR_SPREAD, Pairs, compare, holm, spread, tail

_NEAR: Final = 2.0  # deviations above which a pair is worth a look
_KIN: Final = 0.5  # of the likeness within a group that a further member must have to it
_SAME: Final = 0.97  # of the answers of almost equal sheets are equal
_SEEDS: Final = 3  # likest pairs from which a group is grown
_NAMED: Final = 5  # times alpha: chance at which anybody not of a group that holds is named with it
FEWEST_VOICES: Final = 5  # that a crowd needs, a pair among them


@dataclass(frozen=True, slots=True)
class Link:
    """A labeler, by row, and how much it agrees with what most others of its group say.

    chance     that independent labelers of this accuracy agree so much
    agreed, shared, expected   tasks on which they agree, of those both answered, and how many
               the model explains
    disputed, disputed_agreed, disputed_expected   the same on the tasks where at least a fifth
               of everybody else is not of the others' opinion
    against    tasks on which they agree, and not with what most of everybody else say
    against_expected   how many of these the model explains
    """

    member: int
    chance: float
    agreed: int
    shared: int
    expected: float
    disputed: int
    disputed_agreed: int
    disputed_expected: float
    against: int
    against_expected: float


@dataclass(frozen=True, slots=True)
class Group:
    """Labelers who agree too much; `rate` is the chance that an honest round has such a group."""

    links: tuple[Link, ...]
    rate: float

    @property
    def members(self) -> tuple[int, ...]:
        """Rows, ascending."""
        return tuple(sorted(link.member for link in self.links))


@dataclass(frozen=True, slots=True)
class Search:
    """`groups` that hold at alpha; `spread` of the crowd without them, see `pairs`."""

    groups: tuple[Group, ...]
    spread: float


def search(answers: Answers, options: int, alpha: float) -> Search:
    """Groups of rows that agree more than independence explains, the surest first.

    The chance that a round of independent labelers has any is meant to be below alpha, and was
    measured (docs/forensics.md).
    """
    court = _Court(answers, options, alpha)
    voices = list(range(len(answers)))
    found: list[list[int]] = []
    width = PRIOR_SPREAD
    while len(voices) >= FEWEST_VOICES:
        pairs = compare(court.given[voices], fit(court.given[voices]))
        width = spread(pairs)
        # A crowd that is bent is also wide: until the group is out, that of most crowds will do.
        group = _next(court, pairs, voices, min(width, PRIOR_SPREAD))
        if not group:
            break
        found.append(group)
        voices = [voice for voice in voices if voice not in group[1:]]
    merged = _merge(found)
    groups = []
    for members in merged:
        # Every other group has one voice.
        lost = {one for other in merged if other is not members for one in other[1:]}
        outside = [v for v in range(len(answers)) if v not in lost and v not in members]
        rate = court.rate(members, outside, width)
        if rate <= alpha:
            links = court.links(members, outside, width)
            if len(links) > 1:
                groups.append(Group(tuple(links), rate))
    return Search(tuple(sorted(groups, key=lambda group: group.rate)), width)


def _next(court: "_Court", pairs: Pairs, voices: Sequence[int], width: float) -> list[int]:
    """The next group of labelers that holds; none if there is none."""
    tried: set[frozenset[int]] = set()
    for group in _candidates(court, pairs, voices):
        if frozenset(group) in tried:
            continue
        tried.add(frozenset(group))
        members = [voices[one] for one in group]
        outside = [voice for voice in voices if voice not in members]
        if court.rate(members, outside, width) <= court.alpha:
            return members
    return []


def _candidates(court: "_Court", pairs: Pairs, voices: Sequence[int]) -> Iterator[list[int]]:
    """Groups worth a test: grown from the likest pairs, then those of almost equal sheets.

    A group that leads everywhere looks as if it were merely right, and its likeness says
    nothing; equal sheets still do. Sheets that are merely similar would not do: those of the
    best labelers are, and in a weak crowd without them nothing would explain it.
    """
    left, right = np.triu_indices(len(voices), 1)
    worth = np.flatnonzero(pairs.z[left, right] > _NEAR)
    order = np.argsort(-pairs.likeness[left, right][worth], kind="stable")
    for place in worth[order[:_SEEDS]]:
        yield _grow(pairs, [int(left[place]), int(right[place])])
    same = court.equal_answers(voices) >= _SAME
    for one in np.argsort(-same.sum(axis=1), kind="stable")[:_SEEDS]:
        others = [int(other) for other in np.flatnonzero(same[one]) if other != one]
        if others:
            yield [int(one), *others][: _most(len(voices))]


def _most(voices: int) -> int:
    """How large a group may be."""
    return max(2, min(voices // 2, voices + 2 - FEWEST_VOICES))


def _grow(pairs: Pairs, group: list[int]) -> list[int]:
    """The pair with all who belong to it, in the order of joining."""
    while len(group) < _most(len(pairs.z)):
        inside = pairs.likeness[np.ix_(group, group)]
        close = float(inside.sum()) / (len(group) * (len(group) - 1))
        to_group = pairs.likeness[:, group].mean(axis=1)
        to_group[group] = -1.0
        best = int(to_group.argmax())
        if to_group[best] < _KIN * close or pairs.z[best, group].mean() < _NEAR:
            break
        group.append(best)
    return group


def _merge(found: list[list[int]]) -> list[list[int]]:
    """Groups with a labeler in common are one: whoever spoke for one may have been found again."""
    merged: list[list[int]] = []
    for group in found:
        mine = list(group)
        rest = []
        for one in merged:
            if set(one) & set(mine):
                mine = [*one, *(member for member in mine if member not in one)]
            else:
                rest.append(one)
        merged = [*rest, mine]
    return merged


class _Court:
    """Tests groups of labelers against everybody else."""

    def __init__(self, answers: Answers, options: int, alpha: float) -> None:
        self.answers = answers
        self.options = options
        self.alpha = alpha
        self.given = indicators(answers, options)

    def equal_answers(self, rows: Sequence[int]) -> Array:
        """The share of equal answers of every pair, of the tasks that both answered."""
        flat = self.given[list(rows)].reshape(len(rows), -1)
        answered = self.given[list(rows)].sum(axis=2)
        found: Array = (flat @ flat.T) / np.maximum(answered @ answered.T, 1.0)
        return found

    def rate(self, members: Sequence[int], outside: Sequence[int], width: float) -> float:
        """The chance that a round of independent labelers has such a group anywhere."""
        count = len(self.answers)
        first, *others = members
        so_far = [first]
        bound = best = 1.0
        for place, member in enumerate(others):
            chance, _, _ = self._test(member, so_far, outside, width)
            so_far.append(member)
            if place == 0:
                (best,) = holm([chance], count * (count - 1) // 2)
                bound = chance * count * (count - 1) / 2
            else:
                bound *= chance * (count - place - 1)
                best = min(best, bound * (count - 1))
        return min(1.0, 2 * best)

    def links(self, members: Sequence[int], outside: Sequence[int], width: float) -> list[Link]:
        """The members who agree with the rest of the group beyond doubt."""
        found = []
        for member in members:
            rest = [one for one in members if one != member]
            chance, chances, sheet = self._test(member, rest, outside, width)
            if len(members) == 2 or chance * len(self.answers) <= _NAMED * self.alpha:
                found.append(self._link(member, sheet, outside, chances, chance))
        return found

    def _test(
        self, member: int, rest: Sequence[int], outside: Sequence[int], width: float
    ) -> tuple[float, Array, npt.NDArray[np.int64]]:
        """How likely a member agrees so much with what most of `rest` say, and what they say."""
        votes = self.given[list(rest)].sum(axis=0)
        # Where they are divided, who joined first decides.
        votes += self.given[rest[0]] / 2
        sheet = np.where(votes.sum(axis=1) > 0, votes.argmax(axis=1), -1)
        crowd = np.concatenate(
            [
                self.given[list(outside)],
                indicators(sheet[None], self.options),
                self.given[[member]],
            ]
        )
        chances = fit(crowd)
        excess = compare(crowd, chances, len(crowd) - 2).excess(0, 1)
        return tail(chances[-2], chances[-1], excess / width), chances[-2:], sheet

    def _link(
        self,
        member: int,
        sheet: npt.NDArray[np.int64],
        outside: Sequence[int],
        chances: Array,
        chance: float,
    ) -> Link:
        own = self.answers[member]
        both = (own >= 0) & (sheet >= 0)
        same = both & (own == sheet)
        together = chances[0] * chances[1]
        votes = self.given[list(outside)].sum(axis=0)
        total, lead = votes.sum(axis=1), votes.argmax(axis=1)
        agreeing = np.take_along_axis(votes, np.maximum(sheet, 0)[:, None], axis=1)[:, 0]
        disputed = both & (agreeing * 5 <= total * 4) & (total > 0)
        on_lead = np.take_along_axis(together, lead[:, None], axis=1)[:, 0]
        explained = together.sum(axis=1)
        return Link(
            member=member,
            chance=chance,
            agreed=int(same.sum()),
            shared=int(both.sum()),
            expected=float(explained[both].sum()),
            disputed=int(disputed.sum()),
            disputed_agreed=int((same & disputed).sum()),
            disputed_expected=float(explained[disputed].sum()),
            against=int((same & (own != lead) & (total > 0)).sum()),
            against_expected=float((explained - on_lead)[both & (total > 0)].sum()),
        )
