"""What is read of a draw by the library: headers, events and packed words of anybody."""

from typing import Any

import pytest
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3.exceptions import BlockNotFound

from plumbline.chain.builds import seating_abi
from plumbline.chain.event_abi import event_kinds
from plumbline.chain.logs import EventsError, Log
from plumbline.seating.draw import PlannedDraw, fee
from plumbline.seating.events import Joined, decode
from plumbline.seating.packing import TERMS, draw_from, mask_of, rounds_from
from plumbline.seating.seed import SeedError, header_of, mix_of
from tests.world.draws import Header
from tests.world.draws import mix_of as some_mix

HEADER = Header(77, some_mix("header"))
_NAMES = (
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot"),
    *("logsBloom", "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData"),
    *("mixHash", "nonce", "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas"),
    *("parentBeaconBlockRoot", "requestsHash"),
)
WORD = HexBytes(bytes(32))


class Node:
    """Gives one block, or raises."""

    def __init__(self, answer: Any) -> None:
        self.eth, self.answer = self, answer

    def get_block(self, number: int) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def block_of(header: Header, **changes: Any) -> dict[str, Any]:
    """A block as a node gives it."""
    values = (
        *(WORD, WORD, "0x" + "00" * 20, WORD, WORD, WORD, HexBytes(bytes(256))),
        *(header.difficulty, header.number, 60_000_000, 21_000, 1_800_000_000),
        *(HexBytes(header.extra), HexBytes(header.mix), HexBytes(bytes(8))),
        *(7, WORD, 0, 0, WORD, WORD),
    )
    given = dict(zip(_NAMES, values, strict=True)) | {"hash": HexBytes(header.hash)}
    return {**given, **changes}


def test_a_header_is_put_together_from_its_fields() -> None:
    node: Any = Node(block_of(HEADER, transactions=[], size=1))
    assert header_of(node, 77) == HEADER.encoded
    assert mix_of(HEADER.encoded) == HEADER.mix


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (BlockNotFound("no"), "does not have block 77: wait for it"),
        (ConnectionError("down"), "node"),
        (block_of(HEADER, gasUsed=21_001), "does not know, or the node lies"),
        (block_of(HEADER, requestsHash=None), "does not know, or the node lies"),
        (block_of(HEADER, mixHash=None), "leaves out fields"),
        (block_of(HEADER, hash=HexBytes(bytes(32))), "does not know, or the node lies"),
    ],
)
def test_a_header_that_cannot_be_had_is_named(answer: Any, says: str) -> None:
    node: Any = Node(answer)
    with pytest.raises(SeedError, match=says):
        header_of(node, 77)


def test_a_header_that_no_pool_takes_is_named() -> None:
    long = Header(77, some_mix(1), extra=bytes(600))
    node: Any = Node(block_of(long))
    with pytest.raises(SeedError, match="no pool takes more than 1024"):
        header_of(node, 77)


@pytest.mark.parametrize(
    "fields",
    [{"difficulty": 2}, {"extra": bytes(56)}, {"mix": bytes(32)}, {"mix": b"\xff" * 31}],
)
def test_a_header_without_a_beacon_has_no_mix(fields: dict[str, Any]) -> None:
    header = Header(**{"number": 1, "mix": some_mix(1), **fields})
    with pytest.raises(SeedError, match="no beacon"):
        mix_of(header.encoded)


def test_rounds_and_their_mask_say_the_same() -> None:
    for rounds in ((5,), (5, 6), (5, 9, 132), tuple(range(7, 135))):
        assert rounds_from(rounds[0], mask_of(rounds)) == rounds


def test_the_words_of_a_draw_are_read_field_by_field() -> None:
    assert sum(TERMS.values()) <= 256
    word, place = 0, 0
    for number, width in enumerate(TERMS.values(), start=1):
        word += min(number, 2**width - 1) << place
        place += width
    draw = draw_from(3, word, 0b101 + (9 << 128))
    assert (draw.number, draw.rounds, draw.n, draw.frozen, draw.seed_block) == (3, (1, 3), 2, 3, 4)
    assert (draw.captured, draw.window, draw.seats, draw.layer) == (3 + 5, 6, 7, 8)
    assert (draw.standby, draw.is_liable, draw.seed) == (10, True, 9)
    assert draw_from(3, word - (5 << 154), 1).seed is None


def test_a_draw_without_a_seed_lists_nobody() -> None:
    draw = draw_from(1, 1 + (30 << 48) + (3 << 196) + (1 << 204), 1)
    for question in (
        lambda: draw.rank(1, 0),
        lambda: draw.unit_at(1, 0),
        lambda: draw.opens(0),
        draw.reported_from,
    ):
        with pytest.raises(ValueError, match="draw 1 has no seed yet"):
            question()


def test_a_rank_beyond_the_list_is_nobodys() -> None:
    draw = draw_from(1, 1 + (30 << 48) + (9 << 154) + (3 << 196) + (1 << 204), 1 + (5 << 128))
    assert draw.rank(1, draw.unit_at(1, 29)) == 29
    for rank in (-1, 30):
        with pytest.raises(ValueError, match=r"not in 0\.\.29"):
            draw.unit_at(1, rank)


@pytest.mark.parametrize(
    ("escrow", "owed"),
    [(0, 0), (1, 1), (100, 1), (101, 2), (10**18, 10**16), (10**18 + 1, 10**16 + 1)],
)
def test_a_fee_is_a_hundredth_rounded_up(escrow: int, owed: int) -> None:
    assert fee(escrow) == owed


@pytest.mark.parametrize(
    ("rounds", "load", "layer", "needed"),
    [(1, 1, 1, 24), (5, 1, 5, 120), (5, 2, 3, 72), (5, 5, 1, 24)],
)
def test_a_pool_has_to_have_three_times_the_seats_of_a_layer(
    rounds: int, load: int, layer: int, needed: int
) -> None:
    planned = PlannedDraw(tuple(range(rounds)), 8, load)
    assert (planned.layer, planned.needed) == (layer, needed)


def _log(topics: tuple[bytes, ...], data: bytes = b"") -> Log:
    return Log(9, 2, b"\x01" * 32, topics, data)


def test_logs_that_no_pool_makes_are_refused_with_their_place() -> None:
    kinds = {kind.name: kind for kind in event_kinds(seating_abi("SeatDraw"))}
    joined, word = kinds["Joined"].topic, bytes(32)
    for log in (
        _log(()),
        _log((keccak(text="Other()"),)),
        _log((joined,), word),
        _log((joined, word, word, word), b""),
        _log((joined, word, word, word), bytes(31)),
        _log((joined, b"\xff" * 32, word, word), word),
    ):
        with pytest.raises(EventsError, match="log 2 of block 9 is not an event of a pool"):
            decode([log])
    (event,) = decode([_log((joined, word, (5).to_bytes(32), word), (7).to_bytes(32))])
    assert isinstance(event, Joined)
    assert (event.unit, event.epoch, event.block) == (5, 7, 9)
