"""`audit export` on a real chain: ranges by several processes, files for SQL, errors in a line."""

from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

import plumbline.tables.export as exporting
from plumbline.chain.blocks import BlockError
from plumbline.chain.deployment import path_of as manifest_of
from plumbline.chain.deployment import save
from plumbline.chain.events import fetch
from plumbline.chain.log_cache import Checkpoint
from plumbline.history.ledger import replay
from plumbline.tables import SCHEMAS, TablesError, export_tables
from tests.integration.forking import ForkShell, Zygote
from tests.integration.market import Market, terms
from tests.integration.shell import Shell

# The command alone, as long as it stands in no script of its own.


@pytest.fixture(scope="module")
def played(market: Market) -> Market:
    """A round closed with gold answers, one with a silent seat, and one under way."""
    for accuracies, revealing in (((0.95, 0.9, 0.9, 0.8, 0.0), 5), ((0.9, 0.9, 0.9, 0.9), 3)):
        batch = market.open(terms(gold_count=8, options=3), gold_tasks=range(8))
        market.commit(batch, accuracies)
        market.wait_until(batch.deadlines.commit)
        market.reveal(batch, list(batch.openings)[:revealing])
        market.wait_until(batch.deadlines.reveal)
        market.close(batch)
    market.commit(market.open(terms()), (0.9, 0.9))
    return market


@pytest.fixture(scope="module")
def shell(
    played: Market, anvil: str, zygote: Zygote, tmp_path_factory: pytest.TempPathFactory
) -> ForkShell:
    folder = tmp_path_factory.mktemp("project")
    made = ForkShell(folder, anvil, zygote)
    save(folder / manifest_of(played.deployment.chain_id), played.deployment)
    return made


def rows(folder: Path, name: str) -> list[dict[str, object]]:
    query = f"SELECT * FROM '{folder}/{name}/*/part.parquet' ORDER BY block, log_index"
    order = {"ledger": ", movement, amount", "answers": ", task", "labels": ", task"}
    found = duckdb.sql(query + order.get(name, ""))
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def test_ranges_exported_one_by_one_are_the_whole(played: Market, tmp_path: Path) -> None:
    w3, deployment = played.w3, played.deployment
    last = w3.eth.block_number
    whole = export_tables(w3, deployment, tmp_path / "whole", to_block=last)
    assert (whole.first, whole.last) == (deployment.block, last)
    edges = [deployment.block, *range(deployment.block + 7, last, 23), last + 1]
    for first, end in reversed(list(pairwise(edges))):
        export_tables(w3, deployment, tmp_path / "parts", first, end - 1)
    for name in SCHEMAS:
        assert rows(tmp_path / "parts", name) == rows(tmp_path / "whole", name)
    assert len(rows(tmp_path / "whole", "answers")) == (5 + 3) * 48


def test_times_and_money_are_those_of_the_chain(played: Market, tmp_path: Path) -> None:
    w3, deployment = played.w3, played.deployment
    export_tables(w3, deployment, tmp_path)
    ledger = rows(tmp_path, "ledger")
    books = replay(fetch(w3, deployment))
    free = sum(row["amount"] for row in ledger if row["balance"] == "free")  # type: ignore[misc]
    assert free == books.free
    block = ledger[-1]["block"]
    assert ledger[-1]["timestamp"] == w3.eth.get_block(block)["timestamp"]  # type: ignore[arg-type]


def test_the_metadata_names_the_chain_and_the_range(played: Market, tmp_path: Path) -> None:
    w3, deployment = played.w3, played.deployment
    made = export_tables(w3, deployment, tmp_path, to_block=deployment.block + 5)
    metadata = pq.read_schema(made.files[0].path).metadata
    assert metadata[b"contract"].decode() == deployment.address
    assert metadata[b"to_block"] == str(deployment.block + 5).encode()
    mark = w3.eth.get_block(deployment.block + 5)["hash"].hex()
    assert metadata[b"block_hash"].decode() == "0x" + mark.removeprefix("0x")


def test_a_chain_that_changes_meanwhile_is_noticed(
    played: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = played.w3.eth.block_number
    ends = (Checkpoint(last, mark, 0) for mark in (b"\x01" * 32, b"\x02" * 32))
    monkeypatch.setattr(exporting, "block_at", lambda w3, number: next(ends))
    with pytest.raises(TablesError, match=f"reorganised at block {last}: export again"):
        export_tables(played.w3, played.deployment, tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_empty_range_is_refused(played: Market, tmp_path: Path) -> None:
    last = played.w3.eth.block_number
    with pytest.raises(TablesError, match="the range is empty"):
        export_tables(played.w3, played.deployment, tmp_path, last + 1, last)
    with pytest.raises(BlockError, match="does not have block"):
        export_tables(played.w3, played.deployment, tmp_path, to_block=last + 10)


def test_the_command_writes_files_and_says_what(shell: Shell, played: Market) -> None:
    shown = shell("audit", "export", "history")
    assert shown.code == 0, shown.err
    assert "answers" in shown.out
    last = played.w3.eth.block_number
    again = shell("audit", "export", "history", "--to-block", str(last), "--json").json
    assert [one["table"] for one in again["files"]] == list(SCHEMAS)
    for one in again["files"]:
        assert pq.read_table(shell.folder / one["path"]).num_rows == one["rows"]
    assert again["events"] == len(fetch(played.w3, played.deployment))


def test_processes_may_write_ranges_at_once(shell: ForkShell, played: Market) -> None:
    first, last = played.deployment.block, played.w3.eth.block_number
    middle = (first + last) // 2
    ranges = ((first, middle), (middle + 1, last))
    running = [
        shell.start("audit", "export", "many", "--from-block", str(low), "--to-block", str(high))
        for low, high in ranges
    ]
    assert [one.result().code for one in running] == [0, 0]
    export_tables(played.w3, played.deployment, shell.folder / "one", to_block=last)
    for name in SCHEMAS:
        assert rows(shell.folder / "many", name) == rows(shell.folder / "one", name)


def test_a_range_that_overlaps_is_refused_in_one_line(shell: Shell, played: Market) -> None:
    first = played.deployment.block
    assert shell("audit", "export", "overlap", "--to-block", str(first + 9)).code == 0
    error = shell("audit", "export", "overlap", "--to-block", str(first + 12)).error
    assert f"take --from-block {first + 10}, or another folder" in error
