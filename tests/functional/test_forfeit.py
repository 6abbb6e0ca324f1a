"""Who took a seat and said nothing is slashed, before or after the close, once."""

import pytest

from plumbline.chain.records import Account, Seat
from plumbline.protocol.commitment import EMPTY_HASH
from tests.functional.market import ETHER, event, refused
from tests.world.jobs import RULES

STAKE = RULES.stake
SLASH = STAKE * RULES.slash_max_bps // 10_000


def forfeit(market, batch, labelers):
    return market.by(market.anyone).forfeit(batch.round_id, labelers)


def forfeited(batch, labelers):
    return [
        event("Forfeited", round_id=batch.round_id, labeler=labeler, slash=SLASH)
        for labeler in labelers
    ]


@pytest.fixture
def late(market, revealing, chain, labelers):
    """The first three have revealed; the time of the others is over."""
    market.reveal(revealing, labelers[:3])
    chain.wait_until(revealing.deadlines.reveal)
    return revealing


@pytest.fixture
def silent(labelers):
    return labelers[3:]


def test_the_silent_lose_the_most_that_can_be_lost(market, late, silent):  # F1.4, E1.12
    assert forfeit(market, late, silent) == forfeited(late, silent)
    for labeler in silent:
        assert market.account(labeler) == Account(free=ETHER - SLASH, rounds=1, unrevealed=1)
        assert market.seat(late, labeler) == Seat(EMPTY_HASH, leaked=False)
    assert market.sink_balance == len(silent) * SLASH
    assert market.round(late.round_id).gone == len(silent)


def test_silence_is_known_at_the_reveal_deadline_and_no_sooner(market, revealing, chain, labelers):
    # F1.1
    chain.next_at(revealing.deadlines.reveal - 1)
    with refused("forfeit: not yet"):
        forfeit(market, revealing, labelers)
    chain.next_at(revealing.deadlines.reveal)
    forfeit(market, revealing, labelers)


def test_it_comes_to_the_same_before_and_after_the_close(
    market, chain, late, requester, labelers, silent
):
    # F1.1, F1.4
    people = [requester, *labelers]
    with chain.undone():
        forfeit(market, late, silent)
        market.close(late, labelers[:3])
        accounts, sink = market.accounts(people), market.sink_balance
    market.close(late, labelers[:3])
    assert forfeit(market, late, silent) == forfeited(late, silent)
    assert market.accounts(people) == accounts
    assert market.sink_balance == sink
    settlement = late.settlement(labelers[:3])
    assert sink == settlement.burned + len(silent) * SLASH


def test_the_silent_are_slashed_one_by_one_or_together(market, chain, late, silent):  # F1.4
    with chain.undone():
        forfeit(market, late, silent)
        expected = market.accounts(silent)
    for labeler in silent:
        assert forfeit(market, late, [labeler]) == forfeited(late, [labeler])
    assert market.accounts(silent) == expected


def test_nobody_forfeits_twice(market, late, silent, labelers):  # F1.2, F1.3
    first, second, third = silent
    assert forfeit(market, late, [first, first]) == forfeited(late, [first])
    with refused("forfeit: nobody was silent"):
        forfeit(market, late, [first])
    assert forfeit(market, late, [first, second]) == forfeited(late, [second])
    market.close(late, labelers[:3])
    with refused("forfeit: nobody was silent"):
        forfeit(market, late, [first, second])
    forfeit(market, late, [third])


def test_who_revealed_forfeits_nothing(market, late, labelers):  # F1.2, F1.3
    with refused("forfeit: nobody was silent"):
        forfeit(market, late, labelers[:3])
    market.close(late, labelers[:3])
    with refused("forfeit: nobody was silent"):
        forfeit(market, late, labelers[:3])


def test_who_leaked_forfeits_nothing_more(market, committed, chain, labelers, copycat):
    # F1.2, F1.3, L1.5
    leaked, silent = labelers[:2]
    market.by(copycat).report_leak(1, leaked, committed.sheet(leaked), committed.salt(leaked))
    chain.wait_until(committed.deadlines.reveal)
    with refused("forfeit: nobody was silent"):
        forfeit(market, committed, [leaked])
    assert forfeit(market, committed, [leaked, silent]) == forfeited(committed, [silent])
    assert market.round(1).gone == 2


def test_who_has_no_seat_forfeits_nothing(market, late, latecomer):  # F1.3
    with refused("forfeit: nobody was silent"):
        forfeit(market, late, [latecomer])
    with refused("forfeit: nobody was silent"):
        forfeit(market, late, [])


def test_what_does_not_apply_is_skipped(market, late, labelers, latecomer, silent):  # F1.2
    assert forfeit(market, late, [*labelers, latecomer]) == forfeited(late, silent)


def test_a_forfeited_seat_can_neither_be_revealed_nor_taken_again(market, late, silent):  # T4.8
    forfeit(market, late, silent)
    with refused("round: reveal phase is over"):
        market.reveal(late, silent)
    with refused("round: commit phase is over"):
        market.commit(late, silent)


def test_in_a_full_round_the_silent_have_until_the_reveal_deadline(
    market, requester, rows, labelers, chain
):
    # F1.1, T4.4
    batch = market.open(requester, rows, seats=6)
    market.commit(batch)
    market.reveal(batch, labelers[:5])
    chain.wait_until(batch.deadlines.commit)
    with refused("forfeit: not yet"):
        forfeit(market, batch, labelers[5:])
    market.reveal(batch, labelers[5:])


def test_the_silent_forfeit_while_golds_are_awaited(market, gold_batch, chain, labelers):  # F1.1
    market.commit(gold_batch)
    chain.wait_until(gold_batch.deadlines.commit)
    market.reveal(gold_batch, labelers[:4])
    chain.wait_until(gold_batch.deadlines.reveal)
    forfeit(market, gold_batch, labelers[4:])
    market.close(gold_batch, labelers[:4])


def test_a_round_that_was_never_opened_has_no_silent(market, labelers, stranger):  # F1.1
    with refused("round: no such round"):
        market.by(stranger).forfeit(1, labelers)
