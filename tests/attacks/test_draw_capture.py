"""A seed that does not suit is not captured, captured late, replaced, or the hash hidden.

Gain: another seed, a choice between two. Stopped by letting anyone capture as long as the chain
knows the hash, by replacing the block only once it cannot be had (Q3.4), whatever gas is sent
along, and by giving it once (Q3.1). **Not stopped**: where no keeper captures for 256 blocks, or
8,191 with EIP-2935, the next has the say; from its deadline on a draw is void.
"""

import pytest

from tests.world.chain import MOST_GAS, Refused
from tests.world.draws import SEED_DELAY, mix_of
from tests.world.world import refused


@pytest.fixture
def draw(pool, requester):
    draw = pool.draw(pool.open(requester))
    pool.chain.wait_until(pool.chain.now + 1)
    return draw


def test_what_can_be_captured_cannot_be_replaced(pool, draw, requester, stranger):
    header = pool.prove(draw.number)
    for blocks in (0, 1, 8_000):
        pool.chain.mine(blocks)
        with refused("rearm: can be captured"):
            pool.do(requester, "rearm", draw.number)
    pool.do(stranger, "capture", draw.number, header)


def test_too_little_gas_does_not_hide_the_hash(pool, draw, requester):
    """Else the contract of EIP-2935 runs out of it, and passes for one that knows no hash."""
    pool.prove(draw.number)
    data = pool.contract.abi.data("rearm", draw.number)
    for gas in (*range(21_000, 60_000, 250), 100_000, MOST_GAS):
        with pytest.raises(Refused):
            pool.chain.send(requester, pool.address, data, gas=gas)
    assert pool.drawn(draw.number) == draw


def test_a_false_header_is_not_taken(pool, draw, stranger):
    header = pool.prove(draw.number)
    for place in range(0, len(header), 29):
        forged = header[:place] + bytes([header[place] ^ 1]) + header[place + 1 :]
        with refused("capture: not the header"):
            pool.do(stranger, "capture", draw.number, forged)
    for other in (header[1:], header + b"\0", header[:448]):
        with refused("capture: not the header"):
            pool.do(stranger, "capture", draw.number, other)


def test_the_next_block_is_as_far_away_as_the_first(pool, draw, stranger):
    pool.chain.mine(SEED_DELAY + 257)
    assert pool.rearm(draw.number) == pool.chain.height + SEED_DELAY
    with refused("rearm: not yet"):
        pool.rearm(draw.number)
    with refused("capture: not yet"):
        pool.do(stranger, "capture", draw.number, b"")


def test_a_late_capture_makes_nobody_liable_and_admits_nobody_too_early(pool, draw, requester):
    """Who keeps the seed back until hardly any time is left gains no strikes."""
    pool.prove(draw.number)
    pool.chain.wait_until(draw.ends - 3 * 3_600 + 1)
    late = pool.capture(draw.number)
    assert late.opens(0) == pool.chain.now
    assert late.opens(8) > late.captured + (late.ends - late.captured) // 2
    unit = late.unit_at(late.rounds[0], 0)
    pool.chain.wait_until(late.reported_from())
    with refused("report: window too short"):
        pool.do(requester, "report", late.rounds[0], late.number, unit)


def test_after_the_first_deadline_there_is_no_seed(pool, draw, stranger):
    header = pool.prove(draw.number)
    pool.chain.wait_until(draw.ends)
    with refused("capture: too late"):
        pool.do(stranger, "capture", draw.number, header)


def test_a_second_capture_changes_nothing(pool, draw, stranger):
    captured = pool.capture(draw.number)
    pool.chain.wait_until(pool.chain.now + 100)
    for mix in (mix_of(draw.number), mix_of("other")):
        header = pool.prove(draw.number, mix=mix)
        with refused("draw: seed is captured"):
            pool.do(stranger, "capture", draw.number, header)
    assert pool.drawn(draw.number) == captured


def test_two_captures_in_the_second_of_the_draw_are_none(pool, requester, stranger):
    """Captured zero seconds after the draw would count as not captured, and could be repeated."""
    draw = pool.draw(pool.open(requester))
    header = pool.prove(draw.number)
    assert pool.chain.now == draw.frozen
    with refused("capture: not yet"):
        pool.do(stranger, "capture", draw.number, header)
