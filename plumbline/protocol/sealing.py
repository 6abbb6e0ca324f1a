"""Sealed answers: the ciphertext that goes along with a commitment.

It goes into the event and is public for ever; only the labeler's wallet opens it. With it, a
labeler who lost everything but the private key gets the answers back from the chain.

    answers       as digits in base K + 1, the first task highest: skip is 0, option x is x + 1
    plaintext     that number in as few bytes as any T answers need, and the salt behind it if
                  it is not the one derived from the key
    ciphertext    AES-256-SIV (RFC 5297): 16 bytes of authentication, then the plaintext's length
    sealed        the epoch of the key, 2 bytes, and the ciphertext

The epoch tells a device that has only the wallet which message to have signed. The encryption is
deterministic, so a command that is run again after a crash makes the same bytes, and no nonce can
ever be used twice. It is bound to chain, contract, round, labeler and epoch: in another place it
does not open. 256 answers to two options take 69 bytes, to 16 options 149, with a salt 32 more;
the contract takes 192.

A requester's gold answers are sealed in the same way, for the vault: with another key, always
with the salt, and bound to chain, contract, requester, tasks and epoch.
"""

from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import checksum
from plumbline.protocol.master_key import MasterKey
from plumbline.protocol.typed_data import Deployed

_SALT_BYTES: Final = 32
_EPOCH_BYTES: Final = 2
_TAG_BYTES: Final = 16
_PURPOSE: Final = b"plumbline sealed answers 1"
_GOLD_PURPOSE: Final = b"plumbline sealed gold 1"


class SealError(PlumblineError):
    """A ciphertext that this key does not open, or answers that cannot be sealed."""


def seal(
    key: MasterKey,
    deployed: Deployed,
    round_id: int,
    labeler: str,
    answers: Sequence[int | None],
    options: int,
    salt: bytes = b"",
) -> bytes:
    """Encrypt the T answers of a labeler, None for a skip. Raises SealError.

    `salt` is empty, or 32 bytes that are not derived from `key`.
    """
    headers = _bound_to(deployed, round_id, labeler)
    return _encrypt(key, key.sealing_key(round_id), _written(answers, options) + salt, headers)


def unseal(
    key: MasterKey,
    deployed: Deployed,
    round_id: int,
    labeler: str,
    sealed: bytes,
    options: int,
    tasks: int,
) -> tuple[list[int | None], bytes]:
    """The T answers, and the salt if it was sealed too, else an empty one.

    Raises SealError if it was not sealed with this key for this seat.
    """
    headers = _bound_to(deployed, round_id, labeler)
    text = _decrypt(key, key.sealing_key(round_id), sealed, headers)
    if text is None:
        raise SealError(f"the sealed answers of round {round_id} were not sealed by this wallet")
    found = _read(text, options, tasks)
    if found is None:
        raise SealError(f"the sealed answers of round {round_id} are not answers to its tasks")
    return found


def seal_gold(
    key: MasterKey,
    deployed: Deployed,
    requester: str,
    tasks_root: bytes,
    answers: Sequence[int | None],
    options: int,
    salt: bytes,
) -> bytes:
    """Encrypt gold answers to the T tasks, None for all others, with their salt of 32 bytes.

    Raises SealError.
    """
    text = _written(answers, options) + salt
    return _encrypt(key, key.gold_key, text, _gold_bound_to(deployed, requester, tasks_root))


def unseal_gold(
    key: MasterKey,
    deployed: Deployed,
    requester: str,
    tasks_root: bytes,
    sealed: bytes,
    options: int,
    tasks: int,
) -> tuple[list[int | None], bytes]:
    """The gold answers to the T tasks, and their salt.

    Raises SealError if they were not sealed with this key for these tasks.
    """
    headers = _gold_bound_to(deployed, requester, tasks_root)
    text = _decrypt(key, key.gold_key, sealed, headers)
    if text is None:
        raise SealError("the gold answers were not sealed by this wallet")
    found = _read(text, options, tasks)
    if found is None or not found[1]:
        raise SealError("the sealed gold answers are not answers to these tasks")
    return found


def epoch_of(sealed: bytes) -> int | None:
    """The epoch of the key that opens sealed answers; None if they are too short to be any."""
    if len(sealed) <= _EPOCH_BYTES + _TAG_BYTES:
        return None
    return int.from_bytes(sealed[:_EPOCH_BYTES], "big")


def _encrypt(key: MasterKey, box_key: bytes, text: bytes, headers: list[bytes]) -> bytes:
    epoch = _epoch(key)
    return epoch + AESSIV(box_key).encrypt(text, [*headers, epoch])


def _decrypt(key: MasterKey, box_key: bytes, sealed: bytes, headers: list[bytes]) -> bytes | None:
    """The plaintext; None if it was not encrypted like this."""
    if epoch_of(sealed) != key.epoch:
        return None
    try:
        return AESSIV(box_key).decrypt(sealed[_EPOCH_BYTES:], [*headers, _epoch(key)])
    except InvalidTag:
        return None


def _epoch(key: MasterKey) -> bytes:
    return key.epoch.to_bytes(_EPOCH_BYTES, "big")


def _written(answers: Sequence[int | None], options: int) -> bytes:
    number = 0
    for task, answer in enumerate(answers):
        if answer is not None and not 0 <= answer < options:
            raise SealError(f"answer {answer} to task {task} is not one of the {options} options")
        number = number * (options + 1) + (0 if answer is None else answer + 1)
    return number.to_bytes(_plain_bytes(len(answers), options), "big")


def _read(text: bytes, options: int, tasks: int) -> tuple[list[int | None], bytes] | None:
    """Answers, and a salt or none; None if it is no such text."""
    size = _plain_bytes(tasks, options)
    number, salt = int.from_bytes(text[:size], "big"), text[size:]
    answers: list[int | None] = []
    for _ in range(tasks):
        number, digit = divmod(number, options + 1)
        answers.append(digit - 1 if digit else None)
    if number or len(text) < size or len(salt) not in (0, _SALT_BYTES):
        return None
    return answers[::-1], salt


def _plain_bytes(tasks: int, options: int) -> int:
    most: int = (options + 1) ** tasks - 1
    return (most.bit_length() + 7) // 8


def _bound_to(deployed: Deployed, round_id: int, labeler: str) -> list[bytes]:
    return [
        _PURPOSE,
        deployed.domain,
        round_id.to_bytes(32, "big"),
        bytes.fromhex(checksum(labeler)[2:]),
    ]


def _gold_bound_to(deployed: Deployed, requester: str, tasks_root: bytes) -> list[bytes]:
    owner = bytes.fromhex(checksum(requester)[2:])
    return [_GOLD_PURPOSE, deployed.domain, owner, tasks_root]
