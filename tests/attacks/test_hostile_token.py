"""A token that takes a fee, returns false, pauses, calls back (test_reentrancy_token) or shrinks.

Gain: to be credited more than arrived, or to leave the others short. Stopped by comparing what the
contract holds before and after each transfer (A1.6, A1.9). A token whose balances shrink by
themselves, or that stops for good, is beyond any contract: nothing is booked that did not happen.
"""

import pytest

from tests.world.chain import Refused
from tests.world.jobs import RULES
from tests.world.people import person
from tests.world.world import ETHER, World, refused

SAYS_NO, REVERTS, TAKES_A_FEE = 1, 2, 3
REASON = {SAYS_NO: "token refused", REVERTS: None, TAKES_A_FEE: "token took a fee"}


@pytest.mark.parametrize("manner", REASON)
def test_what_the_token_did_not_do_is_not_booked(
    token_world, requester, rows, labelers, copycat, manner
):
    world, calls = token_world, token_world.calls
    world.play(world.open(requester, rows))
    world.enrich(copycat, 7)
    before = world.account(copycat), world.views.sink_balance(), world.held
    world.token.send(copycat, "behave", manner)
    said = REASON[manner]
    for call, area in (
        (calls.deposit(7), "deposit"),
        (calls.deposit_for(labelers[0], 7), "deposit"),
        (calls.withdraw(7, copycat), "withdraw"),
        (calls.sweep(), "withdraw"),
    ):
        with refused(f"{area}: {said}" if said else "token: no"):
            world.do(copycat, call)
    assert (world.account(copycat), world.views.sink_balance(), world.held) == before
    world.token.send(copycat, "behave", 0)
    for call in (calls.deposit(7), calls.withdraw(7, copycat), calls.sweep()):
        world.do(copycat, call)


def test_rounds_run_to_their_end_while_the_token_is_paused(token_world, requester, rows):
    """Nothing is sent in a round: only whoever wants out waits for the token."""
    world = token_world
    job = world.open(requester, rows)
    world.token.send(requester, "behave", REVERTS)
    world.play(job)
    assert all(world.account(labeler).locked == 0 for labeler in job.labelers)
    world.token.send(requester, "behave", 0)


def test_a_token_that_shrinks_hurts_the_last_to_leave_and_no_round(built, requester, rows):
    """Such tokens are not suitable, as docs/specification.md says; no call is stuck by it."""
    world = World(built, "Token")
    world.fund([requester, *rows], ETHER)
    job = world.open(requester, rows)
    world.token.send(requester, "burn", world.address, 4 * ETHER)
    world.play(job)
    paid = 0
    for owner in (requester, *rows):
        free = world.free(owner)
        try:
            world.do(owner, world.calls.withdraw(free, owner))
        except Refused:
            continue
        paid += 1
    assert 0 < paid < 7


def test_a_token_that_returns_nothing_works(built):
    world = World(built, "QuietToken")
    owner = person("owner of a quiet token")
    world.pay_in(owner, owner, 100)
    world.do(owner, world.calls.withdraw(60, owner))
    assert (world.free(owner), world.wealth(owner)) == (40, 60)
    world.check_books()


@pytest.mark.parametrize("answer", [2**255, 2])
def test_a_token_that_answers_neither_yes_nor_no_is_refused(built, answer):
    """No word but 1 is true; here balanceOf answers the same as transferFrom."""
    world = World(built)
    word = answer.to_bytes(32, "big")
    parrot = world.chain.parrot(word)
    judge = world.chain.deploy(built["Judge"]).address
    made = world.chain.deploy(built["LabelRounds"], parrot, world.sink, judge)
    with refused(""):
        world.chain.send(world.sink, made.address, world.calls.deposit(1))


def test_a_token_that_shrinks_makes_no_balance_outgrow_its_field(built, copycat):
    """What came in is bounded by what is held, and that has become less than the books say."""
    world = World(built, "Token")
    world.pay_in(copycat, copycat, 2**88 - 1)
    world.token.send(copycat, "burn", world.address, 1)
    with refused("account: more than the books hold"):
        world.pay_in(copycat, copycat, 1)


@pytest.mark.parametrize("too_much", [0, 1])
def test_nor_does_a_stake_that_comes_back(built, requester, rows, labeler, too_much):
    world = World(built, "Token")
    escrow = RULES.price * RULES.seats
    world.fund([requester], escrow)
    world.fund([labeler], RULES.stake)
    job = world.open(requester, rows)
    world.commit(job, [labeler])
    world.chain.wait_until(job.deadlines.commit)
    world.reveal(job, [labeler])
    world.token.send(requester, "burn", world.address, escrow + too_much)
    world.pay_in(labeler, labeler, 2**88 - 1 - RULES.stake + too_much)
    world.chain.wait_until(job.deadlines.last + 30 * 86_400)
    unwinding = world.calls.expire(job.round_id, job.entries([labeler]))
    if too_much:
        with refused("account: more than the books hold"):
            world.do(requester, unwinding)
        return
    world.do(requester, unwinding)
    assert world.free(labeler) == 2**88 - 1
