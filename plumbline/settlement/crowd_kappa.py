"""The crowd's kappa: how well it agrees with itself, from tallies alone.

It sees every task that is no gold task (all opened ones are left out, the overruled and ignored
too), and is computed in every mode, with any number of reveals.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from plumbline.settlement.consensus import nth_smallest, references
from plumbline.settlement.kappa import ONE_SIDED, credit, cross_credit
from plumbline.settlement.terms import PPM, Kind, ScoringTerms


@dataclass(frozen=True, slots=True)
class CrowdScore:
    """The crowd's score.

    tasks      that count: nominal TM, those whose leader is d >= m0 ahead in the full tally;
               ordinal T, those with three votes or more
    best       nominal TM^2 - sum M^2; ordinal best4 // 4
    kappa_ppm  0 if nothing can be said, or if agreement is no better than chance
    """

    tasks: int
    best: int
    kappa_ppm: int

    def one_sided(self, width: int) -> bool:
        """Whether the crowd's answers vary too little to judge anyone by them."""
        return self.best * ONE_SIDED < width * self.tasks**2


def measure(terms: ScoringTerms, tallies: Sequence[Sequence[int]]) -> CrowdScore:
    """The crowd's score from the votes (K counts) of each task that is no gold task."""
    if terms.kind is Kind.NOMINAL:
        return _measure_nominal(terms, tallies)
    return _measure_ordinal(terms, tallies)


def _measure_nominal(terms: ScoringTerms, tallies: Sequence[Sequence[int]]) -> CrowdScore:
    leaders = [0] * terms.options  # M(y)
    counted = [0] * terms.options  # I(x)
    direct = 0  # D
    for votes in tallies:
        table = references(terms, votes)
        # Who skipped takes nothing out: for them a task counts by its full tally.
        leader = table[None]
        if leader is not None:
            leaders[leader] += 1
        for option, count in enumerate(votes):
            ref = table[option]
            if ref is not None:
                counted[option] += count
                if option == ref:
                    direct += count
    tasks = sum(leaders)
    best = tasks**2 - sum(count**2 for count in leaders)
    gain = direct * tasks - sum(a * b for a, b in zip(counted, leaders, strict=True))
    return CrowdScore(tasks, best, _ratio_ppm(gain * tasks, sum(counted) * best))


def _measure_ordinal(terms: ScoringTerms, tallies: Sequence[Sequence[int]]) -> CrowdScore:
    given = [0] * terms.options  # N(x)
    middles = [0] * terms.options  # M2(y)
    tasks = direct = 0  # T, D
    for votes in tallies:
        table = references(terms, votes)
        if table[None] is None:
            continue
        tasks += 1
        middles[nth_smallest(votes, sum(votes) // 2)] += 1
        middles[nth_smallest(votes, sum(votes) // 2 + 1)] += 1
        for option, count in enumerate(votes):
            ref = table[option]
            if ref is not None:
                given[option] += count
                direct += count * credit(terms.width, option, ref)
    best4 = 4 * tasks**2 * terms.width - cross_credit(terms.width, middles, middles)
    gain4 = 4 * tasks * direct - 2 * cross_credit(terms.width, given, middles)
    return CrowdScore(tasks, best4 // 4, _ratio_ppm(gain4 * tasks, sum(given) * best4))


def _ratio_ppm(gain: int, best: int) -> int:
    return gain * PPM // best if gain > 0 and best > 0 else 0
