"""Ether, or tokens, are forced upon the contract without a deposit.

Gain: to upset sums that look at the balance, to be credited money, to end all deposits. Stopped by
books that are kept and not read off the balance (A2.2). To end deposits takes 2^88 wei (A1.7).
"""

import pytest

from tests.world.people import person
from tests.world.world import ETHER, refused

MOST = 2**88 - 1


def test_a_gift_is_nobodys_and_changes_no_round(world, requester, rows):
    job = world.open(requester, rows)
    world.force(ETHER)
    world.play(job)
    settlement = job.settlement()
    assert world.views.sink_balance() == settlement.burned
    for owner in (requester, *rows):
        world.do(owner, world.calls.withdraw(world.free(owner), owner))
    world.do(requester, world.calls.sweep())
    assert world.held >= ETHER


def test_ether_that_is_just_sent_is_refused(world, copycat):
    world.enrich(copycat, 7)
    for data in (b"", b"\x00", b"\xde\xad\xbe\xef"):
        with refused(""):
            world.do(copycat, data, 7)
    for data in (world.calls.sweep(), world.calls.withdraw(1, copycat)):
        with refused(""):
            world.do(copycat, data, 7)


@pytest.mark.parametrize("fixture", ["world", "token_world"])
def test_whoever_gives_away_all_there_is_ends_deposits_and_nothing_else(
    fixture, request, requester, rows, copycat
):
    world = request.getfixturevalue(fixture)
    job = world.open(requester, rows)
    world.force(MOST - world.held)
    payer = person("payer")
    world.enrich(payer, 1)
    with refused("deposit: more than the books hold"):
        world.do(payer, world.calls.deposit(1), 0 if world.token else 1)
    world.play(job)
    for owner in (requester, *rows):
        world.do(owner, world.calls.withdraw(world.free(owner), owner))
    assert world.account(copycat).free == ETHER


def test_tokens_sent_along_with_a_deposit_do_not_count_twice(token_world, copycat):
    world = token_world
    world.enrich(copycat, 10)
    world.force(5)
    before = world.free(copycat)
    world.do(copycat, world.calls.deposit(10))
    assert world.free(copycat) == before + 10
