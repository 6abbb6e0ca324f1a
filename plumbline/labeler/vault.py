"""Secrets on disk: answers and salts of labelers, gold answers and salts of requesters.

A commitment without its salt is a stake lost, so a secret is written, flushed to the disk and
only then committed to; and no secret is ever replaced, because the one on disk may be the one
on chain. Files are readable by their owner only. Their folders are

    <vault>/<chain id>-<start of the genesis hash>/<contract>/round-<n>/<labeler>.json
    <vault>/<chain id>-<start of the genesis hash>/<contract>/gold/<requester>-<digest>.json
    <vault>/<chain id>-<start of the genesis hash>/<contract>/key-<epoch>-<account>.json
    <vault>/<chain id>-<start of the genesis hash>/journal/<account>/    see `transactions.journal`

Gold answers are encrypted under the requester's master key: a copy of the folder tells nobody
which tasks are gold tasks.

The genesis hash tells development chains apart, which all have the same number and, each time
they are started, the same contract at the same address.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from plumbline.errors import PlumblineError
from plumbline.files.locations import chain_folder
from plumbline.files.private import StorageError, damaged, read_record, set_aside, write_new
from plumbline.files.values import hex_bytes, integer, word
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import commitment, gold_root
from plumbline.protocol.master_key import MAX_EPOCH, MasterKey
from plumbline.protocol.sealing import epoch_of, seal_gold, unseal_gold
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement.sheet import Sheet, pack, unpack
from plumbline.settlement.terms import MAX_OPTIONS, MAX_TASKS, MIN_OPTIONS

_VERSION: Final = 1
_LONGEST_SEALED: Final = 256  # bytes; 256 answers to 16 options with a salt take 181


class VaultError(StorageError):
    """A secret that is broken, in the way, or cannot be kept."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What it takes to open a commitment.

    sheet     the answers, or the gold answers
    salt      32 bytes
    digest    the commitment, or the gold root, that they hash to
    """

    options: int
    tasks: int
    sheet: Sheet
    salt: bytes
    digest: bytes

    @property
    def answers(self) -> list[int | None]:
        """The answers, None for a skip (of gold answers: for any other task)."""
        return unpack(self.sheet, self.options, self.tasks)


@dataclass(frozen=True, slots=True)
class KeptKey:
    """What is known of a master key; `key` itself only if the wallet cannot make it."""

    fingerprint: bytes
    key: MasterKey | None


@dataclass(frozen=True, slots=True)
class SealedGold:
    """Gold answers as they are kept; `digest` is their gold root."""

    requester: str
    options: int
    tasks: int
    tasks_root: bytes
    sealed: bytes
    digest: bytes

    @property
    def epoch(self) -> int:
        """The epoch of the key that opens them. Raises VaultError if they tell none."""
        epoch = epoch_of(self.sealed)
        if epoch is None:
            raise VaultError(f"gold answers 0x{self.digest.hex()[:8]}.. are cut off")
        return epoch

    def open(self, key: MasterKey, deployed: Deployed) -> Secret:
        """What they are. Raises VaultError if this key does not open them."""
        try:
            answers, salt = unseal_gold(
                key,
                deployed,
                self.requester,
                self.tasks_root,
                self.sealed,
                self.options,
                self.tasks,
            )
            secret = Secret(
                self.options, self.tasks, pack(answers, self.options), salt, self.digest
            )
        except PlumblineError as error:
            raise VaultError(f"gold answers 0x{self.digest.hex()[:8]}..: {error}") from None
        if gold_root(deployed.domain, self.requester, secret.sheet, salt) != self.digest:
            raise VaultError(
                f"gold answers 0x{self.digest.hex()[:8]}.. are not those of their root"
            )
        return secret


@dataclass(frozen=True, slots=True)
class Vault:
    """The secrets of one user for one deployment on one chain.

    `genesis` is the hash of block 0 of the chain.
    """

    root: Path
    deployed: Deployed
    genesis: bytes

    @property
    def chain_folder(self) -> Path:
        """Where everything of this chain is."""
        return self.root / chain_folder(self.deployed.chain_id, self.genesis)

    @property
    def folder(self) -> Path:
        """Where all secrets of this deployment are."""
        return self.chain_folder / self.deployed.address

    def draft_path(self, round_id: int, labeler: str) -> Path:
        """Where answers are that a labeler has not committed to yet."""
        return self.answers_path(round_id, labeler).with_suffix(".draft.json")

    def answers_path(self, round_id: int, labeler: str) -> Path:
        """Where a labeler's secret of a round is."""
        return self.folder / f"round-{round_id}" / f"{checksum(labeler)}.json"

    def answers(self, round_id: int, labeler: str) -> Secret | None:
        """A labeler's secret of a round, None if there is none."""
        path = self.answers_path(round_id, labeler)
        values = read_record(path, _VERSION)
        if values is None:
            return None
        secret = _secret(values, path)
        expected = commitment(self.deployed.domain, round_id, labeler, secret.sheet, secret.salt)
        return _require_consistent(secret, expected, path)

    def keep_answers(
        self, round_id: int, labeler: str, answers: list[int | None], options: int, salt: bytes
    ) -> Secret:
        """Keep answers with their salt, safely on disk once this returns.

        If a secret is kept already it is returned if the answers are the same, so that a
        command can be run again; VaultError if they are others.
        """
        sheet = pack(answers, options)
        kept = self.answers(round_id, labeler)
        if kept is None:
            expected = commitment(self.deployed.domain, round_id, labeler, sheet, salt)
            secret = Secret(options, len(answers), sheet, salt, expected)
            head = {"round": round_id, "labeler": checksum(labeler)}
            if self._keep(self.answers_path(round_id, labeler), secret, head):
                return secret
            # Another process was faster: what it kept is what counts.
            kept = self.answers(round_id, labeler)
        if kept is None or kept.sheet != sheet:
            path = self.answers_path(round_id, labeler)
            raise VaultError(
                f"other answers for round {round_id} are kept in {path} and may be committed: "
                "use those, or discard them first"
            )
        return kept

    def discard_answers(self, round_id: int, labeler: str) -> Path | None:
        """Set a secret aside, under a name that is never read again; None if there is none.

        Only for one that is not committed, nor can be: the caller has looked on chain.
        """
        return set_aside(self.answers_path(round_id, labeler), "discarded")

    def rounds_answered(self, labeler: str) -> list[int]:
        """Rounds that a labeler has a secret of."""
        name = f"{checksum(labeler)}.json"
        folders = [path.parent.name for path in self.folder.glob(f"round-*/{name}")]
        numbers = [folder.removeprefix("round-") for folder in folders]
        return sorted(int(number) for number in numbers if number.isdigit())

    def epoch(self, account: str) -> int:
        """The last epoch that a key of the account is known of; 0 if none is."""
        names = (path.name for path in self.folder.glob(f"key-*-{checksum(account)}*.json"))
        digits = (name.split("-")[1] for name in names)
        numbers = (int(each) for each in digits if each.isdecimal())
        return max((number for number in numbers if number <= MAX_EPOCH), default=0)

    def key_path(self, labeler: str, signer: str, epoch: int) -> Path:
        """Where what is known of a labeler's master key of an epoch is.

        `signer` is whose signature it comes from: the labeler, or an owner of that wallet.
        """
        owner = "" if checksum(signer) == checksum(labeler) else f"-by-{checksum(signer)}"
        return self.folder / f"key-{epoch}-{checksum(labeler)}{owner}.json"

    def key(self, labeler: str, signer: str, epoch: int) -> KeptKey | None:
        """What is known of a labeler's master key of an epoch, None if nothing is."""
        path = self.key_path(labeler, signer, epoch)
        values = read_record(path, _VERSION)
        if values is None:
            return None
        try:
            fingerprint = bytes.fromhex(values["fingerprint"])
            secret = None if values["secret"] is None else bytes.fromhex(values["secret"])
        except (KeyError, TypeError, ValueError):
            raise damaged(path) from None
        key = None if secret is None else MasterKey(secret, epoch)
        if key is not None and key.fingerprint != fingerprint:
            raise damaged(path)
        return KeptKey(fingerprint, key)

    def keep_key(self, labeler: str, signer: str, epoch: int, kept: KeptKey) -> bool:
        """Keep what is known of a master key; False if something is known already."""
        return write_new(self.key_path(labeler, signer, epoch), _key_text(labeler, kept))

    def replace_key(self, labeler: str, signer: str, epoch: int, kept: KeptKey) -> None:
        """Keep a stored key, in place of the fingerprint of one that cannot be expected again.

        A stored key is never replaced.
        """
        known = self.key(labeler, signer, epoch)
        if known is not None and known.key is None:
            set_aside(self.key_path(labeler, signer, epoch), "replaced")
        self.keep_key(labeler, signer, epoch, kept)

    def gold(self, requester: str, root: bytes) -> SealedGold | None:
        """A requester's gold answers with that root, None if they are not here."""
        path = self._gold_path(requester, root)
        values = read_record(path, _VERSION)
        if values is None:
            return None
        try:
            gold = SealedGold(
                requester=checksum(values["requester"]),
                options=integer(values["options"]),
                tasks=integer(values["tasks"]),
                tasks_root=word(values["tasks_root"]),
                sealed=hex_bytes(values["sealed"], 1, _LONGEST_SEALED),
                digest=word(values["digest"]),
            )
        except (KeyError, TypeError, ValueError, PlumblineError):
            raise damaged(path) from None
        is_possible = MIN_OPTIONS <= gold.options <= MAX_OPTIONS and 1 <= gold.tasks <= MAX_TASKS
        if not is_possible or (gold.requester, gold.digest) != (checksum(requester), root):
            raise damaged(path)
        return gold

    def gold_epochs(self, requester: str) -> set[int]:
        """The epochs of the keys that open a requester's gold answers here; of what is damaged
        nothing is told.
        """
        epochs = set()
        for path in self.folder.glob(f"gold/{checksum(requester)}-*.json"):
            try:
                root = word("0x" + path.stem.partition("-")[2])
                kept = self.gold(requester, root)
                epochs |= {kept.epoch} if kept is not None else set()
            except (ValueError, StorageError):
                continue
        return epochs

    def keep_gold(
        self, requester: str, gold: Secret, tasks_root: bytes, key: MasterKey
    ) -> SealedGold:
        """Keep gold answers, encrypted, safely on disk once this returns. Raises VaultError."""
        kept = self.gold(requester, gold.digest)
        if kept is not None:
            kept.open(key, self.deployed)
            return kept
        owner, answers = checksum(requester), gold.answers
        sealed = seal_gold(key, self.deployed, owner, tasks_root, answers, gold.options, gold.salt)
        values = {
            "version": _VERSION,
            "chain_id": self.deployed.chain_id,
            "contract": self.deployed.address,
            "requester": owner,
            "options": gold.options,
            "tasks": gold.tasks,
            "tasks_root": "0x" + tasks_root.hex(),
            "sealed": "0x" + sealed.hex(),
            "digest": "0x" + gold.digest.hex(),
        }
        # Of two at a time both write the same.
        self._write(self._gold_path(owner, gold.digest), values)
        return SealedGold(owner, gold.options, gold.tasks, tasks_root, sealed, gold.digest)

    def _gold_path(self, requester: str, root: bytes) -> Path:
        return self.folder / "gold" / f"{checksum(requester)}-{root.hex()}.json"

    def _keep(self, path: Path, secret: Secret, head: Mapping[str, object]) -> bool:
        values = {
            "version": _VERSION,
            "chain_id": self.deployed.chain_id,
            "contract": self.deployed.address,
            **head,
            "options": secret.options,
            "tasks": secret.tasks,
            "answers": secret.answers,
            "salt": "0x" + secret.salt.hex(),
            "digest": "0x" + secret.digest.hex(),
        }
        return self._write(path, values)

    @staticmethod
    def _write(path: Path, values: Mapping[str, object]) -> bool:
        try:
            return write_new(path, json.dumps(values) + "\n")
        except StorageError as error:
            raise VaultError(f"nothing was sent: {error}") from None


def _key_text(labeler: str, kept: KeptKey) -> str:
    values = {
        "version": _VERSION,
        "labeler": checksum(labeler),
        "fingerprint": kept.fingerprint.hex(),
        "secret": None if kept.key is None else kept.key.secret.hex(),
    }
    return json.dumps(values) + "\n"


def _secret(values: Mapping[str, Any], path: Path) -> Secret:
    try:
        options, answers = integer(values["options"]), values["answers"]
        salt, digest = word(values["salt"]), word(values["digest"])
        return Secret(options, len(answers), pack(answers, options), salt, digest)
    except (KeyError, TypeError, ValueError, AttributeError, PlumblineError):
        raise damaged(path) from None


def _require_consistent(secret: Secret, expected: bytes, path: Path) -> Secret:
    if secret.digest != expected:
        raise VaultError(f"{path} does not hash to its own digest: restore it from a copy")
    return secret
