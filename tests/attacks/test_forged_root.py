"""A requester opens a round whose root of tasks is a roll already, with somebody on it.

The roll begins with the root of the tasks, and whoever closes a round names that root. So the hash
of another root and of a labeler who never took a seat passes for a root, and at the close the
other root and that labeler are handed in before those who revealed.

Gain: to slash an outsider from stakes of other rounds, or to free one's own stakes there, so that
those rounds can neither be closed nor unwound. Stopped by counting: the roll handed in must be as
long as the number of those who revealed.
"""

import pytest

from plumbline.protocol.commitment import RollEntry, extend_roll
from tests.world.adapter import TASKS_ROOT
from tests.world.jobs import RULES
from tests.world.world import refused


@pytest.fixture
def forged(world, requester, rows, labelers, copycat):
    """A round of the copycat with the first labeler on its roll, who has a seat elsewhere only."""
    honest = world.open(requester, rows)
    world.commit(honest)
    victim = RollEntry(labelers[0], honest.sheets[labelers[5]])
    root = extend_roll(TASKS_ROOT, victim.labeler, victim.sheet)
    job = world.plan(copycat, dict(list(rows.items())[1:]))
    opening = (job.rules, job.deadlines, root, job.gold_root, job.admission)
    world.do(copycat, world.calls.open(*opening))
    return job, victim, root, honest


@pytest.mark.parametrize("ending", ["close", "expire"])
@pytest.mark.parametrize("reveals", [0, 5])
def test_nobody_is_on_the_roll_who_did_not_reveal(world, forged, copycat, ending, reveals):
    job, victim, root, honest = forged
    there = job.labelers[:reveals]
    world.commit(job, there)
    world.chain.wait_until(job.deadlines.commit)
    if reveals:
        world.reveal(job, there)
    world.reveal(honest)
    world.chain.wait_until(job.deadlines.reveal + 30 * 86_400)
    before = world.account(victim.labeler)
    call = getattr(world.calls, ending)
    with refused("close: not what was revealed"):
        crooked = call(job.round_id, [victim, *job.entries(there)], tasks_root=TASKS_ROOT)
        world.do(copycat, crooked)
    assert world.account(victim.labeler) == before
    world.do(copycat, call(job.round_id, job.entries(there), tasks_root=root))
    world.close(honest)
    assert world.account(victim.labeler).locked == 0


def test_a_stake_elsewhere_is_not_freed_by_it(world, forged, labelers, copycat):
    """Nor does the round in which it is locked get stuck."""
    job, victim, root, honest = forged
    world.chain.wait_until(job.deadlines.reveal)
    with refused("close: not what was revealed"):
        world.do(copycat, world.calls.close(job.round_id, [victim], tasks_root=TASKS_ROOT))
    assert world.account(victim.labeler).locked == RULES.stake
    world.do(copycat, world.calls.forfeit(honest.round_id, labelers))
    world.close(honest, [])
    world.do(copycat, world.calls.close(job.round_id, [], tasks_root=root))
