"""A policy, or a wallet that is asked for its signature, calls back or changes something.

Gain: a second seat for one stake, a seat in a round that is full. Stopped by asking statically
(C2.6, C3.1): whatever they call cannot change anything, and neither can they.
"""

import pytest

from tests.world.adapter import TASKS_ROOT
from tests.world.people import person
from tests.world.world import refused


def caller(world, data, answer):
    """Code that calls the deployment with `data` and then answers with one word."""
    target = world.address[2:]
    size = len(data)
    # CODECOPY(0, at, size); CALL(gas, target, 0, 0, size, 0, 0); MSTORE(0, ok ? answer : 0)
    head = (
        f"61{size:04x}60{{at:02x}}5f39"
        f"5f5f61{size:04x}5f5f73{target}5af1"
        f"7f{answer:064x}025f5260205ff3"
    )
    at = len(bytes.fromhex(head.format(at=0)))
    return world.chain.raw(head.format(at=at) + data.hex())


def test_the_caller_of_these_tests_calls(world, labeler, job):
    """Else it would be no wonder that nothing comes of it."""
    data = world.calls.forfeit(job.round_id, [labeler])
    hostile = caller(world, data, answer=1)
    world.commit(job, [labeler])
    world.chain.wait_until(job.deadlines.reveal)
    with world.undone():
        world.chain.send(labeler, hostile, b"")
        assert world.account(labeler).locked == 0


@pytest.mark.parametrize("inside", ["commit", "withdraw", "open"])
def test_a_policy_cannot_call_back(world, requester, rows, labeler, inside):
    """It has an account, and could do each of these itself."""
    calls = world.calls
    plan = world.plan(requester, rows)
    opening = (plan.rules, plan.deadlines, TASKS_ROOT, bytes(32), "0x" + "00" * 20)
    data = {
        "commit": calls.commit(plan.round_id, b"\x07" * 32, plan.rules.stake),
        "withdraw": calls.withdraw(1, labeler),
        "open": calls.open(*opening),
    }[inside]
    policy = caller(world, data, answer=1)
    world.fund([policy])
    before = world.account(policy)
    job = world.open(requester, rows, admission=policy)
    with refused("commit: not admitted"):  # its call fails, and then it says no
        world.commit(job, [labeler])
    assert world.account(policy) == before


def test_a_wallet_cannot_call_back_while_it_is_asked(world, job, labeler):
    data = world.calls.commit(job.round_id, b"\x07" * 32, job.rules.stake)
    wallet = caller(world, data, answer=0x1626BA7E << 224)
    world.fund([wallet])
    with refused("commit: invalid signature"):
        call = world.calls.commit_for_wallet(job.round_id, wallet, b"\x08" * 32, b"")
        world.do(person("relayer"), call)
    assert world.account(wallet).locked == 0
