"""Bringing one signed transaction into a block, or finding out that it never will be in one.

    in a block                       landed, or reverted
    its nonce is another's           dropped, once that has been so for a while
    the node does not know it        sent again; dropped if it would fail by now
    a lower nonce is nobody's        that is filled, with a transfer of nothing to oneself
    it waits, and pays too little    signed again at the same nonce for a higher fee
    it waits                         so do we

At most one of the signed forms of a transaction can ever be in a block, as they share a nonce.
"""

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from web3 import Web3

from plumbline.chain.call import Receipt
from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.chain.reverts import revert_reason
from plumbline.protocol.addresses import checksum
from plumbline.transactions import senders
from plumbline.transactions.journal import FinalStatus, SentTransaction
from plumbline.transactions.senders import Dropped, NotLanded, Refused, Reverted, Signer

_OFTEN: Final = 0.02  # seconds between questions at first: a local chain is not waited for
_SELDOM: Final = 2.0  # seconds between questions after a while
_SLOWER: Final = 1.5
_QUIET: Final = 0.7  # seconds until it is said that, and what, is waited for


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long things are waited for, seconds.

    block   until a wait is given up
    fee     until the fee of what waits is raised, or a nonce is filled that it waits for
    lag     by which the receipts of a node may be behind its blocks
    """

    block: float = 180.0
    fee: float = 45.0
    lag: float = 15.0


@dataclass(frozen=True, slots=True)
class Delivered:
    """A transaction whose end is known: a receipt, or why there is nothing to show for it."""

    sent: SentTransaction
    receipt: Receipt | None
    failure: Reverted | Dropped | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one account's transactions are brought into blocks.

    max_fee         wei per gas that no fee is raised above; None for no limit
    keep            writes down another signed form, before it goes out
    help_earlier    finishes what was left behind at lower nonces; whether anything was
    is_earlier      whether anybody is still at a lower nonce, from a count on
    fill            sends nothing at a nonce that nobody uses
    announce        takes a sentence for what is done without being asked for
    """

    w3: Web3
    account: Signer
    timeouts: Timeouts
    max_fee: int | None
    keep: Callable[[SentTransaction], None]
    help_earlier: Callable[[int], bool]
    is_earlier: Callable[[int, int], bool]
    fill: Callable[[int], None]
    announce: Callable[[str], None]

    def run(self, sent: SentTransaction) -> Delivered:
        """Wait, and send again what has to be. Raises NotLanded when time is up."""
        began = time.monotonic()
        passed_since: float | None = None
        pause = _OFTEN
        is_said = False
        try:
            while True:
                receipt = self._receipt(sent)
                if receipt is not None:
                    return self._landed(sent, receipt)
                now = time.monotonic()
                count = self.w3.eth.get_transaction_count(checksum(sent.account), "latest")
                if count > sent.nonce:
                    passed_since = passed_since or now
                    pushed = self._passed(sent, now - passed_since)
                else:
                    passed_since = None
                    pushed = self._pushed(sent, count, now - began)
                if isinstance(pushed, Dropped):
                    return Delivered(sent.ended(FinalStatus.DROPPED), None, pushed)
                sent = pushed
                if not is_said and now - began >= _QUIET:
                    is_said = True
                    self.announce(_waiting(sent, self.timeouts.block))
                if now - began > self.timeouts.block:
                    raise NotLanded(
                        f"transaction {sent.last.transaction} is in no block after"
                        f" {self.timeouts.block:.0f} seconds: run the command again later, which"
                        " goes on from there",
                        sent.last.transaction,
                    )
                time.sleep(pause)
                pause = min(pause * _SLOWER, _SELDOM)
        except NODE_ERRORS as error:
            raise NotLanded(
                f"transaction {sent.last.transaction} was sent, but the node went away"
                f" ({revert_reason(error)}): run the command again, which finds out",
                sent.last.transaction,
            ) from error

    def _receipt(self, sent: SentTransaction) -> Mapping[str, Any] | None:
        for attempt in reversed(sent.attempts):
            receipt = senders.receipt_of(self.w3, attempt)
            if receipt is not None:
                return receipt
        return None

    def _landed(self, sent: SentTransaction, receipt: Mapping[str, Any]) -> Delivered:
        landed = senders.to_receipt(receipt)
        if receipt["status"] == 1:
            return Delivered(sent.ended(FinalStatus.LANDED, landed.block, landed.fee), landed, None)
        reason = senders.failure_reason(self.w3, sent.account, sent.call, landed.block - 1)
        why = reason or "it would not have before its block, something came in between: try again"
        failure = Reverted(f"transaction {landed.transaction} failed: {why}", landed.transaction)
        ended = sent.ended(FinalStatus.REVERTED, landed.block, landed.fee)
        return Delivered(ended, None, failure)

    def _passed(self, sent: SentTransaction, seconds: float) -> SentTransaction | Dropped:
        """Its nonce is used, and not by any form of it that the node has a receipt of."""
        if seconds < self.timeouts.lag:
            return sent  # receipts may come later than the count of transactions
        if any(senders.is_known(self.w3, attempt) for attempt in sent.attempts):
            return sent
        return _dropped(sent, f"another transaction took its nonce {sent.nonce}")

    def _pushed(
        self, sent: SentTransaction, count: int, seconds: float
    ) -> SentTransaction | Dropped:
        """What is to be waited for next, after whatever had to be done for it."""
        is_next = count == sent.nonce
        if not is_next and self.help_earlier(sent.nonce):
            return sent
        is_known = any(senders.is_known(self.w3, attempt) for attempt in sent.attempts)
        if not is_next:
            return self._behind(sent, count, seconds, is_known)
        if is_known:
            waited = time.time() - sent.last.signed_at
            # Signed in the future: the clock was set back, and nobody knows how long it waits.
            is_late = not 0 <= waited <= self.timeouts.fee
            is_stuck = is_late or self._pays_too_little(sent)
            return self._with_higher_fee(sent) if is_stuck else sent
        return self._sent_again(sent)

    def _behind(
        self, sent: SentTransaction, count: int, seconds: float, is_known: bool
    ) -> SentTransaction | Dropped:
        """Others have to be in a block before it."""
        if self.is_earlier(count, sent.nonce):
            return sent
        if not is_known:
            return _dropped(sent, "this node does not know it, nor what was before it")
        if seconds > self.timeouts.fee:
            self.fill(count)
        return sent

    def _sent_again(self, sent: SentTransaction) -> SentTransaction | Dropped:
        """The node has never heard of it, or has forgotten it."""
        reason = senders.failure_reason(self.w3, sent.account, sent.call)
        if reason is not None:
            why = f"this node does not know it, and by now it would fail ({reason})"
            return _dropped(sent, why)
        if self._pays_too_little(sent):
            return self._with_higher_fee(sent)
        with contextlib.suppress(Refused):
            senders.broadcast(self.w3, sent.last)
            self.announce(
                f"transaction {sent.last.transaction} was unknown to the node: sent again"
            )
        return sent

    def _pays_too_little(self, sent: SentTransaction) -> bool:
        base = self.w3.eth.get_block("latest").get("baseFeePerGas")
        return base is not None and sent.last.max_fee < base

    def _with_higher_fee(self, sent: SentTransaction) -> SentTransaction:
        fees = senders.current_fees(self.w3).at_least(sent.last)
        if self.max_fee is not None and fees.most > self.max_fee:
            return sent
        try:
            attempt = senders.signed_attempt(
                self.w3, self.account, sent.call, sent.nonce, sent.gas, fees
            )
        except Refused as refusal:
            self.announce(f"the fee of {sent.last.transaction} was not raised ({refusal})")
            # Asked again only when as much time has passed once more.
            later = replace(sent.last, signed_at=int(time.time()))
            return replace(sent, attempts=(*sent.attempts[:-1], later))
        replaced = sent.with_attempt(attempt)
        self.keep(replaced)
        with contextlib.suppress(Refused):  # as when the first one lands just now
            senders.broadcast(self.w3, attempt)
            self.announce(
                f"transaction {sent.last.transaction} was stuck: sent again as"
                f" {attempt.transaction} for up to {fees.most / 10**9:.3g} gwei per gas"
            )
        return replaced


def _waiting(sent: SentTransaction, seconds: float) -> str:
    return (
        f"waiting, up to {seconds:.0f} seconds, for a block with transaction"
        f' {sent.last.transaction}: "{sent.call.description}"'
    )


def _dropped(sent: SentTransaction, why: str) -> Dropped:
    return Dropped(
        f"transaction {sent.last.transaction} is given up: {why}; it has done nothing so far"
    )
