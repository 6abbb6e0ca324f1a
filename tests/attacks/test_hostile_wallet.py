"""A wallet contract burns all gas, answers with megabytes, or says yes to everything when it is
asked for its signature (EIP-1271).

Gain: to waste the gas of whoever relays its commitment. Not stopped, as it is asked without a
limit of gas: the loss is the gas of one transaction, of whoever sends it without trying it first.
What stands is that it is relayed alone (C2.6), so nobody else is held up or pays, and that nothing
is booked. A wallet that says yes to everything has its own stake locked by anybody.
"""

from dataclasses import replace

import pytest

from tests.world.chain import MOST_GAS
from tests.world.jobs import RULES
from tests.world.people import person
from tests.world.world import ETHER, refused

YES = "631626ba7e60e01b5f5260205ff3"
HOSTILE = {
    "burns all gas": ("fe", ""),
    "reverts": ("5f5ffd", ""),
    "says nothing": ("00", ""),
    "says no": ("5f5f5260205ff3", "commit: invalid signature"),
    "says yes in the wrong half": ("631626ba7e5f5260205ff3", ""),
    "reverts with a megabyte": ("6210000060005ffd", ""),
}


def relay(world, job, wallet, made=b"\x07" * 32, gas=MOST_GAS):
    call = world.calls.commit_for_wallet(job.round_id, wallet, made, b"")
    return world.do(person("relayer"), call, gas=gas)


@pytest.mark.parametrize("how", HOSTILE)
def test_nothing_is_booked_and_nobody_else_is_held_up(world, job, labelers, how):
    code, reason = HOSTILE[how]
    wallet = world.chain.raw(code)
    world.fund([wallet])
    with refused(reason):
        relay(world, job, wallet)
    assert (world.free(wallet), world.account(wallet).locked) == (ETHER, 0)
    world.relay(job, labelers)


def test_a_wallet_in_a_batch_of_signatures_is_not_asked(world, job, labelers):
    """There it is an address without a key: its item is skipped for a few thousand gas."""
    wallet = world.chain.raw("fe")
    world.fund([wallet])
    forged = replace(job.signed(labelers[0]), labeler=wallet)
    batch = [job.signed(labelers[0]), forged, job.signed(labelers[1])]
    world.do(person("relayer"), world.calls.commit_signed(job.round_id, batch))
    assert world.chain.gas_used < 300_000
    assert world.views.round(job.round_id).committed == 2


def test_a_wallet_that_says_yes_to_everything_gives_its_stake_away(world, job):
    """To anyone who relays any commitment for it: one seat a round, and it is slashed."""
    wallet = world.chain.raw(YES)
    world.fund([wallet])
    relay(world, job, wallet)
    assert world.account(wallet).locked == RULES.stake
    assert world.views.round(job.round_id).committed == 1
    with refused("commit: seat already taken"):
        relay(world, job, wallet, b"\x08" * 32)


def test_a_person_or_a_precompile_is_no_wallet(world, job, labeler):
    for address in (labeler, "0x" + "00" * 19 + "01", "0x" + "00" * 19 + "04", "0x" + "00" * 20):
        with refused("commit: invalid signature"):
            relay(world, job, address)
