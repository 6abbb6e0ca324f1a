"""`plumbline audit` and `plumbline audit watch`, as a user starts them."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from web3 import Web3

from plumbline.chain.deployment import path_of, save
from plumbline.chain.events import RoundClosed, fetch
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.manifest import Manifest
from tests.build import Compiled
from tests.integration.conftest import deploy
from tests.integration.forking import ForkShell, Zygote
from tests.integration.market import Market, terms
from tests.integration.nodes import Node
from tests.integration.rpc import rpc
from tests.waiting import wait_until

PATIENCE = 60.0  # seconds, on a busy machine


@pytest.fixture(scope="module")
def w3(node: Node) -> Web3:
    return node.connect()


@dataclass
class Place:
    """A market with two rounds, and a shell beside it."""

    shell: ForkShell
    market: Market


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory,
    node: Node,
    w3: Web3,
    compiled: Compiled,
    zygote: Zygote,
) -> Place:
    shell = ForkShell(tmp_path_factory.mktemp("project"), node.url, zygote)
    market = Market(w3, deploy(w3, compiled, ZERO))
    save(shell.folder / path_of(market.deployment.chain_id), market.deployment)
    for _ in range(2):
        settle_one(market)
    return Place(shell, market)


def settle_one(market: Market) -> None:
    batch = market.open(terms(seats=3))
    market.commit(batch, (0.9, 0.9, 0.9))
    market.reveal(batch, list(batch.openings))
    market.close(batch)


def test_rounds_are_audited_without_a_subcommand(place: Place) -> None:
    everything = place.shell.good("audit", "--json").json
    assert everything["is_clean"]
    assert [line["round_id"] for line in everything["rounds"]] == [1, 2]
    assert "tasks of rounds 1, 2 were not to be had" in everything["notes"][0]
    some = place.shell.good("audit", "2", "1", "--plain", "--no-cache", "--json").json
    assert [line["round_id"] for line in some["rounds"]] == [1, 2]
    assert some["totals"] is None
    assert "Agrees to the wei" in place.shell.good("audit", "rounds", "2").said


def test_the_cache_is_in_the_private_folder_or_where_it_is_told(place: Place) -> None:
    place.shell.good("audit")
    (path,) = (place.shell.vault / "cache").rglob("*.logs")
    assert path.stat().st_mode & 0o777 == 0o600
    other = place.shell.folder / "elsewhere"
    place.shell.good("audit", "--cache", str(other))
    assert len(list(other.rglob("*.logs"))) == 1


def test_a_forged_manifest_ends_with_one_and_a_line_for_it(place: Place) -> None:
    path = place.shell.folder / "forged.json"
    forged = Manifest(("no", "yes"), tuple("abc" * 16))
    path.write_text(json.dumps(forged.to_json()))
    result = place.shell("audit", "1", "--tasks", str(path))
    assert result.code == 1
    assert f"round 1: root of the tasks in {path}: expected 0x" in result.err
    assert f"found 0x{forged.root.hex()}" in result.err
    assert "1 difference" in result.error
    path.write_text("{}")
    assert "forged.json" in place.shell("audit", "--tasks", str(path)).error


def test_watching_once_tells_everything_in_words_or_json(place: Place) -> None:
    market = place.market
    lines = place.shell.good("audit", "watch", "--once", "--json").out.splitlines()
    printed = [json.loads(line) for line in lines]
    events = fetch(market.w3, market.deployment)
    assert [one["event"] for one in printed] == [type(event).__name__ for event in events]
    words = place.shell.good("audit", "watch", "--once").said
    closed = next(event for event in events if isinstance(event, RoundClosed))
    for one in closed.outcomes:
        assert f"{one.labeler} is {one.band.label}" in words
    assert "UTC" in words
    assert "ALERT" not in words


def test_a_short_balance_is_an_alert_and_code_one(place: Place) -> None:
    w3, address = place.market.w3, place.market.deployment.address
    held = w3.eth.get_balance(address)  # type: ignore[arg-type]

    def hold(amount: int) -> None:
        rpc(w3, "anvil_setBalance", address, hex(amount))
        rpc(w3, "evm_mine")

    hold(held - 1)
    try:
        result = place.shell("audit", "watch", "--once")
        assert result.code == 1
        assert f"ALERT deployment: holdings of the contract: expected at least {held}" in result.out
    finally:
        hold(held)


def test_a_watch_survives_a_restart_of_the_node(place: Place, node: Node) -> None:
    watching = place.shell.start("audit", "watch", "--json", "--interval", "0.2", "--no-cache")
    try:
        count = len(fetch(place.market.w3, place.market.deployment))
        wait_for_lines(watching.papers / "out", count)
        with node.away():
            time.sleep(1)
        settle_one(place.market)
        count = len(fetch(place.market.w3, place.market.deployment))
        wait_for_lines(watching.papers / "out", count)
    finally:
        result = watching.kill()
    printed = [json.loads(line) for line in result.out.splitlines()]
    assert not [one for one in printed if "alert" in one]
    assert "does not answer" in " ".join(result.err.split())
    assert "answers again" in " ".join(result.err.split())


def wait_for_lines(path: Path, count: int) -> None:
    wait_until(lambda: path.read_text().count('"event"') >= count, why=path.read_text)
