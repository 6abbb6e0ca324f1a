"""A labeler's master key: from the wallet, or from the vault where the wallet cannot make it.

A wallet that signs the same message differently each time would make another key each time,
and lose all secrets. So it is asked twice at first and the key's fingerprint is kept; if it
ever signs otherwise, or not at all, a random key is stored instead, which is then as precious
as the answers themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass

from eth_account.messages import SignableMessage

from plumbline.addresses import checksum
from plumbline.masterkey import MasterKey, from_signature, message, random_key
from plumbline.vault import KeptKey, Vault

Sign = Callable[[SignableMessage], bytes | None]
"""Signs a message for the labeler, 64 or 65 bytes; None if the account cannot."""


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A master key; `warning` says what to do if the wallet cannot make it again."""

    key: MasterKey
    warning: str | None = None


def unlock(vault: Vault, labeler: str, signer: str, sign: Sign) -> Unlocked:
    """The key for new commitments, from signatures of `signer`: the labeler, or a wallet's owner.

    Raises StorageError if the vault cannot be used.
    """
    kept = vault.key(labeler, signer)
    if kept is not None and kept.key is not None:
        return Unlocked(kept.key)
    made = _from_wallet(vault, labeler, sign)
    if made is not None and kept is None:
        again = _from_wallet(vault, labeler, sign)
        if again == made:
            # Of two at a time the second finds the same fingerprint, or is no worse off.
            vault.keep_key(labeler, signer, KeptKey(made.fingerprint, None))
            return Unlocked(made)
    elif made is not None and kept is not None and made.fingerprint == kept.fingerprint:
        return Unlocked(made)
    return _stored(vault, labeler, signer, cannot_sign=made is None)


def existing(vault: Vault, labeler: str, signer: str, sign: Sign) -> MasterKey | None:
    """The key that earlier commitments were made with, as far as that is known; asks once."""
    kept = vault.key(labeler, signer)
    if kept is not None and kept.key is not None:
        return kept.key
    return _from_wallet(vault, labeler, sign)


def _from_wallet(vault: Vault, labeler: str, sign: Sign) -> MasterKey | None:
    signature = sign(message(vault.deployed, labeler))
    return None if signature is None else from_signature(vault.deployed, labeler, signature)


def _stored(vault: Vault, labeler: str, signer: str, cannot_sign: bool) -> Unlocked:
    key = random_key()
    vault.replace_key(labeler, signer, KeptKey(key.fingerprint, key))
    kept = vault.key(labeler, signer)
    why = "cannot sign typed data" if cannot_sign else "signs the same message differently"
    return Unlocked(
        key if kept is None or kept.key is None else kept.key,
        f"{checksum(signer)} {why}, so its secrets cannot be made again from the wallet: they are"
        f" in {vault.key_path(labeler, signer)}. Back it up: without that file you cannot reveal.",
    )
