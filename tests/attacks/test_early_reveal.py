"""Answers are opened while others may still commit: by a labeler who sells them, or by mistake.

Gain: whoever comes later copies them. Stopped by the phase (R1.1), and by the bounty for whoever
shows them (L1, R1.6): the call reverts, its calldata is public, and a report follows.
"""

from plumbline.protocol.commitment import EMPTY_HASH, EMPTY_SHEET
from tests.world.world import refused


def test_answers_are_not_revealed_before_the_commit_deadline(world, committed):
    world.chain.wait_until(committed.deadlines.commit - 1)
    with refused("round: reveal phase not begun"):
        world.reveal(committed)
    with refused("round: reveal phase not begun"):
        data = world.calls.conclude(
            committed.round_id, committed.openings(), EMPTY_SHEET, EMPTY_HASH
        )
        world.do(committed.requester, data)


def test_whoever_reads_an_early_reveal_reports_it(world, committed, labeler, copycat):
    opening, rules = committed.opening(labeler), committed.rules
    before, lost = world.free(copycat), world.total(labeler)
    with refused("round: reveal phase not begun"):
        world.reveal(committed, [labeler])
    shown = (committed.round_id, labeler, opening.sheet, opening.salt)
    world.do(copycat, world.calls.report_leak(*shown))
    assert world.free(copycat) == before + rules.stake * 500 // 10_000
    assert world.total(labeler) == lost - rules.stake * rules.slash_max_bps // 10_000


def test_the_last_seat_begins_the_reveal_phase_and_ends_the_reports(
    world, requester, rows, labelers, copycat
):
    """Nobody can copy any more, so the report would be worth nothing (L1.1)."""
    job = world.open(requester, rows, seats=6)
    world.commit(job)
    opening = job.opening(labelers[0])
    with refused("round: commit phase is over"):
        shown = (job.round_id, opening.labeler, opening.sheet, opening.salt)
        world.do(copycat, world.calls.report_leak(*shown))
    world.reveal(job)
