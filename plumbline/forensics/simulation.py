"""The round again, many times, with everybody working alone: how often it shows such a group.

A parametric bootstrap. Every simulated labeler reads what its school reads (see `schools`), the
members of a group that was found what most of the group say, each of them for itself: they slip
as often as readers do, and then say what the crowd says on that task or, like them, skip where
they skipped. How often readers slip is drawn anew in every round, as in `sharpness`: from what
is seen of their school, or from what people may be where nothing is.

So the rate is that of the crowd at hand, with its difficulties, habits, skips and sizes. It can
only raise the rate that is worked out without it.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from plumbline.forensics.groups import Group, least_rate, search
from plumbline.forensics.model import Answers, Array, fit, indicators
from plumbline.forensics.pairs import compare
from plumbline.forensics.schools import SMALLEST_SCHOOL, Schools, find_schools, sheets_of
from plumbline.forensics.sharpness import draw_mates, draw_readers, least_expected

_ROUNDS: Final = 199  # simulated, if alpha asks for no more
_MOST_ROUNDS: Final = 1999
_FEWEST_HITS: Final = 2  # that alpha must allow, for its rate to be distinguished from none


def named_groups(answers: Answers, options: int, alpha: float) -> tuple[Group, ...]:
    """Groups whose rate is alpha at most, worked out and simulated, with the larger rate."""
    groups = search(answers, options, alpha)
    if not groups:
        return ()
    schools = find_schools(indicators(answers[voices_of(len(answers), groups)], options))
    crowd = _Simulated(answers, options, groups, schools)
    count, dice = _rounds_for(alpha), np.random.default_rng(0)
    limits = least_expected(max(group.rate for group in groups))
    rates = [least_rate(crowd.draw(dice), options, crowd.expected, limits) for _ in range(count)]
    held = []
    for group in groups:
        hits = sum(rate <= group.rate for rate in rates)
        rate = max(group.rate, (hits + 1) / (count + 1)) if hits else group.rate
        if rate <= alpha:
            held.append(Group(group.memberships, rate))
    return tuple(held)


def _rounds_for(alpha: float) -> int:
    """How many rounds are simulated, so that a rate of alpha can be seen in them."""
    return min(_MOST_ROUNDS, max(_ROUNDS, math.ceil(_FEWEST_HITS / alpha) - 1))


def voices_of(count: int, groups: Sequence[Group]) -> list[int]:
    """Rows of which each group has one."""
    lost = {row for group in groups for row in group.members[1:]}
    return [row for row in range(count) if row not in lost]


class _Simulated:
    """What the labelers of one round read, and how they slip."""

    def __init__(
        self, answers: Answers, options: int, groups: Sequence[Group], schools: Schools
    ) -> None:
        voices = voices_of(len(answers), groups)
        given = indicators(answers[voices], options)
        place = {row: number for number, row in enumerate(voices)}
        for group in groups:
            votes = indicators(answers[list(group.members)], options).sum(axis=0)
            given[place[group.members[0]]] = (
                np.eye(options)[votes.argmax(axis=1)] * (votes.sum(axis=1) > 0)[:, None]
            )
            place |= dict.fromkeys(group.members, place[group.members[0]])
        of = np.array([place[row] for row in range(len(answers))])
        chances = fit(given)
        pairs = compare(given, chances)
        self.options = options
        self.skipped = answers < 0
        self.reads = sheets_of(given, schools.classes)[of].argmax(axis=2)
        # A voice that skipped what another of the group answered has no chances there: all alike.
        chances = np.where(chances.sum(axis=2, keepdims=True) > 0, chances, 1 / options)
        self.chances: Array = chances[of]
        self.apart = 1 - (self.chances**2).sum(axis=2)
        answered = self.chances * ~self.skipped[:, :, None]
        self.expected = compare(indicators(answers, options), answered).expected
        # Who slips says what the crowd says, but for what was meant.
        others = self.chances + 1e-9
        np.put_along_axis(others, self.reads[:, :, None], 0.0, axis=2)
        self.others = others.cumsum(axis=2)
        classes = np.asarray(schools.classes)
        self.classes = classes[of]
        self.mates: dict[int, float] = {}
        next_to = pairs.distances.min(axis=1)
        self.usual = float(np.median(next_to))
        for one in np.unique(classes):
            members = np.flatnonzero(classes == one)
            if len(members) > SMALLEST_SCHOOL:
                inside = pairs.distances[np.ix_(members, members)]
                self.mates[int(one)] = float(inside[np.triu_indices(len(members), 1)].mean())

    def draw(self, dice: np.random.Generator) -> Answers:
        """Answers of one round."""
        distances = np.empty(len(self.classes))
        for one in np.unique(self.classes):
            members = self.classes == one
            count = int(members.sum())
            distances[members] = (
                draw_mates(dice, self.mates[int(one)], count)
                if int(one) in self.mates
                else draw_readers(dice, self.usual)
            )
        # Two who slip with chance c differ with chance 2c(1-c), which is to be their distance.
        differing = np.minimum(distances[:, None] * self.apart, 0.5)
        slips = dice.random(differing.shape) < (1 - np.sqrt(1 - 2 * differing)) / 2
        luck = dice.random(differing.shape) * self.others[:, :, -1]
        slipped = np.zeros_like(self.reads)
        for option in range(self.options - 1):
            slipped += luck >= self.others[:, :, option]
        found: Answers = np.where(slips, slipped, self.reads)
        found[self.skipped] = -1
        return found
