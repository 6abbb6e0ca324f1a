"""Why a labeler was paid, slashed or neither, in a few words each."""

from collections.abc import Mapping, Sequence

from plumbline.settlement import Band, LabelerOutcome, Mode, Settlement
from plumbline.settlement.consensus import Row, tally
from plumbline.settlement.gold import examine
from plumbline.settlement.terms import BPS, ScoringTerms


def reasons(
    terms: ScoringTerms,
    rows: Sequence[Row | None],
    gold: Mapping[int, int],
    settlement: Settlement,
) -> list[str]:
    """One reason for each row, None being a labeler who did not reveal."""
    golds = examine(terms, gold, tally(terms, [row for row in rows if row is not None]))
    found = []
    for row, outcome in zip(rows, settlement.labelers, strict=True):
        if row is None:
            found.append("never revealed")
            continue
        matched = f"{golds.matches(terms, row)} of {len(golds.usable)} golds right"
        found.append(
            _reason(
                terms,
                settlement,
                outcome,
                matched if golds.failed(terms, row) else None,
                matched if not golds.passed(terms, row) else None,
            )
        )
    return found


def _reason(
    terms: ScoringTerms,
    settlement: Settlement,
    outcome: LabelerOutcome,
    failed: str | None,
    not_passed: str | None,
) -> str:
    if outcome.band is Band.OUTLIER:
        if failed:
            return f"only {failed}"
        base = terms.stake * terms.slash_base_bps // BPS
        # Guessing falls to either side of chance; this is well below it.
        contrary = outcome.slash * 10 > base * 13
        return "contradicts the others" if contrary else "no better than chance"
    if outcome.band is Band.NEAR:
        if outcome.pay == terms.price:
            golds = settlement.mode is Mode.GOLD
            return "right by gold: full pay" if golds else "agrees: full pay"
        return f"agrees in part: {outcome.pay * 100 // terms.price}% of pay"
    if not_passed:
        return f"no pay: {not_passed}"
    if outcome.band is Band.VOID:
        return "not scored: show-up fee"
    return "close to chance: no pay"
