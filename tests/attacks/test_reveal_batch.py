"""One bad opening in a batch, or somebody who reveals one of it first.

Gain: to make the whole batch revert near the deadline, so that all in it are slashed as silent.
Stopped by taking each opening for itself (R1.2, R1.3).
"""

from dataclasses import replace

import pytest

from plumbline.chain.events import RevealRefused
from tests.world.people import person
from tests.world.world import of_kind

BAD = ("other salt", "other answers", "no seat", "revealed just before", "twice")


@pytest.mark.parametrize("place", [0, 5])
@pytest.mark.parametrize("how", BAD)
def test_the_others_are_revealed_in_the_last_second(
    world, revealing, labelers, copycat, how, place
):
    job = revealing
    world.chain.wait_until(job.deadlines.reveal - 1)
    batch = job.openings()
    victim = batch[place]
    answered, digit0, *rest = victim.sheet
    batch[place] = {
        "other salt": replace(victim, salt=bytes(32)),
        "other answers": replace(victim, sheet=(answered, digit0 ^ 1, *rest)),
        "no seat": replace(victim, labeler=copycat),
        "revealed just before": victim,
        "twice": batch[place - 1],
    }[how]
    if how == "revealed just before":
        world.reveal(job, [victim.labeler])
    events = world.do(person("keeper"), world.calls.reveal(job.round_id, batch))
    assert len(of_kind(events, RevealRefused)) == 1
    there = world.views.round(job.round_id).revealed
    assert there == (6 if how == "revealed just before" else 5)
