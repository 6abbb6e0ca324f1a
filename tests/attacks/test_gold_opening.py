"""Gold answers are opened wrong, early, late, twice or never, or by somebody who only guesses them.

Gain: to judge the crowd by other answers than those committed to, or, for a requester who sees the
crowd's answers first, to withhold gold answers that would pay it. Stopped by the root (G1.1), by
the phase (G1.2, G1.4), and by what is unspent going to the sink if these were withheld (P3.3).
"""

from dataclasses import replace

import pytest

from plumbline.chain.events import GoldOpened, RoundClosed
from plumbline.protocol.commitment import EMPTY_HASH, EMPTY_SHEET
from tests.world.adapter import TASKS_ROOT
from tests.world.jobs import RULES, gold_sheet
from tests.world.world import of_kind, refused


def close(world, job, gold, salt):
    call = world.calls.close(job.round_id, job.entries(), gold, salt)
    return world.do(job.requester, call)


@pytest.mark.parametrize("wrong", ["one answer", "one gold less", "other salt", "none"])
def test_wrong(world, gold_revealed, wrong):
    job = gold_revealed
    answered, digit0, *rest = job.gold
    gold, salt = {
        "one answer": ((answered, digit0 ^ 1, *rest), job.gold_salt),
        "one gold less": ((answered ^ 1, digit0 & ~1, rest[0] & ~1, *rest[1:]), job.gold_salt),
        "other salt": (job.gold, b"\x01" * 32),
        "none": (EMPTY_SHEET, EMPTY_HASH),
    }[wrong]
    with refused("gold: not what was committed"):
        close(world, job, gold, salt)
    world.close(job)


def test_early(world, gold_job, labelers):
    world.commit(gold_job)
    with refused("close: not yet"):
        world.close(gold_job, [])
    world.chain.wait_until(gold_job.deadlines.commit)
    world.reveal(gold_job, labelers[:5])
    with refused("close: not yet"):
        world.close(gold_job, labelers[:5])


def test_late(world, gold_revealed):
    world.chain.wait_until(gold_revealed.deadlines.gold - 1)
    with world.undone():
        world.close(gold_revealed)
    world.chain.wait_until(gold_revealed.deadlines.gold)
    with refused("gold: not awaited"):
        world.close(gold_revealed)


def test_twice(world, gold_revealed):
    assert len(of_kind(world.close(gold_revealed), GoldOpened)) == 1
    with refused("round: closed"):
        world.close(gold_revealed)


def test_never_leaves_the_requester_nothing_of_what_is_unspent(world, gold_revealed, requester):
    """Whatever the crowd is worth: what is not paid is the sink's."""
    before = world.free(requester)
    world.chain.wait_until(gold_revealed.deadlines.gold)
    events = close(world, gold_revealed, EMPTY_SHEET, EMPTY_HASH)
    (closed,) = of_kind(events, RoundClosed)
    empty = RULES.price * (RULES.seats - 6)
    assert world.free(requester) == before + empty == before + closed.refund
    assert closed.paid + closed.refund < RULES.price * RULES.seats
    with_gold = gold_revealed.settlement()
    assert closed.refund <= with_gold.refund


def test_golds_that_are_no_answers_are_as_if_withheld(world, requester, rows):
    answered, digit0, digit1, *rest = gold_sheet(RULES)
    job = world.open(requester, rows, (answered, digit0 | 1, digit1 | 1, *rest))  # 3 of 0..2
    world.commit(job)
    world.chain.wait_until(job.deadlines.commit)
    world.reveal(job)
    with refused("gold: answers do not fit"):
        world.close(job)
    world.chain.wait_until(job.deadlines.gold)
    (closed,) = of_kind(close(world, job, EMPTY_SHEET, EMPTY_HASH), RoundClosed)
    withheld = replace(job, gold=EMPTY_SHEET).settlement(withheld=True)
    assert (closed.refund, closed.to_sink) == (withheld.refund, withheld.burned)


def test_a_gold_answer_of_the_first_option_is_one(world, requester, rows):
    """No digit of it is set, and it counts for all that."""
    gold = gold_sheet(RULES)
    assert gold[0] & ~(gold[1] | gold[2])
    job = world.open(requester, rows, gold)
    (closed,) = of_kind(world.play(job), RoundClosed)
    expected = job.settlement()
    assert closed.verdict.usable_gold == gold[0]
    assert (closed.refund, closed.to_sink) == (expected.refund, expected.burned)
    assert expected.refund > RULES.price * (RULES.seats - len(rows))


def test_never_by_committing_to_none(world, requester, rows):
    """A root of no gold answers at all is as good as gold answers that were withheld (G1.3)."""
    with refused("open: gold_root without gold_count"):
        world.open(requester, rows, EMPTY_SHEET)
    job = world.open(requester, rows, EMPTY_SHEET, gold_count=9)
    before = world.free(requester)
    (closed,) = of_kind(world.play(job), RoundClosed)
    unspent = RULES.price * 6 - closed.paid
    assert unspent > 0
    assert world.free(requester) == before + RULES.price * (RULES.seats - 6)


def test_nobody_waits_for_them_longer_than_a_month(world, requester, rows):
    """Nor is a round opened in which stakes would be locked until then (T2.6)."""
    reveal, month = world.chain.now + 7_200, 30 * 86_400
    with refused("open: gold window too long"):
        world.open(requester, rows, gold_sheet(RULES), gold_deadline=reveal + month + 1)
    world.open(requester, rows, gold_sheet(RULES), gold_deadline=reveal + month)


def test_a_copy_of_anothers_root_is_opened_by_nobody(world, gold_job, copycat, rows):
    """The root names the requester (H2.1)."""
    stolen = replace(gold_job, requester=copycat, round_id=gold_job.round_id + 1)
    opening = (stolen.rules, stolen.deadlines, TASKS_ROOT, gold_job.gold_root, stolen.admission)
    world.do(copycat, world.calls.open(*opening))
    world.commit(stolen)
    world.chain.wait_until(stolen.deadlines.commit)
    world.reveal(stolen)
    with refused("gold: not what was committed"):
        world.close(stolen)


def test_guessing_the_golds_is_guessing_the_salt(world, gold_revealed, copycat):
    for guess in (bytes(32), b"\x01" * 32):
        with refused("gold: not what was committed"):
            close(world, gold_revealed, gold_sheet(RULES), guess)
