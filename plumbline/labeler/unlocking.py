"""An account's master keys: from the wallet, or from the vault where the wallet cannot make them.

There is one for each epoch of the account. The epoch it is in is the last one that the vault or
the chain knows of: of each commitment with sealed answers these tell with which key.

A wallet that signs the same message differently each time would make another key each time,
and lose all secrets. So it is asked twice at first and the key's fingerprint is kept; if it
ever signs otherwise, a random key is stored instead, which is then as precious as the answers
themselves. A wallet that does not sign at all, for whatever reason of the moment, changes
nothing: only those who ask for a stored key get one then.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from eth_account.messages import SignableMessage

from plumbline.chain.events import Committed
from plumbline.errors import PlumblineError
from plumbline.files.private import DamagedError
from plumbline.history.market import Market
from plumbline.labeler.vault import KeptKey, Vault
from plumbline.protocol.addresses import checksum
from plumbline.protocol.master_key import (
    MAX_EPOCH,
    MAX_LEAP,
    MasterKey,
    from_signature,
    message,
    random_key,
)
from plumbline.protocol.sealing import epoch_of

Sign = Callable[[SignableMessage], bytes | None]
"""Signs a message for the labeler, 64 or 65 bytes; None if the account cannot."""


class UnlockError(PlumblineError):
    """A wallet that did not sign, or an epoch that cannot be moved on to."""


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A master key; `warning` says what to do if the wallet cannot make it again."""

    key: MasterKey
    warning: str | None = None


@dataclass(frozen=True)
class Keyring:
    """The keys of all epochs of an account.

    last      the epoch that the account is in
    keys_of   those that may have been used in an epoch; the wallet is asked for one of them
    """

    last: Callable[[], int]
    keys_of: Callable[[int], tuple[MasterKey, ...]]

    def all(self) -> Iterator[MasterKey]:
        """The keys of all epochs so far, the last epoch first."""
        for epoch in range(self.last(), -1, -1):
            yield from self.keys_of(epoch)


def keyring(market: Market, vault: Vault, account: str, signer: str, sign: Sign) -> Keyring:
    """The keys of an account, from signatures of `signer`: the same, or the owner of a wallet.

    It is asked once for each epoch that is looked into.
    """

    @functools.cache
    def last() -> int:
        return epoch_now(market, vault, account)

    @functools.cache
    def keys_of(epoch: int) -> tuple[MasterKey, ...]:
        return candidate_keys(vault, account, signer, sign, epoch)

    return Keyring(last, keys_of)


def epoch_now(market: Market, vault: Vault, account: str) -> int:
    """The epoch that an account is in."""
    commitments = (event for event in market.events() if isinstance(event, Committed))
    return last_epoch(vault, account, commitments)


def last_epoch(vault: Vault, account: str, commitments: Iterable[Committed]) -> int:
    """The epoch that an account is in, as the vault and its own among `commitments` tell."""
    epoch = vault.epoch(account)
    own = (each for each in commitments if each.labeler == checksum(account))
    for each in sorted(own, key=lambda event: (event.block, event.log_index)):
        found = epoch_of(each.sealed)
        # What is farther away was not sealed by this program, and would use up all epochs.
        if found is not None and epoch < found <= epoch + MAX_LEAP:
            epoch = found
    return epoch


def next_epoch(now: int, wanted: int | None) -> int:
    """The epoch to move on to, the next if none is `wanted`. Raises UnlockError."""
    epoch = now + 1 if wanted is None else wanted
    if epoch > MAX_EPOCH:
        raise UnlockError(f"epochs end at {MAX_EPOCH:,}: use another account")
    if epoch < now:
        raise UnlockError(f"epoch {epoch} is over, the account is in epoch {now}: name a later one")
    if epoch > now + MAX_LEAP:
        raise UnlockError(
            f"epoch {epoch} is more than {MAX_LEAP} after epoch {now}, in which the account is: "
            "check the number"
        )
    return epoch


def unlock(
    vault: Vault, labeler: str, signer: str, sign: Sign, epoch: int, may_store: bool = False
) -> Unlocked:
    """The key of an epoch for new commitments, from signatures of `signer`: the labeler, or a
    wallet's owner.

    With `may_store` a wallet that does not sign gets a stored key. Raises UnlockError if it does
    not sign otherwise, StorageError if the vault cannot be used.
    """
    try:
        kept = vault.key(labeler, signer, epoch)
    except DamagedError as error:
        # It may have held a key that nothing else can make: a person has to decide.
        raise DamagedError(
            f"{error}, or move it away if it was your wallet that made your secrets so far"
        ) from None
    if kept is not None and kept.key is not None:
        return Unlocked(kept.key)
    derived = _from_wallet(vault, labeler, sign, epoch)
    if derived is None and may_store:
        return _stored(vault, labeler, signer, epoch, "does not sign typed data")
    first = _signed(derived, signer)
    if kept is not None and first.fingerprint == kept.fingerprint:
        return Unlocked(first)
    if kept is None and _signed(_from_wallet(vault, labeler, sign, epoch), signer) == first:
        # Of two at a time the second finds the same fingerprint, or is no worse off.
        vault.keep_key(labeler, signer, epoch, KeptKey(first.fingerprint, None))
        return Unlocked(first)
    return _stored(vault, labeler, signer, epoch, "signs the same message differently each time")


def candidate_keys(
    vault: Vault, labeler: str, signer: str, sign: Sign, epoch: int
) -> tuple[MasterKey, ...]:
    """The keys that commitments of an epoch may have been made with: stored, and of the wallet.

    Raises UnlockError if there is none, StorageError if what is stored is damaged and the wallet
    does not sign.
    """
    try:
        kept = vault.key(labeler, signer, epoch)
    except DamagedError:
        derived = _from_wallet(vault, labeler, sign, epoch)
        if derived is None:
            raise
        return (derived,)
    stored = () if kept is None or kept.key is None else (kept.key,)
    derived = _from_wallet(vault, labeler, sign, epoch)
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


def _from_wallet(vault: Vault, labeler: str, sign: Sign, epoch: int) -> MasterKey | None:
    signature = sign(message(vault.deployed, labeler, epoch))
    return None if signature is None else from_signature(vault.deployed, labeler, epoch, signature)


def _stored(vault: Vault, labeler: str, signer: str, epoch: int, why: str) -> Unlocked:
    key = random_key(epoch)
    vault.replace_key(labeler, signer, epoch, KeptKey(key.fingerprint, key))
    kept = vault.key(labeler, signer, epoch)
    return Unlocked(
        key if kept is None or kept.key is None else kept.key,
        f"{checksum(signer)} {why}, so its secrets cannot be derived from the wallet: they are in"
        f" {vault.key_path(labeler, signer, epoch)}. Back it up: without that file you cannot "
        "reveal.",
    )
