"""The settlement of a round: the twin of the contract's `close`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plumbline.errors import PlumblineError
from plumbline.settlement.consensus import (
    Row,
    crowd_answer,
    is_contested,
    references,
    tally,
)
from plumbline.settlement.crowd_kappa import Crowd, measure
from plumbline.settlement.gold import Gold, examine
from plumbline.settlement.kappa import Score, score
from plumbline.settlement.results import Band, LabelerOutcome, Mode, Settlement
from plumbline.settlement.terms import BPS, MIN_TASKS, ScoringTerms

MIN_BAR_PPM = 300_000
GOLD_BAR_PPM = 600_000
MIN_CROWD_PPM = 50_000


class SettlementError(PlumblineError):
    """Answers or golds that do not belong to the round."""


@dataclass(frozen=True, slots=True)
class _Judgement:
    """All that judging one labeler takes, the same for everyone in the round."""

    terms: ScoringTerms
    mode: Mode
    bar_ppm: int
    gold: Gold
    # For each task that may be scored: what the others say, by one's own answer.
    references: Mapping[int, Mapping[int | None, int | None]]


def settle(
    terms: ScoringTerms,
    answers: Sequence[Row | None],
    gold: Mapping[int, int],
    gold_withheld: bool = False,
) -> Settlement:
    """Settle a round.

    `answers` has a row per committed labeler: T entries, an option or None for a skip; a row
    that is None was never revealed, or leaked. `gold` maps tasks to answers, as opened at
    close; it is empty if the round has none or if they were withheld. Raises SettlementError
    if rows, answers or golds do not fit the terms, which themselves are taken as valid.
    """
    _check(terms, answers, gold, gold_withheld)
    rows = [row for row in answers if row is not None]
    tallies = tally(terms, rows)
    golds = examine(terms, gold, tallies)
    # Golds are never scored against peers, not even those overruled or ignored.
    scored = [task for task in range(terms.tasks) if task not in gold]
    crowd = measure(terms, [tallies[task] for task in scored])

    mode = _mode(terms, len(rows), golds, crowd)
    bar_ppm = GOLD_BAR_PPM if mode is Mode.GOLD else max(crowd.kappa_ppm, MIN_BAR_PPM)
    table = {task: references(terms, tallies[task]) for task in scored}
    judgement = _Judgement(terms, mode, bar_ppm, golds, table)
    labelers = tuple(_judge(judgement, row) for row in answers)

    paid = sum(labeler.pay for labeler in labelers)
    slashed = sum(labeler.slash for labeler in labelers)
    unspent = terms.price * len(rows) - paid
    forfeit = unspent if mode is Mode.GOLD or gold_withheld else 0
    return Settlement(
        mode=mode,
        crowd_kappa_ppm=crowd.kappa_ppm,
        bar_ppm=bar_ppm,
        usable_gold=tuple(golds.usable),
        consensus=tuple(crowd_answer(terms, votes) for votes in tallies),
        contested=tuple(task for task, votes in enumerate(tallies) if is_contested(terms, votes)),
        labelers=labelers,
        paid=paid,
        refund=terms.price * (terms.seats - len(rows)) + unspent - forfeit,
        burned=slashed + forfeit,
    )


def _mode(terms: ScoringTerms, revealed: int, gold: Gold, crowd: Crowd) -> Mode:
    if revealed < terms.r_min:
        return Mode.VOID
    if gold.captured:
        return Mode.GOLD
    if crowd.tasks < MIN_TASKS or crowd.one_sided(terms.width) or crowd.kappa_ppm < MIN_CROWD_PPM:
        return Mode.VOID
    return Mode.PEER


def _judge(judgement: _Judgement, row: Row | None) -> LabelerOutcome:
    terms = judgement.terms
    if row is None:
        return LabelerOutcome(Band.UNREVEALED, 0, _share(terms.stake, terms.slash_max_bps), 0)
    if judgement.mode is Mode.VOID:
        return _void(judgement, row)
    own = _score(judgement, row)
    too_few = judgement.mode is Mode.PEER and own.tasks < MIN_TASKS
    if too_few or own.one_sided(terms.width):
        return _void(judgement, row)
    return _band(judgement, row, own)


def _score(judgement: _Judgement, row: Row) -> Score:
    """In gold mode against the usable golds, all of which count; else against the others."""
    terms = judgement.terms
    if judgement.mode is Mode.GOLD:
        pairs = [(row[task], truth) for task, truth in judgement.gold.usable.items()]
    else:
        pairs = []
        for task, table in judgement.references.items():
            ref = table[row[task]]
            if ref is not None:
                pairs.append((row[task], ref))
    return score(terms.options, terms.width, pairs)


def _void(judgement: _Judgement, row: Row) -> LabelerOutcome:
    """The round, or this labeler, cannot be scored: only gold can still tell."""
    terms = judgement.terms
    if judgement.gold.failed(terms, row):
        return LabelerOutcome(Band.OUTLIER, 0, _share(terms.stake, terms.slash_base_bps), 0)
    passed = judgement.gold.passed(terms, row)
    return LabelerOutcome(Band.VOID, _share(terms.price, terms.showup_bps) if passed else 0, 0, 0)


def _band(judgement: _Judgement, row: Row, own: Score) -> LabelerOutcome:
    terms = judgement.terms
    kappa = own.kappa_ppm
    if own.gain <= 0 or judgement.gold.failed(terms, row):
        slash = _share(terms.stake, _slash_rate_bps(terms, own))
        return LabelerOutcome(Band.OUTLIER, 0, slash, 0)
    near = kappa * BPS >= terms.rho_bps * judgement.bar_ppm
    if near and judgement.gold.passed(terms, row):
        pay = terms.price * min(kappa, judgement.bar_ppm) // judgement.bar_ppm
        return LabelerOutcome(Band.NEAR, pay, 0, kappa)
    return LabelerOutcome(Band.FAR, 0, 0, kappa)


def _slash_rate_bps(terms: ScoringTerms, own: Score) -> int:
    """Base rate at chance level, rising to the maximum at full inversion."""
    if own.gain >= 0:
        return terms.slash_base_bps
    span = terms.slash_max_bps - terms.slash_base_bps
    # The rule caps -G at Gmax, though by the triangle inequality it is never above.
    return terms.slash_base_bps + span * min(-own.gain, own.best) // own.best


def _share(amount: int, share_bps: int) -> int:
    return amount * share_bps // BPS


def _check(
    terms: ScoringTerms,
    answers: Sequence[Row | None],
    gold: Mapping[int, int],
    gold_withheld: bool,
) -> None:
    if len(answers) > terms.seats:
        raise SettlementError(f"{len(answers)} rows of answers: there are {terms.seats} seats")
    for labeler, row in enumerate(answers):
        if row is not None:
            _check_row(terms, labeler, row)
    check_gold(terms, gold, gold_withheld)


def check_gold(terms: ScoringTerms, gold: Mapping[int, int], gold_withheld: bool) -> None:
    """Raise SettlementError for golds that no round of these terms can have."""
    if gold and gold_withheld:
        raise SettlementError("gold is both opened and withheld: leave out one")
    for task, truth in gold.items():
        if not 0 <= task < terms.tasks:
            raise SettlementError(f"gold task {task}: must be 0 to {terms.tasks - 1}")
        if not 0 <= truth < terms.options:
            raise SettlementError(f"gold {truth} of task {task}: must be below {terms.options}")


def _check_row(terms: ScoringTerms, labeler: int, row: Row) -> None:
    if len(row) != terms.tasks:
        raise SettlementError(f"labeler {labeler} has {len(row)} answers: must be {terms.tasks}")
    for task, answer in enumerate(row):
        if answer is not None and not 0 <= answer < terms.options:
            raise SettlementError(
                f"labeler {labeler} answers {answer} to task {task}: must be below {terms.options}"
            )
