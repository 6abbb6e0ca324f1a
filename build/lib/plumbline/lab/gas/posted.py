"""How long a transaction is where it is posted, and how short rollups press it.

A rollup posts the transactions themselves, signature and all, so that is what is measured: the
call as a signed transaction with everyday values, always the same ones.
"""

from dataclasses import dataclass
from typing import Final

import brotli
from eth_account import Account

from plumbline.chain.call import Call
from plumbline.lab.gas.fastlz import compressed_length

# What Arbitrum has pressed each transaction with since ArbOS 20, to find its price.
_QUALITY: Final = 1

_KEY: Final = bytes(31) + b"\x01"  # the signature is as long whoever signs
_CHAIN: Final = 10
_NONCE: Final = 1_000
_PRIORITY: Final = 1_000_000  # wei per gas
_MOST: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class Posted:
    """Bytes of one signed transaction: as it is, and alone after FastLZ and after brotli."""

    raw: int
    fastlz: int
    brotli: int


def posted(call: Call, gas: int) -> Posted:
    """The sizes of a call, sent with that much gas."""
    signed = signed_transaction(call, gas)
    pressed = brotli.compress(signed, quality=_QUALITY)
    return Posted(len(signed), compressed_length(signed), len(pressed))


def signed_transaction(call: Call, gas: int) -> bytes:
    """The call as a transaction of type 2, in RLP."""
    fields = {
        "type": 2,
        "chainId": _CHAIN,
        "nonce": _NONCE,
        "maxPriorityFeePerGas": _PRIORITY,
        "maxFeePerGas": _MOST,
        "gas": gas,
        "to": call.to,
        "value": call.value,
        "data": call.data,
    }
    return bytes(Account.sign_transaction(fields, _KEY).raw_transaction)
