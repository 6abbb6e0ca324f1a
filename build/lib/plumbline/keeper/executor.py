"""Carrying out what was decided, and finding out what came of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from plumbline.chain.call import Receipt, Sender
from plumbline.chain.contract import LabelRounds
from plumbline.chain.events import Forfeited, Revealed, RevealRefused, decode
from plumbline.chain.nodes import NODE_ERRORS
from plumbline.chain.reverts import revert_reason
from plumbline.errors import PlumblineError
from plumbline.keeper.activity import Done, Outcome
from plumbline.keeper.announcements import Teller
from plumbline.keeper.backoff import Patience
from plumbline.keeper.batches import Refusal, TooLarge, call_of, estimate, refusal, smaller
from plumbline.keeper.decisions import Action, Close, Forfeit, Reveal, moot
from plumbline.keeper.node import receipt_of
from plumbline.keeper.round_index import Past
from plumbline.protocol.addresses import ZERO
from plumbline.transactions.senders import NotLanded, Refused, Reverted

# A close that fails so may work in a moment.
_RACES: Final = frozenset(
    {"close: not what was revealed", "close: not yet", "round: closed", "round: no such round"}
)


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does it.

    send       signs and sends
    address    whose key that is; None in a rehearsal without one
    stopping   whether to begin nothing new
    """

    send: Sender
    address: str | None
    stopping: Callable[[], bool]


class Doer:
    """Sends actions, one transaction after the other.

    landed       round -> the block that the last action of ours is in
    unclosable   rounds whose closing was tried, and cannot work
    """

    def __init__(
        self,
        rounds: LabelRounds,
        hand: Hand,
        teller: Teller,
        past: Past,
        refresh: Callable[[], object],
        is_rehearsal: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`refresh` brings `past` up to date."""
        self._rounds = rounds
        self._hand = hand
        self._teller = teller
        self._past = past
        self._refresh = refresh
        self._is_rehearsal = is_rehearsal
        self._patience = Patience(clock)
        self.landed: dict[int, int] = {}
        self.unclosable: set[int] = set()

    def allows(self, action: Action) -> bool:
        """Whether it is time for it: what has failed is left alone for a while."""
        return self._patience.allows(action)

    def carry_out(self, action: Action) -> list[Done]:
        """In one transaction, or as many as it takes."""
        queue: list[Action] = [action]
        done: list[Done] = []
        while queue and not self._hand.stopping():
            part = queue.pop(0)
            found = self._attempt(part)
            if not isinstance(found, Done):
                queue[:0] = found
                continue
            done.append(found)
            self._teller.done(found)
            if found.outcome is Outcome.UNKNOWN:
                break
        if any(one.outcome.is_trouble for one in done):
            pause = self._patience.failed(action)
            self._teller.say("debug", "left alone", round=action.round_id, seconds=pause)
        else:
            self._patience.worked(action)
        return done

    def _attempt(self, part: Action) -> Done | tuple[Action, ...]:
        """What came of one transaction, or the same in smaller ones."""
        hand, kind = self._hand, part.kind
        many = len(part.labelers)
        try:
            call = call_of(self._rounds, part)
            gas = estimate(self._rounds.w3, hand.address or ZERO, call)
            if self._is_rehearsal:
                return Done(part.round_id, kind, many, Outcome.PLANNED, part.reason, gas_used=gas)
            self._teller.say("debug", "sending", round=part.round_id, action=kind, why=part.reason)
            return self._landed_as(part, hand.send(call))
        except NotLanded as error:
            return Done(part.round_id, kind, many, Outcome.UNKNOWN, str(error), error.transaction)
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

    def _landed_as(self, part: Action, receipt: Receipt) -> Done:
        """It is in a block; in a batch some may have been overtaken."""
        self.landed[part.round_id] = receipt.block
        many = len(part.labelers)
        reason = part.reason
        if isinstance(part, Reveal | Forfeit):
            wanted = Revealed if isinstance(part, Reveal) else Forfeited
            events = decode(receipt.logs, self._rounds.deployment.abi)
            many = sum(isinstance(event, wanted) for event in events)
            skipped = {event.reason for event in events if isinstance(event, RevealRefused)}
            if skipped:
                reason += f" (skipped others: {', '.join(sorted(skipped))})"
        return Done(
            part.round_id,
            part.kind,
            many,
            Outcome.DONE,
            reason,
            receipt.transaction,
            receipt.block,
            receipt.gas_used,
            receipt.fee,
        )

    def _reverted_as(self, part: Action, error: Reverted) -> Done:
        """It is in a block and cost its fee."""
        block, gas_used, fee = receipt_of(self._rounds.w3, error.transaction)
        failed = self._failed_as(part, str(error))
        return Done(
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

    def _refused_as(self, part: Action, why: Refusal, words: str) -> Done | tuple[Action, ...]:
        if isinstance(why, TooLarge):
            parts = smaller(part)
            if parts:
                self._teller.say(
                    "debug", "divided", round=part.round_id, action=part.kind, why=why.reason
                )
                return parts
        failed = self._failed_as(part, words)
        is_final = why.is_verdict and why.reason not in _RACES
        # With golds it was perhaps for them: it is tried without once they are due no more.
        is_plain = isinstance(part, Close) and part.gold is None
        if failed.outcome is Outcome.FAILED and is_plain and is_final:
            self.unclosable.add(part.round_id)
        return failed

    def _failed_as(self, part: Action, reason: str) -> Done:
        """Nothing came of it: perhaps because somebody else did it, which is no failure."""
        self._refresh()
        one = self._past.rounds.get(part.round_id)
        overtaken = "the round was taken back" if one is None else moot(part, one)
        outcome = Outcome.OVERTAKEN if overtaken else Outcome.FAILED
        many = len(part.labelers)
        return Done(part.round_id, part.kind, many, outcome, overtaken or reason)
