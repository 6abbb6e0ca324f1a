"""A close judges, pays, slashes and refunds everybody, once and for all."""

from dataclasses import replace

import pytest
from eth_utils.crypto import keccak

from plumbline.chain.records import Account, Phase
from plumbline.protocol.commitment import EMPTY_HASH, EMPTY_SHEET, gold_root
from plumbline.settlement import Band, Mode
from tests.functional.batch import GOLD_ANSWERS, GOLD_RULES, TRUTH, payroll, verdict_hash
from tests.functional.conftest import ROWS
from tests.functional.market import ETHER, NO_GOLD, closed, event, refused
from tests.world.adapter import TASKS_ROOT
from tests.world.jobs import GOLD_SALT, RULES, mistaken

PAY = RULES.price * RULES.seats


def gold_opened(batch):
    sheet, salt = batch.gold
    return event("GoldOpened", round_id=batch.round_id, salt=salt, sheet=sheet)


def bands(settlement):
    return {outcome.band for outcome in settlement.labelers}


# ------------------------------------------------------------------- what a close does


def test_a_close_logs_every_labeler_and_the_round(market, revealed, labelers):  # P1.6, E1.11
    settlement = revealed.settlement(labelers)
    assert settlement.mode == Mode.PEER
    assert bands(settlement) == {Band.OUTLIER, Band.FAR, Band.NEAR}
    assert market.close(revealed) == [
        closed(revealed, labelers, revealed.verdict(labelers), settlement),
    ]


def test_a_close_with_gold_logs_the_golds_first(market, gold_revealed, labelers):
    # P1.6, G1.1, E1.10
    settlement = gold_revealed.settlement(labelers)
    assert settlement.mode == Mode.PEER
    assert bands(settlement) == {Band.OUTLIER, Band.FAR, Band.NEAR}
    assert market.close(gold_revealed) == [
        gold_opened(gold_revealed),
        closed(gold_revealed, labelers, gold_revealed.verdict(labelers), settlement),
    ]


@pytest.mark.parametrize("name", ["revealed", "gold_revealed"])
def test_everybody_gets_what_the_settlement_says(market, requester, labelers, request, name):
    # A1.12, A3.2, A3.4, P1.2, P1.6, P3.4, P3.5
    batch = request.getfixturevalue(name)
    settlement = batch.settlement(labelers)
    market.close(batch)
    for labeler, outcome in zip(labelers, settlement.labelers, strict=True):
        assert market.account(labeler) == Account(
            free=ETHER + outcome.pay - outcome.slash,
            rounds=1,
            near=int(outcome.band is Band.NEAR),
            outlier=int(outcome.band is Band.OUTLIER),
            kappa=outcome.kappa_ppm // 100 // 8,
        )
    assert market.account(requester) == Account(free=ETHER - PAY + settlement.refund, opened=1)
    assert market.sink_balance == settlement.burned
    slashed = sum(outcome.slash for outcome in settlement.labelers)
    assert settlement.paid + settlement.refund + settlement.burned == PAY + slashed


def test_the_order_of_revelation_is_nobodys_advantage(market, chain, revealing, labelers):
    with chain.undone():
        market.reveal(revealing)
        market.close(revealing)
        expected = market.accounts(labelers)
    backwards = labelers[::-1]
    market.reveal(revealing, backwards)
    market.close(revealing, backwards)
    assert market.accounts(labelers) == expected


def test_a_closed_round_keeps_the_hash_of_its_verdict_and_its_payroll(
    market, gold_revealed, labelers
):
    # V2.1, H5.1, H5.2, D2.5
    verdict, payroll = gold_revealed.verdict(labelers), gold_revealed.payroll(labelers)
    assert verdict[3] and verdict[4] and verdict[5]  # gold, votes and contested tasks
    assert not market.is_verdict(1, verdict, payroll)
    market.close(gold_revealed)
    assert market.round(1).roll == verdict_hash(verdict, payroll)
    assert market.is_verdict(1, verdict, payroll)


def test_no_other_verdict_passes_for_that_of_the_round(market, gold_revealed, labelers):  # V2.1
    verdict, payroll = gold_revealed.verdict(labelers), gold_revealed.payroll(labelers)
    market.close(gold_revealed)
    for place in range(6):
        altered = list(verdict)
        altered[place] ^= 1
        assert not market.is_verdict(1, altered, payroll)
    for digit in range(4):
        consensus = list(verdict[6])
        consensus[digit] ^= 1
        assert not market.is_verdict(1, [*verdict[:6], consensus], payroll)
    assert not market.is_verdict(2, verdict, payroll)
    assert not market.is_verdict(1, verdict, payroll, tasks_root=keccak(text="other tasks"))


def test_anybody_can_be_shown_who_was_paid_what_and_nothing_else(market, revealed, labelers):
    # V2.5, H5.2
    """Nobody is left out, added or moved, and no band, pay or slash is another."""
    verdict = revealed.verdict(labelers)
    rulings = [*zip(labelers, revealed.settlement(labelers).labelers, strict=True)]
    market.close(revealed)
    assert market.is_verdict(1, verdict, payroll(rulings))
    (first, ruling), *others = rulings
    for changed in (
        [],
        others,
        rulings[::-1],
        [*rulings, rulings[0]],
        [(labelers[1], ruling), *others],
        [(first, replace(ruling, pay=ruling.pay + 1)), *others],
        [(first, replace(ruling, slash=ruling.slash + 1)), *others],
        [(first, replace(ruling, kappa_ppm=ruling.kappa_ppm - 1)), *others],
        [(first, replace(ruling, band=Band.FAR)), *others],
    ):
        assert not market.is_verdict(1, verdict, payroll(changed))


def test_a_round_of_nobody_has_an_empty_payroll(market, batch, chain):  # V2.5, H5.2
    chain.wait_until(batch.deadlines.commit)
    market.close(batch, [])
    assert market.is_verdict(1, batch.verdict([]), EMPTY_HASH)


def test_a_closed_round_is_closed(market, revealed):  # P1.1, P1.2, T4.2
    market.close(revealed)
    assert market.phase(revealed) == (Phase.CLOSED, 0)
    with refused("round: closed"):
        market.close(revealed)
    with refused("round: closed"):
        market.close(revealed, [])


def test_a_round_that_was_never_opened_cannot_be_closed(market, stranger):  # P1.1
    with refused("round: no such round"):
        market.by(stranger).close(1, TASKS_ROOT, [], [], [], *NO_GOLD)


# ---------------------------------------------------------------------------- in time


def test_a_round_is_not_closed_while_others_may_still_commit_or_reveal(
    market, committed, chain, labelers
):
    # P1.1
    with refused("close: not yet"):
        market.close(committed, [])
    chain.next_at(committed.deadlines.commit)
    market.reveal(committed, labelers[:3])
    chain.next_at(committed.deadlines.reveal - 1)
    with refused("close: not yet"):
        market.close(committed, labelers[:3])
    chain.next_at(committed.deadlines.reveal)
    market.close(committed, labelers[:3])


def test_a_close_does_not_wait_for_the_silent(market, revealing, chain, requester, labelers):
    # P1.5, P3.4, F1.5
    spoke, silent = labelers[:4], labelers[4:]
    market.reveal(revealing, spoke)
    chain.wait_until(revealing.deadlines.reveal)
    settlement = revealing.settlement(spoke)
    assert market.close(revealing, spoke) == [
        closed(revealing, spoke, revealing.verdict(spoke), settlement),
    ]
    assert market.free(requester) == ETHER - PAY + settlement.refund
    stake = revealing.rules.stake
    for labeler in silent:
        assert market.account(labeler) == Account(free=ETHER - stake, locked=stake)


def test_a_round_in_which_nobody_took_a_seat_is_void_at_the_commit_deadline(
    market, batch, chain, requester
):
    # P1.5, P3.7, T4.9
    chain.next_at(batch.deadlines.commit - 1)
    with refused("close: not yet"):
        market.close(batch, [])
    chain.next_at(batch.deadlines.commit)
    assert market.close(batch, []) == [closed(batch, [], batch.verdict([]), batch.settlement([]))]
    assert market.account(requester) == Account(free=ETHER, opened=1, void=1)


def test_a_round_in_which_nobody_revealed_pays_nobody(market, revealing, chain, requester):
    # P1.5, P3.4, P3.7
    chain.wait_until(revealing.deadlines.reveal)
    market.close(revealing, [])
    assert market.account(requester) == Account(free=ETHER, opened=1, void=1)


def test_too_few_reveals_void_a_round_and_are_paid_for_showing_up(
    market, revealing, chain, requester, labelers
):
    # M1.1, M3.1, A3.2, P3.7
    spoke = labelers[:2]
    market.reveal(revealing, spoke)
    chain.wait_until(revealing.deadlines.reveal)
    market.close(revealing, spoke)
    fee = RULES.price // 10
    fees = [fee, fee * 35 // 36]  # for the share of tasks that each answered
    for labeler, showup in zip(spoke, fees, strict=True):
        assert market.account(labeler) == Account(free=ETHER + showup, rounds=1)
    assert market.account(requester) == Account(free=ETHER - sum(fees), opened=1, void=1)
    assert market.sink_balance == 0


# ---------------------------------------------------------------------------- the roll


ROLLS = {
    "nobody": lambda labelers: [],
    "one left out": lambda labelers: labelers[1:],
    "the last left out": lambda labelers: labelers[:-1],
    "out of order": lambda labelers: labelers[::-1],
    "two changed places": lambda labelers: [*labelers[:-2], labelers[-1], labelers[-2]],
    "one twice": lambda labelers: [*labelers, labelers[-1]],
    "all twice": lambda labelers: labelers * 2,
}


@pytest.mark.parametrize("change", ROLLS.values(), ids=ROLLS)
def test_a_close_is_handed_exactly_what_was_revealed(market, revealed, labelers, change):  # P1.1
    with refused("close: not what was revealed"):
        market.close(revealed, change(labelers))


def test_nobody_is_added_at_the_close(market, revealed, labelers, latecomer):  # P1.1
    added = replace(revealed, rows={**revealed.rows, latecomer: TRUTH})
    with refused("close: not what was revealed"):
        market.close(added, [*labelers, latecomer])


def test_answers_are_not_altered_at_the_close(market, revealed, labelers):  # P1.1
    for row in (ROWS[1], mistaken(RULES, 36)):
        altered = replace(revealed, rows={**revealed.rows, labelers[0]: row})
        with refused("close: not what was revealed"):
            market.close(altered)


def test_two_labelers_do_not_trade_their_answers_at_the_close(market, revealed, labelers):  # P1.1
    first, second, *rest = labelers
    people, sheets = revealed.entries([second, first, *rest])
    with refused("close: not what was revealed"):
        market.by(first).close(1, TASKS_ROOT, labelers, sheets, [], *NO_GOLD)
    with refused("close: not what was revealed"):
        market.by(first).close(1, TASKS_ROOT, people, revealed.entries(labelers)[1], [], *NO_GOLD)


def test_every_labeler_needs_a_sheet_at_the_close(market, revealed, labelers, stranger):  # P1.1
    people, sheets = revealed.entries(labelers)
    for args in ((people, sheets[1:]), (people[1:], sheets), ([], sheets), (people, [])):
        with refused("close: lengths differ"):
            market.by(stranger).close(1, TASKS_ROOT, *args, [], *NO_GOLD)


# ------------------------------------------------------------------------------- gold


def test_golds_other_than_those_committed_to_are_refused(market, gold_revealed):  # G1.1
    sheet, salt = gold_revealed.gold
    altered = [plane ^ (1 << 4) for plane in sheet]
    for gold in (
        ((altered[0], *sheet[1:]), salt),
        ((sheet[0], altered[1], *sheet[2:]), salt),
        (sheet, bytes(32)),
        (EMPTY_SHEET, salt),
        NO_GOLD,
    ):
        with refused("gold: not what was committed"):
            market.close(gold_revealed, gold=gold)
    market.close(gold_revealed)


def test_gold_of_another_requester_is_none_of_ones_own(
    market, requester, copycat, rows, chain, labelers
):
    # H2.1
    """A root copied from another round binds the one who made it."""
    gold = market.open(requester, rows, GOLD_ANSWERS).gold
    root = gold_root(market.deployed.domain, requester, *gold)
    copied = replace(market.open(copycat, rows, gold_root=root), gold_answers=GOLD_ANSWERS)
    market.commit(copied)
    chain.wait_until(copied.deadlines.commit)
    market.reveal(copied)
    with refused("gold: not what was committed"):
        market.close(copied)


def test_golds_are_awaited_until_their_deadline_and_not_at_it(market, gold_revealed, chain):
    # T4.5, G1.1, G1.2
    deadline = gold_revealed.deadlines.gold
    chain.wait_until(deadline - 2)
    with chain.undone():
        chain.next_at(deadline - 1)
        market.close(gold_revealed)
    with chain.undone():
        chain.next_at(deadline - 1)
        with refused("gold: not what was committed"):
            market.close(gold_revealed, gold=NO_GOLD)
    chain.next_at(deadline)
    with refused("gold: not awaited"):
        market.close(gold_revealed)
    market.close(gold_revealed, gold=NO_GOLD)


def test_withholding_gold_does_not_pay(market, gold_revealed, chain, requester, labelers):
    # G1.3, P3.3, P3.4
    chain.wait_until(gold_revealed.deadlines.gold)
    settlement = gold_revealed.settlement(labelers, withheld=True)
    assert market.close(gold_revealed, gold=NO_GOLD) == [
        closed(gold_revealed, labelers, gold_revealed.verdict(labelers, withheld=True), settlement),
    ]
    empty = RULES.seats - len(labelers)
    assert market.free(requester) == ETHER - PAY + empty * RULES.price
    slashed = sum(outcome.slash for outcome in settlement.labelers)
    assert market.sink_balance == len(labelers) * RULES.price - settlement.paid + slashed


def test_gold_that_came_too_late_counts_as_withheld_even_in_a_void_round(
    market, gold_batch, chain, requester, labelers
):
    # G1.3, P3.3, P3.7
    """The show-up fee is for the share of tasks that each answered."""
    market.commit(gold_batch)
    chain.wait_until(gold_batch.deadlines.commit)
    market.reveal(gold_batch, labelers[:2])
    chain.wait_until(gold_batch.deadlines.gold)
    market.close(gold_batch, labelers[:2], NO_GOLD)
    assert market.account(requester) == Account(free=ETHER - 2 * RULES.price, opened=1, void=1)
    fee = RULES.price // 10
    assert market.sink_balance == 2 * RULES.price - fee - fee * 35 // 36


@pytest.mark.parametrize("plane", range(5))
def test_a_round_without_gold_takes_none(market, revealed, plane):  # G1.2
    sheet = tuple(int(number == plane) for number in range(5))
    with refused("gold: not awaited"):
        market.close(revealed, gold=(sheet, EMPTY_HASH))


@pytest.mark.parametrize(
    "sheet",
    [(1 << 36, 0, 0, 0, 0), (1, 1, 1, 0, 0), (0, 1, 0, 0, 0), (1, 0, 0, 0, 1)],
    ids=["task beyond the last", "option beyond the last", "digit without task", "high digit"],
)
def test_golds_that_are_no_answers_can_only_be_withheld(
    market, requester, rows, chain, labelers, sheet
):
    # G1.1, D1.4
    root = gold_root(market.deployed.domain, requester, sheet, GOLD_SALT)
    batch = market.open(requester, rows, gold_root=root)
    market.commit(batch)
    chain.wait_until(batch.deadlines.commit)
    market.reveal(batch)
    with refused("gold: answers do not fit"):
        market.close(batch, gold=(sheet, GOLD_SALT))
    chain.wait_until(batch.deadlines.gold)
    market.close(batch)


def test_golds_that_are_none_count_as_withheld(market, requester, rows, chain, labelers):
    # G1.3, E1.10
    root = gold_root(market.deployed.domain, requester, EMPTY_SHEET, GOLD_SALT)
    batch = market.open(requester, rows, gold_root=root)
    market.commit(batch)
    chain.wait_until(batch.deadlines.commit)
    market.reveal(batch)
    settlement = batch.settlement(labelers, withheld=True)
    assert market.close(batch, gold=(EMPTY_SHEET, GOLD_SALT)) == [
        event("GoldOpened", round_id=1, salt=GOLD_SALT, sheet=EMPTY_SHEET),
        closed(batch, labelers, batch.verdict(labelers, withheld=True), settlement),
    ]


def play(market, requester, labelers, sheets, gold=GOLD_ANSWERS, **rules):
    """A round in which these are revealed, with what its close logged."""
    batch = market.open(requester, dict(zip(labelers, sheets, strict=True)), gold, **rules)
    market.commit(batch)
    market.chain.wait_until(batch.deadlines.commit)
    market.reveal(batch)
    return batch, market.close(batch)


WRONG = mistaken(RULES, every=1)
MISLED = [(answer + (task % 5 > 2)) % RULES.options for task, answer in enumerate(TRUTH)]


@pytest.mark.parametrize(
    ("sheets", "few", "captured"),
    [
        ([TRUTH, ROWS[2], WRONG, WRONG, WRONG, WRONG], False, False),
        ([TRUTH, WRONG, WRONG, WRONG, WRONG, WRONG], True, False),
        ([TRUTH, TRUTH, MISLED, MISLED, MISLED, MISLED], False, True),
    ],
    ids=["fewer than r_min count", "few passed", "captured"],
)
def test_where_peers_cannot_judge_gold_does(market, requester, labelers, sheets, few, captured):
    # G3.5, G3.7, G3.8, M1.2, M1.3, M1.4, P3.3, P3.4
    """And what is not paid goes back as far as the terms say, and to the sink."""
    batch, events = play(market, requester, labelers, sheets)
    settlement = batch.settlement(labelers)
    assert settlement.mode == Mode.GOLD
    verification = settlement.working.verification
    assert (verification.few, verification.captured) == (few, captured)
    assert events == [
        gold_opened(batch),
        closed(batch, labelers, batch.verdict(labelers), settlement),
    ]
    most = GOLD_RULES.price * GOLD_RULES.refund_bps // 10_000
    unspent = [GOLD_RULES.price - outcome.pay for outcome in settlement.labelers]
    back = sum(min(each, most) for each in unspent)
    empty = (RULES.seats - len(labelers)) * RULES.price
    assert market.account(requester) == Account(free=ETHER - PAY + empty + back, opened=1)
    slashed = sum(outcome.slash for outcome in settlement.labelers)
    assert market.sink_balance == sum(unspent) - back + slashed


@pytest.mark.parametrize(
    "gold",
    [
        dict(list(GOLD_ANSWERS.items())[1:]),
        {**GOLD_ANSWERS, 1: TRUTH[1]},
        dict.fromkeys(GOLD_ANSWERS, 0),
    ],
    ids=["one less", "one more", "all alike"],
)
def test_gold_that_is_not_credible_counts_as_withheld(market, requester, labelers, rows, gold):
    # G1.3, G2.1, G2.2, G2.3, P3.3
    batch, events = play(market, requester, labelers, rows.values(), gold)
    settlement = batch.settlement(labelers, withheld=True)
    assert settlement.gold_withheld
    assert events == [
        gold_opened(batch),
        closed(batch, labelers, batch.verdict(labelers, withheld=True), settlement),
    ]
    empty = (RULES.seats - len(labelers)) * RULES.price
    assert market.free(requester) == ETHER - PAY + empty


@pytest.mark.parametrize("refund_bps", [0, 1, 3_333, 5_000, 10_000])
@pytest.mark.parametrize("gold", [None, GOLD_ANSWERS], ids=["without gold", "with gold"])
def test_no_more_of_a_seat_goes_back_than_the_terms_say(
    market, requester, labelers, rows, gold, refund_bps
):
    # P3.2, P3.3, P3.4, P3.5, P3.6
    """Whatever it was paid: one labeler of each band."""
    batch, _ = play(market, requester, labelers, rows.values(), gold, refund_bps=refund_bps)
    settlement = batch.settlement(labelers)
    assert bands(settlement) == {Band.OUTLIER, Band.FAR, Band.NEAR}
    price = batch.rules.price
    most = price * refund_bps // 10_000
    back = sum(min(price - outcome.pay, most) for outcome in settlement.labelers)
    slashed = sum(outcome.slash for outcome in settlement.labelers)
    refund = (RULES.seats - len(labelers)) * price + back
    assert market.free(requester) == ETHER - PAY + refund
    assert market.sink_balance == PAY - settlement.paid - refund + slashed
    assert PAY - refund >= len(labelers) * (price - most)
