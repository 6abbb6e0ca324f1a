"""A sink, a requester or a labeler is a contract that turns ether away.

Gain: to hold up a close for everybody, or to keep a round from ever being paid. Stopped by
crediting and never sending (A1.12): whoever cannot receive may choose another receiver (A1.9).
"""

import pytest

from tests.world.jobs import RULES
from tests.world.world import ETHER, World, refused


@pytest.fixture
def closed_wallet(world, labeler):
    wallet = world.chain.mock("Wallet", labeler)
    world.fund([wallet.address])
    wallet.send(labeler, "refuse_ether")
    return wallet


def test_a_labeler_that_refuses_ether_is_paid_like_the_others(
    world, requester, rows, labelers, closed_wallet
):
    job = world.open(requester, {**rows, closed_wallet.address: rows[labelers[0]]})
    data = world.calls.commit(job.round_id, job.commitment(closed_wallet.address), RULES.stake)
    world.through(closed_wallet, labelers[0], data)
    world.commit(job, labelers)
    world.chain.wait_until(job.deadlines.commit)
    world.reveal(job)
    world.close(job)
    free = world.free(closed_wallet.address)
    assert free > ETHER
    with refused("withdraw: receiver refused"):
        out = world.calls.withdraw(free, closed_wallet.address)
        world.through(closed_wallet, labelers[0], out)
    assert world.free(closed_wallet.address) == free
    world.through(closed_wallet, labelers[0], world.calls.withdraw(free, labelers[0]))
    assert world.wealth(labelers[0]) >= free


def test_a_sink_that_refuses_ether_never_collects_and_holds_up_nothing(
    built, requester, rows, labelers
):
    world = World(built)
    sink = world.chain.mock("Wallet", labelers[0])
    sink.send(labelers[0], "refuse_ether")
    world = World(built, chain=world.chain, sink=sink.address)
    world.fund([requester, *labelers])
    world.play(world.open(requester, rows))
    due = world.views.sink_balance()
    assert due > 0
    with refused("withdraw: receiver refused"):
        world.do(requester, world.calls.sweep())
    assert world.views.sink_balance() == due
    world.play(world.open(requester, rows))
    assert world.views.sink_balance() == 2 * due
    for owner in (requester, *labelers):
        world.do(owner, world.calls.withdraw(world.free(owner), owner))
    assert world.held == 2 * due
    world.check_books()


def test_a_receiver_that_burns_all_gas_costs_its_sender_only(world, labeler, copycat):
    burner = world.chain.raw("fe")
    before = world.free(labeler)
    with refused("withdraw: receiver refused"):
        world.do(labeler, world.calls.withdraw(1, burner))
    assert world.free(labeler) == before
    world.do(labeler, world.calls.withdraw(1, labeler))


def test_a_receiver_that_returns_megabytes_is_not_read(world, labeler):
    """The copy would be paid for by whoever withdraws; nothing of it is copied."""
    bomb = world.chain.raw("62080000" + "5f" + "f3")  # half a megabyte
    world.do(labeler, world.calls.withdraw(1, bomb))
    plain = world.chain.gas_used
    assert plain < 2_000_000
