"""The auditor agrees with honest rounds to the wei, and names what was tampered with."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

import pytest

from plumbline.audit import AuditError, audit, audit_events, check_events
from plumbline.audit.report import Difference
from plumbline.chain.contract import CallError, ContractError, Opening, Phase
from plumbline.chain.deployment import compare, compare_code
from plumbline.chain.events import (
    Committed,
    Deposited,
    Event,
    Forfeited,
    GoldOpened,
    LeakReported,
    Revealed,
    RoundClosed,
    RoundEvent,
    RoundOpened,
    fetch,
    of_round,
)
from plumbline.history.rounds import history
from plumbline.protocol.addresses import checksum
from plumbline.settlement import Band, Mode
from plumbline.settlement.terms import Kind
from plumbline.transactions.senders import Refused
from tests.build import Compiled
from tests.integration.conftest import create
from tests.integration.market import ETHER, Market
from tests.integration.plays import Played, play
from tests.integration.rpc import rpc


@pytest.fixture(scope="module")
def played(market: Market) -> Played:
    return play(market)


# ------------------------------------------------------------------ all is well


def test_honest_rounds_agree_to_the_wei(played: Played) -> None:
    report = audit(played.market.w3, played.market.deployment)
    assert report.differences == ()
    assert report.is_clean
    assert report.notes == ()
    assert len(report.rounds) == len(played.rounds)
    assert report.totals is not None
    assert report.totals.held == report.totals.books
    assert report.checks > 500
    assert check_events(played.events, played.domain) == []


def test_the_rounds_are_what_they_are_named_for(played: Played) -> None:
    """Else the audit above would prove little."""
    report = audit(played.market.w3, played.market.deployment)
    by_id = {line.round_id: line for line in report.rounds}
    line = {name: by_id[round_id] for name, round_id in played.rounds.items()}
    assert [line[name].mode for name in ("nominal with gold", "ordinal", "captured", "empty")] == [
        "peer",
        "peer",
        "gold",
        "void",
    ]
    assert line["leak"].bounties > 0
    assert (line["silent"].gone, line["silent"].revealed) == (2, 3)
    assert line["captured"].to_sink > line["captured"].slashed
    assert line["hollow gold"].mode == "peer"
    assert line["hollow gold"].to_sink > line["hollow gold"].slashed
    withheld = {name for name, each in line.items() if each.gold_withheld}
    assert withheld == {"silent", "hollow gold"}
    assert line["concluded"].revealed == 5
    assert line["expired"].state == "expired"
    assert line["revealing"].escrow == line["committing"].escrow > 0
    histories = history(played.events)
    bands = {event.band for past in histories.values() for event in past.outcomes}
    assert bands >= {Band.OUTLIER, Band.NEAR}


def test_phases_from_events_are_those_of_the_contract(played: Played, compiled: Compiled) -> None:
    market = played.market
    now, address = market.now(), market.deployment.address
    lens = create(market.w3, compiled["Lens"])
    for round_id, past in history(played.events).items():
        phase, _ = lens.functions.phase(address, round_id).call()
        assert past.phase_at(now) is Phase(phase)
        assert market.rounds.round(round_id).phase_at(now) is Phase(phase)
    assert lens.functions.phase(address, 99).call() == [Phase.ABSENT, 0]


def test_one_round_is_audited_alone(played: Played) -> None:
    for round_id in played.rounds.values():
        report = audit(played.market.w3, played.market.deployment, round_id)
        assert report.differences == ()
        assert [line.round_id for line in report.rounds] == [round_id]
        assert report.totals is None
    with pytest.raises(AuditError, match="no round 99"):
        audit(played.market.w3, played.market.deployment, 99)


def test_every_block_of_the_past_agrees_too(played: Played) -> None:
    """The state after each transaction is what the events up to it say."""
    w3, deployment = played.market.w3, played.market.deployment
    blocks = sorted({event.block for event in played.events})
    for block in blocks[:: len(blocks) // 6]:
        assert audit(w3, deployment, to_block=block).differences == ()


def test_a_report_is_plain_data(played: Played) -> None:
    report = audit(played.market.w3, played.market.deployment)
    data = json.loads(json.dumps(report.to_json()))
    assert data["is_clean"] is True
    assert data["totals"]["books"] == str(report.totals.books if report.totals else 0)


def test_ether_that_was_forced_in_is_a_note_and_missing_ether_a_difference(
    played: Played,
) -> None:
    w3, deployment = played.market.w3, played.market.deployment
    held = w3.eth.get_balance(deployment.address)  # type: ignore[arg-type]

    def hold(amount: int) -> None:
        rpc(w3, "anvil_setBalance", deployment.address, hex(amount))
        rpc(w3, "evm_mine")

    try:
        hold(held + 5)
        report = audit(w3, deployment)
        assert report.is_clean
        assert report.notes == (
            "the contract holds 0.000000000000000005 ETH more than its books: "
            "sent there without a deposit",
        )
        hold(held - 1)
        (difference,) = audit(w3, deployment).differences
        assert difference.what == "holdings of the contract"
        assert difference.found == str(held - 1)
    finally:
        hold(held)


# ------------------------------------------------------------- all is not well


def _where(played: Played, name: str, kind: type[Event], number: int = 0) -> int:
    """Place in the list of an event of that kind in that round."""
    found = [
        place
        for place, event in enumerate(played.events)
        if isinstance(event, kind) and getattr(event, "round_id", None) == played.rounds[name]
    ]
    return found[number]


def _changed(played: Played, place: int, **changes: object) -> list[Event]:
    events = list(played.events)
    events[place] = replace(events[place], **changes)  # type: ignore[arg-type]
    return events


def _dropped(played: Played, place: int) -> list[Event]:
    return [event for number, event in enumerate(played.events) if number != place]


def _named(differences: list[Difference], what: str, played: Played, name: str) -> list[Difference]:
    return [
        found
        for found in differences
        if found.what == what and found.round_id == played.rounds[name]
    ]


def test_a_labeler_left_out_of_the_closing_is_named(played: Played) -> None:
    place = _where(played, "nominal with gold", RoundClosed)
    closed = played.events[place]
    assert isinstance(closed, RoundClosed)
    first, second, victim, *others = closed.outcomes
    events = _changed(played, place, outcomes=(first, second, *others))
    found = check_events(events, played.domain)
    named = _named(found, "settlement of the labeler", played, "nominal with gold")
    assert [(d.labeler, d.found) for d in named] == [(victim.labeler, "none")]


def test_a_pay_off_by_one_wei_is_named(played: Played) -> None:
    place = _where(played, "nominal with gold", RoundClosed)
    closed = played.events[place]
    assert isinstance(closed, RoundClosed)
    first, second, line, *others = closed.outcomes
    assert line.pay > 0
    more = replace(line, pay=line.pay + 1)
    events = _changed(played, place, outcomes=(first, second, more, *others))
    (pay,) = _named(check_events(events, played.domain), "pay", played, "nominal with gold")
    assert pay.labeler == line.labeler
    assert (pay.expected, pay.found) == (str(line.pay), str(line.pay + 1))


def test_a_flipped_answer_is_named(played: Played) -> None:
    place = _where(played, "ordinal", Revealed, 1)
    reveal = played.events[place]
    assert isinstance(reveal, Revealed)
    answered, digit0, *rest = reveal.sheet
    task = (answered & -answered).bit_length() - 1
    events = _changed(played, place, sheet=(answered, digit0 ^ 1 << task, *rest))
    named = _named(
        check_events(events, played.domain), "commitment to what was opened", played, "ordinal"
    )
    assert [d.labeler for d in named] == [reveal.labeler]


def test_reordered_reveals_are_named(played: Played) -> None:
    """Even with their places in the chain exchanged, so that only the roll can tell."""
    first, second = (_where(played, "revealing", Revealed, number) for number in (0, 1))
    events = list(played.events)
    one, other = events[first], events[second]
    events[first] = replace(other, block=one.block, log_index=one.log_index)
    events[second] = replace(one, block=other.block, log_index=other.log_index)
    assert check_events(events, played.domain) == []  # nothing but the chain knows
    market = played.market
    report = audit_events(market.w3, market.deployment, events, played.block)
    assert [(d.what, d.round_id) for d in report.differences] == [
        ("storage, roll", played.rounds["revealing"])
    ]


def test_reordered_reveals_of_a_closed_round_are_named_without_the_chain(played: Played) -> None:
    first, second = (_where(played, "ordinal", Revealed, number) for number in (0, 1))
    events = list(played.events)
    events[first], events[second] = events[second], events[first]
    found = check_events(events, played.domain)
    for what in ("labeler 1 settled", "labeler 2 settled"):
        assert len(_named(found, what, played, "ordinal")) == 1


def test_a_wrong_gold_is_named(played: Played) -> None:
    place = _where(played, "nominal with gold", GoldOpened)
    gold = played.events[place]
    assert isinstance(gold, GoldOpened)
    answered, digit0, *rest = gold.sheet
    events = _changed(played, place, sheet=(answered, digit0 ^ 1, *rest))
    found = check_events(events, played.domain)
    assert len(_named(found, "gold root", played, "nominal with gold")) == 1


def test_a_changed_stake_is_named(played: Played) -> None:
    place = _where(played, "revealing", RoundOpened)
    opened = played.events[place]
    assert isinstance(opened, RoundOpened)
    rules = replace(opened.rules, stake=opened.rules.stake - 1)
    events = _changed(played, place, rules=rules)
    market = played.market
    report = audit_events(market.w3, market.deployment, events, played.block)
    found = list(report.differences)
    assert len(_named(found, "storage, rules", played, "revealing")) == 1
    labelers = {event.labeler for event in history(played.events)[opened.round_id].commitments}
    assert {d.labeler for d in found if d.what == "account, locked"} == labelers


@pytest.mark.parametrize(
    ("name", "kind", "what"),
    [
        ("leak", LeakReported, "storage, gone"),
        ("leak", LeakReported, "storage, mark of a leak"),
        ("leak", RoundOpened, "number of the round"),
        ("silent", Committed, "order of events"),
        ("silent", RoundClosed, "storage, phase"),
        ("ordinal", Revealed, "labelers settled"),
    ],
)
def test_what_is_missing_is_noticed(
    played: Played, name: str, kind: type[Event], what: str
) -> None:
    events = _dropped(played, _where(played, name, kind))
    found = check_events(events, played.domain)
    if kind in (LeakReported, RoundClosed):
        # A leak that is not reported is a seat still awaited, a round that is not closed one that
        # is due: only the chain can tell.
        market = played.market
        report = audit_events(market.w3, market.deployment, events, played.block)
        found = _named(list(report.differences), what, played, name)
    assert what in {difference.what for difference in found}


def test_a_dropped_deposit_leaves_a_balance_below_zero(played: Played) -> None:
    place = next(n for n, event in enumerate(played.events) if isinstance(event, Deposited))
    found = check_events(_dropped(played, place), played.domain)
    assert any("balance of" in difference.what for difference in found)


def test_a_second_settlement_is_named(played: Played) -> None:
    place = _where(played, "ordinal", RoundClosed)
    closed = played.events[place]
    again = replace(closed, log_index=closed.log_index + 1)
    events = [*played.events[: place + 1], again, *played.events[place + 1 :]]
    found = _named(check_events(events, played.domain), "order of events", played, "ordinal")
    assert [d.expected for d in found] == ["a round that is not over"]


def test_a_slash_of_the_silent_that_is_wrong_is_named(played: Played) -> None:
    place = _where(played, "silent", Forfeited)
    event = played.events[place]
    assert isinstance(event, Forfeited)
    events = _changed(played, place, slash=event.slash - 1)
    found = _named(check_events(events, played.domain), "slash for silence", played, "silent")
    assert [d.labeler for d in found] == [event.labeler]


def test_a_verdict_of_another_mode_is_named(played: Played) -> None:
    place = _where(played, "ordinal", RoundClosed)
    closed = played.events[place]
    assert isinstance(closed, RoundClosed)
    verdict = replace(closed.verdict, mode=int(Mode.GOLD))
    events = _changed(played, place, verdict=verdict)
    market = played.market
    report = audit_events(market.w3, market.deployment, events, played.block)
    found = {difference.what for difference in report.differences}
    assert found >= {"verdict, mode", "storage, roll", "storage, verdict and payroll proven"}


# What the contract only passes on: it keeps no copy that an event could contradict.
HEARSAY = {
    ("RoundOpened", "uri"),
    ("Committed", "sealed"),
    ("Deposited", "payer"),
    ("Withdrawn", "receiver"),
    ("RevealRefused", "labeler"),
    ("RevealRefused", "reason"),
    ("CommitRefused", "labeler"),
    ("CommitRefused", "reason"),
}


def test_any_single_changed_field_is_noticed(played: Played) -> None:
    """By the events among themselves or by the chain; all but what is mere hearsay."""
    for kind, place in _last_of_each_kind(played).items():
        for name, changes in _each_field_changed(played.events[place]):
            if (kind, name) not in HEARSAY:
                assert not _is_clean(played, place, changes), (kind, name)


def test_hearsay_goes_unnoticed(played: Played) -> None:
    """Else the list above would excuse what it need not."""
    events = list(played.events)
    for kind, place in _last_of_each_kind(played).items():
        for name, changes in _each_field_changed(played.events[place]):
            if (kind, name) in HEARSAY:
                events[place] = replace(events[place], **changes)  # type: ignore[arg-type]
    market = played.market
    assert audit_events(market.w3, market.deployment, events, played.block).is_clean


def _last_of_each_kind(played: Played) -> dict[str, int]:
    kinds: dict[str, int] = {}
    for place, event in enumerate(played.events):
        if not isinstance(event, RoundClosed) or event.outcomes:
            kinds[type(event).__name__] = place
    assert len(kinds) == 14
    return kinds


def _is_clean(played: Played, place: int, changes: dict[str, object]) -> bool:
    """Whether nothing is noticed: first in the round alone, which is quicker, then in all."""
    w3, deployment = played.market.w3, played.market.deployment
    events = _changed(played, place, **changes)
    event = played.events[place]
    if isinstance(event, RoundEvent):
        alone = of_round(events, event.round_id)
        if not audit_events(w3, deployment, alone, played.block, event.round_id).is_clean:
            return False
    return audit_events(w3, deployment, events, played.block).is_clean


def _each_field_changed(event: Event) -> Iterator[tuple[str, dict[str, object]]]:
    """(field, the change to make) for each field; records within are changed part by part."""
    for field in fields(event):
        if field.name in ("block", "log_index", "transaction"):
            continue
        value = getattr(event, field.name)
        if is_dataclass(value) and not isinstance(value, type):
            for part in fields(value):
                other = replace(value, **{part.name: _other(getattr(value, part.name))})
                yield f"{field.name}.{part.name}", {field.name: other}
        elif isinstance(value, tuple) and is_dataclass(value[0]):
            first, *others = value
            for part in fields(first):
                other = replace(first, **{part.name: _other(getattr(first, part.name))})
                yield f"{field.name}.{part.name}", {field.name: (other, *others)}
        else:
            yield field.name, {field.name: _other(value)}


def _other(value: object) -> object:
    """Something else of the same kind, as near as can be."""
    match value:
        case Band():
            return Band.FAR if value is Band.NEAR else Band.NEAR
        case Kind():
            return Kind(1 - value)
        case int():
            return value + 1
        case bytes():
            return value[:-1] + bytes([value[-1] ^ 1]) if value else b"?"
        case tuple():
            return (value[0] ^ 1, *value[1:])
        case str() if value.startswith("0x"):
            return checksum("0x" + "77" * 20)
        case _:
            return f"{value}?"


# -------------------------------------------------- the client around the audit


def test_the_manifest_is_compared_with_the_chain(played: Played, compiled: Compiled) -> None:
    w3, deployment = played.market.w3, played.market.deployment
    assert compare(w3, deployment) == []
    codes = {
        name: bytes.fromhex(compiled[name]["bytecode_runtime"][2:]) for name in deployment.contracts
    }
    assert list(codes) == ["LabelRounds", "Judge", "Multicall"]
    assert compare_code(w3, deployment, codes) == []
    for name in codes:
        (line,) = compare_code(w3, deployment, codes | {name: codes["Judge"] + b"\0"})
        assert f"the code of {name} at {deployment.contracts[name]} is not" in line
    wrong = replace(deployment, sink=deployment.judge, block=deployment.block + 1)
    assert len(compare(w3, wrong)) == 2
    wrong = replace(deployment, multicall=deployment.judge)
    assert f"Multicall at {deployment.judge} has code" in compare(w3, wrong)[0]
    assert compare(w3, replace(deployment, chain_id=1)) == [
        "the node is on chain 31337, the manifest on 1"
    ]
    report = audit(w3, replace(deployment, sink=deployment.judge))
    assert [difference.what for difference in report.differences] == ["deployment"]


def test_calls_that_cannot_work_are_refused_before_they_are_sent(played: Played) -> None:
    market = played.market
    rounds, ids = market.rounds, played.rounds
    past = history(played.events)[ids["revealing"]]
    entries = past.entries
    with pytest.raises(CallError, match="1 of 2 who revealed"):
        rounds.close(past.round_id, past.opened.tasks_root, entries[:1])
    with pytest.raises(CallError, match="not what was revealed"):
        rounds.close(past.round_id, past.opened.tasks_root, entries[::-1])
    with pytest.raises(CallError, match="some have revealed"):
        _conclude_all(market, past.round_id, played)
    with pytest.raises(ContractError, match="there is no round 99"):
        rounds.close(99, past.opened.tasks_root, ())
    with pytest.raises(Refused, match="close: not yet"):
        market.send("stranger", rounds.close(past.round_id, past.opened.tasks_root, entries))
    with pytest.raises(Refused, match="account: not enough free"):
        market.send("stranger", rounds.withdraw(ETHER, market.actor("stranger").address))


def _conclude_all(market: Market, round_id: int, played: Played) -> None:
    past = history(played.events)[round_id]
    openings = [Opening(event.labeler, event.sheet, event.salt) for event in past.reveals]
    market.rounds.conclude(round_id, past.opened.tasks_root, openings)


def test_events_come_in_ranges_that_shrink(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    w3, deployment = played.market.w3, played.market.deployment
    asked: list[int] = []
    get_logs = w3.eth.get_logs

    def grudging(wanted: dict[str, str]) -> object:
        width = int(wanted["toBlock"], 16) - int(wanted["fromBlock"], 16) + 1
        asked.append(width)
        if width > 7:
            raise ValueError("query returned more than 10000 results")
        return get_logs(wanted)  # type: ignore[arg-type]

    monkeypatch.setattr(w3.eth, "get_logs", grudging)
    assert fetch(w3, deployment) == played.events
    assert max(asked) > 7
    one = played.rounds["leak"]
    expected = [e for e in played.events if getattr(e, "round_id", None) == one]
    assert fetch(w3, deployment, round_id=one) == expected
