"""A roll is closed with a labeler left out, added, twice, or out of order.

Gain: to keep somebody's pay, to be paid without having revealed, to be paid twice. Stopped by the
roll being a hash of all labelers and answers in their order (H4.1, P1.1).
"""

import pytest

from plumbline.protocol.commitment import RollEntry
from tests.world.jobs import RULES
from tests.world.world import refused

CHANGES = {
    "nobody": lambda roll, more: [],
    "without the first": lambda roll, more: roll[1:],
    "without the last": lambda roll, more: roll[:-1],
    "the first twice": lambda roll, more: [roll[0], *roll],
    "the last twice": lambda roll, more: [*roll, roll[-1]],
    "all twice": lambda roll, more: roll * 2,
    "one twice in the place of another": lambda roll, more: [*roll[:-1], roll[0]],
    "one more who committed": lambda roll, more: [*roll, more],
    "one more at the beginning": lambda roll, more: [more, *roll],
    "backwards": lambda roll, more: roll[::-1],
    "two in each other's place": lambda roll, more: [roll[1], roll[0], *roll[2:]],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("ending", ["close", "expire"])
def test_the_roll_is_what_was_revealed_in_its_order(world, revealing, labelers, ending, change):
    job, silent = revealing, labelers[5]
    world.reveal(job, labelers[:5])
    world.chain.wait_until(job.deadlines.reveal + 30 * 86_400)
    call = getattr(world.calls, ending)
    more = RollEntry(silent, job.sheets[silent])
    with refused("close: not what was revealed"):
        world.do(silent, call(job.round_id, change(job.entries(labelers[:5]), more)))
    world.do(silent, call(job.round_id, job.entries(labelers[:5])))
    assert world.account(silent).locked == RULES.stake


@pytest.mark.parametrize("changed", ["without one", "one twice", "one who leaked"])
def test_a_conclusion_takes_each_seat_once(world, job, labelers, copycat, changed):
    world.commit(job)
    leaked = job.opening(labelers[0])
    shown = (job.round_id, leaked.labeler, leaked.sheet, leaked.salt)
    world.do(copycat, world.calls.report_leak(*shown))
    world.chain.wait_until(job.deadlines.commit)
    there = labelers[1:]
    those, reason = {
        "without one": (there[1:], "close: not all seats"),
        "one twice": ([*there[:-1], there[0]], "reveal: nothing to reveal"),
        "one who leaked": ([labelers[0], *there[1:]], "reveal: not what was committed"),
    }[changed]
    with refused(reason):
        world.do(copycat, world.calls.conclude(job.round_id, job.openings(those)))
    world.do(copycat, world.calls.conclude(job.round_id, job.openings(there)))
