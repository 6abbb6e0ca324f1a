"""SeatDraw, step by step: what each call does, and what it refuses."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from eth_utils.crypto import keccak

from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import commitment
from plumbline.seating.draw import MAX_WINDOW, MIN_WINDOW, RefusalReason, fee
from plumbline.seating.events import (
    Captured,
    CreditWithdrawn,
    Drawn,
    Joined,
    Left,
    PoolSwept,
    Rearmed,
    Struck,
    UnitReleased,
)
from plumbline.seating.seed import seed_of
from tests.build import Compiled, compiled_contracts
from tests.world.chain import Refused
from tests.world.draws import BOND, DAY, HOUR, SEED_DELAY, Drawing, Header, Pool, mix_of
from tests.world.jobs import RULES
from tests.world.people import person
from tests.world.world import World, refused

REQUESTER, STRANGER, OWNER = person("requester"), person("stranger"), person("owner")

# Where the pool keeps its state, and its units.
_STATE_SLOT, _UNITS_SLOT = 2, 3


@pytest.fixture(scope="module")
def built(request: pytest.FixtureRequest) -> Compiled:
    return compiled_contracts(request.config)


@pytest.fixture(scope="module", params=[None, "Token"], ids=["ether", "token"])
def _empty(request: pytest.FixtureRequest, built: Compiled) -> Pool:
    world = World(built, request.param)
    world.fund([REQUESTER, STRANGER])
    return Pool(world, built)


@pytest.fixture
def empty(_empty: Pool) -> Iterator[Pool]:
    """A pool without members; its books are right however a test ends."""
    with _empty.undone():
        yield _empty
        _empty.check_books()
        _empty.world.check_books()


@pytest.fixture
def pool(empty: Pool) -> Pool:
    """One of 30 members with a unit each, who are ripe."""
    empty.crowd(30)
    return empty


@pytest.fixture
def drawing(pool: Pool) -> Drawing:
    """A round of 8 seats that is drawn."""
    return pool.drawing(REQUESTER)


# ---------------------------------------------------------------------- deployment


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (0, STRANGER, "deploy: label rounds has no code"),
        (1, STRANGER, "deploy: gate has no code"),
        (2, 9, "deploy: bond too small to strike"),
        (4, 0, "deploy: no price"),
        (5, 0, "deploy: seed delay not in 1..65536"),
        (5, 2**16 + 1, "deploy: seed delay not in 1..65536"),
    ],
)
def test_terms_that_cannot_work_are_refused(
    empty: Pool, built: Compiled, place: int, value: Any, reason: str
) -> None:  # Q1.9
    terms = [empty.world.address, ZERO, 10, 0, 1, 2**16]
    empty.chain.deploy(built["SeatDraw"], *terms)
    terms[place] = value
    with refused(reason):
        empty.chain.deploy(built["SeatDraw"], *terms)


@pytest.mark.parametrize("randao", [0, 1, 2_500_000_000_000_000, 2**128 - 1])
def test_a_chain_without_a_beacon_is_refused(
    empty: Pool, built: Compiled, randao: int
) -> None:  # Q1.9
    terms = [empty.world.address, ZERO, 10, 0, 1, 1]
    with empty.chain.without_beacon(randao), refused("deploy: chain has no beacon"):
        empty.chain.deploy(built["SeatDraw"], *terms)
    with empty.chain.without_beacon(2**128):
        empty.chain.deploy(built["SeatDraw"], *terms)


def test_terms_can_be_read(empty: Pool) -> None:
    asked = ("LABEL_ROUNDS", "gate", "bond", "MOST_STAKE", "LEAST_PRICE", "SEED_DELAY")
    terms = [empty.contract.ask(name) for name in asked]
    assert terms == [empty.world.address.lower(), ZERO, BOND, 10**18, 1, SEED_DELAY]


# ------------------------------------------------------------------------- joining


def test_numbers_are_given_out_in_order(empty: Pool) -> None:  # Q1.1
    assert [empty.join(OWNER), empty.join(STRANGER), empty.join(OWNER)] == [0, 1, 2]
    unit = empty.unit(2)
    assert (unit.owner, unit.joined, unit.left, unit.strikes) == (
        OWNER,
        empty.chain.now // DAY,
        None,
        0,
    )
    assert empty.held() == 3 * BOND
    assert isinstance(empty.events[-1], Joined)
    assert (empty.events[-1].payer, empty.events[-1].epoch) == (OWNER, unit.joined)


def test_a_pool_is_full_when_its_word_is(empty: Pool) -> None:  # Q1.1
    with empty.undone():
        _write_state(empty, units=2**32 - 2, ripe=0)
        assert empty.join(OWNER) == 2**32 - 2
        assert empty.state().units == 2**32 - 1
        with refused("join: pool is full"):
            empty.join(OWNER)
    with empty.undone():
        _write_state(empty, units=1, ripe=1, filled=2**24 - 2, freed=1)
        assert empty.join(OWNER) == 0
        _write_state(empty, units=1, ripe=1, filled=2**24 - 1, freed=1)
        with refused("join: pool is full"):
            empty.join(OWNER)


def test_a_unit_for_somebody_else_is_theirs(empty: Pool) -> None:  # Q1.1
    (joined,) = empty.do(STRANGER, "join_for", OWNER, pays=BOND)
    assert isinstance(joined, Joined)
    assert (joined.owner, joined.payer, joined.unit) == (OWNER, STRANGER, 0)
    assert empty.unit(0).owner == OWNER
    with refused("join: no owner"):
        empty.do(STRANGER, "join_for", ZERO, pays=BOND)


@pytest.mark.parametrize("pays", [0, BOND - 1, BOND + 1])
def test_the_bond_is_what_is_paid(empty: Pool, pays: int) -> None:  # Q1.3
    if empty.world.token is not None and pays > BOND:
        empty.do(OWNER, "join", [], pays=pays)
        assert empty.held() == BOND
        return
    with pytest.raises(Refused) as error:
        empty.do(OWNER, "join", [], pays=pays)
    if empty.world.token is None:
        assert error.value.reason == "deposit: value is not the amount"


def test_no_ether_comes_into_a_pool_of_a_token(empty: Pool) -> None:
    if empty.world.token is None:
        pytest.skip("of ether")
    empty.chain.give(OWNER, BOND)
    for call in (("join", []), ("join_for", OWNER)):
        with refused("deposit: this deployment takes no ether"):
            empty.contract.send(OWNER, *call, value=BOND)


def test_a_gate_is_asked_about_whoever_joins(empty: Pool, built: Compiled) -> None:  # Q1.2
    policy = empty.chain.mock("Policy")
    gated = Pool(empty.world, built, gate=policy.address)
    for evidence in ([], [b"\x01" * 32]):
        with refused("join: not admitted"):
            gated.join(OWNER, evidence)
    policy.send(STRANGER, "admit", 0, OWNER)
    gated.join(OWNER)
    policy.send(STRANGER, "ask_for", b"\x02" * 32)
    with refused("join: not admitted"):
        gated.join(OWNER, [b"\x01" * 32])
    assert gated.join(OWNER, [b"\x02" * 32]) == 1
    with refused("join: gate asks for the owner"):
        gated.do(OWNER, "join_for", OWNER, pays=BOND)
    policy.send(STRANGER, "fail_for", OWNER)
    gated.ripen()
    gated.do(OWNER, "leave", 0)
    gated.check_books()


@pytest.mark.parametrize("epochs", [0, 1, 2, 3])
def test_a_unit_is_ripe_two_epochs_after_it_joined(empty: Pool, epochs: int) -> None:  # Q1.4
    empty.chain.wait_until(empty.chain.now + DAY - 1)  # the last second of an epoch
    empty.join(OWNER)
    empty.chain.wait_until(empty.chain.now + 1 + (epochs - 1) * DAY if epochs else empty.chain.now)
    assert empty.state().ripe == (epochs >= 2)
    if epochs < 2:
        with refused("leave: too young"):
            empty.do(OWNER, "leave", 0)
    else:
        empty.do(OWNER, "leave", 0)


# ------------------------------------------------------------- leaving, and money out


def test_only_the_owner_leaves_and_only_once(pool: Pool) -> None:  # Q1.5
    owner = pool.unit(3).owner
    assert owner is not None
    for unit in (3, 30, 2**200):
        with refused("leave: not yours"):
            pool.do(STRANGER, "leave", unit)
    (left,) = pool.do(owner, "leave", 3)
    assert isinstance(left, Left) and not left.expelled
    assert (left.owner, left.unit, pool.unit(3).left) == (owner, 3, pool.chain.now)
    with refused("leave: left already"):
        pool.do(owner, "leave", 3)
    assert pool.state().holes == 1


def test_a_bond_comes_back_after_the_longest_window(pool: Pool) -> None:  # Q1.6, Q1.7
    owner = pool.unit(3).owner
    assert owner is not None
    for unit, reason in ((3, "still a member"), (30, "no such unit"), (2**255, "no such unit")):
        with refused(f"release: {reason}"):
            pool.do(STRANGER, "release", unit)
    pool.do(owner, "leave", 3)
    pool.chain.wait_until(pool.chain.now + MAX_WINDOW)
    with refused("release: too early"):
        pool.do(STRANGER, "release", 3)
    with refused("withdraw: nothing"):
        pool.do(owner, "withdraw", owner)
    pool.chain.wait_until(pool.chain.now + 1)
    (released,) = pool.do(STRANGER, "release", 3)
    assert isinstance(released, UnitReleased)
    assert (released.owner, released.credit, released.lost) == (owner, BOND, 0)
    assert pool.contract.ask("credit", owner) == BOND
    with refused("release: no such unit"):
        pool.do(STRANGER, "release", 3)
    with refused("withdraw: no receiver"):
        pool.do(owner, "withdraw", ZERO)
    receiver = person("receiver")
    (paid,) = pool.do(owner, "withdraw", receiver)
    assert isinstance(paid, CreditWithdrawn)
    assert (paid.owner, paid.receiver, paid.amount) == (owner, receiver, BOND)
    assert _holds(pool, receiver) == BOND
    with refused("withdraw: nothing"):
        pool.do(owner, "withdraw", owner)


def _holds(pool: Pool, owner: str) -> int:
    token = pool.world.token
    return pool.chain.balance(owner) if token is None else int(token.ask("balanceOf", owner))


def test_numbers_that_were_freed_are_given_out_first(pool: Pool) -> None:  # Q1.1
    owners = {unit: pool.unit(unit).owner for unit in (2, 5, 7)}
    for unit, owner in owners.items():
        pool.do(str(owner), "leave", unit)
    pool.chain.wait_until(pool.chain.now + MAX_WINDOW + 1)
    for unit in owners:
        pool.do(STRANGER, "release", unit)
    assert [pool.join(OWNER) for _ in range(5)] == [7, 5, 2, 30, 31]
    assert pool.unit(7).joined == pool.chain.now // DAY


def test_a_hole_is_filled_once_its_unit_is_ripe(pool: Pool) -> None:  # Q2.3
    for unit in range(4):
        pool.do(str(pool.unit(unit).owner), "leave", unit)
    pool.chain.wait_until((pool.chain.now + MAX_WINDOW) // DAY * DAY + DAY)
    for unit in range(4):
        pool.do(STRANGER, "release", unit)
    pool.join(OWNER)
    pool.chain.wait_until(pool.chain.now + DAY)
    pool.join(OWNER)
    held = []
    for _ in range(4):
        state = pool.state()
        held.append((state.ripe, state.holes))
        pool.chain.wait_until(pool.chain.now + DAY)
    assert held == [(30, 4), (30, 3), (30, 2), (30, 2)]


@pytest.mark.parametrize("idle", [1, 2, 5])
def test_holes_are_told_after_days_without_a_call(pool: Pool, idle: int) -> None:  # Q2.3
    for unit in range(2):
        pool.do(str(pool.unit(unit).owner), "leave", unit)
    pool.chain.wait_until((pool.chain.now + MAX_WINDOW) // DAY * DAY + DAY)
    for unit in range(2):
        pool.do(STRANGER, "release", unit)
    pool.join(OWNER)
    pool.chain.wait_until(pool.chain.now + idle * DAY)
    assert pool.state().holes == (2 if idle < 2 else 1)


def test_the_sink_collects_once(pool: Pool) -> None:  # Q1.7
    with refused("sweep: nothing"):
        pool.do(STRANGER, "sweep")
    pool.draw(pool.open(REQUESTER))
    owed = fee(RULES.price * RULES.seats)
    before = _holds(pool, pool.world.sink)
    (swept,) = pool.do(STRANGER, "sweep")
    assert isinstance(swept, PoolSwept) and swept.amount == owed
    assert _holds(pool, pool.world.sink) - before == owed
    with refused("sweep: nothing"):
        pool.do(STRANGER, "sweep")


# ------------------------------------------------------------------------- drawing


def test_a_draw_is_what_was_agreed(pool: Pool) -> None:  # Q2.1, Q2.3, Q2.4, Q2.5, Q2.6, Q2.7
    pool.do(str(pool.unit(0).owner), "leave", 0)
    jobs = [*pool.open(REQUESTER), *pool.open(REQUESTER, lasting=HOUR * 7)]
    height, now = pool.chain.height, pool.chain.now
    draw = pool.draw(jobs, load=2)
    assert (draw.number, draw.rounds) == (1, tuple(job.round_id for job in jobs))
    assert (draw.n, draw.seats, draw.layer, draw.load) == (30, 8, 1, 2)
    assert draw.standby == 16 * 30 // 29
    assert (draw.frozen, draw.window, draw.seed_block) == (now, HOUR * 7, height + SEED_DELAY)
    assert draw.is_liable and draw.captured is None and draw.seed is None
    assert pool.drawn(1) == draw
    assert pool.held() == 30 * BOND + fee(2 * RULES.price * RULES.seats)
    assert [pool.contract.ask("is_drawn", job.round_id) for job in jobs] == [True, True]
    assert not pool.contract.ask("is_drawn", jobs[1].round_id + 1)
    assert pool.draw(pool.open(REQUESTER)).number == 2


@pytest.mark.parametrize("mask", [0, 2, 2**128, 2**128 + 1, 2**255 + 1])
def test_a_mask_names_the_first_round_and_none_beyond_its_span(
    pool: Pool, mask: int
) -> None:  # Q2.1
    (job,) = pool.open(REQUESTER)
    with refused("draw: not a mask of rounds"):
        pool.do(REQUESTER, "draw", job.round_id, mask, 1)


def _change(**changes: Any) -> Callable[[Pool], tuple[Any, ...]]:
    return lambda pool: (REQUESTER, pool.open(REQUESTER, **changes))


@pytest.mark.parametrize(
    ("opened", "reason"),
    [
        (lambda pool: (STRANGER, pool.open(REQUESTER)), "not your round"),
        (_change(admission=ZERO), "round is open to all"),
        (
            lambda pool: (REQUESTER, [*pool.open(REQUESTER), *pool.open(REQUESTER, seats=9)]),
            "seats differ",
        ),
        (_change(stake=10**18 + 1), "stake too high"),
        (_change(lasting=MIN_WINDOW - 1), "deadline too near"),
        (_change(lasting=MAX_WINDOW + 1), "deadline too far"),
    ],
)
def test_rounds_that_do_not_suit_are_refused(
    pool: Pool, opened: Callable[[Pool], tuple[Any, ...]], reason: str
) -> None:  # Q2.2
    sender, jobs = opened(pool)
    with refused(f"draw: {reason}"):
        pool.draw(jobs, sender=sender)


@pytest.mark.parametrize(
    "changes", [{"stake": 10**18}, {"lasting": MIN_WINDOW}, {"lasting": MAX_WINDOW}]
)
def test_rounds_on_the_edge_suit(pool: Pool, changes: dict[str, int]) -> None:  # Q2.2
    assert pool.draw(pool.open(REQUESTER, **changes)).number == 1


def test_the_price_is_that_of_the_tasks(empty: Pool, built: Compiled) -> None:  # Q2.2
    per_task = RULES.price // RULES.tasks
    dear = Pool(empty.world, built, least_price=per_task)
    dear.crowd(24)
    dear.draw(dear.open(REQUESTER, price=per_task * RULES.tasks))
    with refused("draw: price too low"):
        dear.draw(dear.open(REQUESTER, price=per_task * RULES.tasks - 1))


def test_a_round_with_a_seat_taken_is_refused(pool: Pool) -> None:  # Q2.2
    policy = pool.chain.mock("Policy")
    (job,) = pool.open(REQUESTER, admission=policy.address)
    policy.send(STRANGER, "admit", job.round_id, STRANGER)
    given = (job.round_id, b"\x07" * 32, job.rules.stake)
    pool.world.do(STRANGER, pool.world.calls.commit(*given))
    with refused("draw: seats are taken"):
        pool.draw([job])


def test_no_round_is_drawn_twice(pool: Pool) -> None:  # Q2.2
    jobs = pool.open(REQUESTER, 4)
    pool.draw(jobs[1:3], load=2)
    for again in (jobs[1:2], jobs[2:3], jobs[:2], jobs[2:], jobs):
        with refused("draw: drawn already"):
            pool.draw(again, load=len(again))
    assert pool.draw([jobs[0], jobs[3]], load=2).rounds == (jobs[0].round_id, jobs[3].round_id)


def test_rounds_are_marked_across_the_words_of_the_marks(pool: Pool) -> None:  # Q2.2
    cheap = {"price": 36, "stake": 10**6}
    while pool.world.views.round_count() < 254:
        pool.world.open(REQUESTER, commit=pool.chain.now + DAY, **cheap)
    jobs = pool.open(REQUESTER, 4, **cheap)
    assert [job.round_id for job in jobs] == [255, 256, 257, 258]
    with pool.undone():
        pool.draw(jobs[1:2])
        with refused("draw: drawn already"):
            pool.draw(jobs[:2], load=2)
    with pool.undone():
        pool.draw(jobs[:2], load=2)
        with refused("draw: drawn already"):
            pool.draw(jobs[1:2])
    pool.draw(jobs[:1])
    with refused("draw: drawn already"):
        pool.draw(jobs[:2], load=2)
    pool.draw(jobs[1:3], load=2)
    with refused("draw: drawn already"):
        pool.draw([jobs[0], jobs[3]], load=2)
    with refused("draw: drawn already"):
        pool.draw(jobs[2:], load=2)
    drawn = [pool.contract.ask("is_drawn", number) for number in range(253, 260)]
    assert drawn == [False, False, True, True, True, False, False]
    assert not pool.contract.ask("is_drawn", 255 + 256)


def test_a_draw_spans_128_numbers(pool: Pool) -> None:  # Q2.1
    first = pool.open(REQUESTER)
    for _ in range(126):
        pool.world.open(REQUESTER, commit=pool.chain.now + DAY, price=36, stake=10**6)
    last = pool.open(REQUESTER)
    assert last[0].round_id - first[0].round_id == 127
    draw = pool.capture(pool.draw([*first, *last], load=2).number)
    unit = draw.unit_at(last[0].round_id, 0)
    assert pool.admits(last[0], str(pool.unit(unit).owner), draw.evidence(unit))


def test_a_draw_takes_128_rounds(pool: Pool) -> None:  # Q2.1
    """As many as its mask has bits; the pool is large enough, for it may list each unit in all."""
    jobs = pool.open(REQUESTER, 128, seats=3)
    draw = pool.capture(pool.draw(jobs, load=128).number)
    assert draw.rounds == tuple(job.round_id for job in jobs)
    for job in (jobs[0], jobs[127]):
        unit = draw.unit_at(job.round_id, 0)
        assert pool.admits(job, str(pool.unit(unit).owner), draw.evidence(unit))


def test_a_seed_lets_nobody_into_the_round_after_the_last(pool: Pool) -> None:  # Q5.3
    """What is kept beside the mask of the rounds is the seed, whatever its bits are."""
    lowest = set()
    jobs = pool.open(REQUESTER, 136, seats=3)
    for job, beyond in zip(jobs[:8], jobs[128:], strict=True):
        draw = pool.capture(pool.draw([job]).number)
        assert draw.seed is not None
        lowest.add(draw.seed & 1)
        for unit in range(pool.state().units):
            refusal = pool.refusal(beyond, str(pool.unit(unit).owner), draw.evidence(unit))
            assert refusal == (RefusalReason.OTHER_ROUNDS, 0)
    assert lowest == {0, 1}


@pytest.mark.parametrize(("load", "layer"), [(1, 5), (2, 3), (3, 2), (4, 2), (5, 1)])
def test_rounds_share_layers_as_the_load_allows(empty: Pool, load: int, layer: int) -> None:  # Q2.4
    empty.crowd(layer * 24)
    jobs = empty.open(REQUESTER, 5)
    for wrong in (0, 6, 2**255):
        with refused("draw: load not in 1..rounds"):
            empty.draw(jobs, load=wrong)
    assert empty.draw(jobs, load).layer == layer


def test_a_pool_is_large_enough_at_three_times_the_seats_of_a_layer(empty: Pool) -> None:  # Q2.4
    jobs = empty.open(REQUESTER, lasting=6 * DAY)
    with refused("draw: pool too small"):
        empty.draw(jobs)
    empty.crowd(23)
    with refused("draw: pool too small"):
        empty.draw(jobs)
    empty.join(OWNER)
    empty.join(OWNER)
    empty.ripen()
    empty.do(OWNER, "leave", 23)
    with empty.undone():
        empty.do(OWNER, "leave", 24)
        with refused("draw: pool too small"):
            empty.draw(jobs)
    assert empty.draw(jobs).standby == 16


def test_the_more_holes_the_more_stand_by_and_no_more_than_the_word_holds(
    empty: Pool,
) -> None:  # Q2.4
    """255 seats of 12,000 numbers, of which all but 900 are holes."""
    count, holes = 12_000, 11_100
    _write_state(empty, units=count, ripe=count, holes=holes)
    draw = empty.draw(empty.open(REQUESTER, seats=255, price=36))
    assert 2 * 255 * count // (count - holes) > 4_095
    assert draw.standby == 4_095


def _write_state(pool: Pool, units: int, ripe: int, holes: int = 0, **fields: int) -> None:
    """A pool of any size: its state word says so, as thousands of joins would."""
    state = pool.state()
    word = units + (ripe << 32) + (ripe << 64) + (holes << 96) + (fields.get("filled", 0) << 128)
    word += (state.epoch << 176) + (state.draws << 196) + (fields.get("freed", 0) << 224)
    pool.chain.store(pool.address, _STATE_SLOT, word)
    assert pool.state().units == units and pool.state().ripe == ripe


@pytest.mark.parametrize("pays", [-1, 1])
@pytest.mark.parametrize("price", [36 * 7 + 1, 36 * 25])
def test_the_fee_is_a_hundredth_rounded_up(pool: Pool, price: int, pays: int) -> None:  # Q2.5
    jobs = pool.open(REQUESTER, price=price)
    owed = fee(price * 8)
    assert owed * 100 >= price * 8 > (owed - 1) * 100
    given = ("draw", jobs[0].round_id, 1, 1)
    if pool.world.token is None:
        with refused("deposit: value is not the amount"):
            pool.do(REQUESTER, *given, pays=owed + pays)
    (drawn,) = pool.do(REQUESTER, *given, pays=owed)
    assert isinstance(drawn, Drawn) and drawn.fee == owed
    assert pool.contract.ask("sink_balance") == owed


# ---------------------------------------------------------------------------- seed


def test_the_seed_is_from_the_mix_of_the_seed_block(pool: Pool) -> None:  # Q3.1
    draw = pool.draw(pool.open(REQUESTER))
    header = pool.prove(draw.number)
    pool.chain.wait_until(pool.chain.now + 1)
    (captured,) = pool.do(STRANGER, "capture", draw.number, header)
    assert isinstance(captured, Captured)
    assert captured.mix == mix_of(draw.number)
    seed = seed_of(captured.mix, pool.chain.id, pool.address, draw.number)
    assert captured.seed == seed == pool.drawn(1).seed
    assert pool.drawn(1).captured == pool.chain.now
    with refused("draw: seed is captured"):
        pool.do(STRANGER, "capture", draw.number, header)
    with refused("draw: seed is captured"):
        pool.do(STRANGER, "rearm", draw.number)


@pytest.mark.parametrize("call", ["capture", "rearm"])
def test_a_draw_that_there_is_not_has_no_seed(pool: Pool, call: str) -> None:  # Q3.1
    for number in (0, 1, 2**128):
        with refused("draw: no such draw"):
            pool.do(STRANGER, call, number, *([b""] if call == "capture" else []))


def test_a_seed_waits_for_its_block_and_a_second(pool: Pool) -> None:  # Q3.1
    draw = pool.draw(pool.open(REQUESTER))
    header = Header(draw.seed_block, mix_of(1))
    pool.chain.mine(SEED_DELAY)
    pool.remember(draw.seed_block, header.hash)
    with pool.undone():  # in the seed block itself
        pool.chain.wait_until(pool.chain.now + 1)
        for call in (("capture", draw.number, header.encoded), ("rearm", draw.number)):
            with refused(f"{call[0]}: not yet"):
                pool.do(STRANGER, *call)
    pool.prove(draw.number, header)
    assert pool.chain.height > draw.seed_block and pool.chain.now == draw.frozen
    with refused("capture: not yet"):  # in the second of the draw
        pool.do(STRANGER, "capture", draw.number, header.encoded)
    pool.chain.wait_until(pool.chain.now + 1)
    pool.do(STRANGER, "capture", draw.number, header.encoded)


def test_a_seed_comes_too_late_at_the_first_deadline(pool: Pool) -> None:  # Q3.1
    jobs = [*pool.open(REQUESTER), *pool.open(REQUESTER, lasting=HOUR * 8)]
    draw = pool.draw(jobs, load=2)
    header = pool.prove(draw.number)
    pool.chain.wait_until(draw.ends - 1)
    with pool.undone():
        pool.do(STRANGER, "capture", draw.number, header)
    pool.chain.wait_until(draw.ends)
    with refused("capture: too late"):
        pool.do(STRANGER, "capture", draw.number, header)


def _hiding(size: int) -> bytes:
    """So much extra data in which a mix stands where it would be, were its length in its prefix."""
    return (bytes(55) + b"\xa0" + b"chosen by the proposer").ljust(size, b"\1")


@pytest.mark.parametrize(
    "fields",
    [
        {"difficulty": 1},
        {"difficulty": 2**64},
        {"extra": bytes(56)},
        {"extra": bytes(300)},
        *({"extra": _hiding(size)} for size in (88, 255, 256)),
        {"mix": (2**128 - 1).to_bytes(32)},
        {"mix": bytes(32)},
        {"mix": b"\xff" * 31},
        {"mix": b""},
    ],
)
def test_a_header_without_a_mix_is_no_seed(pool: Pool, fields: dict[str, Any]) -> None:  # Q3.3
    draw = pool.draw(pool.open(REQUESTER))
    header = pool.prove(draw.number, **fields)
    pool.chain.wait_until(pool.chain.now + 1)
    with refused("capture: chain has no beacon"):
        pool.do(STRANGER, "capture", draw.number, header)


@pytest.mark.parametrize("extra", [b"", b"\x00", b"\x7f", b"\x80", b"a" * 32, b"a" * 55])
@pytest.mark.parametrize("number", [1, 127, 128, 2**40 - 1])
def test_the_mix_is_found_whatever_comes_before_it(
    pool: Pool, extra: bytes, number: int
) -> None:  # Q3.1
    draw = pool.draw(pool.open(REQUESTER))
    header = Header(number, mix_of("found"), extra=extra)
    pool.prove(draw.number, header)
    pool.chain.wait_until(pool.chain.now + 1)
    (captured,) = pool.do(STRANGER, "capture", draw.number, header.encoded)
    assert isinstance(captured, Captured) and captured.mix == mix_of("found")


def test_only_the_header_of_the_seed_block_gives_the_seed(pool: Pool) -> None:  # Q3.2
    draw = pool.draw(pool.open(REQUESTER))
    header = pool.prove(draw.number)
    pool.chain.wait_until(pool.chain.now + 1)
    pool.remember(draw.seed_block - 1, Header(draw.seed_block - 1, mix_of("other")).hash)
    others = [b"", header[:-1], header + b"\0", header[:-1] + b"\1", bytes(1_024)]
    others.append(Header(draw.seed_block - 1, mix_of("other")).encoded)
    for other in others:
        with refused("capture: not the header"):
            pool.do(STRANGER, "capture", draw.number, other)
    with refused(""):  # no header is so long
        pool.do(STRANGER, "capture", draw.number, bytes(1_025))


def test_a_seed_block_whose_hash_is_gone_is_replaced(pool: Pool) -> None:  # Q3.2, Q3.4
    draw = pool.draw(pool.open(REQUESTER))
    header = Header(draw.seed_block, mix_of("missed"))
    pool.chain.wait_until(pool.chain.now + 1)
    pool.chain.mine(SEED_DELAY + 256)
    with refused("rearm: can be captured"):  # its hash is 256 blocks old
        pool.do(STRANGER, "rearm", draw.number)
    pool.chain.mine(1)
    with refused("capture: hash is gone, rearm"):
        pool.do(STRANGER, "capture", draw.number, header.encoded)
    with pool.undone():
        pool.remember(draw.seed_block, header.hash)
        with refused("rearm: can be captured"):
            pool.do(STRANGER, "rearm", draw.number)
        pool.do(STRANGER, "capture", draw.number, header.encoded)
    (rearmed,) = pool.do(STRANGER, "rearm", draw.number)
    assert isinstance(rearmed, Rearmed)
    assert rearmed.seed_block == pool.chain.height + SEED_DELAY == pool.drawn(1).seed_block
    assert pool.drawn(1).captured is None
    assert pool.capture(1).seed == seed_of(mix_of(1), pool.chain.id, pool.address, 1)


@pytest.mark.parametrize(
    "code",
    [
        *("", "5f5ffd", "fe", "5f5ff3", "60205ff3", "60405ff3", "601f5ff3"),
        "5f195f52601f5ff3",  # 31 bytes, none of which is zero
        "5f195f5260205ffd",  # 32 of them, but it reverts
    ],
)
def test_a_history_that_does_not_answer_a_hash_knows_none(
    built: Compiled, code: str
) -> None:  # Q3.2
    world = World(built)
    world.fund([REQUESTER])
    pool = Pool(world, built, history=code)
    pool.crowd(24)
    draw = pool.draw(pool.open(REQUESTER))
    pool.chain.wait_until(pool.chain.now + 1)
    pool.chain.mine(SEED_DELAY + 257)
    with refused("capture: hash is gone, rearm"):
        pool.do(STRANGER, "capture", draw.number, b"")
    pool.rearm(draw.number)


# ----------------------------------------------------------------------- admission


def test_the_drawn_are_admitted_at_once_and_others_in_their_turn(drawing: Drawing) -> None:  # Q5.2
    draw, pool = drawing.draw, drawing.pool
    assert drawing.refusal(drawing.unit_at(0), drawing.owner_at(0)) == (
        RefusalReason.ADMITTED,
        draw.captured,
    )
    assert all(
        pool.admits(drawing.job, drawing.owner_at(r), draw.evidence(drawing.unit_at(r)))
        for r in range(8)
    )
    for rank in (8, 9, 23):
        unit, owner, opens = drawing.unit_at(rank), drawing.owner_at(rank), draw.opens(rank)
        assert opens is not None
        pool.chain.wait_until(opens - 1)
        assert drawing.refusal(unit, owner) == (RefusalReason.STANDING_BY, opens)
        with refused("commit: not admitted"):
            drawing.take(owner, unit)
        pool.chain.wait_until(opens)
        assert drawing.refusal(unit, owner) == (RefusalReason.ADMITTED, opens)
    assert opens == draw.captured + (draw.ends - draw.captured) * 95 // 100
    beyond = drawing.unit_at(24)
    assert drawing.refusal(beyond, drawing.owner_at(24)) == (RefusalReason.TOO_FAR_BACK, 0)
    with refused("commit: not admitted"):
        drawing.take(drawing.owner_at(24), beyond)


def test_standby_ranks_are_let_in_at_the_second_that_is_worked_out(pool: Pool) -> None:  # Q5.2
    """Rounded up to whole seconds, whatever is left of them."""
    (job,) = pool.open(REQUESTER)
    number = pool.draw([job]).number
    header, rests = pool.prove(number), set()
    for delay in range(1, 5):
        with pool.undone():
            pool.chain.wait_until(pool.chain.now + delay)
            pool.do(STRANGER, "capture", number, header)
            draw = pool.drawn(number)
            length = draw.window - delay
            rise = length * 95 // 100 - length * 55 // 100
            for turn in range(1, draw.standby + 1):
                unit = draw.unit_at(job.round_id, draw.seats + turn - 1)
                owner = str(pool.unit(unit).owner)
                opens = pool.refusal(job, owner, draw.evidence(unit))[1]
                assert opens == draw.frozen + delay + length * 55 // 100 + -(
                    -turn * rise // draw.standby
                )
                rests.add(turn * rise % draw.standby)
    assert rests == set(range(draw.standby))


def test_a_seat_is_taken_with_a_unit_of_ones_own(drawing: Drawing) -> None:  # Q5.1
    unit = drawing.unit_at(0)
    for thief in (drawing.owner_at(1), STRANGER):
        assert drawing.refusal(unit, thief) == (RefusalReason.NOT_OWNER, 0)
        with refused("commit: not admitted"):
            drawing.take(thief, unit)
    assert drawing.sit(0) == drawing.owner_at(0)


def test_evidence_is_one_word_that_names_a_draw_and_a_unit(drawing: Drawing) -> None:  # Q5.1, Q5.3
    owner, unit = drawing.owner_at(0), drawing.unit_at(0)
    (word,) = drawing.draw.evidence(unit)
    no_draw = (unit + (2 << 128)).to_bytes(32)
    for evidence in ([], [word, word], [no_draw], [unit.to_bytes(32)]):
        expected = (RefusalReason.NO_DRAW, 0)
        assert drawing.pool.refusal(drawing.job, owner, evidence) == expected
        assert not drawing.pool.admits(drawing.job, owner, evidence)
    for absent in (30, 2**64, 2**128 - 1):
        for anybody in (owner, ZERO):
            expected = (RefusalReason.NOT_OWNER, 0)
            assert drawing.refusal(absent, anybody) == expected


def test_a_draw_is_for_its_rounds_only(pool: Pool) -> None:  # Q5.3
    before, first, between, last, after = pool.open(REQUESTER, 5)
    draw = pool.capture(pool.draw([first, last], load=2).number)
    drawing = Drawing(pool, [first, last], draw)
    unit = drawing.unit_at(0)
    owner = drawing.owner_at(0)
    assert drawing.refusal(unit, owner)[0] is RefusalReason.ADMITTED
    for other in (before, between, after):
        assert drawing.refusal(unit, owner, other) == (RefusalReason.OTHER_ROUNDS, 0)
        assert not pool.admits(other, owner, draw.evidence(unit))


def test_there_is_no_seat_before_the_seed(pool: Pool) -> None:  # Q5.3
    jobs = pool.open(REQUESTER)
    draw = pool.draw(jobs)
    owner = str(pool.unit(0).owner)
    assert pool.refusal(jobs[0], owner, draw.evidence(0)) == (RefusalReason.NO_SEED, 0)
    assert not pool.admits(jobs[0], owner, draw.evidence(0))


def test_a_unit_is_listed_in_one_round_of_a_layer(empty: Pool) -> None:  # Q4.2, Q4.3
    empty.crowd(53)
    drawing = empty.drawing(REQUESTER, count=4, load=2)
    assert (drawing.draw.layer, drawing.draw.length) == (2, 26)
    for unit in range(53):
        owner = str(empty.unit(unit).owner)
        reasons = [drawing.refusal(unit, owner, job)[0] for job in drawing.jobs]
        for layer in (reasons[:2], reasons[2:]):
            listed = [reason for reason in layer if reason is not RefusalReason.NOT_LISTED]
            assert len(listed) <= 1
    unlisted = [
        unit
        for unit in range(53)
        if all(drawing.draw.rank(job.round_id, unit) is None for job in drawing.jobs[:2])
    ]
    assert len(unlisted) == 1


def test_who_was_too_young_or_had_left_is_not_drawn(pool: Pool) -> None:  # Q5.3
    leaver = str(pool.unit(4).owner)
    pool.do(leaver, "leave", 4)
    pool.chain.wait_until(pool.chain.now + DAY)
    late = pool.join(OWNER)
    pool.chain.wait_until(pool.chain.now + DAY)
    drawing = pool.drawing(REQUESTER)
    assert drawing.refusal(late, OWNER) == (RefusalReason.TOO_YOUNG, 0)
    assert drawing.refusal(4, leaver) == (RefusalReason.HAD_LEFT, 0)
    assert not pool.admits(drawing.job, leaver, drawing.draw.evidence(4))
    assert not pool.admits(drawing.job, OWNER, drawing.draw.evidence(late))


def test_who_leaves_in_the_block_of_the_draw_is_not_in_it(pool: Pool) -> None:  # Q5.1
    jobs = pool.open(REQUESTER)
    draw = pool.draw(jobs)
    leaver = str(pool.unit(4).owner)
    pool.do(leaver, "leave", 4)
    draw = pool.capture(draw.number)
    assert pool.refusal(jobs[0], leaver, draw.evidence(4)) == (RefusalReason.HAD_LEFT, 0)


def test_who_leaves_after_the_draw_keeps_the_seat(drawing: Drawing) -> None:  # Q5.1
    owner = drawing.owner_at(2)
    drawing.pool.do(owner, "leave", drawing.unit_at(2))
    assert drawing.sit(2) == owner


def test_after_the_commit_phase_nobody_is_admitted(drawing: Drawing) -> None:  # Q5.3
    unit, owner = drawing.unit_at(0), drawing.owner_at(0)
    drawing.pool.chain.wait_until(drawing.job.deadlines.commit - 1)
    assert drawing.refusal(unit, owner)[0] is RefusalReason.ADMITTED
    drawing.pool.chain.wait_until(drawing.job.deadlines.commit)
    assert drawing.refusal(unit, owner) == (RefusalReason.NOT_COMMITTING, 0)
    with refused("round: commit phase is over"):
        drawing.take(owner, unit)


def test_a_round_that_there_is_not_takes_no_commitments(drawing: Drawing) -> None:  # Q5.3
    evidence = drawing.draw.evidence(0)
    for number in (0, 2**48, 2**256 - 1):
        asked = drawing.pool.contract.ask("refusal", number, STRANGER, list(evidence))
        assert asked == (RefusalReason.NOT_COMMITTING, 0)


# ------------------------------------------------------------------------- absence


@pytest.fixture
def absent(drawing: Drawing) -> Drawing:
    """Three of eight came, the window is half over, and rank 7 is absent."""
    for rank in range(3):
        drawing.sit(rank)
    drawing.wait_for_reports()
    return drawing


def test_absence_costs_a_tenth_of_the_bond(absent: Drawing) -> None:  # Q6.1, Q6.4, Q1.6
    pool, unit, owner = absent.pool, absent.unit_at(7), absent.owner_at(7)
    (struck,) = absent.report(7)
    assert isinstance(struck, Struck)
    assert (struck.unit, struck.owner, struck.strikes) == (unit, owner, 1)
    assert (struck.round_id, struck.draw_id) == (absent.job.round_id, absent.draw.number)
    assert struck.reporter == person("keeper")
    assert pool.unit(unit).strikes == 1 and pool.unit(unit).struck == pool.chain.now
    before = pool.contract.ask("sink_balance")
    pool.do(owner, "leave", unit)
    pool.chain.wait_until(pool.chain.now + MAX_WINDOW + 1)
    (released,) = pool.do(STRANGER, "release", unit)
    assert isinstance(released, UnitReleased)
    assert (released.lost, released.credit) == (BOND // 10, BOND - BOND // 10)
    assert pool.contract.ask("sink_balance") == before + BOND // 10


def test_a_single_wei_that_is_lost_is_the_sinks(empty: Pool, built: Compiled) -> None:  # Q1.7
    small = Pool(empty.world, built, bond=10)
    small.crowd(30)
    drawing = _strike(small, 11)
    small.do(STRANGER, "report", drawing.job.round_id, drawing.draw.number, 11)
    small.do(STRANGER, "sweep")  # the fee
    small.do(str(small.unit(11).owner), "leave", 11)
    small.chain.wait_until(small.chain.now + MAX_WINDOW + 1)
    small.do(STRANGER, "release", 11)
    (swept,) = small.do(STRANGER, "sweep")
    assert isinstance(swept, PoolSwept) and swept.amount == 1


def test_the_absent_may_still_come(absent: Drawing) -> None:
    absent.report(7)
    assert absent.sit(7) == absent.owner_at(7)


def test_nobody_is_reported_before_the_middle_of_the_window(drawing: Drawing) -> None:  # Q6.2
    for rank in range(3):
        drawing.sit(rank)
    drawing.pool.chain.wait_until(drawing.draw.reported_from() - 1)
    with refused("report: not yet"):
        drawing.report(7)
    drawing.pool.chain.wait_until(drawing.draw.reported_from())
    drawing.report(7)


def test_nobody_is_reported_after_the_commit_phase(absent: Drawing) -> None:  # Q6.2
    absent.pool.chain.wait_until(absent.job.deadlines.commit)
    with refused("report: commit phase is over"):
        absent.report(7)


def test_nobody_is_reported_once_the_seats_are_taken(absent: Drawing) -> None:  # Q6.2
    for rank in range(3, 7):
        absent.sit(rank)
    absent.wait_for(8)
    absent.sit(8)
    with refused("report: commit phase is over"):
        absent.report(7)


def test_only_the_drawn_are_reported(absent: Drawing) -> None:  # Q6.2
    number, pool = absent.draw.number, absent.pool
    absent.wait_for(23)
    for rank in (8, 23, 24):
        with refused("report: not drawn"):
            absent.report(rank)
    for unit in (30, 2**32, 2**160):
        with refused("report: not drawn"):
            pool.do(STRANGER, "report", absent.job.round_id, number, unit)
    unit = absent.unit_at(7)
    for round_id, draw_id in ((absent.job.round_id + 1, number), (absent.job.round_id, 2)):
        with refused("report: not drawn"):
            pool.do(STRANGER, "report", round_id, draw_id, unit)


def test_a_free_number_is_not_reported(pool: Pool) -> None:  # Q6.2
    """It would be struck for the zero address, which has no seat."""
    leaver = str(pool.unit(29).owner)
    pool.do(leaver, "leave", 29)
    pool.chain.wait_until(pool.chain.now + MAX_WINDOW + 1)
    pool.do(STRANGER, "release", 29)
    for seed in range(50):
        with pool.undone():
            jobs = pool.open(REQUESTER)
            draw = pool.capture(pool.draw(jobs).number, mix=mix_of(seed))
            drawing = Drawing(pool, jobs, draw)
            rank = draw.rank(jobs[0].round_id, 29)
            assert rank is not None
            if rank >= 8:
                continue
            for other in [r for r in range(8) if r != rank][:3]:
                drawing.sit(other)
            drawing.wait_for_reports()
            with refused("report: not drawn"):
                drawing.report(rank)
            return
    pytest.fail("number 29 was never drawn")


def test_who_has_a_seat_is_not_absent(absent: Drawing) -> None:  # Q6.2
    with refused("report: has a seat"):
        absent.report(0)


def test_who_leaked_has_had_a_seat(drawing: Drawing) -> None:  # Q6.2
    for rank in range(4):
        drawing.sit(rank)
    world, job = drawing.pool.world, drawing.job
    owner, unit = drawing.owner_at(4), drawing.unit_at(4)
    world.pay_in(person("bank"), owner, job.rules.stake)
    sheet, salt = (0, 0, 0, 0, 0), b"\x09" * 32
    made = commitment(world.deployed.domain, job.round_id, owner, sheet, salt)
    evidence = drawing.draw.evidence(unit)
    world.do(owner, world.calls.commit(job.round_id, made, job.rules.stake, b"", evidence))
    world.do(STRANGER, world.calls.report_leak(job.round_id, owner, sheet, salt))
    drawing.wait_for_reports()
    with refused("report: has a seat"):
        drawing.report(4)


def test_where_less_than_a_third_came_nobody_is_reported(drawing: Drawing) -> None:  # Q6.2
    for rank in range(2):
        drawing.sit(rank)
    drawing.wait_for_reports()
    with refused("report: too few came"):
        drawing.report(7)
    drawing.sit(2)
    drawing.report(7)


@pytest.mark.parametrize(("length", "is_fair"), [(3 * HOUR, True), (3 * HOUR - 1, False)])
def test_in_a_short_window_nobody_is_reported(
    pool: Pool, length: int, is_fair: bool
) -> None:  # Q6.2
    jobs = pool.open(REQUESTER)
    draw = pool.draw(jobs)
    pool.prove(draw.number)
    pool.chain.wait_until(draw.ends - length)
    drawing = Drawing(pool, jobs, pool.capture(draw.number))
    for rank in range(3):
        drawing.sit(rank)
    drawing.wait_for_reports()
    if is_fair:
        drawing.report(7)
    else:
        with refused("report: window too short"):
            drawing.report(7)


def test_where_another_policy_is_asked_too_nobody_is_liable(pool: Pool) -> None:  # Q2.7, Q6.2
    both = [
        *pool.open(REQUESTER),
        *pool.open(REQUESTER, admission=pool.chain.mock("Policy").address),
    ]
    draw = pool.capture(pool.draw(both, load=2).number)
    assert not draw.is_liable
    drawing = Drawing(pool, both, draw)
    for rank in range(3):
        drawing.sit(rank)
    drawing.wait_for_reports()
    with refused("report: round asks others too"):
        drawing.report(7)


def test_absence_from_several_rounds_of_one_time_is_one_strike(pool: Pool) -> None:  # Q6.3
    jobs = pool.open(REQUESTER, 6, lasting=8 * DAY)
    drawing = Drawing(pool, jobs, pool.capture(pool.draw(jobs, load=6).number))
    twice = _drawn_twice(drawing)
    unit, rounds = twice
    for job in rounds:
        present = [r for r in range(8) if drawing.unit_at(r, job) != unit][:3]
        for rank in present:
            drawing.sit(rank, job)
    drawing.wait_for_reports()
    given = [("report", job.round_id, drawing.draw.number, unit) for job in rounds]
    pool.do(STRANGER, *given[0])
    with refused("report: struck already"):
        pool.do(STRANGER, *given[0])
    pool.chain.wait_until(pool.chain.now + 2 * DAY)
    with refused("report: struck already"):
        pool.do(STRANGER, *given[1])
    assert pool.unit(unit).strikes == 1


def _drawn_twice(drawing: Drawing) -> tuple[int, list[Any]]:
    """A unit that is drawn for two rounds, and these."""
    for unit in range(30):
        rounds = [
            job
            for job in drawing.jobs
            if (rank := drawing.draw.rank(job.round_id, unit)) is not None and rank < 8
        ]
        if len(rounds) > 1:
            return unit, rounds[:2]
    raise AssertionError("nobody is drawn twice")


def _strike(pool: Pool, unit: int, lasting: int = DAY) -> Drawing:
    """A round for which a unit was drawn, as reports begin; its owner is absent."""
    drawing = _drawn_with(pool, pool.open(REQUESTER, lasting=lasting), unit)
    for rank in [r for r in range(8) if drawing.unit_at(r) != unit][:3]:
        drawing.sit(rank)
    drawing.wait_for_reports()
    return drawing


def test_nobody_is_struck_twice_a_day(pool: Pool) -> None:  # Q6.3
    unit = 11
    first = _strike(pool, unit)
    pool.do(STRANGER, "report", first.job.round_id, first.draw.number, unit)
    struck = pool.chain.now
    second = _strike(pool, unit, lasting=36 * HOUR)
    assert struck < second.draw.reported_from() < struck + DAY
    given = ("report", second.job.round_id, second.draw.number, unit)
    pool.chain.wait_until(struck + DAY - 1)
    with refused("report: struck already"):
        pool.do(STRANGER, *given)
    pool.chain.wait_until(struck + DAY)
    pool.do(STRANGER, *given)
    assert pool.unit(unit).strikes == 2


def test_the_fifth_strike_ends_a_membership(pool: Pool) -> None:  # Q6.4, Q6.3
    unit, owner = 11, str(pool.unit(11).owner)
    for strikes in range(1, 6):
        drawing = _strike(pool, unit)
        pool.chain.wait_until(max(pool.chain.now, (pool.unit(unit).struck or 0) + DAY))
        given = ("report", drawing.job.round_id, drawing.draw.number, unit)
        events = pool.do(STRANGER, *given)
        assert pool.unit(unit).strikes == strikes
        assert (pool.unit(unit).left is None) == (strikes < 5)
        pool.chain.wait_until(pool.chain.now + DAY)
    left, struck = events
    assert isinstance(left, Left) and left.expelled and isinstance(struck, Struck)
    assert pool.state().holes == 1
    with refused("leave: left already"):
        pool.do(owner, "leave", unit)
    pool.chain.wait_until(pool.chain.now + MAX_WINDOW)
    (released,) = pool.do(STRANGER, "release", unit)
    assert isinstance(released, UnitReleased)
    assert released.lost == BOND * 5 // 10


def test_who_left_is_struck_for_rounds_drawn_before(pool: Pool) -> None:  # Q6.3
    unit, owner = 11, str(pool.unit(11).owner)
    drawing = _strike(pool, unit)
    pool.do(owner, "leave", unit)
    left = pool.unit(unit).left
    pool.do(STRANGER, "report", drawing.job.round_id, drawing.draw.number, unit)
    assert (pool.unit(unit).strikes, pool.unit(unit).left, pool.state().holes) == (1, left, 1)


def test_who_was_expelled_is_not_struck_again(pool: Pool) -> None:  # Q6.3
    unit, owner = 11, str(pool.unit(11).owner)
    drawing = _strike(pool, unit)
    word = int(owner, 16) + (1 << 160) + (5 << 214)
    pool.chain.store(pool.address, _slot_of(unit), word)
    assert (pool.unit(unit).owner, pool.unit(unit).strikes) == (owner, 5)
    with refused("report: expelled already"):
        pool.do(STRANGER, "report", drawing.job.round_id, drawing.draw.number, unit)


def _slot_of(unit: int) -> int:
    """Where a unit is in storage."""
    return int.from_bytes(keccak(_UNITS_SLOT.to_bytes(32) + unit.to_bytes(32)))


def _drawn_with(pool: Pool, jobs: list[Any], unit: int) -> Drawing:
    """Draws until this unit is drawn, as chance has it."""
    draw = pool.draw(jobs)
    for seed in range(10_000):
        with pool.undone():
            tried = pool.capture(draw.number, mix=mix_of(seed))
            rank = tried.rank(jobs[0].round_id, unit)
        if rank is not None and rank < 8:
            break
    return Drawing(pool, jobs, pool.capture(draw.number, mix=mix_of(seed)))
