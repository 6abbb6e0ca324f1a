"""What the account sends besides the keeper's work: withdrawals, and stakes of a faucet.

Everything that the account sends goes through one thread, that of the keeper, so that no two
transactions are in each other's way. Whoever asks waits for the outcome.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, TypeVar

from plumbline.chain.call import Call, Receipt, Sender
from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.chain.reverts import revert_reason
from plumbline.errors import PlumblineError
from plumbline.files.private import StorageError
from plumbline.history.market import Market
from plumbline.labeler.withdrawals import WithdrawalError, plan_withdrawals
from plumbline.protocol.withdrawal import SignedWithdrawal
from plumbline.site.inbox import Inbox
from plumbline.transactions.senders import NotLanded, Reverted, SendError

T = TypeVar("T")

_MOST: Final = 1_000  # that wait at a time


class BusyError(PlumblineError):
    """Too much waits already."""


@dataclass(frozen=True, slots=True)
class _Errand:
    """`call` says what to send when it is its turn, None if it is done already."""

    call: Callable[[], Call | None]
    outcome: "Future[Receipt | None]"


class Errands:
    """What waits to be sent, in order."""

    def __init__(self, market: Market, inbox: Inbox, wake: Callable[[], None]) -> None:
        """`wake` has the keeper come round at once. What an earlier run left waits first."""
        self._market = market
        self._inbox = inbox
        self._wake = wake
        self._lock = threading.Lock()
        self._waiting: deque[_Errand] = deque()
        self._withdrawing: dict[SignedWithdrawal, Future[Receipt | None]] = {}
        self._failed: set[str] = set()
        for signed in inbox.withdrawals_kept():
            self._add_withdrawal(signed)

    def deposit(self, labeler: str, amount: int) -> "Future[Receipt | None]":
        """Pay in for a labeler out of the account. Raises BusyError."""
        with self._lock:
            outcome: Future[Receipt | None] = Future()
            self._require_room()
            self._waiting.append(
                _Errand(lambda: self._market.contract.deposit_for(labeler, amount), outcome)
            )
        self._wake()
        return outcome

    def withdraw(self, signed: SignedWithdrawal) -> "Future[Receipt | None]":
        """Relay a withdrawal, which is on the disk when this returns; the same again waits for the
        same. The outcome is None if it was relayed before. Raises BusyError, StorageError, or
        WithdrawalError for an owner whose withdrawal was paid for in vain.
        """
        with self._lock:
            if signed.withdrawal.owner in self._failed:
                # A wallet contract may take a signature when it is asked, and not in a block.
                raise WithdrawalError("a withdrawal of this owner has failed in a block")
            if signed not in self._withdrawing:
                self._require_room()
                self._inbox.keep_withdrawal(signed)
                self._add_withdrawal(signed)
            outcome = self._withdrawing[signed]
        self._wake()
        return outcome

    def run(self, send: Sender) -> None:
        """Send what waits, one after the other. Raises StorageError if the journal cannot be kept;
        what failed otherwise is reported to who asked.
        """
        while True:
            with self._lock:
                if not self._waiting:
                    return
                errand = self._waiting.popleft()
            if not errand.outcome.set_running_or_notify_cancel():
                continue
            try:
                call = errand.call()
                errand.outcome.set_result(None if call is None else send(call))
            except StorageError as error:
                errand.outcome.set_exception(error)
                raise
            except PlumblineError as error:
                errand.outcome.set_exception(error)
                if isinstance(error, NotLanded):
                    return  # nothing goes out after it before it is in a block
            except NODE_ERRORS as error:
                errand.outcome.set_exception(SendError(revert_reason(error)))

    def _add_withdrawal(self, signed: SignedWithdrawal) -> None:
        outcome: Future[Receipt | None] = Future()
        self._withdrawing[signed] = outcome
        outcome.add_done_callback(lambda future: self._ended(signed, future))
        self._waiting.append(_Errand(lambda: self._withdrawal(signed), outcome))

    def _withdrawal(self, signed: SignedWithdrawal) -> Call | None:
        plan = plan_withdrawals(self._market, {signed: signed})
        failure = _only(plan.failures)
        if failure is not None:
            raise WithdrawalError(failure)
        return _only(plan.calls)

    def _ended(self, signed: SignedWithdrawal, outcome: "Future[Receipt | None]") -> None:
        error = outcome.exception()
        with self._lock:
            self._withdrawing.pop(signed, None)
            if isinstance(error, Reverted):
                self._failed.add(signed.withdrawal.owner)
        if not isinstance(error, NotLanded | StorageError):
            self._inbox.drop_withdrawal(signed)

    def _require_room(self) -> None:
        if len(self._waiting) >= _MOST:
            raise BusyError("too much waits to be sent already")


def _only(values: Mapping[SignedWithdrawal, T]) -> T | None:
    return next(iter(values.values()), None)
