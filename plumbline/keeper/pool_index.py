"""The pools that rounds draw their seats from, and their draws, as of a block.

What cannot change is read once. A pool that cannot be read is left alone, and stops no other.
"""

from collections.abc import Iterable, Mapping

from plumbline.chain.contract import LabelRounds
from plumbline.history.rounds import RoundHistory
from plumbline.keeper.decisions import Action, DecisionContext, Step, Wait
from plumbline.keeper.draw_decisions import (
    PoolDraw,
    decide_seed,
    is_absent,
    may_report,
    once_each,
    reports,
)
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.seating.client import SeatingError
from plumbline.seating.draw import MAX_WINDOW, Draw
from plumbline.seating.gates import Policy, pools_in
from plumbline.seating.policies import read_policy
from plumbline.seating.records import PoolUnit
from plumbline.seating.seat_draw import SeatDraw


class PoolIndex:
    """The draws of rounds that take commitments."""

    def __init__(self, rounds: LabelRounds) -> None:
        """Asks the node nothing yet."""
        self._rounds = rounds
        self._policies: dict[str, Policy] = {}
        self._pools: dict[str, SeatDraw | None] = {}
        self._draws: dict[tuple[str, int], Draw] = {}
        self._drawn: dict[tuple[str, int, int], tuple[int, ...]] = {}
        self._units: dict[tuple[str, int], PoolUnit] = {}
        self.unreadable: Mapping[str, str] = {}
        """Why a policy or a pool cannot be read now, by its address."""

    def clear(self) -> None:
        """The chain took blocks back: read everything again."""
        for known in (self._policies, self._pools, self._draws, self._drawn, self._units):
            known.clear()

    def policy(self, address: str) -> Policy:
        """What the policy at an address is. Raises SeatingError."""
        if address not in self._policies:
            self._policies[address] = read_policy(self._rounds.w3, address)
        return self._policies[address]

    def pool(self, address: str) -> SeatDraw | None:
        """A pool; None if it draws the seats of another deployment. Raises SeatingError."""
        if address not in self._pools:
            pool = SeatDraw(self._rounds, address)
            is_ours = checksum(pool.read("LABEL_ROUNDS")) == self._rounds.address
            self._pools[address] = pool if is_ours else None
        return self._pools[address]

    def plan(
        self, committing: Mapping[int, RoundHistory], context: DecisionContext
    ) -> tuple[list[Action], list[Wait]]:
        """What is due for the draws of rounds that take commitments, and what waits."""
        actions: list[Action] = []
        waits: list[Wait] = []
        unreadable: dict[str, str] = {}
        if not context.steps & {Step.CAPTURE, Step.REPORT}:
            return actions, waits
        for pool in self._pools_of(committing.values(), unreadable):
            try:
                for known in self._known(pool, committing, context):
                    decision = decide_seed(known, context)
                    actions += decision.actions
                    if decision.wait is not None:
                        waits.append(decision.wait)
                    actions += self._reports(pool, known, committing, context)
            except SeatingError as error:
                unreadable[pool.address] = str(error)
        self.unreadable = unreadable
        return once_each(actions), waits

    # ---------------------------------------------------------------- internal

    def _pools_of(
        self, histories: Iterable[RoundHistory], unreadable: dict[str, str]
    ) -> list[SeatDraw]:
        found: dict[str, SeatDraw] = {}
        for admission in dict.fromkeys(history.opened.admission for history in histories):
            if admission == ZERO:
                continue
            try:
                for address in pools_in(self.policy(admission)):
                    pool = self.pool(address)
                    if pool is not None:
                        found[address] = pool
            except SeatingError as error:
                unreadable[admission] = str(error)
        return list(found.values())

    def _known(
        self, pool: SeatDraw, committing: Mapping[int, RoundHistory], context: DecisionContext
    ) -> list[PoolDraw]:
        """The draws of rounds that take commitments, the first ones first."""
        found = []
        for number in range(pool.state(context.head).draws, 0, -1):
            draw = self._draws.get((pool.address, number))
            if draw is None or draw.seed is None:
                draw = self._draws[pool.address, number] = pool.drawn(number, context.head)
            if draw.frozen + MAX_WINDOW < context.now:
                break  # those before it are over, too
            round_id = next((each for each in draw.rounds if each in committing), None)
            if round_id is None:
                continue
            is_past = draw.seed is None and draw.seed_block < context.head
            is_gone = is_past and pool.can_rearm(number, context.head)
            found.append(PoolDraw(pool.address, draw, round_id, is_gone))
        return found[::-1]

    def _reports(
        self,
        pool: SeatDraw,
        known: PoolDraw,
        committing: Mapping[int, RoundHistory],
        context: DecisionContext,
    ) -> list[Action]:
        found: list[Action] = []
        for round_id in known.draw.rounds:
            history = committing.get(round_id)
            if history is None or not may_report(known.draw, history, context):
                continue
            absent = [
                (number, unit)
                for number in self._drawn_for(pool, known.draw, round_id)
                if (unit := self._absent(pool, known.draw, history, number, context)) is not None
            ]
            found += reports(known, history, absent)
        return found

    def _drawn_for(self, pool: SeatDraw, draw: Draw, round_id: int) -> tuple[int, ...]:
        key = (pool.address, draw.number, round_id)
        if key not in self._drawn:
            ranks = range(min(draw.seats, draw.length))
            self._drawn[key] = tuple(draw.unit_at(round_id, rank) for rank in ranks)
        return self._drawn[key]

    def _absent(
        self,
        pool: SeatDraw,
        draw: Draw,
        history: RoundHistory,
        number: int,
        context: DecisionContext,
    ) -> PoolUnit | None:
        """The unit, if it can be struck; it is read again only if it could when it was read."""
        key = (pool.address, number)
        known = self._units.get(key)
        if known is not None and not is_absent(draw, history, known, context.now):
            return None
        unit = self._units[key] = pool.unit(number, context.head)
        return unit if is_absent(draw, history, unit, context.now) else None
