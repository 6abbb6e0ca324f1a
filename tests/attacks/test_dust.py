"""Amounts of a few wei, split so that every division rounds in one's favour.

Gain: a wei at a time, a thousand times. Stopped by floor divisions that always leave the rest to
the requester or the sink, never to a labeler or a reporter (M3, P3), and by the least stake of
which an outlier still loses a wei (T1.10).
"""

import pytest

from tests.world.world import refused


@pytest.mark.parametrize("price", [1, 2, 3, 7, 999, 10_001])
@pytest.mark.parametrize("showup", [0, 1, 9_999])
def test_what_is_paid_is_never_more_than_was_put_up(world, requester, rows, price, showup):
    job = world.open(requester, rows, price=price, showup_bps=showup)
    owners = [requester, *rows]
    escrow = price * job.rules.seats
    before = sum(world.total(owner) for owner in owners)
    settlement = job.settlement()
    world.play(job)
    after = sum(world.total(owner) for owner in owners)
    assert after - before == escrow - settlement.burned
    assert settlement.paid + settlement.refund <= escrow
    assert all(outcome.pay <= price for outcome in settlement.labelers)


@pytest.mark.parametrize(("stake", "base"), [(1, 10_000), (2, 5_000), (3, 3_334), (10_000, 1)])
def test_the_smallest_stake_of_an_outlier_loses_a_wei(
    world, requester, rows, labelers, stake, base
):
    terms = {"stake": stake, "slash_base_bps": base, "slash_max_bps": max(base, 500)}
    job = world.open(requester, rows, **terms)
    before = world.total(labelers[-1])
    world.play(job)
    assert before - world.total(labelers[-1]) >= 1
    with refused("open: stake too small to slash"):
        world.open(requester, rows, **{**terms, "stake": stake - 1})


@pytest.mark.parametrize("stake", [1, 19, 20, 39, 40])
def test_the_bounty_of_a_dust_stake_is_no_more_than_its_slash(
    world, requester, rows, labelers, copycat, stake
):
    """500 bps of 19 wei are nothing; and a report pays for itself only where there is a stake."""
    job = world.open(requester, rows, stake=stake, slash_base_bps=10_000, slash_max_bps=10_000)
    world.commit(job, labelers[:1])
    opening = job.opening(labelers[0])
    before = world.free(copycat)
    shown = (job.round_id, opening.labeler, opening.sheet, opening.salt)
    world.do(copycat, world.calls.report_leak(*shown))
    assert world.free(copycat) - before == stake * 500 // 10_000 <= stake


def test_money_moved_in_and_out_a_wei_at_a_time_is_the_same_money(world, copycat):
    before = world.free(copycat), world.held
    for _ in range(50):
        world.pay_in(copycat, copycat, 1)
        world.do(copycat, world.calls.withdraw(1, copycat))
    assert (world.free(copycat), world.held) == before


def test_a_batch_slashes_what_its_parts_do(world, committed, labelers):
    """Each seat is rounded by itself, so no way of cutting a batch saves a wei."""
    world.chain.wait_until(committed.deadlines.reveal)
    with world.undone():
        world.do(labelers[0], world.calls.forfeit(committed.round_id, labelers))
        together = world.views.sink_balance()
    for labeler in labelers:
        world.do(labelers[0], world.calls.forfeit(committed.round_id, [labeler]))
    assert world.views.sink_balance() == together
