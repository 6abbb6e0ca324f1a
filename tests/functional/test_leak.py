"""Who sells or loses the answers before the deadline loses the stake, and the finder is paid."""

import pytest

from plumbline.chain.records import Account, Phase, Seat
from plumbline.protocol.commitment import EMPTY_HASH, EMPTY_SHEET, commitment
from tests.functional.market import event, refused
from tests.world.jobs import RULES

STAKE = RULES.stake
SLASH = STAKE * RULES.slash_max_bps // 10_000
BOUNTY = STAKE * 500 // 10_000


def report(market, batch, labeler, reporter, **changes):
    values = {"sheet": batch.sheet(labeler), "salt": batch.salt(labeler)}
    return market.by(reporter).report_leak(batch.round_id, labeler, *{**values, **changes}.values())


def test_a_leaked_labeler_is_out_and_slashed_in_full(market, committed, labeler, copycat):
    # L1.3, L1.4, E1.7
    before, bounty = market.account(labeler), market.account(copycat)
    assert report(market, committed, labeler, copycat) == [
        event(
            "LeakReported",
            round_id=committed.round_id,
            labeler=labeler,
            reporter=copycat,
            salt=committed.salt(labeler),
            sheet=committed.sheet(labeler),
            slash=SLASH,
            bounty=BOUNTY,
        )
    ]
    assert market.account(labeler) == Account(
        free=before.free + STAKE - SLASH, rounds=1, unrevealed=1
    )
    assert market.account(copycat) == Account(free=bounty.free + BOUNTY)
    assert market.sink_balance == SLASH - BOUNTY
    assert market.seat(committed, labeler) == Seat(EMPTY_HASH, leaked=True)
    assert market.round(committed.round_id).gone == 1


def test_the_others_stay_as_they_were(market, committed, labelers, copycat):
    others = labelers[1:]
    before = market.accounts(others)
    report(market, committed, labelers[0], copycat)
    assert market.accounts(others) == before


def test_at_the_least_slash_the_finder_gets_all_of_it(market, requester, rows, labeler, copycat):
    # L1.3
    batch = market.open(requester, rows, slash_base_bps=500, slash_max_bps=500)
    market.commit(batch, [labeler])
    report(market, batch, labeler, copycat)
    assert market.sink_balance == 0
    assert market.account(labeler).free + BOUNTY == 10**18


def test_nobody_is_paid_for_a_leak_of_their_own(market, committed, labeler):  # L1.2
    with refused("leak: one's own"):
        report(market, committed, labeler, labeler)


def test_only_what_was_committed_is_a_leak(market, committed, labelers, latecomer, copycat):  # L1.2
    labeler, other = labelers[:2]
    with refused("leak: not what was committed"):
        report(market, committed, labeler, copycat, salt=committed.salt(other))
    with refused("leak: not what was committed"):
        report(market, committed, labeler, copycat, sheet=committed.sheet(other))
    with refused("leak: not what was committed"):
        market.by(copycat).report_leak(
            committed.round_id, latecomer, committed.sheet(labeler), committed.salt(labeler)
        )


def test_a_leak_is_paid_once(market, committed, labeler, copycat, stranger):  # L1.2
    report(market, committed, labeler, copycat)
    for reporter in (copycat, stranger):
        with refused("leak: not what was committed"):
            report(market, committed, labeler, reporter)


def test_a_leak_is_one_until_the_commit_deadline_and_not_at_it(
    market, committed, chain, labelers, copycat
):
    # L1.1
    chain.next_at(committed.deadlines.commit - 1)
    report(market, committed, labelers[0], copycat)
    chain.next_at(committed.deadlines.commit)
    with refused("round: commit phase is over"):
        report(market, committed, labelers[1], copycat)


def test_a_round_that_was_never_opened_has_no_leaks(market, committed, labeler, copycat):
    # L1.1, T4.8
    with refused("round: no such round"):
        market.by(copycat).report_leak(2, labeler, EMPTY_SHEET, EMPTY_HASH)


def test_a_leaked_labeler_cannot_come_back(market, committed, labeler, copycat):  # C1.4, C1.5
    report(market, committed, labeler, copycat)
    with refused("commit: seat already taken"):
        market.by(labeler).commit(committed.round_id, committed.commitment(labeler), STAKE, b"", [])


def test_a_leaked_labeler_cannot_reveal(market, committed, chain, labelers, copycat):  # L1.5, R1.3
    leaked, honest = labelers[:2]
    report(market, committed, leaked, copycat)
    chain.wait_until(committed.deadlines.commit)
    reason = "reveal: not what was committed"
    with refused(reason):
        market.reveal(committed, [leaked])
    assert market.reveal(committed, [leaked, honest])[0] == event(
        "RevealRefused", round_id=committed.round_id, labeler=leaked, reason=reason
    )


def test_a_leaked_seat_stays_taken(market, requester, rows, labelers, copycat):  # L1.4, T4.7
    batch = market.open(requester, rows, seats=3)
    market.commit(batch, labelers[:2])
    report(market, batch, labelers[0], copycat)
    market.commit(batch, labelers[2:3])
    assert market.phase(batch)[0] == Phase.REVEAL
    with refused("round: commit phase is over"):
        market.commit(batch, labelers[3:4])


def test_nobody_waits_for_a_leaked_labeler(market, committed, chain, labelers, copycat):
    # T4.4, T4.6
    report(market, committed, labelers[0], copycat)
    chain.wait_until(committed.deadlines.commit)
    market.reveal(committed, labelers[1:])
    assert market.phase(committed)[0] == Phase.DUE


def test_when_all_have_leaked_the_round_is_due_and_all_its_pay_goes_back(
    market, requester, rows, labelers, copycat
):
    # T4.3, P3.4
    before = market.free(requester)
    batch = market.open(requester, rows, seats=3)
    market.commit(batch, labelers[:2])
    for labeler in labelers[:2]:
        report(market, batch, labeler, copycat)
    assert market.phase(batch)[0] == Phase.COMMIT
    market.commit(batch, labelers[2:3])
    market.reveal(batch, labelers[2:3])
    market.close(batch, labelers[2:3])
    showup = batch.rules.price // 10
    assert market.free(requester) == before - showup


@pytest.mark.parametrize("plane", range(5))
def test_answers_that_fit_no_sheet_can_leak_as_well(market, batch, labeler, copycat, plane):  # L1.2
    sheet = [1, 0, 0, 0, 0]
    sheet[plane] = 2**256 - 1
    salt = batch.salt(labeler)
    hashed = commitment(market.deployed.domain, batch.round_id, labeler, sheet, salt)
    market.by(labeler).commit(batch.round_id, hashed, STAKE, b"", [])
    report(market, batch, labeler, copycat, sheet=sheet)
    assert market.seat(batch, labeler).leaked
