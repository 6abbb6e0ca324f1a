"""Books made from events: every wei is somewhere, and records are those of the contract."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import boa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.chain.events import (
    Committed,
    Deposited,
    Event,
    Forfeited,
    LeakReported,
    Released,
    RoundClosed,
    RoundExpired,
    RoundOpened,
    Swept,
    Withdrawn,
)
from plumbline.chain.records import Account, Deadlines, Verdict
from plumbline.history.ledger import MOST_OPENED, MOST_ROUNDS, LedgerError, replay
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.protocol.outcomes import Outcome
from plumbline.settlement import Band, Mode
from plumbline.settlement.terms import ScoringTerms
from tests.unit.builders import terms

ROOT = Path(__file__).resolve().parents[2]
AT = (1, 0, bytes(32))  # the place of an event means nothing to the books
REQUESTER, ONE, OTHER, REPORTER = (checksum(f"0x{number:040x}") for number in (1, 2, 3, 4))
SHEET = (0, 0, 0, 0, 0)
PRICE, STAKE, SEATS = 1_000, 600, 3

RULES = terms(price=PRICE, stake=STAKE, seats=SEATS)


def deposited(owner: str, amount: int) -> Deposited:
    return Deposited(*AT, owner, owner, amount)


def opened(round_id: int = 1, rules: ScoringTerms = RULES) -> RoundOpened:
    deadlines = Deadlines(1, 2, 0)
    return RoundOpened(*AT, round_id, REQUESTER, rules, deadlines, bytes(32), bytes(32), ZERO, "")


def committed(labeler: str, round_id: int = 1) -> Committed:
    return Committed(*AT, round_id, labeler, b"\x01" * 32, b"")


def settled(labeler: str, band: Band, pay: int = 0, slash: int = 0, kappa: int = 0) -> Outcome:
    return Outcome(labeler, band, kappa, pay, slash)


def closed(
    paid: int, refund: int, to_sink: int, *outcomes: Outcome, mode: Mode = Mode.PEER
) -> RoundClosed:
    verdict = Verdict(int(mode), 0, 0, 0, 0, 0, (0, 0, 0, 0))
    return RoundClosed(*AT, 1, verdict, outcomes, paid, refund, to_sink)


START: list[Event] = [
    deposited(REQUESTER, PRICE * SEATS),
    opened(),
    deposited(ONE, STAKE),
    deposited(OTHER, STAKE),
    committed(ONE),
    committed(OTHER),
]


def test_stakes_are_locked_and_pay_is_in_escrow() -> None:  # E2.1, E2.2, E2.4
    books = replay(START)
    assert books.accounts[REQUESTER] == Account(opened=1)
    assert books.accounts[ONE] == books.accounts[OTHER] == Account(locked=STAKE)
    assert books.escrow == {1: PRICE * SEATS}
    assert books.total == books.deposited == PRICE * SEATS + 2 * STAKE
    assert books.shortfalls == ()


def test_a_closed_round_leaves_nothing_behind() -> None:  # E2.1, E2.2, E2.3, E2.4, E2.5
    near = settled(ONE, Band.NEAR, pay=900, kappa=800_000)
    out = settled(OTHER, Band.OUTLIER, slash=150)
    books = replay([*START, closed(900, PRICE * SEATS - 900, 150, near, out)])
    assert books.accounts[ONE] == Account(free=STAKE + 900, rounds=1, near=1, kappa=1_000)
    assert books.accounts[OTHER] == Account(free=STAKE - 150, rounds=1, outlier=1)
    assert books.accounts[REQUESTER] == Account(free=PRICE * SEATS - 900, opened=1)
    assert (books.sink, books.in_escrow, books.locked) == (150, 0, 0)
    assert books.total == books.deposited


def test_forfeit_pay_goes_to_the_sink() -> None:  # E2.3, E2.4
    near = settled(ONE, Band.NEAR, pay=900)
    far = settled(OTHER, Band.FAR, kappa=100_000)
    unspent = 2 * PRICE - 900
    books = replay([*START, closed(900, PRICE, unspent, near, far, mode=Mode.GOLD)])
    assert (books.sink, books.escrow[1]) == (unspent, 0)
    assert books.accounts[REQUESTER].void == 0


def test_a_leak_a_silent_seat_and_an_expiry() -> None:  # E2.1, E2.3, E2.5
    leak = LeakReported(*AT, 1, ONE, REPORTER, bytes(32), SHEET, 300, 30)
    silent = Forfeited(*AT, 1, OTHER, 300)
    books = replay([*START, leak, silent, RoundExpired(*AT, 1, PRICE * SEATS)])
    gone = Account(free=STAKE - 300, rounds=1, unrevealed=1)
    assert books.accounts[ONE] == books.accounts[OTHER] == gone
    assert books.accounts[REPORTER] == Account(free=30)
    assert books.accounts[REQUESTER] == Account(free=PRICE * SEATS, opened=1, void=1)
    assert books.sink == 570
    assert books.total == books.deposited


def test_an_expired_round_counts_for_those_who_revealed_but_not_in_their_kappa() -> None:
    # A3.2, E2.5
    events = [*START, Released(*AT, 1, ONE, STAKE), Released(*AT, 1, OTHER, STAKE)]
    books = replay([*events, RoundExpired(*AT, 1, PRICE * SEATS)])
    assert books.accounts[ONE] == Account(free=STAKE, rounds=1)


def test_a_void_round_is_in_the_record_of_its_requester() -> None:  # A3.6, E2.5
    void = [settled(labeler, Band.VOID, pay=100) for labeler in (ONE, OTHER)]
    books = replay([*START, closed(200, PRICE * SEATS - 200, 0, *void, mode=Mode.VOID)])
    assert books.accounts[REQUESTER].void == 1
    assert books.accounts[ONE] == Account(free=STAKE + 100, rounds=1)


def test_money_goes_out_of_accounts_and_sink() -> None:  # E2.1, E2.3
    near = settled(ONE, Band.NEAR, pay=900)
    out = settled(OTHER, Band.OUTLIER, slash=150)
    events = [*START, closed(900, 2_100, 150, near, out)]
    books = replay([*events, Withdrawn(*AT, ONE, REPORTER, 1_000, 0, ONE), Swept(*AT, 150)])
    assert (books.withdrawn, books.swept, books.sink) == (1_000, 150, 0)
    assert books.total == books.deposited - 1_150
    # Where it went is outside of the books.
    assert REPORTER not in books.accounts


def test_the_fee_of_a_withdrawal_stays_in_the_books_of_who_relayed_it() -> None:  # E2.1, E2.3
    before = replay(START)
    books = replay([*START, Withdrawn(*AT, REQUESTER, REPORTER, 1_000, 10, OTHER)])
    assert books.withdrawn == 990
    assert books.accounts[OTHER].free == before.accounts[OTHER].free + 10
    assert books.accounts[REQUESTER].free == before.accounts[REQUESTER].free - 1_000


@pytest.mark.parametrize("missing", [0, 2, 4])
def test_a_missing_event_takes_a_balance_below_zero(missing: int) -> None:
    near = settled(ONE, Band.NEAR, pay=900)
    out = settled(OTHER, Band.OUTLIER, slash=150)
    events = [*START, closed(900, 2_100, 150, near, out)]
    del events[missing]
    (shortfall,) = replay(events).shortfalls
    owner, balance = {0: (REQUESTER, "free"), 2: (ONE, "free"), 4: (ONE, "locked")}[missing]
    assert (shortfall.owner, shortfall.balance) == (owner, balance)
    assert shortfall.amount < 0


def test_a_closing_that_gives_more_than_the_escrow_is_noted() -> None:  # E2.4
    books = replay([*START, closed(0, PRICE * SEATS + 1, 0)])
    (shortfall,) = books.shortfalls
    assert (shortfall.owner, shortfall.balance, shortfall.amount) == ("round 1", "escrow", -1)


def test_events_of_an_unopened_round_are_refused() -> None:
    with pytest.raises(LedgerError, match="round 1 without its opening"):
        replay([committed(ONE)])


@given(
    st.lists(
        st.tuples(st.sampled_from([ONE, OTHER, REPORTER]), st.integers(0, 10**6), st.booleans())
    )
)
def test_what_comes_in_and_does_not_go_out_is_in_the_books(
    moves: list[tuple[str, int, bool]],
) -> None:
    # E2.1
    events: list[Event] = [
        Deposited(*AT, owner, owner, amount)
        if comes_in
        else Withdrawn(*AT, owner, owner, amount, 0, owner)
        for owner, amount, comes_in in moves
    ]
    books = replay(events)
    assert books.total == books.deposited - books.withdrawn
    below = any(account.free < 0 for account in books.accounts.values())
    assert bool(books.shortfalls) or not below


# ------------------------------------------------- records, against the contract


@pytest.fixture(scope="module")
def harness() -> Any:
    """The contract's own bookkeeping, in an embedded chain."""
    return boa.load(str(ROOT / "tests/contracts/AccountsHarness.vy"))


def in_batches(items: list[Any], size: int = 128) -> list[list[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def test_records_of_labelers_fade_as_the_contract_lets_them(harness: Any) -> None:  # A3.3, A3.4
    """Past the point where the counts are halved, compared after every batch."""
    chance = random.Random(3)
    bands = [chance.choice(list(Band)) for _ in range(MOST_ROUNDS + 300)]
    kappas = [chance.randrange(1_200_000) for _ in bands]
    no_stake = replace(RULES, stake=0)
    events: list[Event] = [deposited(REQUESTER, PRICE * SEATS), opened(rules=no_stake)]
    done = 0
    for batch in in_batches(list(zip(bands, kappas, strict=True))):
        harness.end_seats(ONE, [int(band) for band, _ in batch], [kappa for _, kappa in batch])
        outcomes = [settled(ONE, band, kappa=kappa) for band, kappa in batch]
        events.append(closed(0, 0, 0, *outcomes))
        done += len(batch)
        # Replaying all of it for each batch would take its square.
        if done > MOST_ROUNDS - 128 or done < 256:
            assert replay(events).accounts[ONE] == Account(*harness.account(ONE))
    assert replay(events).accounts[ONE].rounds < MOST_ROUNDS // 2 + 400


def test_records_of_requesters_fade_as_the_contract_lets_them(harness: Any) -> None:  # A3.5, A3.6
    chance = random.Random(4)
    are_void = [chance.random() < 0.4 for _ in range(2 * MOST_OPENED)]
    free = replace(RULES, price=0)
    events: list[Event] = []
    for number, batch in enumerate(in_batches(are_void)):
        harness.note_rounds(REQUESTER, batch)
        for place, is_void in enumerate(batch):
            round_id = 1 + number * 128 + place
            events.append(opened(round_id, free))
            if is_void:
                events.append(RoundExpired(*AT, round_id, 0))
        assert replay(events).accounts[REQUESTER] == Account(*harness.account(REQUESTER))


def test_a_requester_has_no_more_void_rounds_than_opened_ones() -> None:  # A3.5, A3.6
    """All rounds open at once, all void in the end: the halving came in between."""
    rounds = MOST_OPENED + 1
    events: list[Event] = [
        *[opened(number, replace(RULES, price=0)) for number in range(1, rounds + 1)],
        *[RoundExpired(*AT, number, 0) for number in range(1, rounds + 1)],
    ]
    record = replay(events).accounts[REQUESTER]
    assert record.void == record.opened == MOST_OPENED // 2 + 1
