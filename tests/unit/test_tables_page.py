"""docs/tables.md: its queries run as they stand and say what is true, its columns are all."""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from plumbline.chain.events import Event, RoundOpened
from plumbline.history.ledger import replay
from plumbline.history.rounds import history
from plumbline.settlement import Band
from plumbline.tables import SCHEMAS, path_of, rows_of, to_arrow, write
from tests.unit.builders import Chain, labeler

PAGE = (Path(__file__).resolve().parents[2] / "docs/tables.md").read_text()
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.S)
LABELERS = [labeler(number) for number in range(7)]
# On the last tasks the crowd is divided: the first four labelers and the others.
ROWS = [[(t + (t > 19 and n > 3)) % 2 for t in range(24)] for n in range(7)]
ROWS[6][0] = 1


@pytest.fixture(scope="module")
def events() -> list[Event]:
    """Two rounds closed, one with a leak and a silent seat, and one expired."""
    chain = Chain()
    crowd = dict(zip(LABELERS, ROWS, strict=True))
    chain.open(answers=crowd).commit().reveal().close()
    staged = chain.open(answers=crowd | {LABELERS[6]: None}).commit()
    staged.leak(LABELERS[0]).reveal().close().forfeit()
    chain.withdraw(LABELERS[1], 12_345)
    chain.open(answers=crowd).commit(*LABELERS[:3]).reveal().expire()
    return chain.events


@pytest.fixture(scope="module")
def ask(events: list[Event], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """The answer to the query of the page that has these words, on tables in three ranges."""
    folder = tmp_path_factory.mktemp("tables")
    openings = {event.round_id: event for event in events if isinstance(event, RoundOpened)}
    last = events[-1].block
    for first, end in ((1, 120), (121, 140), (141, last)):
        made = rows_of([e for e in events if first <= e.block <= end], openings)
        for name in SCHEMAS:
            write(to_arrow(name, made[name]), path_of(folder, name, first, end))
    session = duckdb.connect()
    session.execute(f"SET file_search_path = '{folder}'")

    def run(words: str) -> list[dict[str, Any]]:
        (query,) = (query for query in QUERIES if words in query)
        found = session.execute(query)
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    return run


def test_every_query_is_tried_here() -> None:
    words = Path(__file__).read_text()
    tried = re.findall(r'ask\("(.*?)"\)', words)
    assert len(tried) == len(QUERIES)


def test_pay_by_labeler(ask: Any, events: list[Event]) -> None:
    found = {row["labeler"]: row for row in ask("AS accepted")}
    settled = [event for one in history(events).values() for event in one.outcomes]
    for who in LABELERS:
        mine = [event for event in settled if event.labeler == who]
        row = found[who]
        assert row["pay_wei"] == sum(event.pay for event in mine) > 0
        near = sum(event.band is Band.NEAR for event in mine)
        assert row["accepted"] == pytest.approx(near / row["rounds"])
    assert {row["rounds"] for row in found.values()} == {2, 3}
    assert sum(row["slashed_wei"] for row in found.values()) > 0


def test_money_of_a_round_is_conserved_exactly(ask: Any) -> None:
    assert ask("left_in_escrow") == [
        {
            "round_id": number,
            "ending": ending,
            "all_movements": Decimal(0),
            "left_in_escrow": Decimal(0),
        }
        for number, ending in ((1, "closed"), (2, "closed"), (3, "expired"))
    ]


def test_balances_are_those_of_the_books(ask: Any, events: list[Event]) -> None:
    books = replay(events)
    assert {row["account"]: (row["free_wei"], row["locked_wei"]) for row in ask("free_wei")} == {
        owner: (account.free, account.locked) for owner, account in books.accounts.items()
    }


def test_the_contract_holds_the_sum_of_the_books(ask: Any, events: list[Event]) -> None:
    assert ask("AS held_wei") == [{"held_wei": replay(events).total}]


def test_agreement_by_task(ask: Any) -> None:
    found = {(row["round_id"], row["task"]): row for row in ask("AS agreement")}
    assert len(found) == 48
    assert found[1, 0]["votes"] == 7
    assert found[1, 0]["agreement"] == pytest.approx(6 / 7)
    assert found[1, 1]["agreement"] == 1.0
    assert found[1, 20]["contested"] and found[1, 20]["agreement"] == pytest.approx(4 / 7)


def test_price_of_a_label(ask: Any, events: list[Event]) -> None:
    histories = history(events)
    closed = [past.closed for past in histories.values() if past.closed]
    (row,) = ask("wei_per_label")
    assert row["requester"] == histories[1].requester
    assert row["rounds"] == 2
    assert row["wei_per_label"] == sum(ending.paid for ending in closed) // 48


def test_pairs(ask: Any) -> None:
    found = ask("AS both_answered")
    # Round 3 has answers too, though it expired.
    assert len(found) == 7 * 6 // 2 + 5 * 4 // 2 + 3
    assert {row["both_answered"] for row in found} == {24}
    mine = {(row["one"], row["other"]): row["same"] for row in found if row["round_id"] == 1}
    one, other = sorted((LABELERS[0], LABELERS[6]))
    assert mine[one, other] == 19


def test_the_page_lists_every_column() -> None:
    place, *parts = re.split(r"\n\*\*([a-z]+)\*\*: ", PAGE[: PAGE.index("## Queries")])
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    assert sections.keys() == SCHEMAS.keys()
    everywhere = _listed(place)
    for name, schema in SCHEMAS.items():
        assert sorted(everywhere + _listed(sections[name])) == sorted(schema.names)


def _listed(section: str) -> list[str]:
    """Names of the first table's first column."""
    lines = section[section.index("| column |") :].splitlines()[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append(line.split("|")[1])
    return re.findall(r"`([a-z_]+)`", " ".join(rows))
