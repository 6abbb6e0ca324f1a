"""The seed of a draw: what proposers mixed into a block that was still to come.

The header of that block proves it. A node does not give the header as it is hashed, so it is put
together again from its fields, and compared with the hash.
"""

from typing import Any, Final

import rlp
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import BlockNotFound

from plumbline.chain.node_errors import NODE_ERRORS, no_answer
from plumbline.errors import PlumblineError

MAX_HEADER_BYTES: Final = 1_024

# In the order in which they are hashed; the later ones came with upgrades, one after the other.
_FIELDS: Final = (
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot"),
    *("logsBloom", "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData"),
    *("mixHash", "nonce"),
)
_UPGRADES: Final = (
    *("baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas"),
    *("parentBeaconBlockRoot", "requestsHash"),
)
_NUMBERS: Final = frozenset(
    {"difficulty", "number", "gasLimit", "gasUsed", "timestamp"}
    | {"baseFeePerGas", "blobGasUsed", "excessBlobGas"}
)


class SeedError(PlumblineError):
    """A block whose mix cannot be had, or cannot be proved."""


def seed_of(mix: bytes, chain_id: int, pool: str, draw_id: int) -> int:
    """The seed of a draw, 128 bits, from the mix in the header of its seed block."""
    types = ["bytes32", "uint256", "address", "uint256"]
    return int.from_bytes(keccak(encode(types, [mix, chain_id, pool, draw_id]))) >> 128


def header_of(w3: Web3, number: int) -> bytes:
    """The header of a block as it is hashed.

    Raises SeedError if the node does not give it, or it has fields that are not known here.
    """
    try:
        block: Any = w3.eth.get_block(number)
    except BlockNotFound:
        raise SeedError(f"the node does not have block {number}: wait for it") from None
    except NODE_ERRORS as error:
        raise SeedError(no_answer(error)) from None
    fields = [*_FIELDS, *(name for name in _UPGRADES if block.get(name) is not None)]
    if any(block.get(name) is None for name in _FIELDS):
        raise SeedError(f"the node leaves out fields of block {number}: ask another node")
    header: bytes = rlp.encode([_field(name, block[name]) for name in fields])
    if keccak(header) != bytes(HexBytes(block["hash"])):
        raise SeedError(
            f"the header of block {number} has fields that this version does not know, or the"
            " node lies: ask another node"
        )
    if len(header) > MAX_HEADER_BYTES:
        raise SeedError(
            f"the header of block {number} has {len(header)} bytes: no pool takes more than"
            f" {MAX_HEADER_BYTES}"
        )
    return header


def mix_of(header: bytes) -> bytes:
    """The mix in a header whose hash was compared, 32 bytes.

    Raises SeedError for one of a chain without a beacon.
    """
    fields = rlp.decode(header)
    difficulty, extra, mix = (fields[_FIELDS.index(name)] for name in _PROOF)
    if difficulty or len(extra) > _SHORT or not _is_random(mix):
        raise SeedError("this chain has no beacon: nothing can be drawn on it")
    return bytes(mix)


def has_beacon(w3: Web3) -> bool:
    """Whether the latest block has a mix as a seed needs it, so that seats can be drawn."""
    block: Any = w3.eth.get_block("latest")
    mix = bytes(HexBytes(block.get("mixHash") or b""))
    return not block.get("difficulty") and _is_random(mix)


def _is_random(mix: bytes) -> bool:
    return len(mix) == _WORD and int.from_bytes(mix) >> 128 > 0


_PROOF: Final = ("difficulty", "extraData", "mixHash")
_WORD: Final = 32  # bytes
_SHORT: Final = 55  # bytes of extra data, which proposers choose


def _field(name: str, value: Any) -> bytes:
    if name in _NUMBERS:
        number = int(value)
        return number.to_bytes((number.bit_length() + 7) // 8)
    return bytes(HexBytes(value))
