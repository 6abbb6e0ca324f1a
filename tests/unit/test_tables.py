"""Tables: what is in them, and that ranges of blocks add up to the whole."""

import random
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import plumbline.tables.files as files
from plumbline.chain.events import Event, Forfeited, RoundClosed, RoundOpened
from plumbline.history.ledger import replay
from plumbline.settlement.sheet import unpack
from plumbline.settlement.terms import MAX_AMOUNT, Kind
from plumbline.tables import SCHEMAS, TablesError, path_of, rows_of, to_arrow, write
from plumbline.tables.files import require_room
from tests.unit.builders import REQUESTER, STRANGER, Chain, closed_round, labeler, terms

LABELERS = [labeler(number) for number in range(9)]
Row = dict[str, Any]


def answers(dice: random.Random, tasks: int, options: int, accuracy: float) -> list[int | None]:
    return [
        None
        if dice.random() < 0.05
        else task % options
        if dice.random() < accuracy
        else dice.randrange(options)
        for task in range(tasks)
    ]


@pytest.fixture(scope="module")
def chain() -> Chain:
    """Rounds with every way to end: closed with gold and without, withheld, leaked, expired."""
    dice = random.Random(4)
    chain = Chain()
    gold_answers = {n: n % 3 for n in range(9)}
    for promised, gold in ((0, {}), (9, gold_answers), (9, {})):
        rows = [answers(dice, 40, 3, skill) for skill in (0.9, 0.8, 0.9, 0.0, 0.7, 0.95, 0.9)]
        crowd = dict(zip(LABELERS, [*rows, None], strict=False))
        rules = terms(options=3, tasks=40, gold_count=promised)
        staged = chain.open(rules, crowd, gold=gold)
        staged.commit(batch=3).leak(LABELERS[0]).reveal(batch=4).close().forfeit()
    chain.withdraw(LABELERS[2], 5, STRANGER)
    chain.withdraw(LABELERS[2], 5, STRANGER, fee=2, relayer=REQUESTER)
    chain.deposit(LABELERS[2], 7, STRANGER)
    chain.sweep(3)
    rules = terms(kind=Kind.ORDINAL, options=5, width=3, tasks=48)
    crowd = {who: answers(dice, 48, 5, 0.9) for who in LABELERS[:3]}
    chain.open(rules, crowd | {LABELERS[3]: None}).commit().reveal().expire()
    chain.open(rules).commit(*LABELERS[5:7])
    return chain


def openings(events: list[Event]) -> dict[int, RoundOpened]:
    return {event.round_id: event for event in events if isinstance(event, RoundOpened)}


def tables(events: list[Event], of: list[Event] | None = None) -> dict[str, pa.Table]:
    """The tables of some events, which belong to rounds opened in `of`."""
    made = rows_of(events, openings(of or events), {event.block: 7 for event in events})
    return {name: to_arrow(name, made[name]) for name in SCHEMAS}


def total(ledger: list[Row], **wanted: object) -> int:
    return sum(
        int(row["amount"])
        for row in ledger
        if all(row[name] == value for name, value in wanted.items())
    )


# ------------------------------------------------------------------------- ranges


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_any_partition_of_the_blocks_adds_up_to_the_whole(
    chain: Chain, data: st.DataObject
) -> None:
    first, last = chain.events[0].block, chain.events[-1].block
    cuts = data.draw(st.lists(st.integers(first, last), unique=True, max_size=6))
    edges = [first - 1, *sorted(cuts), last + 1]
    parts = [
        tables([e for e in chain.events if low < e.block <= high], chain.events)
        for low, high in pairwise(edges)
    ]
    whole = tables(chain.events)
    for name in SCHEMAS:
        assert pa.concat_tables([part[name] for part in parts]).equals(whole[name])


def test_a_round_opened_before_the_range_is_asked_for(chain: Chain) -> None:
    later = [event for event in chain.events if not isinstance(event, RoundOpened)]
    with pytest.raises(TablesError, match="the opening of round 1 is missing"):
        rows_of(later, {})


def test_the_same_range_gives_the_same_bytes(chain: Chain, tmp_path: Path) -> None:
    for name, table in tables(chain.events).items():
        one, two = path_of(tmp_path, name, 1, 2), path_of(tmp_path, name, 3, 4)
        write(table, one)
        write(to_arrow(name, table.to_pylist()), two)
        assert one.read_bytes() == two.read_bytes()


def test_a_range_that_is_there_may_be_written_again_but_no_other_may_overlap(
    chain: Chain, tmp_path: Path
) -> None:
    write(tables(chain.events)["ledger"], path_of(tmp_path, "ledger", 100, 199))
    require_room(tmp_path, 100, 199)
    require_room(tmp_path, 200, 300)
    require_room(tmp_path, 1, 99)
    for first, last in ((100, 198), (199, 199), (0, 100), (50, 500)):
        with pytest.raises(TablesError, match="has blocks 100 to 199 already"):
            require_room(tmp_path, first, last)


def test_a_write_that_fails_leaves_what_was_there(
    chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tables(chain.events)["rounds"]
    path = path_of(tmp_path, "rounds", 1, 2)
    write(made, path)
    before = path.read_bytes()

    def full(table: pa.Table, file: Any, **_: object) -> None:
        file.write(b"PAR1 and half of")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.pq, "write_table", full)
    with pytest.raises(TablesError, match="No space left"):
        write(made.slice(0, 1), path)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["part.parquet"]


# ------------------------------------------------------------------------ contents


def test_the_ledger_comes_to_the_same_books_as_the_audit(chain: Chain) -> None:
    ledger = tables(chain.events)["ledger"].to_pylist()
    books = replay(chain.events)
    assert not books.shortfalls
    for owner, account in books.accounts.items():
        assert total(ledger, account=owner, balance="free") == account.free
        assert total(ledger, account=owner, balance="locked") == account.locked
    for round_id, left in books.escrow.items():
        assert total(ledger, balance="escrow", round_id=round_id) == left
    assert total(ledger, balance="sink") == books.sink
    assert total(ledger, balance="outside") == books.withdrawn + books.swept - books.deposited
    assert {row["account"] for row in ledger} - {None} <= set(books.accounts)


def test_every_movement_takes_from_one_balance_what_it_gives_to_another(chain: Chain) -> None:
    ledger = tables(chain.events)["ledger"].to_pylist()
    moved: dict[tuple[int, int, int], list[Row]] = {}
    for row in ledger:
        moved.setdefault((row["block"], row["log_index"], row["movement"]), []).append(row)
    for source, target in moved.values():
        assert source["amount"] == -target["amount"] < 0
        assert source["kind"] == target["kind"]


def test_answers_are_those_that_were_revealed_skips_included(chain: Chain) -> None:
    found = tables(chain.events)["answers"].to_pylist()
    for round_id in (1, 4):
        past = chain.history(round_id)
        for event in past.reveals:
            mine = [
                (row["task"], row["answer"])
                for row in found
                if (row["round_id"], row["labeler"]) == (round_id, event.labeler)
            ]
            assert mine == list(
                enumerate(unpack(event.sheet, past.rules.options, past.rules.tasks))
            )
    assert any(row["answer"] is None for row in found)


def test_labels_are_the_verdicts(chain: Chain) -> None:
    found = tables(chain.events)["labels"].to_pylist()
    made = chain.history(2).settlement()
    mine = [row for row in found if row["round_id"] == 2]
    assert [row["label"] for row in mine] == list(made.consensus)
    assert [row["task"] for row in mine if row["contested"]] == list(made.contested)
    assert [row["task"] for row in mine if row["gold"]] == list(made.usable_gold)
    assert made.contested
    assert made.usable_gold


def test_every_seat_that_ended_has_one_settlement(chain: Chain) -> None:
    made = tables(chain.events)
    seats = Counter((row["round_id"], row["labeler"]) for row in made["settlements"].to_pylist())
    assert set(seats.values()) == {1}
    committed = {(row["round_id"], row["labeler"]) for row in made["commitments"].to_pylist()}
    # One of the expired round is still silent, and the last round is open.
    assert committed - seats.keys() == {(4, LABELERS[3]), (5, LABELERS[5]), (5, LABELERS[6])}
    assert Counter(row["how"] for row in made["settlements"].to_pylist()) == {
        "settled": 18,
        "leaked": 3,
        "forfeited": 3,
        "released": 3,
    }


def test_what_was_settled_is_told_to_the_wei(chain: Chain) -> None:
    found = {
        (row["round_id"], row["labeler"]): row
        for row in tables(chain.events)["settlements"].to_pylist()
    }
    for event in chain.events:
        for one in event.outcomes if isinstance(event, RoundClosed) else ():
            row = found[event.round_id, one.labeler]
            assert (row["band"], row["kappa"]) == (one.band.label, one.kappa)
            assert (row["pay"], row["slash"]) == (Decimal(one.pay), Decimal(one.slash))
        if isinstance(event, Forfeited):
            assert found[event.round_id, event.labeler]["slash"] == event.slash


def test_what_a_round_lacks_is_null(chain: Chain) -> None:
    made = tables(chain.events)
    rounds, endings = made["rounds"].to_pylist(), made["endings"].to_pylist()
    assert [row["gold_root"] is None for row in rounds] == [True, False, False, True, True]
    assert [row["gold_deadline"] is None for row in rounds] == [True, False, False, True, True]
    assert all(row["admission"] is None for row in rounds)
    assert [row["mode"] for row in endings][-1] is None
    assert [row["ending"] for row in endings] == ["closed", "closed", "closed", "expired"]


def test_the_largest_amounts_are_exact(tmp_path: Path) -> None:
    chain = Chain()
    rules = terms(price=MAX_AMOUNT // 9, stake=MAX_AMOUNT)
    staged = chain.open(rules)
    chain.deposit(STRANGER, MAX_AMOUNT)
    staged.commit(LABELERS[0])
    for name, table in tables(chain.events).items():
        write(table, path_of(tmp_path, name, 1, 2))
    found = pq.read_table(path_of(tmp_path, "commitments", 1, 2)).to_pylist()
    assert [row["stake"] for row in found] == [Decimal(MAX_AMOUNT)]
    query = f"SELECT sum(amount)::VARCHAR FROM '{tmp_path}/ledger/*/*.parquet' WHERE amount > 0"
    everything = rules.price * 9 * 2 + MAX_AMOUNT * 3
    assert duckdb.sql(query).fetchall() == [(str(everything),)]


def test_an_amount_that_fits_no_column_is_refused() -> None:
    row = {column.name: None for column in SCHEMAS["ledger"]}
    row |= {"block": 1, "log_index": 0, "transaction": "0x", "movement": 0, "kind": "deposit"}
    with pytest.raises(TablesError, match="ledger, column amount"):
        to_arrow("ledger", [{**row, "balance": "free", "amount": 10**38}])


def test_no_column_is_a_float_and_each_says_what_it_is() -> None:
    for schema in SCHEMAS.values():
        for column in schema:
            assert not pa.types.is_floating(column.type)
            assert column.metadata[b"about"]
            if column.type == files.WEI:
                assert column.metadata[b"unit"] == b"wei"


def test_times_are_null_where_they_were_not_asked_for() -> None:
    events = closed_round([[0, 1] * 12] * 3).events
    made = rows_of(events, openings(events))
    assert {row["timestamp"] for rows in made.values() for row in rows} == {None}
    assert {row["account"] for row in made["ledger"]} >= {REQUESTER}
