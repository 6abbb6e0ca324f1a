"""Somebody acts on a round that nobody has opened.

Gain: a seat, a stake or a record in whatever round gets that number. Stopped by every function
asking first whether there is such a round (T4.8, P1.1, F1.1, X1.1).
"""

import pytest

from plumbline.protocol.commitment import EMPTY_HASH, EMPTY_SHEET
from tests.world.jobs import RULES, truth_of
from tests.world.world import refused


@pytest.fixture
def unopened(world, requester, labelers):
    """The next round, of which everything is known but that it is opened."""
    return world.plan(requester, dict.fromkeys(labelers[:3], truth_of(RULES)))


def test_there_is_nothing_to_do_in_it(world, unopened, labelers, copycat):
    calls, number = world.calls, unopened.round_id
    opening = unopened.opening(labelers[0])
    commitment = unopened.commitment(labelers[0])
    for data in (
        calls.commit(number, commitment, RULES.stake),
        calls.commit_signed(number, [unopened.signed(labelers[0])]),
        calls.commit_for_wallet(number, world.address, commitment, b""),
        calls.report_leak(number, opening.labeler, opening.sheet, opening.salt),
        calls.reveal(number, unopened.openings()),
        calls.close(number, [], EMPTY_SHEET, EMPTY_HASH),
        calls.forfeit(number, labelers),
        calls.expire(number, []),
    ):
        for of_another in (number, 0):
            with refused("round: no such round"):
                world.do(copycat, data[:4] + of_another.to_bytes(32, "big") + data[36:])


def test_it_has_no_phase_and_no_seats(world, unopened, labeler):
    seat = world.views.seat(unopened.round_id, labeler)
    assert (seat.commitment, seat.leaked) == (EMPTY_HASH, False)
    assert world.views.phase(unopened.round_id) == (0, 0)
    with refused("round: no such round"):
        world.views.round(unopened.round_id)
