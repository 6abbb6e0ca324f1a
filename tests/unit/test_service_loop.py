"""A keeper at work goes on when its node is away, and ends when it is told to or has to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from plumbline.chain.events import EventsError
from plumbline.chain.feed import FeedError, NodeUnavailable
from plumbline.errors import PlumblineError
from plumbline.files.private import StorageError
from plumbline.keeper import ActionOutcome, KeeperSettings, Tick
from plumbline.keeper.activity import ActionResult
from plumbline.keeper.service_loop import ServiceLoop
from plumbline.labeler.vault import Vault
from plumbline.transactions.senders import NotLanded
from tests.unit.builders import DEPLOYED, GENESIS, Chain
from tests.unit.markets import MadeUpMarket, Wallet

INTERVAL = 2.0
AWAY = NodeUnavailable("the node does not answer")


def done(
    outcome: ActionOutcome = ActionOutcome.DONE, kind: str = "close", round_id: int = 1
) -> ActionResult:
    return ActionResult(round_id, kind, 1, outcome, "because")


def tick(*done: ActionResult) -> Tick:
    return Tick(7, 0, {}, 0, 0, 0, done, (), 0, None, None)


class FakeOutbox:
    """Writes down what is asked of it."""

    def __init__(self, recovers: Sequence[Exception | None] = ()) -> None:
        self.account = Wallet("keeper")
        self.max_fee: int | None = None
        self.announce: Callable[[str], None] = lambda sentence: None
        self.asked: list[str] = []
        self._recovers = list(recovers)
        self.waiting: list[Any] = []

    def pending(self) -> list[Any]:
        return self.waiting

    def recover(self) -> None:
        self.asked.append("recover")
        error = self._recovers.pop(0) if self._recovers else None
        if error is not None:
            raise error

    def acknowledge(self) -> None:
        self.asked.append("acknowledge")


@dataclass
class Stage:
    """A service whose keeper finds these things, look by look; then it is told to stop.

    balances   what the account has at each look, of the 10 that one transaction may cost
    """

    folder: Path
    patch: pytest.MonkeyPatch
    looks: Sequence[Tick | Exception]
    balances: Sequence[int | Exception] = ()
    outbox: FakeOutbox | None = field(default_factory=FakeOutbox)
    settings: KeeperSettings = field(default_factory=KeeperSettings)
    pauses: list[float] = field(default_factory=list)
    log: list[tuple[str, str]] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self.patch.setattr("plumbline.keeper.service_loop.largest_fee", lambda w3: 10)
        self.patch.setattr("plumbline.keeper.service_loop.balance", self._balance)
        vault = Vault(self.folder, DEPLOYED, GENESIS)
        stop = SimpleNamespace(is_set=lambda: self.count >= len(self.looks), sleep=self._sleep)
        market, outbox = MadeUpMarket.of(Chain()), self.outbox
        self.service = ServiceLoop(
            market,
            vault,
            outbox,  # type: ignore[arg-type]
            self.settings,
            None,
            None,
            lambda history: None,
            lambda level, message, **fields: self.log.append((level, message)),
            stop,
        )
        self.patch.setattr(self.service._keeper, "tick", self._look)

    def _look(self) -> Tick:
        look = self.looks[self.count]
        self.count += 1
        if isinstance(look, Exception):
            raise look
        return look

    def _balance(self, w3: object, owner: str) -> int:
        held = self.balances[self.count - 1] if self.balances else 10
        if isinstance(held, Exception):
            raise held
        return held

    def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def said(self, *levels: str) -> list[str]:
        return [what for level, what in self.log if level in levels]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Stage]:
    return lambda *looks, **more: Stage(tmp_path, monkeypatch, looks, **more)


# ----------------------------------------------------------------------------- run


def test_it_looks_again_at_once_while_there_is_something_to_do(stage: Any) -> None:
    played = stage(
        tick(done()), tick(done(ActionOutcome.OVERTAKEN)), tick(done(ActionOutcome.FAILED)), tick()
    )
    played.service.run(INTERVAL)
    assert played.count == 4
    assert played.pauses == [INTERVAL] * 2
    assert played.said("info") == ["keeper started", "keeper stopped"]


def test_it_waits_longer_and_longer_for_a_node_that_is_away_but_never_long(stage: Any) -> None:
    played = stage(*[AWAY] * 7, tick(), AWAY, tick())
    played.service.run(INTERVAL)
    assert played.pauses == [2, 4, 8, 16, 32, 60, 60, INTERVAL, 2, INTERVAL]
    assert played.said("error") == ["the node is away"] * 2
    assert played.said("info").count("the node is back") == 2


def test_events_that_make_no_sense_are_a_node_that_fails(stage: Any) -> None:
    played = stage(EventsError("half a block"), tick())
    played.service.run(INTERVAL)
    assert played.said("error") == ["the node is away"]


def test_it_ends_if_it_cannot_go_on_and_says_so(stage: Any) -> None:
    played = stage(FeedError("the chain is another"), tick())
    with pytest.raises(PlumblineError, match="the chain is another"):
        played.service.run(INTERVAL)
    assert played.said("critical") == ["the keeper cannot go on"]
    assert played.count == 1


def test_told_to_stop_before_it_begins_it_does_nothing(stage: Any) -> None:
    played = stage()
    played.service.run(INTERVAL)
    assert (played.count, played.outbox.asked) == (0, [])


# ------------------------------------------------------------------- what it sent


def test_what_is_under_way_is_finished_before_it_looks_and_told_after(stage: Any) -> None:
    played = stage(tick(), tick())
    last = SimpleNamespace(transaction="0x11")
    played.outbox.waiting = [SimpleNamespace(last=last, nonce=3)]
    played.service.run(INTERVAL)
    assert played.outbox.asked == ["recover", "acknowledge"] * 2
    assert played.said("info").count("waiting for a transaction") == 2


@pytest.mark.parametrize("error", [NotLanded("in no block", "0x11"), StorageError("no room")])
def test_what_cannot_be_finished_yet_is_told_and_does_not_stop_it(
    stage: Any, error: Exception
) -> None:
    played = stage(tick(), tick(), outbox=FakeOutbox([error]))
    played.service.run(INTERVAL)
    assert played.count == 2
    assert played.said("warning") == ["still in no block"]


def test_its_outbox_pays_no_more_than_it_may_and_speaks_through_its_log(stage: Any) -> None:
    played = stage(tick(), settings=KeeperSettings(max_fee=5))
    assert played.outbox.max_fee == 5
    played.outbox.announce("is done, in block 7")
    assert played.said("warning") == ["sent before"]


# -------------------------------------------------------------------------- balance


def test_a_low_account_is_told_once_and_again_once_it_is_not(stage: Any) -> None:
    played = stage(*[tick()] * 5, balances=[10, 9, 8, 10, 11])
    played.service.run(INTERVAL)
    assert played.said("warning") == ["the account is low"]
    assert played.said("info").count("the account has enough again") == 1


def test_a_balance_that_cannot_be_had_is_left_to_the_next_look(stage: Any) -> None:
    played = stage(tick(done()), tick(), balances=[AWAY, 10])
    assert played.service.run_once().results == (done(),)
    assert played.count == 2


def test_a_rehearsal_has_no_account_and_asks_for_none(stage: Any) -> None:
    played = stage(tick(), outbox=None, balances=[AssertionError("asked")])
    played.service.run(INTERVAL)
    assert played.count == 1


# ------------------------------------------------------------------------- run once


def test_once_does_what_is_due_and_what_becomes_due_by_that(stage: Any) -> None:
    first, second = done(kind="reveal"), done(kind="close")
    ended = stage(tick(first), tick(second), tick(), tick(done())).service.run_once()
    assert ended.results == (first, second)
    assert (ended.tick, ended.failed, ended.away) == (tick(), (), None)


def test_once_ends_however_much_there_is_to_do(stage: Any) -> None:
    played = stage(*[tick(done())] * 100)
    played.service.run_once()
    assert played.count == 21


def test_a_rehearsal_looks_once_as_nothing_it_plans_happens(stage: Any) -> None:
    planned = tick(done(ActionOutcome.PLANNED))
    played = stage(planned, planned, settings=KeeperSettings(is_rehearsal=True))
    assert played.service.run_once().results == planned.results
    assert played.count == 1


def test_if_the_node_goes_away_what_was_done_until_then_is_told(stage: Any) -> None:
    ended = stage(tick(done()), AWAY, tick()).service.run_once()
    assert ended.results == (done(),)
    assert ended.away == str(AWAY)


def test_a_node_that_is_away_from_the_beginning_is_an_error(stage: Any) -> None:
    with pytest.raises(NodeUnavailable):
        stage(AWAY, tick()).service.run_once()


def test_a_round_that_was_unwound_as_it_could_not_be_closed_is_no_failure(stage: Any) -> None:
    closes = [done(ActionOutcome.FAILED, round_id=number) for number in (1, 2)]
    reveal = done(ActionOutcome.UNKNOWN, kind="reveal")
    unwound = [done(kind="expire"), done(ActionOutcome.FAILED, kind="expire", round_id=2)]
    ended = stage(tick(*closes, reveal), tick(*unwound), tick()).service.run_once()
    assert ended.failed == (closes[1], reveal, unwound[1])
