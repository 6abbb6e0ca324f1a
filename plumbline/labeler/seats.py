"""A labeler's secret of one seat: created before a commitment, or restored from the chain."""

from collections.abc import Sequence
from dataclasses import dataclass

from plumbline.chain.events import Committed
from plumbline.errors import PlumblineError
from plumbline.files.private import StorageError
from plumbline.labeler.unlocking import Keyring
from plumbline.labeler.vault import Secret, Vault
from plumbline.protocol.commitment import commitment
from plumbline.protocol.master_key import MasterKey
from plumbline.protocol.sealing import SealError, epoch_of, seal, unseal
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import ScoringTerms


class RestoreError(PlumblineError):
    """A seat whose answers the chain and the wallet do not give back."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a seat is taken with; the secret is on disk. `sealed` may be empty."""

    secret: Secret
    sealed: bytes


def prepare(
    vault: Vault,
    key: MasterKey,
    round_id: int,
    labeler: str,
    answers: list[int | None],
    options: int,
    is_sealed: bool = True,
) -> Prepared:
    """Keep answers and salt safely, and seal them. The same again gives the same bytes.

    Raises StorageError if they cannot be kept, or if others are kept for this seat.
    """
    salt = key.salt(round_id, pack(answers, options))
    secret = vault.keep_answers(round_id, labeler, answers, options, salt)
    if not is_sealed:
        return Prepared(secret, b"")
    # What was kept before, with another key, stays: it may be what is signed for already.
    other = b"" if secret.salt == salt else secret.salt
    sealed = seal(key, vault.deployed, round_id, labeler, answers, options, other)
    return Prepared(secret, sealed)


def restore(vault: Vault, keyring: Keyring, committed: Committed, rules: ScoringTerms) -> Secret:
    """Answers and salt of a commitment on chain, kept in the vault once this returns.

    Raises RestoreError if the commitment came without sealed answers or is to something else,
    SealError if another wallet sealed them, UnlockError if the wallet does not sign, StorageError
    if they cannot be kept.
    """
    round_id = committed.round_id
    epoch = epoch_of(committed.sealed)
    if epoch is None:
        raise RestoreError(
            f"round {round_id} was committed to without sealed answers: commit again with the"
            " same answers file, which finds the salt"
        )
    key, answers, salt = _unsealed(vault, keyring.keys_of(epoch), committed, rules)
    secret = _kept_if(vault, committed, answers, rules.options, salt or None, key)
    if secret is None:
        raise RestoreError(
            f"the sealed answers of round {round_id} are not those committed to: it cannot be"
            " revealed with them"
        )
    return secret


def recognise(
    vault: Vault,
    keyring: Keyring,
    committed: Committed,
    answers: list[int | None],
    options: int,
) -> Secret | None:
    """The secret of a commitment, kept in the vault, if it is to these answers; else None."""
    epoch = epoch_of(committed.sealed)
    for key in keyring.all() if epoch is None else keyring.keys_of(epoch):
        secret = _kept_if(vault, committed, answers, options, None, key)
        if secret is not None:
            return secret
    return None


def _unsealed(
    vault: Vault, keys: Sequence[MasterKey], committed: Committed, rules: ScoringTerms
) -> tuple[MasterKey, list[int | None], bytes]:
    failure: SealError | None = None
    for key in keys:
        try:
            answers, salt = unseal(
                key,
                vault.deployed,
                committed.round_id,
                committed.labeler,
                committed.sealed,
                rules.options,
                rules.tasks,
            )
            return key, answers, salt
        except SealError as error:
            failure = error
    raise failure or RestoreError("there is no key to open sealed answers with")


def _kept_if(
    vault: Vault,
    committed: Committed,
    answers: list[int | None],
    options: int,
    given_salt: bytes | None,
    key: MasterKey,
) -> Secret | None:
    round_id, labeler = committed.round_id, committed.labeler
    sheet = pack(answers, options)
    salt = given_salt or key.salt(round_id, sheet)
    if commitment(vault.deployed.domain, round_id, labeler, sheet, salt) != committed.commitment:
        return None
    _make_room(vault, committed)
    return vault.keep_answers(round_id, labeler, answers, options, salt)


def _make_room(vault: Vault, committed: Committed) -> None:
    """What is on chain counts: a file with anything else is set aside."""
    try:
        kept = vault.answers(committed.round_id, committed.labeler)
    except StorageError:
        vault.discard_answers(committed.round_id, committed.labeler)
        return
    if kept is not None and kept.digest != committed.commitment:
        vault.discard_answers(committed.round_id, committed.labeler)
