"""Signed commitments as files: what a labeler without ether hands to whoever carries it.

    version, chain_id, contract      which deployment
    round, labeler, stake            which seat, and what is locked for it (wei, as text)
    commitment, sealed, evidence     what takes the seat, in hex
    is_wallet                        whether the labeler is a wallet contract (EIP-1271)
    signature                        over all of it but the evidence, see `commitment.consent`

It holds no secret: whoever has it can take the seat for the labeler, or not, and nothing else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from eth_account.messages import SignableMessage

from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json, read_text
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import (
    MAX_EVIDENCE,
    MAX_SEALED_BYTES,
    SignedCommitment,
    compact,
    consent,
)
from plumbline.protocol.typed_data import Deployed, digest

_VERSION: Final = 1
_WORD: Final = 32
_LONGEST_SIGNATURE: Final = 1024  # bytes that the contract takes for a wallet
_KEYS: Final = frozenset(
    {
        "version",
        "chain_id",
        "contract",
        "round",
        "labeler",
        "stake",
        "commitment",
        "sealed",
        "evidence",
        "is_wallet",
        "signature",
    }
)


class ConsentError(PlumblineError):
    """A file of signed commitments that cannot be used."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A labeler's signed agreement to take a seat; `stake` in wei."""

    deployed: Deployed
    round_id: int
    labeler: str
    stake: int
    commitment: bytes
    sealed: bytes
    evidence: tuple[bytes, ...]
    signature: bytes
    is_wallet: bool

    @property
    def message(self) -> SignableMessage:
        """What is signed."""
        return consent(
            self.deployed.chain_id,
            self.deployed.address,
            self.round_id,
            self.labeler,
            self.stake,
            self.commitment,
            self.sealed,
        )

    @property
    def digest(self) -> bytes:
        """Its 32 bytes, which a wallet contract is asked about."""
        return digest(self.message)

    def with_signature(self, signature: bytes) -> "Consent":
        """Once it is signed."""
        return replace(self, signature=signature)

    @property
    def signed(self) -> SignedCommitment:
        """As `commit_signed` takes it. Raises CommitmentError if the signature is none."""
        r, vs = compact(self.signature)
        return SignedCommitment(
            self.labeler, self.commitment, r, vs, self.sealed, tuple(self.evidence)
        )


def to_json(one: Consent) -> str:
    """The text of a file."""
    values = {
        "version": _VERSION,
        "chain_id": one.deployed.chain_id,
        "contract": one.deployed.address,
        "round": one.round_id,
        "labeler": one.labeler,
        "stake": str(one.stake),
        "commitment": "0x" + one.commitment.hex(),
        "sealed": "0x" + one.sealed.hex(),
        "evidence": ["0x" + word.hex() for word in one.evidence],
        "is_wallet": one.is_wallet,
        "signature": "0x" + one.signature.hex(),
    }
    return json.dumps(values, indent=2) + "\n"


def read(path: Path, deployed: Deployed) -> list[Consent]:
    """The signed commitments of a file, one or a list. Raises ConsentError.

    Whether signatures are the labelers' is for `relay` to say.
    """
    whole = parse_json(read_text(path), str(path))
    found = []
    for values in whole if isinstance(whole, list) else [whole]:
        one = _consent(values, path)
        if one.deployed.chain_id != deployed.chain_id:
            raise ConsentError(
                f"{path} is for chain {one.deployed.chain_id}, and this is {deployed.chain_id}:"
                " carry it there"
            )
        if one.deployed != deployed:
            raise ConsentError(
                f"{path} is for the contract {one.deployed.address}, not {deployed.address}"
            )
        found.append(one)
    return found


def _consent(values: Any, path: Path) -> Consent:
    if not isinstance(values, Mapping) or set(values) != _KEYS or values["version"] != _VERSION:
        raise ConsentError(
            f"{path} holds no signed commitment of this version: `labeler sign` makes one"
        )
    try:
        return Consent(
            deployed=Deployed(_whole(values["chain_id"]), checksum(values["contract"])),
            round_id=_whole(values["round"]),
            labeler=checksum(values["labeler"]),
            stake=_whole(int(values["stake"].strip())),
            commitment=_bytes(values["commitment"], range(_WORD, _WORD + 1)),
            sealed=_bytes(values["sealed"], range(MAX_SEALED_BYTES + 1)),
            evidence=_evidence(values["evidence"]),
            signature=_bytes(values["signature"], range(1, _LONGEST_SIGNATURE + 1)),
            is_wallet=values["is_wallet"] is True,
        )
    except (TypeError, ValueError, AttributeError, OverflowError, PlumblineError):
        raise ConsentError(f"{path} is damaged: have it signed again") from None


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("no whole number")
    return value


def _bytes(value: str, lengths: range) -> bytes:
    made = bytes.fromhex(value.removeprefix("0x"))
    if len(made) not in lengths:
        raise ValueError("of another length")
    return made


def _evidence(words: list[str]) -> tuple[bytes, ...]:
    if not isinstance(words, list) or len(words) > MAX_EVIDENCE:
        raise ValueError("no list, or too long")
    return tuple(_bytes(word, range(_WORD, _WORD + 1)) for word in words)
