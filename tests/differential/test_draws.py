"""The draw on the chain and in Python: the same positions, ranks, times and refusals.

The shuffle is asked directly, in pools of any size; the rest in draws from pools with holes, late
members and several layers.
"""

import random
from collections.abc import Iterator

import pytest

from plumbline.seating.draw import Draw, PlannedDraw
from plumbline.seating.permutation import Permutation
from plumbline.seating.seed import mix_of, seed_of
from tests.build import compiled_contracts
from tests.world.chain import Chain, Contract
from tests.world.draws import DAY, HOUR, Drawing, Header, Pool
from tests.world.draws import mix_of as some_mix
from tests.world.people import person
from tests.world.world import World

REQUESTER = person("requester")


@pytest.fixture(scope="module")
def harness() -> Contract:
    return Chain(now=1).mock("DrawsHarness")


@pytest.mark.parametrize("n", [*range(1, 34), 63, 64, 65, 100, 255, 257])
def test_all_positions_of_small_pools_agree(harness: Contract, n: int) -> None:
    seed, layer = random.Random(n).getrandbits(128), n % 128
    positions = [harness.ask("position", n, seed, layer, unit) for unit in range(n)]
    assert positions == [Permutation(n, seed, layer).position(unit) for unit in range(n)]
    assert sorted(positions) == list(range(n))


def test_positions_of_large_pools_agree(harness: Contract) -> None:
    rng = random.Random(1)
    for _ in range(400):
        n = rng.randrange(1, 2 ** rng.randrange(1, 33))
        seed, layer, unit = rng.getrandbits(128), rng.randrange(128), rng.randrange(n)
        position = harness.ask("position", n, seed, layer, unit)
        assert position == Permutation(n, seed, layer).position(unit)


def test_the_largest_pool_and_seed_agree(harness: Contract) -> None:
    n = 2**32 - 1
    for unit in (0, 1, n // 2, n - 1):
        position = harness.ask("position", n, 2**128 - 1, 127, unit)
        assert position == Permutation(n, 2**128 - 1, 127).position(unit)


def test_ones_are_counted(harness: Contract) -> None:
    rng = random.Random(2)
    masks = [0, 1, 2**127, 2**128 - 1, *(1 << bit for bit in range(128))]
    masks += [rng.getrandbits(rng.randrange(1, 129)) for _ in range(200)]
    assert [harness.ask("ones", mask) for mask in masks] == [mask.bit_count() for mask in masks]


def test_mixes_are_read_alike(harness: Contract) -> None:
    rng = random.Random(3)
    for _ in range(200):
        extra = rng.randbytes(rng.randrange(56))
        header = Header(rng.getrandbits(rng.randrange(1, 64)), rng.randbytes(32), extra=extra)
        assert harness.ask("mix", header.encoded) == mix_of(header.encoded) == header.mix


@pytest.mark.parametrize("captured_after", [1, 20 * 60, 6 * HOUR, 24 * HOUR - 2, 24 * HOUR - 1])
@pytest.mark.parametrize(("seats", "standby"), [(3, 6), (8, 17), (20, 41), (255, 4_095)])
def test_ranks_open_at_the_same_second(
    harness: Contract, captured_after: int, seats: int, standby: int
) -> None:
    frozen, window = 1_800_000_000, 24 * HOUR
    draw = Draw(
        number=1,
        rounds=(1,),
        n=seats + standby,
        frozen=frozen,
        seed_block=1,
        window=window,
        seats=seats,
        layer=1,
        standby=standby,
        is_liable=True,
        captured=frozen + captured_after,
        seed=1,
    )
    ranks = [*range(0, seats + standby, max(1, standby // 50)), seats + standby - 1]
    for rank in (*ranks, seats + standby, seats + standby + 1):
        given = (frozen, captured_after, window, seats, standby, rank)
        assert harness.ask("opens", *given) == (draw.opens(rank) or 0)
    begin = draw.opens(0)
    assert begin is not None and draw.admitted_ranks(begin) >= seats
    assert draw.admitted_ranks(begin - 1) == 0
    assert draw.admitted_ranks(draw.ends) == seats + standby


@pytest.fixture(scope="module")
def _pool(request: pytest.FixtureRequest) -> Pool:
    built = compiled_contracts(request.config)
    world = World(built)
    world.fund([REQUESTER])
    pool = Pool(world, built)
    crowd = pool.crowd(90)
    for unit in range(0, 90, 7):
        pool.do(crowd[unit], "leave", unit)
    pool.chain.wait_until(pool.chain.now + 15 * DAY)
    for unit in range(0, 42, 7):
        pool.do(REQUESTER, "release", unit)
    for number in range(9):  # six fill holes, three are new
        pool.join(person(f"late {number}"))
    return pool


@pytest.fixture
def pool(_pool: Pool) -> Iterator[Pool]:
    """One of 93 numbers, some of them holes, some filled and not ripe yet."""
    with _pool.undone():
        yield _pool


@pytest.mark.parametrize(("rounds", "load"), [(1, 1), (4, 2), (5, 5)])
@pytest.mark.parametrize("days", [0, 2])
def test_everyone_is_admitted_or_refused_alike(
    pool: Pool, rounds: int, load: int, days: int
) -> None:
    pool.chain.wait_until(pool.chain.now + days * DAY)
    jobs = pool.open(REQUESTER, rounds, seats=7)
    draw = pool.draw(jobs, load)
    planned = PlannedDraw(draw.rounds, 7, load)
    state = pool.state()
    assert (draw.layer, draw.load <= load) == (planned.layer, True)
    assert draw.standby == planned.standby(state.ripe, state.holes)
    leaver = 1
    pool.chain.wait_until(pool.chain.now + 1)
    pool.do(str(pool.unit(leaver).owner), "leave", leaver)
    drawing = Drawing(pool, jobs, pool.capture(draw.number))
    seed = seed_of(some_mix(draw.number), pool.chain.id, pool.address, draw.number)
    assert drawing.draw.seed == seed
    captured = drawing.draw.captured
    assert captured is not None
    length = drawing.draw.ends - captured
    for share in (0, 54, 70, 95):
        pool.chain.wait_until(captured + length * share // 100)
        _compare(drawing)


def _compare(drawing: Drawing) -> None:
    pool, draw = drawing.pool, drawing.draw
    units = {number: pool.unit(number) for number in range(pool.state().units + 1)}
    for job in drawing.jobs:
        seen = []
        for number, unit in units.items():
            owner = unit.owner or "0x" + "0" * 40
            expected = draw.refusal(job.round_id, owner, number, unit, pool.chain.now)
            refusal = pool.refusal(job, owner, draw.evidence(number))
            assert refusal == (expected.reason, expected.until or 0), (number, unit)
            admitted = pool.admits(job, owner, draw.evidence(number))
            assert admitted == (expected.reason == 0)
            seen.append(expected.rank)
        ranks = [rank for rank in seen if rank is not None]
        assert len(ranks) == len(set(ranks))
