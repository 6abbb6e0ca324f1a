"""Where a round is hard: the places at which the rule turns, and a hair more or less decides."""

from collections.abc import Iterator
from itertools import pairwise

from plumbline.settlement import Band, LabelerOutcome, Mode, WorkedSettlement, settle
from plumbline.settlement.consensus import Row, references
from plumbline.settlement.crowd_kappa import CrowdScore
from plumbline.settlement.gold import (
    BALANCE_DENOMINATOR,
    BALANCE_NUMERATOR,
    CAPTURED_BPS,
    failed,
    found_nothing,
)
from plumbline.settlement.kappa import ONE_SIDED, Score, score
from plumbline.settlement.reference import FEW_PASSED, MIN_BAR_PPM, MIN_CROWD_PPM
from plumbline.settlement.terms import (
    BPS,
    MAX_OPTIONS,
    MAX_SEATS,
    MAX_TASKS,
    MIN_TASKS,
    PPM,
    Kind,
)
from tests.differential.crowds import MOST_WEI, Round

CLOSE_PPM = 2_000  # a kappa as near as this is at an edge

Votes = list[list[int]]


def edges_of(case: Round) -> set[str]:
    """What is hard about a round."""
    settlement = settle(case.terms, case.answers, case.gold)
    working = settlement.working
    rows = [row for row in case.answers if row is not None]
    votes = [list(working.tallies[task]) for task in working.references]
    return {
        *_sizes(case, rows, settlement),
        *_votes(case, votes),
        *_crowd(case, working.crowd),
        *_opened(case),
        *_gold(case, rows, settlement),
        *_alone(case, settlement),
        *_labelers(case, settlement),
        *_money(case, settlement),
    }


def _sizes(case: Round, rows: list[Row], settled: WorkedSettlement) -> Iterator[str]:
    terms = case.terms
    counted = sum(settled.passed) if settled.usable_gold else len(rows)
    if counted == terms.r_min:
        yield "just as many count as must"
    if counted == terms.r_min - 1:
        yield "one too few count"
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


def _opened(case: Round) -> Iterator[str]:
    terms, opened = case.terms, len(case.gold)
    if not terms.has_gold:
        return
    if opened in (terms.gold_count - 1, terms.gold_count + 1):
        yield f"one gold task too {'few' if opened < terms.gold_count else 'many'}"
    if opened == terms.gold_count:
        truths = case.gold.values()
        best = score(terms.options, terms.width, [(None, truth) for truth in truths]).best
        least = min(terms.width, terms.options - 1) * terms.gold_count**2
        room = best * BALANCE_DENOMINATOR - BALANCE_NUMERATOR * least
        if room == 0:
            yield "gold answers that just vary enough"
        if -least < 4 * room < 0:
            yield f"gold answers that vary a little too little, {terms.kind.name.lower()}"
        if terms.width > terms.options - 1 and room >= 0:
            yield "gold answers on a scale that is narrower than the credit"


def _gold(case: Round, rows: list[Row], settled: WorkedSettlement) -> Iterator[str]:
    terms, gold, count = case.terms, settled.working.gold, settled.working.verification
    if not gold.credible or not rows:
        return
    consensus = gold.score(terms, settled.consensus)
    if consensus.gain * BPS == CAPTURED_BPS * consensus.best:
        yield "a crowd that just passes the gold tasks"
    if count.captured and consensus.gain * 3 > consensus.best:
        yield "a crowd that is captured though it knows something"
    room = sum(settled.passed) * FEW_PASSED - len(rows)
    if room == 0:
        yield "just as many passed as must"
    if room == -1:
        yield "one sheet too many did not pass"
    if settled.mode is Mode.GOLD and any(row[task] is None for row in rows for task in gold.usable):
        yield "a gold task skipped where gold alone counts"
    if count.few and not count.captured:
        yield "few passed, and know what they say"
    for held in settled.working.gold_scores:
        if held is not None:
            yield from _held(case, held)


def _held(case: Round, held: Score) -> Iterator[str]:
    terms = case.terms
    if held.gain * BPS == terms.gold_pass_bps * held.best:
        yield "gold tasks just passed"
    if -held.gain * BPS == terms.gold_slash_bps * held.best:
        yield "gold tasks just failed"
    if held.gain == 0:
        yield "no more than chance on the gold tasks"
    if 0 < held.gain * BPS < terms.gold_pass_bps * held.best:
        yield "something found, and not passed"


def _alone(case: Round, settled: WorkedSettlement) -> Iterator[str]:
    """Labelers who are judged otherwise than the round, or otherwise by gold than by peers."""
    working, terms = settled.working, case.terms
    if settled.mode is not Mode.PEER:
        return
    parts = (case.answers, settled.labelers, settled.passed, working.gold_scores, working.scores)
    for row, outcome, has_passed, held, judged in zip(*parts, strict=True):
        if row is None:
            continue
        refs = [
            table[row[task] if has_passed or held is None else None]
            for task, table in working.references.items()
        ]
        told = [(None, ref) for ref in refs if ref is not None]
        if len(told) in (MIN_TASKS, MIN_TASKS - 1):
            yield f"{len(told)} tasks count for a labeler"
        elif len(told) > MIN_TASKS and score(terms.options, terms.width, told).one_sided(
            terms.width
        ):
            yield "a labeler whose tasks hardly vary"
        if judged is None:
            yield "void alone"
        elif judged.by_gold:
            yield f"void alone, judged by gold: {outcome.band.label}"
        elif held is not None:
            yield from _told_apart(case, held, judged.score, has_passed)


def _told_apart(case: Round, held: Score, peers: Score, has_passed: bool) -> Iterator[str]:
    if has_passed and peers.gain <= 0:
        yield "passed the gold tasks, and contradicts the others"
    if failed(case.terms, held) and peers.gain > 0:
        yield "failed the gold tasks, and agrees with the others"
    if not has_passed and not found_nothing(held) and peers.gain <= 0:
        yield "not passed, something found, and contradicts the others"
    if found_nothing(held) and not failed(case.terms, held) and peers.gain <= 0:
        yield "nothing found, and contradicts the others"


def _labelers(case: Round, settled: WorkedSettlement) -> Iterator[str]:
    terms = case.terms
    for outcome, judged in zip(settled.labelers, settled.working.scores, strict=True):
        bar = settled.bar_ppm if judged is None else judged.bar_ppm
        needed = terms.rho_bps * bar
        if outcome.band is Band.NEAR and (outcome.kappa_ppm - 1) * BPS < needed:
            yield "near by a hair"
        if outcome.band is Band.FAR and 0 < needed <= (outcome.kappa_ppm + 1) * BPS:
            yield "far by a hair"
        if outcome.band is Band.NEAR and outcome.kappa_ppm == bar:
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


def _money(case: Round, settled: WorkedSettlement) -> Iterator[str]:
    terms = case.terms
    if settled.mode is Mode.PEER and settled.bar_ppm == PPM > settled.crowd_kappa_ppm:
        yield "full pay for nothing less than agreement"
    for row, outcome in zip(case.answers, settled.labelers, strict=True):
        if row is None:
            continue
        if not any(answer is not None for answer in row):
            yield f"an empty sheet: {outcome.band.label}"
        if terms.price - outcome.pay == terms.price * terms.refund_bps // BPS > 0:
            yield "just as much unspent as may go back"
        if outcome.pay and None in row:
            yield f"paid for a part of the answers: {outcome.band.label}"
