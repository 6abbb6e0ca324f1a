"""A transaction that is built but not sent, and the receipt of one that was sent."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a contract, for any sender: `value` is in wei.

    `to` is None where `data` creates a contract.
    `description` is one plain sentence that says what is sent and to whom.
    """

    to: str | None
    data: bytes
    value: int
    description: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of a call that was mined and did not revert.

    transaction    its hash, 0x and 64 hex digits
    block          number of the block it is in
    gas_used       gas
    fee            wei, what the sender paid for that gas, and on a rollup for layer 1
    logs           as the node gave them, for `events.decode`
    created        address of the contract that was created, if one was
    """

    transaction: str
    block: int
    gas_used: int
    fee: int
    logs: tuple[Any, ...] = ()
    created: str | None = None


Sender = Callable[[Call], Receipt]
