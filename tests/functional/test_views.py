"""What wallets, keepers and other contracts can ask."""

import pytest

from plumbline.chain.packing import account_from, round_from, seat_from
from plumbline.chain.records import Account, Phase, Seat
from plumbline.protocol.commitment import EMPTY_HASH, LEAKED
from plumbline.settlement import Band
from tests.functional.batch import GOLD_ANSWERS, TRUTH
from tests.functional.market import ETHER, WINDOW, refused
from tests.world.jobs import RULES, mistaken

# -------------------------------------------------------------------------- phases


def phase_at(market, batch, time):
    market.chain.wait_until(time)
    return market.phase(batch)


def test_a_round_that_was_never_opened_has_no_phase(market, batch):  # T4.1, V1.3
    for round_id in (0, 2, 2**256 - 1):
        assert market.lens.functions.phase(market.address, round_id).call() == [Phase.ABSENT, 0]


def test_phases_end_at_their_deadlines(market, committed):  # T4.3, T4.4, T4.6, V1.3
    commit, reveal = committed.deadlines.commit, committed.deadlines.reveal
    assert phase_at(market, committed, commit - 1) == (Phase.COMMIT, 1)
    assert phase_at(market, committed, commit) == (Phase.REVEAL, WINDOW)
    assert phase_at(market, committed, reveal - 1) == (Phase.REVEAL, 1)
    assert phase_at(market, committed, reveal) == (Phase.DUE, 0)
    assert phase_at(market, committed, reveal + 365 * 86_400) == (Phase.DUE, 0)


def test_golds_are_awaited_between_the_last_reveal_and_their_deadline(market, gold_batch):
    # T4.5, T4.6, V1.3
    market.commit(gold_batch)
    reveal, gold = gold_batch.deadlines.reveal, gold_batch.deadlines.gold
    assert phase_at(market, gold_batch, reveal - 1) == (Phase.REVEAL, 1)
    assert phase_at(market, gold_batch, reveal) == (Phase.GOLD, WINDOW)
    assert phase_at(market, gold_batch, gold - 1) == (Phase.GOLD, 1)
    assert phase_at(market, gold_batch, gold) == (Phase.DUE, 0)


def test_golds_are_awaited_from_the_last_reveal_on(market, gold_revealed, chain):  # T4.5, V1.3
    assert market.phase(gold_revealed) == (
        Phase.GOLD,
        gold_revealed.deadlines.gold - chain.now,
    )


def test_the_reveal_phase_begins_with_the_last_seat(market, requester, rows, labelers, chain):
    # T4.3, V1.3
    batch = market.open(requester, rows, seats=6)
    market.commit(batch, labelers[:5])
    assert market.phase(batch) == (Phase.COMMIT, batch.deadlines.commit - chain.now)
    market.commit(batch, labelers[5:])
    assert market.phase(batch) == (Phase.REVEAL, batch.deadlines.reveal - chain.now)


def test_without_seats_taken_there_is_nothing_to_reveal(market, batch, gold_batch):  # T4.9
    deadline = batch.deadlines.commit
    assert phase_at(market, batch, deadline - 1) == (Phase.COMMIT, 1)
    assert phase_at(market, batch, deadline) == (Phase.DUE, 0)
    market.chain.wait_until(gold_batch.deadlines.commit + 1)
    assert market.phase(gold_batch) == (Phase.GOLD, 2 * WINDOW - 1)


def test_a_closed_round_stays_closed(market, revealed):  # T4.2, T4.7, V1.3
    market.close(revealed)
    assert market.phase(revealed) == (Phase.CLOSED, 0)
    later = revealed.deadlines.reveal + 365 * 86_400
    assert phase_at(market, revealed, later) == (Phase.CLOSED, 0)


# ------------------------------------------------------------------- rounds and seats


def test_a_round_counts_its_seats(market, batch, chain, labelers, copycat):
    # V1.4, L1.4, R1.2, F1.4
    def counts():
        found = market.round(batch.round_id)
        return found.committed, found.revealed, found.gone

    assert counts() == (0, 0, 0)
    market.commit(batch)
    assert counts() == (6, 0, 0)
    leaked = labelers[0]
    market.by(copycat).report_leak(batch.round_id, leaked, batch.sheet(leaked), batch.salt(leaked))
    assert counts() == (6, 0, 1)
    chain.wait_until(batch.deadlines.commit)
    market.reveal(batch, labelers[1:4])
    assert counts() == (6, 3, 1)
    chain.wait_until(batch.deadlines.reveal)
    market.by(copycat).forfeit(batch.round_id, labelers[4:5])
    assert counts() == (6, 3, 2)
    market.close(batch, labelers[1:4])
    assert counts() == (6, 3, 2)


def test_what_was_agreed_never_changes(market, gold_revealed):  # T3.5
    def agreed():
        found = market.round(gold_revealed.round_id)
        return found.requester, found.rules, found.deadlines, found.gold_root, found.admission

    before = agreed()
    market.close(gold_revealed)
    assert agreed() == before


def test_a_round_that_was_never_opened_cannot_be_looked_at(market, batch):  # V1.4
    for round_id in (0, 2):
        with pytest.raises(Exception, match="round: no such round"):
            market.round(round_id)


def test_a_seat_is_empty_or_holds_a_commitment_or_was_leaked(
    market, batch, chain, labelers, copycat
):
    # V1.5
    first, second, absent = labelers[:3]
    empty = Seat(EMPTY_HASH, leaked=False)
    assert market.seat(batch, first) == empty
    market.commit(batch, [first, second])
    assert market.seat(batch, first) == Seat(batch.commitment(first), leaked=False)
    market.by(copycat).report_leak(batch.round_id, first, batch.sheet(first), batch.salt(first))
    assert market.seat(batch, first) == Seat(EMPTY_HASH, leaked=True)
    chain.wait_until(batch.deadlines.commit)
    market.reveal(batch, [second])
    assert market.seat(batch, second) == empty
    assert market.seat(batch, absent) == empty
    assert LEAKED != EMPTY_HASH


# --------------------------------------------------------------------------- records


def play(market, requester, rows, gold=None, **rules):
    """A whole round. What the reference implementation makes of each labeler."""
    batch = market.open(requester, rows, gold, **rules)
    market.commit(batch)
    market.chain.wait_until(batch.deadlines.commit)
    market.reveal(batch)
    market.close(batch)
    return dict(zip(batch.labelers, batch.settlement(batch.labelers).labelers, strict=True))


def test_a_record_counts_the_rounds_by_how_they_ended(market, requester, rows, labelers):
    # A3.2, A3.5
    play(market, requester, rows, rho_bps=4_000)
    play(market, requester, rows, GOLD_ANSWERS)
    near, *_, middling, outlier = map(market.account, labelers)
    assert (near.rounds, near.near, near.outlier, near.unrevealed) == (2, 2, 0, 0)
    assert (middling.rounds, middling.near, middling.outlier, middling.unrevealed) == (2, 1, 0, 0)
    assert (outlier.rounds, outlier.near, outlier.outlier, outlier.unrevealed) == (2, 0, 2, 0)
    assert market.account(requester).opened == 2
    assert market.account(requester).void == 0


def test_the_average_kappa_takes_an_eighth_of_the_last_round(market, requester, rows):  # A3.4
    averages = dict.fromkeys(rows, 0)
    for gold in (None, GOLD_ANSWERS, None):
        outcomes = play(market, requester, rows, gold)
        for labeler, outcome in outcomes.items():
            averages[labeler] = (averages[labeler] * 7 + outcome.kappa_ppm // 100) // 8
    assert {labeler: market.account(labeler).kappa for labeler in rows} == averages
    assert max(averages.values()) > 3_000


def test_an_outlier_round_lowers_the_average(market, requester, rows, labelers):  # A3.4
    first = labelers[0]
    play(market, requester, rows)
    before = market.account(first).kappa
    inverted = {**rows, first: mistaken(RULES, every=1), labelers[5]: TRUTH}
    assert play(market, requester, inverted)[first].band == Band.OUTLIER
    assert 0 < market.account(first).kappa == before * 7 // 8


def test_rounds_that_were_not_scored_leave_the_average(
    market, requester, rows, labelers, copycat, chain
):
    # A3.2, A3.4, A3.6
    play(market, requester, rows)
    before = [account.kappa for account in market.accounts(labelers)]
    # void, leaked, silent
    play(market, requester, rows, r_min=7)
    batch = market.open(requester, rows)
    market.commit(batch)
    leaked = labelers[0]
    market.by(copycat).report_leak(batch.round_id, leaked, batch.sheet(leaked), batch.salt(leaked))
    chain.wait_until(batch.deadlines.reveal)
    market.by(copycat).forfeit(batch.round_id, labelers)
    assert [account.kappa for account in market.accounts(labelers)] == before
    assert all(account.rounds == 3 for account in market.accounts(labelers))
    assert market.account(requester).void == 1


def test_a_perfect_labeler_climbs_towards_one(market, requester, rows, labelers):  # A3.4
    for _ in range(3):
        play(market, requester, rows)
    # 1250, 1250 * 7 / 8 + 1250, ... rounded down
    assert market.account(labelers[0]).kappa == 3_300


def test_stakes_of_several_rounds_add_up(market, requester, rows, labelers):  # A2.1
    for count in range(1, 4):
        batch = market.open(requester, rows)
        market.commit(batch)
        locked = count * RULES.stake
        for labeler in labelers:
            assert market.account(labeler) == Account(free=ETHER - locked, locked=locked)


def test_requester_and_labeler_may_be_one(market, rows, labelers):  # C1.2
    """One slot holds both records and neither disturbs the other."""
    both = labelers[0]
    outcome = play(market, both, rows)[both]
    account = market.account(both)
    assert (account.rounds, account.near, account.opened, account.void) == (1, 1, 1, 0)
    assert account.kappa == outcome.kappa_ppm // 100 // 8
    assert account.locked == 0


def test_what_is_stored_is_packed_as_specified(
    market, batch, gold_batch, chain, labelers, copycat, stranger, bank
):
    # D2.1, D2.2, D2.3, D2.4, V1.2, V1.4, V1.5
    """The library reads from the words themselves what the lens says."""
    view = market.rounds.functions
    first, second, third, *_ = labelers
    policy = chain.mock(bank, "Policy").address
    invited = market.open(stranger, gold_batch.rows, admission=policy)
    market.commit(batch)
    market.commit(gold_batch)
    for of in (batch, gold_batch):
        market.by(copycat).report_leak(of.round_id, first, of.sheet(first), of.salt(first))
    chain.wait_until(batch.deadlines.commit + 60)
    market.reveal(batch, [second, third])
    market.reveal(gold_batch, labelers[1:])
    market.close(gold_batch, labelers[1:])
    for of in (batch, gold_batch, invited):
        assert round_from(view.round(of.round_id).call()) == market.round(of.round_id)
        for labeler in labelers:
            assert seat_from(view.seat(of.round_id, labeler).call()) == market.seat(of, labeler)
    assert market.round(gold_batch.round_id).is_closed
    assert market.round(invited.round_id).admission == invited.opening.admission
    for owner in (*labelers, copycat, stranger):
        assert account_from(view.account(owner).call()) == market.account(owner)
    assert view.seat(batch.round_id, first).call() == LEAKED
    assert round_from(view.round(99).call()) is None
    assert view.account("0x" + "42" * 20).call() == 0


def test_one_lens_serves_all_deployments(market, token_market, requester, rows):  # V1.8
    market.open(requester, rows, price=5)
    token_market.open(requester, rows, price=6)
    assert (market.round(1).rules.price, token_market.round(1).rules.price) == (5, 6)


def test_a_view_of_nothing_says_nothing(market, latecomer):  # V1.2
    stranger = "0x" + "42" * 20
    assert market.account(stranger) == Account()
    with refused("round: no such round"):
        market.by(latecomer).forfeit(1, [stranger])
