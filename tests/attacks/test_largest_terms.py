"""A round whose amounts, counts or deadlines are the largest there are.

Gain: a field that overflows into the next one: free into locked, pay into slash, a date into
another. Stopped by bounds at the opening (T1, T2.5) and where money comes in (A1.7).
"""

import pytest

from plumbline.settlement.sheet import pack
from tests.world.chain import Refused
from tests.world.jobs import RULES, truth_of
from tests.world.people import person
from tests.world.world import World, refused

MOST = 2**88 - 1
YEAR = 365 * 86_400


@pytest.fixture
def rich_world(built, requester, labelers):
    """Three labelers and a requester own all there can be, to the wei."""
    world = World(built)
    for owner in (*labelers[:3], requester):
        world.fund([owner], MOST // 4)
    world.fund([labelers[0]], MOST - 4 * (MOST // 4))
    yield world
    world.check_books()


@pytest.mark.parametrize("fate", ["paid", "slashed", "silent", "expired", "leaked"])
def test_all_the_money_there_is_goes_through_a_round(rich_world, requester, labelers, fate):
    world, three = rich_world, labelers[:3]
    truth = truth_of(RULES)
    bad = [(answer + 1) % RULES.options for answer in truth] if fate == "slashed" else truth
    rows = dict(zip(three, (truth, truth, bad), strict=True))
    terms = {"price": MOST // 4 // 3, "stake": MOST // 4, "seats": 3, "slash_max_bps": 10_000}
    job = world.open(requester, rows, slash_base_bps=10_000, showup_bps=10_000, **terms)
    world.commit(job, three[:2])
    if fate == "leaked":
        opening = job.opening(three[0])
        shown = (job.round_id, opening.labeler, opening.sheet, opening.salt)
        world.do(three[2], world.calls.report_leak(*shown))
    world.commit(job, three[2:])
    assert world.account(three[2]).locked == MOST // 4
    there = three[1:] if fate in ("silent", "leaked") else three
    world.reveal(job, there)
    world.chain.wait_until(job.deadlines.reveal + 30 * 86_400)
    if fate == "expired":
        world.do(requester, world.calls.expire(job.round_id, job.entries()))
    else:
        world.close(job, there)
    if fate == "silent":
        world.do(requester, world.calls.forfeit(job.round_id, three[:1]))
    assert (
        sum(world.total(owner) for owner in (*three, requester)) + world.views.sink_balance()
        == MOST
    )
    assert all(world.account(owner).locked == 0 for owner in three)


def test_one_account_can_own_all_there_is(rich_world, requester, labelers):
    world = rich_world
    for owner in labelers[:3]:
        world.do(owner, world.calls.withdraw(world.free(owner), requester))
    world.fund([requester], MOST - world.held)
    assert world.free(requester) == MOST
    world.enrich(requester, 1)
    with refused("deposit: more than the books hold"):
        world.do(requester, world.calls.deposit(1), 1)


def test_a_price_times_255_seats_does_not_wrap_around(world, requester):
    with refused("account: not enough free"):
        world.open(requester, price=MOST, seats=255)
    for amount in (MOST + 1, 2**255, 2**256 - 1):
        with refused("open: price too large"):
            world.open(requester, price=amount, seats=255)
        with refused("open: stake too large"):
            world.open(requester, stake=amount)


@pytest.mark.parametrize("amount", [2**88, 2**128, 2**256 - 1])
def test_amounts_that_no_account_holds_are_refused(world, copycat, amount):
    with refused("account: not enough free"):
        world.do(copycat, world.calls.withdraw(amount, copycat))
    with refused("deposit: value is not the amount"):
        world.do(copycat, world.calls.deposit(amount))


@pytest.mark.parametrize("time", [2**40, 2**40 + 1, 2**128, 2**256 - 1])
def test_a_deadline_does_not_wrap_around(world, requester, time):
    """Fields of a date have 40 bits; what does not fit is long beyond the longest round."""
    with refused("open: round too long"):
        world.open(requester, reveal=time)
    with pytest.raises(Refused):
        world.open(requester, commit=time, reveal=time)


def test_the_longest_round_lasts_a_year(world, requester):
    now = world.chain.now
    world.open(requester, commit=now + YEAR - 300, reveal=now + YEAR)
    with refused("open: round too long"):
        world.open(requester, commit=now + YEAR - 300, reveal=now + YEAR + 1)


def test_every_count_of_a_full_round_fits_its_byte(built, requester):
    """255 seats, all taken, then leaked, silent or revealed: the counts meet no neighbour."""
    world = World(built)
    crowd = [person(f"one of many {number}") for number in range(255)]
    world.fund([requester], 10**19)
    world.fund(crowd)
    rows = dict.fromkeys(crowd, [None] * RULES.tasks)
    job = world.open(requester, rows, seats=255)
    assert job.sheets[crowd[0]] == pack([None] * RULES.tasks, RULES.options)
    world.commit(job, crowd[:254])
    for labeler in crowd[:85]:
        opening = job.opening(labeler)
        shown = (job.round_id, labeler, opening.sheet, opening.salt)
        world.do(requester, world.calls.report_leak(*shown))
    world.commit(job, crowd[254:])
    world.reveal(job, crowd[85:170])
    world.chain.wait_until(job.deadlines.reveal)
    world.do(requester, world.calls.forfeit(job.round_id, crowd[170:]))
    state = world.views.round(job.round_id)
    assert (state.committed, state.revealed, state.gone) == (255, 85, 170)
    assert state.rules == job.rules and state.deadlines == job.deadlines
    world.close(job, crowd[85:170])
    assert all(world.account(labeler).locked == 0 for labeler in crowd)
