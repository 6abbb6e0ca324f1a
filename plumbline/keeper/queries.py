"""What a keeper asks the node besides events. Each raises NodeUnavailable if it does not answer."""

from collections.abc import Callable
from typing import TypeVar

from web3 import Web3

from plumbline.chain.feed import node_unavailable
from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.protocol.addresses import checksum
from plumbline.transactions import senders
from plumbline.transactions.senders import GAS_CAP

T = TypeVar("T")


def has_pending(w3: Web3, address: str) -> bool:
    """Whether a transaction of that account is under way and in no block."""
    owner = checksum(address)
    count = w3.eth.get_transaction_count
    return asked(lambda: count(owner, "pending") > count(owner, "latest"))


def price_of_gas(w3: Web3) -> int:
    """What a unit of gas costs now, wei: base fee and tip, or the node's price without them."""
    return asked(lambda: senders.price_of_gas(w3))


def balance(w3: Web3, address: str) -> int:
    """Ether of an account, wei."""
    owner = checksum(address)
    return asked(lambda: int(w3.eth.get_balance(owner)))


def largest_fee(w3: Web3) -> int:
    """What the largest transaction would cost now, wei."""
    return price_of_gas(w3) * GAS_CAP


def asked(question: Callable[[], T]) -> T:
    """The answer to any question."""
    try:
        return question()
    except NODE_ERRORS as error:
        raise node_unavailable(error) from None
