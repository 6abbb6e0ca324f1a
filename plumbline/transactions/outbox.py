"""Sending so that nothing is sent twice and nothing is lost, whatever happens in between.

    choose a nonce -> sign -> journal -> broadcast -> wait -> journal -> report -> archive

The journal has a signed transaction before any node does, and keeps it until whoever asked for it
has acknowledged the outcome. What a dead process left behind is finished and reported by the next
run, and if that run asks for the very same call, it is done already.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from web3 import Web3

from plumbline.chain.call import Call, Receipt
from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.chain.reverts import revert_reason
from plumbline.files.private import StorageError
from plumbline.protocol.addresses import checksum
from plumbline.transactions import senders
from plumbline.transactions.delivery import Delivered, Delivery, Timeouts
from plumbline.transactions.journal import FinalStatus, Journal, SentTransaction
from plumbline.transactions.senders import Refused, Signer

__all__ = ["Outbox", "Recovered", "Timeouts", "send"]


@dataclass(frozen=True, slots=True)
class Recovered:
    """A transaction that an earlier run left behind; `receipt` if it is in a block and worked."""

    sent: SentTransaction
    receipt: Receipt | None
    sentence: str


def send(w3: Web3, account: Signer, call: Call, timeouts: Timeouts | None = None) -> Receipt:
    """Send one call without a journal, for accounts and chains that do not outlive the process."""
    return Outbox(w3, account, None, timeouts or Timeouts()).send(call)


def _ignore(sentence: str) -> None:
    """Report nothing."""


@dataclass
class Outbox:
    """What one account sends through one node.

    `journal` is None where nothing has to survive this process. `announce` takes a sentence for
    everything that is done without being asked for. `max_fee` is the most to pay, wei per gas,
    and `gas_cap` the most gas of one transaction; None leaves that to the chain.
    """

    w3: Web3
    account: Signer
    journal: Journal | None
    timeouts: Timeouts = field(default_factory=Timeouts)
    announce: Callable[[str], None] = _ignore
    max_fee: int | None = None
    gas_cap: int | None = None
    _recovered: list[Recovered] = field(default_factory=list)
    _ended: list[SentTransaction] = field(default_factory=list)
    _locks: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

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
        with contextlib.ExitStack() as lock:
            with (
                self.journal.nonce_lock(self.announce) if self.journal else contextlib.nullcontext()
            ):
                sent = self._signed(call)
                self._begin(sent, lock)
                self._broadcast(sent, lock)
            delivered = self._deliver(sent, lock)
        if delivered.failure is not None:
            raise delivered.failure
        assert delivered.receipt is not None
        return delivered.receipt

    def acknowledge(self) -> None:
        """Archive all that was sent so far: whoever asked for it knows the outcome.

        Until then the next run would take it for interrupted, and report it once more.
        """
        try:
            if self.journal is not None:
                for sent in self._ended:
                    self.journal.archive(sent)
        except StorageError as error:
            self.announce(f"{error}; until then the next run reports this once more")
        self._ended.clear()
        self._recovered.clear()
        self._locks.close()

    def recover(self) -> list[Recovered]:
        """Finish what dead processes have left behind, oldest first.

        Raises NotLanded if one is still in no block when time is up, JournalError if an entry
        of the journal is damaged; it is set aside then.
        """
        return self._recover_below(None)

    def reopen(self) -> None:
        """Take up again what was reported as done, if its block is not on the chain any more.

        Then `recover` waits for it, or sends it again as it was, instead of another like it: the
        first may well be back in some node's pool. For whoever would ask for it again; a
        keeper, which decides anew from what the chain says, has no use for it.
        """
        if self.journal is None:
            return
        head = self.w3.eth.block_number
        count = self.w3.eth.get_transaction_count(checksum(self.account.address))
        for sent in self.journal.landed_from(count):
            # A node that ends before that block is behind, or was put back on purpose.
            if sent.block is None or sent.block > head:
                continue
            with self.journal.claimed(sent.nonce) as is_ours:
                known = [senders.receipt_of(self.w3, attempt) for attempt in sent.attempts]
                if is_ours and not any(known):
                    self.journal.reopen(sent)

    def take(self, call: Call) -> Receipt | None:
        """The receipt of the same call, if this outbox finished it for an earlier run; once."""
        return self.take_if(lambda other: _essence(other) == _essence(call))

    def has_done(self, is_meant: Callable[[Call], bool]) -> bool:
        """Whether `take_if` would give a receipt."""
        return any(
            each.receipt is not None and is_meant(each.sent.call) for each in self._recovered
        )

    def take_if(self, is_meant: Callable[[Call], bool]) -> Receipt | None:
        """As `take`, for a call that cannot be made again as it was."""
        for recovered in self._recovered:
            if recovered.receipt is not None and is_meant(recovered.sent.call):
                self._recovered.remove(recovered)
                return recovered.receipt
        return None

    def pending(self) -> list[SentTransaction]:
        """What has no known outcome yet, oldest first; damaged entries are left out."""
        pending = []
        for nonce in self.journal.nonces() if self.journal else []:
            with contextlib.suppress(StorageError):
                sent = self.journal.read(nonce) if self.journal else None
                if sent is not None and sent.status is None:
                    pending.append(sent)
        return pending

    # ---------------------------------------------------------------- internal

    def _signed(self, call: Call, at_nonce: int | None = None) -> SentTransaction:
        address = checksum(self.account.address)
        try:
            gas = senders.gas_limit(self.w3, address, call, self.gas_cap)
            fees = senders.current_fees(self.w3).at_most(self.max_fee)
            nonce = int(self.w3.eth.get_transaction_count(address, "pending"))
        except NODE_ERRORS as error:
            raise Refused(f"nothing was sent: {revert_reason(error)}") from error
        if at_nonce is not None:
            nonce = at_nonce
        elif self.journal:
            # The node may not have heard yet of what another command is sending.
            nonce = max([nonce, *(each + 1 for each in self.journal.nonces())])
        attempt = senders.signed_attempt(self.w3, self.account, call, nonce, gas, fees)
        return SentTransaction(address, nonce, call, gas, (attempt,))

    def _begin(self, sent: SentTransaction, lock: contextlib.ExitStack) -> None:
        if self.journal is None:
            return
        if not lock.enter_context(self.journal.claimed(sent.nonce)):
            raise Refused("nothing was sent: another command is at that nonce, run it again")
        self.journal.keep(sent)

    def _fill(self, nonce: int) -> None:
        """Others wait behind a nonce that nobody uses: use it, for nothing."""
        if self.journal is None:
            return
        call = Call(self.account.address, b"", 0, f"Fill the gap at nonce {nonce}.")
        with contextlib.ExitStack() as lock:
            with self.journal.nonce_lock(self.announce):
                if self.journal.read(nonce) is not None:
                    return
                sent = self._signed(call, nonce)
                self._begin(sent, lock)
                self._broadcast(sent, lock)
            self.announce(f"nothing was using nonce {nonce}, and others wait behind it: filled")
            self._deliver(sent, lock)

    def _broadcast(self, sent: SentTransaction, lock: contextlib.ExitStack) -> None:
        try:
            senders.broadcast(self.w3, sent.last)
        except Refused:
            self._end(sent.ended(FinalStatus.DROPPED), lock)
            raise

    def _deliver(self, sent: SentTransaction, lock: contextlib.ExitStack) -> Delivered:
        delivery = Delivery(
            self.w3,
            self.account,
            self.timeouts,
            self.max_fee,
            keep=self._keep,
            help_earlier=lambda nonce: bool(self._recover_below(nonce)),
            is_earlier=self._is_earlier,
            fill=self._fill,
            announce=self.announce,
        )
        delivered = delivery.run(sent)
        self._end(delivered.sent, lock)
        return delivered

    def _recover_below(self, limit: int | None) -> list[Recovered]:
        recovered: list[Recovered] = []
        for nonce in self.journal.nonces() if self.journal else []:
            if self.journal is None or (limit is not None and nonce >= limit):
                break
            with contextlib.ExitStack() as lock:
                is_ours = lock.enter_context(self.journal.claimed(nonce))
                sent = self.journal.read_or_set_aside(nonce) if is_ours else None
                if sent is not None:
                    recovered.append(self._resumed(sent, lock))
                    self.announce(recovered[-1].sentence)
        self._recovered.extend(recovered)
        return recovered

    def _resumed(self, sent: SentTransaction, lock: contextlib.ExitStack) -> Recovered:
        is_again = sent.status is None and sent.block is not None
        why = "an earlier run was interrupted"
        if is_again:
            why = f"the chain took back block {sent.block}"
        head = f'{why}. "{sent.call.description}"'
        delivered = self._deliver(sent, lock)
        receipt = delivered.receipt
        if receipt is None:
            return Recovered(delivered.sent, None, f"{head} {delivered.failure}")
        where = f"in block {receipt.block}, transaction {receipt.transaction}"
        done = "is done again" if is_again else "is done"
        return Recovered(delivered.sent, receipt, f"{head} {done}, {where}")

    def _is_earlier(self, count: int, nonce: int) -> bool:
        return any(
            count <= each < nonce for each in (self.journal.nonces() if self.journal else [])
        )

    def _keep(self, sent: SentTransaction) -> None:
        if self.journal is not None:
            self.journal.keep(sent)

    def _end(self, sent: SentTransaction, lock: contextlib.ExitStack) -> None:
        """Write down the outcome, and keep the lock until it is acknowledged.

        What was dropped changed nothing, so its nonce is free at once.
        """
        try:
            if self.journal is not None and sent.status is FinalStatus.DROPPED:
                self.journal.archive(sent)
                return
            self._keep(sent)
        except StorageError as error:
            # It is on chain all the same, and the next run finds that out.
            self.announce(str(error))
        self._ended.append(sent)
        self._locks.enter_context(lock.pop_all())


def _essence(call: Call) -> tuple[str | None, bytes, int]:
    """What makes two calls the same, however they are described."""
    return None if call.to is None else checksum(call.to), call.data, call.value
