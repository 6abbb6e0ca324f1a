"""Seats by lot on a real node, through the library: real headers, real gas."""

from dataclasses import replace
from typing import Any

import pytest
from web3 import Web3

from plumbline.audit.draws import audit_draws
from plumbline.chain.node import Node
from plumbline.chain.preconditions import CallError
from plumbline.history.market import Market as OpenMarket
from plumbline.protocol.addresses import ZERO
from plumbline.seating.client import SeatingError
from plumbline.seating.draw import Draw, RefusalReason
from plumbline.seating.events import Struck, fetch, logged_in
from plumbline.seating.seat_draw import create_pool
from plumbline.seating.seed import SeedError, header_of, seed_of
from tests.integration.drawing import DAY, MEMBERS, SEATS, DrawMarket
from tests.integration.market import Market
from tests.integration.rpc import rpc

HISTORY = "0x0000F90827F1c53A10cB7A002335175320002935"
# The code of EIP-2935, as it is deployed.
HISTORY_CODE = (
    "0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611f"
    "ff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500"
)


@pytest.fixture(scope="module")
def drawn_market(market: Market) -> DrawMarket:
    return DrawMarket(market)


@pytest.fixture(scope="module")
def drawn(drawn_market: DrawMarket) -> tuple[DrawMarket, list[int], Draw]:
    """Two rounds that are drawn, with their seed."""
    ids = drawn_market.open(2)
    draw = drawn_market.draw(ids, load=2)
    with pytest.raises(SeedError, match="does not have block"):
        header_of(drawn_market.w3, draw.seed_block)
    drawn_market.mine(97)
    return drawn_market, ids, drawn_market.capture(draw)


def test_the_seed_is_that_of_a_real_header(drawn: tuple[DrawMarket, list[int], Draw]) -> None:
    market, _, draw = drawn
    mix = bytes(market.w3.eth.get_block(draw.seed_block)["mixHash"])
    chain_id = market.w3.eth.chain_id
    assert draw.seed == seed_of(mix, chain_id, market.pool.address, draw.number)
    events = fetch(market.w3, market.pool.address, market.block, market.w3.eth.block_number)
    kinds = [type(event).__name__ for event in events]
    assert kinds == ["Joined"] * MEMBERS + ["Drawn", "Captured"]


def test_everyone_is_told_the_same_by_the_contract_and_the_replay(
    drawn: tuple[DrawMarket, list[int], Draw],
) -> None:
    market, ids, draw = drawn
    now = market.market.now()
    for round_id in ids:
        for number in market.owners:
            owner = market.address(number)
            replayed = draw.refusal(round_id, owner, number, market.pool.unit(number), now)
            refusal = market.pool.refusal(round_id, owner, draw.evidence(number))
            assert (refusal.reason, refusal.until) == (replayed.reason, replayed.until)


def test_the_drawn_sit_and_the_absent_are_struck(
    drawn: tuple[DrawMarket, list[int], Draw],
) -> None:
    market, ids, draw = drawn
    first = ids[0]
    waiting = draw.unit_at(first, SEATS)
    with pytest.raises(Exception, match="commit: not admitted"):
        market.commit(first, draw, waiting)
    receipt = market.commit(first, draw, draw.unit_at(first, 0))
    market.gas["admits"] = _gas_within(market.w3, receipt.transaction, market.pool.address)
    absent = draw.unit_at(first, 1)
    report = market.pool.report(first, draw.number, absent)
    market.market.wait_until(draw.reported_from())
    struck = market.send("keeper", report, "report")
    (event,) = logged_in(struck, market.pool.address)
    assert isinstance(event, Struck) and event.owner == market.address(absent)
    opens = draw.opens(SEATS)
    assert opens is not None
    market.market.wait_until(opens)
    market.commit(first, draw, waiting)
    assert market.market.rounds.round(first).committed == 2


def _gas_within(w3: Web3, transaction: str, callee: str) -> int:
    """What a contract used in a transaction that asks it once."""
    traced: Any = rpc(w3, "debug_traceTransaction", transaction, {"tracer": "callTracer"})
    (call,) = [each for each in traced["calls"] if each["to"].lower() == callee.lower()]
    return int(call["gasUsed"], 16)


def test_a_seed_is_proved_by_eip_2935_or_replaced(drawn_market: DrawMarket) -> None:
    market = drawn_market
    draw = market.draw(market.open(1))
    market.mine(96 + 300)
    header = header_of(market.w3, draw.seed_block)
    with pytest.raises(Exception, match="capture: hash is gone, rearm"):
        market.send("keeper", market.pool.capture(draw.number, header))
    market.send("keeper", market.pool.rearm(draw.number), "rearm")
    again = market.pool.drawn(draw.number)
    assert again.seed_block > draw.seed_block and again.seed is None
    market.mine(96 + 300)
    rpc(market.w3, "anvil_setCode", HISTORY, HISTORY_CODE)
    block = market.w3.eth.get_block(again.seed_block)
    place = hex(again.seed_block % 8_191)
    rpc(market.w3, "anvil_setStorageAt", HISTORY, place, block["hash"].to_0x_hex())
    with pytest.raises(Exception, match="rearm: can be captured"):
        market.send("keeper", market.pool.rearm(draw.number))
    assert market.capture(again).seed is not None


def test_an_audit_makes_every_draw_again(drawn_market: DrawMarket) -> None:
    """After those above: two draws, one with a seed that was missed, a strike and two seats."""
    market = drawn_market
    deployed = OpenMarket(Node.of(market.w3), market.market.deployment)
    report = audit_draws(deployed, market.pool.address)
    assert report.differences == ()
    assert [draw.seed is not None for draw in report.draws] == [True, True]
    assert report.rearmed == {2: 1}
    assert report.draws[0] == market.pool.drawn(1)


def test_who_leaves_gets_the_bond_back(drawn_market: DrawMarket) -> None:
    market, pool = drawn_market, drawn_market.pool
    unit, role = 5, drawn_market.owners[5]
    strikes = pool.unit(unit).strikes
    market.send(role, pool.leave(unit), "leave")
    with pytest.raises(Exception, match="release: too early"):
        market.send("keeper", pool.release(unit))
    market.market.wait_until(market.market.now() + 14 * DAY + 1)
    market.send("keeper", pool.release(unit), "release")
    owner = market.address(unit)
    left = pool.terms().bond * (10 - strikes) // 10
    assert pool.credit(owner) == left
    market.send(role, pool.withdraw("0x" + "5a" * 20), "withdraw")
    assert market.w3.eth.get_balance(Web3.to_checksum_address("0x" + "5a" * 20)) == left
    market.send("stranger", pool.join_for(owner), "join, a freed number")
    assert pool.unit(unit).owner == owner
    assert pool.sink_balance() > 0
    market.send("keeper", pool.sweep())
    assert pool.sink_balance() == 0


def test_what_would_be_refused_is_refused_before_anything_is_sent(
    drawn_market: DrawMarket,
) -> None:
    market, pool = drawn_market, drawn_market.pool
    requester = market.market.actor("requester").address
    stranger = market.market.actor("stranger").address
    fresh = market.open(2)
    drawn = pool.drawn(1).rounds[0]
    with pytest.raises(CallError, match="no round to draw"):
        pool.draw([], 1, requester)
    with pytest.raises(CallError, match=r"load 3 is not in 1\.\.2"):
        pool.draw(fresh, 3, requester)
    with pytest.raises(CallError, match="who has to draw it"):
        pool.draw(fresh, 1, stranger)
    with pytest.raises(CallError, match="drawn already: leave it out"):
        pool.draw([drawn], 1, requester)
    with pytest.raises(CallError, match="a draw spans 128 numbers"):
        pool.draw([fresh[0], fresh[0] + 128], 1, requester)
    with pytest.raises(CallError, match="a load of 2 would do"):
        pool.draw(fresh, 1, requester)
    with pytest.raises(CallError, match="receiver is the zero address"):
        pool.withdraw(ZERO)
    with pytest.raises(CallError, match="words of evidence"):
        pool.join([bytes(32)] * 21)
    with pytest.raises(SeatingError, match="there is no draw 99"):
        pool.drawn(99)
    with pytest.raises(SeatingError, match="cannot be encoded"):
        pool.leave(-1)
    for wrong in ({"bond": 9}, {"least_price": 0}, {"seed_delay": 0}, {"seed_delay": 2**16 + 1}):
        with pytest.raises(CallError):
            create_pool(replace(pool.terms(), **wrong), "cancun")
    assert pool.refusal(10**9, stranger, []).reason is RefusalReason.NOT_COMMITTING


def test_no_step_takes_more_gas_than_was_promised(drawn_market: DrawMarket) -> None:
    gas = drawn_market.gas
    assert gas["join"] <= 60_000
    assert gas["draw 1"] <= 125_000
    assert gas["draw 2"] <= 125_000 + 2 * 18_000  # the first of all, which begins new words
    assert gas["admits"] <= 15_000
