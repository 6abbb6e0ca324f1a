"""What a steward attests of a labeler, for a `SignedAdmission`: signed as EIP-712 typed data.

As evidence it is a word with the expiry and the length of the signature, then the signature:

    expiry 64 | length 16                                     (bits, from the low end)
"""

from dataclasses import dataclass
from typing import Any, Final

from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.base import BaseAccount

from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import compact, recover
from plumbline.protocol.typed_data import Deployed, digest, typed_data
from plumbline.seating.evidence import Evidence, EvidenceError

MAX_GROUP_BYTES: Final = 64
MAX_WALLET_BYTES: Final = 512  # of the signature of a wallet contract
COMPACT_BYTES: Final = 64  # of that of an account

_FIELDS: Final = (("labeler", "address"), ("group", "string"), ("expiry", "uint256"))
_EXPIRY_BITS: Final = 64
_EXPIRY: Final = (1 << _EXPIRY_BITS) - 1


class AttestationError(PlumblineError):
    """An attestation that no contract would take."""


@dataclass(frozen=True, slots=True)
class Attestation:
    """That a labeler belongs to a group, until `expiry` (unix seconds): t < expiry is in time."""

    labeler: str
    group: str
    expiry: int

    def typed_data(self, policy: Deployed) -> dict[str, Any]:
        """As wallets show it, for one policy on one chain. Raises AttestationError."""
        require_group(self.group)
        if not 0 < self.expiry <= _EXPIRY:
            raise AttestationError(f"expiry {self.expiry} is no time: give unix seconds")
        values = {
            "labeler": checksum(self.labeler),
            "group": self.group,
            "expiry": self.expiry,
        }
        return typed_data(policy, "Attestation", _FIELDS, values)

    def message(self, policy: Deployed) -> SignableMessage:
        """What the steward signs. Raises AttestationError."""
        return encode_typed_data(full_message=self.typed_data(policy))

    def digest(self, policy: Deployed) -> bytes:
        """The 32 bytes that a wallet contract is asked about. Raises AttestationError."""
        return digest(self.message(policy))


def require_group(group: str) -> None:
    """Raise AttestationError unless a policy can be for such a group."""
    size = len(group.encode())
    if not 0 < size <= MAX_GROUP_BYTES:
        raise AttestationError(
            f"the group has {size} bytes: say in 1 to {MAX_GROUP_BYTES} what is attested"
        )


def sign_attestation(steward: BaseAccount, policy: Deployed, attestation: Attestation) -> Evidence:
    """The evidence of a labeler, signed with a local key. Raises AttestationError."""
    signature = bytes(steward.sign_message(attestation.message(policy)).signature)
    r, vs = compact(signature)
    return attested(attestation.expiry, r + vs.to_bytes(32, "big"))


def attested(expiry: int, signature: bytes) -> Evidence:
    """Evidence from a signature: 64 bytes, r and vs (EIP-2098), of an account; at most 512 of a
    wallet contract. Raises AttestationError.
    """
    if not 0 < len(signature) <= MAX_WALLET_BYTES:
        raise AttestationError(
            f"a signature of {len(signature)} bytes: the policy takes up to {MAX_WALLET_BYTES}"
        )
    head = expiry + (len(signature) << _EXPIRY_BITS)
    filled = signature + bytes(-len(signature) % 32)
    words = (filled[at : at + 32] for at in range(0, len(filled), 32))
    return (head.to_bytes(32, "big"), *words)


def shown(evidence: Evidence) -> tuple[int, bytes]:
    """The expiry and the signature in evidence. Raises EvidenceError."""
    if not evidence:
        raise EvidenceError("no attestation is shown")
    length, expiry = divmod(int.from_bytes(evidence[0], "big"), 1 << _EXPIRY_BITS)
    if length > MAX_WALLET_BYTES or len(evidence) != 1 + (length + 31) // 32:
        raise EvidenceError("what is shown is no attestation")
    return expiry, b"".join(evidence[1:])[:length]


def is_signed_by(
    steward: str, policy: Deployed, attestation: Attestation, signature: bytes
) -> bool:
    """Whether an account signed an attestation; wallet contracts have to be asked."""
    if len(signature) != COMPACT_BYTES:
        return False
    vs = int.from_bytes(signature[32:], "big")
    return recover(attestation.message(policy), signature[:32], vs) == checksum(steward)
