"""Executing what was decided, and finding out the outcome."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from plumbline.chain.call import Sender
from plumbline.chain.contract import LabelRounds
from plumbline.chain.events import (
    CommitRefused,
    Committed,
    Forfeited,
    Revealed,
    RevealRefused,
    logged_in,
    of_round,
)
from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.chain.reverts import revert_reason
from plumbline.errors import PlumblineError
from plumbline.keeper.activity import ActionOutcome, ActionResult
from plumbline.keeper.announcements import Announcer
from plumbline.keeper.backoff import Backoff
from plumbline.keeper.batches import Refusal, TooLarge, call_of, estimate, refusal, smaller
from plumbline.keeper.decisions import (
    Action,
    Close,
    Forfeit,
    PoolAction,
    Relay,
    Reveal,
    why_superfluous,
)
from plumbline.keeper.draw_decisions import overtaken
from plumbline.keeper.queries import asked
from plumbline.keeper.round_index import RoundIndex
from plumbline.labeler.consents import Consent
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.limits import MAX_CALLS
from plumbline.transactions.senders import NotLanded, Refused, Reverted
from plumbline.transactions.together import Candidate, Carried, carry, groups, room_together

# A close that fails so may work in a moment.
_RACES: Final = frozenset(
    {"close: not what was revealed", "close: not yet", "round: closed", "round: no such round"}
)


# What an action that skips some is to do for each labeler.
_EFFECTS: Final[dict[type[Action], type[Committed | Revealed | Forfeited]]] = {
    Relay: Committed,
    Reveal: Revealed,
    Forfeit: Forfeited,
}

# Of the outcome of an attempt: a result, or the same action in smaller ones.
_Attempted = ActionResult | tuple[Action, ...]

# Actions that are looked at before the first of them are sent: a node is asked about each.
_WINDOW: Final = 2 * MAX_CALLS


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of an action that was decided, or all of it."""

    of: Action
    action: Action


@dataclass(frozen=True, slots=True)
class KeeperAccount:
    """The account that sends.

    send          signs and sends
    address       whose key that is; None in a rehearsal without one
    is_stopping   whether to begin nothing new
    """

    send: Sender
    address: str | None
    is_stopping: Callable[[], bool]


class Executor:
    """Sends actions, several in a transaction where they fit, one transaction after the other.

    landed       round -> the block that the last action of ours is in
    unclosable   rounds whose closing was tried, and cannot work
    refused      commitment -> transactions of ours that are in blocks and did not seat it
    """

    def __init__(
        self,
        rounds: LabelRounds,
        account: KeeperAccount,
        announcer: Announcer,
        index: RoundIndex,
        refresh: Callable[[], object],
        is_rehearsal: bool,
        gas_cap: int | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`refresh` brings `index` up to date; `gas_cap` is the most gas of a transaction."""
        self._rounds = rounds
        self._account = account
        self._announcer = announcer
        self._index = index
        self._refresh = refresh
        self._is_rehearsal = is_rehearsal
        self._gas_cap = gas_cap
        self._backoff = Backoff(clock)
        self.landed: dict[int, int] = {}
        self.unclosable: set[int] = set()
        self.refused: Counter[Consent] = Counter()

    def allows(self, action: Action) -> bool:
        """Whether it is time for it: what has failed is left alone for a while."""
        return self._backoff.allows(action)

    def execute(self, actions: Sequence[Action]) -> list[ActionResult]:
        """In as few transactions as carry them, those first that are named first."""
        queue = [_Part(action, action) for action in actions]
        results: list[ActionResult] = []
        troubles: dict[Action, bool] = {}
        while queue and not self._account.is_stopping():
            window, queue = queue[:_WINDOW], queue[_WINDOW:]
            smaller_parts: list[_Part] = []
            for part, result in self._attempt(window):
                if not isinstance(result, ActionResult):
                    smaller_parts += [_Part(part.of, each) for each in result]
                    continue
                results.append(result)
                self._announcer.result(result)
                is_trouble = result.outcome.is_trouble
                troubles[part.of] = troubles.get(part.of, False) or is_trouble
            if results and results[-1].outcome is ActionOutcome.UNKNOWN:
                break  # the next one might overtake it, or wait behind it
            queue = smaller_parts + queue
        for action, is_trouble in troubles.items():
            if is_trouble:
                pause = self._backoff.failed(action)
                self._announcer.log("debug", "left alone", round=action.round_id, seconds=pause)
            else:
                self._backoff.succeeded(action)
        return results

    def _attempt(self, parts: Iterable[_Part]) -> Iterator[tuple[_Part, _Attempted]]:
        """The outcome of each, or the same in smaller parts. The last may be that of one in no
        block yet, and then nothing was sent after it.
        """
        candidates = []
        for part in parts:
            if self._account.is_stopping():
                return
            prepared = self._prepared(part)
            if isinstance(prepared, Candidate):
                candidates.append(prepared)
            else:
                yield part, prepared
        for group in self._grouped(candidates):
            if self._account.is_stopping():
                return
            if self._is_rehearsal:
                yield from ((each.key, _planned(each, len(group))) for each in group)
                continue
            for each in group:
                action = each.key.action
                self._announcer.log(
                    "debug",
                    "sending",
                    round=action.round_id,
                    action=action.kind,
                    why=action.reason,
                    together=len(group),
                )
            is_unknown = False
            for carried in carry(self._rounds, group, self._account.send):
                yield carried.candidate.key, self._result_of(carried)
                is_unknown = isinstance(carried.error, NotLanded)
            if is_unknown:
                return

    def _grouped(self, candidates: list[Candidate[_Part]]) -> list[tuple[Candidate[_Part], ...]]:
        of_rounds = [each for each in candidates if not isinstance(each.key.action, PoolAction)]
        if len(of_rounds) < 2 or not self._rounds.deployment.has_multicall:
            return [(candidate,) for candidate in candidates]
        room = asked(lambda: room_together(self._rounds.w3, self._gas_cap))
        # What carries several calls makes them to the rounds alone.
        others = [(each,) for each in candidates if isinstance(each.key.action, PoolAction)]
        return [*groups(of_rounds, room), *others]

    def _prepared(self, part: _Part) -> Candidate[_Part] | _Attempted:
        """The call that an action is and the gas that it takes, or why it cannot be done."""
        action = part.action
        try:
            call = call_of(self._rounds, action)
            gas = estimate(self._rounds.w3, self._account.address or ZERO, call, self._gas_cap)
            return Candidate(part, call, frozenset(action.labelers), gas)
        except Refusal as error:
            return self._refused_as(action, error, error.reason)
        except PlumblineError as error:
            return self._failed_as(action, str(error))
        except NODE_ERRORS as error:
            return self._failed_as(action, revert_reason(error))

    def _result_of(self, carried: Carried[_Part]) -> _Attempted:
        part, error = carried.candidate.key.action, carried.error
        match error:
            case None:
                return self._landed_as(part, carried)
            case NotLanded():
                return ActionResult(
                    part.round_id,
                    part.kind,
                    len(part.labelers),
                    ActionOutcome.UNKNOWN,
                    str(error),
                    error.transaction,
                    sharing=carried.sharing,
                )
            case Reverted():
                return self._reverted_as(part, error, carried)
            case Refused():
                return self._refused_as(part, refusal(error), str(error))
            case _:
                return self._failed_as(part, str(error))

    def _landed_as(self, part: Action, carried: Carried[_Part]) -> ActionResult:
        """It is in a block; in a batch some may have been overtaken."""
        receipt = carried.receipt
        assert receipt is not None  # where there is no error
        self.landed[part.round_id] = receipt.block
        many = len(part.labelers)
        reason = part.reason
        wanted = _EFFECTS.get(type(part))
        if wanted is not None:
            refusals = CommitRefused | RevealRefused
            events = [
                event
                for event in of_round(logged_in(receipt, self._rounds.deployment), part.round_id)
                if isinstance(event, wanted | refusals) and event.labeler in part.labelers
            ]
            many = sum(isinstance(event, wanted) for event in events)
            skipped = {event.reason for event in events if isinstance(event, refusals)}
            if isinstance(part, Relay):
                seated = {event.labeler for event in events if isinstance(event, Committed)}
                self.refused.update(each for each in part.consents if each.labeler not in seated)
            if skipped:
                reason += f" (skipped others: {', '.join(sorted(skipped))})"
        return ActionResult(
            part.round_id,
            part.kind,
            many,
            ActionOutcome.DONE,
            reason,
            receipt.transaction,
            receipt.block,
            carried.gas_used,
            carried.fee,
            carried.sharing,
        )

    def _reverted_as(self, part: Action, error: Reverted, carried: Carried[_Part]) -> ActionResult:
        """It is in a block and cost its fee."""
        if isinstance(part, Relay):
            self.refused.update(part.consents)
        failed = self._failed_as(part, str(error))
        return replace(
            failed,
            transaction=error.transaction,
            block=carried.receipt.block if carried.receipt else None,
            gas_used=carried.gas_used,
            fee=carried.fee,
            sharing=carried.sharing,
        )

    def _refused_as(self, part: Action, why: Refusal, words: str) -> _Attempted:
        if isinstance(why, TooLarge):
            parts = smaller(part)
            if parts:
                self._announcer.log(
                    "debug", "divided", round=part.round_id, action=part.kind, why=why.reason
                )
                return parts
        failed = self._failed_as(part, words)
        is_final = why.is_revert and why.reason not in _RACES
        # With gold answers it may be their fault: it is tried without them after their deadline.
        is_plain = isinstance(part, Close) and part.gold is None
        if failed.outcome is ActionOutcome.FAILED and is_plain and is_final:
            self.unclosable.add(part.round_id)
        return failed

    def _failed_as(self, part: Action, reason: str) -> ActionResult:
        """It had no effect: perhaps because somebody else did it, which is not a failure."""
        self._refresh()
        history = self._index.rounds.get(part.round_id)
        if history is None:
            why: str | None = "the round was taken back"
        elif isinstance(part, PoolAction):
            why = overtaken(reason)
        else:
            why = why_superfluous(part, history)
        outcome = ActionOutcome.OVERTAKEN if why else ActionOutcome.FAILED
        many = len(part.labelers)
        return ActionResult(part.round_id, part.kind, many, outcome, why or reason)


def _planned(candidate: Candidate[_Part], sharing: int) -> ActionResult:
    """What a rehearsal says of an action."""
    action = candidate.key.action
    return ActionResult(
        action.round_id,
        action.kind,
        len(action.labelers),
        ActionOutcome.PLANNED,
        action.reason,
        gas_used=candidate.gas or 0,
        sharing=sharing,
    )
