"""When all answers are at hand one transaction does for all, with the same result."""

from dataclasses import replace

import pytest

from plumbline.chain.records import Phase
from plumbline.protocol.commitment import commitment
from tests.functional.batch import TRUTH, verdict_hash
from tests.functional.market import NO_GOLD, closed, event, refused
from tests.world.adapter import TASKS_ROOT


def conclude(market, batch, labelers=None, gold=None):
    labelers = batch.labelers if labelers is None else labelers
    gold = gold or batch.gold
    return market.by(market.anyone).close(
        batch.round_id, TASKS_ROOT, *batch.openings(labelers), *gold
    )


def revealed(batch, labelers):
    return [
        event(
            "Revealed",
            round_id=batch.round_id,
            labeler=labeler,
            salt=batch.salt(labeler),
            sheet=batch.sheet(labeler),
        )
        for labeler in labelers
    ]


@pytest.fixture
def gold_revealing(market, gold_batch, chain):
    market.commit(gold_batch)
    chain.wait_until(gold_batch.deadlines.commit)
    return gold_batch


@pytest.mark.parametrize("name", ["revealing", "gold_revealing"])
def test_a_conclusion_comes_to_the_same_as_reveal_and_close(
    market, chain, requester, labelers, request, name
):
    # P2.1
    batch = request.getfixturevalue(name)
    people = [requester, *labelers]
    with chain.undone():
        opened = market.reveal(batch)
        judged = market.close(batch)
        accounts, sink, found = market.accounts(people), market.sink_balance, market.round(1)
    assert conclude(market, batch) == [*opened, *judged]
    assert market.accounts(people) == accounts
    assert market.sink_balance == sink
    assert market.round(1) == found
    assert market.phase(batch) == (Phase.CLOSED, 0)
    for labeler in labelers:
        assert market.seat(batch, labeler).is_empty


def test_a_conclusion_logs_the_reveals_the_golds_the_labelers_and_the_round(
    market, gold_revealing, labelers
):
    # P2.1, D2.5, E1.8, E1.10, E1.11
    batch = gold_revealing
    sheet, salt = batch.gold
    settlement, verdict = batch.settlement(labelers), batch.verdict(labelers)
    assert conclude(market, batch) == [
        *revealed(batch, labelers),
        event("GoldOpened", round_id=1, salt=salt, sheet=sheet),
        closed(batch, labelers, verdict, settlement),
    ]
    assert market.round(1).roll == verdict_hash(verdict, batch.payroll(labelers))


def test_a_leaked_labeler_is_left_out_of_the_conclusion(
    market, committed, chain, labelers, copycat
):
    # P2.2, P2.3, L1.5
    leaked, *others = labelers
    market.by(copycat).report_leak(1, leaked, committed.sheet(leaked), committed.salt(leaked))
    chain.wait_until(committed.deadlines.commit)
    with refused("close: not all seats"):
        conclude(market, committed, labelers)
    with refused("reveal: not what was committed"):
        conclude(market, committed, [leaked, *others[1:]])
    conclude(market, committed, others)


def test_a_conclusion_takes_all_seats(market, revealing, labelers, latecomer):  # P2.2
    with refused("close: not all seats"):
        conclude(market, revealing, labelers[1:])
    with refused("close: not all seats"):
        conclude(market, revealing, [labelers[0]])
    more = replace(revealing, rows={**revealing.rows, latecomer: TRUTH})
    with refused("close: not all seats"):
        conclude(market, more, [*labelers, latecomer])


def test_nobody_takes_the_place_of_another_in_the_conclusion(
    market, revealing, labelers, latecomer
):
    # P2.3
    more = replace(revealing, rows={**revealing.rows, latecomer: TRUTH})
    with refused("reveal: nothing to reveal"):
        conclude(market, more, [*labelers[1:], latecomer])
    with refused("reveal: nothing to reveal"):
        conclude(market, revealing, [*labelers[1:], labelers[1]])


def test_a_conclusion_is_refused_whole_for_one_wrong_opening(market, revealing, labelers, stranger):
    # P2.3
    people, sheets, salts = revealing.openings(labelers)
    for args in (
        (people, [sheets[1], *sheets[1:]], salts),
        (people, sheets, [*salts[:-1], salts[0]]),
    ):
        with refused("reveal: not what was committed"):
            market.by(stranger).close(1, TASKS_ROOT, *args, *NO_GOLD)
    assert market.round(1).revealed == 0


def test_answers_that_no_sheet_can_hold_are_not_concluded(market, batch, chain, labeler, stranger):
    # P2.3
    sheet, salt = (1, 1, 1, 0, 0), batch.salt(labeler)
    hashed = commitment(market.deployed.domain, 1, labeler, sheet, salt)
    market.by(labeler).commit(1, hashed, batch.rules.stake, b"", [])
    chain.wait_until(batch.deadlines.commit)
    with refused("reveal: answers do not fit"):
        market.by(stranger).close(1, TASKS_ROOT, [labeler], [sheet], [salt], *NO_GOLD)


def test_every_sheet_needs_its_labeler_and_its_salt(market, revealing, labelers, stranger):  # P2.2
    people, sheets, salts = revealing.openings(labelers)
    for args in (
        (people[1:], sheets, salts),
        (people, sheets[1:], salts),
        (people, sheets, salts[1:]),
        (people, [], salts),
    ):
        with refused("close: lengths differ"):
            market.by(stranger).close(1, TASKS_ROOT, *args, *NO_GOLD)


def test_once_somebody_has_revealed_the_round_is_closed_the_long_way(market, revealing, labelers):
    # P2.2
    market.reveal(revealing, labelers[:1])
    for people in (labelers, labelers[1:]):
        with refused("close: some have revealed"):
            conclude(market, revealing, people)


def test_rounds_are_concluded_in_their_reveal_phase_only(market, committed, chain):  # P2.1, T4.8
    chain.next_at(committed.deadlines.commit - 1)
    with refused("round: reveal phase not begun"):
        conclude(market, committed)
    with chain.undone():
        chain.next_at(committed.deadlines.commit)
        conclude(market, committed)
    with chain.undone():
        chain.next_at(committed.deadlines.reveal - 1)
        conclude(market, committed)
    chain.next_at(committed.deadlines.reveal)
    with refused("round: reveal phase is over"):
        conclude(market, committed)


def test_a_full_round_is_concluded_at_once(market, requester, rows, labelers):  # P2.1, T4.3
    batch = market.open(requester, rows, seats=6)
    market.commit(batch)
    conclude(market, batch)


def test_a_round_is_concluded_once(market, revealing):  # P2.1, P1.2
    conclude(market, revealing)
    with refused("round: closed"):
        conclude(market, revealing)
    with refused("round: closed"):
        market.close(revealing)


def test_a_round_that_was_never_opened_is_not_concluded(market, stranger):  # T4.8
    with refused("round: no such round"):
        market.by(stranger).close(1, TASKS_ROOT, [], [], [], *NO_GOLD)


def test_a_round_with_gold_is_concluded_with_its_gold_only(market, gold_revealing):  # P2.4
    sheet, salt = gold_revealing.gold
    for gold in (NO_GOLD, (sheet, bytes(32)), ((1, 0, 0, 0, 0), salt)):
        with refused("gold: not what was committed"):
            conclude(market, gold_revealing, gold=gold)
    conclude(market, gold_revealing)


def test_a_round_without_gold_is_concluded_without(market, revealing):  # P2.4
    with refused("gold: not awaited"):
        conclude(market, revealing, gold=((1, 0, 0, 0, 0), bytes(32)))
