"""One bad item in a batch of 64 signed commitments, or somebody who is faster with one of them.

Gain: to waste the relayer's gas, and to keep the others out until it is too late. Stopped by
taking each item for itself (C2.2, C2.3): what does not apply is skipped, and says why.
"""

from dataclasses import replace

import pytest

from plumbline.chain.events import CommitRefused, Committed
from tests.world.jobs import RULES
from tests.world.people import person, signed
from tests.world.world import of_kind, refused

BAD = {
    "not signed": "commit: invalid signature",
    "stake not covered": "commit: stake not covered",
    "withdrawn just before": "commit: stake not covered",
    "relayed by somebody else just before": "commit: seat already taken",
    "no commitment": "commit: not a commitment",
    "twice": "commit: seat already taken",
}


def spoil(world, job, how, victim):
    """The item, after what was done to spoil it."""
    item = job.signed(victim)
    if how == "not signed":
        return replace(item, vs=item.vs ^ 1)
    if how == "stake not covered":
        poor = person("poor")
        return replace(job, sheets={poor: job.sheets[victim]}).signed(poor)
    if how == "withdrawn just before":
        world.do(victim, world.calls.withdraw(world.free(victim), victim))
    if how == "relayed by somebody else just before":
        world.relay(job, [victim])
    if how == "no commitment":
        return signed(victim, world.deployed, job.round_id, RULES.stake, bytes(32))
    return item


@pytest.mark.parametrize("place", [0, 2, 5])
@pytest.mark.parametrize("how", BAD)
def test_the_others_get_their_seats(world, job, labelers, how, place):
    victim = labelers[place]
    bad = spoil(world, job, how, victim)
    batch = [job.signed(labeler) for labeler in labelers]
    batch[place : place + 1] = [batch[place], bad] if how == "twice" else [bad]
    events = world.do(person("relayer"), world.calls.commit_signed(job.round_id, batch))
    assert [each.reason for each in of_kind(events, CommitRefused)] == [BAD[how]]
    assert len(of_kind(events, Committed)) == (6 if how == "twice" else 5)


def test_a_batch_that_was_overtaken_whole_reverts_and_costs_no_seat(world, job, labelers):
    world.relay(job, labelers)
    with refused("commit: seat already taken"):
        world.relay(job, labelers)
    assert world.views.round(job.round_id).committed == 6


def test_the_last_seat_is_taken_once(world, requester, rows, labelers, copycat):
    """Somebody takes a seat just before; the batch goes on until there is none left."""
    job = world.open(requester, rows, seats=5)
    data = world.calls.commit(job.round_id, b"\x07" * 32, RULES.stake)
    world.do(copycat, data)
    events = world.relay(job, labelers)
    refusals = of_kind(events, CommitRefused)
    assert [each.reason for each in refusals] == ["commit: no seat left"] * 2
    assert world.views.round(job.round_id).committed == 5


def test_refusals_that_name_somebody_prove_nothing_and_change_nothing(
    world, job, labelers, copycat
):
    """Anyone can have the contract log that a labeler was refused (C2.8)."""
    item = job.signed(labelers[0])
    forged = replace(item, labeler=copycat)
    before = world.account(copycat)
    events = world.do(person("relayer"), world.calls.commit_signed(job.round_id, [forged, item]))
    assert of_kind(events, CommitRefused)[0].labeler == copycat
    assert world.account(copycat) == before


@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_is_enclosed_goes_with_its_own_commitment(world, job, labelers, count):
    """However many there are, and only those with it are enclosed with anything."""
    items = []
    for number, labeler in enumerate(labelers[:count]):
        made, sealed = job.commitment(labeler), bytes([number]) * number
        if number == count - 1:
            sealed = b"the last one"
        agreed = (world.deployed, job.round_id, RULES.stake, made, sealed)
        items.append(signed(labeler, *agreed))
    data = world.calls.commit_signed(job.round_id, items)
    events = of_kind(world.do(person("relayer"), data), Committed)
    assert [(each.labeler, each.sealed) for each in events] == [
        (item.labeler, item.sealed) for item in items
    ]
