"""The events of LabelRounds, as records, in the order of the chain.

They suffice to rebuild every balance, so everything that looks back starts here. Amounts are in
wei (or the smallest unit of the ERC-20), hashes and salts are bytes, addresses have their
checksum.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from eth_abi.abi import decode as decode_abi
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic
from eth_utils.address import to_checksum_address
from web3 import Web3
from web3.types import FilterParams

from plumbline.addresses import checksum
from plumbline.deployment import Deployment
from plumbline.errors import PlumblineError
from plumbline.nodes import NODE_ERRORS, UNREACHABLE
from plumbline.reverts import revert_reason
from plumbline.settlement import Band
from plumbline.sheet import Sheet
from plumbline.terms import ScoringTerms
from plumbline.views import Deadlines, Verdict, rules_from, verdict_from

WIDEST: Final = 10_000  # blocks asked for at once: what most nodes grant


class EventsError(PlumblineError):
    """Events that cannot be had, or are not those of LabelRounds."""


@dataclass(frozen=True, slots=True)
class Event:
    """Where an event stands: block number, place in the block, hash of the transaction."""

    block: int
    log_index: int
    transaction: bytes


@dataclass(frozen=True, slots=True)
class RoundEvent(Event):
    """An event of one round."""

    round_id: int


@dataclass(frozen=True, slots=True)
class LabelerEvent(RoundEvent):
    """An event of one labeler in one round."""

    labeler: str


@dataclass(frozen=True, slots=True)
class Deposited(Event):
    """`payer` added to the free balance of `account`."""

    account: str
    payer: str
    amount: int


@dataclass(frozen=True, slots=True)
class Withdrawn(Event):
    """`account` paid out free balance to `receiver`."""

    account: str
    receiver: str
    amount: int


@dataclass(frozen=True, slots=True)
class Swept(Event):
    """The sink collected."""

    amount: int


@dataclass(frozen=True, slots=True)
class RoundOpened(RoundEvent):
    """A round began; price * seats of the requester are in escrow."""

    requester: str
    rules: ScoringTerms
    deadlines: Deadlines
    tasks_root: bytes
    gold_root: bytes
    admission: str
    uri: str


@dataclass(frozen=True, slots=True)
class Committed(LabelerEvent):
    """A seat was taken and the stake locked."""

    commitment: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class CommitRefused(LabelerEvent):
    """A carried commitment was skipped; nothing changed."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeakReported(LabelerEvent):
    """A labeler's answers were shown too early: out, slashed, part of it to the reporter."""

    reporter: str
    salt: bytes
    sheet: Sheet
    slash: int
    bounty: int


@dataclass(frozen=True, slots=True)
class Revealed(LabelerEvent):
    """A commitment was opened; the labeler is next on the roll."""

    salt: bytes
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class RevealRefused(LabelerEvent):
    """An opening was skipped; nothing changed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Settled(LabelerEvent):
    """What became of a labeler; `kappa` in ppm."""

    band: Band
    kappa: int
    pay: int
    slash: int


@dataclass(frozen=True, slots=True)
class GoldOpened(RoundEvent):
    """The golds, as a sheet."""

    salt: bytes
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class RoundClosed(RoundEvent):
    """A round was judged; `to_sink` are the slashes of those who revealed, and forfeit pay."""

    verdict: Verdict
    paid: int
    refund: int
    to_sink: int


@dataclass(frozen=True, slots=True)
class Forfeited(LabelerEvent):
    """A seat that was never revealed was slashed; the rest of the stake is free."""

    slash: int


@dataclass(frozen=True, slots=True)
class Released(LabelerEvent):
    """A stake came back from a round that expired."""

    stake: int


@dataclass(frozen=True, slots=True)
class RoundExpired(RoundEvent):
    """A round was unwound; the whole escrow went back."""

    refund: int


def _sheet(values: Sequence[int]) -> Sheet:
    answered, digit0, digit1, digit2, digit3 = values
    return answered, digit0, digit1, digit2, digit3


def _deadlines(values: Sequence[int]) -> Deadlines:
    commit, reveal, gold = values
    return Deadlines(commit, reveal, gold)


_RECORDS: Final[Mapping[str, type[Event]]] = {
    record.__name__: record
    for record in (
        Deposited,
        Withdrawn,
        Swept,
        RoundOpened,
        Committed,
        CommitRefused,
        LeakReported,
        Revealed,
        RevealRefused,
        Settled,
        GoldOpened,
        RoundClosed,
        Forfeited,
        Released,
        RoundExpired,
    )
}

# What is not an amount, an address, a text or bytes already.
_FIELDS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "rules": rules_from,
    "deadlines": _deadlines,
    "verdict": verdict_from,
    "sheet": _sheet,
    "band": Band,
}


def decode(logs: Iterable[Mapping[str, Any]], abi: Sequence[Mapping[str, Any]]) -> list[Event]:
    """Logs of the contract as events, in the order of the chain.

    `logs` are as a node or web3 gives them, in any order; `abi` is the contract's. Raises
    EventsError for a log that the ABI does not explain.
    """
    kinds = {event_abi_to_log_topic(entry): entry for entry in _events_of(abi)}  # type: ignore[arg-type]
    events = [_decode(log, kinds) for log in logs]
    return sorted(events, key=lambda event: (event.block, event.log_index))


def fetch(
    w3: Web3,
    deployment: Deployment,
    from_block: int | None = None,
    to_block: int | None = None,
    round_id: int | None = None,
) -> list[Event]:
    """All events from `from_block` (or the deployment) to `to_block` (or the latest), included.

    With `round_id` only those of that round. Blocks are asked for in ranges that halve when the
    node refuses. Raises EventsError if it refuses a single block or cannot be reached.
    """
    try:
        last = w3.eth.block_number if to_block is None else to_block
    except NODE_ERRORS as error:
        raise EventsError(
            f"the node cannot be asked ({revert_reason(error)}): check its address"
        ) from None
    first = deployment.block if from_block is None else max(from_block, deployment.block)
    wanted: FilterParams = {"address": checksum(deployment.address)}
    if round_id is not None:
        wanted["topics"] = _topics(round_id, deployment.abi)
    logs: list[Mapping[str, Any]] = []
    for chunk in _ranges(w3, wanted, first, last):
        logs.extend(chunk)
    return decode(logs, deployment.abi)


def of_round(events: Iterable[Event], round_id: int) -> list[Event]:
    """Those of one round, in the same order."""
    return [
        event for event in events if isinstance(event, RoundEvent) and event.round_id == round_id
    ]


def _topics(round_id: int, abi: Sequence[Mapping[str, Any]]) -> list[Any]:
    """What a node has to look for: any event of a round, whose first topic is its number."""
    kinds = [
        "0x" + event_abi_to_log_topic(entry).hex()  # type: ignore[arg-type]
        for entry in _events_of(abi)
        if entry["inputs"] and entry["inputs"][0]["name"] == "round_id"
    ]
    return [kinds, f"0x{round_id:064x}"]


def _ranges(
    w3: Web3, wanted: FilterParams, first: int, last: int
) -> Iterator[list[Mapping[str, Any]]]:
    """The logs from block `first` to `last`, in as many answers as the node makes of them."""
    width = WIDEST
    while first <= last:
        upper = min(first + width - 1, last)
        part: FilterParams = {**wanted, "fromBlock": _number(first), "toBlock": _number(upper)}
        try:
            logs = list(w3.eth.get_logs(part))
        except UNREACHABLE as error:
            # Asking for less does not help.
            raise EventsError(
                f"the node cannot be reached ({revert_reason(error)}): try again"
            ) from None
        except NODE_ERRORS as error:
            if upper == first:
                raise EventsError(
                    f"the node gives no events of block {first} ({revert_reason(error)}):"
                    " use another node"
                ) from None
            width = (upper - first + 1) // 2
            continue
        yield list(logs)
        first = upper + 1
        width = min(width * 2, WIDEST)


def _number(block: int) -> Any:
    return hex(block)


def _decode(log: Mapping[str, Any], kinds: Mapping[bytes, Mapping[str, Any]]) -> Event:
    topics = [_bytes(topic) for topic in log["topics"]]
    where = f"log {_whole(log['logIndex'])} of block {_whole(log['blockNumber'])}"
    kind = kinds.get(topics[0]) if topics else None
    if kind is None:
        raise EventsError(f"{where} is no event of the manifest's ABI: check the manifest")
    record = _RECORDS.get(kind["name"])
    if record is None:
        raise EventsError(f"{where} is a {kind['name']}, which this version does not know: update")
    try:
        values = _values(kind["inputs"], topics[1:], _bytes(log["data"]))
        fields = {name: _field(name, value) for name, value in values}
        return record(
            _whole(log["blockNumber"]),
            _whole(log["logIndex"]),
            _bytes(log["transactionHash"]),
            **fields,
        )
    except (DecodingError, ValueError, TypeError) as error:
        raise EventsError(f"{where} is no {kind['name']} ({error}): check the manifest") from None


def _values(
    inputs: Sequence[Mapping[str, Any]], topics: Sequence[bytes], data: bytes
) -> Iterator[tuple[str, Any]]:
    """(name, value) of each input: the indexed ones are topics, the rest is encoded together."""
    indexed = [entry for entry in inputs if entry["indexed"]]
    plain = [entry for entry in inputs if not entry["indexed"]]
    if len(indexed) != len(topics):
        raise ValueError(f"{len(topics)} topics, not {len(indexed)}")
    for entry, topic in zip(indexed, topics, strict=True):
        (value,) = decode_abi([_type(entry)], topic)
        yield entry["name"], _with_checksum(entry, value)
    values = decode_abi([_type(entry) for entry in plain], data)
    for entry, value in zip(plain, values, strict=True):
        yield entry["name"], _with_checksum(entry, value)


def _type(entry: Mapping[str, Any]) -> str:
    return collapse_if_tuple(dict(entry))


def _with_checksum(entry: Mapping[str, Any], value: Any) -> Any:
    return to_checksum_address(value) if entry["type"] == "address" else value


def _field(name: str, value: Any) -> Any:
    return _FIELDS[name](value) if name in _FIELDS else value


def _events_of(abi: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [entry for entry in abi if entry.get("type") == "event"]


def _bytes(value: Any) -> bytes:
    return bytes.fromhex(value.removeprefix("0x")) if isinstance(value, str) else bytes(value)


def _whole(value: Any) -> int:
    return int(value, 16) if isinstance(value, str) else int(value)
