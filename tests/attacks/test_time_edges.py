"""Something is done in the second in which it ends, or many things in one second.

Gain: to act in two phases at once, or in neither. Stopped by half-open phases (T4), which follow
from time and counts alone: at each second there is one phase, whoever proposes the block.
"""

import pytest

from plumbline.chain.records import Phase
from tests.world.chain import Refused
from tests.world.jobs import RULES
from tests.world.world import refused


def possible(world, job, labelers):
    """The actions that are not refused now."""
    late, *others = labelers
    calls, opening = world.calls, job.opening(others[0])
    shown = (job.round_id, opening.labeler, opening.sheet, opening.salt)
    there = world.views.round(job.round_id).revealed
    entries = job.entries(others[:there])
    actions = {
        "commit": calls.commit(job.round_id, job.commitment(late), RULES.stake),
        "leak": calls.report_leak(*shown),
        "reveal": calls.reveal(job.round_id, job.openings(others)),
        "conclude": calls.conclude(job.round_id, job.openings(others), job.gold, job.gold_salt),
        "close with gold": calls.close(job.round_id, entries, job.gold, job.gold_salt),
        "close": calls.close(job.round_id, entries),
        "forfeit": calls.forfeit(job.round_id, others),
        "expire": calls.expire(job.round_id, entries),
    }
    done = set()
    for name, data in actions.items():
        with world.undone():
            try:
                world.do(late, data)
            except Refused:
                continue
            done.add(name)
    return done


def test_each_second_has_its_actions(world, gold_job, labelers):
    job, times = gold_job, gold_job.deadlines
    world.commit(job, labelers[1:])
    expected = {
        times.commit - 1: {"commit", "leak"},
        times.commit: {"reveal"},
        times.reveal - 1: {"reveal"},
        times.reveal: {"close with gold", "forfeit"},
        times.gold - 1: {"close with gold", "forfeit"},
        times.gold: {"close", "forfeit"},
        times.gold + 30 * 86_400 - 1: {"close", "forfeit"},
        times.gold + 30 * 86_400: {"close", "forfeit", "expire"},
    }
    for moment, actions in expected.items():
        world.chain.wait_until(moment)
        found = possible(world, job, labelers)
        assert found - {"conclude"} == actions, moment - times.commit
        assert ("conclude" in found) == (times.commit <= moment < times.reveal)


def test_a_whole_round_in_blocks_with_one_timestamp(world, requester, rows):
    """Each phase ends early; nothing needs a second to pass."""
    job = world.open(requester, rows, seats=6)
    phases = [world.views.phase(job.round_id)[0]]
    world.commit(job)
    phases.append(world.views.phase(job.round_id)[0])
    world.reveal(job)
    phases.append(world.views.phase(job.round_id)[0])
    world.close(job)
    phases.append(world.views.phase(job.round_id)[0])
    assert phases == [Phase.COMMIT, Phase.REVEAL, Phase.DUE, Phase.CLOSED]


def test_the_earliest_deadlines_there_are(world, requester, rows):
    """A commit phase of one second, in whose only second all can commit."""
    now = world.chain.now
    with refused("open: commit deadline is over"):
        world.open(requester, rows, commit=now, reveal=now + 300)
    with refused("open: reveal window too short"):
        world.open(requester, rows, commit=now + 1, reveal=now + 300)
    job = world.open(requester, rows, commit=now + 1, reveal=now + 301)
    world.commit(job)
    world.chain.wait_until(now + 1)
    with refused("round: commit phase is over"):
        world.commit(job)
    world.chain.wait_until(now + 300)
    world.reveal(job)
    world.close(job)


@pytest.mark.parametrize("shift", [-12, 12])
def test_a_proposer_who_shifts_time_moves_one_edge_and_not_the_order(
    world, committed, labelers, shift
):
    """Twelve seconds early it is still the commit phase, twelve late already the next."""
    world.chain.wait_until(committed.deadlines.commit + shift)
    phase, left = world.views.phase(committed.round_id)
    assert (phase, left) == ((Phase.COMMIT, 12) if shift < 0 else (Phase.REVEAL, 3_600 - 12))
