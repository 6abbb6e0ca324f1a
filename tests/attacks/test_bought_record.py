"""A requester and the own puppets play rounds among themselves, to look well for the next one.

Gain: a record of near rounds for a labeler, of few void ones for a requester, for gas alone.
Not stopped: a record says what an address did, not with whom. What stands is that nothing is
earned by it, and that nobody else's record is touched: it changes only by one's own seats.
"""

from tests.world.jobs import RULES, truth_of
from tests.world.people import person


def test_a_record_costs_gas_and_nothing_else(world, requester):
    puppets = [person(f"puppet {number}") for number in range(3)]
    world.fund(puppets)
    rows = dict.fromkeys(puppets, truth_of(RULES))
    before = sum(world.total(owner) for owner in (requester, *puppets))
    for _ in range(5):
        world.play(world.open(requester, rows, price=1, seats=3))
    assert sum(world.total(owner) for owner in (requester, *puppets)) == before
    assert [(world.account(owner).rounds, world.account(owner).near) for owner in puppets] == [
        (5, 5)
    ] * 3
    assert (world.account(requester).opened, world.account(requester).void) == (5, 0)


def test_nobodys_record_is_changed_by_others(world, committed, labelers, copycat, requester):
    """Not by naming them: in batches, as the silent, as leaked, on a roll."""
    innocent = copycat
    before = world.account(innocent)
    world.chain.wait_until(committed.deadlines.commit)
    world.reveal(committed, labelers[:4])
    world.chain.wait_until(committed.deadlines.reveal)
    world.do(requester, world.calls.forfeit(committed.round_id, [innocent, *labelers]))
    world.close(committed, labelers[:4])
    assert world.account(innocent) == before
