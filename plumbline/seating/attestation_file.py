"""An attestation as a file: what a steward hands to a labeler.

    version, chain_id, policy     which policy, on which chain
    labeler, group, expiry        what is attested of whom, until when (unix seconds)
    signature                     of the steward, in hex

It holds no secret, and serves nobody but that labeler.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json, read_text
from plumbline.files.values import hex_bytes, integer
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import compact
from plumbline.protocol.typed_data import Deployed
from plumbline.seating.attestation import (
    COMPACT_BYTES,
    MAX_WALLET_BYTES,
    Attestation,
    AttestationError,
    attested,
    require_group,
)
from plumbline.seating.evidence import Evidence

_VERSION: Final = 1
_FULL_BYTES: Final = 65  # of an account's signature with its parity
_KEYS: Final = frozenset(
    {"version", "chain_id", "policy", "labeler", "group", "expiry", "signature"}
)


@dataclass(frozen=True, slots=True)
class SignedAttestation:
    """An attestation for a policy, with the steward's signature."""

    policy: Deployed
    attestation: Attestation
    signature: bytes

    @property
    def evidence(self) -> Evidence:
        """What the policy is shown. Raises AttestationError."""
        return attested(self.attestation.expiry, self.signature)

    @classmethod
    def of(
        cls, policy: Deployed, attestation: Attestation, signature: bytes
    ) -> "SignedAttestation":
        """From a signature as wallets give it. Raises CommitmentError for one of 65 bytes that no
        account can have made.
        """
        if len(signature) == _FULL_BYTES:
            r, vs = compact(signature)
            signature = r + vs.to_bytes(COMPACT_BYTES // 2, "big")
        return cls(policy, attestation, signature)

    def to_json(self) -> str:
        """The text of a file."""
        values = {
            "version": _VERSION,
            "chain_id": self.policy.chain_id,
            "policy": self.policy.address,
            "labeler": self.attestation.labeler,
            "group": self.attestation.group,
            "expiry": self.attestation.expiry,
            "signature": "0x" + self.signature.hex(),
        }
        return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def read_attestation(path: Path, chain_id: int) -> SignedAttestation:
    """The attestation in a file. Raises AttestationError; whether the steward signed it, the
    policy says.
    """
    values = parse_json(read_text(path), str(path))
    if not isinstance(values, Mapping) or set(values) != _KEYS or values["version"] != _VERSION:
        raise AttestationError(
            f"{path} is not an attestation of this version: `plumbline policy attest` makes one"
        )
    try:
        signed = SignedAttestation(
            Deployed(integer(values["chain_id"]), checksum(values["policy"])),
            Attestation(
                checksum(values["labeler"]), str(values["group"]), integer(values["expiry"])
            ),
            hex_bytes(values["signature"], 1, MAX_WALLET_BYTES),
        )
        require_group(signed.attestation.group)
    except (TypeError, ValueError, PlumblineError):
        raise AttestationError(f"{path} is damaged: have it signed again") from None
    if signed.policy.chain_id != chain_id:
        raise AttestationError(
            f"{path} is for chain {signed.policy.chain_id}, and this is {chain_id}"
        )
    return signed
