"""Sending so that nothing is sent twice and nothing is lost, whatever happens in between.

    choose a nonce -> sign -> journal -> broadcast -> wait -> journal -> tell -> done

The journal has a signed transaction before any node does, and keeps it until whoever asked has
been told the end. What a dead process left behind is finished and told by the next run, and if
that run asks for the very same call, it is done already.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from web3 import Web3

from plumbline.chain.call import Call, Receipt
from plumbline.chain.nodes import NODE_ERRORS
from plumbline.chain.reverts import revert_reason
from plumbline.files.private import StorageError
from plumbline.protocol.addresses import checksum
from plumbline.transactions import senders
from plumbline.transactions.delivery import Delivered, Delivery, Patience
from plumbline.transactions.journal import Fate, Journal, Sent
from plumbline.transactions.senders import Refused, Signer

__all__ = ["Finished", "Outbox", "Patience", "send"]


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
    everything that is done without being asked for. `max_fee` is the most to pay, wei per gas.
    """

    w3: Web3
    account: Signer
    journal: Journal | None
    patience: Patience = field(default_factory=Patience)
    tell: Callable[[str], None] = _say_nothing
    max_fee: int | None = None
    _finished: list[Finished] = field(default_factory=list)
    _ended: list[Sent] = field(default_factory=list)
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
            with self.journal.turn() if self.journal else contextlib.nullcontext():
                sent = self._signed(call)
                self._begin(sent, lock)
                self._broadcast(sent, lock)
            delivered = self._deliver(sent, lock)
        if delivered.failure is not None:
            raise delivered.failure
        assert delivered.receipt is not None
        return delivered.receipt

    def told(self) -> None:
        """Say that whoever asked has been told what became of all that was sent so far.

        Until then the next run would take it for interrupted, and tell it once more.
        """
        try:
            if self.journal is not None:
                for sent in self._ended:
                    self.journal.archive(sent)
        except StorageError as error:
            self.tell(f"{error}; until then the next run tells this once more")
        self._ended.clear()
        self._finished.clear()
        self._locks.close()

    def recover(self) -> list[Finished]:
        """Finish what dead processes have left behind, oldest first.

        Raises NotLanded if one is still in no block when the patience is over, JournalError if
        what was written down of one is damaged; it is set aside then.
        """
        return self._recover_below(None)

    def reopen(self) -> None:
        """Take up again what was told as done, if its block is not on the chain any more.

        Then `recover` waits for it, or sends it again as it was, instead of another like it: the
        first may well be back in some node's pool. For whoever would ask for it again; who
        decides anew from what the chain says, as a keeper does, has no use for it.
        """
        if self.journal is None:
            return
        head = self.w3.eth.block_number
        count = self.w3.eth.get_transaction_count(checksum(self.account.address))
        for sent in self.journal.landed_from(count):
            # A node that ends before that block is behind, or was put back on purpose.
            if sent.block is None or sent.block > head:
                continue
            with self.journal.looked_after(sent.nonce) as is_ours:
                known = [senders.receipt_of(self.w3, attempt) for attempt in sent.attempts]
                if is_ours and not any(known):
                    self.journal.reopen(sent)

    def take(self, call: Call) -> Receipt | None:
        """The receipt of the same call, if this outbox finished it for an earlier run; once."""
        return self.take_if(lambda other: _essence(other) == _essence(call))

    def take_if(self, is_meant: Callable[[Call], bool]) -> Receipt | None:
        """As `take`, for a call that cannot be made again as it was."""
        for one in self._finished:
            if one.receipt is not None and is_meant(one.sent.call):
                self._finished.remove(one)
                return one.receipt
        return None

    def under_way(self) -> list[Sent]:
        """What the journal does not know the end of, oldest first; what is damaged is left out."""
        found = []
        for nonce in self.journal.nonces() if self.journal else []:
            with contextlib.suppress(StorageError):
                sent = self.journal.read(nonce) if self.journal else None
                if sent is not None and sent.fate is None:
                    found.append(sent)
        return found

    # ---------------------------------------------------------------- internal

    def _signed(self, call: Call, at_nonce: int | None = None) -> Sent:
        address = checksum(self.account.address)
        try:
            gas = senders.gas_limit(self.w3, address, call)
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
        return Sent(address, nonce, call, gas, (attempt,))

    def _begin(self, sent: Sent, lock: contextlib.ExitStack) -> None:
        if self.journal is None:
            return
        if not lock.enter_context(self.journal.looked_after(sent.nonce)):
            raise Refused("nothing was sent: another command is at that nonce, run it again")
        self.journal.keep(sent)

    def _fill(self, nonce: int) -> None:
        """Others wait behind a nonce that nobody uses: use it, for nothing."""
        if self.journal is None:
            return
        call = Call(self.account.address, b"", 0, f"Fill the gap at nonce {nonce}.")
        with contextlib.ExitStack() as lock:
            with self.journal.turn():
                if self.journal.read(nonce) is not None:
                    return
                sent = self._signed(call, nonce)
                self._begin(sent, lock)
                self._broadcast(sent, lock)
            self.tell(f"nothing was using nonce {nonce}, and others wait behind it: filled")
            self._deliver(sent, lock)

    def _broadcast(self, sent: Sent, lock: contextlib.ExitStack) -> None:
        try:
            senders.broadcast(self.w3, sent.last)
        except Refused:
            self._end(sent.ended(Fate.DROPPED), lock)
            raise

    def _deliver(self, sent: Sent, lock: contextlib.ExitStack) -> Delivered:
        delivery = Delivery(
            self.w3,
            self.account,
            self.patience,
            self.max_fee,
            keep=self._keep,
            help_earlier=lambda nonce: bool(self._recover_below(nonce)),
            is_earlier=self._is_earlier,
            fill=self._fill,
            tell=self.tell,
        )
        delivered = delivery.run(sent)
        self._end(delivered.sent, lock)
        return delivered

    def _recover_below(self, limit: int | None) -> list[Finished]:
        found: list[Finished] = []
        for nonce in self.journal.nonces() if self.journal else []:
            if self.journal is None or (limit is not None and nonce >= limit):
                break
            with contextlib.ExitStack() as lock:
                is_ours = lock.enter_context(self.journal.looked_after(nonce))
                sent = self.journal.read_or_set_aside(nonce) if is_ours else None
                if sent is not None:
                    found.append(self._resumed(sent, lock))
                    self.tell(found[-1].words)
        self._finished.extend(found)
        return found

    def _resumed(self, sent: Sent, lock: contextlib.ExitStack) -> Finished:
        is_again = sent.fate is None and sent.block is not None
        why = "an earlier run was interrupted"
        if is_again:
            why = f"the chain took back block {sent.block}"
        head = f'{why}. "{sent.call.description}"'
        delivered = self._deliver(sent, lock)
        receipt = delivered.receipt
        if receipt is None:
            return Finished(delivered.sent, None, f"{head} {delivered.failure}")
        where = f"in block {receipt.block}, transaction {receipt.transaction}"
        done = "is done again" if is_again else "is done"
        return Finished(delivered.sent, receipt, f"{head} {done}, {where}")

    def _is_earlier(self, count: int, nonce: int) -> bool:
        return any(
            count <= each < nonce for each in (self.journal.nonces() if self.journal else [])
        )

    def _keep(self, sent: Sent) -> None:
        if self.journal is not None:
            self.journal.keep(sent)

    def _end(self, sent: Sent, lock: contextlib.ExitStack) -> None:
        """Write down the end, and keep the lock until it has been told.

        What was dropped changed nothing, so its nonce is free at once.
        """
        try:
            if self.journal is not None and sent.fate is Fate.DROPPED:
                self.journal.archive(sent)
                return
            self._keep(sent)
        except StorageError as error:
            # It is on chain all the same, and the next run finds that out.
            self.tell(str(error))
        self._ended.append(sent)
        self._locks.enter_context(lock.pop_all())


def _essence(call: Call) -> tuple[str | None, bytes, int]:
    """What makes two calls the same, however they are described."""
    return None if call.to is None else checksum(call.to), call.data, call.value
