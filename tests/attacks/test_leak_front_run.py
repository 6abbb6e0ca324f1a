"""Whoever sees a leak report on its way sends the same with a higher fee.

Gain: the bounty, in the place of who found the leak. Not stopped: a report shows all it takes.
What stands is that one bounty is paid and one slash taken (L1.3), that the second report reverts,
and that nobody but who leaked has lost anything. The finder can avoid it by a private mempool.
"""

from tests.world.jobs import RULES
from tests.world.world import refused


def test_the_first_report_is_paid_and_the_other_reverts(
    world, committed, labeler, copycat, requester
):
    opening = committed.opening(labeler)
    data = world.calls.report_leak(committed.round_id, opening.labeler, opening.sheet, opening.salt)
    finder, thief, sink = world.free(requester), world.free(copycat), world.views.sink_balance()
    world.do(copycat, data)
    with refused("leak: not what was committed"):
        world.do(requester, data)
    bounty = RULES.stake * 500 // 10_000
    assert world.free(copycat) == thief + bounty
    assert world.free(requester) == finder
    slash = RULES.stake * RULES.slash_max_bps // 10_000
    assert world.views.sink_balance() == sink + slash - bounty


def test_a_labeler_cannot_outrun_a_report_with_a_reveal_or_a_withdrawal(
    world, committed, labeler, copycat
):
    with refused("round: reveal phase not begun"):
        world.reveal(committed, [labeler])
    world.do(labeler, world.calls.withdraw(world.free(labeler), labeler))
    opening = committed.opening(labeler)
    shown = (committed.round_id, opening.labeler, opening.sheet, opening.salt)
    world.do(copycat, world.calls.report_leak(*shown))
    slash = RULES.stake * RULES.slash_max_bps // 10_000
    assert world.free(labeler) == RULES.stake - slash
