"""Logs become records that say just what the ABI says."""

from dataclasses import fields
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.chain import events
from plumbline.chain.events import (
    Event,
    EventsError,
    RoundClosed,
    RoundOpened,
    Unreadable,
    decode,
    of_round,
)
from plumbline.chain.records import Deadlines, Verdict, rules_tuple, verdict_tuple
from plumbline.protocol.addresses import checksum
from plumbline.protocol.outcomes import Outcome
from plumbline.settlement import Band
from plumbline.settlement.terms import Kind
from tests.build import compiled_contracts

Abi = list[dict[str, Any]]


@pytest.fixture(scope="module")
def abi(pytestconfig: pytest.Config) -> Abi:
    found: Abi = compiled_contracts(pytestconfig)["LabelRounds"]["abi"]
    return found


def events_of(abi: Abi) -> Abi:
    return [entry for entry in abi if entry["type"] == "event"]


def test_every_event_of_the_contract_has_a_record_with_the_same_fields(abi: Abi) -> None:
    position = {field.name for field in fields(Event)}
    for entry in events_of(abi):
        record = getattr(events, entry["name"])
        names = {field.name for field in fields(record)} - position
        columns = {"labelers", "rulings"} if "outcomes" in names else set()
        assert names - {"outcomes"} | columns == {item["name"] for item in entry["inputs"]}


words_of_outcomes = st.builds(
    lambda band, kappa, pay, slash: band + kappa * 2**8 + pay * 2**32 + slash * 2**120,
    st.integers(0, 4),
    st.integers(0, 10**6),
    st.integers(0, 2**88 - 1),
    st.integers(0, 2**88 - 1),
)

values = {
    "uint256": st.integers(0, 2**256 - 1),
    "address": st.binary(min_size=20, max_size=20).map(lambda raw: checksum("0x" + raw.hex())),
    "bytes32": st.binary(min_size=32, max_size=32),
    "bytes": st.binary(max_size=256),
    "string": st.text(max_size=32),
    "address[]": st.just(("0x" + "33" * 20, "0x" + "44" * 20)),
    "uint256[]": st.lists(words_of_outcomes, min_size=2, max_size=2),
    "uint256[4]": st.lists(st.integers(0, 2**256 - 1), min_size=4, max_size=4).map(tuple),
    "uint256[5]": st.lists(st.integers(0, 2**256 - 1), min_size=5, max_size=5).map(tuple),
}


def value_of(item: dict[str, Any]) -> st.SearchStrategy[Any]:
    if item["name"] in ("kind", "band"):
        return st.integers(0, 1)
    if item["type"] == "tuple":
        return st.tuples(*[value_of(part) for part in item["components"]])
    return values[item["type"]]


def log_of(entry: dict[str, Any], given_values: dict[str, Any]) -> dict[str, Any]:
    """A log as a node gives it."""
    indexed = [item for item in entry["inputs"] if item["indexed"]]
    plain = [item for item in entry["inputs"] if not item["indexed"]]
    return {
        "address": "0x" + "11" * 20,
        "topics": [
            event_abi_to_log_topic(entry),  # type: ignore[arg-type]
            *[encode([item["type"]], [given_values[item["name"]]]) for item in indexed],
        ],
        "data": encode(
            [collapse_if_tuple(item) for item in plain],
            [given_values[item["name"]] for item in plain],
        ),
        "blockNumber": 5,
        "logIndex": 3,
        "transactionHash": b"\x22" * 32,
    }


def column(event: Any, name: str) -> Any:
    """A field, or what the ABI has in its place: of outcomes it has labelers and rulings."""
    if name == "labelers":
        return tuple(one.labeler for one in event.outcomes)
    if name == "rulings":
        return [
            one.band + one.kappa * 2**8 + one.pay * 2**32 + one.slash * 2**120
            for one in event.outcomes
        ]
    return getattr(event, name)


def plain(value: Any) -> Any:
    """A decoded field in the form it was encoded from."""
    if isinstance(value, Verdict):
        return verdict_tuple(value)
    if isinstance(value, Deadlines):
        return (value.commit, value.reveal, value.gold)
    if isinstance(value, Kind | Band):
        return int(value)
    return rules_tuple(value) if hasattr(value, "tau_bps") else value


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_decoding_gives_back_what_was_logged(abi: Abi, data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(events_of(abi)), label="event")
    logged = {item["name"]: data.draw(value_of(item)) for item in entry["inputs"]}
    (event,) = decode([log_of(entry, logged)], abi)
    assert type(event).__name__ == entry["name"]
    assert (event.block, event.log_index, event.transaction) == (5, 3, b"\x22" * 32)
    for name, value in logged.items():
        found = column(event, name)
        assert plain(found) == value
        if isinstance(value, bytes):
            assert type(found) is bytes


def sample(abi: Abi, name: str, **changes: Any) -> dict[str, Any]:
    """A log of that event with every number 1, or the given fields, or place."""
    (entry,) = [entry for entry in events_of(abi) if entry["name"] == name]
    ones: dict[str, Any] = {
        "uint256": 1,
        "address": "0x" + "33" * 20,
        "bytes32": b"\x44" * 32,
        "bytes": b"",
        "string": "",
        "address[]": ["0x" + "33" * 20],
        "uint256[]": [3 + 2**8 + 2**32 + 2**120],
        "uint256[4]": (1, 2, 3, 4),
        "uint256[5]": (1, 2, 3, 4, 5),
    }

    def one(item: dict[str, Any]) -> Any:
        if item["type"] == "tuple":
            return tuple(one(part) for part in item["components"])
        return ones[item["type"]]

    logged = {item["name"]: one(item) for item in entry["inputs"]}
    logged |= {name: changes.pop(name) for name in logged.keys() & changes.keys()}
    return {**log_of(entry, logged), **changes}


@pytest.mark.parametrize("labelers, words", [(1, [5]), (1, [3 + 2**208]), (2, [3]), (0, [3])])
def test_outcomes_that_are_none_cost_their_round(abi: Abi, labelers: int, words: list[int]) -> None:
    log = sample(abi, "RoundClosed", labelers=["0x" + "33" * 20] * labelers, rulings=words)
    (event,) = decode([log], abi)
    assert isinstance(event, Unreadable)
    assert (event.round_id, event.kind) == (1, "RoundClosed")


def test_events_are_in_the_order_of_the_chain(abi: Abi) -> None:
    places = [(7, 0), (5, 9), (5, 10), (6, 2)]
    logs = [sample(abi, "Swept", blockNumber=block, logIndex=index) for block, index in places]
    assert [(event.block, event.log_index) for event in decode(logs, abi)] == sorted(places)


def test_structs_become_records(abi: Abi) -> None:
    opened, closed = decode(
        [
            sample(abi, "RoundOpened"),
            sample(abi, "RoundClosed", blockNumber=6),
        ],
        abi,
    )
    assert isinstance(opened, RoundOpened)
    assert opened.rules.kind is Kind.ORDINAL
    assert opened.deadlines == Deadlines(1, 1, 1)
    assert isinstance(closed, RoundClosed)
    assert closed.verdict == Verdict(1, 1, 1, 1, 1, 1, (1, 2, 3, 4))
    assert closed.outcomes == (Outcome(checksum("0x" + "33" * 20), Band.NEAR, 1, 1, 1),)


def test_logs_in_hex_are_read_too(abi: Abi) -> None:
    """As JSON-RPC has them, before web3 makes anything of them."""
    log = sample(abi, "Forfeited")
    raw = {
        **log,
        "topics": ["0x" + topic.hex() for topic in log["topics"]],
        "data": "0x" + log["data"].hex(),
        "blockNumber": "0x5",
        "logIndex": "0x3",
        "transactionHash": "0x" + "22" * 32,
    }
    assert decode([raw], abi) == decode([log], abi)


def test_of_round_leaves_out_all_others(abi: Abi) -> None:
    told = decode([sample(abi, "Forfeited"), sample(abi, "Swept", logIndex=4)], abi)
    assert of_round(told, 1) == told[:1]
    assert of_round(told, 2) == []


def test_logs_of_anything_else_are_refused(abi: Abi) -> None:
    with pytest.raises(EventsError, match="not an event of the manifest's ABI"):
        decode([sample(abi, "Swept", topics=[b"\x01" * 32])], abi)
    with pytest.raises(EventsError, match="not an event of the manifest's ABI"):
        decode([sample(abi, "Swept", topics=[])], abi)
    with pytest.raises(EventsError, match="is not a Withdrawn"):
        decode([sample(abi, "Withdrawn", data=b"\x01")], abi)
    renamed = [{**entry, "name": "Unheard"} for entry in events_of(abi)]
    log = sample(abi, "Swept")
    log["topics"] = [event_abi_to_log_topic({**renamed[2], "name": "Unheard"})]  # type: ignore[typeddict-item]
    with pytest.raises(EventsError, match="does not know"):
        decode([log], renamed[2:3])
