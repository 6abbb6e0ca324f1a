"""Keeps rounds going: reveals what was delegated to it, closes, slashes the silent.

    feed        events as they come, and what a reorganisation takes back
    past        the history of every round
    decisions   what is due now, and why; pure
    batches     as calls, the largest that fit
    doing       sends them, and finds out what came of it
    keeper      all of it, once a tick

It needs no trust: whoever runs one can be late, and nothing else. Anyone can run another.
"""

from plumbline.keeper.activity import Done, Happening, Outcome, Tick
from plumbline.keeper.decisions import Step, Wait
from plumbline.keeper.executor import Hand
from plumbline.keeper.keeper import Keeper, Means, Settings

__all__ = [
    "Done",
    "Hand",
    "Happening",
    "Keeper",
    "Means",
    "Outcome",
    "Settings",
    "Step",
    "Tick",
    "Wait",
]
