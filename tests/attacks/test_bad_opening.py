"""A round is opened, or a contract deployed, in which something that others rely on is missing.

Gain: pay that is not there, labels that can be about anything, a door that nobody can open, money
that goes to nobody. Stopped by the checks of the opening (T3) and of the deployment (A1.2).
"""

from dataclasses import replace

import pytest

from plumbline.protocol.addresses import ZERO
from tests.world.jobs import RULES, gold_sheet
from tests.world.world import WINDOW, World, refused


def test_a_round_is_about_tasks(world, requester):
    job = world.plan(requester, {})
    with refused("open: no tasks_root"):
        world.do(requester, world.calls.open(job.rules, job.deadlines, bytes(32), bytes(32), ZERO))


def test_a_policy_can_be_asked(world, requester, stranger):
    with refused("open: admission has no code"):
        world.open(requester, admission=stranger)


def test_a_round_is_paid_for_before_anyone_works(world, requester):
    price = world.free(requester) // RULES.seats
    with refused("account: not enough free"):
        world.open(requester, price=price + 1)
    world.open(requester, price=price)
    assert world.free(requester) == world.free(requester) % RULES.seats


def test_terms_and_deadlines_are_those_that_can_be_kept(world, requester):
    now = world.chain.now
    with refused("open: tau lets no task count"):
        world.open(requester, tau_bps=9_999)
    with refused("open: gold not after reveal"):
        world.open(requester, None, gold_sheet(RULES), gold_deadline=now + 2 * WINDOW)
    with refused("open: gold deadline without gold"):
        world.open(requester, gold_deadline=now + 3 * WINDOW)


def test_rules_are_stored_as_they_were_agreed(world, requester):
    """At the ends of what the judge accepts: no field runs into the next (T1, D2.3)."""
    most = 2**88 - 1
    for changes in (
        {"rho_bps": 10_000, "bar_bps": 20_000, "refund_bps": 10_000, "showup_bps": 10_000},
        {"rho_bps": 0, "bar_bps": 10_000, "refund_bps": 0, "showup_bps": 0, "stake": most},
        {"slash_base_bps": 10_000, "slash_max_bps": 10_000, "r_min": RULES.seats},
    ):
        job = world.open(requester, **changes)
        assert world.views.round(job.round_id).rules == job.rules
    job = world.open(requester, None, gold_sheet(RULES), gold_slash_bps=10_000)
    assert world.views.round(job.round_id).rules == job.rules
    for beyond, reason in (
        ({"rho_bps": 10_001}, "open: rho above 10000 bps"),
        ({"bar_bps": 20_001}, "open: bar not in 10000..20000 bps"),
        ({"bar_bps": 9_999}, "open: bar not in 10000..20000 bps"),
        ({"refund_bps": 10_001}, "open: refund above 10000 bps"),
    ):
        with refused(reason):
            world.open(requester, **beyond)


def test_each_round_has_a_number_and_a_record_of_its_own(world, requester, rows):
    before = world.account(requester)
    first, second = world.open(requester, rows), world.open(requester, rows)
    assert (first.round_id, second.round_id) == (1, 2)
    assert world.views.round_count() == 2
    assert world.account(requester) == replace(
        before, opened=2, free=before.free - 2 * RULES.price * RULES.seats
    )


@pytest.mark.parametrize(
    ("asset", "sink", "judge", "reason"),
    [
        ("nobody", "sink", "judge", "deploy: asset has no code"),
        (ZERO, ZERO, "judge", "deploy: no sink"),
        (ZERO, "sink", "nobody", "deploy: judge has no code"),
    ],
)
def test_a_contract_that_could_not_work_is_not_deployed(
    world, built, stranger, requester, asset, sink, judge, reason
):
    judged = world.chain.deploy(built["Judge"]).address
    known = {"nobody": stranger, "sink": requester, "judge": judged}
    with refused(reason):
        world.chain.deploy(
            built["LabelRounds"], *(known.get(name, name) for name in (asset, sink, judge))
        )


def test_what_is_slashed_does_not_stay_in_the_contract(built):
    """The address is known before: it follows from who deploys, and how often."""
    other = World(built)
    with refused("deploy: sink is this contract"):
        World(built, sink=other.address)
