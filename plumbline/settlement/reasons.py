"""Why a labeler was paid, slashed or neither, in a few words each."""

from plumbline.settlement.consensus import Row
from plumbline.settlement.results import Band, LabelerOutcome, Mode
from plumbline.settlement.terms import BPS
from plumbline.settlement.working import WorkedSettlement


def reasons(settlement: WorkedSettlement) -> list[str]:
    """One reason for each row of answers that was settled, in order."""
    return [
        _reason(settlement, row, outcome)
        for row, outcome in zip(settlement.working.answers, settlement.labelers, strict=True)
    ]


def _reason(settlement: WorkedSettlement, row: Row | None, outcome: LabelerOutcome) -> str:
    if row is None:
        return "never revealed"
    terms, gold = settlement.working.terms, settlement.working.gold
    matched = f"{gold.matches(terms, row)} of {len(gold.usable)} gold answers right"
    if outcome.band is Band.OUTLIER:
        if gold.failed(terms, row):
            return f"only {matched}"
        base = terms.stake * terms.slash_base_bps // BPS
        # Guessing falls to either side of chance; this is well below it.
        contrary = outcome.slash * 10 > base * 13
        return "contradicts the others" if contrary else "no better than chance"
    if outcome.band is Band.NEAR:
        if outcome.pay == terms.price:
            by_gold = settlement.mode is Mode.GOLD
            return "right by gold: full pay" if by_gold else "agrees: full pay"
        return f"agrees in part: {outcome.pay * 100 // terms.price}% of pay"
    if not gold.passed(terms, row):
        return f"no pay: {matched}"
    if outcome.band is Band.VOID:
        return "not scored: show-up fee"
    return "close to chance: no pay"
