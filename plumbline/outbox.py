"""Sending so that nothing is sent twice and nothing is lost, whatever happens in between.

    choose a nonce -> sign -> journal -> broadcast -> wait -> journal
                        ^                               |
                        +------ with a higher fee ------+  when it is stuck

The journal has a signed transaction before any node does. One that a dead process left behind
is finished by the next run: it is in a block; or another took its nonce; or it waits, and is
sent again, with a higher fee if it is stuck; or it would fail by now, and is dropped. The same
call made again is then known to be done already.
"""

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from web3 import Web3

from plumbline import senders
from plumbline.addresses import checksum
from plumbline.call import Call, Receipt
from plumbline.journal import Fate, Journal, Sent
from plumbline.nodes import NODE_ERRORS
from plumbline.privatefiles import StorageError
from plumbline.reverts import revert_reason
from plumbline.senders import Dropped, NotLanded, Refused, Reverted, Signer

__all__ = ["Finished", "Outbox", "Patience", "send"]

_OFTEN: Final = 0.1  # seconds between questions at first: a local chain is not waited for
_SELDOM: Final = 2.0  # seconds between questions after a while
_SLOWER: Final = 1.25


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds until a wait is given up, and until the fee of what waits is raised."""

    block: float = 180.0
    fee: float = 45.0


@dataclass(frozen=True, slots=True)
class Finished:
    """What an earlier run had left behind; `receipt` if it is in a block and worked."""

    sent: Sent
    receipt: Receipt | None
    words: str


def send(w3: Web3, account: Signer, call: Call, patience: Patience | None = None) -> Receipt:
    """Send one call without a journal, for accounts and chains that do not outlive the process."""
    return Outbox(w3, account, None, patience or Patience()).send(call)


def _say_nothing(words: str) -> None:
    """For who does not care."""


@dataclass
class Outbox:
    """What one account sends through one node.

    `journal` is None where nothing has to survive this process. `tell` is given a sentence for
    everything that is done without being asked for.
    """

    w3: Web3
    account: Signer
    journal: Journal | None
    patience: Patience = field(default_factory=Patience)
    tell: Callable[[str], None] = _say_nothing
    _finished: list[Finished] = field(default_factory=list)

    def send(self, call: Call) -> Receipt:
        """Send a call and wait until it is in a block.

        If an earlier run was interrupted after it had sent the very same call, and that worked,
        its receipt is returned and nothing is sent. Raises Refused, NotLanded, Reverted or
        Dropped.
        """
        self.recover()
        done = self.take(call)
        if done is not None:
            return done
        with contextlib.ExitStack() as stack:
            with self.journal.turn() if self.journal else contextlib.nullcontext():
                sent = self._signed(call)
                if self.journal:
                    stack.enter_context(self.journal.looked_after(sent.nonce))
                    self.journal.keep(sent)
                self._broadcast_first(sent)
            return self._finish(sent)

    def recover(self) -> list[Finished]:
        """Finish what dead processes have left behind, oldest first.

        Raises NotLanded if one is still in no block when the patience is over.
        """
        found = self._resume_below(None)
        self._finished.extend(found)
        return found

    def take(self, call: Call) -> Receipt | None:
        """The receipt of the same call, if this outbox finished it for an earlier run; once."""
        return self.take_if(lambda other: _is_same(other, call))

    def take_if(self, is_meant: Callable[[Call], bool]) -> Receipt | None:
        """As `take`, for a call that cannot be made again as it was."""
        for one in self._finished:
            if one.receipt is not None and is_meant(one.sent.call):
                self._finished.remove(one)
                return one.receipt
        return None

    def under_way(self) -> list[Sent]:
        """What the journal does not know the end of, oldest first."""
        if self.journal is None:
            return []
        found = [self.journal.read(nonce) for nonce in self.journal.under_way()]
        return [sent for sent in found if sent is not None]

    # ------------------------------------------------------------ the first time

    def _signed(self, call: Call) -> Sent:
        address = checksum(self.account.address)
        try:
            gas = senders.gas_limit(self.w3, address, call)
            fees = senders.current_fees(self.w3)
            nonce = int(self.w3.eth.get_transaction_count(address, "pending"))
        except NODE_ERRORS as error:
            raise Refused(f"nothing was sent: {revert_reason(error)}") from error
        if self.journal:
            # The node may not have heard yet of what another command is sending.
            nonce = max([nonce, *(each + 1 for each in self.journal.under_way())])
        attempt = senders.signed_attempt(self.w3, self.account, call, nonce, gas, fees)
        return Sent(address, nonce, call, gas, (attempt,))

    def _broadcast_first(self, sent: Sent) -> None:
        try:
            senders.broadcast(self.w3, sent.last)
        except Refused:
            self._end(sent.ended(Fate.DROPPED))
            raise

    # ------------------------------------------------------------ until it is over

    def _resume_below(self, limit: int | None) -> list[Finished]:
        found: list[Finished] = []
        if self.journal is None:
            return found
        for nonce in self.journal.under_way():
            if limit is not None and nonce >= limit:
                break
            with self.journal.looked_after(nonce) as is_ours:
                sent = self.journal.read(nonce) if is_ours else None
                if sent is not None:
                    found.append(self._resume(sent))
                    self.tell(found[-1].words)
        return found

    def _resume(self, sent: Sent) -> Finished:
        head = f'an earlier run was interrupted. "{sent.call.description}"'
        try:
            receipt = self._finish(sent)
        except (Reverted, Dropped) as failure:
            return Finished(sent, None, f"{head} {failure}")
        where = f"in block {receipt.block}, transaction {receipt.transaction}"
        return Finished(sent, receipt, f"{head} is done, {where}")

    def _finish(self, sent: Sent) -> Receipt:
        """Wait, and send again what has to be, until it is known what became of it."""
        give_up = time.monotonic() + self.patience.block
        pause = _OFTEN
        try:
            while True:
                receipt = self._receipt(sent)
                if receipt is not None:
                    return self._landed(sent, receipt)
                sent = self._pushed(sent)
                if time.monotonic() > give_up:
                    raise NotLanded(
                        f"transaction {sent.last.transaction} is in no block after"
                        f" {self.patience.block:.0f} seconds: run the command again later, which"
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

    def _receipt(self, sent: Sent) -> Mapping[str, Any] | None:
        for attempt in reversed(sent.attempts):
            receipt = senders.receipt_of(self.w3, attempt)
            if receipt is not None:
                return receipt
        return None

    def _landed(self, sent: Sent, receipt: Mapping[str, Any]) -> Receipt:
        made = senders.to_receipt(receipt)
        if receipt["status"] == 1:
            self._end(sent.ended(Fate.LANDED, made.block))
            return made
        self._end(sent.ended(Fate.REVERTED, made.block))
        reason = senders.failure(self.w3, sent.account, sent.call, made.block - 1)
        why = reason or "it would not have before its block, something came in between: try again"
        raise Reverted(f"transaction {made.transaction} failed: {why}", made.transaction)

    def _pushed(self, sent: Sent) -> Sent:
        """Do what brings it into a block, if anything has to be done. Raises Dropped."""
        count = self.w3.eth.get_transaction_count(checksum(sent.account), "latest")
        if count > sent.nonce:
            # It may have landed since it was asked for.
            if self._receipt(sent) is None:
                raise self._dropped(sent, f"another transaction took its nonce {sent.nonce}")
            return sent
        if count < sent.nonce and self._resume_below(sent.nonce):
            return sent
        is_known = any(senders.is_known(self.w3, attempt) for attempt in sent.attempts)
        if count < sent.nonce:
            self._require_predecessor(sent, is_known)
            return sent
        if is_known:
            waited = time.time() - sent.last.signed_at
            is_stuck = waited > self.patience.fee or self._pays_too_little(sent)
            return self._with_higher_fee(sent) if is_stuck else sent
        return self._sent_again(sent)

    def _require_predecessor(self, sent: Sent, is_known: bool) -> None:
        """Raise Dropped if it waits for a nonce that nobody will use."""
        others = self.journal.under_way() if self.journal else []
        if not is_known and min(others, default=sent.nonce) >= sent.nonce:
            raise self._dropped(sent, "the node has forgotten it, and others before it")

    def _sent_again(self, sent: Sent) -> Sent:
        """The node has never heard of it, or has forgotten it."""
        reason = senders.failure(self.w3, sent.account, sent.call)
        if reason is not None:
            raise self._dropped(sent, f"by now it would fail ({reason})")
        if self._pays_too_little(sent):
            return self._with_higher_fee(sent)
        with contextlib.suppress(Refused):
            senders.broadcast(self.w3, sent.last)
            self.tell(f"transaction {sent.last.transaction} was unknown to the node: sent again")
        return sent

    def _pays_too_little(self, sent: Sent) -> bool:
        base = self.w3.eth.get_block("latest").get("baseFeePerGas")
        return base is not None and sent.last.max_fee < base

    def _with_higher_fee(self, sent: Sent) -> Sent:
        fees = senders.current_fees(self.w3).at_least(sent.last)
        try:
            attempt = senders.signed_attempt(
                self.w3, self.account, sent.call, sent.nonce, sent.gas, fees
            )
        except Refused as refusal:
            self.tell(f"the fee of {sent.last.transaction} cannot be raised ({refusal})")
            return sent
        replaced = sent.also(attempt)
        if self.journal:
            self.journal.keep(replaced)
        with contextlib.suppress(Refused):  # as when the first one lands just now
            senders.broadcast(self.w3, attempt)
        self.tell(
            f"transaction {sent.last.transaction} was stuck: sent again as {attempt.transaction}"
            f" for up to {fees.most / 10**9:.3g} gwei per gas"
        )
        return replaced

    def _dropped(self, sent: Sent, why: str) -> Dropped:
        self._end(sent.ended(Fate.DROPPED))
        return Dropped(
            f"transaction {sent.last.transaction} is in no block and will not be: {why};"
            " nothing has changed"
        )

    def _end(self, sent: Sent) -> None:
        if self.journal is None:
            return
        try:
            self.journal.keep(sent)
        except StorageError as error:
            # It is on chain all the same, and the next run finds that out.
            self.tell(str(error))


def _is_same(one: Call, other: Call) -> bool:
    return (checksum(one.to), one.data, one.value) == (checksum(other.to), other.data, other.value)
