"""Why a labeler was paid, slashed or neither, in a few words each."""

from plumbline.settlement import gold as gold_rules
from plumbline.settlement.consensus import Row
from plumbline.settlement.kappa import Score
from plumbline.settlement.results import Band, LabelerOutcome
from plumbline.settlement.terms import BPS
from plumbline.settlement.working import WorkedSettlement, Yardstick


def reasons(settlement: WorkedSettlement) -> list[str]:
    """One reason for each row of answers that was settled, in order."""
    working = settlement.working
    rows = zip(
        working.answers,
        settlement.labelers,
        working.gold_scores,
        working.scores,
        strict=True,
    )
    return [_reason(settlement, *row) for row in rows]


def _reason(
    settlement: WorkedSettlement,
    row: Row | None,
    outcome: LabelerOutcome,
    gold: Score | None,
    judged: Yardstick | None,
) -> str:
    if row is None:
        return "never revealed"
    terms = settlement.working.terms
    answered = sum(answer is not None for answer in row)
    parts = [] if answered == terms.tasks else [f"{_percent(answered, terms.tasks)} answered"]
    if judged is None:
        return ", ".join(["not scored", *parts]) + ": show-up fee"
    if outcome.band is Band.OUTLIER:
        if gold is not None and gold_rules.failed(terms, gold):
            return f"contradicts gold answers: kappa {_kappa(gold)}"
        if not answered:
            return "nothing answered: no better than chance"
        if judged.by_gold:
            return f"no better than chance on gold: kappa {_kappa(judged.score)}"
        base = terms.stake * terms.slash_base_bps // BPS
        # Guessing falls to either side of chance; this is well below it.
        contrary = outcome.slash * 10 > base * 13
        return "contradicts the others" if contrary else "no better than chance"
    if outcome.band is Band.NEAR:
        if outcome.pay == terms.price:
            return "right by the gold answers: full pay" if judged.by_gold else "agrees: full pay"
        if outcome.kappa_ppm < judged.bar_ppm:
            parts.insert(0, "right in part" if judged.by_gold else "agrees in part")
        return f"{', '.join(parts)}: {outcome.pay * 100 // terms.price}% of pay"
    if gold is not None and not gold_rules.passed(terms, gold):
        tasks = settlement.usable_gold
        known = sum(row[task] is not None for task in tasks)
        few = "" if 2 * known >= len(tasks) else f" ({known} of {len(tasks)} answered)"
        return f"no pay: kappa {_kappa(gold)} on gold{few}, {terms.gold_pass_bps / BPS:.2f} needed"
    # Roughly what the score would be if what was skipped were as good as what was answered.
    counted = settlement.usable_gold if judged.by_gold else settlement.working.references
    given = sum(row[task] is not None for task in counted)
    is_skipping = parts and outcome.kappa_ppm * len(counted) * BPS >= (
        judged.bar_ppm * terms.rho_bps * given
    )
    return (
        f"only {parts[0]}: no pay"
        if is_skipping
        else f"{', '.join(['close to chance', *parts])}: no pay"
    )


def _percent(part: int, whole: int) -> str:
    share = part * 100 // whole
    return f"{share}%" if share or not part else "under 1%"


def _kappa(score: Score) -> str:
    return f"{score.gain / score.best:.2f}"
