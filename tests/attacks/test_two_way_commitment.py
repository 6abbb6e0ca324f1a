"""A labeler keeps a choice between two answers until the others have shown theirs.

Gain: to follow the crowd. Stopped by the hash of all five planes and the salt, by seats that are
never taken twice (C1.4), and by there being one sheet only for a row of answers (D1.4).
"""

from dataclasses import replace

import pytest
from eth_utils.crypto import keccak

from plumbline.protocol.commitment import Opening
from tests.world.world import refused


def test_no_plane_of_a_sheet_can_be_changed(world, revealing, labeler):
    opening = revealing.opening(labeler)
    for plane in range(5):
        for bit in (0, revealing.rules.tasks - 1, 255):
            sheet = [*opening.sheet]
            sheet[plane] ^= 1 << bit
            other = Opening(labeler, tuple(sheet), opening.salt)
            with refused("reveal: not what was committed"):
                world.do(labeler, world.calls.reveal(revealing.round_id, [other]))
    world.reveal(revealing, [labeler])


def test_a_commitment_is_not_replaced_by_any_way_of_committing(world, committed, labeler):
    other = keccak(text="second thoughts")
    with refused("commit: seat already taken"):
        data = world.calls.commit(committed.round_id, other, committed.rules.stake)
        world.do(labeler, data)
    with refused("commit: seat already taken"):
        world.relay(committed, [labeler])


@pytest.mark.parametrize("trick", ["digits of a skipped task", "a task beyond the last"])
def test_a_row_has_no_second_sheet(world, job, labeler, trick):
    """Two sheets that mean the same would be two openings, if one commitment could hold both."""
    answered, digit0, *rest = job.sheets[labeler]
    if trick == "digits of a skipped task":
        sheet = (answered & ~1, digit0 | 1, *rest)
    else:
        sheet = (answered | 1 << job.rules.tasks, digit0, *rest)
    crooked = replace(job, sheets={labeler: sheet})
    world.commit(crooked)
    world.chain.wait_until(job.deadlines.commit)
    with refused("reveal: answers do not fit"):
        world.reveal(crooked)
