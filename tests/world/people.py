"""Roles with keys, and what they sign. Signing takes longer than a transaction, so it is kept."""

from functools import cache

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from plumbline.protocol.commitment import SignedCommitment, compact, consent_message, sign
from plumbline.protocol.typed_data import Deployed
from plumbline.protocol.withdrawal import Withdrawal


class Person(str):
    """An address that has a key to sign with, and shows as its role where a test fails."""

    key: LocalAccount
    role: str

    def __repr__(self) -> str:
        return f"<{self.role}>"

    def __deepcopy__(self, memo: dict[int, object]) -> "Person":
        return self  # nothing in it changes, and a key cannot be copied

    @classmethod
    def of(cls, key: LocalAccount, role: str) -> "Person":
        """Whoever has this key."""
        person = cls(key.address)
        person.key = key
        person.role = role
        return person


@cache
def person(role: str) -> Person:
    """The same address for the same role, always."""
    return Person.of(Account.from_key(keccak(text=role)), role)


@cache
def signed(
    signer: Person,
    deployed: Deployed,
    round_id: int,
    stake: int,
    commitment: bytes,
    sealed: bytes = b"",
    evidence: tuple[bytes, ...] = (),
) -> SignedCommitment:
    """A labeler's consent, ready to be relayed."""
    return sign(signer.key, deployed, round_id, stake, commitment, sealed, evidence)


@cache
def wallet_signature(
    owner: Person,
    wallet: str,
    deployed: Deployed,
    round_id: int,
    stake: int,
    commitment: bytes,
    sealed: bytes = b"",
) -> bytes:
    """What tests/contracts/Wallet.vy takes for a signature of its own, if it is the owner's."""
    message = consent_message(deployed, round_id, wallet, stake, commitment, sealed)
    return bytes(owner.key.sign_message(message).signature)


@cache
def withdrawal_signature(
    signer: Person, deployed: Deployed, withdrawal: Withdrawal, is_compact: bool = True
) -> bytes:
    """Somebody's consent to a withdrawal: r and vs (EIP-2098), or the 65 bytes that
    tests/contracts/Wallet.vy takes.
    """
    signature = bytes(signer.key.sign_message(withdrawal.message(deployed)).signature)
    if not is_compact:
        return signature
    r, vs = compact(signature)
    return r + vs.to_bytes(32, "big")
