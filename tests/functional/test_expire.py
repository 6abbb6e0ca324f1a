"""Whatever happens, a round that nobody closes is unwound in the end."""

import pytest

from plumbline.chain.records import Account, Phase
from plumbline.protocol.commitment import EMPTY_HASH
from tests.functional.market import ETHER, event, refused
from tests.world.adapter import TASKS_ROOT
from tests.world.jobs import RULES

EXPIRY = 30 * 86_400
STAKE = RULES.stake
PAY = RULES.price * RULES.seats


def expire(market, batch, labelers=None):
    labelers = batch.labelers if labelers is None else labelers
    return market.by(market.anyone).expire(batch.round_id, TASKS_ROOT, *batch.entries(labelers))


def expired(batch, labelers):
    return [
        *(
            event("Released", round_id=batch.round_id, labeler=labeler, stake=STAKE)
            for labeler in labelers
        ),
        event("RoundExpired", round_id=batch.round_id, refund=PAY),
    ]


@pytest.fixture
def old(market, revealed, chain):
    """Everybody has revealed, and nobody closed for 30 days."""
    chain.wait_until(revealed.deadlines.reveal + EXPIRY)
    return revealed


def test_all_stakes_and_all_pay_go_back(market, old, requester, labelers):
    # X1.2, X1.3, T4.2, E1.13, E1.14
    assert expire(market, old) == expired(old, labelers)
    for labeler in labelers:
        assert market.account(labeler) == Account(free=ETHER, rounds=1)
    assert market.account(requester) == Account(free=ETHER, opened=1, void=1)
    assert market.sink_balance == 0
    assert market.phase(old) == (Phase.CLOSED, 0)


def test_a_round_expires_30_days_after_its_reveal_deadline_and_no_sooner(
    market, revealed, chain, labelers
):
    # X1.1
    moment = revealed.deadlines.reveal + EXPIRY
    chain.next_at(moment - 1)
    with refused("expire: not yet"):
        expire(market, revealed)
    chain.next_at(moment)
    expire(market, revealed)


def test_a_round_with_gold_expires_30_days_after_its_gold_deadline_and_no_sooner(
    market, gold_revealed, chain, labelers
):
    # X1.1
    moment = gold_revealed.deadlines.gold + EXPIRY
    chain.next_at(moment - 1)
    with refused("expire: not yet"):
        expire(market, gold_revealed)
    chain.next_at(moment)
    expire(market, gold_revealed)


def test_until_it_is_expired_an_old_round_can_be_closed(market, old):  # X1.5
    market.close(old)
    with refused("round: closed"):
        expire(market, old)


def test_a_round_that_expired_is_closed(market, old):  # X1.1, X1.5, P1.1
    expire(market, old)
    with refused("round: closed"):
        expire(market, old)
    with refused("round: closed"):
        expire(market, old, [])
    with refused("round: closed"):
        market.close(old)


def test_the_silent_forfeit_after_the_expiry_as_before(market, revealing, chain, labelers):
    # X1.6, F1.1
    market.reveal(revealing, labelers[:3])
    chain.wait_until(revealing.deadlines.reveal + EXPIRY)
    early, *late = labelers[3:]
    market.by(early).forfeit(1, [early])
    assert expire(market, revealing, labelers[:3]) == expired(revealing, labelers[:3])
    for labeler in late:
        assert market.account(labeler).locked == STAKE
    market.by(early).forfeit(1, late)
    slash = STAKE * RULES.slash_max_bps // 10_000
    for labeler in labelers[3:]:
        assert market.account(labeler) == Account(free=ETHER - slash, rounds=1, unrevealed=1)
    with refused("forfeit: nobody was silent"):
        market.by(early).forfeit(1, labelers)


def test_a_round_in_which_nobody_revealed_expires_as_well(market, committed, chain, requester):
    # X1.3
    chain.wait_until(committed.deadlines.reveal + EXPIRY)
    assert expire(market, committed, []) == expired(committed, [])
    assert market.account(requester) == Account(free=ETHER, opened=1, void=1)


ROLLS = {
    "nobody": lambda labelers: [],
    "one left out": lambda labelers: labelers[1:],
    "out of order": lambda labelers: labelers[::-1],
    "one twice": lambda labelers: [*labelers, labelers[-1]],
    "one instead of another": lambda labelers: [*labelers[:-1], labelers[0]],
}


@pytest.mark.parametrize("change", ROLLS.values(), ids=ROLLS)
def test_exactly_those_get_their_stake_back_who_revealed(market, old, labelers, change):  # X1.1
    with refused("close: not what was revealed"):
        expire(market, old, change(labelers))


def test_nobody_is_added_when_a_round_expires(market, old, labelers, requester, rows, stranger):
    # X1.1
    """Not even somebody whose stake is locked elsewhere."""
    other = market.open(requester, rows)
    market.commit(other)
    people, sheets = old.entries(labelers)
    with refused("close: not what was revealed"):
        market.by(stranger).expire(1, TASKS_ROOT, [*people, labelers[0]], [*sheets, sheets[0]])
    with refused("close: not what was revealed"):
        market.by(stranger).expire(1, TASKS_ROOT, people, [sheets[1], *sheets[1:]])


def test_every_labeler_needs_a_sheet(market, old, labelers, stranger):  # X1.1
    people, sheets = old.entries(labelers)
    for args in ((people, sheets[1:]), (people[1:], sheets), ([], sheets)):
        with refused("expire: lengths differ"):
            market.by(stranger).expire(1, TASKS_ROOT, *args)


def test_a_round_that_was_never_opened_does_not_expire(market, stranger):  # X1.1
    with refused("round: no such round"):
        market.by(stranger).expire(1, TASKS_ROOT, [], [])


def test_a_round_that_expired_has_no_verdict(market, old, labelers):  # V2.1, D2.5
    expire(market, old)
    assert market.round(1).roll == EMPTY_HASH
    assert not market.is_verdict(1, old.verdict(labelers), old.payroll(labelers))
    assert not market.is_verdict(1, [0, 0, 0, 0, 0, 0, [0] * 4], EMPTY_HASH)
