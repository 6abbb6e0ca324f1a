"""An admission policy reverts, burns gas, answers with megabytes, or lies.

Gain: to stop a batch that relays others, to make the relayer pay, to let in whom it should not.
Stopped by a bound on its gas, by reading one word of its answer, and by taking all but a clear yes
for a no (C3). It is of the requester's choosing, and keeps out whom it will: that is not stopped.
"""

import pytest

from plumbline.chain.events import CommitRefused, Committed
from tests.world.chain import COLD, MOST_GAS, Refused
from tests.world.people import person
from tests.world.world import World, of_kind, refused

WORD = "60205ff3"  # return the first word of memory
NO = {
    "reverts": "5f5ffd",
    "says nothing": "00",
    "burns all its gas": "5b5f56",
    "hits an invalid opcode": "fe",
    "says 2": f"60025f52{WORD}",
    "says no": f"5f5f52{WORD}",
    "says 1 in 31 bytes": "60015f52601f5ff3",
    "says all ones": f"5f195f52{WORD}",
    "reverts with a hundred kilobytes": "620186a05ffd",
}
YES = f"60015f52{WORD}"


@pytest.mark.parametrize("how", NO)
def test_what_is_no_clear_yes_is_a_no(world, requester, rows, labelers, how):
    job = world.open(requester, rows, admission=world.chain.raw(NO[how]))
    for labeler in labelers:
        with refused("commit: not admitted"):
            world.commit(job, [labeler])
        assert world.account(labeler).locked == 0


@pytest.mark.parametrize("left", [-1, 0, 1])
def test_every_policy_has_the_same_gas(world, requester, rows, labelers, left):
    """It says yes if it begins with just so much, of which asking for it takes two."""
    begins = (200_000 - 2 + left).to_bytes(4, "big").hex()
    job = world.open(requester, rows, admission=world.chain.raw(f"5a63{begins}145f52{WORD}"))
    if left == 0:
        world.commit(job, labelers[:1])
        return
    with refused("commit: not admitted"):
        world.commit(job, labelers[:1])


def test_megabytes_are_paid_for_by_the_policy_and_not_read(world, requester, rows, labelers):
    """The first word is all that is looked at, and here it is a yes."""
    job = world.open(requester, rows, admission=world.chain.raw("60015f52620186a05ff3"))
    world.commit(job, labelers[:1])
    assert world.chain.gas_used < 100_000 + 200_000


def test_a_batch_fits_into_a_transaction_though_a_policy_burns_all_it_may(built, requester, rows):
    """64 labelers, of whom only the last is admitted."""
    world = World(built)
    crowd = [person(f"one of many {number}") for number in range(64)]
    world.fund([requester, *crowd])
    policy = world.chain.raw(f"60243573{crowd[-1][2:]}14601d57fe5b{YES}")
    alike = dict.fromkeys(crowd, next(iter(rows.values())))
    job = world.open(requester, alike, None, policy, seats=64)
    signed = world.calls.commit_signed(job.round_id, [job.signed(each) for each in crowd])
    events = world.do(person("relayer"), signed)
    assert [each.labeler for each in of_kind(events, Committed)] == crowd[-1:]
    assert 63 * 200_000 < world.chain.gas_used + 64 * COLD < MOST_GAS


def test_one_for_whom_it_fails_stops_nobody_else(world, requester, rows, labelers):
    policy = world.chain.mock("Policy")
    job = world.open(requester, rows, admission=policy.address)
    for labeler in labelers:
        policy.send(requester, "admit", job.round_id, labeler)
    policy.send(requester, "fail_for", labelers[2])
    events = world.relay(job, labelers)
    assert len(of_kind(events, Committed)) == 5
    assert [each.labeler for each in of_kind(events, CommitRefused)] == [labelers[2]]


def test_a_relayer_cannot_have_a_policy_fail_by_sending_too_little_gas(
    world, requester, rows, labeler
):
    """A policy that needs all of its 200,000 gas either gets it, or the whole batch reverts."""
    # Burns until 20,000 are left of what it was given, then says yes: JUMPDEST GAS ... JUMPI
    slow = world.chain.raw(f"5b614e205a115f57{YES}")
    job = world.open(requester, rows, admission=slow)
    signed = world.calls.commit_signed(job.round_id, [job.signed(labeler)])
    for gas in range(40_000, 480_000, 5_000):
        with world.undone():
            try:
                events = world.do(person("relayer"), signed, gas=gas)
            except Refused:
                continue
            assert len(of_kind(events, Committed)) == 1, gas


def test_a_policy_that_changes_its_mind_takes_no_seat_away(world, requester, rows, labeler):
    policy = world.chain.mock("Policy")
    job = world.open(requester, rows, admission=policy.address)
    policy.send(requester, "admit", job.round_id, labeler)
    world.commit(job, [labeler])
    policy.send(requester, "fail_for", labeler)
    world.chain.wait_until(job.deadlines.commit)
    world.reveal(job, [labeler])
    world.close(job, [labeler])
    assert world.account(labeler).locked == 0


def test_a_policy_that_lies_locks_nobodys_stake(world, requester, rows, stranger, labeler):
    """It admits everybody, and still nobody gets a seat without a stake and a consent."""
    job = world.open(requester, rows, admission=world.chain.raw(YES))
    with refused("commit: stake not covered"):
        call = world.calls.commit(job.round_id, b"\x07" * 32, job.rules.stake)
        world.do(stranger, call)
    world.commit(job, [labeler])
