"""Lengths and prices on rollups, against the vectors that OP stack clients publish."""

import random

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from plumbline.chain.call import Call
from plumbline.lab.gas.fastlz import compressed_length
from plumbline.lab.gas.fees import FEE_MODELS, FeeLevels, Posted, posted, signed_transaction
from plumbline.protocol.addresses import checksum

ETHEREUM, OP_STACK, ARBITRUM, CALLDATA = FEE_MODELS

EMPTY_TX = bytes.fromhex("dd80808094095e7baea6a6c7c4c2dfeb977efac326af552d878080808080")
CONTRACT_CALL_TX = bytes.fromhex(
    "02f901550a758302df1483be21b88304743f94f80e51afb613d764fa61751affd3313c190a86bb870151bd62fd12"
    "adb8e41ef24f3f000000000000000000000000000000000000000000000000000000000000006e00000000000000"
    "0000000000af88d065e77c8cc2239327c5edb3a432268e5831000000000000000000000000000000000000000000"
    "000000000000000003c1e50000000000000000000000000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000000000000000a0000000000000000000000000000000000000000000"
    "00000000000000000000148c89ed219d02f1a5be012c689b4f5b731827bebe000000000000000000000000c001a0"
    "33fd89cb37c31b2cba46b6466e040c61fc9b2a3675a7f5f493ebd5ad77c497f8a07cdf65680e238392693019b409"
    "2f610222e71b7cec06449cb922b93b6a12744e"
)


@pytest.mark.parametrize(
    ("data", "length"),
    [
        (b"", 0),
        (b"\x01" * 1_000, 21),
        (bytes(1_000), 21),
        (EMPTY_TX, 31),
        (CONTRACT_CALL_TX, 202),
    ],
)
def test_fastlz_is_as_long_as_published(data: bytes, length: int) -> None:
    assert compressed_length(data) == length


@given(st.binary(max_size=400))
def test_fastlz_never_adds_more_than_a_byte_for_32(data: bytes) -> None:
    assert compressed_length(data) <= len(data) + -(-len(data) // 32)


def test_fastlz_finds_what_came_before_within_8_kilobytes_only() -> None:
    dice = random.Random(1)
    block, between = dice.randbytes(500), dice.randbytes(7_600)
    alone = compressed_length(block + between)
    assert compressed_length(block + between + block) < alone + 100
    far = compressed_length(block + between + between[:100] + block)
    assert far > alone + 500


@pytest.mark.parametrize(
    ("fastlz", "base_fee", "blob_fee", "scalars", "wei"),
    [
        (31, 1_000_000_000, 10_000_000, (2, 3), 3_203_000),  # below 100 bytes: taken for 100
        (235, 2_000_000, 3_000_000, (20, 15), 105_484),
    ],
)
def test_the_op_stack_charges_as_published(
    fastlz: int, base_fee: int, blob_fee: int, scalars: tuple[int, int], wei: int
) -> None:
    fees = FeeLevels(base_fee, blob_fee, 7, *scalars)
    size = Posted(0, fastlz, 0)
    assert OP_STACK.data(size, fees) == wei
    assert OP_STACK.wei(1_000, size, fees) == 7_000 + wei


def test_arbitrum_charges_16_units_a_byte() -> None:
    fees = FeeLevels(base_fee=50, blob_fee=3, l2_fee=2)
    size = Posted(0, 0, 200)
    assert ARBITRUM.wei(1_000, size, fees) == 2_000 + 200 * 3
    assert CALLDATA.wei(1_000, size, fees) == 2_000 + 200 * 16 * 50
    assert ETHEREUM.wei(1_000, size, fees) == 50_000


def test_what_is_posted_is_the_signed_transaction() -> None:
    call = Call(checksum("0x" + "12" * 20), bytes(500), 3, "A call.")
    signed = signed_transaction(call, 90_000)
    assert Account.recover_transaction(signed) == Account.from_key(bytes(31) + b"\x01").address
    assert call.data in signed
    sizes = posted(call, 90_000)
    assert sizes.raw == len(signed)
    assert sizes.fastlz == compressed_length(signed)
    assert 0 < sizes.brotli < 200
