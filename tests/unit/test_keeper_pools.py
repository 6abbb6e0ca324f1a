"""What a keeper reads of pools: each thing as often as it may change, and never less."""

from collections import Counter
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from plumbline.history.rounds import RoundHistory
from plumbline.keeper import pool_index
from plumbline.keeper.decisions import Action, DecisionContext, Step
from plumbline.keeper.draw_decisions import Report
from plumbline.keeper.pool_index import PoolIndex
from plumbline.protocol.addresses import ZERO
from plumbline.seating.client import SeatingError
from plumbline.seating.draw import MAX_WINDOW, Draw
from plumbline.seating.gates import DrawGate, Policy
from plumbline.seating.records import PoolTerms, PoolUnit
from tests.unit.builders import LABELERS
from tests.unit.test_keeper_draws import (
    DRAW,
    FROZEN,
    HALF,
    POOL,
    SEED_BLOCK,
    SEEDED,
    A,
    history,
    unit,
)

OURS, BROKEN, FOREIGN = "0x" + "77" * 20, "0x" + "33" * 20, "0x" + "44" * 20
POOL_TERMS = PoolTerms(OURS, ZERO, 10**15, 10**18, 1, 96)


@dataclass
class Pools:
    """Pools that are played; what was read of them is counted."""

    patch: pytest.MonkeyPatch
    draws: dict[int, Draw] = field(default_factory=lambda: {3: DRAW})
    units: dict[int, PoolUnit] = field(default_factory=dict)
    can_rearm: bool = False
    reads: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.patch.setattr(pool_index, "SeatDraw", lambda rounds, address: self._pool(address))
        self.patch.setattr(pool_index, "read_policy", self._policy)
        rounds: Any = SimpleNamespace(w3=None, address=OURS)
        self.index = PoolIndex(rounds)

    def _policy(self, w3: object, address: str) -> Policy:
        if address == BROKEN:
            raise SeatingError("nobody is there")
        return Policy(address, "SeatDraw", DrawGate(POOL_TERMS))

    def _pool(self, address: str) -> Any:
        return SimpleNamespace(
            address=address,
            read=lambda name: OURS if address == POOL else FOREIGN,
            state=lambda block: SimpleNamespace(draws=max(self.draws, default=0)),
            drawn=self._drawn,
            unit=self._unit,
            can_rearm=lambda number, block: self.can_rearm,
        )

    def _drawn(self, number: int, block: int) -> Draw:
        self.reads[f"draw {number}"] += 1
        return self.draws.get(number, replace(DRAW, number=number, rounds=(99,)))

    def _unit(self, number: int, block: int) -> PoolUnit:
        self.reads[f"unit {number}"] += 1
        return self.units[number]

    def plan(self, now: int, *rounds: RoundHistory, **more: Any) -> list[Action]:
        committing = {each.round_id: each for each in rounds}
        context = DecisionContext(now, SEED_BLOCK + 1, 5, **more)
        return self.index.plan(committing, context)[0]


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> Pools:
    return Pools(monkeypatch)


def asking(policy: str, round_id: int = 1, *labelers: str) -> RoundHistory:
    past = history(*labelers)
    return replace(past, opened=replace(past.opened, admission=policy, round_id=round_id))


def test_a_draw_is_read_until_it_has_a_seed_and_then_no_more(pools: Pools) -> None:
    for _ in range(2):
        assert [each.kind for each in pools.plan(FROZEN + 1, asking(POOL))] == ["capture"]
    assert pools.reads["draw 3"] == 2
    pools.draws[3] = SEEDED
    for _ in range(3):
        assert pools.plan(FROZEN + 1, asking(POOL)) == []
    assert pools.reads["draw 3"] == 3
    pools.index.clear()  # the chain took the capture back
    pools.draws[3] = DRAW
    assert [each.kind for each in pools.plan(FROZEN + 1, asking(POOL))] == ["capture"]


def test_the_pool_says_whether_the_hash_is_gone(pools: Pools) -> None:
    pools.can_rearm = True
    assert [each.kind for each in pools.plan(FROZEN + 1, asking(POOL))] == ["rearm"]


def test_what_cannot_be_read_and_pools_of_others_stop_nobody(pools: Pools) -> None:
    rounds = (asking(BROKEN, 8), asking(FOREIGN, 9), asking(POOL))
    assert [each.kind for each in pools.plan(FROZEN + 1, *rounds)] == ["capture"]
    assert pools.index.unreadable == {BROKEN: "nobody is there"}


def test_draws_that_are_over_are_not_looked_for(pools: Pools) -> None:
    """Of a pool of ten thousand draws those of the last two weeks are read."""
    old = replace(DRAW, frozen=FROZEN - MAX_WINDOW - 1)
    pools.draws = {number: replace(old, number=number) for number in range(1, 100)}
    pools.plan(FROZEN, asking(POOL))
    assert list(pools.reads) == ["draw 99"]


def test_whoever_was_faster_is_seen_before_a_second_report(pools: Pools) -> None:
    pools.draws[3] = SEEDED
    drawn = [SEEDED.unit_at(1, rank) for rank in range(SEEDED.seats)]
    owners = [A, *(f"0x{number:040x}" for number in (7, 8, 9))]
    pools.units = {each: unit(owner) for each, owner in zip(drawn, owners, strict=True)}
    past = asking(POOL, 1, A, LABELERS[1])
    first = pools.plan(HALF, past)
    assert [each.unit for each in first if isinstance(each, Report)] == drawn[1:]
    pools.units[drawn[1]] = unit(owners[1], strikes=1, struck=HALF)
    second = pools.plan(HALF + 5, past)
    assert [each.unit for each in second if isinstance(each, Report)] == drawn[2:]
    pools.plan(HALF + 10, past)
    # Who sits, or was struck, is not asked about again.
    assert [pools.reads[f"unit {each}"] for each in drawn] == [1, 2, 3, 3]


def test_a_keeper_that_leaves_draws_to_others_asks_nothing(pools: Pools) -> None:
    assert pools.plan(FROZEN + 1, asking(POOL), steps=frozenset({Step.REVEAL})) == []
    assert not pools.reads
