"""Logs of a contract as a node gives them, read in ranges of blocks that it grants.

Nobody says how much a node grants: some count blocks, some count logs, some the time it takes.
So a range that was refused is halved, and grows again afterwards to near what was refused. Now
and then that is tried again too, for a stretch with many logs may be over; each time it is not,
twice as long passes until the next time. What a node grants is remembered while the process lasts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from eth_typing import HexStr
from requests.exceptions import Timeout
from web3 import Web3
from web3.types import FilterParams

from plumbline.chain.node_errors import NODE_ERRORS, SILENT, UNREACHABLE, no_answer
from plumbline.chain.reverts import revert_reason
from plumbline.errors import PlumblineError
from plumbline.progress import Progress, no_progress
from plumbline.protocol.addresses import checksum

_WIDEST: Final = 10_000  # blocks asked for at once: what most nodes grant
_FORGET: Final = 16  # ranges granted after which a refused width is tried again, at first


class EventsError(PlumblineError):
    """Events that the node does not give, or that are not those of LabelRounds."""


@dataclass(frozen=True, slots=True)
class Log:
    """One log: block number, place in the block, hash of the transaction, and what it says."""

    block: int
    index: int
    transaction: bytes
    topics: tuple[bytes, ...]
    data: bytes


def log_of(given: Mapping[str, Any]) -> Log:
    """A log in the form of a node or of web3."""
    return Log(
        _integer(given["blockNumber"]),
        _integer(given["logIndex"]),
        _bytes(given["transactionHash"]),
        tuple(_bytes(topic) for topic in given["topics"]),
        _bytes(given["data"]),
    )


def read_logs(
    w3: Web3,
    address: str,
    first: int,
    last: int,
    topics: Sequence[Any] | None = None,
    progress: Progress = no_progress,
) -> list[Log]:
    """The logs of a contract from block `first` to `last`, included, in the node's order.

    Raises EventsError if the node refuses a single block, does not answer, or gives what was
    not asked for.
    """
    wanted: FilterParams = {"address": checksum(address)}
    if topics is not None:
        wanted["topics"] = list(topics)
    logs: list[Log] = []
    for upper, answer in _ranges(w3, wanted, first, last):
        logs.extend(answer)
        progress("blocks read", upper - first + 1, last - first + 1)
    return logs


class Width:
    """How many blocks to ask for next: between what was granted and what was refused."""

    def __init__(self, widest: int = _WIDEST) -> None:
        self.now = widest
        self._widest = widest
        self._good = 0  # granted since the last refusal of as much
        self._refused: int | None = None
        self._granted = 0
        self._forget = _FORGET
        self._tried_again: int | None = None  # what had been refused, while it is tried again

    def granted(self) -> None:
        """The range was answered: the next may be wider."""
        self._good = self.now
        self._granted += 1
        if self._tried_again is not None and self.now >= self._tried_again:
            self._tried_again, self._forget = None, _FORGET
        if self._granted >= self._forget and self._refused is not None:
            self._tried_again, self._refused, self._granted = self._refused, None, 0
        if self._refused is None:
            self.now = min(self.now * 2, self._widest)
        elif (middle := (self.now + self._refused) // 2) - self.now > self.now // 8:
            self.now = middle

    def refused(self, width: int) -> None:
        """A range of that many blocks, more than one, was not answered."""
        self._refused, self._granted = width, 0
        if self._tried_again is not None:
            self._refused = min(width, self._tried_again)
            self._tried_again = None
            self._forget *= 2
        if self._good >= width:
            self._good = 0
        self.now = max(width // 2, self._good)


_WIDTHS: Final[WeakKeyDictionary[Any, Width]] = WeakKeyDictionary()
"""What each node grants, by the part of web3 that asks it."""


def _ranges(
    w3: Web3, wanted: FilterParams, first: int, last: int
) -> Iterator[tuple[int, list[Log]]]:
    """(last block, logs) of as many answers as the node makes of it."""
    width = _WIDTHS.setdefault(w3.eth, Width())
    while first <= last:
        upper = min(first + width.now - 1, last)
        part: FilterParams = {
            **wanted,
            "fromBlock": HexStr(hex(first)),
            "toBlock": HexStr(hex(upper)),
        }
        try:
            given = list(w3.eth.get_logs(part))
        except UNREACHABLE as error:
            # Asking for less does not help.
            raise EventsError(no_answer(error)) from None
        except NODE_ERRORS as error:
            if isinstance(error, Timeout):
                _require_awake(w3)
            if upper == first:
                raise EventsError(
                    f"the node gives no events of block {first} ({revert_reason(error)}):"
                    " use another node"
                ) from None
            width.refused(upper - first + 1)
            continue
        yield upper, [_asked_for(log, wanted, first, upper) for log in given]
        if upper - first + 1 == width.now:
            width.granted()
        first = upper + 1


def _require_awake(w3: Web3) -> None:
    """Raise EventsError unless it was the range that took a node too long."""
    try:
        _ = w3.eth.block_number
    except SILENT as error:
        raise EventsError(no_answer(error)) from None


def _asked_for(given: Mapping[str, Any], wanted: FilterParams, first: int, last: int) -> Log:
    log = log_of(given)
    emitter = given.get("address")
    if not first <= log.block <= last or (emitter and checksum(emitter) != wanted["address"]):
        raise EventsError(
            f"the node gives a log of block {log.block} and contract {emitter}, which was not"
            " asked for: use another node"
        )
    return log


def _bytes(value: Any) -> bytes:
    return bytes.fromhex(value.removeprefix("0x")) if isinstance(value, str) else bytes(value)


def _integer(value: Any) -> int:
    return int(value, 16) if isinstance(value, str) else int(value)
