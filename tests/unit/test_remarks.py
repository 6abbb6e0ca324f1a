"""A round that cannot be told, or is odd, is named, and stops no other."""

from dataclasses import replace
from typing import Any

import pytest

from plumbline.audit import check_events
from plumbline.audit.wording import in_words
from plumbline.chain.builds import rounds_abi
from plumbline.chain.call import Receipt
from plumbline.chain.events import (
    Committed,
    Event,
    RoundOpened,
    Unreadable,
    decode,
    encode,
    logged_in,
)
from plumbline.chain.feed import FeedUpdate
from plumbline.history.remarks import remarks
from plumbline.history.rounds import HistoryError, history, history_of, rebuild
from plumbline.keeper.round_index import RoundIndex
from plumbline.protocol.manifest import uri_flaw
from plumbline.settlement.terms import MAX_TASKS
from plumbline.tables.rows import TablesError, rows_of
from plumbline.units import ETHER
from tests.unit.builders import DEPLOYED, DOMAIN, LABELERS, Chain, StagedRound, deployment, terms

A, B, C = LABELERS[:3]


@pytest.fixture
def chain() -> Chain:
    """Two rounds with the same people."""
    made = Chain()
    for _ in range(2):
        StagedRound(terms(), {A: None, B: None, C: None}, chain=made).commit()
    return made


def broken(events: list[Event], number: int, kind: type[Event]) -> list[Event]:
    """The first event of that kind in a round, as bytes that do not decode."""
    abi = rounds_abi()
    logs = [encode(event, abi) for event in events]
    at = next(
        place
        for place, event in enumerate(events)
        if isinstance(event, kind) and getattr(event, "round_id", None) == number
    )
    logs[at] = replace(logs[at], data=logs[at].data[:-1])
    return decode(logs, abi)


@pytest.mark.parametrize("kind", [RoundOpened, Committed])
def test_a_round_that_cannot_be_told_stops_no_other(chain: Chain, kind: type[Event]) -> None:
    events = broken(chain.events, 1, kind)
    assert sum(isinstance(event, Unreadable) for event in events) == 1
    assert history(events) == {2: history(chain.events)[2]}
    histories, unreadable = rebuild(events)
    (number, why), *others = unreadable.items()
    assert (number, others) == (1, [])
    assert f"is not a {kind.__name__}" in why
    (remark,) = remarks(histories.values(), unreadable)
    assert remark == f"round 1 cannot be told and is left out: {why}"
    with pytest.raises(HistoryError, match="round 1 cannot be told: log"):
        history_of(events, 1)
    assert history_of(events, 2).round_id == 2
    assert f"no {kind.__name__}" in "".join(in_words(event, ETHER) for event in events)


@pytest.mark.parametrize("kind", [RoundOpened, Committed])
def test_an_audit_names_the_round_and_why(chain: Chain, kind: type[Event]) -> None:
    found = check_events(broken(chain.events, 1, kind), DOMAIN)
    assert any(one.round_id == 1 and one.what == "bytes of an event" for one in found)
    assert not [one for one in found if one.round_id == 2], found


def test_no_table_leaves_out_a_round_without_a_word(chain: Chain) -> None:
    events = broken(chain.events, 1, Committed)
    openings = {event.round_id: event for event in events if isinstance(event, RoundOpened)}
    with pytest.raises(TablesError, match=r"of round 1, is not a Committed .*use another node"):
        rows_of(events, openings)


def test_a_keeper_is_told_of_it_and_of_its_end(chain: Chain) -> None:
    index = RoundIndex()
    events = broken(chain.events, 1, Committed)
    index.take(FeedUpdate(tuple(events), None, 200, 0))
    assert (list(index.rounds), list(index.unreadable)) == ([2], [1])
    # The chain takes it back, and has it whole in its place.
    first = next(event.block for event in events if isinstance(event, Unreadable))
    again = tuple(event for event in chain.events if event.block >= first)
    index.take(FeedUpdate(again, first, 200, 0))
    assert (sorted(index.rounds), list(index.unreadable)) == ([1, 2], [])


@pytest.mark.parametrize(
    "rules",
    [
        {"tasks": 2**255},
        {"tasks": 0},
        {"tasks": MAX_TASKS + 1},
        {"seats": 2**200},
        {"options": 17},
        {"options": 1},
        {"width": 2**64},
    ],
    ids=str,
)
def test_a_round_of_a_size_that_no_contract_opens_is_not_worked_out(
    chain: Chain, rules: dict[str, int]
) -> None:
    events = [
        replace(event, rules=replace(event.rules, **rules))
        if isinstance(event, RoundOpened) and event.round_id == 1
        else event
        for event in chain.events
    ]
    assert list(history(events)) == [2]
    assert "opens no round of such a size" in rebuild(events)[1][1]
    assert any(one.round_id == 1 for one in check_events(events, DOMAIN))


def test_a_deadline_that_no_calendar_has_is_none(chain: Chain) -> None:
    events = [
        replace(event, deadlines=replace(event.deadlines, reveal=2**40))
        if isinstance(event, RoundOpened) and event.round_id == 1
        else event
        for event in chain.events
    ]
    assert list(history(events)) == [2]


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("", None),
        ("https://example.org/a?b=%20#c", None),
        ("ipfs://tasks", None),
        ("\ufffd", "is not text in UTF-8"),
        ("a b", "holds what no address holds"),
        ("a\x00", "holds what no address holds"),
        ("\u202eb", "holds what no address holds"),
        ("\x7f", "holds what no address holds"),
    ],
)
def test_a_uri_that_leads_nowhere_is_said_to(uri: str, words: str | None) -> None:
    flaw = uri_flaw(uri)
    assert flaw is None if words is None else words in str(flaw)


def test_a_thousand_odd_rounds_are_two_lines() -> None:
    chain = Chain()
    for number in range(1_000):
        StagedRound(terms(), uri="\ufffd" if number % 2 else "a b", chain=chain)
    lines = remarks(history(chain.events).values(), {})
    assert len(lines) == 2
    assert all(len(line) < 200 and "and 488 more" in line for line in lines)


def test_what_other_contracts_log_in_a_transaction_is_left_out(chain: Chain) -> None:
    """As a token does where it is paid out, or one that says just what ours would."""
    log = encode(chain.events[1], rounds_abi())
    ours: dict[str, Any] = {
        "address": DEPLOYED.address,
        "blockNumber": log.block,
        "logIndex": log.index,
        "transactionHash": log.transaction,
        "topics": list(log.topics),
        "data": log.data,
    }
    other = "0x" + "11" * 20
    logs = ({**ours, "address": other}, ours, {**ours, "address": other, "topics": [b"\x01" * 32]})
    place = replace(deployment(), abi=rounds_abi())
    receipt = Receipt("0x" + "11" * 32, 5, 21_000, 7, logs)
    assert logged_in(receipt, place) == [chain.events[1]]
