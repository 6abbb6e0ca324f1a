"""A keeper's figures for Prometheus, in a registry of their own."""

import time
from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge

from plumbline.chain.records import Phase
from plumbline.keeper.activity import ActionOutcome, ActionResult, Tick

_KINDS: Final = (
    "reveal",
    "conclude",
    "close",
    "forfeit",
    "expire",
    "capture",
    "rearm",
    "report",
    "relay",
)
_PHASES: Final = tuple(phase.label for phase in Phase if phase is not Phase.ABSENT)


class Metrics:
    """All are there from the start, at 0: a rate needs a first value."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        """`wall` gives unix seconds."""
        self.registry = CollectorRegistry()
        self._wall = wall
        self._last_poll = wall()
        self._head_time = wall()

        self._head = self._gauge("head_block", "Number of the last block read")
        self._head_age = self._gauge(
            "head_age_seconds", "Age of the last block read: how far the node is behind"
        )
        self._head_age.set_function(lambda: max(0.0, self._wall() - self._head_time))
        self._poll_age = self._gauge("poll_age_seconds", "Time since the node last answered")
        self._poll_age.set_function(lambda: max(0.0, self._wall() - self._last_poll))
        self._rounds = self._gauge("rounds", "Rounds in each phase", "phase")
        self._openings = self._gauge(
            "openings",
            "Answer sheets here: delegated in all, waiting to be revealed, or refused as files",
            "state",
        )
        self._commitments = self._gauge(
            "commitments",
            "Signed commitments here: held, dropped for good, on the chain, or refused as files",
            "state",
        )
        self._resting = self._gauge("resting_actions", "Actions that failed and are left alone")
        self._held = self._gauge("held", "1 if actions are due and nothing can be sent, else 0")
        self._balance = self._gauge("balance_wei", "Ether of the account that pays for gas")
        self._actions = self._counter("actions", "Actions by kind and outcome", "kind", "outcome")
        self._gas = self._counter("gas_used", "Gas used by transactions in blocks")
        self._fees = self._counter("fees_wei", "Fees paid for them")
        self._reorganisations = self._counter("reorganisations", "Times the chain took blocks back")
        self._node_failures = self._counter("node_failures", "Polls that the node did not answer")

        for phase in _PHASES:
            self._rounds.labels(phase)
        for state in ("delegated", "waiting", "refused"):
            self._openings.labels(state)
        for state in ("held", "dropped", "landed", "refused"):
            self._commitments.labels(state)
        for kind in _KINDS:
            for outcome in ActionOutcome:
                if outcome is not ActionOutcome.PLANNED:
                    self._actions.labels(kind, outcome.value)

    def ticked(self, tick: Tick) -> None:
        """Take over the result of a look at the chain."""
        self._last_poll = self._wall()
        self._head_time = float(tick.timestamp)
        self._head.set(tick.head)
        for phase in _PHASES:
            self._rounds.labels(phase).set(tick.phases.get(phase, 0))
        self._openings.labels("delegated").set(tick.delegated)
        self._openings.labels("waiting").set(tick.waiting)
        self._openings.labels("refused").set(tick.refused)
        for state, count in tick.commitments.items():
            self._commitments.labels(state).set(count)
        self._resting.set(tick.resting)
        self._held.set(tick.held is not None)
        if tick.reorganised_from is not None:
            self._reorganisations.inc()

    def count(self, result: ActionResult) -> None:
        """Count the result of an action."""
        self._actions.labels(result.kind, result.outcome.value).inc()
        if result.block is not None:
            self._gas.inc(result.gas_used)
            self._fees.inc(result.fee)

    def node_failed(self) -> None:
        """Count a poll in vain."""
        self._node_failures.inc()

    def has_balance(self, wei: int) -> None:
        """Take over what the account has."""
        self._balance.set(wei)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"plumbline_keeper_{name}", text, labels, registry=self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"plumbline_keeper_{name}", text, labels, registry=self.registry)
