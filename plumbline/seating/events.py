"""What happened in a pool, as records, in the order of the chain.

They suffice to rebuild every bond and to replay every draw. Amounts are in wei (or the smallest
unit of the ERC-20), addresses have their checksum.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from eth_abi.exceptions import DecodingError
from web3 import Web3

from plumbline.chain.builds import seating_abi
from plumbline.chain.call import Receipt
from plumbline.chain.event_abi import EventKind, event_kinds
from plumbline.chain.events import Event
from plumbline.chain.logs import EventsError, Log, log_of, read_logs
from plumbline.protocol.addresses import checksum
from plumbline.seating.draw import Draw
from plumbline.seating.packing import draw_from


@dataclass(frozen=True, slots=True)
class UnitEvent(Event):
    """An event of one unit and its owner."""

    owner: str
    unit: int


@dataclass(frozen=True, slots=True)
class Joined(UnitEvent):
    """`payer` put up the bond of a unit; it joined in that epoch."""

    payer: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Left(UnitEvent):
    """A unit is in no later draw; `expelled` by its last strike, or on its own."""

    expelled: bool


@dataclass(frozen=True, slots=True)
class UnitReleased(UnitEvent):
    """A number is free again: `credit` of the bond is the owner's, `lost` is the sink's."""

    credit: int
    lost: int


@dataclass(frozen=True, slots=True)
class Struck(UnitEvent):
    """A drawn unit without a seat was reported; it has so many strikes now."""

    round_id: int
    draw_id: int
    strikes: int
    reporter: str


@dataclass(frozen=True, slots=True)
class CreditWithdrawn(Event):
    """What was credited to `owner` was paid out to `receiver`."""

    owner: str
    receiver: str
    amount: int


@dataclass(frozen=True, slots=True)
class PoolSwept(Event):
    """The sink collected."""

    amount: int


@dataclass(frozen=True, slots=True)
class DrawEvent(Event):
    """An event of one draw."""

    draw_id: int


@dataclass(frozen=True, slots=True)
class Drawn(DrawEvent):
    """A requester drew, and paid a fee; see `drawn`. Terms and rounds are packed."""

    requester: str
    terms: int
    rounds: int
    fee: int

    @property
    def drawn(self) -> Draw:
        """The draw as it was drawn, without a seed."""
        return draw_from(self.draw_id, self.terms, self.rounds)


@dataclass(frozen=True, slots=True)
class Captured(DrawEvent):
    """The seed was fixed, from the mix of a block."""

    mix: bytes
    seed: int


@dataclass(frozen=True, slots=True)
class Rearmed(DrawEvent):
    """Another block gives the seed."""

    seed_block: int


_RECORDS: Final[Mapping[str, type[Event]]] = {
    "Joined": Joined,
    "Left": Left,
    "Released": UnitReleased,
    "Struck": Struck,
    "Withdrawn": CreditWithdrawn,
    "Swept": PoolSwept,
    "Drawn": Drawn,
    "Captured": Captured,
    "Rearmed": Rearmed,
}


def decode(logs: Iterable[Log | Mapping[str, Any]]) -> list[Event]:
    """Logs of a pool as events, in the order of the chain; as a node or web3 gives them, too.

    Raises EventsError for a log that no pool of this version makes.
    """
    kinds = {kind.topic: kind for kind in event_kinds(seating_abi("SeatDraw"))}
    parsed = (log if isinstance(log, Log) else log_of(log) for log in logs)
    events = [_decode(log, kinds) for log in parsed]
    return sorted(events, key=lambda event: (event.block, event.log_index))


def fetch(w3: Web3, pool: str, first: int, last: int) -> list[Event]:
    """All events of a pool from block `first` to `last`, included. Raises EventsError."""
    return decode(read_logs(w3, pool, first, last))


def logged_in(receipt: Receipt, pool: str) -> list[Event]:
    """What a pool logged in a transaction; other contracts may have logged there too."""
    return decode(log for log in receipt.logs if checksum(log["address"]) == checksum(pool))


def _decode(log: Log, kinds: Mapping[bytes, EventKind]) -> Event:
    kind = kinds.get(log.topics[0]) if log.topics else None
    try:
        if kind is None:
            raise ValueError("its first topic is none of a pool's")
        fields = {name: _field(of, value) for name, of, value in kind.values(log)}
        return _RECORDS[kind.name](log.block, log.index, log.transaction, **fields)
    except (DecodingError, ValueError, TypeError) as error:
        raise EventsError(
            f"log {log.index} of block {log.block} is not an event of a pool ({error}):"
            " check the address"
        ) from None


def _field(of: str, value: Any) -> Any:
    return checksum(value) if of == "address" else value
