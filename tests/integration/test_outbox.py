"""Whatever interrupts a sender, a transaction lands once, and the next run knows its outcome."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
from web3 import Web3

from plumbline.chain.call import Call, Receipt
from plumbline.transactions import outbox as outboxes
from plumbline.transactions import senders
from plumbline.transactions.journal import FinalStatus, Journal, JournalError
from plumbline.transactions.outbox import Outbox, Recovered, Timeouts
from plumbline.transactions.senders import NotLanded, Refused
from tests.integration.market import ETHER, Market
from tests.integration.rpc import rpc
from tests.waiting import wait_until

GWEI = 10**9


class Killed(BaseException):
    """As if the process had died: nothing catches it."""


@pytest.fixture
def role(request: pytest.FixtureRequest, market: Market) -> str:
    """Somebody new for every test, with ether."""
    market.actor(request.node.name)
    return str(request.node.name)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def waits() -> list[str]:
    """What was said to be waited for."""
    return []


@pytest.fixture
def make(
    market: Market, role: str, tmp_path: Path, said: list[str], waits: list[str]
) -> Callable[..., Outbox]:
    """A new process of the same account, with the same journal."""

    def hear(sentence: str) -> None:
        # On a busy machine anything may be waited for.
        (waits if sentence.startswith("waiting, ") else said).append(sentence)

    def made(block: float = 20.0, fee: float = 45.0) -> Outbox:
        journal = Journal(tmp_path / "journal")
        timeouts = Timeouts(block, fee, lag=1)
        return Outbox(market.w3, market.actor(role), journal, timeouts, hear)

    return made


@contextmanager
def no_mining(w3: Web3) -> Iterator[None]:
    rpc(w3, "evm_setAutomine", False)
    try:
        yield
    finally:
        rpc(w3, "evm_mine")
        rpc(w3, "evm_setAutomine", True)


def killed_at(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
    def die(*args: object, **options: object) -> None:
        raise Killed

    monkeypatch.setattr(owner, name, die)


def done(outbox: Outbox, call: Call) -> Receipt:
    """Send, and tell, as a command does that is not interrupted."""
    receipt = outbox.send(call)
    outbox.acknowledge()
    return receipt


def found(outbox: Outbox) -> list[Recovered]:
    """What an earlier run had left behind, told."""
    recovered = outbox.recover()
    outbox.acknowledge()
    return recovered


def free(market: Market, role: str) -> int:
    return market.rounds.account(market.actor(role).address).free


def deposit(market: Market, amount: int = 5) -> Call:
    return market.rounds.deposit(amount)


def test_what_was_sent_is_in_the_journal_with_its_fate(
    market: Market, make: Callable[..., Outbox]
) -> None:
    outbox = make()
    receipt = done(outbox, deposit(market))
    assert outbox.journal is not None
    (sent,) = outbox.journal.done()
    assert (sent.status, sent.block) == (FinalStatus.LANDED, receipt.block)
    assert sent.last.transaction == receipt.transaction
    assert sent.call == deposit(market)
    assert outbox.journal.nonces() == []
    assert [path.name for path in outbox.journal.folder.glob("*.lock")] == ["nonce.lock"]


def test_within_a_second_it_is_said_that_a_block_is_waited_for_and_for_what(
    market: Market, make: Callable[..., Outbox], waits: list[str]
) -> None:
    """Its own, and then what an earlier run has left behind."""
    call = deposit(market)
    with no_mining(market.w3):
        for _ in range(2):
            outbox, heard = make(block=1.5), list[float]()
            tell = outbox.announce
            outbox.announce = partial(_timed, tell, heard)
            began = time.monotonic()
            with pytest.raises(NotLanded):
                outbox.send(call)
            assert heard[0] - began < 1.5
            assert len(waits) == 1
            assert waits.pop().endswith(f': "{call.description}"')


def test_that_another_command_of_the_account_is_sending_is_said(
    market: Market, make: Callable[..., Outbox], waits: list[str]
) -> None:
    journal = make().journal
    assert journal is not None
    with ThreadPoolExecutor() as pool:
        with journal.nonce_lock(waits.append):
            sending = pool.submit(done, make(), deposit(market))
            wait_until(lambda: len(waits) > 0)
            assert "another command of this account that is sending" in waits[0]
            assert not sending.done()
        assert sending.result(20).block > 0
    assert len(waits) == 1


def _timed(tell: Callable[[str], None], heard: list[float], sentence: str) -> None:
    heard.append(time.monotonic())
    tell(sentence)


def test_killed_before_it_is_told_it_is_told_by_the_next_run(
    market: Market, role: str, make: Callable[..., Outbox], said: list[str]
) -> None:
    make().send(deposit(market))
    again = done(make(), deposit(market))
    assert free(market, role) == 5
    assert f"is done, in block {again.block}" in said[0]
    done(make(), deposit(market))
    assert free(market, role) == 10
    assert len(said) == 1


def test_what_the_node_refuses_leaves_nothing_behind(
    market: Market, role: str, make: Callable[..., Outbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise Refused("nothing was sent: no")

    with monkeypatch.context() as patch, pytest.raises(Refused):
        patch.setattr(senders, "broadcast", refuse)
        make().send(deposit(market))
    assert make().pending() == []
    done(make(), deposit(market))
    assert free(market, role) == 5


def test_killed_before_the_broadcast_the_same_transaction_goes_out_later(
    market: Market,
    role: str,
    make: Callable[..., Outbox],
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch, pytest.raises(Killed):
        killed_at(patch, senders, "broadcast")
        make().send(deposit(market))
    assert free(market, role) == 0
    outbox = make()
    assert outbox.journal is not None
    (nonce,) = outbox.journal.nonces()
    left = outbox.journal.read(nonce)
    assert left is not None
    receipt = done(outbox, deposit(market))
    assert receipt.transaction == left.last.transaction
    assert free(market, role) == 5
    assert "sent again" in said[0]
    assert "an earlier run was interrupted" in said[1] and "is done" in said[1]


def test_killed_after_the_broadcast_nothing_is_sent_twice(
    market: Market,
    role: str,
    make: Callable[..., Outbox],
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch, pytest.raises(Killed):
        killed_at(patch, Outbox, "_deliver")
        make().send(deposit(market))
    assert free(market, role) == 5
    outbox = make()
    done(outbox, deposit(market))
    assert free(market, role) == 5
    assert len(said) == 1 and "is done" in said[0]
    done(outbox, deposit(market))  # asked for once more, and known to be done: now it is meant
    assert free(market, role) == 10


def test_another_call_finishes_the_first_and_then_goes_out(
    market: Market, role: str, make: Callable[..., Outbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(Killed):
        killed_at(patch, senders, "broadcast")
        make().send(deposit(market, 5))
    done(make(), deposit(market, 7))
    assert free(market, role) == 12


def test_what_would_fail_by_now_is_dropped_and_its_nonce_used_again(
    market: Market, role: str, make: Callable[..., Outbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    done(make(), deposit(market, 6))
    address = market.actor(role).address
    with monkeypatch.context() as patch, pytest.raises(Killed):
        killed_at(patch, senders, "broadcast")
        make().send(market.rounds.withdraw(5, address))
    market.send(role, market.rounds.withdraw(6, address))  # by another machine, at that nonce
    (recovered,) = found(make())
    assert recovered.receipt is None and "another transaction took its nonce" in recovered.sentence
    with monkeypatch.context() as patch, pytest.raises(Killed):
        killed_at(patch, senders, "broadcast")
        patch.setattr(senders, "gas_limit", lambda *args: 200_000)
        make().send(market.rounds.withdraw(5, address))
    (recovered,) = found(make())
    assert "by now it would fail (account: not enough free)" in recovered.sentence
    assert recovered.sent.call == market.rounds.withdraw(5, address)
    done(make(), deposit(market, 3))
    assert free(market, role) == 3


def test_while_it_is_in_no_block_a_second_run_sends_nothing(
    market: Market, role: str, make: Callable[..., Outbox]
) -> None:
    address = market.actor(role).address
    with no_mining(market.w3):
        with pytest.raises(NotLanded, match="run the command again later"):
            make(block=0.3).send(deposit(market))
        with pytest.raises(NotLanded, match="in no block after"):
            make(block=0.3).send(deposit(market))
        nonces = market.w3.eth.get_transaction_count(address, "pending")
        assert nonces - market.w3.eth.get_transaction_count(address) == 1
    done(make(), deposit(market))
    assert free(market, role) == 5


def test_what_is_stuck_is_replaced_at_its_nonce_for_a_higher_fee(
    market: Market, role: str, make: Callable[..., Outbox], said: list[str]
) -> None:
    address = market.actor(role).address
    with no_mining(market.w3):
        with suppress(NotLanded):
            make(block=0.2).send(deposit(market))
        # All that was agreed to is too little from this block on.
        rpc(market.w3, "anvil_setNextBlockBaseFeePerGas", hex(1_000 * GWEI))
        rpc(market.w3, "evm_mine")
        assert market.w3.eth.get_transaction_count(address) == 0
        with suppress(NotLanded):
            make(block=0.5).send(deposit(market))
    outbox = make()
    done(outbox, deposit(market))
    assert free(market, role) == 5
    assert outbox.journal is not None
    (sent,) = outbox.journal.done()
    assert len(sent.attempts) == 2
    assert sent.attempts[1].max_fee > 1_000 * GWEI
    assert any("was stuck: sent again" in words for words in said)
    rpc(market.w3, "anvil_setNextBlockBaseFeePerGas", hex(GWEI))
    rpc(market.w3, "evm_mine")


def test_after_its_time_a_fee_is_raised_by_an_eighth_at_least(
    market: Market, role: str, make: Callable[..., Outbox]
) -> None:
    outbox = make(block=2.6, fee=-1)
    with no_mining(market.w3), pytest.raises(NotLanded):
        outbox.send(deposit(market))
    assert outbox.journal is not None
    (nonce,) = outbox.journal.nonces()
    left = outbox.journal.read(nonce)
    assert left is not None and len(left.attempts) > 2
    for lower, higher in zip(left.attempts, left.attempts[1:], strict=False):
        assert higher.max_fee * 1_000 > lower.max_fee * 1_125
        assert higher.tip * 1_000 > lower.tip * 1_125
    done(make(), deposit(market))
    assert free(market, role) == 5


def test_what_the_node_forgot_is_sent_again(
    market: Market, role: str, make: Callable[..., Outbox], said: list[str]
) -> None:
    with no_mining(market.w3):
        with pytest.raises(NotLanded) as failure:
            make(block=0.2).send(deposit(market))
        rpc(market.w3, "anvil_dropTransaction", failure.value.transaction)
    assert free(market, role) == 0
    done(make(), deposit(market))
    assert free(market, role) == 5
    assert "was unknown to the node: sent again" in said[0]


def test_nothing_waits_for_a_nonce_that_nobody_will_use(
    market: Market, role: str, make: Callable[..., Outbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a development chain was started anew: the journal is ahead of it."""
    with monkeypatch.context() as patch, pytest.raises(Killed):
        killed_at(patch, senders, "broadcast")
        patch.setattr(market.w3.eth, "get_transaction_count", lambda *args: 9)
        make().send(deposit(market))
    (recovered,) = found(make())
    assert "this node does not know it, nor what was before it" in recovered.sentence
    done(make(), deposit(market))
    assert free(market, role) == 5


def test_a_receipt_that_comes_late_is_waited_for(
    market: Market, role: str, make: Callable[..., Outbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind one address there may be nodes of which one knows the block, another not yet."""
    receipt_of = senders.receipt_of
    asked = 0

    def late(*args: object) -> object:
        nonlocal asked
        asked += 1
        return None if asked < 5 else receipt_of(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(senders, "receipt_of", late)
    monkeypatch.setattr(senders, "is_known", lambda *args: False)
    done(make(), deposit(market))
    assert free(market, role) == 5


def test_a_gap_that_others_wait_behind_is_filled(
    market: Market, role: str, make: Callable[..., Outbox], said: list[str]
) -> None:
    address = market.actor(role).address
    count = market.w3.eth.get_transaction_count

    def ahead(owner: object, block: str = "latest") -> int:
        return count(address, block) + (1 if block == "pending" else 0)  # type: ignore[arg-type]

    outbox = make(fee=0.5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(market.w3.eth, "get_transaction_count", ahead)
        receipt = outbox.send(deposit(market))
    outbox.acknowledge()
    assert free(market, role) == 5
    assert market.w3.eth.get_transaction(receipt.transaction)["nonce"] == 1  # type: ignore[arg-type]
    assert any("nothing was using nonce 0" in words for words in said)
    done(make(), deposit(market))
    assert count(address) == 3


def test_an_unclear_answer_of_the_node_leaves_it_open(
    market: Market, role: str, make: Callable[..., Outbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    def garbled(raw: object) -> None:
        raise ValueError("Expecting value: line 1 column 1 (char 0)")

    with monkeypatch.context() as patch, pytest.raises(NotLanded, match="answer is unclear"):
        patch.setattr(market.w3.eth, "send_raw_transaction", garbled)
        make().send(deposit(market))
    assert len(make().pending()) == 1
    done(make(), deposit(market))
    assert free(market, role) == 5


def test_a_failure_of_an_earlier_run_is_told_and_tried_again(
    market: Market,
    role: str,
    make: Callable[..., Outbox],
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch, pytest.raises(Killed):
        killed_at(patch, Outbox, "_deliver")
        patch.setattr(senders, "gas_limit", lambda *args: 200_000)
        make().send(market.rounds.withdraw(5, market.actor(role).address))
    with pytest.raises(Refused, match="account: not enough free"):
        make().send(market.rounds.withdraw(5, market.actor(role).address))
    assert "failed: account: not enough free" in said[0]


def test_a_damaged_entry_is_told_once_and_stops_nothing_else(
    market: Market, role: str, make: Callable[..., Outbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(Killed):
        killed_at(patch, Outbox, "_deliver")
        make().send(deposit(market))
    journal = make().journal
    assert journal is not None
    (nonce,) = journal.nonces()
    path = journal.folder / f"{nonce:08d}.json"
    path.write_text(path.read_text()[:100])
    with pytest.raises(JournalError, match=f"the outcome of your transaction with nonce {nonce}"):
        make().send(deposit(market))
    assert len(list(journal.folder.glob("*.damaged-*"))) == 1
    done(make(), deposit(market, 7))
    assert free(market, role) == 12


def test_a_disk_that_is_full_in_the_end_loses_nothing(
    market: Market,
    role: str,
    make: Callable[..., Outbox],
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The deposit is on chain; only that it was told cannot be written down."""

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    outbox = make()
    outbox.send(deposit(market))
    with monkeypatch.context() as patch:
        patch.setattr("plumbline.files.private.os.fsync", full)
        outbox.acknowledge()
    assert "No space left" in said[0] and "reports this once more" in said[0]
    done(make(), deposit(market))
    assert free(market, role) == 5
    assert "is done, in block" in said[1]


def test_a_node_that_goes_away_after_refusing_leaves_it_open(
    market: Market, role: str, make: Callable[..., Outbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have run the transaction before it refused it: nobody can say any more."""

    def refused(raw: object) -> None:
        raise ValueError("execution reverted")

    def gone(hash_: object) -> None:
        raise ConnectionResetError("gone")

    with monkeypatch.context() as patch, pytest.raises(NotLanded, match="may have been sent"):
        patch.setattr(market.w3.eth, "send_raw_transaction", refused)
        patch.setattr(market.w3.eth, "get_transaction", gone)
        make().send(deposit(market))
    done(make(), deposit(market))
    assert free(market, role) == 5


def test_many_commands_at_once_do_not_collide(
    market: Market, role: str, make: Callable[..., Outbox]
) -> None:
    problems: list[BaseException] = []

    def run(amount: int) -> None:
        try:
            done(make(), deposit(market, amount))
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=run, args=(amount,)) for amount in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert free(market, role) == sum(range(1, 9))


def test_another_command_under_way_is_left_alone(
    market: Market, role: str, make: Callable[..., Outbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same call twice at a time is meant twice: neither takes the other's for its own."""
    mine = threading.Event()
    go_on = threading.Event()
    first = make()
    deliver = first._deliver

    def slow(*args: object) -> object:
        mine.set()
        go_on.wait(20)
        return deliver(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(first, "_deliver", slow)
    thread = threading.Thread(target=first.send, args=(deposit(market),))
    thread.start()
    assert mine.wait(20)
    done(make(), deposit(market))
    go_on.set()
    thread.join()
    assert free(market, role) == 10


def test_without_the_funds_it_is_said_what_is_missing(market: Market, role: str) -> None:
    with pytest.raises(Refused, match=r"not enough funds.* ETH are missing"):
        outboxes.send(market.w3, market.actor(role), deposit(market, 20 * ETHER))


def test_a_full_disk_stops_before_anything_is_sent(
    market: Market, role: str, make: Callable[..., Outbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    nonce = market.w3.eth.get_transaction_count(market.actor(role).address)
    with monkeypatch.context() as patch, pytest.raises(Exception, match="No space left"):
        patch.setattr("plumbline.files.private.os.fsync", full)
        make().send(deposit(market))
    assert market.w3.eth.get_transaction_count(market.actor(role).address) == nonce
    done(make(), deposit(market))
    assert free(market, role) == 5


# ------------------------------------------------------- what the chain takes back


def reorganise(w3: Web3, depth: int = 2) -> None:
    """The last blocks are others now, without the transactions of the old ones."""
    rpc(w3, "anvil_reorg", depth, [])


def reopened(outbox: Outbox) -> list[Recovered]:
    """What a command does at its start."""
    outbox.reopen()
    return found(outbox)


def test_what_the_chain_took_back_is_sent_again_as_it_was(
    market: Market, role: str, make: Callable[..., Outbox]
) -> None:
    before = done(make(), deposit(market))
    reorganise(market.w3)
    assert free(market, role) == 0
    outbox = make()
    outbox.reopen()
    outbox.recover()
    again = outbox.send(deposit(market))  # the very command, run again
    outbox.acknowledge()
    assert again.transaction == before.transaction
    assert free(market, role) == 5
    assert reopened(make()) == []


def test_what_is_back_in_the_pool_is_waited_for_and_not_sent_beside_it(
    market: Market, role: str, make: Callable[..., Outbox]
) -> None:
    """As nodes do it: they take transactions of lost blocks into their pools again."""
    outbox = make()
    done(outbox, deposit(market))
    assert outbox.journal is not None
    (sent,) = outbox.journal.done()
    reorganise(market.w3)
    address = market.actor(role).address  # and pay in again what was lost with it
    with no_mining(market.w3):
        market.w3.eth.send_raw_transaction(sent.last.raw)  # type: ignore[arg-type]
        with pytest.raises(NotLanded, match="run the command again later"):
            reopened(make(block=0.3))
        assert market.w3.eth.get_transaction_count(address, "pending") == 1
    (recovered,) = reopened(make())
    assert f"the chain took back block {sent.block}" in recovered.sentence
    assert "is done again, in block" in recovered.sentence
    assert free(market, role) == 5


def test_what_would_fail_on_the_new_chain_is_given_up_and_said(
    market: Market, role: str, make: Callable[..., Outbox]
) -> None:
    address = market.actor(role).address
    market.send(role, market.rounds.deposit(5))  # by another machine, and lost with it
    done(make(), market.rounds.withdraw(5, address))
    reorganise(market.w3)
    (recovered,) = reopened(make())
    assert recovered.receipt is None
    assert "the chain took back block" in recovered.sentence
    assert "this node does not know it, nor what was before it" in recovered.sentence
    assert reopened(make()) == []
    done(make(), deposit(market))
    assert free(market, role) == 5


def test_a_chain_that_was_put_back_on_purpose_gets_nothing_back(
    market: Market, role: str, make: Callable[..., Outbox]
) -> None:
    before = rpc(market.w3, "evm_snapshot")
    done(make(), deposit(market))
    rpc(market.w3, "evm_revert", before)
    assert reopened(make()) == []
    assert free(market, role) == 0
    done(make(), deposit(market, 7))
    assert free(market, role) == 7


def test_what_still_stands_is_left_alone(
    market: Market, role: str, make: Callable[..., Outbox]
) -> None:
    """A node whose count of transactions is behind its blocks takes nothing back."""
    done(make(), deposit(market))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(market.w3.eth, "get_transaction_count", lambda *args: 0)
        make().reopen()
    assert make().pending() == []
    assert free(market, role) == 5


def test_a_clock_that_was_set_back_does_not_keep_a_fee_low(
    market: Market, role: str, make: Callable[..., Outbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was signed tomorrow has waited for nobody knows how long."""
    with no_mining(market.w3):
        with monkeypatch.context() as patch, suppress(NotLanded):
            patch.setattr(senders.time, "time", lambda: 4_000_000_000.0)
            make(block=0.2).send(deposit(market))
        with suppress(NotLanded):
            make(block=0.2).send(deposit(market))
    outbox = make()
    done(outbox, deposit(market))
    assert outbox.journal is not None
    (sent,) = outbox.journal.done()
    assert len(sent.attempts) == 2
    assert free(market, role) == 5
