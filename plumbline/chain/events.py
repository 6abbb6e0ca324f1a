"""The events of LabelRounds, as records, in the order of the chain.

They suffice to rebuild every balance, so everything that looks back starts here. Amounts are in
wei (or the smallest unit of the ERC-20), hashes and salts are bytes, addresses have their
checksum. Text is what strangers wrote: it may hold any letter, and U+FFFD for what is no UTF-8.

An event of a round that does not decode is `Unreadable`, and concerns nobody but that round.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, is_dataclass
from typing import Any, Final

from eth_abi.exceptions import DecodingError
from web3 import Web3

from plumbline.chain.call import Receipt
from plumbline.chain.deployment import Deployment
from plumbline.chain.event_abi import EventKind, event_kinds
from plumbline.chain.logs import EventsError, Log, log_of, read_logs
from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.chain.records import Deadlines, Verdict, rules_from, verdict_from
from plumbline.chain.reverts import revert_reason
from plumbline.progress import Progress, no_progress
from plumbline.protocol.addresses import checksum
from plumbline.protocol.outcomes import Outcome, from_word, to_word
from plumbline.settlement.sheet import Sheet
from plumbline.settlement.terms import ScoringTerms

__all__ = [
    "CommitRefused",
    "Committed",
    "Deposited",
    "Event",
    "EventsError",
    "Forfeited",
    "GoldOpened",
    "LabelerEvent",
    "LeakReported",
    "Released",
    "RevealRefused",
    "Revealed",
    "RoundClosed",
    "RoundEvent",
    "RoundExpired",
    "RoundOpened",
    "Swept",
    "Unreadable",
    "Withdrawn",
    "decode",
    "encode",
    "fetch",
    "logged_in",
    "of_round",
]

_WORD: Final = 32  # bytes of a topic


@dataclass(frozen=True, slots=True)
class Event:
    """Where an event is: block number, index in the block, hash of the transaction."""

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
    """`amount` left `account` for `receiver`, less the `fee` credited to whoever relayed it."""

    account: str
    receiver: str
    amount: int
    fee: int
    relayer: str


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
    """A relayed commitment was skipped; nothing changed."""

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
class GoldOpened(RoundEvent):
    """The gold answers were opened; they are a sheet."""

    salt: bytes
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class RoundClosed(RoundEvent):
    """A round was judged; `to_sink` are the slashes of those who revealed, and forfeit pay.

    `outcomes` are of all who revealed, in that order.
    """

    verdict: Verdict
    outcomes: tuple[Outcome, ...]
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


@dataclass(frozen=True, slots=True)
class Unreadable(RoundEvent):
    """A log of that kind of event, whose bytes are not what the ABI says.

    The contract of this version logs none; a round that has one cannot be told.
    """

    kind: str
    reason: str


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
}


def decode(
    logs: Iterable[Log | Mapping[str, Any]],
    abi: Sequence[Mapping[str, Any]],
    progress: Progress = no_progress,
) -> list[Event]:
    """Logs of the contract as events, in the order of the chain.

    `logs` are in any order, maybe as a node or web3 gives them; `abi` is the contract's. Raises
    EventsError for a log that is not in the ABI, or of no round and not what the ABI says.
    """
    kinds = {kind.topic: kind for kind in event_kinds(abi)}
    parsed = [log if isinstance(log, Log) else log_of(log) for log in logs]
    events = []
    for number, log in enumerate(parsed, 1):
        events.append(_decode(log, kinds))
        progress("events decoded", number, len(parsed))
    return sorted(events, key=lambda event: (event.block, event.log_index))


def encode(event: Event, abi: Sequence[Mapping[str, Any]]) -> Log:
    """The log that `decode` makes this event of."""
    (kind,) = [kind for kind in event_kinds(abi) if kind.name == type(event).__name__]
    names = (name for name, _ in (*kind.indexed, *kind.plain))
    values = {name: _unfold(_of(event, name)) for name in names}
    place = (event.block, event.log_index, event.transaction)
    return Log(*place, kind.topics(values), kind.data(values))


def fetch(
    w3: Web3,
    deployment: Deployment,
    from_block: int | None = None,
    to_block: int | None = None,
    round_id: int | None = None,
) -> list[Event]:
    """All events from `from_block` (or the deployment) to `to_block` (or the latest), included.

    With `round_id` only those of that round. Blocks are asked for in ranges that halve when the
    node refuses. Raises EventsError if it refuses a single block or does not answer.
    """
    try:
        last = w3.eth.block_number if to_block is None else to_block
    except NODE_ERRORS as error:
        raise EventsError(
            f"the node cannot be asked ({revert_reason(error)}): check its address"
        ) from None
    first = deployment.block if from_block is None else max(from_block, deployment.block)
    topics = None if round_id is None else _topics(round_id, deployment.abi)
    return decode(read_logs(w3, deployment.address, first, last, topics), deployment.abi)


def logged_in(receipt: Receipt, deployment: Deployment) -> list[Event]:
    """What the contract logged in a transaction; other contracts may have logged there too."""
    own = (log for log in receipt.logs if checksum(log["address"]) == deployment.address)
    return decode(own, deployment.abi)


def of_round(events: Iterable[Event], round_id: int) -> list[Event]:
    """Those of one round, in the same order."""
    return [
        event for event in events if isinstance(event, RoundEvent) and event.round_id == round_id
    ]


def _is_of_round(kind: EventKind) -> bool:
    """Whether its first topic is the number of a round."""
    return kind.indexed[:1] == (("round_id", "uint256"),)


def _topics(round_id: int, abi: Sequence[Mapping[str, Any]]) -> list[Any]:
    """What a node has to look for: any event of a round, whose first topic is its number."""
    kinds = ["0x" + kind.topic.hex() for kind in event_kinds(abi) if _is_of_round(kind)]
    return [kinds, f"0x{round_id:064x}"]


def _decode(log: Log, kinds: Mapping[bytes, EventKind]) -> Event:
    where = f"log {log.index} of block {log.block}"
    kind = kinds.get(log.topics[0]) if log.topics else None
    if kind is None:
        raise EventsError(f"{where} is not an event of the manifest's ABI: check the manifest")
    record = _RECORDS.get(kind.name)
    if record is None:
        raise EventsError(f"{where} is a {kind.name}, which this version does not know: update")
    try:
        fields = {name: _field(name, of, value) for name, of, value in kind.values(log)}
        if record is RoundClosed:
            words = zip(fields.pop("labelers"), fields.pop("rulings"), strict=True)
            fields["outcomes"] = tuple(from_word(labeler, word) for labeler, word in words)
        return record(log.block, log.index, log.transaction, **fields)
    except (DecodingError, ValueError, TypeError) as error:
        round_id = _round_of(kind, log)
        if round_id is None:
            raise EventsError(
                f"{where} is not a {kind.name} ({error}): check the manifest"
            ) from None
        return Unreadable(log.block, log.index, log.transaction, round_id, kind.name, str(error))


def _round_of(kind: EventKind, log: Log) -> int | None:
    """The round that a log names in its first topic; None if it names none."""
    is_named = _is_of_round(kind) and len(log.topics) > 1 and len(log.topics[1]) == _WORD
    return int.from_bytes(log.topics[1]) if is_named else None


def _of(event: Event, name: str) -> Any:
    """What the ABI calls by that name: of outcomes it has two columns."""
    if isinstance(event, RoundClosed) and name == "labelers":
        return [outcome.labeler for outcome in event.outcomes]
    if isinstance(event, RoundClosed) and name == "rulings":
        return [to_word(outcome) for outcome in event.outcomes]
    return getattr(event, name)


def _field(name: str, of: str, value: Any) -> Any:
    if of == "address":
        return checksum(value)
    if of == "address[]":
        return [checksum(address) for address in value]
    return _FIELDS[name](value) if name in _FIELDS else value


def _unfold(value: Any) -> Any:
    """A record as the ABI has it."""
    return astuple(value) if is_dataclass(value) and not isinstance(value, type) else value
