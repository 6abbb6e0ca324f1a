"""What a round on chain comes to, before it is closed."""

from collections.abc import Mapping

from plumbline.history.rounds import RoundHistory
from plumbline.settlement import WorkedSettlement, settle


def preview(
    history: RoundHistory, now: int, gold: Mapping[int, int] | None = None
) -> WorkedSettlement:
    """What a round on chain comes to if nothing more is revealed.

    One outcome for each commitment, in order. `gold` is what will be opened, task -> answer, if
    it is known and not opened yet; without it gold is left out of account or, if its time is
    over at `now` (unix seconds), withheld. Raises SheetError or SettlementError if answers do
    not fit.
    """
    labelers = (event.labeler for event in history.reveals)
    revealed = dict(zip(labelers, history.answers(), strict=True))
    rows = [revealed.get(event.labeler) for event in history.commitments]
    opened = history.gold_answers() or dict(gold or {})
    over = history.is_over or now >= history.deadlines.gold
    withheld = history.has_gold and over and not opened
    return settle(history.rules, rows, opened, withheld)
