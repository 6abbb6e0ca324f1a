"""Somebody fills seats with empty sheets, or with one answer each, and waits for the show-up fee.

Gain: a tenth of the price for nothing, from rounds that are void, or void for who skipped all.
Stopped by paying for answers given (M3.1), so that an empty sheet has nothing and one answer a part
of a wei's worth; and by gold: with credible gold answers nobody is void (M2.2), who found nothing
is judged by them and is not paid. A void round pays a whole sheet 0.10 and one answer of 96 0.001.
"""

import pytest

from plumbline.settlement import Band, Mode
from tests.attacks.crowds import BINARY, FOUR, SCALE, Batch, bands, play, rounds, without_gold


def empty(batch, answers=0):
    """A sheet with so many answers."""
    row = [None] * batch.terms.tasks
    row[:answers] = batch.truth[:answers]
    return row


@pytest.mark.parametrize("terms", [BINARY, FOUR, SCALE])
@pytest.mark.parametrize("size", [1, 8, 15, 20])
def test_with_gold_an_empty_sheet_is_never_paid(world, terms, size):
    for batch in rounds(terms, 3):
        ending = play(world, batch, [empty(batch)] * size + batch.crowd(20 - size))
        assert Band.VOID not in bands(ending)
        assert all(each.pay == 0 for each in ending.closed.outcomes[:size])
        if 3 * (20 - size) >= 20:
            assert ending.closed.verdict.mode == Mode.PEER
            assert ending.mean(size) > 0.7


@pytest.mark.parametrize("terms", [BINARY, FOUR, SCALE])
@pytest.mark.parametrize("size", [1, 8, 20])
def test_without_gold_it_is_not_paid_either(world, terms, size):
    for batch in rounds(without_gold(terms), 3):
        ending = play(world, batch, [empty(batch)] * size + batch.crowd(20 - size))
        assert all(each.pay == 0 for each in ending.closed.outcomes[:size])


@pytest.mark.parametrize("answers", [1, 7, 95, 96])
def test_showing_up_is_paid_by_the_answer(world, answers):
    """In a round of two, which is void."""
    batch = Batch.of(without_gold(FOUR), seed=1)
    ending = play(world, batch, [empty(batch, answers)] * 2)
    assert ending.closed.verdict.mode == Mode.VOID
    fee = FOUR.price * FOUR.showup_bps // 10_000 * answers // 96
    assert [each.pay for each in ending.closed.outcomes] == [fee] * 2


def test_empty_sheets_do_not_keep_the_fee_from_others_nor_take_it(world):
    """Without gold they void the round of two who worked; all the fee is theirs who answered."""
    batch = Batch.of(without_gold(FOUR), seed=2)
    ending = play(world, batch, [empty(batch)] * 18 + batch.crowd(2))
    assert ending.closed.verdict.mode == Mode.VOID
    assert ending.gains[:18] == [0] * 18
    assert ending.gains[18:] == pytest.approx([0.1, 0.1])
