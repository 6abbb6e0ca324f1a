"""Somebody moves nothing, or to nobody, or in the other kind of money.

Gain: events that look like payments, money that is out of everyone's reach. Stopped by refusing
amounts of zero and the zero address (A1.4, A1.9, A1.10), and ether that is not what was said
(A1.5, A1.6).
"""

import pytest

from plumbline.protocol.addresses import ZERO
from tests.world.world import refused


@pytest.fixture(params=["ether", "token"])
def any_world(request, world, token_world):
    return world if request.param == "ether" else token_world


def test_nothing_is_no_payment(any_world, copycat):
    calls = any_world.calls
    with refused("deposit: nothing"):
        any_world.do(copycat, calls.deposit(0))
    with refused("deposit: nothing"):
        any_world.do(copycat, calls.deposit_for(copycat, 0))
    with refused("withdraw: nothing"):
        any_world.do(copycat, calls.withdraw(0, copycat))
    with refused("sweep: nothing"):
        any_world.do(copycat, calls.sweep())


def test_a_single_wei_is_one(any_world, requester, rows, labelers, copycat):
    world = any_world
    world.pay_in(copycat, copycat, 1)
    world.do(copycat, world.calls.withdraw(1, copycat))
    job = world.open(requester, rows, stake=1, slash_base_bps=10_000, slash_max_bps=10_000)
    world.commit(job, labelers[:1])
    world.chain.wait_until(job.deadlines.reveal)
    world.do(copycat, world.calls.forfeit(job.round_id, labelers[:1]))
    assert world.views.sink_balance() == 1
    world.do(copycat, world.calls.sweep())
    assert (world.wealth(world.sink), world.views.sink_balance()) == (1, 0)


def test_nobody_is_not_paid(any_world, copycat):
    any_world.enrich(copycat, 1)
    value = 0 if any_world.token else 1
    with refused("deposit: no account"):
        any_world.do(copycat, any_world.calls.deposit_for(ZERO, 1), value)
    with refused("withdraw: no receiver"):
        any_world.do(copycat, any_world.calls.withdraw(1, ZERO))


def test_ether_is_not_taken_where_the_asset_is_a_token(token_world, copycat):
    token_world.enrich(copycat, 1)
    token_world.chain.give(copycat, 1)
    with refused("deposit: this deployment takes no ether"):
        token_world.do(copycat, token_world.calls.deposit(1), value=1)


@pytest.mark.parametrize("sent", [0, 6, 8])
def test_ether_is_booked_only_if_it_is_what_was_said(world, copycat, sent):
    world.chain.give(copycat, sent)
    with refused("deposit: value is not the amount"):
        world.do(copycat, world.calls.deposit(7), value=sent)
