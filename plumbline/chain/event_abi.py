"""Events of any contract by its ABI: which they are, and what their logs say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode as encode_abi
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic

from plumbline.chain.decoding import decode
from plumbline.chain.logs import Log


@dataclass(frozen=True, slots=True)
class EventKind:
    """An event of an ABI: its first topic, and (name, type) of its inputs.

    The indexed ones are topics, the rest is encoded together.
    """

    name: str
    topic: bytes
    indexed: tuple[tuple[str, str], ...]
    plain: tuple[tuple[str, str], ...]

    def values(self, log: Log) -> Iterator[tuple[str, str, Any]]:
        """(name, type, value) of each input; addresses are in lower case.

        Raises ValueError or DecodingError for bytes that are not what the ABI says.
        """
        topics = log.topics[1:]
        if len(self.indexed) != len(topics):
            raise ValueError(f"{len(topics)} topics, not {len(self.indexed)}")
        for (name, of), topic in zip(self.indexed, topics, strict=True):
            (value,) = decode([of], topic)
            yield name, of, value
        values = decode([of for _, of in self.plain], log.data)
        for (name, of), value in zip(self.plain, values, strict=True):
            yield name, of, value

    def topics(self, values: Mapping[str, Any]) -> tuple[bytes, ...]:
        """The topics of a log with these values."""
        return self.topic, *(encode_abi([of], [values[name]]) for name, of in self.indexed)

    def data(self, values: Mapping[str, Any]) -> bytes:
        """The data of a log with these values."""
        return encode_abi([of for _, of in self.plain], [values[name] for name, _ in self.plain])


def event_kinds(abi: Sequence[Mapping[str, Any]]) -> Iterator[EventKind]:
    """All events of an ABI."""
    for entry in abi:
        if entry.get("type") == "event":
            inputs = entry["inputs"]
            yield EventKind(
                entry["name"],
                bytes(event_abi_to_log_topic(entry)),  # type: ignore[arg-type]
                tuple(_named(item) for item in inputs if item["indexed"]),
                tuple(_named(item) for item in inputs if not item["indexed"]),
            )


def _named(entry: Mapping[str, Any]) -> tuple[str, str]:
    return entry["name"], collapse_if_tuple(dict(entry))
