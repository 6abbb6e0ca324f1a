"""An account's master key: from the wallet, or from the vault where the wallet cannot make it.

A wallet that signs the same message differently each time would make another key each time,
and lose all secrets. So it is asked twice at first and the key's fingerprint is kept; if it
ever signs otherwise, a random key is stored instead, which is then as precious as the answers
themselves. A wallet that does not sign at all, for whatever reason of the moment, changes
nothing: only those who ask for a stored key get one then.
"""

from collections.abc import Callable
from dataclasses import dataclass

from eth_account.messages import SignableMessage

from plumbline.errors import PlumblineError
from plumbline.files.private import DamagedError
from plumbline.labeler.vault import KeptKey, Vault
from plumbline.protocol.addresses import checksum
from plumbline.protocol.master_key import MasterKey, from_signature, message, random_key

Sign = Callable[[SignableMessage], bytes | None]
"""Signs a message for the labeler, 64 or 65 bytes; None if the account cannot."""


class UnlockError(PlumblineError):
    """A wallet that did not sign."""


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A master key; `warning` says what to do if the wallet cannot make it again."""

    key: MasterKey
    warning: str | None = None


def unlock(
    vault: Vault, labeler: str, signer: str, sign: Sign, may_store: bool = False
) -> Unlocked:
    """The key for new commitments, from signatures of `signer`: the labeler, or a wallet's owner.

    With `may_store` a wallet that does not sign gets a stored key. Raises UnlockError if it does
    not sign otherwise, StorageError if the vault cannot be used.
    """
    try:
        kept = vault.key(labeler, signer)
    except DamagedError as error:
        # It may have held a key that nothing else can make: a person has to decide.
        raise DamagedError(
            f"{error}, or move it away if it was your wallet that made your secrets so far"
        ) from None
    if kept is not None and kept.key is not None:
        return Unlocked(kept.key)
    derived = _from_wallet(vault, labeler, sign)
    if derived is None and may_store:
        return _stored(vault, labeler, signer, "does not sign typed data")
    first = _signed(derived, signer)
    if kept is not None and first.fingerprint == kept.fingerprint:
        return Unlocked(first)
    if kept is None and _signed(_from_wallet(vault, labeler, sign), signer) == first:
        # Of two at a time the second finds the same fingerprint, or is no worse off.
        vault.keep_key(labeler, signer, KeptKey(first.fingerprint, None))
        return Unlocked(first)
    return _stored(vault, labeler, signer, "signs the same message differently each time")


def candidate_keys(vault: Vault, labeler: str, signer: str, sign: Sign) -> tuple[MasterKey, ...]:
    """The keys that earlier commitments may have been made with: stored, and of the wallet.

    Raises UnlockError if there is none, StorageError if what is stored is damaged and the wallet
    does not sign.
    """
    try:
        kept = vault.key(labeler, signer)
    except DamagedError:
        derived = _from_wallet(vault, labeler, sign)
        if derived is None:
            raise
        return (derived,)
    stored = () if kept is None or kept.key is None else (kept.key,)
    derived = _from_wallet(vault, labeler, sign)
    if derived is None and stored:
        return stored
    return (*stored, _signed(derived, signer))


def _signed(key: MasterKey | None, signer: str) -> MasterKey:
    if key is None:
        raise UnlockError(
            f"{checksum(signer)} did not sign the message that unlocks its secrets: try again; an"
            " account that never signs typed data can do with --stored-key"
        )
    return key


def _from_wallet(vault: Vault, labeler: str, sign: Sign) -> MasterKey | None:
    signature = sign(message(vault.deployed, labeler))
    return None if signature is None else from_signature(vault.deployed, labeler, signature)


def _stored(vault: Vault, labeler: str, signer: str, why: str) -> Unlocked:
    key = random_key()
    vault.replace_key(labeler, signer, KeptKey(key.fingerprint, key))
    kept = vault.key(labeler, signer)
    return Unlocked(
        key if kept is None or kept.key is None else kept.key,
        f"{checksum(signer)} {why}, so its secrets cannot be derived from the wallet: they are in"
        f" {vault.key_path(labeler, signer)}. Back it up: without that file you cannot reveal.",
    )
