"""How likely the labels of a round are right, as the chain has them."""

from collections.abc import Sequence

from plumbline.aggregation.choice import choose
from plumbline.aggregation.table import AnswerTable, gold_of
from plumbline.history.rounds import RoundHistory
from plumbline.settlement.labels import Label
from plumbline.settlement.terms import Kind


def confidences(history: RoundHistory, labels: Sequence[Label]) -> list[float | None]:
    """How likely each label of a closed round is right; None where there is none.

    The label is the answer of most, the confidence what all methods make of who said so. Raises
    SheetError or SettlementError if answers do not fit.
    """
    rules, settlement = history.rules, history.settlement()
    rows = [
        (task, labeler, option)
        for labeler, (row, passed) in enumerate(
            zip(history.answers(), settlement.passed, strict=True)
        )
        for task, option in enumerate(row)
        if option is not None and (passed or not settlement.usable_gold)
    ]
    table = AnswerTable.of(
        rows,
        tasks=rules.tasks,
        labelers=len(history.reveals),
        options=rules.options,
        is_ordinal=rules.kind is Kind.ORDINAL,
    )
    gold = gold_of(label.gold for label in labels)
    likely = choose(table, gold).estimate.distribution
    return [
        None if label.consensus is None else float(likely[label.task, label.consensus])
        for label in labels
    ]
