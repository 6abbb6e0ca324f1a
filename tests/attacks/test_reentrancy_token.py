"""The token calls somebody while it moves, who calls back.

Gain: one transfer booked twice. Stopped by the lock (A1.11) and by comparing what the contract
holds before and after (A1.6, A1.9).
"""

import pytest

from tests.world.world import ETHER, refused

INSIDE = {
    "withdraw": lambda calls, token: calls.withdraw(7, token),
    "deposit": lambda calls, token: calls.deposit(7),
    "deposit_for": lambda calls, token: calls.deposit_for(token, 7),
    "sweep": lambda calls, token: calls.sweep(),
}


@pytest.fixture
def token(token_world, copycat):
    """The token has an account and an allowance of its own, so only the lock stands in its way."""
    token = token_world.token
    token_world.enrich(copycat, ETHER)
    token_world.pay_in(copycat, token.address, ETHER)
    return token


@pytest.mark.parametrize("inside", INSIDE)
@pytest.mark.parametrize("outside", ["deposit", "deposit_for", "withdraw", "sweep"])
def test_nobody_gets_in_while_the_token_moves(
    token_world, token, requester, rows, labelers, copycat, outside, inside
):
    world = token_world
    job = world.open(requester, rows)
    world.play(job)  # so that the sink has something
    world.enrich(copycat, 7)
    calls = world.calls
    actions = {
        "deposit": calls.deposit(7),
        "deposit_for": calls.deposit_for(copycat, 7),
        "withdraw": calls.withdraw(7, copycat),
        "sweep": calls.sweep(),
    }
    before = world.account(copycat), world.views.sink_balance()
    token.send(copycat, "reenter", world.address, INSIDE[inside](calls, token.address))
    with refused(""):
        world.do(copycat, actions[outside])
    assert (world.account(copycat), world.views.sink_balance()) == before
    token.send(copycat, "behave", 0)
    world.do(copycat, actions[outside])


def test_what_is_sent_along_in_a_hook_is_not_booked(token_world, token, copycat):
    """A second transfer from inside the first makes the contract hold more than it was told."""
    world = token_world
    world.enrich(copycat, 14)
    token.send(copycat, "mint", token.address, 7)
    again = token.abi.data("transfer", world.address, 7)
    token.send(copycat, "reenter", token.address, again)
    with refused("deposit: token took a fee"):
        world.do(copycat, world.calls.deposit(7))
