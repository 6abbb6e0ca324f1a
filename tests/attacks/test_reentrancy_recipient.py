"""Whoever is paid ether calls back: to be paid again, or to use what the books have not noted yet.

Gain: the ether of others. Stopped by writing the books first, and by one lock on everything that
moves the asset (A1.11). What is not locked may be called, and finds the books right.
"""

import pytest

from tests.world.jobs import RULES
from tests.world.world import ETHER, World, refused

AGAIN = {
    "withdraw": lambda calls, wallet: calls.withdraw(1, wallet),
    "deposit": lambda calls, wallet: calls.deposit(0),
    "deposit_for": lambda calls, wallet: calls.deposit_for(wallet, 0),
    "sweep": lambda calls, wallet: calls.sweep(),
}


@pytest.fixture
def wallet(world, labeler):
    """A contract with an account, that can be told what to do when it is paid."""
    wallet = world.chain.mock("Wallet", labeler)
    world.fund([wallet.address])
    return wallet


@pytest.mark.parametrize("action", AGAIN)
def test_nobody_gets_in_while_a_withdrawal_is_paid(world, wallet, labeler, committed, action):
    """With something for the sink, so that only the lock refuses a sweep."""
    world.chain.wait_until(committed.deadlines.reveal)
    world.do(labeler, world.calls.forfeit(committed.round_id, [labeler]))
    data = AGAIN[action](world.calls, wallet.address)
    wallet.send(labeler, "call_when_paid", world.address, data)
    with refused("withdraw: receiver refused"):
        world.through(wallet, labeler, world.calls.withdraw(ETHER // 2, wallet.address))
    wallet.send(labeler, "call_when_paid", world.sink, b"")
    world.through(wallet, labeler, world.calls.withdraw(ETHER, wallet.address))
    assert world.free(wallet.address) == 0


def test_a_seat_taken_during_a_withdrawal_is_covered_by_what_is_left(world, wallet, labeler, job):
    """A commitment is not locked out: it sees the balance as it is after the withdrawal."""
    data = world.calls.commit(job.round_id, b"\x07" * 32, RULES.stake)
    wallet.send(labeler, "call_when_paid", world.address, data)
    with refused("withdraw: receiver refused"):
        out = world.calls.withdraw(ETHER - RULES.stake + 1, wallet.address)
        world.through(wallet, labeler, out)
    out = world.calls.withdraw(ETHER - RULES.stake, wallet.address)
    world.through(wallet, labeler, out)
    account = world.account(wallet.address)
    assert (account.free, account.locked) == (0, RULES.stake)


@pytest.mark.parametrize("action", AGAIN)
def test_nobody_gets_in_while_the_sink_is_paid(built, labelers, requester, rows, action):
    world = World(built)
    sink = world.chain.mock("Wallet", labelers[0])
    world = World(built, chain=world.chain, sink=sink.address)
    world.fund([requester, *labelers, sink.address])
    job = world.open(requester, rows)
    world.play(job)
    due = world.views.sink_balance()
    assert due > 0
    sink.send(requester, "call_when_paid", world.address, AGAIN[action](world.calls, sink.address))
    with refused("withdraw: receiver refused"):
        world.do(requester, world.calls.sweep())
    assert world.views.sink_balance() == due
    sink.send(requester, "call_when_paid", requester, b"")
    world.do(requester, world.calls.sweep())
    assert world.wealth(sink.address) == due
    world.check_books()
