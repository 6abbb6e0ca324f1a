"""The records that gates of a deployment ask for, and what a labeler's lacks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from web3 import Web3

from plumbline.chain.events import RoundOpened
from plumbline.history.market import Market
from plumbline.protocol.addresses import ZERO
from plumbline.seating.client import SeatingError
from plumbline.seating.gates import DrawGate, Facts, Policy, RecordGate, RecordRequirement
from plumbline.seating.policies import read_policy
from plumbline.seating.record_book import book_at, counts

_LOOKED_THROUGH: Final = 20  # policies of the latest rounds


@dataclass(frozen=True, slots=True)
class AskedRecord:
    """A record that a gate asks for.

    policy    the address of the gate
    gate      its terms
    vouched   whose rounds count; None where all do
    """

    policy: str
    gate: RecordGate
    vouched: tuple[str, ...] | None

    def counts(self, opened: RoundOpened) -> bool:
        """Whether a round counts for it."""
        return self.vouched is None or counts(self.vouched, opened)

    def requirements(self, facts: Facts, labeler: str) -> tuple[RecordRequirement, ...]:
        """What it asks of a labeler, met or not. Raises SeatingError."""
        return tuple(self.gate.requirements(facts, labeler))


def asked_records(market: Market) -> tuple[AskedRecord, ...]:
    """The records that the latest rounds ask for, or the pools that they are drawn from.

    What a stranger's policy does wrong stops none of the others.
    """
    w3 = market.node.w3
    events = market.events()
    named = [each.admission for each in events if isinstance(each, RoundOpened)]
    latest = [each for each in dict.fromkeys(reversed(named)) if each != ZERO]
    found: dict[RecordGate, AskedRecord] = {}
    for address in latest[:_LOOKED_THROUGH]:
        try:
            for each in records_asked_by(w3, read_policy(w3, address)):
                found.setdefault(each.gate, each)
        except SeatingError:
            continue
    here = market.contract.address
    return tuple(each for each in found.values() if each.gate.label_rounds == here)


def records_asked_by(w3: Web3, policy: Policy) -> Iterator[AskedRecord]:
    """The records that a policy asks for, also at the doors of its pools. Raises SeatingError."""
    doors = [
        read_policy(w3, each.gate.terms.gate)
        for each in policy.all
        if isinstance(each.gate, DrawGate) and each.gate.terms.has_gate
    ]
    # A draw admits nobody at a door, so the door of a pool that stands at one is not read.
    for each in (part for asked in (policy, *doors) for part in asked.all):
        if isinstance(each.gate, RecordGate):
            gate, vouched = each.gate, None
            if gate.book is not None:
                vouched = book_at(w3, gate.label_rounds, gate.book).vouched()
            yield AskedRecord(each.address, gate, vouched)
