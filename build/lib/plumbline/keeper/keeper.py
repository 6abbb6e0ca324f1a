"""Looks at the chain, does what is due, and tells what came of it."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from plumbline.chain.contract import LabelRounds
from plumbline.chain.feed import Feed, News
from plumbline.chain.records import Phase
from plumbline.files.private import StorageError
from plumbline.history.rounds import RoundHistory
from plumbline.keeper.activity import Done, Happening, Outcome, Tick
from plumbline.keeper.announcements import Teller
from plumbline.keeper.decisions import Action, Step, View, Wait, decide, urgency, usable
from plumbline.keeper.executor import Doer, Hand
from plumbline.keeper.node import asked, has_pending, price_of_gas
from plumbline.keeper.round_index import Past
from plumbline.labeler.delegated_reveals import Contents, DelegatedReveal
from plumbline.labeler.vault import Secret


@dataclass(frozen=True, slots=True)
class Settings:
    """How a keeper works.

    steps           what it does; the rest is left to others
    confirmations   blocks on a last commitment before answers are shown
    max_fee         wei for a unit of gas above which nothing is sent; None for any
    is_local        the chain stands still between transactions: when its next block would be counts
    is_rehearsal    nothing is sent
    """

    steps: frozenset[Step] = frozenset(Step)
    confirmations: int = 5
    max_fee: int | None = None
    is_local: bool = False
    is_rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class Means:
    """What a keeper works with.

    files   the answers delegated to it, as of now
    gold    the golds of a requester with a root, if they are here
    hand    who signs and sends
    tell    is told of everything, at once
    """

    files: Callable[[], Contents]
    gold: Callable[[str, bytes], Secret | None]
    hand: Hand
    tell: Callable[[Happening], None]


class Keeper:
    """Keeps the rounds of one deployment going. All it knows it learns again when it starts."""

    def __init__(
        self,
        rounds: LabelRounds,
        feed: Feed,
        settings: Settings,
        means: Means,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`clock` measures pauses, `wall` tells when a next block would be, unix seconds, and may
        ask the node. Asks nothing yet.
        """
        self._rounds = rounds
        self._feed = feed
        self._settings = settings
        self._means = means
        self._wall = wall
        self._teller = Teller(means.tell)
        self._past = Past()
        rehearsal = settings.is_rehearsal
        self._doer = Doer(
            rounds, means.hand, self._teller, self._past, self._poll, rehearsal, clock
        )
        self._reorganised_from: int | None = None

    def tick(self) -> Tick:
        """Read what is new and do what is due, once. Actions that fail stop no other.

        Raises FeedError if the chain is another, NodeAway or EventsError if the node fails.
        """
        self._reorganised_from = None
        news = self._poll()
        now = news.timestamp
        if self._settings.is_local:
            now = max(now, int(asked(self._wall)))
        contents = self._means.files()
        self._teller.refused(contents)
        due, waits, waiting = self._plan(now, news.head, contents.delegated)
        ready = [action for action in due if self._doer.allows(action)]
        held = self._held() if ready else None
        self._teller.once("held", held, "warning", "nothing can be sent now", reason=held)
        done: list[Done] = []
        for action in ready if held is None else []:
            done.extend(self._doer.carry_out(action))
            if done and done[-1].outcome is Outcome.UNKNOWN:
                break  # the next one might overtake it, or wait behind it
        return Tick(
            head=news.head,
            timestamp=news.timestamp,
            phases=Counter(one.phase_at(now).label for one in self._past.rounds.values()),
            delegated=len(contents.delegated),
            waiting=waiting,
            refused=len(contents.refused),
            done=tuple(done),
            waits=tuple(waits),
            resting=len(due) - len(ready),
            held=held,
            reorganised_from=self._reorganised_from,
        )

    # ---------------------------------------------------------------- internal

    def _poll(self) -> News:
        news = self._feed.poll()
        first = news.reorganised_from
        if first is not None:
            self._reorganised_from = min(first, self._reorganised_from or first)
            self._doer.landed.clear()
            self._teller.say(
                "warning", "the chain was reorganised", from_block=first, head=news.head
            )
        self._past.take(news)
        return news

    def _plan(
        self, now: int, head: int, files: Iterable[DelegatedReveal]
    ) -> tuple[list[Action], list[Wait], int]:
        """What is due, most urgent first; what waits; how many delegated seats are unopened."""
        by_round: dict[int, list[DelegatedReveal]] = {}
        for delegated in files:
            by_round.setdefault(delegated.round_id, []).append(delegated)
        settings = self._settings
        view = View(now, head, settings.confirmations, settings.steps)
        due: list[Action] = []
        waits: list[Wait] = []
        waiting = 0
        for round_id, one in self._past.rounds.items():
            if one.is_over and not one.awaited:
                self._teller.forget(round_id)
                continue
            openings, useless = usable(one, by_round.get(round_id, []))
            waiting += len(openings)
            if one.phase_at(now) is not Phase.COMMIT:
                self._teller.useless(round_id, useless)
            if self._doer.landed.get(round_id, 0) > head:
                continue  # this node does not know yet what another has confirmed
            decision = decide(
                one, view, openings, self._gold(one), round_id in self._doer.unclosable
            )
            due.extend(decision.actions)
            self._teller.wait(round_id, decision.wait)
            if decision.wait:
                waits.append(decision.wait)
        due.sort(key=lambda action: urgency(action, self._past.rounds[action.round_id]))
        return due, waits, waiting

    def _gold(self, one: RoundHistory) -> Secret | None:
        if one.is_over or not one.has_gold:
            return None
        try:
            return self._means.gold(one.requester, one.opened.gold_root)
        except StorageError as error:
            key = ("gold", one.round_id)
            self._teller.once(key, str(error), "warning", "golds unusable", reason=str(error))
            return None

    def _held(self) -> str | None:
        """Why nothing can be sent now, in words."""
        settings, address, w3 = self._settings, self._means.hand.address, self._rounds.w3
        if settings.is_rehearsal or address is None:
            return None
        if has_pending(w3, address):
            return f"a transaction of {address} is in no block yet"
        if settings.max_fee is not None:
            price = price_of_gas(w3)
            if price > settings.max_fee:
                return f"gas costs {price} wei, more than the {settings.max_fee} allowed"
        return None
