"""Every task is tied, by chance or by a bloc that answers so that all are.

Gain: to be paid by a reference that the own vote decides, or to have it decided by the order of
options. Stopped by the margin (K2.1), which a tie never reaches: such a round is void.
"""

import pytest

from plumbline.chain.events import RoundClosed
from plumbline.settlement import Band, Mode
from plumbline.settlement.terms import Kind
from tests.world.jobs import RULES, truth_of
from tests.world.world import of_kind, outcomes

TRUTH = truth_of(RULES)


def shifted(by):
    return [(answer + by) % RULES.options for answer in TRUTH]


@pytest.mark.parametrize("camps", [2, 3])
@pytest.mark.parametrize("tau", [0, 200, 8_000])
def test_equal_camps_void_a_round_and_slash_nobody(world, requester, labelers, camps, tau):
    rows = {labeler: shifted(number % camps) for number, labeler in enumerate(labelers)}
    events = world.play(world.open(requester, rows, tau_bps=tau))
    (closed,) = of_kind(events, RoundClosed)
    assert closed.verdict.mode == Mode.VOID
    assert closed.to_sink == 0
    assert {band for band, _ in outcomes(events)} == {Band.VOID}


def test_a_lead_of_one_is_nobodys_reference_but_the_runner_ups(world, requester, labelers):
    """Three against two: without their own votes the three see a tie, and the two a lead of two."""
    rows = {labeler: shifted(int(number > 2)) for number, labeler in enumerate(labelers[:5])}
    events = world.play(world.open(requester, rows))
    (closed,) = of_kind(events, RoundClosed)
    assert closed.verdict.mode == Mode.VOID
    assert closed.to_sink == 0
    assert closed.verdict.contested == closed.verdict.decided


def test_everybody_skipping_everything_is_no_crowd(world, requester, labelers):
    rows = dict.fromkeys(labelers, [None] * RULES.tasks)
    (closed,) = of_kind(world.play(world.open(requester, rows)), RoundClosed)
    assert (closed.verdict.mode, closed.verdict.decided, closed.verdict.crowd_kappa) == (0, 0, 0)


def test_everybody_saying_the_same_of_every_task_proves_nothing(world, requester, labelers):
    """A constant answer scores exactly 0 (S1.8), and a one-sided round is void (M1.3)."""
    rows = dict.fromkeys(labelers, [1] * RULES.tasks)
    (closed,) = of_kind(world.play(world.open(requester, rows)), RoundClosed)
    assert closed.verdict.mode == Mode.VOID
    assert closed.to_sink == 0


def test_a_scale_split_between_its_ends_slashes_nobody(world, requester, labelers):
    """Half say one end, half the other, of every task the same way."""
    terms = {"kind": Kind.ORDINAL, "options": 5, "width": 4}
    rows = {labeler: [4 * (number % 2)] * RULES.tasks for number, labeler in enumerate(labelers)}
    (closed,) = of_kind(world.play(world.open(requester, rows, **terms)), RoundClosed)
    assert closed.verdict.mode == Mode.VOID
    assert closed.to_sink == 0
