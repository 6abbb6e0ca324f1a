"""An audit is of one block of one chain, whatever node and cache do meanwhile."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from web3 import Web3

from plumbline.audit import AuditError, audit
from plumbline.audit.watch import Watcher
from plumbline.audit.wording import in_words, outcome_in_words, to_json
from plumbline.chain.events import RoundClosed, fetch
from plumbline.chain.feed import NodeUnavailable
from plumbline.chain.log_cache import LogCache
from plumbline.protocol.addresses import ZERO
from plumbline.units import ETHER
from tests.build import Compiled
from tests.integration.conftest import deploy
from tests.integration.lying import Lie, LyingNode
from tests.integration.market import Market, terms
from tests.integration.rpc import rpc


@pytest.fixture
def market(w3: Web3, compiled: Compiled) -> Market:
    return Market(w3, deploy(w3, compiled, ZERO))


@pytest.fixture
def liar(market: Market, anvil: str) -> Iterator[LyingNode]:
    settle_one(market)
    node = LyingNode(anvil, market.deployment, fetch(market.w3, market.deployment))
    node.remembers = False
    yield node
    node.stop()


def settle_one(market: Market) -> int:
    batch = market.open(terms(seats=3))
    market.commit(batch, (0.9, 0.9, 0.9))
    market.reveal(batch, list(batch.openings))
    market.close(batch)
    return batch.round_id


def with_cache(market: Market, folder: Path) -> Any:
    cache = LogCache(folder, market.deployment.deployed)
    try:
        return audit(market.w3, market.deployment, cache=cache)
    finally:
        cache.close()


def test_a_second_audit_reads_only_new_blocks(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle_one(market)
    first = with_cache(market, tmp_path)
    head = market.w3.eth.block_number
    asked = []
    get_logs = market.w3.eth.get_logs
    monkeypatch.setattr(
        market.w3.eth,
        "get_logs",
        lambda wanted: (asked.append(int(wanted["fromBlock"], 16)), get_logs(wanted))[1],
    )
    settle_one(market)
    second = with_cache(market, tmp_path)
    assert first.is_clean
    assert second.is_clean
    assert len(second.rounds) == 2
    assert min(asked) > head


def test_a_reorganisation_costs_the_cache_what_came_after_the_fork(
    market: Market, tmp_path: Path
) -> None:
    settle_one(market)
    with_cache(market, tmp_path)
    before = rpc(market.w3, "evm_snapshot")
    market.send("stranger", market.rounds.deposit(5))
    assert with_cache(market, tmp_path).totals.free > 0
    rpc(market.w3, "evm_revert", before)
    market.send("reporter", market.rounds.deposit(7))
    report = with_cache(market, tmp_path)
    assert report.differences == ()
    assert any("reorganised from block" in note for note in report.notes)
    assert report.events == audit(market.w3, market.deployment).events


def test_a_damaged_cache_is_told_and_changes_nothing(market: Market, tmp_path: Path) -> None:
    settle_one(market)
    whole = with_cache(market, tmp_path)
    (path,) = tmp_path.rglob("*.logs")
    raw = path.read_bytes()
    os.truncate(path, 0)
    path.write_bytes(raw.replace(b'"logs":[[', b'"logs":[ [', 1))
    report = with_cache(market, tmp_path)
    assert report.differences == ()
    assert report.events == whole.events
    assert any("is damaged" in note for note in report.notes)
    assert with_cache(market, tmp_path).notes == ()


def test_a_node_that_forgets_moves_the_audit_forward(market: Market, liar: LyingNode) -> None:
    """As one without an archive does, if it is asked for long."""
    forgotten = market.w3.eth.block_number

    def forget(method: str, parameters: list[Any], truth: Any) -> Any:
        if method == "eth_call" and parameters[1] == hex(forgotten):
            if market.w3.eth.block_number == forgotten:
                rpc(market.w3, "evm_mine")
            return {"error": {"code": -32000, "message": "missing trie node"}}
        return truth

    liar.lie = Lie(answer=forget)
    report = audit(liar.connect(), market.deployment)
    assert report.differences == ()
    assert report.block == forgotten + 1
    assert report.notes == (
        f"the node no longer answers for block {forgotten}: begun again at a later one",
    )


def test_a_reorganisation_under_the_audit_is_told_and_it_begins_again(
    market: Market, liar: LyingNode
) -> None:
    state: dict[str, Any] = {"before": rpc(market.w3, "evm_snapshot"), "done": False}
    rpc(market.w3, "evm_mine")
    head = market.w3.eth.block_number

    def replace_head(method: str, parameters: list[Any], truth: Any) -> Any:
        if method == "eth_getBalance" and not state["done"]:
            state["done"] = True
            rpc(market.w3, "evm_revert", state["before"])
            rpc(market.w3, "evm_increaseTime", 60)
            rpc(market.w3, "evm_mine")
        return truth

    liar.lie = Lie(answer=replace_head)
    report = audit(liar.connect(), market.deployment)
    assert report.differences == ()
    assert f"reorganised at block {head} during the audit" in report.notes[0]
    assert "reorganised from block" in report.notes[1]


def test_a_chain_that_never_holds_still_is_given_up(market: Market, liar: LyingNode) -> None:
    def forget(method: str, parameters: list[Any], truth: Any) -> Any:
        if method == "eth_call" and parameters[1] != "latest":
            rpc(market.w3, "evm_mine")
            return {"error": {"code": -32000, "message": "missing trie node"}}
        return truth

    liar.lie = Lie(answer=forget)
    with pytest.raises(AuditError, match="faster than it can be audited"):
        audit(liar.connect(), market.deployment)


# ---------------------------------------------------------------------------- watching


def test_a_watcher_tells_each_event_once_and_nothing_wrong(market: Market) -> None:
    watcher = Watcher(market.w3, market.deployment)
    told = list(watcher.look().events)
    round_id = settle_one(market)
    look = watcher.look()
    told += look.events
    assert look.differences == ()
    assert told == fetch(market.w3, market.deployment)
    assert set(look.times) == {event.block for event in look.events}
    look = watcher.look()
    assert not (look.events or look.differences or look.remarks or look.reorganised_from)
    rules = watcher.rules_of(round_id)
    for event in told:
        words = in_words(event, ETHER, rules)
        assert words != type(event).__name__
        assert to_json(event)["event"] == type(event).__name__
    closed = next(event for event in told if isinstance(event, RoundClosed))
    for number, one in enumerate(closed.outcomes):
        assert one.labeler in outcome_in_words(one, ETHER)
        assert ETHER.exact(one.pay) in outcome_in_words(one, ETHER) or not one.pay
        assert to_json(closed)["outcomes"][number]["pay"] == str(one.pay)


def test_a_watcher_names_what_is_wrong_once(market: Market) -> None:
    w3, address = market.w3, market.deployment.address
    settle_one(market)
    watcher = Watcher(w3, market.deployment)
    assert watcher.look().differences == ()
    held = w3.eth.get_balance(address)  # type: ignore[arg-type]
    rpc(w3, "anvil_setBalance", address, hex(held - 1))
    rpc(w3, "evm_mine")
    assert [d.what for d in watcher.look().differences] == ["holdings of the contract"]
    assert watcher.look().differences == ()


def test_a_watcher_names_a_verdict_that_is_not_the_rule_s(market: Market, liar: LyingNode) -> None:
    def forge(events: list[Any]) -> list[Any]:
        from dataclasses import replace

        def richer(event: RoundClosed) -> RoundClosed:
            more = tuple(replace(one, pay=one.pay + 1) for one in event.outcomes)
            return replace(event, outcomes=more)

        return [richer(e) if isinstance(e, RoundClosed) else e for e in events]

    liar.lie = Lie(events=forge)
    found = {d.what for d in Watcher(liar.connect(), market.deployment).look().differences}
    assert found >= {"pay", "account, free"}


def test_a_watcher_tells_of_a_reorganisation_and_goes_on(market: Market) -> None:
    settle_one(market)
    watcher = Watcher(market.w3, market.deployment)
    watcher.look()
    before = rpc(market.w3, "evm_snapshot")
    market.send("stranger", market.rounds.deposit(5))
    first = market.w3.eth.block_number
    watcher.look()
    rpc(market.w3, "evm_revert", before)
    market.send("reporter", market.rounds.deposit(7))
    look = watcher.look()
    assert look.reorganised_from is not None
    assert look.reorganised_from <= first
    assert look.differences == ()
    assert [event.amount for event in look.events if hasattr(event, "amount")] == [7]


def test_what_a_failed_look_read_comes_with_the_next(market: Market, liar: LyingNode) -> None:
    watcher = Watcher(liar.connect(), market.deployment)

    def fail(method: str, parameters: list[Any], truth: Any) -> Any:
        if method == "eth_getBalance":
            return {"result": "no number"}
        return truth

    liar.lie = Lie(answer=fail)
    with pytest.raises((NodeUnavailable, ValueError)):
        watcher.look()
    liar.lie = Lie()
    look = watcher.look()
    assert list(look.events) == fetch(market.w3, market.deployment)
    assert look.differences == ()
