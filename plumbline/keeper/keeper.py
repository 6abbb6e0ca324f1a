"""Looks at the chain, does what is due, and reports the outcome."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from plumbline.chain.contract import LabelRounds
from plumbline.chain.feed import Feed, FeedUpdate
from plumbline.chain.records import Phase
from plumbline.errors import PlumblineError
from plumbline.history.rounds import RoundHistory
from plumbline.keeper.activity import LogEntry, Tick
from plumbline.keeper.announcements import Announcer
from plumbline.keeper.decisions import (
    Action,
    DecisionContext,
    Step,
    Wait,
    decide,
    match_openings,
    urgency,
)
from plumbline.keeper.executor import Executor, KeeperAccount
from plumbline.keeper.pool_index import PoolIndex
from plumbline.keeper.queries import asked, has_pending, price_of_gas
from plumbline.keeper.relay_decisions import HeldCommitment
from plumbline.keeper.relaying import Relaying
from plumbline.keeper.round_index import RoundIndex
from plumbline.labeler.consent_folder import SignedCommitments
from plumbline.labeler.delegated_folder import Contents
from plumbline.labeler.delegated_reveals import DelegatedReveal
from plumbline.labeler.vault import Secret


@dataclass(frozen=True, slots=True)
class KeeperSettings:
    """How a keeper works.

    steps           what it does; the rest is left to others
    confirmations   blocks on a last commitment before answers are shown
    max_fee         wei for a unit of gas above which nothing is sent; None for any
    is_local        the chain stands still between transactions: when its next block would be counts
    is_rehearsal    nothing is sent
    gas_cap         the most gas of a transaction; None for what a block holds
    """

    steps: frozenset[Step] = frozenset(Step)
    confirmations: int = 5
    max_fee: int | None = None
    is_local: bool = False
    is_rehearsal: bool = False
    gas_cap: int | None = None


@dataclass(frozen=True, slots=True)
class Resources:
    """What a keeper works with.

    files     the answers and gold answers that others handed to it, as of now
    gold      the gold answers of a round, if they are the keeper's own
    account   signs and sends
    log       takes every log entry, at once
    signed    the signed commitments that others handed to it, as of now
    """

    files: Callable[[], Contents]
    gold: Callable[[RoundHistory], Secret | None]
    account: KeeperAccount
    log: Callable[[LogEntry], None]
    signed: Callable[[], SignedCommitments] = SignedCommitments


class Keeper:
    """Keeps the rounds of one deployment going. All it knows it learns again when it starts."""

    def __init__(
        self,
        rounds: LabelRounds,
        feed: Feed,
        settings: KeeperSettings,
        resources: Resources,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`clock` measures pauses, `wall` tells when a next block would be, unix seconds, and may
        ask the node. Asks nothing yet.
        """
        self._rounds = rounds
        self._feed = feed
        self._settings = settings
        self._resources = resources
        self._wall = wall
        self._announcer = Announcer(resources.log)
        self._index = RoundIndex()
        self._pools = PoolIndex(rounds)
        self._relaying = Relaying(rounds, self._pools)
        self._executor = Executor(
            rounds,
            resources.account,
            self._announcer,
            self._index,
            self._poll,
            settings.is_rehearsal,
            settings.gas_cap,
            clock,
        )
        self._reorganised_from: int | None = None

    def tick(self) -> Tick:
        """Read what is new and do what is due, once. Actions that fail stop no other.

        Raises FeedError if the chain is another, NodeUnavailable or EventsError if the node fails.
        """
        self._reorganised_from = None
        update = self._poll()
        now = update.timestamp
        if self._settings.is_local:
            now = max(now, int(asked(self._wall)))
        contents = self._resources.files()
        self._announcer.refused(contents.refused)
        signed = self._resources.signed()
        self._announcer.refused(signed.refused)
        self._announcer.odd(self._index.remarks)
        due, waits, waiting = self._plan(now, update.head, contents)
        held_commitments = self._plan_seats(now, update.head, signed, due, waits)
        due.sort(key=lambda action: urgency(action, self._index.rounds[action.round_id]))
        ready = [action for action in due if self._executor.allows(action)]
        held = self._held() if ready else None
        self._announcer.log_change("held", held, "warning", "nothing can be sent now", reason=held)
        results = self._executor.execute(ready) if held is None else []
        return Tick(
            head=update.head,
            timestamp=update.timestamp,
            phases=Counter(history.phase_at(now).label for history in self._index.rounds.values()),
            delegated=len(contents.delegated),
            waiting=waiting,
            refused=len(contents.refused),
            results=tuple(results),
            waits=tuple(waits),
            resting=len(due) - len(ready),
            held=held,
            reorganised_from=self._reorganised_from,
            commitments={
                "held": sum(each.is_held for each in held_commitments),
                "dropped": sum(each.is_final for each in held_commitments),
                "landed": sum(each.is_done for each in held_commitments),
                "refused": len(signed.refused),
            },
            unseated=held_commitments,
            now=now,
            rounds=dict(self._index.rounds),
        )

    # ---------------------------------------------------------------- internal

    def _poll(self) -> FeedUpdate:
        update = self._feed.poll()
        first = update.reorganised_from
        if first is not None:
            self._reorganised_from = min(first, self._reorganised_from or first)
            self._executor.landed.clear()
            self._pools.clear()
            self._relaying.clear()
            self._announcer.log(
                "warning", "the chain was reorganised", from_block=first, head=update.head
            )
        self._index.take(update)
        return update

    def _plan(
        self, now: int, head: int, contents: Contents
    ) -> tuple[list[Action], list[Wait], int]:
        """What is due, most urgent first; what waits; how many delegated seats are unopened."""
        by_round: dict[int, list[DelegatedReveal]] = {}
        for delegated in contents.delegated:
            by_round.setdefault(delegated.round_id, []).append(delegated)
        settings = self._settings
        context = DecisionContext(now, head, settings.confirmations, settings.steps)
        due: list[Action] = []
        waits: list[Wait] = []
        waiting = 0
        for round_id, history in self._index.rounds.items():
            if history.is_over and not history.awaited:
                self._announcer.forget(round_id)
                continue
            openings, unusable = match_openings(history, by_round.get(round_id, []))
            waiting += len(openings)
            if history.phase_at(now) is not Phase.COMMIT:
                self._announcer.unusable(round_id, unusable)
            if self._executor.landed.get(round_id, 0) > head:
                continue  # this node does not know yet what another has confirmed
            unclosable = round_id in self._executor.unclosable
            decision = decide(history, context, openings, self._gold(history, contents), unclosable)
            due.extend(decision.actions)
            self._announcer.wait(round_id, decision.wait)
            if decision.wait:
                waits.append(decision.wait)
        return due, waits, waiting

    def _plan_seats(
        self,
        now: int,
        head: int,
        signed: SignedCommitments,
        due: list[Action],
        waits: list[Wait],
    ) -> tuple[HeldCommitment, ...]:
        """Add what is due for draws and for signed commitments: those that are not relayed."""
        settings = self._settings
        context = DecisionContext(now, head, settings.confirmations, settings.steps)
        committing = self._committing(now, head)
        actions, draw_waits = self._pools.plan(committing, context)
        self._announcer.draws(draw_waits)
        self._announcer.unreadable(self._pools.unreadable)
        plan = self._relaying.plan(
            signed.consents, self._index.rounds, committing, context, self._executor.refused
        )
        self._announcer.commitments(plan.held)
        due += [*actions, *plan.actions]
        waits += [*draw_waits, *(_wait_of(each) for each in plan.held if each.is_held)]
        return plan.held

    def _committing(self, now: int, head: int) -> dict[int, RoundHistory]:
        """Rounds that take commitments, but for those of which this node knows too little yet."""
        return {
            round_id: history
            for round_id, history in self._index.rounds.items()
            if history.phase_at(now) is Phase.COMMIT
            and self._executor.landed.get(round_id, 0) <= head
        }

    def _gold(self, history: RoundHistory, contents: Contents) -> Secret | None:
        if history.is_over or not history.has_gold:
            return None
        delegated = contents.gold.get((history.requester, history.opened.gold_root))
        if delegated is not None:
            return delegated
        try:
            return self._resources.gold(history)
        except PlumblineError as error:
            key = ("gold", history.round_id)
            reason = str(error)
            self._announcer.log_change(
                key, reason, "warning", "gold answers are unusable", reason=reason
            )
            return None

    def _held(self) -> str | None:
        """Why nothing can be sent now, in words."""
        settings, address, w3 = self._settings, self._resources.account.address, self._rounds.w3
        if settings.is_rehearsal or address is None:
            return None
        if has_pending(w3, address):
            return f"a transaction of {address} is in no block yet"
        if settings.max_fee is not None:
            price = price_of_gas(w3)
            if price > settings.max_fee:
                return f"gas costs {price} wei, more than the {settings.max_fee} allowed"
        return None


def _wait_of(held: HeldCommitment) -> Wait:
    consent = held.consent
    return Wait(consent.round_id, f"{consent.labeler}'s commitment: {held.reason}", held.until)
