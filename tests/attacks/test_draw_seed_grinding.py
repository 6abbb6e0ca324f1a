"""A seed is ground: out of block hashes, extra data, a chain without a beacon, or one's own mix.

Gain: ranks of one's choice. A builder tries as many block hashes as it likes, so the seed is the
mix that proposers commit to one after the other, of a block that is 96 later (Q2.6, Q3.1), read
from nowhere else in its header (Q3.3). **Not stopped**: the proposer of that block gives it up, and
takes the next mix.
"""

import pytest
import rlp
from eth_utils.crypto import keccak

from plumbline.seating.events import Captured
from plumbline.seating.seed import seed_of
from tests.world.chain import Refused
from tests.world.draws import SEED_DELAY, Header, mix_of
from tests.world.world import refused


@pytest.fixture
def draw(pool, requester):
    draw = pool.draw(pool.open(requester))
    pool.chain.wait_until(pool.chain.now + 1)
    return draw


def test_another_block_hash_with_the_same_mix_is_the_same_seed(pool, draw, stranger):
    seeds = set()
    for extra in range(20):
        with pool.undone():
            header = pool.prove(draw.number, extra=bytes([extra]))
            (captured,) = pool.do(stranger, "capture", draw.number, header)
            assert isinstance(captured, Captured)
            seeds.add(captured.seed)
    assert seeds == {seed_of(mix_of(draw.number), pool.chain.id, pool.address, draw.number)}


def test_a_mix_cannot_be_hidden_in_extra_data(pool, draw, stranger):
    """The bytes of a mix, with all that comes before one, where a short-sighted reader looks."""
    wanted = b"\xa0" + mix_of("wanted")
    for size in (56, 57, 60, 100, 255, 256, 300):
        for start in range(min(size, 64) - 33):
            extra = bytes(start) + wanted + bytes(max(0, size - start - 33))
            if len(extra) < 56:
                continue
            with pool.undone():
                header = pool.prove(draw.number, extra=extra)
                with refused("capture: chain has no beacon"):
                    pool.do(stranger, "capture", draw.number, header)


def test_a_mix_is_not_taken_from_a_longer_or_shorter_field(pool, draw, stranger):
    for mix in (mix_of(1) + b"\1", mix_of(1)[:31], mix_of(1)[:1], b"", b"\x7f"):
        with pool.undone():
            header = pool.prove(draw.number, mix=mix)
            with refused("capture: chain has no beacon"):
                pool.do(stranger, "capture", draw.number, header)


@pytest.mark.parametrize("constant", [0, 1, 2_500_000_000_000_000, 2**128 - 1])
def test_a_constant_is_no_mix(pool, draw, stranger, constant):
    header = pool.prove(draw.number, mix=constant.to_bytes(32))
    with refused("capture: chain has no beacon"):
        pool.do(stranger, "capture", draw.number, header)


@pytest.mark.parametrize("difficulty", [1, 2, 2**50])
def test_the_work_of_a_miner_is_no_mix(pool, draw, stranger, difficulty):
    """Nor what rollups keep in its place: their difficulty is not 0."""
    header = pool.prove(draw.number, difficulty=difficulty)
    with refused("capture: chain has no beacon"):
        pool.do(stranger, "capture", draw.number, header)


def test_a_header_that_is_no_list_of_that_length_is_refused(pool, draw, stranger):
    """Its hash cannot be had for a block, but were it, nothing would be read beyond its end."""
    for bytes_ in (b"", b"\x80", bytes(448), bytes(449), rlp.encode([bytes(32)] * 3)):
        with pool.undone():
            pool.prove(draw.number)
            pool.remember(draw.seed_block, keccak(bytes_))
            with pytest.raises(Refused):
                pool.do(stranger, "capture", draw.number, bytes_)


def test_the_seed_block_is_still_to_come_and_nobodys_choice(pool, requester):
    for _ in range(3):
        draw = pool.draw(pool.open(requester))
        assert draw.seed_block == pool.chain.height + SEED_DELAY
        pool.chain.mine(7)


def test_the_same_mix_is_another_seed_in_another_draw(pool, requester):
    first, second = (pool.draw(pool.open(requester)) for _ in range(2))
    assert first.seed_block == second.seed_block
    header = Header(first.seed_block, mix_of("same"))
    one = pool.capture(first.number, header=header)
    other = pool.capture(second.number, header=header)
    assert one.seed != other.seed
