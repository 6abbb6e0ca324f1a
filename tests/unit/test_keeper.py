"""The parts of a keeper that need no chain: memory, backoff, batches, figures, words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import generate_latest
from web3.exceptions import ContractLogicError, Web3RPCError

from plumbline.chain.call import Call, Receipt
from plumbline.chain.events import Event
from plumbline.chain.feed import FeedUpdate
from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.cli.keeper.log import StructuredLog
from plumbline.files.private import StorageError
from plumbline.history.rounds import RoundHistory
from plumbline.keeper import (
    ActionOutcome,
    ActionResult,
    Keeper,
    KeeperAccount,
    KeeperSettings,
    LogEntry,
    Resources,
    Tick,
)
from plumbline.keeper.backoff import Backoff
from plumbline.keeper.batches import Refusal, TooLarge, estimate, refusal, smaller
from plumbline.keeper.decisions import Action, Close, Conclude, Expire, Forfeit, Reveal
from plumbline.keeper.metrics import Metrics
from plumbline.keeper.round_index import RoundIndex
from plumbline.labeler.delegated_folder import Contents
from plumbline.labeler.delegated_reveals import DelegatedReveal
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.transactions.senders import GAS_CAP, NotLanded
from tests.unit.builders import (
    COMMIT,
    LABELERS,
    REVEAL,
    SMALL,
    delegated_reveal,
    gold_secret,
    small_round,
)

A, B, C, D, E, F = LABELERS
SECRET = gold_secret(SMALL, {})
ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3"


def openings(*labelers: str) -> tuple[Any, ...]:
    return tuple(delegated_reveal(labeler).opening for labeler in labelers)


# --------------------------------------------------------------------- round index


def news(events: Sequence[Event], since: int | None = None, head: int = 100) -> FeedUpdate:
    return FeedUpdate(tuple(events), since, head, COMMIT)


def test_the_index_grows_with_the_news_and_shrinks_with_a_reorganisation() -> None:
    whole = small_round().commit(A, B, C).reveal(A, B)
    index = RoundIndex()
    index.take(news(whole.events[:3]))
    index.take(news(whole.events[3:]))
    assert index.rounds == {1: whole.history}

    first = whole.events[4].block  # of the reveals
    again = small_round().commit(A, B, C).reveal(B)
    index.take(news(again.events[4:], since=first))
    assert index.rounds == {1: again.history}

    index.take(news([], since=whole.events[0].block))
    assert index.rounds == {}
    index.take(news(whole.events))
    assert index.rounds == {1: whole.history}


def test_rounds_that_nothing_happened_in_are_not_rebuilt() -> None:
    index = RoundIndex()
    index.take(news([*small_round(1).commit(A).events, *small_round(2).events]))
    before = index.rounds[2]
    index.take(news(small_round(1).commit(A, B).events[2:]))
    assert index.rounds[2] is before
    assert len(index.rounds[1].commitments) == 2


# ------------------------------------------------------------------------- backoff


def test_failures_are_left_alone_longer_and_longer_but_never_long() -> None:
    now = [0.0]
    backoff = Backoff(lambda: now[0])
    action = Reveal(1, "", openings(A, B))
    pauses = []
    for _ in range(8):
        assert backoff.allows(action)
        pauses.append(backoff.failed(action))
        now[0] += pauses[-1] - 0.1
        assert not backoff.allows(action)
        now[0] += 0.1
    assert pauses == [5, 10, 20, 40, 80, 120, 120, 120]
    backoff.succeeded(action)
    assert backoff.failed(action) == 5


def test_other_rounds_kinds_and_labelers_do_not_wait_for_it() -> None:
    backoff = Backoff(lambda: 0.0)
    backoff.failed(Reveal(1, "", openings(A)))
    backoff.failed(Close(3, "", EMPTY_HASH, (), SECRET))
    assert not backoff.allows(Reveal(1, "another reason", openings(A)))
    assert backoff.allows(Reveal(1, "", openings(A, B)))
    assert backoff.allows(Reveal(2, "", openings(A)))
    assert backoff.allows(Forfeit(1, "", (A,)))
    assert not backoff.allows(Close(3, "", EMPTY_HASH, (), SECRET))
    assert backoff.allows(Close(3, "", EMPTY_HASH, (), None))


# ------------------------------------------------------------------------- batches


def test_batches_are_halved_without_losing_anybody() -> None:
    five = openings(A, B, C, D, E)
    assert smaller(Reveal(1, "r", five)) == (Reveal(1, "r", five[:2]), Reveal(1, "r", five[2:]))
    silent = (A, B, C)
    assert smaller(Forfeit(1, "r", silent)) == (
        Forfeit(1, "r", silent[:1]),
        Forfeit(1, "r", silent[1:]),
    )
    (reveal,) = smaller(Conclude(1, "r", EMPTY_HASH, five, None))
    assert isinstance(reveal, Reveal) and reveal.openings == five


@pytest.mark.parametrize(
    "action",
    [
        Reveal(1, "", openings(A)),
        Forfeit(1, "", (A,)),
        Close(1, "", EMPTY_HASH, (), None),
        Expire(1, "", EMPTY_HASH, ()),
    ],
)
def test_what_cannot_be_divided_is_not(action: Action) -> None:
    assert smaller(action) == ()


@pytest.mark.parametrize(
    "message",
    [
        "gas required exceeds allowance (30000000)",
        "exceeds block gas limit",
        "Transaction gas limit exceeds block gas limit of 30000000",
        "Out of gas: gas required exceeds allowance: 30000000",
        "EVM error OutOfGas",
        "intrinsic gas too high",
        "oversized data: transaction size 140000, limit 131072",
        "413 Client Error: Request Entity Too Large for url",
        "nothing was sent: 17000000 gas is above the cap of 16777216, send less",
    ],
)
def test_nodes_say_in_many_ways_that_it_is_too_large(message: str) -> None:
    assert isinstance(refusal(Web3RPCError(message)), TooLarge)


@pytest.mark.parametrize(
    ("error", "is_revert"),
    [
        (ContractLogicError("execution reverted: close: not yet"), True),
        (ContractLogicError("execution reverted", "0x"), True),
        (Web3RPCError("EVM error InvalidFEOpcode"), True),
        (Web3RPCError("invalid opcode: INVALID"), True),
        (Web3RPCError("insufficient funds for gas * price + value"), False),
        (Web3RPCError("nonce too low"), False),
        (Web3RPCError("method not found"), False),
    ],
)
def test_only_the_contract_s_own_failing_says_something_of_the_round(
    error: Exception, is_revert: bool
) -> None:
    found = refusal(error)
    assert not isinstance(found, TooLarge)
    assert found.is_revert is is_revert


def node_of(gas: int | Exception, limit: int = 30_000_000) -> Any:
    """A node that estimates every call alike, and on which nothing is under way."""

    def estimate_gas(params: Any) -> int:
        if isinstance(gas, Exception):
            raise gas
        return gas

    eth = SimpleNamespace(
        get_block=lambda number: {"gasLimit": limit},
        estimate_gas=estimate_gas,
        get_transaction_count=lambda owner, block: 0,
    )
    return SimpleNamespace(eth=eth)


CALL = Call(ADDRESS, b"", 0, "")


@pytest.mark.parametrize(
    ("gas", "limit", "fits"),
    [
        (GAS_CAP, 30_000_000, True),
        (GAS_CAP + 1, 30_000_000, True),  # the chain says what a transaction may use
        (GAS_CAP + 1, GAS_CAP + 1, False),
        # The sender adds 15%.
        (1_000_000, 1_150_000, True),
        (1_000_000, 1_149_999, False),
        (GAS_CAP, GAS_CAP, True),
    ],
)
def test_a_call_fits_if_transaction_and_block_have_room(gas: int, limit: int, fits: bool) -> None:
    if fits:
        assert estimate(node_of(gas, limit), ADDRESS, CALL, None) == gas
        return
    with pytest.raises(TooLarge, match="a block of this chain"):
        estimate(node_of(gas, limit), ADDRESS, CALL, None)


def test_a_cap_that_is_named_is_the_only_one() -> None:
    """The sender does not add a margin above it."""
    assert estimate(node_of(400_000), ADDRESS, CALL, 400_000) == 400_000
    assert estimate(node_of(40_000_000), ADDRESS, CALL, 50_000_000) == 40_000_000
    with pytest.raises(TooLarge, match=r"400,001 gas is above the cap of 400,000 \(PLUMBLINE_GAS"):
        estimate(node_of(400_001), ADDRESS, CALL, 400_000)


def test_an_estimate_tells_what_the_contract_says() -> None:
    with pytest.raises(Refusal, match=r"^close: not yet$"):
        error = ContractLogicError("execution reverted: close: not yet")
        estimate(node_of(error), ADDRESS, CALL, None)


# -------------------------------------------------------------------------- a tick


@dataclass
class Stage:
    """A keeper whose chain and contract are played."""

    events: list[Event]
    head: int = 100
    timestamp: int = REVEAL
    files: tuple[DelegatedReveal, ...] = ()
    lands_in: int = 101
    sent: list[str] = field(default_factory=list)
    log: list[LogEntry] = field(default_factory=list)
    stop_after: int = 1_000
    error: Exception | None = None
    gold_error: StorageError | None = None
    has_multicall: bool = False

    def __post_init__(self) -> None:
        def call(name: str) -> Any:
            return lambda round_id, *more: Call(ADDRESS, b"", 0, f"{name} {round_id}")

        rounds: Any = SimpleNamespace(
            w3=node_of(100_000),
            deployment=SimpleNamespace(abi=[], has_multicall=self.has_multicall),
            together=self._together,
            **{name: call(name) for name in ("reveal", "conclude", "close", "forfeit", "expire")},
        )
        feed: Any = SimpleNamespace(poll=self._poll)
        account = KeeperAccount(self._send, ADDRESS, lambda: len(self.sent) >= self.stop_after)
        resources = Resources(
            lambda: Contents(self.files, {}), self._gold, account, self.log.append
        )
        self._new = list(self.events)
        self.keeper = Keeper(rounds, feed, KeeperSettings(), resources, lambda: 0.0)

    @staticmethod
    def _together(calls: Sequence[Call], gas: Sequence[int]) -> Call:
        return Call(ADDRESS, b"", 0, " and ".join(call.description for call in calls))

    def _poll(self) -> FeedUpdate:
        found, self._new = tuple(self._new), []
        return FeedUpdate(found, None, self.head, self.timestamp)

    def _gold(self, history: RoundHistory) -> Any:
        if self.gold_error:
            raise self.gold_error
        return SECRET

    def _send(self, call: Call) -> Receipt:
        self.sent.append(call.description)
        if self.error:
            raise self.error
        return Receipt("0x" + "22" * 32, self.lands_in, 100_000, 5)


def test_what_has_landed_is_not_sent_again_while_the_node_does_not_know_it_yet() -> None:
    """Behind one address there may be many nodes, some of them a block late."""
    stage = Stage(small_round().commit(A).reveal(A).events)
    stage.keeper.tick()
    assert stage.sent == ["close 1"]
    stage.keeper.tick()
    assert stage.sent == ["close 1"]
    stage.head = 101
    stage.keeper.tick()
    assert stage.sent == ["close 1", "close 1"]


def test_what_is_lost_by_being_late_comes_first() -> None:
    """A reveal has a deadline; a close has not."""
    stage = Stage(
        [*small_round(1).commit(A).reveal(A).events, *small_round(2).commit(A, B).events],
        timestamp=COMMIT,
        files=(delegated_reveal(A, 2),),
    )
    stage.keeper.tick()
    assert stage.sent == ["reveal 2", "close 1"]


def test_once_it_is_to_stop_nothing_new_is_begun() -> None:
    stage = Stage(
        [*small_round(1).commit(A).reveal(A).events, *small_round(2).commit(A).reveal(A).events]
    )
    stage.stop_after = 1
    stage.keeper.tick()
    assert stage.sent == ["close 1"]


def test_after_a_transaction_that_is_in_no_block_nothing_is_sent_behind_it() -> None:
    stage = Stage(
        [*small_round(1).commit(A).reveal(A).events, *small_round(2).commit(A).reveal(A).events]
    )
    stage.error = NotLanded("in no block after 180 seconds", "0x" + "33" * 32)
    (result,) = stage.keeper.tick().results
    assert (result.outcome, result.transaction) == (ActionOutcome.UNKNOWN, "0x" + "33" * 32)
    assert stage.sent == ["close 1"]


def due_together() -> Stage:
    """Two rounds that may be closed, in one transaction."""
    events = [event for n in (1, 2) for event in small_round(n).commit(A).reveal(A).events]
    return Stage(events, has_multicall=True)


def test_what_is_due_for_several_rounds_goes_into_one_transaction() -> None:
    stage = due_together()
    results = stage.keeper.tick().results
    assert stage.sent == ["close 1 and close 2"]
    assert [(each.round_id, each.outcome) for each in results] == [
        (1, ActionOutcome.DONE),
        (2, ActionOutcome.DONE),
    ]
    assert sum(each.gas_used for each in results) == 100_000
    assert sum(each.fee for each in results) == 5
    assert {each.sharing for each in results} == {2}


def test_what_went_together_and_is_in_no_block_is_so_for_each_of_it() -> None:
    stage = due_together()
    stage.error = NotLanded("in no block after 180 seconds", "0x" + "33" * 32)
    results = stage.keeper.tick().results
    assert [each.outcome for each in results] == [ActionOutcome.UNKNOWN] * 2
    assert stage.sent == ["close 1 and close 2"]


def test_a_journal_that_cannot_be_written_is_a_failure_and_not_the_end() -> None:
    stage = due_together()
    stage.error = StorageError("the disk is full: make room")
    results = stage.keeper.tick().results
    assert [(each.outcome, each.reason) for each in results] == [
        (ActionOutcome.FAILED, "the disk is full: make room")
    ] * 2
    assert stage.sent == ["close 1 and close 2"]


@pytest.mark.parametrize("error", [kind("gone") for kind in NODE_ERRORS[:4]])
def test_whatever_a_node_raises_stops_no_other_round(error: Exception) -> None:
    stage = Stage(
        [*small_round(1).commit(A).reveal(A).events, *small_round(2).commit(A).reveal(A).events]
    )
    stage.error = error
    tick = stage.keeper.tick()
    assert [result.outcome for result in tick.results] == [ActionOutcome.FAILED] * 2


def test_gold_answers_that_cannot_be_read_are_logged_once_and_stop_no_reveal() -> None:
    staged = small_round(has_gold=True).commit(A, B)
    stage = Stage(staged.events, timestamp=COMMIT, files=(delegated_reveal(A), delegated_reveal(B)))
    stage.gold_error = StorageError("gold.json is damaged: restore it from a copy")
    stage.lands_in = 0
    stage.keeper.tick()
    stage.keeper.tick()
    assert stage.sent[0] == "reveal 1"
    assert [entry.message for entry in stage.log].count("gold answers are unusable") == 1


def test_unusable_files_are_logged_once_when_the_round_cannot_grow_any_more() -> None:
    stage = Stage(
        small_round().commit(A).events, timestamp=COMMIT - 1, files=(delegated_reveal(B),)
    )
    stage.keeper.tick()
    assert [entry.message for entry in stage.log] == ["waiting"]
    stage.timestamp = COMMIT
    stage.keeper.tick()
    stage.keeper.tick()
    (unusable,) = [
        entry for entry in stage.log if entry.message == "delegated answers are unusable"
    ]
    assert unusable.fields == {"round": 1, "labeler": B, "reason": "has no seat in the round"}


def test_no_secret_is_ever_logged() -> None:
    """Logs are read by more people than may see answers."""
    files = (delegated_reveal(A), delegated_reveal(B))
    stage = Stage(small_round().commit(A, B).events, timestamp=COMMIT, files=files)
    stage.keeper.tick()
    assert stage.sent == ["conclude 1"]
    said = repr(stage.log)
    for one in files:
        assert one.salt.hex() not in said and repr(one.salt) not in said
        assert str(one.opening.sheet[1]) not in said


# ------------------------------------------------------------------------- figures


def figures(metrics: Metrics) -> dict[str, float]:
    lines = generate_latest(metrics.registry).decode().splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    return {name.removeprefix("plumbline_keeper_"): float(value) for name, value in pairs}


def tick(**changes: Any) -> Tick:
    values = {
        "head": 7,
        "timestamp": 1_000,
        "phases": {"reveal": 2},
        "delegated": 5,
        "waiting": 3,
        "refused": 1,
        "results": (),
        "waits": (),
        "resting": 1,
        "held": None,
        "reorganised_from": None,
    }
    return Tick(**{**values, **changes})


def test_all_figures_are_there_from_the_start() -> None:
    """Or a first failure would be no increase to be alarmed by."""
    found = figures(Metrics(lambda: 0.0))
    assert found['actions_total{kind="close",outcome="failed"}'] == 0
    assert found['rounds{phase="due"}'] == 0
    assert found["reorganisations_total"] == found["node_failures_total"] == 0
    assert found["fees_wei_total"] == found["gas_used_total"] == 0


def test_figures_follow_what_happens() -> None:
    now = [1_010.0]
    metrics = Metrics(lambda: now[0])
    metrics.ticked(tick(reorganised_from=5))
    metrics.ticked(tick(phases={"closed": 2}, held="gas is dear", head=8))
    metrics.count(ActionResult(1, "close", 5, ActionOutcome.DONE, "", "0x22", 8, 300_000, 10**15))
    metrics.count(ActionResult(1, "close", 5, ActionOutcome.OVERTAKEN, ""))
    metrics.node_failed()
    metrics.has_balance(10**18)
    now[0] = 1_020.0
    found = figures(metrics)
    expected = {
        "head_block": 8,
        "head_age_seconds": 20,
        "poll_age_seconds": 10,
        'rounds{phase="reveal"}': 0,
        'rounds{phase="closed"}': 2,
        'openings{state="delegated"}': 5,
        'openings{state="waiting"}': 3,
        'openings{state="refused"}': 1,
        'actions_total{kind="close",outcome="done"}': 1,
        'actions_total{kind="close",outcome="overtaken"}': 1,
        "resting_actions": 1,
        "held": 1,
        "reorganisations_total": 1,
        "node_failures_total": 1,
        "gas_used_total": 300_000,
        "fees_wei_total": 10**15,
        "balance_wei": 10**18,
    }
    assert {name: found[name] for name in expected} == expected


def test_two_keepers_in_one_process_have_figures_of_their_own() -> None:
    first, second = Metrics(lambda: 0.0), Metrics(lambda: 0.0)
    first.node_failed()
    assert figures(second)["node_failures_total"] == 0


def test_reasons_of_strangers_have_no_power_over_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A contract may revert with any text."""
    StructuredLog("text", debug=False, is_quiet=False)("warning", "failed", reason="\x1b[2Jgone")
    assert "<U+001B>[2Jgone" in capsys.readouterr().err
