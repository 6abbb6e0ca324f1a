"""Calls that do not depend on each other, sent several in one transaction.

What two calls in a transaction touch is paid for once: the account of a labeler who sits in both
rounds above all, then the contracts, the requester's account, and the transaction itself.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, Final, Generic, TypeVar

from web3 import Web3

from plumbline.chain.call import Call, Receipt, Sender
from plumbline.chain.contract import LabelRounds
from plumbline.chain.multicall import failed_in
from plumbline.chain.node_errors import NODE_ERRORS, answered
from plumbline.chain.reverts import revert_reason
from plumbline.errors import PlumblineError
from plumbline.files.private import StorageError
from plumbline.protocol.limits import MAX_CALL_BYTES, MAX_CALLS
from plumbline.transactions import senders
from plumbline.transactions.senders import (
    GAS_CAP,
    NotLanded,
    Reverted,
    SendError,
    call_params,
    generous,
)

K = TypeVar("K")

# Gas of any transaction, and of calldata.
_TRANSACTION: Final = 21_000
_BYTE, _ZERO_BYTE = 16, 4

# What a multicall takes besides its calls: memory, and what the contract wants to see in the
# beginning, once and for each call, with some room.
_ONCE: Final = 40_000 + 160_000
_EACH: Final = 3_000 + 1_000

_FAILURES: Final[tuple[type[Exception], ...]] = (PlumblineError, *NODE_ERRORS)


@dataclass(frozen=True, slots=True)
class Candidate(Generic[K]):
    """A call that may go together with others.

    key        what it is known by to whoever asks for it
    labelers   whose accounts it touches
    gas        what a node says that it takes by itself; None if unknown, and then it goes alone
    """

    key: K
    call: Call
    labelers: frozenset[str]
    gas: int | None


@dataclass(frozen=True, slots=True)
class Carried(Generic[K]):
    """The outcome of a call, by itself or among others.

    error      why it had no effect, or may have none yet (NotLanded); None if it is done
    receipt    of the transaction, if that is in a block; a call in it may have failed
    gas_used   of the transaction, the share of this call; likewise its fee, wei
    sharing    how many calls are in that transaction
    """

    candidate: Candidate[K]
    error: PlumblineError | None
    receipt: Receipt | None
    gas_used: int = 0
    fee: int = 0
    sharing: int = 1


def estimated(w3: Web3, sender: str, call: Call) -> int | None:
    """Gas that a call takes now; None if the node says that it would fail."""
    return answered(lambda: int(w3.eth.estimate_gas(call_params(sender, call))))


def room_together(w3: Web3, cap: int | None) -> int:
    """The most gas of calls that go together: no chain is known that allows a transaction less.

    Raises what asking a node raises.
    """
    return (
        senders.room_for(w3, cap) if cap is not None else min(senders.room_for(w3, None), GAS_CAP)
    )


def groups(candidates: Sequence[Candidate[K]], room: int) -> list[tuple[Candidate[K], ...]]:
    """What goes together into a transaction of so much gas, in the order given.

    The first that is left begins a group, and is joined by whichever shares most labelers with
    those already in it, as long as any fits.
    """
    seats: defaultdict[str, list[int]] = defaultdict(list)
    for number, candidate in enumerate(candidates):
        for labeler in candidate.labelers:
            seats[labeler].append(number)
    left = dict.fromkeys(range(len(candidates)))
    found = []
    while left:
        chosen: list[int] = []
        load = _Load()
        touched: set[str] = set()
        shared: Counter[int] = Counter()
        best: int | None = next(iter(left))
        while best is not None:
            del left[best]
            chosen.append(best)
            load = load.with_one(candidates[best])
            for labeler in candidates[best].labelers - touched:
                touched.add(labeler)
                shared.update(seats[labeler])
            fitting = (each for each in left if load.with_one(candidates[each]).fits(room))
            best = max(fitting, key=lambda number: (shared[number], -number), default=None)
        found.append(tuple(candidates[number] for number in sorted(chosen)))
    return found


def transaction_of(rounds: LabelRounds, group: Sequence[Candidate[K]]) -> Call:
    """The call that a group is. Raises CallError."""
    if len(group) == 1:
        return group[0].call
    return rounds.together([each.call for each in group], [_gas_of(each) for each in group])


def carry(rounds: LabelRounds, group: Sequence[Candidate[K]], send: Sender) -> Iterator[Carried[K]]:
    """Send a group in one transaction; if that is refused, in smaller ones, down to single calls.

    So one that cannot be sent does not stop the others. But where one is in no block yet
    (NotLanded), or the journal cannot be written (StorageError), nothing is sent after it.
    """
    try:
        receipt = send(transaction_of(rounds, group))
    except (NotLanded, StorageError) as error:
        yield from (Carried(each, error, None, sharing=len(group)) for each in group)
    except Reverted as error:
        yield from _shared(group, [error] * len(group), _receipt_of(rounds.w3, error))
    except _FAILURES as error:
        if len(group) == 1:
            yield Carried(group[0], _as_ours(error), None)
            return
        half = len(group) // 2
        for part in (group[:half], group[half:]):
            results = list(carry(rounds, part, send))
            yield from results
            if any(isinstance(result.error, NotLanded | StorageError) for result in results):
                return
    else:
        yield from _shared(group, _errors(rounds, group, receipt), receipt)


@dataclass(frozen=True, slots=True)
class _Load:
    """What a transaction carries: calls, their bytes, and the gas that they are given."""

    count: int = 0
    size: int = 0
    gas: int = 0
    is_known: bool = True  # how much gas each of them takes

    def with_one(self, candidate: Candidate[Any]) -> "_Load":
        """With one call more."""
        size = self.size + len(candidate.call.data)
        if candidate.gas is None or not self.is_known:
            return _Load(self.count + 1, size, self.gas, is_known=False)
        return _Load(self.count + 1, size, self.gas + _gas_of(candidate) + _EACH)

    def fits(self, room: int) -> bool:
        """Whether calls go together into a transaction of so much gas."""
        # A call is handed at most 63/64 of the gas that is there.
        gas = _TRANSACTION + _BYTE * self.size + (_ONCE + self.gas) * 64 // 63
        return (
            self.is_known
            and self.count <= MAX_CALLS
            and self.size <= MAX_CALL_BYTES
            and gas <= room
        )


def _gas_of(candidate: Candidate[K]) -> int:
    """What a call is given among others: what it takes by itself without what is paid for a
    transaction and its calldata, and a margin.
    """
    assert candidate.gas is not None  # else it goes alone
    data = candidate.call.data
    zeros = data.count(0)
    intrinsic = _TRANSACTION + zeros * _ZERO_BYTE + (len(data) - zeros) * _BYTE
    return generous(max(candidate.gas - intrinsic, _TRANSACTION))


def _errors(
    rounds: LabelRounds, group: Sequence[Candidate[K]], receipt: Receipt
) -> list[PlumblineError | None]:
    """Of each call in a transaction that is in a block, why it failed."""
    failed = failed_in(receipt, rounds.deployment) if len(group) > 1 else frozenset()
    return [
        _why_failed(rounds, each.call, receipt) if number in failed else None
        for number, each in enumerate(group)
    ]


def _as_ours(error: BaseException) -> PlumblineError:
    return error if isinstance(error, PlumblineError) else SendError(revert_reason(error))


def _why_failed(rounds: LabelRounds, call: Call, receipt: Receipt) -> Reverted:
    sender = rounds.deployment.multicall
    try:
        reason = senders.failure_reason(rounds.w3, sender, call, receipt.block - 1)
    except NODE_ERRORS:
        reason = None
    why = reason or "it would not have before its block, something came in between: try again"
    return Reverted(
        f"a call in transaction {receipt.transaction} failed: {why}", receipt.transaction
    )


def _shared(
    group: Sequence[Candidate[K]],
    errors: Sequence[PlumblineError | None],
    receipt: Receipt | None,
) -> Iterator[Carried[K]]:
    """The outcomes of calls in one transaction, which share its cost by what each takes alone."""
    weights = [each.gas or 1 for each in group]
    gas = _shares(receipt.gas_used if receipt else 0, weights)
    fees = _shares(receipt.fee if receipt else 0, weights)
    for each, error, used, fee in zip(group, errors, gas, fees, strict=True):
        yield Carried(each, error, receipt, used, fee, len(group))


def _shares(total: int, weights: Iterable[int]) -> list[int]:
    """Parts of an amount by weight, which add up to it."""
    ends = [0, *accumulate(weights)]
    return [total * end // ends[-1] - total * start // ends[-1] for start, end in pairwise(ends)]


def _receipt_of(w3: Web3, error: Reverted) -> Receipt | None:
    """What a transaction has cost that failed; None if the node does not say."""
    found = answered(
        lambda: w3.eth.get_transaction_receipt(error.transaction)  # type: ignore[arg-type]
    )
    return None if found is None else senders.to_receipt(found)
