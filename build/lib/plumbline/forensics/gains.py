"""Who gains: the round settled again as if some labelers had never taken part."""

from collections.abc import Sequence

from plumbline.forensics.findings import Gain, Gains
from plumbline.history.rounds import RoundHistory
from plumbline.settlement import LabelerOutcome, settle
from plumbline.settlement.sheet import unpack


def gains_of(one: RoundHistory, suspected: Sequence[str]) -> Gains:
    """Pay and slashes with and without `suspected`, whose seats would have stayed empty.

    Golds count as they were opened. Raises SheetError or SettlementError if answers do not fit.
    """
    rules = one.rules
    gold = one.gold_answers()
    withheld = one.has_gold and not gold
    out = set(suspected)
    rows = {event.labeler: unpack(event.sheet, rules.options, rules.tasks) for event in one.reveals}
    others = [labeler for labeler in rows if labeler not in out]
    before = settle(rules, list(rows.values()), gold, withheld)
    after = settle(rules, [rows[labeler] for labeler in others], gold, withheld)
    then: dict[str, LabelerOutcome] = dict(zip(others, after.labelers, strict=True))
    lines = tuple(
        _line(labeler, outcome, then.get(labeler))
        for labeler, outcome in zip(rows, before.labelers, strict=True)
    )
    changed = sum(a != b for a, b in zip(before.consensus, after.consensus, strict=True))
    return Gains(
        suspected=tuple(suspected),
        mode=before.mode.label,
        mode_without=after.mode.label,
        labels_changed=changed,
        net=sum(line.pay - line.slash for line in lines if line.labeler in out),
        others=sum(line.pay - line.slash for line in lines if line.labeler not in out),
        others_without=sum(line.pay_without - line.slash_without for line in lines),
        lines=lines,
    )


def _line(labeler: str, now: LabelerOutcome, then: LabelerOutcome | None) -> Gain:
    return Gain(
        labeler=labeler,
        band=now.band,
        pay=now.pay,
        slash=now.slash,
        band_without=None if then is None else then.band,
        pay_without=0 if then is None else then.pay,
        slash_without=0 if then is None else then.slash,
    )
