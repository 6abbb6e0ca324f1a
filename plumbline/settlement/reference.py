"""The settlement of a round: the reference implementation of the contract's `close`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.settlement import gold as gold_rules
from plumbline.settlement.consensus import Row, crowd_answer, is_contested, references, tally
from plumbline.settlement.crowd_kappa import CrowdScore, measure
from plumbline.settlement.gold import GoldAnswers
from plumbline.settlement.kappa import Score, score
from plumbline.settlement.results import Band, LabelerOutcome, Mode
from plumbline.settlement.terms import BPS, MIN_TASKS, PPM, ScoringTerms
from plumbline.settlement.working import Verification, WorkedSettlement, Working, Yardstick

MIN_BAR_PPM: Final = 300_000
GOLD_BAR_PPM: Final = 600_000
MIN_CROWD_PPM: Final = 50_000
FEW_PASSED: Final = 3  # fewer than one in so many passed: the gold answers alone are to be trusted


class SettlementError(PlumblineError):
    """Answers or gold answers that do not belong to the round."""


@dataclass(frozen=True, slots=True)
class _Judgement:
    """All that judging one labeler takes, the same for everyone in the round."""

    terms: ScoringTerms
    mode: Mode
    bar_ppm: int
    verification: Verification
    # For each task that is no credible gold: what the others say, by one's own answer.
    references: Mapping[int, Mapping[int | None, int | None]]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One labeler's answers, and what the gold answers say about them.

    row     T answers
    gold    score against credible gold answers, None without
    passed  whether it passed them
    counts  whether its answers are votes
    """

    row: Row
    gold: Score | None
    passed: bool
    counts: bool


def settle(
    terms: ScoringTerms, answers: Sequence[Row | None], gold: Mapping[int, int]
) -> WorkedSettlement:
    """Settle a round.

    `answers` has a row per committed labeler: T entries, an option or None for a skip; a row
    that is None was never revealed, or leaked. `gold` maps tasks to answers, as opened at
    close; it is empty if the round has none or if they were withheld. Gold answers that are not
    credible count as withheld. Raises SettlementError if rows or answers do not fit the terms,
    which themselves are taken as valid, or for gold answers in a round that promises none.
    """
    _check(terms, answers, gold)
    examined = gold_rules.examine(terms, gold)
    sheets = [None if row is None else _hold_against_gold(terms, examined, row) for row in answers]
    revealed = [sheet for sheet in sheets if sheet is not None]
    counted = [sheet.row for sheet in revealed if sheet.counts]
    tallies = tally(terms, counted)
    consensus = tuple(crowd_answer(terms, votes) for votes in tallies)

    # Gold tasks are never scored against peers.
    scored = [task for task in range(terms.tasks) if task not in examined.usable]
    crowd = measure(terms, [tallies[task] for task in scored])
    few = examined.credible and len(counted) * FEW_PASSED < len(revealed)
    captured = examined.credible and gold_rules.captured(examined.score(terms, consensus))
    verification = Verification(few, captured)
    mode = _mode(terms, len(revealed), len(counted), examined, verification, crowd)
    bar_ppm = _bar_ppm(terms, mode, crowd)

    table = {task: references(terms, tallies[task]) for task in scored}
    judgement = _Judgement(terms, mode, bar_ppm, verification, table)
    judged = [None if sheet is None else _score(judgement, sheet) for sheet in sheets]
    labelers = tuple(_judge(judgement, *pair) for pair in zip(sheets, judged, strict=True))

    paid = sum(labeler.pay for labeler in labelers)
    slashed = sum(labeler.slash for labeler in labelers)
    returned = 0
    for sheet, labeler in zip(sheets, labelers, strict=True):
        if sheet is not None and not examined.withheld:
            most = _share(terms.price, terms.refund_bps)
            returned += min(terms.price - labeler.pay, most)
    return WorkedSettlement(
        mode=mode,
        crowd_kappa_ppm=crowd.kappa_ppm,
        bar_ppm=bar_ppm,
        usable_gold=tuple(examined.usable),
        gold_withheld=examined.withheld,
        passed=tuple(sheet is not None and sheet.passed for sheet in sheets),
        consensus=consensus,
        contested=tuple(task for task, votes in enumerate(tallies) if is_contested(terms, votes)),
        labelers=labelers,
        paid=paid,
        refund=terms.price * (terms.seats - len(revealed)) + returned,
        burned=slashed + terms.price * len(revealed) - paid - returned,
        working=Working(
            terms=terms,
            answers=answers,
            tallies=tallies,
            gold=examined,
            verification=verification,
            crowd=crowd,
            references=table,
            gold_scores=tuple(None if sheet is None else sheet.gold for sheet in sheets),
            scores=tuple(judged),
        ),
    )


def _hold_against_gold(terms: ScoringTerms, examined: GoldAnswers, row: Row) -> _Sheet:
    if not examined.credible:
        return _Sheet(row, gold=None, passed=False, counts=True)
    against = examined.score(terms, row)
    passed = gold_rules.passed(terms, against)
    return _Sheet(row, against, passed, counts=passed)


def _mode(
    terms: ScoringTerms,
    revealed: int,
    counted: int,
    examined: GoldAnswers,
    verification: Verification,
    crowd: CrowdScore,
) -> Mode:
    if revealed == 0:
        return Mode.VOID
    unfit = (
        verification.few
        or verification.captured
        or counted < terms.r_min
        or crowd.tasks < MIN_TASKS
        or crowd.one_sided(terms.width)
        or crowd.kappa_ppm < MIN_CROWD_PPM
    )
    if not unfit:
        return Mode.PEER
    return Mode.GOLD if examined.credible else Mode.VOID


def _bar_ppm(terms: ScoringTerms, mode: Mode, crowd: CrowdScore) -> int:
    if mode is Mode.GOLD:
        return GOLD_BAR_PPM
    return min(PPM, max(crowd.kappa_ppm * terms.bar_bps // BPS, MIN_BAR_PPM))


def _score(judgement: _Judgement, sheet: _Sheet) -> Yardstick | None:
    """What a labeler is judged by; None for whoever cannot be scored."""
    terms = judgement.terms
    if judgement.mode is Mode.PEER:
        against = _against_peers(judgement, sheet)
        if against.tasks >= MIN_TASKS and not against.one_sided(terms.width):
            return Yardstick(against, judgement.bar_ppm, by_gold=False)
    # In gold mode, and for those of whom the others say too little.
    return None if sheet.gold is None else Yardstick(sheet.gold, GOLD_BAR_PPM, by_gold=True)


def _against_peers(judgement: _Judgement, sheet: _Sheet) -> Score:
    pairs = []
    for task, table in judgement.references.items():
        answer = sheet.row[task]
        # Who does not count has no vote to take out, like one who skipped.
        ref = table[answer if sheet.counts else None]
        if ref is not None:
            pairs.append((answer, ref))
    return score(judgement.terms.options, judgement.terms.width, pairs)


def _judge(
    judgement: _Judgement, sheet: _Sheet | None, yardstick: Yardstick | None
) -> LabelerOutcome:
    terms = judgement.terms
    if sheet is None:
        return LabelerOutcome(Band.UNREVEALED, 0, _share(terms.stake, terms.slash_max_bps), 0)
    answered = sum(answer is not None for answer in sheet.row)
    if yardstick is None:
        pay = _share(terms.price, terms.showup_bps) * answered // terms.tasks
        return LabelerOutcome(Band.VOID, pay, 0, 0)
    against, bar_ppm = yardstick.score, yardstick.bar_ppm
    if _is_outlier(judgement, sheet, yardstick):
        slash = _share(terms.stake, _slash_rate_bps(terms, against))
        return LabelerOutcome(Band.OUTLIER, 0, slash, 0)
    kappa = against.kappa_ppm
    may_be_paid = sheet.gold is None or sheet.passed
    if may_be_paid and kappa > 0 and kappa * BPS >= terms.rho_bps * bar_ppm:
        pay = terms.price * min(kappa, bar_ppm) // bar_ppm * answered // terms.tasks
        return LabelerOutcome(Band.NEAR, pay, 0, kappa)
    return LabelerOutcome(Band.FAR, 0, 0, kappa)


def _is_outlier(judgement: _Judgement, sheet: _Sheet, yardstick: Yardstick) -> bool:
    if sheet.gold is None:
        return yardstick.score.gain <= 0
    if gold_rules.failed(judgement.terms, sheet.gold):
        return True
    # Peers alone slash nobody in whom the gold answers found something.
    if not gold_rules.found_nothing(sheet.gold):
        return False
    return judgement.verification.few if yardstick.by_gold else yardstick.score.gain <= 0


def _slash_rate_bps(terms: ScoringTerms, own: Score) -> int:
    """Base rate at chance level, rising to the maximum at full inversion."""
    if own.gain >= 0:
        return terms.slash_base_bps
    span = terms.slash_max_bps - terms.slash_base_bps
    # The rule caps -G at Gmax, though by the triangle inequality it is never above.
    return terms.slash_base_bps + span * min(-own.gain, own.best) // own.best


def _share(amount: int, share_bps: int) -> int:
    return amount * share_bps // BPS


def _check(terms: ScoringTerms, answers: Sequence[Row | None], gold: Mapping[int, int]) -> None:
    if len(answers) > terms.seats:
        raise SettlementError(f"{len(answers)} rows of answers: there are {terms.seats} seats")
    for labeler, row in enumerate(answers):
        if row is not None:
            _check_row(terms, labeler, row)
    check_gold(terms, gold)


def check_gold(terms: ScoringTerms, gold: Mapping[int, int]) -> None:
    """Raise SettlementError for gold answers in a round whose terms promise none."""
    if gold and not terms.has_gold:
        raise SettlementError("gold answers are given, but the terms promise none")


def _check_row(terms: ScoringTerms, labeler: int, row: Row) -> None:
    if len(row) != terms.tasks:
        raise SettlementError(f"labeler {labeler} has {len(row)} answers: must be {terms.tasks}")
    for task, answer in enumerate(row):
        if answer is not None and not 0 <= answer < terms.options:
            raise SettlementError(
                f"labeler {labeler} answers {answer} to task {task}: must be below {terms.options}"
            )
