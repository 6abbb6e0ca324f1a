"""The score: agreement above what the same answers would reach in any order.

    D    = sum of s(a_t, ref_t)
    G    = T*D - sum_x sum_y c(x)*M(y)*s(x,y)
    Gmax = T*T*w - sum_x sum_y M(x)*M(y)*s(x,y)

over the T tasks that count for the labeler: c(x) counts own answers x, M(y) references y. A
task they skipped is among the T and in M, but adds nothing to D or c. As min(w, abs(x-y)) is
a metric, -Gmax <= G <= Gmax always, so that kappa is at most 1,000,000 ppm.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from plumbline.settlement.terms import PPM

ONE_SIDED = 8  # Gmax below an eighth of its bound says nothing about skill


@dataclass(frozen=True, slots=True)
class Score:
    """A labeler's raw score: `gain` (G) from -`best` to `best` (Gmax), over T `tasks`."""

    tasks: int
    gain: int
    best: int

    @property
    def kappa_ppm(self) -> int:
        """G*PPM // Gmax, 0 where G is not above 0."""
        return self.gain * PPM // self.best if self.gain > 0 else 0

    def one_sided(self, width: int) -> bool:
        """Whether the references vary too little to tell skill from a constant answer."""
        return self.best == 0 or self.best * ONE_SIDED < width * self.tasks**2


def credit(width: int, answer: int, truth: int) -> int:
    """s(x,y): full credit `width` on the spot, one less per step, never below 0."""
    return max(0, width - abs(answer - truth))


def cross_credit(width: int, left: Sequence[int], right: Sequence[int]) -> int:
    """sum_x sum_y left(x)*right(y)*s(x,y) of two histograms of the same K options."""
    total = 0
    for x, count in enumerate(left):
        if count:
            for y, other in enumerate(right):
                total += count * other * credit(width, x, y)
    return total


def score(options: int, width: int, pairs: Iterable[tuple[int | None, int]]) -> Score:
    """Score pairs (own answer or None for a skip, reference), one per task that counts."""
    own = [0] * options
    truth = [0] * options
    tasks = direct = 0
    for answer, ref in pairs:
        tasks += 1
        truth[ref] += 1
        if answer is not None:
            own[answer] += 1
            direct += credit(width, answer, ref)
    return Score(
        tasks=tasks,
        gain=tasks * direct - cross_credit(width, own, truth),
        best=tasks * tasks * width - cross_credit(width, truth, truth),
    )
