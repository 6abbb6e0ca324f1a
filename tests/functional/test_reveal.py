"""Answers are opened by anyone who was given them, each once, and in time."""

import pytest

from plumbline.chain.records import Account, Phase, Seat
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import EMPTY_HASH, EMPTY_SHEET, commitment, roll_of
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import Kind
from tests.functional.market import event, refused
from tests.world.adapter import TASKS_ROOT


def revealed(batch, labeler, sheet=None):
    return event(
        "Revealed",
        round_id=batch.round_id,
        labeler=labeler,
        salt=batch.salt(labeler),
        sheet=batch.sheet(labeler) if sheet is None else sheet,
    )


def skipped(batch, labeler, reason):
    return event("RevealRefused", round_id=batch.round_id, labeler=labeler, reason=reason)


def roll(batch, labelers):
    return roll_of(TASKS_ROOT, zip(*batch.entries(labelers), strict=True))


# ---------------------------------------------------------------- what a reveal does


def test_revealed_answers_are_logged_and_put_on_the_roll(market, revealing):  # R1.2, H4.1, E1.8
    assert market.reveal(revealing) == [
        revealed(revealing, labeler) for labeler in revealing.labelers
    ]
    found = market.round(revealing.round_id)
    assert (found.committed, found.revealed, found.gone) == (6, 6, 0)
    assert found.roll == roll(revealing, revealing.labelers)


def test_a_reveal_empties_the_seat_and_moves_no_money(market, revealing, labelers):  # R1.2
    before = market.accounts(labelers)
    market.reveal(revealing)
    assert market.accounts(labelers) == before
    for labeler in labelers:
        assert market.seat(revealing, labeler) == Seat(EMPTY_HASH, leaked=False)


def test_the_roll_has_the_order_of_revelation_over_all_calls(market, revealing, labelers):
    # R1.2, H4.1
    first, second, third, *rest = labelers
    order = [third, first, second]
    market.reveal(revealing, [third])
    market.reveal(revealing, [first, second])
    assert market.round(revealing.round_id).roll == roll(revealing, order)
    assert market.round(revealing.round_id).revealed == 3
    market.reveal(revealing, rest)
    assert market.round(revealing.round_id).roll == roll(revealing, order + rest)


def test_labelers_reveal_for_themselves(market, revealing, labelers):  # R1.1
    for labeler in labelers:
        market.by(labeler).reveal(revealing.round_id, *revealing.openings([labeler]))
    assert market.round(revealing.round_id).roll == roll(revealing, labelers)


# ----------------------------------------------------------------------- skipped


def test_what_does_not_apply_is_skipped_with_the_reason_and_the_rest_goes_on(
    market, revealing, labelers, latecomer, stranger
):
    # R1.3, E1.9
    first, second, third, *_ = labelers
    openings = [
        (first, revealing.sheet(first), revealing.salt(first)),
        (first, revealing.sheet(first), revealing.salt(first)),
        (second, revealing.sheet(second), revealing.salt(first)),
        (latecomer, EMPTY_SHEET, EMPTY_HASH),
        (third, revealing.sheet(third), revealing.salt(third)),
    ]
    events = market.by(stranger).reveal(revealing.round_id, *zip(*openings, strict=True))
    assert events == [
        revealed(revealing, first),
        skipped(revealing, first, "reveal: nothing to reveal"),
        skipped(revealing, second, "reveal: not what was committed"),
        skipped(revealing, latecomer, "reveal: nothing to reveal"),
        revealed(revealing, third),
    ]
    found = market.round(revealing.round_id)
    assert (found.revealed, found.roll) == (2, roll(revealing, [first, third]))
    assert market.seat(revealing, second).commitment == revealing.commitment(second)


def test_a_batch_of_which_nothing_applies_is_refused_for_the_last_reason(
    market, revealing, labelers, latecomer, stranger
):
    # R1.4
    labeler, other = labelers[:2]
    wrong = (labeler, revealing.sheet(other), revealing.salt(labeler))
    absent = (latecomer, EMPTY_SHEET, EMPTY_HASH)
    for order, reason in (
        ((absent, wrong), "reveal: not what was committed"),
        ((wrong, absent), "reveal: nothing to reveal"),
    ):
        with refused(reason):
            market.by(stranger).reveal(revealing.round_id, *zip(*order, strict=True))


def test_an_empty_batch_is_refused(market, revealing):  # R1.4
    with refused("reveal: empty batch"):
        market.reveal(revealing, [])


def test_every_sheet_needs_its_labeler_and_its_salt(market, revealing, labelers, stranger):  # R1.1
    people, sheets, salts = revealing.openings(labelers)
    for args in (
        (people[1:], sheets, salts),
        (people, sheets[1:], salts),
        (people, sheets, salts[1:]),
        (people, sheets[1:], salts[1:]),
        ([], sheets, salts),
    ):
        with refused("reveal: lengths differ"):
            market.by(stranger).reveal(revealing.round_id, *args)


def test_nothing_is_revealed_twice(market, revealing, labelers):  # R1.3
    market.reveal(revealing, labelers[:1])
    with refused("reveal: nothing to reveal"):
        market.reveal(revealing, labelers[:1])


def test_an_empty_seat_cannot_be_opened_with_anything(market, revealing, latecomer, stranger):
    # R1.3
    for sheet, salt in ((EMPTY_SHEET, EMPTY_HASH), ([2**256 - 1] * 5, b"\xff" * 32)):
        for labeler in (latecomer, ZERO):
            with refused("reveal: nothing to reveal"):
                market.by(stranger).reveal(revealing.round_id, [labeler], [sheet], [salt])


@pytest.mark.parametrize("plane", range(5))
def test_answers_can_be_altered_in_no_task(market, revealing, labeler, stranger, plane):
    # R1.3, H1.2
    sheet = list(revealing.sheet(labeler))
    sheet[plane] ^= 1 << 7
    with refused("reveal: not what was committed"):
        market.by(stranger).reveal(
            revealing.round_id, [labeler], [sheet], [revealing.salt(labeler)]
        )


def test_answers_are_revealed_for_their_own_labeler_and_round_only(
    market, requester, rows, chain, labelers
):
    # R1.3, H1.2
    first, second = labelers[:2]
    rounds = [market.open(requester, rows) for _ in range(2)]
    for batch in rounds:
        market.commit(batch)
    chain.wait_until(rounds[1].deadlines.commit)
    here, there = rounds
    with refused("reveal: not what was committed"):
        market.by(first).reveal(here.round_id, *there.openings([first]))
    with refused("reveal: not what was committed"):
        _, sheets, salts = here.openings([first])
        market.by(first).reveal(here.round_id, [second], sheets, salts)


# ------------------------------------------------------------------- ill-formed


T = 36  # tasks of the round

# what is wrong, the rules, the sheet, the closest sheet that is right
ILL_FORMED = [
    ("task beyond the last", {}, (1 << T, 0, 0, 0, 0), (1 << T - 1, 0, 0, 0, 0)),
    ("the last task of all", {}, (1 << 255, 0, 0, 0, 0), (1, 0, 0, 0, 0)),
    ("option K", {}, (1, 1, 1, 0, 0), (1, 0, 1, 0, 0)),
    ("option beyond its digits", {}, (1, 0, 0, 1, 0), (1, 1, 0, 0, 0)),
    ("option with all digits", {}, (1, 0, 0, 0, 1), (1, 0, 0, 0, 0)),
    ("digit of a skipped task", {}, (2, 1, 0, 0, 0), (3, 1, 0, 0, 0)),
    ("high digit of a skipped task", {}, (2, 0, 1, 0, 0), (3, 0, 1, 0, 0)),
    ("digit of a task beyond", {}, (1, 1 << T, 0, 0, 0), (1, 1, 0, 0, 0)),
    ("option K of 2", {"options": 2}, (1, 0, 1, 0, 0), (1, 1, 0, 0, 0)),
    ("option K of 5", {"options": 5}, (1, 1, 0, 1, 0), (1, 0, 0, 1, 0)),
    ("option K + 1 of 5", {"options": 5}, (1, 0, 1, 1, 0), (1, 1, 1, 0, 0)),
    ("option K of 8", {"options": 8}, (1, 0, 0, 0, 1), (1, 1, 1, 1, 0)),
    ("option K of 13", {"options": 13}, (1, 1, 0, 1, 1), (1, 0, 0, 1, 1)),
    ("option 16 of 15", {"options": 15}, (1, 1, 1, 1, 1), (1, 0, 1, 1, 1)),
    ("task 12 of 12", {"tasks": 12}, (1 << 12, 0, 0, 0, 0), (1 << 11, 0, 0, 0, 0)),
    ("task 255 of 255", {"tasks": 255}, (1 << 255, 0, 0, 0, 0), (1 << 254, 0, 0, 0, 0)),
]


@pytest.mark.parametrize(
    ("rules", "bad", "good"),
    [case[1:] for case in ILL_FORMED],
    ids=[case[0] for case in ILL_FORMED],
)
def test_answers_that_no_sheet_can_hold_are_not_revealed(
    market, requester, labelers, chain, stranger, rules, bad, good
):
    # R1.3, R1.5, D1.4
    mistaken, careful = labelers[:2]
    batch = market.open(requester, dict.fromkeys((mistaken, careful), ()), **rules)
    for labeler, sheet in ((mistaken, bad), (careful, good)):
        hashed = commitment(
            market.deployed.domain, batch.round_id, labeler, sheet, batch.salt(labeler)
        )
        market.by(labeler).commit(batch.round_id, hashed, batch.rules.stake, b"", [])
    chain.wait_until(batch.deadlines.commit)
    salts = [batch.salt(mistaken), batch.salt(careful)]
    with refused("reveal: answers do not fit"):
        market.by(stranger).reveal(batch.round_id, [mistaken], [bad], salts[:1])
    assert market.by(stranger).reveal(batch.round_id, [mistaken, careful], [bad, good], salts) == [
        skipped(batch, mistaken, "reveal: answers do not fit"),
        revealed(batch, careful, sheet=good),
    ]


def test_a_full_sheet_of_the_largest_round_is_revealed(
    market, requester, rows, labeler, chain, stranger
):
    # D1.4
    batch = market.open(requester, rows, kind=Kind.ORDINAL, options=16, width=4, tasks=256)
    sheet = [2**256 - 1] * 5
    hashed = commitment(market.deployed.domain, batch.round_id, labeler, sheet, batch.salt(labeler))
    market.by(labeler).commit(batch.round_id, hashed, batch.rules.stake, b"", [])
    chain.wait_until(batch.deadlines.commit)
    market.by(stranger).reveal(batch.round_id, [labeler], [sheet], [batch.salt(labeler)])


def test_a_sheet_of_skips_is_a_sheet(market, requester, labeler, chain, stranger):  # D1.6
    batch = market.open(requester, {labeler: [None] * T})
    assert pack([None] * T, 3) == EMPTY_SHEET
    market.commit(batch)
    chain.wait_until(batch.deadlines.commit)
    assert market.reveal(batch) == [revealed(batch, labeler)]


# ------------------------------------------------------------------------ in time


def test_answers_are_revealed_from_the_commit_deadline_on_and_no_sooner(market, committed, chain):
    # R1.1, T4.8
    chain.next_at(committed.deadlines.commit - 1)
    with refused("round: reveal phase not begun"):
        market.reveal(committed)
    chain.next_at(committed.deadlines.commit)
    market.reveal(committed)


def test_answers_are_revealed_until_the_deadline_and_not_at_it(market, revealing, chain, labelers):
    # T4.4, T4.8
    chain.next_at(revealing.deadlines.reveal - 1)
    market.reveal(revealing, labelers[:1])
    chain.next_at(revealing.deadlines.reveal)
    with refused("round: reveal phase is over"):
        market.reveal(revealing, labelers[1:])


def test_answers_are_revealed_early_once_every_seat_is_taken(market, requester, rows, labelers):
    # T4.3, T4.6
    batch = market.open(requester, rows, seats=3)
    market.commit(batch, labelers[:3])
    market.reveal(batch, labelers[:3])
    assert market.phase(batch)[0] == Phase.DUE


def test_the_reveal_phase_ends_with_the_last_answers(market, revealing, gold_batch, labelers):
    # T4.4, T4.6
    market.reveal(revealing, labelers[:-1])
    assert market.phase(revealing)[0] == Phase.REVEAL
    market.reveal(revealing, labelers[-1:])
    assert market.phase(revealing)[0] == Phase.DUE
    with refused("round: reveal phase is over"):
        market.reveal(revealing)


def test_golds_are_awaited_as_soon_as_all_is_revealed(market, gold_revealed):  # T4.5, T4.8
    assert market.phase(gold_revealed)[0] == Phase.GOLD
    with refused("round: reveal phase is over"):
        market.reveal(gold_revealed)


def test_nothing_is_revealed_of_a_closed_round(market, revealed, labelers):  # T4.8
    market.close(revealed)
    with refused("round: reveal phase is over"):
        market.reveal(revealed)


def test_nothing_is_revealed_of_a_round_that_was_never_opened(market, revealing, stranger):  # T4.8
    with refused("round: no such round"):
        market.by(stranger).reveal(2, *revealing.openings(revealing.labelers))
    with refused("round: no such round"):
        market.by(stranger).reveal(0, [], [], [])


def test_a_stake_that_was_revealed_stays_locked_until_the_close(market, revealed, labeler):  # A2.1
    locked = revealed.rules.stake
    assert market.account(labeler) == Account(free=10**18 - locked, locked=locked)
