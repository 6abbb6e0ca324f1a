"""What a labeler shows where seats are drawn: found in the pool, so that nobody needs a file."""

from dataclasses import dataclass, field

from plumbline.chain.contract import LabelRounds
from plumbline.seating.evidence import Evidence
from plumbline.seating.gates import Policy, best_evidence, pools_in
from plumbline.seating.policies import ChainFacts
from plumbline.seating.pool_history import Lot, PoolHistory, lot_of
from plumbline.seating.seat_draw import SeatDraw, pool_at


@dataclass
class DrawnSeats:
    """The units of a labeler in the draws of rounds. What happened in a pool is read once, and
    `pools` has it by address: who asks for many labelers hands the same to all.

    Everything raises SeatingError, or EventsError where the node gives no events.
    """

    rounds: LabelRounds
    labeler: str
    pools: dict[str, tuple[SeatDraw, PoolHistory]] = field(default_factory=dict)

    def lot(self, pool: str, round_id: int) -> Lot | None:
        """The unit that sits first in a round; None if it is not drawn, or there is no unit."""
        if pool not in self.pools:
            found = pool_at(self.rounds, pool)
            self.pools[pool] = found, PoolHistory.of(found)
        return lot_of(*self.pools[pool], round_id, self.labeler)

    def evidence(self, policy: Policy, round_id: int) -> dict[str, Evidence]:
        """What the labeler has to show to each pool that a policy asks, by its address."""
        found = {pool: self.lot(pool, round_id) for pool in pools_in(policy)}
        return {pool: lot.evidence for pool, lot in found.items() if lot is not None}

    def shown(self, policy: Policy, facts: ChainFacts, round_id: int) -> Evidence:
        """What is best shown to a policy, with nothing else at hand; see `best_evidence`."""
        own = self.evidence(policy, round_id)
        return best_evidence(policy, facts, round_id, self.labeler, own) if own else ()
