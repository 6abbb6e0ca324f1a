"""Which rounds of a campaign can be closed now, and why the others cannot."""

from collections.abc import Mapping
from dataclasses import dataclass

from plumbline.campaign.standing import Standing
from plumbline.chain.call import Call
from plumbline.requester.closing import ClosingError, plan_closing
from plumbline.requester.gold import GoldStore


@dataclass(frozen=True, slots=True)
class ClosingPlan:
    """What to send now.

    calls     by round and place: the closing of a round, then the slashing of its silent
    waiting   by round, why it cannot be closed yet
    late      rounds whose gold answers are not opened any more
    """

    calls: Mapping[tuple[int, int], Call]
    waiting: Mapping[int, str]
    late: tuple[int, ...]


def plan_closings(standing: Standing, store: GoldStore) -> ClosingPlan:
    """What is left to send for the rounds of a campaign that are opened.

    Raises StorageError if gold answers that are kept are damaged and no file has them.
    """
    calls: dict[tuple[int, int], Call] = {}
    waiting: dict[int, str] = {}
    late = []
    for history in standing.histories.values():
        try:
            closing = plan_closing(standing.market, store, history)
        except ClosingError as error:
            waiting[history.round_id] = str(error)
            continue
        calls |= {(history.round_id, place): call for place, call in enumerate(closing.calls)}
        if closing.gold_is_late:
            late.append(history.round_id)
    return ClosingPlan(calls, waiting, tuple(late))
