"""What a node, or a contract, may lie about is named: round, labeler, what, expected, found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from web3 import Web3

from plumbline.audit import Difference, TaskSources, audit
from plumbline.audit.report import as_text, place
from plumbline.chain.events import (
    Committed,
    Deposited,
    Event,
    Forfeited,
    GoldOpened,
    LabelerEvent,
    LeakReported,
    Released,
    Revealed,
    RoundClosed,
    RoundEvent,
    RoundExpired,
    RoundOpened,
    Swept,
    Withdrawn,
)
from plumbline.history.ledger import replay
from plumbline.history.rounds import history
from plumbline.protocol.commitment import EMPTY_HASH, LEAKED, commitment, gold_root
from plumbline.protocol.manifest import Manifest
from plumbline.protocol.outcomes import Outcome
from plumbline.settlement import Band
from tests.integration.lying import Lie, LyingNode, View
from tests.integration.market import TASKS_ROOT, Market
from tests.integration.plays import Played, play

FORGED = Manifest(("no", "yes"), tuple(f"task {number}" for number in range(48)))
ORDER = "order of events"

# Where the contract packs what is lied about: the lowest bit of it in its word.
ACCOUNT = {"free": 0, "locked": 88, "near": 188, "kappa": 224, "void": 247}
REVEAL_DEADLINE, REVEALED, IS_CLOSED = 128, 224, 254

Change = Callable[[list[Any]], list[Any]]


@pytest.fixture(scope="module")
def played(market: Market) -> Played:
    return play(market)


@pytest.fixture(scope="module")
def liar(played: Played, anvil: str) -> Iterator[LyingNode]:
    node = LyingNode(anvil, played.market.deployment, played.events)
    yield node
    node.stop()


@pytest.fixture(scope="module")
def lied_to(liar: LyingNode) -> Web3:
    return liar.connect()


@dataclass(frozen=True)
class SeededLie:
    """A lie, and the one difference that must be among those found."""

    lie: Lie
    named: Difference
    tasks: TaskSources | None = None


def test_a_proxy_that_does_not_lie_changes_nothing(
    played: Played, liar: LyingNode, lied_to: Web3
) -> None:
    """Else the lies below might be found for another reason."""
    liar.lie = Lie(events=lambda events: events, view=View("sink_balance", (), list))
    assert audit(lied_to, played.market.deployment).differences == ()


# ---------------------------------------------------------- to lie with


def find(p: Played, name: str | None, kind: type[Event], number: int = 0) -> Any:
    """An event of that kind, in the round of that name."""
    wanted = None if name is None else p.rounds[name]
    found = [
        event
        for event in p.events
        if isinstance(event, kind) and (wanted is None or getattr(event, "round_id", 0) == wanted)
    ]
    return found[number]


def difference(about: Event, what: str, expected: object, found: object, **at: Any) -> Difference:
    """One about the round and the labeler of an event, unless they are named."""
    where = {
        "round_id": about.round_id if isinstance(about, RoundEvent) else None,
        "labeler": about.labeler if isinstance(about, LabelerEvent) else None,
        **at,
    }
    return Difference(what=what, expected=as_text(expected), found=as_text(found), **where)


def swapped(event: Event, *others: Event) -> Lie:
    """Others, or none, in place of an event."""
    return Lie(lambda events: [made for e in events for made in (others if e is event else (e,))])


def changed(event: Any, field: str, value: object, what: str, *also: tuple[Any, Any]) -> SeededLie:
    """A field of an event is another, and that is the difference; `also` changes more events."""
    false = {event: replace(event, **{field: value}), **dict(also)}
    lie = Lie(lambda events: [false.get(e, e) for e in events])
    return SeededLie(lie, difference(event, what, getattr(event, field), value))


def resettled(
    p: Played, number: int, field: str, value: object, what: str, **also: object
) -> SeededLie:
    """What became of a labeler is another, in the closing; `also` changes more of that."""
    closed = find(p, "nominal with gold", RoundClosed)
    outcomes = list(closed.outcomes)
    true = outcomes[number]
    outcomes[number] = replace(true, **{field: value})
    false = replace(closed, outcomes=tuple(outcomes), **also)
    shown = getattr(true, field)
    where = {"labeler": None if field == "labeler" else true.labeler}
    return SeededLie(swapped(closed, false), difference(closed, what, shown, value, **where))


def reopened(p: Played, event: Any, field: str, value: Any, what: str) -> SeededLie:
    """An opening with another sheet or salt, whose hash is not what was committed to."""
    false, domain = replace(event, **{field: value}), p.domain
    past = find(p, name_of(p, event), RoundOpened)
    if isinstance(event, GoldOpened):
        made = gold_root(domain, past.requester, false.sheet, false.salt)
        held = past.gold_root
    else:
        made = commitment(domain, event.round_id, event.labeler, false.sheet, false.salt)
        seats = [e for e in p.events if isinstance(e, Committed) and e.round_id == event.round_id]
        (held,) = [e.commitment for e in seats if e.labeler == event.labeler]
    return SeededLie(swapped(event, false), difference(event, what, made, held))


def name_of(p: Played, event: Any) -> str:
    return next(name for name, round_id in p.rounds.items() if round_id == event.round_id)


def after(event: Any, made: Event) -> Event:
    """An event at a place of its own, right behind another and in its transaction."""
    return replace(made, block=event.block, log_index=1_000, transaction=event.transaction)


def viewed(
    function: str, arguments: tuple[Any, ...], part: int, value: object, named: Difference
) -> SeededLie:
    """One part of what a view answers is another."""

    def change(values: list[Any]) -> list[Any]:
        return [value if number == part else kept for number, kept in enumerate(values)]

    return SeededLie(Lie(view=View(function, arguments, change)), named)


def slot(p: Played, part: str, role: str = "labeler 0") -> SeededLie:
    """A field of an account in storage is one more."""
    owner = p.market.actor(role).address
    true = replay(p.events).accounts[owner]
    value = getattr(true, part)
    named = Difference(None, owner, f"account, {part}", str(value), str(value + 1))
    one_more = View("account", (owner.lower(),), lambda words: [words[0] + (1 << ACCOUNT[part])])
    return SeededLie(Lie(view=one_more), named)


def stored(p: Played, name: str, change: Change, what: str, shown: object) -> SeededLie:
    """Something in the words of a round is another."""
    round_id = p.rounds[name]
    true = p.market.rounds.round(round_id)
    named = Difference(round_id, None, f"storage, {what}", as_text(getattr(true, what)), "")
    lie = Lie(view=View("round", (round_id,), change))
    return SeededLie(lie, replace(named, found=as_text(shown)))


def added(amount: int, shift: int) -> Change:
    """So much is added to what a round's status has from that bit on."""
    return lambda words: [words[0] + (amount << shift), *words[1:]]


def of_tasks(p: Played, get: bool) -> SeededLie:
    """Tasks that are not those of the round, in a file or at its uri."""
    root = as_text(FORGED.root)
    if get:
        named = Difference(1, None, "root of the tasks", as_text(TASKS_ROOT), root)
        return SeededLie(Lie(), named, TaskSources({}, lambda uri: FORGED))
    what = "root of the tasks in forged.json"
    named = Difference(None, None, what, "that of a round", root)
    return SeededLie(Lie(), named, TaskSources({"forged.json": FORGED}))


# Longer ones, which need more than a line.


def _reordered(p: Played) -> SeededLie:
    one, other = (find(p, "revealing", Revealed, number) for number in (0, 1))
    false = {
        one: replace(other, block=one.block, log_index=one.log_index, transaction=one.transaction),
        other: replace(one, block=other.block, log_index=other.log_index),
    }
    events = [false.get(event, event) for event in p.events]
    roll = history(events)[one.round_id].roll
    true = p.market.rounds.round(one.round_id).roll
    named = Difference(one.round_id, None, "storage, roll", as_text(roll), as_text(true))
    return SeededLie(Lie(lambda _: events), named)


def _uncommitted(p: Played) -> SeededLie:
    gone = find(p, "ordinal", Committed)
    reveal = next(
        e
        for e in p.events
        if isinstance(e, Revealed) and (e.round_id, e.labeler) == (gone.round_id, gone.labeler)
    )
    named = difference(reveal, ORDER, "a commitment that is not opened", place(reveal))
    return SeededLie(swapped(gone), named)


def _stray(p: Played) -> SeededLie:
    event = find(p, "nominal with gold", Revealed, 2)
    false = replace(event, round_id=p.rounds["expired"])
    named = difference(false, ORDER, "no reveal after the reveal phase", place(false))
    return SeededLie(swapped(event, false), named)


def _phantom(p: Played) -> SeededLie:
    ghost = p.market.actor("ghost").address
    last = p.events[-1]
    made = after(last, Deposited(0, 0, b"", ghost, ghost, 5))
    named = Difference(None, ghost, "account, free", "5", "0")
    return SeededLie(swapped(last, last, made), named)


def _hidden(p: Played) -> SeededLie:
    gone = find(p, None, Withdrawn)
    free = replay(p.events).accounts[gone.account].free
    named = difference(gone, "account, free", free + gone.amount, free, labeler=gone.account)
    return SeededLie(swapped(gone), named)


def _relayed_by_another(p: Played) -> SeededLie:
    """The fee of a withdrawal is another's."""
    gone = next(e for e in p.events if isinstance(e, Withdrawn) and e.fee)
    ghost = p.market.actor("ghost").address
    named = difference(gone, "account, free", gone.fee, 0, labeler=ghost)
    return SeededLie(swapped(gone, replace(gone, relayer=ghost)), named)


def _short(p: Played) -> SeededLie:
    held = replay(p.events).total
    named = Difference(None, None, "holdings of the contract", f"at least {held}", str(held - 1))
    return SeededLie(Lie(balance=-1), named)


def _unswept(p: Played) -> SeededLie:
    gone = find(p, None, Swept)
    sink = replay(p.events).sink
    return SeededLie(swapped(gone), difference(gone, "sink balance", sink + gone.amount, sink))


def _forfeited(p: Played) -> SeededLie:
    reveal, forfeit = find(p, "silent", Revealed), find(p, "silent", Forfeited)
    made = after(forfeit, replace(forfeit, labeler=reveal.labeler))
    named = difference(made, ORDER, "a commitment that is not opened", place(made))
    return SeededLie(swapped(forfeit, forfeit, made), named)


def _forged_expiry(p: Played) -> SeededLie:
    last, opened = p.events[-1], find(p, "revealing", RoundOpened)
    escrow = opened.rules.price * opened.rules.seats
    made = after(last, RoundExpired(0, 0, b"", opened.round_id, escrow))
    found = len([e for e in p.events if isinstance(e, Revealed) and e.round_id == made.round_id])
    return SeededLie(swapped(last, last, made), difference(made, "labelers released", found, 0))


def _slash_and_sink(p: Played) -> SeededLie:
    closed = find(p, "nominal with gold", RoundClosed)
    slash, to_sink = closed.outcomes[0].slash + 1, closed.to_sink + 1
    return resettled(p, 0, "slash", slash, "slash", to_sink=to_sink)


def _verdict(p: Played, part: str) -> SeededLie:
    closed = find(p, "ordinal", RoundClosed)
    true = getattr(closed.verdict, part)
    false = replace(closed, verdict=replace(closed.verdict, **{part: true ^ 1}))
    return SeededLie(swapped(closed, false), difference(closed, f"verdict, {part}", true, true ^ 1))


def _twice(p: Played) -> SeededLie:
    event = find(p, None, Deposited, 3)
    expected = "events in the order of the chain"
    return SeededLie(swapped(event, event, event), difference(event, ORDER, expected, place(event)))


def _line(p: Played, number: int = 2) -> Outcome:
    closed: RoundClosed = find(p, "nominal with gold", RoundClosed)
    return closed.outcomes[number]


def _flip(sheet: tuple[int, ...]) -> tuple[int, ...]:
    """The answer to the first task that was answered is another."""
    answered, digit, *rest = sheet
    return (answered, digit ^ (answered & -answered), *rest)


def _gone(p: Played) -> SeededLie:
    line, closed = _line(p), find(p, "nominal with gold", RoundClosed)
    false = replace(closed, outcomes=tuple(one for one in closed.outcomes if one is not line))
    what, shown = "settlement of the labeler", line.band.label
    named = difference(closed, what, shown, "none", labeler=line.labeler)
    return SeededLie(swapped(closed, false), named)


def _more(p: Played, name: str, kind: type[Event], field: str, what: str, by: int = 1) -> SeededLie:
    event = find(p, name, kind)
    return changed(event, field, getattr(event, field) + by, what)


def _seat(p: Played, word: bytes, what: str, true: object, shown: object) -> SeededLie:
    seat = find(p, "ordinal", Committed)
    named = difference(seat, f"storage, {what}", true, shown)
    return viewed("seat", (seat.round_id, seat.labeler.lower()), 0, word, named)


def _phase(p: Played) -> SeededLie:
    at = p.rounds["committing"]
    named = Difference(at, None, "storage, phase", "commit", "closed")
    return SeededLie(Lie(view=View("round", (at,), added(1, IS_CLOSED))), named)


def _late(p: Played) -> SeededLie:
    ends = p.market.rounds.round(p.rounds["committing"]).deadlines
    later = replace(ends, reveal=ends.reveal + 1)
    return stored(p, "committing", added(1, REVEAL_DEADLINE), "deadlines", later)


def _unproven(p: Played) -> SeededLie:
    at = p.rounds["captured"]
    named = Difference(at, None, "storage, verdict and payroll proven", "True", "False")
    return viewed("is_verdict", (at,), 0, False, named)


def _count(p: Played) -> SeededLie:
    count = len(p.rounds)
    named = Difference(None, None, "number of rounds", str(count), str(count + 1))
    return viewed("round_count", (), 0, count + 1, named)


def _sink(p: Played) -> SeededLie:
    sink = replay(p.events).sink
    named = Difference(None, None, "sink balance", str(sink), str(sink + 1))
    return viewed("sink_balance", (), 0, sink + 1, named)


LIES: dict[str, Callable[[Played], SeededLie]] = {
    "a labeler left out of the closing": _gone,
    "a stranger in the closing": lambda p: resettled(
        p, 2, "labeler", p.market.actor("stranger").address, "labeler 3 settled"
    ),
    "a pay off by one wei": lambda p: resettled(p, 2, "pay", _line(p).pay + 1, "pay"),
    "a kappa off by one": lambda p: resettled(p, 2, "kappa", _line(p).kappa + 1, "kappa"),
    "a wrong band": lambda p: resettled(p, 2, "band", Band.FAR, "band"),
    "a slash off by one, and the sink with it": _slash_and_sink,
    "a flipped answer": lambda p: reopened(
        p,
        find(p, "ordinal", Revealed, 1),
        "sheet",
        _flip(find(p, "ordinal", Revealed, 1).sheet),
        "commitment to what was opened",
    ),
    "another salt": lambda p: reopened(
        p, find(p, "ordinal", Revealed), "salt", bytes(32), "commitment to what was opened"
    ),
    "another salt of a leak": lambda p: reopened(
        p, find(p, "leak", LeakReported), "salt", bytes(32), "commitment to what was opened"
    ),
    "a wrong gold": lambda p: reopened(
        p,
        find(p, "captured", GoldOpened),
        "sheet",
        _flip(find(p, "captured", GoldOpened).sheet),
        "gold root",
    ),
    "a wrong gold salt": lambda p: reopened(
        p, find(p, "captured", GoldOpened), "salt", bytes(32), "gold root"
    ),
    "two reveals reordered": _reordered,
    "a removed Committed": _uncommitted,
    "a duplicated event": _twice,
    "an event of another round": _stray,
    "a forged manifest in a file": lambda p: of_tasks(p, get=False),
    "a forged manifest at the uri": lambda p: of_tasks(p, get=True),
    "a refund off by one": lambda p: _more(p, "ordinal", RoundClosed, "refund", "refund"),
    "paid off by one": lambda p: _more(p, "ordinal", RoundClosed, "paid", "sum of the pay"),
    "to_sink off by one": lambda p: _more(p, "leak", RoundClosed, "to_sink", "left to the sink"),
    "a wrong plane of contested tasks": lambda p: _verdict(p, "contested"),
    "a wrong plane of gold answers": lambda p: _verdict(p, "usable_gold"),
    "a crowd's kappa off by one": lambda p: _verdict(p, "crowd_kappa"),
    "a leak bounty off by one": lambda p: _more(
        p, "leak", LeakReported, "bounty", "bounty for the leak"
    ),
    "a slash for a leak off by one": lambda p: _more(
        p, "leak", LeakReported, "slash", "slash for the leak"
    ),
    "a slash for silence off by one": lambda p: _more(
        p, "silent", Forfeited, "slash", "slash for silence", by=-1
    ),
    "a stake given back off by one": lambda p: _more(
        p, "expired", Released, "stake", "stake given back", by=-1
    ),
    "an expired escrow off by one": lambda p: _more(
        p, "expired", RoundExpired, "refund", "refund of the expired round"
    ),
    "a forfeit of one who revealed": _forfeited,
    "a forged expiry": _forged_expiry,
    "a phantom deposit": _phantom,
    "a hidden withdrawal": _hidden,
    "a fee that another got": _relayed_by_another,
    "a hidden sweep": _unswept,
    "a balance short by one": _short,
    "a free balance in storage": lambda p: slot(p, "free"),
    "a locked balance in storage": lambda p: slot(p, "locked"),
    "a record of rounds in storage": lambda p: slot(p, "near"),
    "a record of kappa in storage": lambda p: slot(p, "kappa"),
    "a record of a requester in storage": lambda p: slot(p, "void", "requester"),
    "a seat that is not empty": lambda p: _seat(
        p, b"\x01" * 32, "commitment in the seat", EMPTY_HASH, b"\x01" * 32
    ),
    "a seat that leaked": lambda p: _seat(p, LEAKED, "mark of a leak", False, True),
    "a roll in storage": lambda p: stored(
        p, "revealing", lambda words: [*words[:3], b"\x01" * 32, *words[4:]], "roll", b"\x01" * 32
    ),
    "a count of reveals in storage": lambda p: stored(
        p, "revealing", added(1, REVEALED), "revealed", 3
    ),
    "a deadline in storage": _late,
    "a phase": _phase,
    "a verdict that is not proven": _unproven,
    "a round that nobody saw opened": _count,
    "a sink balance in storage": _sink,
}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_named(played: Played, liar: LyingNode, lied_to: Web3, name: str) -> None:
    seeded = LIES[name](played)
    liar.lie = seeded.lie
    report = audit(lied_to, played.market.deployment, tasks=seeded.tasks)
    assert seeded.named in report.differences, [str(found) for found in report.differences]
    assert not report.is_clean
