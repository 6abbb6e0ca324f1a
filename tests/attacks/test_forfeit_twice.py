"""A seat is slashed as silent twice, or though it was revealed, has leaked or was never taken.

Gain: to hurt somebody, or to fill the sink from stakes of other rounds. Stopped by what the seat
holds: only a commitment is slashed, and the slash empties it (F1.2, F1.4).
"""

import pytest

from tests.world.jobs import RULES
from tests.world.world import refused

SLASH = RULES.stake * RULES.slash_max_bps // 10_000
NOBODY = "forfeit: nobody was silent"


def forfeit(world, job, labelers):
    world.do(job.requester, world.calls.forfeit(job.round_id, labelers))


def test_twice(world, revealing, labelers):
    silent = labelers[0]
    world.chain.wait_until(revealing.deadlines.reveal)
    before = world.total(silent)
    forfeit(world, revealing, [silent, silent, silent])
    with refused(NOBODY):
        forfeit(world, revealing, [silent])
    assert world.total(silent) == before - SLASH
    assert world.account(silent).unrevealed == 1


@pytest.mark.parametrize("closed", [False, True])
def test_who_revealed(world, revealing, labelers, closed):
    world.reveal(revealing, labelers[:5])
    world.chain.wait_until(revealing.deadlines.reveal)
    if closed:
        world.close(revealing, labelers[:5])
    before = [world.account(labeler) for labeler in labelers[:5]]
    with refused(NOBODY):
        forfeit(world, revealing, labelers[:5])
    forfeit(world, revealing, labelers)
    assert [world.account(labeler) for labeler in labelers[:5]] == before


def test_who_leaked_or_has_no_seat(world, committed, labelers, copycat, stranger):
    opening = committed.opening(labelers[0])
    shown = (committed.round_id, opening.labeler, opening.sheet, opening.salt)
    world.do(copycat, world.calls.report_leak(*shown))
    world.chain.wait_until(committed.deadlines.reveal)
    with refused(NOBODY):
        forfeit(world, committed, [labelers[0], copycat, stranger, world.address])


def test_too_early(world, revealing, labelers):
    world.chain.wait_until(revealing.deadlines.reveal - 1)
    with refused("forfeit: not yet"):
        forfeit(world, revealing, labelers)


def test_a_seat_of_another_round(world, revealing, requester, labelers):
    other = world.open(requester)
    world.chain.wait_until(other.deadlines.reveal)
    with refused(NOBODY):
        forfeit(world, other, labelers)
    assert world.account(labelers[0]).locked == RULES.stake


def test_a_seat_that_forfeited_is_neither_revealed_nor_concluded_nor_released(
    world, revealing, labelers
):
    world.reveal(revealing, labelers[1:])
    world.chain.wait_until(revealing.deadlines.reveal + 30 * 86_400)
    forfeit(world, revealing, labelers[:1])
    after = world.account(labelers[0])
    with refused("round: reveal phase is over"):
        world.reveal(revealing, labelers[:1])
    entries = revealing.entries(labelers[1:])
    world.do(labelers[0], world.calls.expire(revealing.round_id, entries))
    assert world.account(labelers[0]) == after
