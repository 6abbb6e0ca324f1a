"""An audit of draws finds whatever does not follow from who joined and from the seed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from eth_utils.crypto import keccak

from plumbline.audit.draw_checks import (
    LEAST_SEATS,
    DrawsAudit,
    SeenBlock,
    blocks_needed,
    fairness,
    replay,
)
from plumbline.chain.events import Event
from plumbline.history.rounds import RoundHistory
from plumbline.protocol.addresses import ZERO
from plumbline.seating.draw import EPOCH, Draw, fee
from plumbline.seating.events import Captured, Drawn, Joined, Left, Rearmed, Struck, UnitReleased
from plumbline.seating.packing import TERMS as FIELDS
from plumbline.seating.packing import draw_from
from plumbline.seating.records import PoolTerms, PoolUnit
from plumbline.seating.seed import seed_of
from tests.unit.builders import REQUESTER, SMALL, Chain, StagedRound, person

POOL = person("pool")
CHAIN_ID = 31337
DAY = 100  # the epoch in which everybody joins
DRAWN_AT = (DAY + 2) * EPOCH + 3_600
CAPTURED_AT = DRAWN_AT + 1_200
WINDOW = 86_400
MEMBERS = [person(f"member {number}") for number in range(40)]
POOL_TERMS = PoolTerms(person("rounds"), ZERO, 10**15, 10**18, 1, 96)
MIX = keccak(text="mix")
ROUND = 1
SEED = seed_of(MIX, CHAIN_ID, POOL, 1)
# Blocks of the pool's events; rounds of the builders begin at 100.
JOINED, DRAWN, SEED_BLOCK, CAPTURED, STRUCK = 10, 20, 116, 120, 130


def word_of(**values: int) -> int:
    word, at = 0, 0
    for name, width in FIELDS.items():
        word |= values[name] << at
        at += width
    return word


def drawn(**changes: Any) -> Drawn:
    values = {
        **{"first": ROUND, "n": 40, "frozen": DRAWN_AT, "seed_block": SEED_BLOCK, "captured": 0},
        **{"window": WINDOW, "seats": 4, "layer": 1, "rows": 7, "standby": 8, "liable": 1},
    }
    terms = word_of(**{**values, **{k: v for k, v in changes.items() if k in values}})
    requester = changes.get("requester", REQUESTER)
    paid = changes.get("fee", fee(SMALL.price * SMALL.seats))
    return Drawn(DRAWN, 0, b"\x01" * 32, 1, requester, terms, 1, paid)


def captured(mix: bytes = MIX, seed: int = SEED) -> Captured:
    return Captured(CAPTURED, 0, b"\x02" * 32, 1, mix, seed)


DRAW = replace(drawn().drawn, captured=CAPTURED_AT, seed=SEED)


def owner_of(rank: int) -> str:
    return MEMBERS[DRAW.unit_at(ROUND, rank)]


def joins() -> list[Event]:
    return [
        Joined(JOINED, number, b"\x03" * 32, owner, number, owner, DAY)
        for number, owner in enumerate(MEMBERS)
    ]


def events() -> list[Event]:
    return [*joins(), drawn(), captured()]


def seated(*labelers: str) -> dict[int, RoundHistory]:
    """A round of that pool, to which these committed, in blocks of their own."""
    staged = StagedRound(SMALL, chain=Chain(deposits=False), round_id=ROUND)
    history = staged.commit(*labelers).history if labelers else staged.history
    opened = replace(history.opened, admission=POOL)
    return {ROUND: replace(history, opened=opened)}


def audited(
    found: Sequence[Event],
    histories: dict[int, RoundHistory] | None = None,
    times: dict[int, int] | None = None,
) -> DrawsAudit:
    histories = seated() if histories is None else histories
    usual = {DRAWN: DRAWN_AT, CAPTURED: CAPTURED_AT, STRUCK: DRAWN_AT + WINDOW - 60}
    known = {**usual, **(times or {})}
    blocks = {
        number: SeenBlock(known.get(number, CAPTURED_AT + 60), MIX)
        for number in blocks_needed(found, histories)
    }
    return replay(CHAIN_ID, POOL, POOL_TERMS, found, histories, blocks)


def words(report: DrawsAudit) -> str:
    return "; ".join(map(str, report.differences))


def test_a_draw_that_follows_from_its_events_has_no_difference() -> None:
    report = audited(events(), seated(*(owner_of(rank) for rank in range(4))))
    assert report.differences == ()
    assert report.draws == (DRAW,)
    assert report.fairness is None  # of so few seats nothing can be said


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda: [*joins(), drawn(n=39), captured()], "numbers that were ripe"),
        (lambda: [*joins()[:39], drawn(), captured()], "numbers that were ripe"),
        (lambda: [*joins(), drawn(frozen=DRAWN_AT + 1), captured()], "when it was drawn"),
        (lambda: [*joins(), drawn(seed_block=117), captured()], "the block of its seed"),
        (lambda: [*joins(), drawn(seats=5), captured()], "seats"),
        (lambda: [*joins(), drawn(fee=1), captured()], "the fee"),
        (lambda: [*joins(), drawn(requester=MEMBERS[0]), captured()], "who opened the round"),
        (lambda: [*joins(), drawn(), captured(mix=b"\x09" * 32)], "the mix of block 116"),
        (lambda: [*joins(), drawn(), captured(seed=SEED + 1)], "the seed"),
        (lambda: [*joins(), captured()], "a draw without a seed"),
        (lambda: [*events(), captured()], "a draw without a seed"),
        (lambda: [*events(), drawn()], "drawn once"),
        (lambda: [*joins(), joins()[3]], "a free number"),
        (lambda: [*joins()[:3], joins()[5]], "number 3"),
        (
            lambda: [*joins(), Left(DRAWN, 1, b"", MEMBERS[1], 0, False)],
            "a unit of the account",
        ),
        (lambda: [*joins(), UnitReleased(DRAWN, 1, b"", MEMBERS[0], 0, 1, 0)], "it has left"),
    ],
)
def test_whatever_does_not_follow_is_named(change: Callable[[], list[Event]], what: str) -> None:
    assert what in words(audited(change()))


def test_a_round_that_nobody_opened_is_named() -> None:
    assert "a round that was opened" in words(audited(events(), {}))


def test_who_was_not_admitted_is_named() -> None:
    stranger = person("stranger")
    last = owner_of(12)  # behind the eight that stand by
    early = owner_of(6)  # stands by, and its turn has not come
    report = audited(events(), seated(owner_of(0), stranger, last, early))
    assert {each.labeler for each in report.differences} == {stranger, last, early}
    assert {each.round_id for each in report.differences} == {ROUND}
    opens = DRAW.opens(6)
    assert opens is not None
    history = seated(owner_of(0), early)
    (_, second) = history[ROUND].commitments
    assert "a unit that is admitted" in words(audited(events(), history, {second.block: opens - 1}))
    assert audited(events(), history, {second.block: opens}).differences == ()


def test_who_joined_too_late_or_had_left_is_not_in_the_draw() -> None:
    who, unit = owner_of(0), DRAW.unit_at(ROUND, 0)
    late = [
        replace(event, epoch=DAY + 1) if isinstance(event, Joined) and event.unit == unit else event
        for event in joins()
    ]
    gone = [*joins(), Left(DRAWN - 1, 0, b"", who, unit, False)]
    for before in (late, gone):
        report = audited([*before, drawn(), captured()], seated(who), {DRAWN - 1: DRAWN_AT - 60})
        assert who in words(report)


def test_a_seed_that_was_missed_comes_from_another_block() -> None:
    again = Rearmed(CAPTURED - 1, 0, b"", 1, 200)
    report = audited([*joins(), drawn(), again, captured()])
    assert report.differences == ()
    assert report.rearmed == {1: 1}
    assert report.draws[0].seed_block == 200


def strike(rank: int, strikes: int = 1) -> Struck:
    unit = DRAW.unit_at(ROUND, rank)
    return Struck(STRUCK, 9, b"", MEMBERS[unit], unit, ROUND, 1, strikes, REQUESTER)


def test_a_strike_is_for_the_drawn_without_a_seat_in_the_second_half() -> None:
    assert audited([*events(), strike(0)], seated()).differences == ()
    assert "a drawn unit" in words(audited([*events(), strike(6)], seated()))
    assert "how many" in words(audited([*events(), strike(0, strikes=2)], seated()))
    early = {STRUCK: DRAW.reported_from() - 1}
    assert f"from {DRAW.reported_from()} on" in words(audited([*events(), strike(0)], None, early))
    assert "nobody with a seat" in words(audited([*events(), strike(0)], seated(owner_of(0))))
    assert "a draw with a seed" in words(audited([*joins(), strike(0)], seated()))


def many(seeds: range, draw: Draw) -> list[Draw]:
    return [
        replace(draw, number=seed, seed=int.from_bytes(keccak(text=str(seed))[:16]))
        for seed in seeds
    ]


def test_many_fair_draws_look_fair_and_bent_ones_do_not() -> None:
    listed = {number: PoolUnit(owner, DAY) for number, owner in enumerate(MEMBERS)}
    draws = many(range(1, 101), DRAW)
    fair = fairness(draws, dict.fromkeys(range(1, 101), listed))
    assert fair is not None
    assert fair.seats == 400 and fair.chance > 0.01
    # The same draw a hundred times: the same four members always.
    bent = [replace(DRAW, number=number) for number in range(1, 101)]
    result = fairness(bent, dict.fromkeys(range(1, 101), listed))
    assert result is not None and result.chance < 1e-6
    assert fairness(draws[: LEAST_SEATS // 4], dict.fromkeys(range(1, 101), listed)) is None


def test_a_draw_is_read_from_its_word() -> None:
    assert draw_from(1, drawn().terms, 1) == drawn().drawn
