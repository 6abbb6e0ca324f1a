"""Where a round is hard: the places at which the rule turns, and a hair more or less decides."""

from collections.abc import Iterator
from itertools import pairwise

from plumbline.settlement import Band, LabelerOutcome, Mode, Settlement, settle
from plumbline.settlement.consensus import Row, references, tally
from plumbline.settlement.crowd_kappa import CrowdScore, measure
from plumbline.settlement.gold import CAPTURED_BPS, MIN_USABLE, OVERRULED_AT_MOST, examine
from plumbline.settlement.kappa import ONE_SIDED
from plumbline.settlement.reference import MIN_BAR_PPM, MIN_CROWD_PPM
from plumbline.settlement.terms import BPS, MAX_OPTIONS, MAX_SEATS, MAX_TASKS, MIN_TASKS, Kind
from tests.differential.crowds import MOST_WEI, Round

CLOSE_PPM = 2_000  # a kappa as near as this is at an edge

Votes = list[list[int]]


def edges_of(case: Round) -> set[str]:
    """What is hard about a round."""
    settlement = settle(case.terms, case.answers, case.gold, case.gold_withheld)
    rows = [row for row in case.answers if row is not None]
    votes = tally(case.terms, rows)
    scored = [votes[task] for task in range(case.terms.tasks) if task not in case.gold]
    crowd = measure(case.terms, scored)
    return {
        *_sizes(case, rows),
        *_votes(case, scored),
        *_crowd(case, crowd),
        *_golds(case, rows, votes, settlement),
        *_labelers(case, settlement),
    }


def _sizes(case: Round, rows: list[Row]) -> Iterator[str]:
    terms = case.terms
    if len(rows) == terms.r_min:
        yield "just as many revealed as must"
    if len(rows) == terms.r_min - 1:
        yield "one too few revealed"
    if not rows:
        yield "nobody revealed"
    if len(rows) == MAX_SEATS:
        yield f"a full house, {terms.kind.name.lower()}"
    if terms.tasks == MAX_TASKS and terms.options == MAX_OPTIONS and rows:
        yield f"all tasks and all options, {terms.kind.name.lower()}"
    if terms.width == MAX_OPTIONS:
        yield "the widest credit"
    if any(None not in row for row in rows) and any(set(row) == {None} for row in rows):
        yield "one skips nothing and one everything"


def _votes(case: Round, votes: Votes) -> Iterator[str]:
    terms = case.terms
    for_some = [task for task, counts in enumerate(votes) if _counts_for_some(case, counts)]
    if for_some == [0]:
        yield "only the first task counts for some only"
    elif for_some:
        yield "a task that counts for some only"
    for counts in votes:
        total = sum(counts)
        first, second = sorted(counts, reverse=True)[:2]
        if terms.kind is Kind.NOMINAL:
            needed = -(-total * terms.tau_bps // BPS)
            if first - second == needed > 2:
                yield "a lead that just suffices"
            if first - second == needed - 1 > 1:
                yield "a lead one too small"
            if total and first == second:
                yield "a tie of leaders"
            if first - second == 2 == max(2, needed):
                yield "a lead of two votes"
        elif total in (2, 3, 4):
            yield f"{total} votes on a scale"
        table = references(terms, counts)
        told = {table[own] for own, count in enumerate(counts) if count}
        if len(told - {None}) > 1:
            yield f"a task of which some are told otherwise, {terms.kind.name.lower()}"


def _counts_for_some(case: Round, counts: list[int]) -> bool:
    """Whether one who answers, or who skips, is told what another is not."""
    table = references(case.terms, counts)
    told = [table[own] for own, count in enumerate(counts) if count] + [table[None]]
    return case.terms.kind is Kind.NOMINAL and None in told and any(x is not None for x in told)


def _crowd(case: Round, crowd: CrowdScore) -> Iterator[str]:
    terms = case.terms
    if crowd.tasks == MIN_TASKS:
        yield "just as many tasks count as must"
    if crowd.tasks == MIN_TASKS - 1:
        yield "one task too few counts"
    if crowd.tasks and crowd.best * ONE_SIDED == terms.width * crowd.tasks**2:
        yield "a crowd on the edge of one-sided"
    for name, edge in (("least crowd", MIN_CROWD_PPM), ("least bar", MIN_BAR_PPM)):
        if edge <= crowd.kappa_ppm < edge + CLOSE_PPM:
            yield f"just above the {name}"
        if edge - CLOSE_PPM <= crowd.kappa_ppm < edge:
            yield f"just below the {name}"
    if crowd.kappa_ppm == MIN_CROWD_PPM:
        yield "a crowd that is just good enough"
    if crowd.kappa_ppm == MIN_CROWD_PPM - 1:
        yield "a crowd a millionth too bad"
    if crowd.tasks >= MIN_TASKS and crowd.kappa_ppm == 0 and crowd.best:
        yield "a crowd no better than chance"


def _golds(case: Round, rows: list[Row], votes: Votes, settled: Settlement) -> Iterator[str]:
    terms, opened, usable = case.terms, len(case.gold), len(settled.usable_gold)
    if usable in (MIN_USABLE, MIN_USABLE - 1):
        yield f"{usable} golds"
    if opened and (opened - usable) * OVERRULED_AT_MOST == opened:
        yield "just few enough golds overruled"
    gold = examine(terms, case.gold, votes)
    if not gold.counts:
        return
    if gold.matches(terms, settled.consensus) * BPS == CAPTURED_BPS * usable:
        yield "a crowd that just matches the golds"
    if settled.mode is Mode.GOLD and any(row[task] is None for row in rows for task in gold.usable):
        yield "a gold skipped where golds alone count"
    for row in rows:
        matched = gold.matches(terms, row) * BPS
        if matched == terms.gold_pass_bps * usable:
            yield "golds just passed"
        if matched == terms.gold_slash_bps * usable:
            yield "golds just failed"


def _labelers(case: Round, settled: Settlement) -> Iterator[str]:
    terms = case.terms
    for outcome in settled.labelers:
        needed = terms.rho_bps * settled.bar_ppm
        if outcome.band is Band.NEAR and (outcome.kappa_ppm - 1) * BPS < needed:
            yield "near by a hair"
        if outcome.band is Band.FAR and needed <= (outcome.kappa_ppm + 1) * BPS:
            yield "far by a hair"
        if outcome.band is Band.NEAR and outcome.kappa_ppm == settled.bar_ppm:
            yield "just at the bar"
        if outcome.band is Band.OUTLIER:
            yield from _slashed(case, outcome)
        if outcome.pay == MOST_WEI:
            yield "the largest price"
    bands = {outcome.band for outcome in settled.labelers}
    if settled.mode is not Mode.VOID and len(bands) == len(Band):
        yield "every band"
    kappas = sorted(o.kappa_ppm for o in settled.labelers if o.band is Band.NEAR)
    if any(upper - lower == 1 for lower, upper in pairwise(kappas)):
        yield "two that are one millionth apart"


def _slashed(case: Round, outcome: LabelerOutcome) -> Iterator[str]:
    terms = case.terms
    if terms.slash_base_bps == terms.slash_max_bps:
        return
    if outcome.slash == terms.stake * terms.slash_max_bps // BPS:
        yield "slashed to the most"
    if outcome.slash == terms.stake * terms.slash_base_bps // BPS:
        yield "slashed at the least"
    if outcome.slash == MOST_WEI:
        yield "the largest slash"
