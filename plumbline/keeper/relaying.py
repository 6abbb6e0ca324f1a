"""Signed commitments that are held until their seats can be had, as the chain says.

Pools say from when on they admit, and are asked again then; whatever else stands in the way is
looked at again after a while.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from plumbline.chain.contract import LabelRounds
from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.chain.records import Phase
from plumbline.chain.reverts import revert_reason
from plumbline.errors import PlumblineError
from plumbline.history.rounds import RoundHistory
from plumbline.keeper.decisions import Action, DecisionContext, Step
from plumbline.keeper.pool_index import PoolIndex
from plumbline.keeper.relay_decisions import HeldCommitment, by_draw, by_round, relays
from plumbline.labeler.consents import Consent
from plumbline.labeler.relay import applicable, is_signed_by_labeler
from plumbline.protocol.addresses import ZERO
from plumbline.seating.evidence import EvidenceError
from plumbline.seating.gates import POLICY_GAS
from plumbline.seating.members import shown_to_pools
from plumbline.seating.policies import ChainFacts
from plumbline.seating.seat_draw import SeatDraw

_FAILURES: Final[tuple[type[Exception], ...]] = (PlumblineError, *NODE_ERRORS)
_PAUSE: Final = 30  # seconds until an obstacle of no known end is looked at again


@dataclass(frozen=True, slots=True)
class PlannedRelays:
    """What is relayed now, and what is not."""

    actions: tuple[Action, ...] = ()
    held: tuple[HeldCommitment, ...] = ()


class Relaying:
    """Remembers what stood in the way of each commitment. All of it can be asked again."""

    def __init__(self, rounds: LabelRounds, pools: PoolIndex) -> None:
        """Asks the node nothing yet."""
        self._rounds = rounds
        self._pools = pools
        self._obstacles: dict[Consent, tuple[HeldCommitment, int | None]] = {}
        self._signed: dict[Consent, bool] = {}

    def clear(self) -> None:
        """The chain took blocks back: ask everything again."""
        self._obstacles.clear()

    def plan(
        self,
        consents: Sequence[Consent],
        histories: Mapping[int, RoundHistory],
        committing: Mapping[int, RoundHistory],
        context: DecisionContext,
        attempts: Mapping[Consent, int],
    ) -> PlannedRelays:
        """What to do with these commitments.

        committing   rounds that take commitments, of which all is known
        attempts     transactions that were paid for in vain, by commitment
        """
        if Step.RELAY not in context.steps:
            return PlannedRelays()
        held: list[HeldCommitment] = []
        ready: dict[int, list[Consent]] = {}
        for consent in consents:
            history = histories.get(consent.round_id)
            is_open = history is not None and history.phase_at(context.now) is Phase.COMMIT
            if is_open and consent.round_id not in committing:
                continue  # this node does not know yet what another has confirmed
            obstacle = by_round(consent, history, context.now, attempts.get(consent, 0))
            if obstacle is None:
                assert history is not None  # the round takes it
                obstacle = self._obstacle(consent, history, context)
            if obstacle is None:
                ready.setdefault(consent.round_id, []).append(consent)
            else:
                held.append(obstacle)
        self._forget_others(consents)
        actions: list[Action] = []
        locked: Counter[str] = Counter()
        for round_id, admitted in sorted(ready.items()):
            try:
                history = committing[round_id]
                good, skipped = applicable(self._rounds, history, context.now, admitted, locked)
            except _FAILURES as error:
                reason = revert_reason(error)
                held += [HeldCommitment(consent, reason) for consent in admitted]
                continue
            actions += relays(round_id, good)
            for each in skipped:
                later = HeldCommitment(each.consent, each.reason)
                self._obstacles[each.consent] = (later, context.now + _PAUSE)
                held.append(later)
        return PlannedRelays(tuple(actions), tuple(held))

    # ---------------------------------------------------------------- internal

    def _obstacle(
        self, consent: Consent, history: RoundHistory, context: DecisionContext
    ) -> HeldCommitment | None:
        known, again = self._obstacles.get(consent, (None, 0))
        if known is not None and (again is None or context.now < again):
            return known
        self._obstacles.pop(consent, None)
        try:
            obstacle = self._asked(consent, history, context)
        except _FAILURES as error:
            obstacle = HeldCommitment(consent, revert_reason(error))
        if obstacle is not None:
            wait = max(context.now + 1, obstacle.until or context.now + _PAUSE)
            self._obstacles[consent] = (obstacle, None if obstacle.is_final else wait)
        return obstacle

    def _asked(
        self, consent: Consent, history: RoundHistory, context: DecisionContext
    ) -> HeldCommitment | None:
        if not self._is_signed(consent):
            return HeldCommitment(consent, "invalid signature", is_final=not consent.is_wallet)
        address = history.opened.admission
        if address == ZERO:
            return None
        policy = self._pools.policy(address)
        try:
            pools = shown_to_pools(policy, consent.evidence)
        except EvidenceError as error:
            return HeldCommitment(consent, str(error), is_final=True)
        where = (consent.round_id, consent.labeler)
        for pool, shown in pools:
            refusal = SeatDraw(self._rounds, pool).refusal(*where, shown, context.head)
            obstacle = by_draw(consent, refusal, shown)
            if obstacle is not None:
                return obstacle
        chain_id = consent.deployed.chain_id
        facts = ChainFacts(self._rounds.w3, chain_id, context.head, context.now)
        if facts.admits(address, *where, consent.evidence, POLICY_GAS):
            return None
        why = policy.refusal(facts, *where, consent.evidence)
        return HeldCommitment(consent, str(why or f"the policy {address} does not admit it"))

    def _is_signed(self, consent: Consent) -> bool:
        if consent.is_wallet:
            return is_signed_by_labeler(self._rounds, consent)
        if consent not in self._signed:
            self._signed[consent] = is_signed_by_labeler(self._rounds, consent)
        return self._signed[consent]

    def _forget_others(self, consents: Sequence[Consent]) -> None:
        here = set(consents)
        for known in (self._obstacles, self._signed):
            for consent in known.keys() - here:
                del known[consent]
