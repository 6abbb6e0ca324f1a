"""Executing what was decided, and finding out the outcome."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from plumbline.chain.call import Receipt, Sender
from plumbline.chain.contract import LabelRounds
from plumbline.chain.events import Forfeited, Revealed, RevealRefused, logged_in
from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.chain.reverts import revert_reason
from plumbline.errors import PlumblineError
from plumbline.keeper.activity import ActionOutcome, ActionResult
from plumbline.keeper.announcements import Announcer
from plumbline.keeper.backoff import Backoff
from plumbline.keeper.batches import Refusal, TooLarge, call_of, estimate, refusal, smaller
from plumbline.keeper.decisions import Action, Close, Forfeit, Reveal, why_superfluous
from plumbline.keeper.queries import receipt_of
from plumbline.keeper.round_index import RoundIndex
from plumbline.protocol.addresses import ZERO
from plumbline.transactions.senders import NotLanded, Refused, Reverted

# A close that fails so may work in a moment.
_RACES: Final = frozenset(
    {"close: not what was revealed", "close: not yet", "round: closed", "round: no such round"}
)


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
    """Sends actions, one transaction after the other.

    landed       round -> the block that the last action of ours is in
    unclosable   rounds whose closing was tried, and cannot work
    """

    def __init__(
        self,
        rounds: LabelRounds,
        account: KeeperAccount,
        announcer: Announcer,
        index: RoundIndex,
        refresh: Callable[[], object],
        is_rehearsal: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`refresh` brings `index` up to date."""
        self._rounds = rounds
        self._account = account
        self._announcer = announcer
        self._index = index
        self._refresh = refresh
        self._is_rehearsal = is_rehearsal
        self._backoff = Backoff(clock)
        self.landed: dict[int, int] = {}
        self.unclosable: set[int] = set()

    def allows(self, action: Action) -> bool:
        """Whether it is time for it: what has failed is left alone for a while."""
        return self._backoff.allows(action)

    def execute(self, action: Action) -> list[ActionResult]:
        """In one transaction, or as many as it takes."""
        queue: list[Action] = [action]
        results: list[ActionResult] = []
        while queue and not self._account.is_stopping():
            part = queue.pop(0)
            result = self._attempt(part)
            if not isinstance(result, ActionResult):
                queue[:0] = result
                continue
            results.append(result)
            self._announcer.result(result)
            if result.outcome is ActionOutcome.UNKNOWN:
                break
        if any(result.outcome.is_trouble for result in results):
            pause = self._backoff.failed(action)
            self._announcer.log("debug", "left alone", round=action.round_id, seconds=pause)
        else:
            self._backoff.succeeded(action)
        return results

    def _attempt(self, part: Action) -> ActionResult | tuple[Action, ...]:
        """The outcome of one transaction, or the same action in smaller ones."""
        account, kind = self._account, part.kind
        many = len(part.labelers)
        try:
            call = call_of(self._rounds, part)
            gas = estimate(self._rounds.w3, account.address or ZERO, call)
            if self._is_rehearsal:
                return ActionResult(
                    part.round_id, kind, many, ActionOutcome.PLANNED, part.reason, gas_used=gas
                )
            self._announcer.log(
                "debug", "sending", round=part.round_id, action=kind, why=part.reason
            )
            return self._landed_as(part, account.send(call))
        except NotLanded as error:
            return ActionResult(
                part.round_id, kind, many, ActionOutcome.UNKNOWN, str(error), error.transaction
            )
        except Reverted as error:
            return self._reverted_as(part, error)
        except Refused as error:
            return self._refused_as(part, refusal(error), str(error))
        except Refusal as error:
            return self._refused_as(part, error, error.reason)
        except PlumblineError as error:
            return self._failed_as(part, str(error))
        except NODE_ERRORS as error:
            return self._failed_as(part, revert_reason(error))

    def _landed_as(self, part: Action, receipt: Receipt) -> ActionResult:
        """It is in a block; in a batch some may have been overtaken."""
        self.landed[part.round_id] = receipt.block
        many = len(part.labelers)
        reason = part.reason
        if isinstance(part, Reveal | Forfeit):
            wanted = Revealed if isinstance(part, Reveal) else Forfeited
            events = logged_in(receipt, self._rounds.deployment)
            many = sum(isinstance(event, wanted) for event in events)
            skipped = {event.reason for event in events if isinstance(event, RevealRefused)}
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
            receipt.gas_used,
            receipt.fee,
        )

    def _reverted_as(self, part: Action, error: Reverted) -> ActionResult:
        """It is in a block and cost its fee."""
        block, gas_used, fee = receipt_of(self._rounds.w3, error.transaction)
        failed = self._failed_as(part, str(error))
        return ActionResult(
            part.round_id,
            part.kind,
            failed.labelers,
            failed.outcome,
            failed.reason,
            error.transaction,
            block,
            gas_used,
            fee,
        )

    def _refused_as(
        self, part: Action, why: Refusal, words: str
    ) -> ActionResult | tuple[Action, ...]:
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
            overtaken: str | None = "the round was taken back"
        else:
            overtaken = why_superfluous(part, history)
        outcome = ActionOutcome.OVERTAKEN if overtaken else ActionOutcome.FAILED
        many = len(part.labelers)
        return ActionResult(part.round_id, part.kind, many, outcome, overtaken or reason)
