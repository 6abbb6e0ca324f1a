"""Rounds of others are drawn, rounds that there are not, that have begun, or ask somebody else.

Gain: to spoil a draw of others, or its only chance; seats drawn before the round is paid for.
Stopped by drawing for one's own rounds only, before any seat is taken (Q2.2); a round that asks
another policy too makes nobody liable (Q2.7).
"""

import pytest

from plumbline.protocol.addresses import ZERO
from tests.world.chain import Refused
from tests.world.people import person
from tests.world.world import refused


def test_nobody_draws_for_the_rounds_of_others(pool, requester, copycat):
    jobs = pool.open(requester, 2)
    with refused("draw: not your round"):
        pool.draw(jobs, load=2, sender=copycat)
    pool.world.fund([copycat])
    own = pool.open(copycat)
    with refused("draw: not your round"):
        pool.draw([*jobs[1:], *own], load=2, sender=copycat)
    with refused("draw: not your round"):
        pool.draw([*jobs, *own], load=3)
    assert not pool.contract.ask("is_drawn", jobs[1].round_id)
    pool.draw(jobs, load=2)


@pytest.mark.parametrize("first", [0, 1, 2**48, 2**256 - 1, 2**256 - 128])
def test_rounds_that_there_are_not_are_not_drawn(pool, requester, first):
    ahead = pool.world.views.round_count() + 1 if first == 1 else first
    for mask in (1, 2**128 - 1):
        with pytest.raises(Refused):
            pool.do(requester, "draw", ahead, mask, 1)
    jobs = pool.open(requester)
    pool.draw(jobs)


def test_a_round_that_anybody_may_take_is_not_drawn(pool, requester):
    with refused("draw: round is open to all"):
        pool.draw(pool.open(requester, admission=ZERO))


def test_a_round_of_another_policy_is_not_opened_to_the_drawn(pool, requester):
    """That policy has the say; and it cannot have the drawn struck for what it refuses."""
    policy = pool.chain.mock("Policy")
    drawing = pool.drawing(requester, admission=policy.address)
    with refused("commit: not admitted"):
        drawing.sit(0)
    for rank in range(3):
        policy.send(person("bank"), "admit", drawing.job.round_id, drawing.owner_at(rank))
        drawing.sit(rank)
    drawing.wait_for_reports()
    with refused("report: round asks others too"):
        drawing.report(7)
