"""What a round on chain comes to, before it is closed."""

from collections.abc import Mapping

from plumbline.history.rounds import RoundHistory
from plumbline.settlement import Settlement, settle
from plumbline.settlement.sheet import unpack


def preview(history: RoundHistory, now: int, gold: Mapping[int, int] | None = None) -> Settlement:
    """What a round on chain comes to if nothing more is revealed.

    One outcome for each commitment, in order. `gold` is what will be opened, if it is known and
    not opened yet; without it golds are left out of account or, if their time is over at `now`
    (unix seconds), withheld.
    """
    rules = history.rules
    sheets = {event.labeler: event.sheet for event in history.reveals}
    rows = [
        unpack(sheets[event.labeler], rules.options, rules.tasks)
        if event.labeler in sheets
        else None
        for event in history.commitments
    ]
    opened = history.gold_answers() or dict(gold or {})
    over = history.is_over or now >= history.deadlines.gold
    withheld = history.has_gold and over and not opened
    return settle(rules, rows, opened, withheld)
