"""A reorganisation puts another round in the place of the one a labeler agreed to.

Gain: seats filled by labelers who never saw the terms, as a commitment and a consent name the
number of a round and the stake. Not stopped but for the stake (C2.1, H3.1): nobody locks more than
agreed, and answers to other tasks are the labeler's loss. Wallets wait until an opening is final.
"""

import pytest

from tests.world.jobs import RULES
from tests.world.people import person
from tests.world.world import refused


@pytest.fixture
def agreed(world, requester, rows):
    """The round that was agreed to, on the branch that is no more."""
    with world.undone():
        return world.open(requester, rows)


@pytest.mark.parametrize("more", [1, -1])
def test_nobody_locks_another_stake_than_agreed(world, agreed, copycat, labelers, more):
    other = world.open(copycat, stake=RULES.stake + more)
    assert other.round_id == agreed.round_id
    with refused("commit: invalid signature"):
        world.relay(agreed, labelers[:1])
    with refused("commit: stake is another"):
        world.commit(agreed, labelers[:1])
    assert all(world.account(labeler).locked == 0 for labeler in labelers)


def test_with_the_same_stake_the_seat_is_taken_whatever_the_terms(world, agreed, copycat, labelers):
    other = world.open(copycat, stake=RULES.stake, price=1, slash_base_bps=5_000)
    world.relay(agreed, labelers[:1])
    assert world.account(labelers[0]).locked == RULES.stake
    assert world.views.round(other.round_id).committed == 1


def test_a_leak_or_a_reveal_of_the_lost_branch_opens_the_same_seat(
    world, agreed, copycat, labelers
):
    """What was shown there is known: with the seat comes the leak."""
    world.open(copycat, stake=RULES.stake)
    world.relay(agreed, labelers[:1])
    opening = agreed.opening(labelers[0])
    shown = (agreed.round_id, opening.labeler, opening.sheet, opening.salt)
    world.do(person("keeper"), world.calls.report_leak(*shown))
    assert world.views.seat(agreed.round_id, labelers[0]).leaked
