"""Which rounds of a campaign can be closed now, and why the others cannot."""

from collections.abc import Mapping
from dataclasses import dataclass

from plumbline.campaign.standing import Standing
from plumbline.chain.call import Call
from plumbline.requester.closing import ClosingError, plan_closing
from plumbline.requester.gold import GoldStore
from plumbline.transactions.together import Candidate, estimated, groups, room_together

Key = tuple[int, int]
"""The round that a call is about, and its place among the calls of that round."""


@dataclass(frozen=True, slots=True)
class ClosingPlan:
    """What to send now.

    calls     by round and place: the closing of a round, then the slashing of its silent
    waiting   by round, why it cannot be closed yet
    late      rounds whose gold answers are not opened any more
    """

    calls: Mapping[Key, Call]
    waiting: Mapping[int, str]
    late: tuple[int, ...]


def plan_closings(standing: Standing, store: GoldStore) -> ClosingPlan:
    """What is left to send for the rounds of a campaign that are opened.

    Raises StorageError if gold answers that are kept are damaged and no file has them.
    """
    calls: dict[Key, Call] = {}
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


def transactions(
    standing: Standing, plan: ClosingPlan, gas_cap: int | None
) -> list[tuple[Candidate[Key], ...]]:
    """What goes into which transaction: rounds that share labelers together, where the deployment
    has a multicall. `gas_cap` is the most gas of one transaction, None for that of the chain.

    Raises what asking a node raises.
    """
    contract = standing.market.contract
    seated = {
        history.round_id: frozenset(event.labeler for event in history.commitments)
        for history in standing.histories.values()
    }
    if len(plan.calls) == 1 or not contract.deployment.has_multicall:
        return [(Candidate(key, call, seated[key[0]], None),) for key, call in plan.calls.items()]
    candidates = [
        Candidate(key, call, seated[key[0]], estimated(contract.w3, standing.requester, call))
        for key, call in plan.calls.items()
    ]
    return groups(candidates, room_together(contract.w3, gas_cap))
