"""What a transaction costs on Ethereum and on rollups, at fees that are given.

    Ethereum    gas * base fee
    OP stack    gas * L2 fee + size * (16 * base scalar * base fee + blob scalar * blob fee)
                size = max(100, 0.8365 * FastLZ - 42.5856) bytes, scalars in ppm
    Arbitrum    gas * L2 fee + 16 * brotli bytes * L1 price

The second is the formula of the OP stack's Fjord upgrade ("L1-Cost fee changes (FastLZ
estimator)" in its execution engine's specification), in force since. The third is Arbitrum
Nitro's: a byte after brotli is 16 units, and the chain sets the price of a unit so that it
earns what its batches cost. For a chain that posts to blobs that price is near a sixteenth of the
blob fee, for one that posts calldata it is the base fee: both are worked out here.

On every chain priority fees come on top, and margins that an operator asks for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from plumbline.lab.gas.posted import Posted
from plumbline.settlement.terms import PPM

_INTERCEPT: Final = -42_585_600  # of the size, ppm of a byte
_SLOPE: Final = 836_500  # of the size, ppm for each byte after FastLZ
_SMALLEST: Final = 100 * PPM  # of the size, ppm of a byte
_UNITS: Final = 16  # of a byte that is posted: its gas as calldata, EIP-2028

# EIP-7918: a blob costs no less than 8,192 gas, and has 131,072 bytes.
BLOB_SHARE: Final = 16


@dataclass(frozen=True, slots=True)
class Fees:
    """What is asked where.

    base_fee      wei per gas on Ethereum
    blob_fee      wei per gas of a blob, which is wei per byte
    l2_fee        wei per gas on the rollup
    base_scalar   of the OP stack chain, ppm; likewise blob_scalar
    cents         of one ether
    """

    base_fee: int = 1_000_000_000
    blob_fee: int = 1_000_000_000 // BLOB_SHARE
    l2_fee: int = 10_000_000
    base_scalar: int = 5_227  # OP Mainnet, 2026
    blob_scalar: int = 1_014_213
    cents: int = 300_000


def no_data(posted: Posted, fees: Fees) -> int:
    """Nothing beyond the gas."""
    return 0


def op_stack_data(posted: Posted, fees: Fees) -> int:
    """Wei for the bytes, on a rollup of the OP stack."""
    size = max(_SMALLEST, _INTERCEPT + _SLOPE * posted.fastlz)
    scaled = _UNITS * fees.base_scalar * fees.base_fee + fees.blob_scalar * fees.blob_fee
    return size * scaled // PPM**2


def arbitrum_data(posted: Posted, fees: Fees) -> int:
    """Wei for the bytes, on Arbitrum if it posts to blobs."""
    return posted.brotli * fees.blob_fee


def arbitrum_calldata(posted: Posted, fees: Fees) -> int:
    """Wei for the bytes, on a chain like Arbitrum that posts calldata."""
    return _UNITS * posted.brotli * fees.base_fee


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a round can be played; `data` is what bytes cost there, wei."""

    name: str
    is_rollup: bool
    data: Callable[[Posted, Fees], int]

    def wei(self, gas: int, posted: Posted, fees: Fees) -> int:
        """What a transaction costs, wei."""
        return gas * (fees.l2_fee if self.is_rollup else fees.base_fee) + self.data(posted, fees)


CHAINS: Final = (
    Chain("Ethereum", False, no_data),
    Chain("OP stack", True, op_stack_data),
    Chain("Arbitrum", True, arbitrum_data),
    Chain("Arb., calldata", True, arbitrum_calldata),
)
"""Ethereum first."""
