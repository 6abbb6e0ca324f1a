"""What a transaction costs on Ethereum and on rollups, at fees that are given.

A rollup posts the transactions themselves, signature and all, so what is measured is the call as
a signed transaction with everyday values, always the same ones. Formulas and sources: docs/gas.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import brotli
from eth_account import Account

from plumbline.chain.call import Call
from plumbline.lab.gas.fastlz import compressed_length
from plumbline.settlement.terms import PPM

_INTERCEPT: Final = -42_585_600  # of the size, ppm of a byte
_SLOPE: Final = 836_500  # of the size, ppm for each byte after FastLZ
_SMALLEST: Final = 100 * PPM  # of the size, ppm of a byte
_UNITS: Final = 16  # of a byte that is posted: its gas as calldata, EIP-2028
_BROTLI: Final = 1  # quality, Arbitrum's since ArbOS 20

_KEY: Final = bytes(31) + b"\x01"  # the signature is as long whoever signs
_EVERYDAY: Final = {"type": 2, "chainId": 10, "nonce": 1_000}
_EVERYDAY_FEES: Final = {"maxPriorityFeePerGas": 1_000_000, "maxFeePerGas": 100_000_000}

# EIP-7918: a blob costs no less than 8,192 gas, and has 131,072 bytes.
BLOB_SHARE: Final = 16


@dataclass(frozen=True, slots=True)
class Posted:
    """Bytes of one signed transaction: as it is, and alone after FastLZ and after brotli."""

    raw: int
    fastlz: int
    brotli: int


def posted(call: Call, gas: int) -> Posted:
    """The sizes of a call, sent with that much gas."""
    signed = signed_transaction(call, gas)
    pressed = brotli.compress(signed, quality=_BROTLI)
    return Posted(len(signed), compressed_length(signed), len(pressed))


def signed_transaction(call: Call, gas: int) -> bytes:
    """The call as a transaction of type 2, in RLP."""
    fields = {"gas": gas, "to": call.to, "value": call.value, "data": call.data}
    fields |= _EVERYDAY | _EVERYDAY_FEES
    return bytes(Account.sign_transaction(fields, _KEY).raw_transaction)


@dataclass(frozen=True, slots=True)
class FeeLevels:
    """What is asked where."""

    base_fee: int = 1_000_000_000  # wei per gas on Ethereum
    blob_fee: int = 1_000_000_000 // BLOB_SHARE  # wei per gas of a blob, which is wei per byte
    l2_fee: int = 10_000_000  # wei per gas on the rollup
    base_scalar: int = 5_227  # of an OP stack chain, ppm: OP Mainnet's in 2026
    blob_scalar: int = 1_014_213  # likewise
    cents: int = 300_000  # of one ether


def _op_stack(size: Posted, fees: FeeLevels) -> int:
    length = max(_SMALLEST, _INTERCEPT + _SLOPE * size.fastlz)
    scaled = _UNITS * fees.base_scalar * fees.base_fee + fees.blob_scalar * fees.blob_fee
    return length * scaled // PPM**2


@dataclass(frozen=True, slots=True)
class FeeModel:
    """Where a round can be played; `data` is what bytes cost there, wei."""

    name: str
    is_rollup: bool
    data: Callable[[Posted, FeeLevels], int]

    def wei(self, gas: int, size: Posted, fees: FeeLevels) -> int:
        """What a transaction costs, wei."""
        return gas * (fees.l2_fee if self.is_rollup else fees.base_fee) + self.data(size, fees)


FEE_MODELS: Final = (
    FeeModel("Ethereum", False, lambda size, fees: 0),
    FeeModel("OP stack", True, _op_stack),
    # The price of a unit is near a sixteenth of the blob fee where blobs are posted.
    FeeModel("Arbitrum", True, lambda size, fees: size.brotli * fees.blob_fee),
    FeeModel("Arb., calldata", True, lambda size, fees: _UNITS * size.brotli * fees.base_fee),
)
"""Ethereum first."""
