"""What a round on chain comes to, before it is closed."""

from collections.abc import Mapping

from plumbline.history.rounds import RoundHistory
from plumbline.settlement import WorkedSettlement, settle


def preview(history: RoundHistory, gold: Mapping[int, int] | None = None) -> WorkedSettlement:
    """What a round on chain comes to if nothing more is revealed.

    One outcome for each commitment, in order. `gold` is what will be opened, task -> answer, if
    it is known and not opened yet; without it gold answers that the terms promise are
    settled as withheld. Raises SheetError or SettlementError if answers do not fit.
    """
    labelers = (event.labeler for event in history.reveals)
    revealed = dict(zip(labelers, history.answers(), strict=True))
    rows = [revealed.get(event.labeler) for event in history.commitments]
    opened = history.gold_answers() or dict(gold or {})
    return settle(history.rules, rows, opened)
