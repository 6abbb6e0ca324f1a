"""A labeler answers the tasks that are quickly done, and skips the rest or says the commonest
answer.

Gain: the whole pay for half of the work, as easy tasks are those on which everybody agrees. Stopped
by paying for the share of tasks that was answered (M3.4), and by a bar above the crowd (T1.25), so
that answers to easy tasks do not make up for the others. One of twenty seats, a crowd of 0.98 on
the easy and 0.82 on the hard half, eight batches of each kind: who skips the hard half gets 0.04 to
0.24 of what honest labelers get, and who says the commonest answer there 0.08 to 0.37.
"""

import pytest

from tests.attacks.crowds import BINARY, FOUR, SCALE, Batch, gain, play, rounds

EASY, HARD = 0.98, 0.82


def worker(batch):
    """Easy tasks are the even ones."""
    easy, hard = batch.honest(EASY), batch.honest(HARD)
    return [(hard if task % 2 else easy)[task] for task in range(batch.terms.tasks)]


def skips(batch, share=2):
    """Only every second task, or every third and so on."""
    row = batch.honest(EASY)
    return [None if task % share else row[task] for task in range(batch.terms.tasks)]


def commonest(batch):
    row, say = batch.honest(EASY), max(batch.truth, key=list(batch.truth).count)
    return [say if task % 2 else row[task] for task in range(batch.terms.tasks)]


def compared(world, terms, shirk, common=None, count=8):
    """What one who shirks gets, as a share of what those who work get."""
    endings = [
        play(world, batch, [shirk(batch), *(worker(batch) for _ in range(19))])
        for batch in rounds(terms, count, common)
    ]
    share = gain(endings, 0, 1) / gain(endings, 1)
    print(f"{share:.2f}")
    return share


@pytest.mark.parametrize("terms", [BINARY, FOUR, SCALE])
def test_the_easiest_half_alone_earns_less_than_half(world, terms):
    assert compared(world, terms, skips) <= 0.5


@pytest.mark.parametrize("terms", [BINARY, FOUR, SCALE])
@pytest.mark.parametrize("common", [None, 0.7])
def test_nor_with_the_commonest_answer_for_the_rest(world, terms, common):
    assert compared(world, terms, commonest, common) <= 0.65


@pytest.mark.parametrize("terms", [BINARY, FOUR, SCALE])
def test_nobody_is_paid_more_than_the_share_that_was_answered(world, terms):
    """However well: here all of it is true."""
    batch = Batch.of(terms, seed=9)
    for answered in (24, 48, 72, 95):
        row = [true if task < answered else None for task, true in enumerate(batch.truth)]
        ending = play(world, batch, [row, *batch.crowd(19)])
        assert ending.closed.outcomes[0].pay <= terms.price * answered // terms.tasks
