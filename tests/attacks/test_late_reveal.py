"""A labeler waits for the others' answers, and for the deadline to pass, before showing any.

Gain: to show them only if they turn out well. Stopped by the deadline (R1.1), and by silence
costing at least as much as the worst answers (F1.4, M3.3).
"""

import pytest

from tests.world.world import refused


def test_nothing_is_revealed_at_the_deadline_or_after_it(world, revealing, labelers):
    world.reveal(revealing, labelers[1:])
    world.chain.wait_until(revealing.deadlines.reveal - 1)
    with world.undone():
        world.reveal(revealing, labelers[:1])
    for moment in (revealing.deadlines.reveal, revealing.deadlines.reveal + 86_400):
        world.chain.wait_until(moment)
        with refused("round: reveal phase is over"):
            world.reveal(revealing, labelers[:1])


@pytest.mark.parametrize("base", [1, 2_500, 5_000])
def test_silence_is_never_cheaper_than_the_worst_answers(world, requester, rows, labelers, base):
    """The last to reveal knows what the others said, and still shows answers that are all wrong."""
    job = world.open(requester, rows, slash_base_bps=base)
    worst = labelers[-1]
    world.commit(job)
    world.chain.wait_until(job.deadlines.commit)
    before = world.total(worst)
    with world.undone():
        world.reveal(job)
        world.close(job)
        shown = before - world.total(worst)
    world.reveal(job, labelers[:-1])
    world.chain.wait_until(job.deadlines.reveal)
    world.close(job, labelers[:-1])
    world.do(requester, world.calls.forfeit(job.round_id, [worst]))
    assert 0 < shown <= before - world.total(worst)
