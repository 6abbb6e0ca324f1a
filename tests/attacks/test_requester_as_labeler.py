"""A requester takes seats in the own round: to be paid back, to void it, or to lead the crowd.

Gain: the others' answers for less than was promised. Stopped, with gold, by counting only who
passed (G3.5), by `refund_bps`, and by nothing going back where gold answers are withheld (P3.3).
Without gold, more than half of the seats void a round for the show-up fee, or slash the others: not
stopped, said in docs/specification.md, Limits. What stands in any case: nobody ends with more than
they began with but by the pay of a round.
"""

import pytest

from plumbline.settlement import Band, Mode
from tests.world.jobs import RULES, gold_sheet, mistaken
from tests.world.people import person
from tests.world.world import ETHER


@pytest.fixture
def puppets(world):
    """Seats of the requester."""
    puppets = [person(f"puppet {number}") for number in range(5)]
    world.fund(puppets)
    return puppets


def wealth(world, owners):
    return sum(world.total(owner) for owner in owners)


@pytest.mark.parametrize("kind", ["honest", "inverted", "silent"])
@pytest.mark.parametrize("count", [1, 3, 5])
def test_a_requester_never_earns_in_the_own_round(
    world, requester, rows, labelers, puppets, count, kind
):
    """What the puppets are paid was the requester's own, and what they lose is the sink's."""
    answers = mistaken(RULES, every=1) if kind == "inverted" else mistaken(RULES, every=36)
    own = puppets[:count]
    job = world.open(requester, {**dict.fromkeys(own, answers), **dict(list(rows.items())[:3])})
    before = wealth(world, [requester, *own])
    world.commit(job)
    world.chain.wait_until(job.deadlines.commit)
    there = job.labelers if kind != "silent" else labelers[:3]
    world.reveal(job, there)
    world.chain.wait_until(job.deadlines.reveal)
    world.close(job, there)
    if kind == "silent":
        world.do(requester, world.calls.forfeit(job.round_id, own))
    escrow = RULES.price * RULES.seats
    assert wealth(world, [requester, *own]) <= before + escrow
    assert all(world.total(labeler) >= ETHER for labeler in labelers[:3])


@pytest.mark.parametrize("withheld", [False, True])
def test_a_round_with_gold_costs_what_it_was_to_cost(
    world, requester, rows, labelers, puppets, withheld
):
    """Five puppets say the opposite of three labelers, for whose answers no more than half a price
    each comes back: gold keeps the puppets out, or is withheld, and then nothing does.
    """
    inverted = mistaken(RULES, every=1)
    honest = dict(list(rows.items())[:3])
    job = world.open(requester, {**dict.fromkeys(puppets, inverted), **honest}, gold_sheet(RULES))
    escrow = job.rules.price * job.rules.seats
    before = wealth(world, [requester, *puppets]) + escrow
    world.commit(job)
    world.chain.wait_until(job.deadlines.commit)
    world.reveal(job)
    settlement = job.settlement(withheld=withheld)
    if withheld:
        world.chain.wait_until(job.deadlines.gold)
        world.do(requester, world.calls.close(job.round_id, job.entries()))
        assert settlement.refund == 0
    else:
        world.close(job)
        assert settlement.mode is Mode.PEER and settlement.passed == (False,) * 5 + (True,) * 3
        assert all(world.total(labeler) > ETHER for labeler in labelers[:3])
    least = job.rules.price - job.rules.price * job.rules.refund_bps // 10_000
    cost = before - wealth(world, [requester, *puppets])
    assert cost >= 3 * (job.rules.price if withheld else least)


def test_a_bloc_of_the_requester_slashes_the_others_when_golds_are_withheld(
    world, requester, rows, labelers, puppets
):
    """Not stopped: gold that would have shown who was right stays hidden, and two of three seats
    are the crowd. It costs what the three were promised, and saves nothing of it.
    """
    bloc = [*puppets, person("one more puppet")]
    world.fund(bloc[5:])
    inverted = mistaken(RULES, every=1)
    everyone = {**dict.fromkeys(bloc, inverted), **dict(list(rows.items())[:3])}
    job = world.open(requester, everyone, gold_sheet(RULES), seats=9)
    before = wealth(world, [requester, *bloc]) + RULES.price * 9
    world.commit(job)
    world.reveal(job)
    opened = job.settlement()  # with them the bloc would have been slashed
    assert {each.band for each in opened.labelers[:6]} == {Band.OUTLIER}
    world.chain.wait_until(job.deadlines.gold)
    world.do(requester, world.calls.close(job.round_id, job.entries()))
    slash = RULES.stake * RULES.slash_max_bps // 10_000
    lost = [ETHER - world.total(labeler) for labeler in labelers[:3]]
    assert all(0 < each <= slash for each in lost)
    assert wealth(world, [requester, *bloc]) <= before - RULES.price * 3


def test_one_address_may_open_and_label_and_its_two_books_do_not_mix(
    world, requester, rows, labelers
):
    """The escrow is not the stake, and the record counts both (A3)."""
    own = {requester: rows[labelers[0]]}
    before = world.account(requester)
    job = world.open(requester, {**own, **dict(list(rows.items())[1:])})
    world.commit(job)
    assert world.account(requester).locked == RULES.stake
    world.chain.wait_until(job.deadlines.commit)
    world.reveal(job)
    world.close(job)
    after, settlement = world.account(requester), job.settlement()
    mine = settlement.labelers[0].pay + settlement.refund
    assert after.free == before.free - RULES.price * RULES.seats + mine
    assert (after.locked, after.opened, after.rounds, after.near) == (0, 1, 1, 1)
