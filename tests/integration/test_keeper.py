"""A keeper on a real chain: in this process, then as the command that people run."""

import json
import queue
import re
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from web3 import Web3

from plumbline.audit import audit
from plumbline.chain.call import Call, Receipt
from plumbline.chain.deployment import path_of, save
from plumbline.chain.events import fetch
from plumbline.chain.feed import Feed, NodeUnavailable
from plumbline.chain.records import Phase
from plumbline.history.rounds import RoundHistory, history
from plumbline.keeper import (
    ActionOutcome,
    ActionResult,
    Keeper,
    KeeperAccount,
    KeeperSettings,
    LogEntry,
    Resources,
    Step,
    Tick,
)
from plumbline.labeler.delegated_folder import Contents
from plumbline.labeler.delegated_gold import DelegatedGold, gold_file_in, write_gold
from plumbline.labeler.delegated_reveals import DelegatedReveal, file_in, write
from plumbline.labeler.vault import Secret
from plumbline.protocol.addresses import ZERO
from plumbline.settlement.sheet import unpack
from plumbline.transactions.senders import Refused
from tests.build import Compiled
from tests.integration.conftest import deploy
from tests.integration.market import Batch, Market, terms
from tests.integration.nodes import Node
from tests.integration.rpc import rpc
from tests.integration.shell import Result, Shell
from tests.waiting import wait_until

DAY = 86_400
PATIENCE = 60.0  # seconds for something a keeper does on a busy machine
HONEST = (0.9, 0.9, 0.9, 0.8, 0.8)


@pytest.fixture(scope="module")
def w3(node: Node) -> Web3:
    return node.connect()


@pytest.fixture
def market(w3: Web3, compiled: Compiled) -> Market:
    """A deployment for every test, so that each keeper sees the rounds of one."""
    return Market(w3, deploy(w3, compiled, ZERO))


def past(market: Market, batch: Batch) -> RoundHistory:
    return history(fetch(market.w3, market.deployment))[batch.round_id]


def genesis(market: Market) -> bytes:
    return bytes(market.w3.eth.get_block(0)["hash"])


def delegated(
    market: Market, batch: Batch, labelers: Sequence[str] | None = None
) -> list[DelegatedReveal]:
    """What labelers of a round would hand over."""
    rules, one = batch.rules, past(market, batch)
    found = []
    for labeler in list(batch.openings) if labelers is None else labelers:
        opening, landed = batch.openings[labeler], one.commitment_of(labeler)
        assert landed is not None
        found.append(
            DelegatedReveal(
                deployed=market.deployment.deployed,
                genesis=genesis(market),
                round_id=batch.round_id,
                labeler=labeler,
                options=rules.options,
                answers=tuple(unpack(opening.sheet, rules.options, rules.tasks)),
                salt=opening.salt,
                commitment=landed.commitment,
            )
        )
    return found


def export(folder: Path, files: Sequence[DelegatedReveal]) -> None:
    for one in files:
        write(file_in(folder, one), one)


def delegate(market: Market, batch: Batch, folder: Path) -> Path:
    """Put the gold answers of a round where a requester would for a keeper."""
    assert batch.gold is not None and batch.gold_salt is not None
    one = past(market, batch)
    secret = Secret(
        batch.rules.options, batch.rules.tasks, batch.gold, batch.gold_salt, one.opened.gold_root
    )
    gold = DelegatedGold(market.deployment.deployed, genesis(market), one.requester, secret)
    path = gold_file_in(folder, gold)
    write_gold(path, gold)
    return path


# -------------------------------------------------------------- in this process


@dataclass
class Run:
    """A keeper with what it was told to work with, and what it told."""

    market: Market
    settings: KeeperSettings = field(default_factory=lambda: KeeperSettings(confirmations=0))
    files: tuple[DelegatedReveal, ...] = ()
    gold: Callable[[RoundHistory], Secret | None] = lambda history: None
    before_sending: Callable[[Call], None] = lambda call: None
    log: list[LogEntry] = field(default_factory=list)
    clock: float = 0.0
    wall: Callable[[], float] = lambda: 0

    def __post_init__(self) -> None:
        self.address = self.market.actor("keeper").address
        account = KeeperAccount(self._send, self.address, lambda: False)
        resources = Resources(lambda: Contents(self.files, {}), self.gold, account, self.log.append)
        feed = Feed(self.market.w3, self.market.deployment)
        self.keeper = Keeper(
            self.market.rounds, feed, self.settings, resources, lambda: self.clock, self.wall
        )

    def _send(self, call: Call) -> Receipt:
        self.before_sending(call)
        return self.market.send("keeper", call)

    def tick(self) -> Tick:
        return self.keeper.tick()

    def until_quiet(self) -> list[ActionResult]:
        """All that is due now."""
        done: list[ActionResult] = []
        while found := self.tick().results:
            done.extend(found)
        return done

    @property
    def told(self) -> list[str]:
        return [entry.message for entry in self.log if entry.level != "debug"]


def words(done: Sequence[ActionResult]) -> list[tuple[int, str, int, str]]:
    return [
        (result.round_id, result.kind, result.labelers, result.outcome.value) for result in done
    ]


def nonce(market: Market) -> int:
    return market.w3.eth.get_transaction_count(market.actor("keeper").address)


def test_a_keeper_waits_reveals_closes_and_slashes(market: Market) -> None:
    batch = market.open(terms(seats=6))
    market.commit(batch, HONEST)
    labelers = list(batch.openings)
    run = Run(market, files=tuple(delegated(market, batch, labelers[:4])))
    tick = run.tick()
    assert (tick.results, tick.delegated, tick.waiting) == ((), 4, 4)
    assert [wait.reason for wait in tick.waits] == ["5 of 6 seats are taken"]
    market.wait_until(batch.deadlines.commit)
    assert words(run.until_quiet()) == [(1, "reveal", 4, "done")]
    assert run.tick().waits[0].until == batch.deadlines.reveal
    market.wait_until(batch.deadlines.reveal)
    assert words(run.until_quiet()) == [(1, "close", 4, "done"), (1, "forfeit", 1, "done")]
    assert run.tick().phases == {Phase.CLOSED.label: 1}
    assert run.told == ["waiting", "revealed", "waiting", "closed", "forfeited"]
    assert audit(market.w3, market.deployment).is_clean


def test_early_answers_wait_for_confirmations_on_the_chain(market: Market) -> None:
    batch = market.open(terms())
    market.commit(batch, HONEST)
    run = Run(market, KeeperSettings(confirmations=3), files=tuple(delegated(market, batch)))
    sent: list[str] = []
    run.before_sending = lambda call: sent.append(call.description)
    for _ in range(3):
        assert run.tick().results == ()
        assert sent == []
        rpc(market.w3, "evm_mine")
    assert words(run.until_quiet()) == [(1, "conclude", 5, "done")]


def test_sixty_seats_are_closed_in_one_go(market: Market) -> None:
    batch = market.open(terms(seats=60, tasks=64))
    market.commit(batch, [0.8] * 60)
    run = Run(market, files=tuple(delegated(market, batch)))
    before = nonce(market)
    assert words(run.until_quiet()) == [(1, "conclude", 60, "done")]
    assert nonce(market) == before + 1
    assert past(market, batch).closed is not None


def test_what_does_not_fit_into_a_transaction_is_halved(market: Market) -> None:
    """As on a chain of small blocks: all at once, then fewer and fewer."""
    batch = market.open(terms(seats=24))
    market.commit(batch, [0.8] * 24)
    labelers = list(batch.openings)
    files = delegated(market, batch)
    run = Run(market, files=tuple(files[:20]))
    usual = market.w3.eth.get_block("latest")["gasLimit"]
    rpc(market.w3, "evm_setBlockGasLimit", hex(150_000))
    rpc(market.w3, "evm_mine")
    try:
        done = run.until_quiet()
        assert {result.kind for result in done} == {"reveal"}
        assert all(result.outcome is ActionOutcome.DONE for result in done)
        assert sum(result.labelers for result in done) == 20
        assert 1 < len(done) < 20
        market.wait_until(batch.deadlines.reveal)
        done = run.until_quiet()
        silent = [result for result in done if result.kind == "forfeit"]
        assert sum(result.labelers for result in silent) == 4
        assert all(result.outcome is ActionOutcome.DONE for result in silent)
        # A closing cannot be divided; the round waits for a chain that takes it.
        failed = [result for result in done if result.kind == "close"]
        assert [result.outcome for result in failed] == [ActionOutcome.FAILED]
        assert past(market, batch).awaited == ()
    finally:
        rpc(market.w3, "evm_setBlockGasLimit", hex(usual))
        rpc(market.w3, "evm_mine")
    assert run.tick().resting == 1
    run.clock += 5
    assert words(run.until_quiet()) == [(1, "close", 20, "done")]
    assert [event.labeler for event in past(market, batch).reveals] == labelers[:20]


def test_all_at_once_is_revealed_and_closed_if_that_is_what_fits(market: Market) -> None:
    batch = market.open(terms(seats=24))
    market.commit(batch, [0.8] * 24)
    run = Run(market, files=tuple(delegated(market, batch)))
    usual = market.w3.eth.get_block("latest")["gasLimit"]
    rpc(market.w3, "evm_setBlockGasLimit", hex(600_000))
    rpc(market.w3, "evm_mine")
    try:
        done = words(run.until_quiet())
    finally:
        rpc(market.w3, "evm_setBlockGasLimit", hex(usual))
        rpc(market.w3, "evm_mine")
    assert [kind for _, kind, *_ in done] == ["reveal", "close"]
    assert past(market, batch).closed is not None


def test_whoever_is_faster_is_not_in_the_way(market: Market) -> None:
    """Others reveal, close and forfeit between the decision and its transaction."""
    batch = market.open(terms(seats=6))
    market.commit(batch, HONEST)
    labelers = list(batch.openings)
    market.wait_until(batch.deadlines.commit)
    run = Run(market, files=tuple(delegated(market, batch, labelers[:3])))

    def once(action: Callable[[], object]) -> None:
        def do(call: Call) -> None:
            run.before_sending = lambda call: None
            action()

        run.before_sending = do

    once(lambda: market.reveal(batch, labelers[:1]))
    (result,) = run.tick().results
    assert (result.kind, result.labelers, result.outcome) == ("reveal", 2, ActionOutcome.DONE)
    assert result.reason.endswith("(skipped others: reveal: nothing to reveal)")
    batch.revealed.extend(labelers[1:3])

    run.files = tuple(delegated(market, batch, labelers[3:4]))
    once(lambda: market.reveal(batch, labelers[3:4]))
    assert words(run.tick().results) == [(1, "reveal", 1, "overtaken")]

    market.wait_until(batch.deadlines.reveal)

    def finish() -> None:
        market.close(batch)
        market.send("stranger", market.rounds.forfeit(batch.round_id, labelers[4:]))

    once(finish)
    assert words(run.tick().results) == [
        (1, "close", 4, "overtaken"),
        (1, "forfeit", 1, "overtaken"),
    ]
    assert run.tick().results == ()
    assert not [entry for entry in run.log if entry.level in ("warning", "error")]


def test_one_failing_round_stops_no_other_and_is_tried_again_more_and_more_rarely(
    market: Market,
) -> None:
    batches = [market.open(terms()) for _ in range(2)]
    for batch in batches:
        market.commit(batch, HONEST)
    files = [one for batch in batches for one in delegated(market, batch)]
    run = Run(market, files=tuple(files))
    tries = []

    def refuse(call: Call) -> None:
        if "round 1 " in call.description:
            if "round 2 " not in call.description:  # for itself
                tries.append(run.clock)
            raise Refused("nothing was sent: out of luck")

    run.before_sending = refuse
    assert words(run.tick().results) == [(1, "conclude", 5, "failed"), (2, "conclude", 5, "done")]
    for second in range(60):
        run.clock = second
        run.tick()
    assert tries == [0, 5, 15, 35]
    run.before_sending = lambda call: None
    run.clock = 1_000
    assert words(run.until_quiet()) == [(1, "conclude", 5, "done")]


def test_a_round_that_cannot_be_closed_is_unwound_after_thirty_days(market: Market) -> None:
    batch = market.open(terms(seats=6))
    market.commit(batch, HONEST)
    labelers = list(batch.openings)
    market.wait_until(batch.deadlines.commit)
    market.reveal(batch, labelers[:4])
    judge = market.deployment.judge
    code = market.w3.eth.get_code(judge).hex()
    run = Run(market)
    rpc(market.w3, "anvil_setCode", judge, "0x60006000fd")  # a judge that always reverts
    try:
        market.wait_until(batch.deadlines.reveal + 30 * DAY - 60)
        assert words(run.until_quiet()) == [(1, "close", 4, "failed"), (1, "forfeit", 1, "done")]
        market.wait_until(batch.deadlines.reveal + 30 * DAY)
        assert words(run.until_quiet()) == [(1, "expire", 4, "done")]
    finally:
        rpc(market.w3, "anvil_setCode", judge, "0x" + code.removeprefix("0x"))
    assert past(market, batch).expired is not None
    assert audit(market.w3, market.deployment).is_clean


def test_a_round_that_can_be_closed_is_never_unwound(market: Market) -> None:
    """Nor if the account has nothing to pay for gas, which says nothing of the round."""
    batch = market.open(terms(seats=6))
    market.commit(batch, HONEST)
    market.wait_until(batch.deadlines.commit)
    market.reveal(batch, list(batch.openings))
    market.wait_until(batch.deadlines.reveal + 31 * DAY)
    run = Run(market)
    has = market.w3.eth.get_balance(run.address)

    def empty(call: Call) -> None:
        rpc(market.w3, "anvil_setBalance", run.address, "0x0")
        raise Refused("nothing was sent: insufficient funds")

    run.before_sending = empty
    assert words(run.until_quiet()) == [(1, "close", 5, "failed")]
    rpc(market.w3, "anvil_setBalance", run.address, hex(has))
    run.before_sending = lambda call: None
    run.clock += 5
    assert words(run.until_quiet()) == [(1, "close", 5, "done")]


def test_nothing_is_sent_while_gas_is_too_dear_or_another_transaction_is_under_way(
    market: Market,
) -> None:
    batch = market.open(terms())
    market.commit(batch, HONEST)
    files = tuple(delegated(market, batch))
    dear = Run(market, KeeperSettings(confirmations=0, max_fee=1), files=files)
    held = dear.tick().held
    assert held is not None and "more than the 1 allowed" in held
    run = Run(market, files=files)
    rpc(market.w3, "evm_setAutomine", False)
    try:
        market.w3.eth.send_raw_transaction(transfer(market))
        assert run.tick().held == f"a transaction of {run.address} is in no block yet"
        assert run.told == ["nothing can be sent now"]
        run.tick()
        assert run.told == ["nothing can be sent now"]
    finally:
        rpc(market.w3, "evm_mine")
        rpc(market.w3, "evm_setAutomine", True)
    assert words(run.until_quiet()) == [(1, "conclude", 5, "done")]


def transfer(market: Market) -> bytes:
    """A signed transaction of the keeper's own."""
    account = market.actor("keeper")
    fields = {
        "to": account.address,
        "value": 1,
        "gas": 21_000,
        "gasPrice": 10**10,
        "nonce": nonce(market),
        "chainId": market.w3.eth.chain_id,
    }
    return bytes(account.sign_transaction(fields).raw_transaction)


def test_a_rehearsal_says_what_it_would_do_and_sends_nothing(market: Market) -> None:
    batch = market.open(terms())
    market.commit(batch, HONEST)
    run = Run(
        market, KeeperSettings(confirmations=0, is_rehearsal=True), tuple(delegated(market, batch))
    )
    before = nonce(market)
    (result,) = run.tick().results
    assert (result.kind, result.outcome) == ("conclude", ActionOutcome.PLANNED)
    assert result.gas_used > 200_000
    run.tick()
    assert run.told == ["would conclude"]
    assert nonce(market) == before


def test_a_node_that_is_away_when_it_is_asked_for_the_time_is_away(market: Market) -> None:
    """On a local chain the time of the next block is the node's, and a keeper has to go on."""

    def wall() -> float:
        raise requests.ConnectionError("refused")

    run = Run(market, KeeperSettings(confirmations=0, is_local=True), wall=wall)
    with pytest.raises(NodeUnavailable):
        run.tick()


def test_golds_are_opened_by_the_closing_and_by_nothing_before(market: Market) -> None:
    batch = market.open(terms(gold_count=12, seats=6), gold_tasks=range(12))
    market.commit(batch, HONEST)
    market.wait_until(batch.deadlines.commit)
    assert batch.gold is not None and batch.gold_salt is not None
    one = past(market, batch)
    secret = Secret(2, 64, batch.gold, batch.gold_salt, one.opened.gold_root)
    files = tuple(delegated(market, batch, list(batch.openings)[:4]))
    without = Run(market, files=files)
    assert words(without.until_quiet()) == [(1, "reveal", 4, "done")]
    assert past(market, batch).gold is None
    market.wait_until(batch.deadlines.reveal)
    assert words(without.until_quiet()) == [(1, "forfeit", 1, "done")]
    assert without.tick().waits[0].until == batch.deadlines.gold
    run = Run(market, gold=lambda history: secret)
    assert words(run.until_quiet()) == [(1, "close", 4, "done")]
    assert past(market, batch).gold is not None
    assert audit(market.w3, market.deployment).is_clean


def test_steps_left_to_others_are_left_to_others(market: Market) -> None:
    batch = market.open(terms())
    market.commit(batch, HONEST)
    files = tuple(delegated(market, batch))
    only = KeeperSettings(confirmations=0, steps=frozenset({Step.REVEAL}))
    assert words(Run(market, only, files).until_quiet()) == [(1, "reveal", 5, "done")]
    assert past(market, batch).closed is None


def test_a_reorganisation_that_frees_a_seat_again_is_noticed(market: Market) -> None:
    """The reveals go back, and with them the last commitment."""
    batch = market.open(terms(seats=6))
    market.commit(batch, HONEST)
    labelers = list(batch.openings)
    market.wait_until(batch.deadlines.commit)
    run = Run(market, files=tuple(delegated(market, batch, labelers[:2])))
    assert words(run.until_quiet()) == [(1, "reveal", 2, "done")]
    revealed_in = past(market, batch).reveals[0].block
    depth = market.w3.eth.block_number - revealed_in + 1
    rpc(market.w3, "anvil_reorg", depth, [])
    assert past(market, batch).reveals == ()
    tick = run.tick()
    assert tick.reorganised_from is not None and tick.reorganised_from <= revealed_in
    assert words(tick.results) == [(1, "reveal", 2, "done")]
    assert len(past(market, batch).reveals) == 2


@pytest.mark.parametrize("way", ["conclude", "close"])
def test_whatever_a_keeper_did_it_does_again_if_the_chain_takes_it_back(
    market: Market, way: str
) -> None:
    """It decides from what the chain says now, not from what it remembers to have done."""
    batch = market.open(terms())
    market.commit(batch, HONEST)
    labelers = list(batch.openings)
    run = Run(market)
    if way == "conclude":
        run = Run(market, files=tuple(delegated(market, batch)))
    else:
        market.reveal(batch, labelers[:4])
        market.wait_until(batch.deadlines.reveal)
    rpc(market.w3, "evm_mine")
    first = words(run.until_quiet())
    assert first[0][1] == way
    rpc(market.w3, "anvil_reorg", 2, [])
    assert not past(market, batch).is_over
    tick = run.tick()
    assert tick.reorganised_from is not None
    assert words([*tick.results, *run.until_quiet()]) == first
    assert past(market, batch).is_over and past(market, batch).awaited == ()
    assert audit(market.w3, market.deployment).is_clean


# ------------------------------------------------------------------ the command


@pytest.fixture
def shell(tmp_path: Path, node: Node, market: Market) -> Shell:
    """A project folder whose manifest is that of the market."""
    made = Shell(tmp_path, node.url)
    save(path_of(market.w3.eth.chain_id, tmp_path / "deployments"), market.deployment)
    return made


class Running:
    """A keeper that runs, with its log."""

    def __init__(self, shell: Shell, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [
                shell.program("plumbline"),
                "keeper",
                "--yes",
                "--log",
                "json",
                "--interval",
                "0.3",
                *arguments,
            ],
            cwd=shell.folder,
            env=shell.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self._queue: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            self._queue.put(line)

    def wait_for(self, what: str) -> dict[str, Any]:
        """The next line of the log that says so."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                line = self._queue.get(timeout=0.5)
            except queue.Empty:
                assert self.process.poll() is None, "".join(self.lines)
                continue
            if not line.startswith("{"):
                if what in line:
                    return {"event": line}
                continue
            found: dict[str, Any] = json.loads(line)
            if found["event"] == what:
                return found
        raise AssertionError(f"{what}: {chr(10).join(self.lines)}")


@pytest.fixture
def start(shell: Shell) -> Iterator[Callable[..., Running]]:
    """Starts keepers that do not outlive the test."""
    started: list[Running] = []

    def begin(*arguments: str) -> Running:
        started.append(Running(shell, *arguments))
        return started[-1]

    yield begin
    for running in started:
        running.process.kill()
        running.process.wait(PATIENCE)


def test_once_does_all_that_is_due_and_says_what_waits(
    market: Market, shell: Shell, tmp_path: Path
) -> None:
    """Several rounds: all delegated; with gold tasks, a silent one and a damaged file; nobody's."""
    folder = tmp_path / "delegated"
    folder.mkdir()
    plain = market.open(terms())
    golden = market.open(terms(gold_count=12), gold_tasks=range(12))
    alone = market.open(terms(seats=4))
    waiting = market.open(terms())
    market.commit(plain, HONEST)
    market.commit(golden, HONEST)
    market.commit(alone, HONEST[:4])
    market.commit(waiting, HONEST[:2])
    for batch in (plain, golden):
        export(folder, delegated(market, batch))
    delegate(market, golden, folder)
    labelers = list(golden.openings)
    silent, damaged = labelers[3], labelers[4]
    for one in delegated(market, golden, [silent]):
        file_in(folder, one).unlink()
    for one in delegated(market, golden, [damaged]):
        path = file_in(folder, one)
        path.write_text(path.read_text().replace('"salt": "0x', '"salt": "0x00')[:-4])

    def once(*more: str) -> Result:
        options = ("--once", "--account", "TEST::9", "--yes", "--delegated", str(folder))
        return shell("keeper", *options, *more)

    rpc(market.w3, "anvil_setNextBlockBaseFeePerGas", hex(10**9))
    rpc(market.w3, "evm_mine")
    first = once("--json", "--log", "json", "--max-fee", "2.5 gwei")
    assert first.code == 0, first.err
    # A sender would offer twice the base fee and a tip of 1 gwei.
    sent = market.w3.eth.get_transaction(first.json["done"][0]["transaction"])
    assert sent["maxFeePerGas"] == 2_500_000_000
    assert "at most 2.5 gwei for a unit of gas" in first.err
    assert [(one["round"], one["action"], one["labelers"]) for one in first.json["done"]] == [
        (1, "conclude", 5),
        (2, "reveal", 3),
    ]
    assert first.json["refused_files"] == 1
    assert {wait["round"] for wait in first.json["waits"]} == {2, 3, 4}
    assert "a file is unusable" in first.err
    assert "TEST::9" in first.err and market.rounds.address in first.err
    assert "reveal the answers in" in first.err

    market.wait_until(waiting.deadlines.reveal)  # of the round that was opened last
    second = once()
    assert second.code == 0, second.err
    text = " ".join(second.out.split())
    for line in (r"2 close 3 done", r"2 forfeit 2 done", r"3 close 0 done", r"3 forfeit 4 done"):
        assert re.search(rf"\b{line}\b", text), text
    assert all(len(line) <= 100 for line in second.out.splitlines())
    rounds = history(fetch(market.w3, market.deployment))
    assert rounds[2].gold is not None
    assert [one.is_over for one in rounds.values()] == [True, True, True, True]
    assert audit(market.w3, market.deployment).is_clean


def test_a_keeper_survives_its_node_its_chain_and_its_own_end(
    market: Market, start: Callable[..., Running], node: Node, tmp_path: Path
) -> None:
    folder = tmp_path / "delegated"
    folder.mkdir()
    batch = market.open(terms(seats=6))
    market.commit(batch, HONEST)
    labelers = list(batch.openings)
    market.wait_until(batch.deadlines.commit)
    options = ("--account", "TEST::8", "--delegated", str(folder), "--metrics-port", "0")
    sender = market.w3.eth.accounts[8]

    running = start(*options)
    url = running.wait_for("serving metrics")["url"]
    assert running.wait_for("waiting")["reason"].startswith("5 of 5 labelers have not revealed")
    export(folder, delegated(market, batch, labelers[:2]))
    revealed = running.wait_for("revealed")
    assert (revealed["round"], revealed["labelers"]) == (1, 2)
    running.wait_for("waiting")  # by now it has read the block that it is in

    # The chain takes the reveals back.
    depth = market.w3.eth.block_number - revealed["block"] + 1
    rpc(market.w3, "anvil_reorg", depth, [])
    running.wait_for("the chain was reorganised")
    assert running.wait_for("revealed")["labelers"] == 2

    # The node goes and comes back.
    with node.away():
        assert "does not answer" in running.wait_for("the node is away")["reason"]
    assert running.wait_for("the node is back")["head"] >= revealed["block"]
    export(folder, delegated(market, batch, labelers[2:3]))
    assert running.wait_for("revealed")["labelers"] == 1

    running.wait_for("waiting")  # what it did is in the log before it is in the figures
    figures = urllib.request.urlopen(url, timeout=10).read().decode()
    for line in (
        "plumbline_keeper_reorganisations_total 1.0",
        'plumbline_keeper_rounds{phase="reveal"} 1.0',
        'plumbline_keeper_openings{state="delegated"} 3.0',
        'plumbline_keeper_actions_total{kind="reveal",outcome="done"} 3.0',
        'plumbline_keeper_actions_total{kind="reveal",outcome="failed"} 0.0',
    ):
        assert line in figures.splitlines(), figures
    assert re.search(r"^plumbline_keeper_node_failures_total [1-9]", figures, re.MULTILINE)
    assert re.search(r"^plumbline_keeper_fees_wei_total [1-9]", figures, re.MULTILINE)

    # It is killed with a transaction under way, and started again.
    sent = market.w3.eth.get_transaction_count(sender)
    rpc(market.w3, "evm_setAutomine", False)
    export(folder, delegated(market, batch, labelers[3:4]))
    wait_for_pending(market, sender, running)
    running.process.kill()
    again = start(*options)
    again.wait_for("waiting for a transaction")
    rpc(market.w3, "evm_mine")
    rpc(market.w3, "evm_setAutomine", True)
    assert "is done, in block" in again.wait_for("sent before")["note"]
    again.wait_for("waiting")
    assert market.w3.eth.get_transaction_count(sender) == sent + 1
    assert [event.labeler for event in past(market, batch).reveals] == labelers[:4]

    # It goes on where the first one ended. Told to end, it finishes what is under way.
    sent = market.w3.eth.get_transaction_count(sender)
    rpc(market.w3, "evm_setAutomine", False)
    market.wait_until(batch.deadlines.reveal)
    wait_for_pending(market, sender, again)
    again.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert again.process.poll() is None
    rpc(market.w3, "evm_mine")
    rpc(market.w3, "evm_setAutomine", True)
    assert again.process.wait(PATIENCE) == 0
    last = [json.loads(line) for line in again.lines[-3:]]
    assert [line["event"] for line in last] == ["closed", "forfeited", "keeper stopped"]
    assert market.w3.eth.get_transaction_count(sender) == sent + 1
    assert audit(market.w3, market.deployment).is_clean


def wait_for_pending(market: Market, sender: str, running: Running) -> None:
    """Until a transaction of the keeper is under way."""
    count = market.w3.eth.get_transaction_count
    wait_until(
        lambda: count(sender, "pending") > count(sender, "latest"),  # type: ignore[arg-type]
        why=lambda: running.lines,
    )


def test_mistakes_are_one_line(market: Market, shell: Shell) -> None:
    def refused(*arguments: str) -> str:
        return shell("keeper", "--yes", "--account", "TEST::9", *arguments).error

    assert "expire needs close" in refused("--steps", "expire,reveal")
    batch = market.open(terms())
    market.commit(batch, HONEST)
    market.wait_until(batch.deadlines.reveal)
    rpc(market.w3, "anvil_setBalance", market.w3.eth.accounts[9], hex(10**12))
    result = shell("keeper", "--yes", "--account", "TEST::9", "--once", "--max-fee", "1 wei")
    assert "something is due, but nothing can be sent now: gas costs" in result.error
    assert "the account is low" in result.err
    assert "Nothing is due" not in result.out
