"""Floors of steps, added up by hand from the fee schedule."""

import pytest
from eth_utils.address import to_checksum_address

from plumbline.chain.records import Deadlines
from plumbline.lab.gas import floor
from plumbline.lab.gas.cases import Case
from plumbline.lab.gas.floor import Floor, RoundFloors
from plumbline.lab.gas.measure import terms_of
from plumbline.protocol.commitment import Opening, RollEntry, SignedCommitment
from plumbline.settlement.sheet import Sheet
from plumbline.settlement.terms import Kind

ALICE = to_checksum_address("0x" + "11" * 20)
WORD = b"\x22" * 32
FULL = 16 * 32  # calldata gas of a word without zero bytes
HEAD = 16 * 4 + 4 * 3 + 16  # function; round 1 in four bytes
ADDRESS = 16 * 20
TERMS = terms_of(Case(Kind.NOMINAL, 2, 1, 10, tasks=12))
FLOORS = RoundFloors(1, TERMS)
SHEET: Sheet = (0x0FFF, 0x0101, 0, 0, 0)  # two bytes a plane, none of them zero
PLANES = 16 * 4
STAKE = 10**17  # 01 63 45 78 5d 8a 00 00, after three zeros


def _signed(sealed: bytes = b"") -> SignedCommitment:
    return SignedCommitment(ALICE, WORD, b"\x33" * 32, int.from_bytes(b"\x44" * 32, "big"), sealed)


def test_calldata_is_4_for_a_zero_byte_and_16_for_another() -> None:
    assert floor.calldata(bytes(10) + b"\x01" * 3) == 10 * 4 + 3 * 16


def test_a_transaction_never_goes_below_10_and_40_a_byte() -> None:
    assert floor.least(bytes(10) + b"\x01" * 3) == 21_000 + 10 * 10 + 3 * 40
    assert floor.draft_least(bytes(10) + b"\x01" * 3) == 21_000 + 13 * 64
    assert Floor(b"\x01" * 10_000, storage=0, logs=0).gas == 21_000 + 400_000
    busy = Floor(b"\x01" * 10_000, storage=300_000, logs=0)
    assert busy.gas == 21_000 + 160_000 + 300_000


def test_a_deposit_fills_a_slot() -> None:
    amount = 6 * 16 + 5 * 4
    log = 375 + 3 * 375 + 8 * 32
    expected = 21_000 + 4 * 16 + ADDRESS + amount + 22_100 + log
    assert floor.deposit(ALICE, STAKE).gas == expected == 45_356


def test_a_commitment_of_ones_own_fills_the_seat() -> None:
    log = 375 + 3 * 375 + 8 * 32
    stored = 22_100 + 2 * 5_000
    expected = 21_000 + HEAD + FULL + 6 * 16 + 5 * 4 + stored + log
    assert FLOORS.commit(WORD).gas == expected


def test_relayed_commitments_share_the_transaction_and_the_status() -> None:
    log = 375 + 3 * 375 + 8 * 32
    each = ADDRESS + 3 * FULL + 22_100 + 5_000 + 3_000 + log
    assert FLOORS.commit_signed([_signed()]).gas == 21_000 + HEAD + 5_000 + each
    assert FLOORS.commit_signed([_signed()] * 2).gas == 21_000 + HEAD + 5_000 + 2 * each


def test_sealed_answers_cost_calldata_and_log() -> None:
    plain, sealed = (FLOORS.commit_signed([_signed(part)]).gas for part in (b"", b"\x55" * 90))
    assert sealed - plain == 90 * (16 + 8)


def test_a_reveal_alone_keeps_its_refund() -> None:
    log = 375 + 3 * 375 + 8 * (32 + 4)
    stored = 3 * 5_000  # seat, status, roll
    spent = 21_000 + HEAD + ADDRESS + FULL + PLANES + stored + log
    opening = Opening(ALICE, SHEET, WORD)
    assert spent // 5 > 4_800
    assert FLOORS.reveal([opening]).gas == spent - 4_800


def test_a_batch_of_reveals_keeps_a_fifth_only() -> None:
    each = ADDRESS + FULL + PLANES + 5_000 + 375 + 3 * 375 + 8 * (32 + 4)
    spent = 21_000 + HEAD + 2 * 5_000 + 50 * each
    assert spent // 5 < 50 * 4_800
    openings = [Opening(ALICE, SHEET, WORD)] * 50
    assert FLOORS.reveal(openings).gas == spent - spent // 5


@pytest.mark.parametrize(("options", "planes"), [(2, 2), (4, 3), (5, 4), (16, 5)])
def test_no_more_planes_are_needed_than_the_options_use(options: int, planes: int) -> None:
    terms = terms_of(Case(Kind.NOMINAL, options, 1, 10, tasks=64))
    needed = RoundFloors(1, terms).reveal([Opening(ALICE, (1, 0, 0, 0, 0), WORD)]).needed
    assert len(needed) == 8 + 20 + 32 + 8 * planes


def test_a_close_changes_each_account_and_logs_a_word_for_each() -> None:
    verdict = 8 * (3 * 2 + 2 * 32 + 3 * 32)
    stored = (3 + 4) * 5_000 + 2 * 2_100
    expected = 21_000 + HEAD + 3 * (ADDRESS + PLANES) + stored + 375 + 2 * 375 + verdict
    assert FLOORS.close([RollEntry(ALICE, SHEET)] * 3).gas == expected == 63_897


def test_gold_costs_a_slot_at_the_opening_and_is_shown_at_the_close() -> None:
    deadlines = Deadlines(1 << 32, 2 << 32, 3 << 32)
    without = floor.opening(TERMS, deadlines, WORD)
    golden = floor.opening(TERMS, deadlines, WORD, WORD)
    assert golden.storage == without.storage + 22_100
    assert (
        floor.calldata(golden.needed) == floor.calldata(without.needed) + FULL
        and golden.logs == without.logs + 8 * 32
    )
    entries = [RollEntry(ALICE, SHEET)] * 3
    shown = 375 + 2 * 375 + 8 * (32 + 4)
    expected = FLOORS.close(entries).gas + FULL + PLANES + 2_100 + shown
    assert FLOORS.close(entries, (SHEET, WORD)).gas == expected


def test_a_leak_slashes_one_pays_another_and_keeps_the_seat() -> None:
    log = 375 + 4 * 375 + 8 * (32 + 4)
    stored = 5 * 5_000 + 2_100  # seat, status, labeler, reporter, sink; terms
    expected = 21_000 + HEAD + ADDRESS + FULL + PLANES + stored + log
    assert FLOORS.leak(Opening(ALICE, SHEET, WORD)).gas == expected


def test_a_forfeit_empties_seats() -> None:
    spent = 21_000 + HEAD + 50 * (ADDRESS + 2 * 5_000 + 4 * 375) + 2 * 5_000 + 2_100
    assert spent // 5 < 50 * 4_800
    assert FLOORS.forfeit([ALICE] * 50).gas == spent - spent // 5


def test_an_expiry_gives_every_stake_back_and_empties_the_roll() -> None:
    stored = (3 + 3) * 5_000 + 2 * 2_100
    logs = 3 * 4 * 375 + 3 * 375
    spent = 21_000 + HEAD + 3 * (ADDRESS + PLANES) + stored + logs
    assert FLOORS.expiry([RollEntry(ALICE, SHEET)] * 3).gas == spent - 4_800


def test_a_withdrawal_pays() -> None:
    amount = 6 * 16 + 5 * 4
    log = 375 + 3 * 375 + 8 * 32
    expected = 21_000 + 4 * 16 + ADDRESS + amount + 5_000 + 6_800 + log
    assert floor.withdrawal(ALICE, STAKE).gas == expected


def test_concluding_costs_less_than_revealing_and_closing() -> None:
    openings = [Opening(ALICE, SHEET, WORD)] * 10
    entries = [RollEntry(ALICE, SHEET)] * 10
    apart = FLOORS.reveal(openings).gas + FLOORS.close(entries).gas
    together = FLOORS.conclude(openings)
    assert together.storage == 20 * 5_000 + 4 * 5_000 + 2 * 2_100
    assert together.gas < apart - 21_000


def test_an_opening_fills_four_slots() -> None:
    lowest = floor.opening(TERMS, Deadlines(1 << 32, 2 << 32, 0), WORD)
    assert lowest.storage == 4 * 22_100 + 2 * 5_000
    # 11 bytes an amount, 5 a deadline, 2 a share; kind, options, width, tasks, seats, r_min and
    # the number of gold tasks; root
    assert len(lowest.needed) == 4 + 22 + 15 + 7 + 18 + 32
    assert lowest.logs == 375 + 3 * 375 + 8 * (22 + 15 + 7 + 18 + 32)
