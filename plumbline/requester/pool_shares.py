"""Who could get how much of a round that is drawn: one account, and one who paid for many."""

from collections import defaultdict
from collections.abc import Iterable

from plumbline.chain.events import Deposited, Event
from plumbline.seating.pool_history import PoolHistory, PoolShares


def shares_of(events: Iterable[Event], history: PoolHistory, epoch: int) -> PoolShares:
    """Of the units that a draw in that epoch would shuffle. Whoever deposited for an account, or
    paid its bond, counts as its funder; `events` are all of the deployment.
    """
    payers: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if isinstance(event, Deposited):
            payers[event.account].add(event.payer)
    return history.shares(epoch, payers)
