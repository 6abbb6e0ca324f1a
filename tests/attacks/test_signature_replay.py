"""A signed consent is used again: in another round, deployment or chain, after the labeler took
another way, or in another form of the same signature.

Gain: to lock a stake that nobody agreed to. Stopped by what is signed (H3.1), by one seat for a
labeler in a round (C2.7), and by a form of signature that has no other (H3.3).
"""

from dataclasses import replace

import pytest
from boa.environment import Env
from eth_abi.abi import encode
from eth_keys.constants import SECPK1_N

from plumbline.chain.records import Deadlines
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.protocol.commitment import SignedCommitment
from plumbline.protocol.typed_data import Deployed
from tests.world.adapter import TASKS_ROOT, Calls
from tests.world.chain import Abi, Chain
from tests.world.jobs import RULES
from tests.world.world import START, World, refused

NOT_HIS = "commit: invalid signature"


def relay(world, round_id, *signed):
    return world.do(world.sink, world.calls.commit_signed(round_id, signed))


def test_in_another_round(world, job, requester, labeler):
    other = world.open(requester)
    with refused(NOT_HIS):
        relay(world, other.round_id, job.signed(labeler))


def test_in_another_deployment_on_the_same_chain(built, world, job, requester, rows, labeler):
    elsewhere = World(built, chain=world.chain)
    elsewhere.fund([requester, labeler])
    other = elsewhere.open(requester, rows)
    assert other.round_id == job.round_id and other.rules == job.rules
    with refused(NOT_HIS):
        relay(elsewhere, other.round_id, job.signed(labeler))
    elsewhere.relay(other, [labeler])


def test_on_another_chain_at_the_same_address(built, requester, rows, labeler):
    """Two chains with the same history, as after a split."""
    here, there = (World(built, chain=Chain(START, chain_id)) for chain_id in (1, 2))
    assert here.address == there.address
    for world in (here, there):
        world.fund([requester, labeler])
        world.open(requester, rows)
    signed = here.plan(requester, rows).signed(labeler)
    for world in (here, there):
        job = world.open(requester, rows)
        if world is there:
            with refused(NOT_HIS):
                relay(world, job.round_id, signed)
        else:
            relay(world, job.round_id, signed)


def test_the_domain_follows_the_chain_when_it_splits(built, world, requester, rows, labeler):
    """The same contract, on the branch that took another number (H0.2); only boa can do that."""
    env = Env()
    abi = Abi(built["LabelRounds"]["abi"])
    judge, _ = env.deploy(bytecode=bytes.fromhex(built["Judge"]["bytecode"][2:]))
    args = encode(["address"] * 3, [ZERO, world.sink, str(judge)])
    code = bytes.fromhex(built["LabelRounds"]["bytecode"][2:]) + args
    contract, _ = env.deploy(bytecode=code)

    def is_done(sender, data, value=0):
        done = env.execute_code(to_address=contract, sender=sender, data=data, value=value)
        return not done.is_error

    calls, now = Calls(abi), env.evm.patch.timestamp
    deployed = Deployed(env.evm.patch.chain_id, checksum(str(contract)))
    job = replace(
        world.plan(requester, rows),
        round_id=1,
        deployed=deployed,
        deadlines=Deadlines(now + 600, now + 1_200, 0),
    )
    for owner in (requester, labeler):
        env.set_balance(owner, 10**18)
        assert is_done(owner, calls.deposit(10**18), 10**18)
    opening = (job.rules, job.deadlines, TASKS_ROOT, job.gold_root, ZERO)
    assert is_done(requester, calls.open(*opening))
    data = calls.commit_signed(1, [job.signed(labeler)])
    env.evm.patch.chain_id += 1
    assert not is_done(world.sink, data)
    env.evm.patch.chain_id -= 1
    assert is_done(world.sink, data)


def test_after_another_way_was_taken(world, job, labeler):
    """There is no cancelling but by taking the seat with another commitment."""
    other = world.calls.commit(job.round_id, b"\x07" * 32, RULES.stake)
    world.do(labeler, other)
    with refused("commit: seat already taken"):
        relay(world, job.round_id, job.signed(labeler))


def test_twice(world, job, labeler):
    relay(world, job.round_id, job.signed(labeler))
    locked = world.account(labeler).locked
    with refused("commit: seat already taken"):
        relay(world, job.round_id, job.signed(labeler), job.signed(labeler))
    assert world.account(labeler).locked == locked


def test_after_the_seat_was_leaked(world, job, labeler, copycat):
    relay(world, job.round_id, job.signed(labeler))
    opening = job.opening(labeler)
    shown = (job.round_id, labeler, opening.sheet, opening.salt)
    world.do(copycat, world.calls.report_leak(*shown))
    with refused("commit: seat already taken"):
        relay(world, job.round_id, job.signed(labeler))


def test_after_the_deadline(world, job, labeler):
    world.chain.wait_until(job.deadlines.commit)
    with refused("round: commit phase is over"):
        relay(world, job.round_id, job.signed(labeler))


@pytest.mark.parametrize(
    "form", ["the other s", "the other parity", "s of 0", "r of 0", "all ones"]
)
def test_in_another_form(world, job, labeler, form):
    of = job.signed(labeler)
    parity, s = divmod(of.vs, 2**255)
    r, vs = {
        "the other s": (of.r, (SECPK1_N - s) % 2**255 + (1 - parity) * 2**255),
        "the other parity": (of.r, s + (1 - parity) * 2**255),
        "s of 0": (of.r, 0),
        "r of 0": (bytes(32), of.vs),
        "all ones": (b"\xff" * 32, 2**256 - 1),
    }[form]
    with refused(NOT_HIS):
        relay(world, job.round_id, SignedCommitment(labeler, of.commitment, r, vs))
    relay(world, job.round_id, of)


def test_for_nobody(world, job):
    """What the curve makes no sense of recovers to the zero address, which has no seat."""
    nobody = SignedCommitment("0x" + "00" * 20, b"\x07" * 32, bytes(32), 0)
    with refused(NOT_HIS):
        relay(world, job.round_id, nobody)
