"""Signed commitments as files: what a labeler without ether hands to a relayer.

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
from plumbline.files.values import hex_bytes, integer, word
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import SignedCommitment, compact, consent_message
from plumbline.protocol.limits import MAX_EVIDENCE, MAX_SEALED_BYTES, MAX_SIGNATURE_BYTES
from plumbline.protocol.typed_data import Deployed, digest

_VERSION: Final = 1
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
        return consent_message(
            self.deployed,
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
        """As `commit_signed` takes it. Raises CommitmentError if the signature is invalid."""
        r, vs = compact(self.signature)
        return SignedCommitment(
            self.labeler, self.commitment, r, vs, self.sealed, tuple(self.evidence)
        )


def to_json(consent: Consent) -> str:
    """The text of a file."""
    values = {
        "version": _VERSION,
        "chain_id": consent.deployed.chain_id,
        "contract": consent.deployed.address,
        "round": consent.round_id,
        "labeler": consent.labeler,
        "stake": str(consent.stake),
        "commitment": "0x" + consent.commitment.hex(),
        "sealed": "0x" + consent.sealed.hex(),
        "evidence": ["0x" + word.hex() for word in consent.evidence],
        "is_wallet": consent.is_wallet,
        "signature": "0x" + consent.signature.hex(),
    }
    return json.dumps(values, indent=2) + "\n"


def read(path: Path, deployed: Deployed) -> list[Consent]:
    """The signed commitments of a file, one or a list. Raises ConsentError.

    Whether the signatures are valid is checked by `relay`.
    """
    content = parse_json(read_text(path), str(path))
    several = content if isinstance(content, list) else [content]
    return [parse(values, path, deployed) for values in several]


def parse(values: Any, source: Path | str, deployed: Deployed) -> Consent:
    """One signed commitment, from the values of a file; `source` is what errors call it.

    Raises ConsentError.
    """
    consent = _consent(values, source)
    if consent.deployed.chain_id != deployed.chain_id:
        raise ConsentError(
            f"{source} is for chain {consent.deployed.chain_id}, and this is {deployed.chain_id}:"
            " relay it there"
        )
    if consent.deployed != deployed:
        raise ConsentError(
            f"{source} is for the contract {consent.deployed.address}, not {deployed.address}"
        )
    return consent


def _consent(values: Any, source: Path | str) -> Consent:
    if not isinstance(values, Mapping) or set(values) != _KEYS or values["version"] != _VERSION:
        raise ConsentError(
            f"{source} is not a signed commitment of this version: `labeler sign` makes one"
        )
    try:
        return Consent(
            deployed=Deployed(_number(values["chain_id"]), checksum(values["contract"])),
            round_id=_number(values["round"]),
            labeler=checksum(values["labeler"]),
            stake=_number(int(values["stake"].strip())),
            commitment=word(values["commitment"]),
            sealed=hex_bytes(values["sealed"], 0, MAX_SEALED_BYTES),
            evidence=_evidence(values["evidence"]),
            signature=hex_bytes(values["signature"], 1, MAX_SIGNATURE_BYTES),
            is_wallet=values["is_wallet"] is True,
        )
    except (TypeError, ValueError, AttributeError, OverflowError, PlumblineError):
        raise ConsentError(f"{source} is damaged: have it signed again") from None


def _number(value: Any) -> int:
    if integer(value) < 0:
        raise ValueError("below 0")
    return integer(value)


def _evidence(words: Any) -> tuple[bytes, ...]:
    if not isinstance(words, list) or len(words) > MAX_EVIDENCE:
        raise ValueError("not a list, or too long")
    return tuple(map(word, words))
