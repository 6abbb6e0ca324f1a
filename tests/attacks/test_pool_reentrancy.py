"""A token, or whoever is paid, calls the pool back in the middle of a call.

Gain: two units for one bond, one credit paid twice. Stopped by writing the books first (Q1.3), by
one lock for all that moves money, and by counting what arrives.
"""

import pytest

from plumbline.protocol.addresses import ZERO
from plumbline.seating.draw import fee
from tests.world.adapter import TASKS_ROOT
from tests.world.chain import Refused
from tests.world.draws import BOND, DAY, Pool
from tests.world.people import person
from tests.world.world import World, refused


@pytest.mark.parametrize("inside", ["join", "join_for", "draw", "withdraw", "sweep"])
def test_a_token_cannot_enter_again_what_moves_money(token_pool, requester, copycat, inside):
    pool = token_pool
    jobs = pool.open(requester, 2)
    pool.draw(jobs[:1])  # so that there is something to sweep
    calls = {
        "join": ([],),
        "join_for": (copycat,),
        "draw": (jobs[1].round_id, 1, 1),
        "withdraw": (copycat,),
        "sweep": (),
    }
    token = pool.world.token
    for pays, outside in ((BOND, ("join", [])), (BOND, ("join_for", copycat))):
        with pool.undone():
            token.send(
                copycat, "reenter", pool.address, pool.contract.abi.data(inside, *calls[inside])
            )
            with pytest.raises(Refused):
                pool.do(copycat, *outside, pays=pays)
    with pool.undone():
        token.send(copycat, "reenter", pool.address, pool.contract.abi.data(inside, *calls[inside]))
        with pytest.raises(Refused):
            pool.do(copycat, "sweep")


def test_what_a_token_may_call_in_between_finds_the_books_written(token_pool, copycat, stranger):
    """It has somebody who left long ago released while the bond of another comes in."""
    pool = token_pool
    owner = pool.unit(3).owner
    pool.do(owner, "leave", 3)
    pool.chain.wait_until(pool.chain.now + 14 * DAY + 1)
    data = pool.contract.abi.data("release", 3)
    pool.world.token.send(copycat, "reenter", pool.address, data)
    joined, released = pool.do(copycat, "join", [], pays=BOND)
    assert (joined.unit, released.unit) == (40, 3)
    pool.do(stranger, "join_for", copycat, pays=BOND)
    assert pool.unit(3).owner == copycat
    assert pool.contract.ask("credit", owner) == BOND


@pytest.mark.parametrize("manner", [1, 2, 3], ids=["says no", "reverts", "takes a fee"])
def test_a_token_that_does_not_bring_the_bond_gives_no_unit(token_pool, copycat, requester, manner):
    pool = token_pool
    (job,) = pool.open(requester)
    owed = fee(job.rules.price * job.rules.seats)
    pool.world.token.send(copycat, "behave", manner)
    for who, pays, call in (
        (copycat, BOND, ("join", [])),
        (copycat, BOND, ("join_for", copycat)),
        (requester, owed, ("draw", job.round_id, 1, 1)),
    ):
        with pytest.raises(Refused):
            pool.do(who, *call, pays=pays)
    pool.world.token.send(copycat, "behave", 0)
    assert pool.state().units == 40 and pool.state().draws == 0


def test_whoever_is_paid_cannot_be_paid_twice(pool, copycat, stranger):
    wallet = pool.chain.mock("Wallet", copycat)
    (joined,) = pool.do(copycat, "join_for", wallet.address, pays=BOND)
    pool.ripen()
    pool.chain.send(
        copycat,
        wallet.address,
        wallet.abi.data("execute", pool.address, pool.contract.abi.data("leave", joined.unit)),
    )
    pool.chain.wait_until(pool.chain.now + 14 * DAY + 1)
    pool.do(stranger, "release", joined.unit)
    again = pool.contract.abi.data("withdraw", wallet.address)
    wallet.send(copycat, "call_when_paid", pool.address, again)
    order = wallet.abi.data("execute", pool.address, again)
    with pytest.raises(Refused):
        pool.chain.send(copycat, wallet.address, order)
    assert pool.contract.ask("credit", wallet.address) == BOND


@pytest.mark.parametrize("inside", ["join", "join_for", "draw", "withdraw"])
def test_nobody_gets_in_while_the_sink_is_paid(built, requester, copycat, inside):
    """With ether and a credit of its own, so that only the lock refuses it."""
    chain = World(built).chain
    wallet = chain.mock("Wallet", copycat)
    world = World(built, chain=chain, sink=wallet.address)
    world.fund([requester, wallet.address])
    pool = Pool(world, built)
    (joined,) = pool.do(requester, "join_for", wallet.address, pays=BOND)
    pool.crowd(40)
    pool.draw(pool.open(requester))  # so that there is something for the sink
    through(wallet, pool, "leave", joined.unit)
    chain.wait_until(chain.now + 14 * DAY + 1)
    pool.do(requester, "release", joined.unit)
    job = world.plan(wallet.address, {}, admission=pool.address, commit=chain.now + DAY)
    opening = (job.rules, job.deadlines, TASKS_ROOT, job.gold_root, job.admission)
    world.through(wallet, copycat, world.calls.open(*opening))
    pays, *arguments = {
        "join": (BOND, []),
        "join_for": (BOND, copycat),
        "draw": (fee(job.rules.price * job.rules.seats), job.round_id, 1, 1),
        "withdraw": (0, requester),
    }[inside]
    chain.give(wallet.address, pays)
    wallet.send(copycat, "take_along", pays)
    data = pool.contract.abi.data(inside, *arguments)
    wallet.send(copycat, "call_when_paid", pool.address, data)
    with refused("withdraw: receiver refused"):
        pool.do(copycat, "sweep")
    wallet.send(copycat, "call_when_paid", ZERO, b"")
    pool.do(copycat, "sweep")
    assert pool.contract.ask("sink_balance") == 0
    through(wallet, pool, inside, *arguments, value=pays)


def through(wallet, pool, name, *arguments, value=0):
    """The wallet calls the pool, with so much of its sender's ether."""
    sender = person("copycat")
    pool.chain.give(sender, value)
    wallet.send(
        sender, "execute", pool.address, pool.contract.abi.data(name, *arguments), value=value
    )


def test_who_refuses_ether_stops_nobody_else(pool, copycat, stranger):
    wallet = pool.chain.mock("Wallet", copycat)
    (joined,) = pool.do(copycat, "join_for", wallet.address, pays=BOND)
    wallet.send(copycat, "refuse_ether")
    pool.ripen()
    leaving = pool.contract.abi.data("leave", joined.unit)
    pool.chain.send(copycat, wallet.address, wallet.abi.data("execute", pool.address, leaving))
    pool.chain.wait_until(pool.chain.now + 14 * DAY + 1)
    pool.do(stranger, "release", joined.unit)
    assert pool.join(stranger) == joined.unit
    paying = pool.contract.abi.data("withdraw", wallet.address)
    with pytest.raises(Refused):
        pool.chain.send(copycat, wallet.address, wallet.abi.data("execute", pool.address, paying))
    elsewhere = person("elsewhere")
    paying = pool.contract.abi.data("withdraw", elsewhere)
    pool.chain.send(copycat, wallet.address, wallet.abi.data("execute", pool.address, paying))
    assert pool.chain.balance(elsewhere) == BOND
    assert pool.contract.ask("credit", wallet.address) == 0


def test_ether_that_is_forced_upon_a_pool_is_nobodys(pool, requester, copycat):
    pool.chain.mock("Bomb", pool.address, value=BOND)
    assert pool.held() == pool.owed() + BOND
    with refused("withdraw: nothing"):
        pool.do(copycat, "withdraw", copycat)
    with refused("sweep: nothing"):
        pool.do(copycat, "sweep")
    pool.gifts += BOND
