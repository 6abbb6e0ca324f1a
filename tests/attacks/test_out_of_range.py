"""Answers are revealed that are no options, for tasks that are none, or that were skipped.

Gain: counters that overflow into one another, scores beyond the best. Stopped by the form of a
sheet, looked at before it goes on the roll (D1.4, R1.3); such a seat ends as silent (R1.5).
"""

from dataclasses import replace

import pytest

from plumbline.settlement.sheet import pack
from tests.world.jobs import RULES
from tests.world.world import refused

TASKS = RULES.tasks
CROOKED = {
    "an option beyond the last": (1, 1, 1, 0, 0),  # 3 of 0..2
    "an option far beyond the last": (1, 0, 0, 0, 1),
    "a task beyond the last": (1 << TASKS, 0, 0, 0, 0),
    "the last bit": (1 << 255, 0, 0, 0, 0),
    "the first digit of a skipped task": (0, 1, 0, 0, 0),
    "the second digit of a skipped task": (0, 0, 1, 0, 0),
    "the third digit of a skipped task": (0, 0, 0, 1, 0),
    "the fourth digit of a skipped task": (0, 0, 0, 0, 1),
    "everything": (2**256 - 1,) * 5,
}


@pytest.mark.parametrize("sheet", CROOKED.values(), ids=CROOKED)
def test_what_is_no_answer_is_never_revealed(world, job, labelers, sheet):
    crooked = replace(job, sheets={**job.sheets, labelers[0]: sheet})
    world.commit(crooked)
    world.chain.wait_until(job.deadlines.commit)
    with refused("reveal: answers do not fit"):
        world.reveal(crooked, labelers[:1])
    world.reveal(crooked)  # the others are not held up
    world.chain.wait_until(job.deadlines.reveal)
    world.close(crooked, labelers[1:])
    before = world.total(labelers[0])
    world.do(labelers[1], world.calls.forfeit(job.round_id, labelers[:1]))
    assert world.total(labelers[0]) == before - RULES.stake * RULES.slash_max_bps // 10_000


@pytest.mark.parametrize("options", range(2, 17))
def test_the_last_option_is_the_last(world, requester, labelers, options):
    """For every number of options, in the first and in the last task."""
    last = pack([options - 1] * TASKS, options)
    job = world.open(requester, {labelers[0]: [options - 1] * TASKS}, options=options)
    beyond = [*last]
    for digit in range(4):  # the option after the last, in the last task
        bit = 1 << TASKS - 1
        beyond[1 + digit] &= ~bit
        beyond[1 + digit] |= bit * (options >> digit & 1)
    crooked = replace(job, sheets={**job.sheets, labelers[1]: tuple(beyond)})
    world.commit(crooked)
    world.chain.wait_until(job.deadlines.commit)
    world.reveal(crooked, labelers[:1])
    if options < 16:
        with refused("reveal: answers do not fit"):
            world.reveal(crooked, labelers[1:2])
