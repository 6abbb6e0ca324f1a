"""What people commit to and sign: the hashes of the contract, computed off chain.

Every preimage starts with the hash of a type string and with the EIP-712 domain separator of
one deployment, so that no hash for one round, chain, contract or purpose is worth anything
in another.

    commitment   keccak(type, domain, round, labeler, sheet, salt)        one seat
    gold root    keccak(type, domain, requester, sheet, salt)             the gold answers
    consent      EIP-712 `Commit` with the commitment and the stake       signed by the labeler
    roll         keccak(roll, labeler, sheet), from zero                  all that was revealed
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.base import BaseAccount
from eth_keys.constants import SECPK1_N
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError

from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import checksum
from plumbline.protocol.limits import MAX_SEALED_BYTES
from plumbline.protocol.typed_data import Deployed, typed_data
from plumbline.settlement.sheet import SHEET_PLANES, Sheet

EMPTY_SHEET: Final[Sheet] = (0, 0, 0, 0, 0)
EMPTY_HASH: Final = bytes(32)
LEAKED: Final = bytes(31) + b"\x01"  # what the contract keeps in the seat of a leaked sheet

_COMMITMENT_TYPE: Final = keccak(
    text="PlumblineCommitment(bytes32 domain,uint256 round,address labeler,"
    "uint256[5] sheet,bytes32 salt)"
)
_GOLD_TYPE: Final = keccak(
    text="PlumblineGold(bytes32 domain,address requester,uint256[5] sheet,bytes32 salt)"
)
_CONSENT_FIELDS: Final = (
    ("round", "uint256"),
    ("labeler", "address"),
    ("stake", "uint256"),
    ("commitment", "bytes32"),
    ("sealed", "bytes"),
)
_PARITY: Final = 1 << 255
_WORD: Final = 1 << 256


class CommitmentError(PlumblineError):
    """Values that cannot be hashed or signed the way the contract does."""


@dataclass(frozen=True, slots=True)
class SignedCommitment:
    """A commitment with the labeler's consent, ready to be relayed by anyone.

    `r` (32 bytes) and `vs` are the compact signature of EIP-2098; `sealed` is at most 192
    bytes; `evidence` is what the round's policy wants to see, at most 20 words of 32 bytes.
    """

    labeler: str
    commitment: bytes
    r: bytes
    vs: int
    sealed: bytes = b""
    evidence: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class RollEntry:
    """A labeler and the answers revealed, as `close` and `expire` are handed them again."""

    labeler: str
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a commitment: the labeler, the answers, and the salt of 32 bytes."""

    labeler: str
    sheet: Sheet
    salt: bytes


def new_salt() -> bytes:
    """32 secret random bytes. Without them a commitment cannot be opened: keep them first."""
    return secrets.token_bytes(32)


def commitment(
    domain: bytes, round_id: int, labeler: str, sheet: Sequence[int], salt: bytes
) -> bytes:
    """The commitment of a labeler to a sheet, 32 bytes. Raises CommitmentError."""
    require_word("domain", domain)
    require_word("salt", salt)
    require_planes(sheet)
    _require_count("round", round_id)
    types = ["bytes32", "bytes32", "uint256", "address", "uint256[5]", "bytes32"]
    values = [_COMMITMENT_TYPE, domain, round_id, checksum(labeler), list(sheet), salt]
    return keccak(encode(types, values))


def gold_root(domain: bytes, requester: str, sheet: Sequence[int], salt: bytes) -> bytes:
    """The commitment of a requester to gold answers, 32 bytes. Raises CommitmentError.

    It is computed before the round has a number, so it binds the requester instead.
    """
    require_word("domain", domain)
    require_word("salt", salt)
    require_planes(sheet)
    types = ["bytes32", "bytes32", "address", "uint256[5]", "bytes32"]
    return keccak(encode(types, [_GOLD_TYPE, domain, checksum(requester), list(sheet), salt]))


def extend_roll(roll: bytes, labeler: str, sheet: Sequence[int]) -> bytes:
    """The roll with one more labeler on it, 32 bytes."""
    require_word("roll", roll)
    require_planes(sheet)
    return keccak(encode(["bytes32", "address", "uint256[5]"], [roll, checksum(labeler), sheet]))


def roll_of(tasks_root: bytes, entries: Iterable[tuple[str, Sequence[int]]]) -> bytes:
    """The roll of (labeler, sheet) in the order of revelation, 32 bytes.

    It begins with the root of the tasks.
    """
    roll = tasks_root
    for labeler, sheet in entries:
        roll = extend_roll(roll, labeler, sheet)
    return roll


def consent_typed_data(
    deployed: Deployed,
    round_id: int,
    labeler: str,
    stake: int,
    commitment: bytes,
    sealed: bytes = b"",
) -> dict[str, Any]:
    """The EIP-712 message as wallets take it (`eth_signTypedData_v4`), ready for JSON.

    `stake` is in wei; numbers are decimal strings, since a wallet reads JSON numbers as doubles.
    Raises CommitmentError.
    """
    require_word("commitment", commitment)
    _require_count("stake", stake)
    _require_count("round", round_id)
    require_sealed(sealed)
    message = {
        "round": str(round_id),
        "labeler": checksum(labeler),
        "stake": str(stake),
        "commitment": "0x" + commitment.hex(),
        "sealed": "0x" + sealed.hex(),
    }
    return typed_data(deployed, "Commit", _CONSENT_FIELDS, message)


def consent_message(
    deployed: Deployed,
    round_id: int,
    labeler: str,
    stake: int,
    commitment: bytes,
    sealed: bytes = b"",
) -> SignableMessage:
    """What a labeler signs to let others relay the commitment; `stake` in wei.

    Raises CommitmentError.
    """
    data = consent_typed_data(deployed, round_id, labeler, stake, commitment, sealed)
    # Integers for the encoder: it is only JSON that cannot hold them.
    data["message"]["round"] = round_id
    data["message"]["stake"] = stake
    data["message"]["commitment"] = commitment
    data["message"]["sealed"] = sealed
    return encode_typed_data(full_message=data)


def sign(
    account: BaseAccount,
    deployed: Deployed,
    round_id: int,
    stake: int,
    commitment: bytes,
    sealed: bytes = b"",
    evidence: tuple[bytes, ...] = (),
) -> SignedCommitment:
    """Sign a commitment with a local key; `stake` in wei. Raises CommitmentError."""
    message = consent_message(deployed, round_id, account.address, stake, commitment, sealed)
    r, vs = compact(account.sign_message(message).signature)
    return SignedCommitment(account.address, commitment, r, vs, sealed, evidence)


def is_signed(deployed: Deployed, round_id: int, stake: int, signed: SignedCommitment) -> bool:
    """Whether the signature is the labeler's, for this round and this stake in wei.

    Asked before it is sent: the contract skips a commitment that is not signed.
    """
    message = consent_message(
        deployed, round_id, signed.labeler, stake, signed.commitment, signed.sealed
    )
    return recover(message, signed.r, signed.vs) == checksum(signed.labeler)


def compact(signature: bytes) -> tuple[bytes, int]:
    """(r, vs) of a signature of 65 bytes r, s, v, as EIP-2098 has it: vs = parity << 255 + s.

    64 bytes are taken as compact already. A high s, which the form has no room for, is turned
    into the low one of the same signature. Raises CommitmentError.
    """
    if len(signature) == 64:
        return bytes(signature[:32]), int.from_bytes(signature[32:], "big")
    if len(signature) != 65:
        raise CommitmentError(f"a signature of {len(signature)} bytes: it must be 64 or 65")
    s = int.from_bytes(signature[32:64], "big")
    v = signature[64]
    if v not in (0, 1, 27, 28):
        raise CommitmentError(f"a signature with v = {v}: it must be 0, 1, 27 or 28")
    if not 0 < s < SECPK1_N:
        raise CommitmentError("a signature with s out of range: sign again")
    parity = v % 27
    if s > SECPK1_N // 2:
        s, parity = SECPK1_N - s, 1 - parity
    return bytes(signature[:32]), s + parity * _PARITY


def recover(message: SignableMessage, r: bytes, vs: int) -> str | None:
    """Who signed, from the compact signature; None if it is invalid."""
    parity, s = divmod(vs, _PARITY)
    if len(r) != 32 or parity not in (0, 1):
        return None
    try:
        signature = r + s.to_bytes(32, "big") + bytes([27 + parity])
        return str(Account.recover_message(message, signature=signature))
    except (BadSignature, ValidationError, ValueError):
        return None


def require_sealed(sealed: bytes) -> None:
    """Raise CommitmentError if the contract would not take so long a ciphertext."""
    if len(sealed) > MAX_SEALED_BYTES:
        raise CommitmentError(
            f"sealed answers of {len(sealed)} bytes: the contract takes {MAX_SEALED_BYTES}"
        )


def require_planes(sheet: Sequence[int]) -> None:
    """Raise CommitmentError unless the sheet is five words."""
    if len(sheet) != SHEET_PLANES:
        raise CommitmentError(f"a sheet of {len(sheet)} planes: it must have {SHEET_PLANES}")
    for number, plane in enumerate(sheet):
        if not 0 <= plane < _WORD:
            raise CommitmentError(f"plane {number} does not fit into a word of 256 bits")


def require_word(name: str, value: bytes) -> None:
    """Raise CommitmentError unless the value has 32 bytes."""
    if len(value) != 32:
        raise CommitmentError(f"{name} has {len(value)} bytes: it must have 32")


def _require_count(name: str, value: int) -> None:
    if not 0 <= value < _WORD:
        raise CommitmentError(f"{name} {value} does not fit into 256 bits")
