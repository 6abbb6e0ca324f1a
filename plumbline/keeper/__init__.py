"""Keeps rounds going: reveals what was delegated to it, closes, slashes the silent.

    round_index     the history of every round, kept up with the feed of events
    decisions       what is due now, and why; pure
    draw_decisions  the same for draws of seats, of which pool_index reads what there is; pure
    relay_decisions whether a signed commitment is relayed now, later or never; pure
    relaying        what the chain says of each
    batches         as calls, the largest that fit
    executor        sends them, and finds out the outcome; `backoff` says when to try again
    keeper          all of it, once a tick
    service_loop    ticks until it is stopped, with outbox, log and metrics
    activity        the records of it all, which `announcements` makes log entries of

It needs no trust: whoever runs one can be late, and nothing else. Anyone can run another. The
format of delegated reveals is in `labeler`, the journal of what was sent in `transactions`.
"""

from plumbline.keeper.activity import ActionOutcome, ActionResult, LogEntry, Tick
from plumbline.keeper.decisions import Step, Wait
from plumbline.keeper.executor import KeeperAccount
from plumbline.keeper.keeper import Keeper, KeeperSettings, Resources

__all__ = [
    "ActionOutcome",
    "ActionResult",
    "Keeper",
    "KeeperAccount",
    "KeeperSettings",
    "LogEntry",
    "Resources",
    "Step",
    "Tick",
    "Wait",
]
