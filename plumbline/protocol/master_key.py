"""All secrets of an account, from one signature of its wallet.

    signature of `AnswerKey` for one deployment and epoch
                                                     made again at any time by the same wallet
        -> HKDF -> master key                         never stored
            -> HKDF -> sealing key of a round         encrypts the answers, see `sealing`
            -> HKDF -> salt of a sheet in a round     hides the commitment
            -> HKDF -> gold key                       encrypts gold answers, see `sealing`
            -> HKDF -> salt of gold answers           hides them until they are opened

Whoever has the private key needs nothing else: no file has to survive. Whoever gets hold of the
signature can read sealed answers while others still commit, and take the stake: the message says
so, and is signed only where the account answers tasks or opens rounds itself. An account whose
signature may have got into other hands moves on to the next epoch, for all rounds to come; the
message names no place where it is signed, so that any program makes the same key.

A salt depends on the answers too, so that no two sheets ever share one.

HKDF is RFC 5869 with SHA-256, from `cryptography`. It needs a signature that is the same each
time (RFC 6979, as local keys and hardware wallets make them); see `labeler.unlocking` for
those that are not.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from eth_account.messages import SignableMessage, encode_typed_data

from plumbline.protocol import typed_data as typeddata
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import compact, require_planes
from plumbline.protocol.typed_data import Deployed

_PURPOSE: Final = (
    "Unlock my secret answers and gold answers of this epoch. Whoever has this signature can read "
    "them before they are revealed, and take my stake. I sign it only where I answer tasks or open "
    "rounds myself: never to log in, never to claim anything, and never because somebody asks."
)

MAX_EPOCH: Final = 2**16 - 1
"""So that an epoch takes two bytes of sealed answers."""
MAX_LEAP: Final = 256
"""Epochs that are gone on by at once: what is farther away is a mistake, or not an epoch at all."""

_FIELDS: Final = (("purpose", "string"), ("account", "address"), ("epoch", "uint256"))
_WORD: Final = 32
_SEALING_BYTES: Final = 64  # AES-256-SIV takes two keys in one
_FINGERPRINT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class MasterKey:
    """What all secrets of one account in one deployment and epoch are derived from; 32 bytes."""

    secret: bytes
    epoch: int

    def sealing_key(self, round_id: int) -> bytes:
        """What answers of a round are encrypted with, 64 bytes."""
        return self._derive(b"plumbline sealing key 1", _SEALING_BYTES, [round_id])

    def salt(self, round_id: int, sheet: Sequence[int]) -> bytes:
        """The salt of a commitment to this sheet in that round, 32 bytes."""
        require_planes(sheet)
        return self._derive(b"plumbline salt 1", _WORD, [round_id, *sheet])

    @property
    def gold_key(self) -> bytes:
        """What gold answers are encrypted with, 64 bytes."""
        return self._derive(b"plumbline gold key 1", _SEALING_BYTES, [])

    def gold_salt(self, tasks_root: bytes, sheet: Sequence[int], nth: int) -> bytes:
        """The salt of gold answers to these tasks, 32 bytes; `nth` tells rounds of them apart."""
        require_planes(sheet)
        words = [int.from_bytes(tasks_root, "big"), nth, *sheet]
        return self._derive(b"plumbline gold salt 1", _WORD, words)

    @property
    def fingerprint(self) -> bytes:
        """Tells whether it is the same key as before, and nothing else; 16 bytes."""
        return self._derive(b"plumbline fingerprint 1", _FINGERPRINT_BYTES, [])

    def _derive(self, purpose: bytes, length: int, words: Sequence[int]) -> bytes:
        info = purpose + b"".join(word.to_bytes(_WORD, "big") for word in words)
        return HKDFExpand(SHA256(), length, info).derive(self.secret)


def from_signature(deployed: Deployed, account: str, epoch: int, signature: bytes) -> MasterKey:
    """The key of an epoch, from a signature of 64 or 65 bytes.

    Raises CommitmentError if it is invalid.
    """
    r, vs = compact(signature)
    info = b"plumbline master key 1" + bytes.fromhex(checksum(account)[2:])
    derivation = HKDF(SHA256(), _WORD, salt=deployed.domain, info=info)
    return MasterKey(derivation.derive(r + vs.to_bytes(_WORD, "big")), epoch)


def random_key(epoch: int) -> MasterKey:
    """A key that no wallet can make again: it must be stored."""
    return MasterKey(secrets.token_bytes(_WORD), epoch)


def typed_data(deployed: Deployed, account: str, epoch: int) -> dict[str, Any]:
    """The EIP-712 message as wallets take it (`eth_signTypedData_v4`), ready for JSON."""
    values = {"purpose": _PURPOSE, "account": checksum(account), "epoch": str(epoch)}
    return typeddata.typed_data(deployed, "AnswerKey", _FIELDS, values)


def message(deployed: Deployed, account: str, epoch: int) -> SignableMessage:
    """What the wallet signs."""
    return encode_typed_data(full_message=typed_data(deployed, account, epoch))
