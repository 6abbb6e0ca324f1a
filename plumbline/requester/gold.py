"""A requester's gold answers: made from the wallet and a file, kept sealed, found again.

Their salt follows from the wallet, the tasks and the answers. So nothing is lost with the vault:
whoever has the wallet and the file that a round was opened from has its gold.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from plumbline.formats.round_file import RoundFile
from plumbline.history.rounds import RoundHistory
from plumbline.labeler.unlocking import Keyring
from plumbline.labeler.vault import SealedGold, Secret, Vault, VaultError
from plumbline.protocol.commitment import gold_root
from plumbline.protocol.master_key import MasterKey
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement.sheet import pack

_MOST_ROUNDS: Final = 256
"""Rounds of one requester with the same tasks and gold answers, that are told apart."""


@dataclass(frozen=True, slots=True)
class GoldStore:
    """Where the gold answers of `requester` come from.

    vault     has those that were kept here
    keyring   asks the wallet: the keys that they may have been sealed with
    files     what rounds were opened from, by the root of their tasks
    """

    vault: Vault
    requester: str
    keyring: Keyring
    files: Mapping[bytes, RoundFile] = field(default_factory=dict)

    def unlock(self) -> None:
        """Ask the wallet now for the keys of all gold answers that are kept, and not later."""
        for epoch in sorted(self.vault.gold_epochs(self.requester)):
            self.keyring.keys_of(epoch)

    def of(self, history: RoundHistory) -> Secret | None:
        """The gold answers of a round; None if they are not here.

        Raises StorageError if what is kept is damaged, UnlockError if the wallet does not sign.
        """
        if history.requester != self.requester:
            return None
        file = self.files.get(history.opened.tasks_root)
        if file is not None:
            again = self._from_file(file, history)
            if again is not None:
                return again
        kept = self.vault.gold(self.requester, history.opened.gold_root)
        return None if kept is None else self._opened(kept)

    def _from_file(self, file: RoundFile, history: RoundHistory) -> Secret | None:
        tasks_root, root = history.opened.tasks_root, history.opened.gold_root
        for key in self.keyring.all():
            for nth in range(_MOST_ROUNDS):
                secret = _nth(key, self.vault.deployed, self.requester, file, tasks_root, nth)
                if secret.digest == root:
                    return secret
        return None

    def _opened(self, kept: SealedGold) -> Secret:
        failure: VaultError | None = None
        for key in self.keyring.keys_of(kept.epoch):
            try:
                return kept.open(key, self.vault.deployed)
            except VaultError as error:
                failure = error
        assert failure is not None  # there is a key, or the wallet would have been complained of
        raise failure


def gold_of(
    key: MasterKey, deployed: Deployed, requester: str, file: RoundFile, used: Set[bytes]
) -> Secret:
    """The gold answers of a round to be opened; `used` are gold roots that are on the chain."""
    tasks_root = file.manifest.root
    for nth in count():
        secret = _nth(key, deployed, requester, file, tasks_root, nth)
        if secret.digest not in used:
            return secret
    raise AssertionError("unreachable")


def _nth(
    key: MasterKey, deployed: Deployed, requester: str, file: RoundFile, tasks_root: bytes, nth: int
) -> Secret:
    options, tasks = file.rules.options, file.rules.tasks
    sheet = pack([file.gold.get(task) for task in range(tasks)], options)
    salt = key.gold_salt(tasks_root, sheet, nth)
    root = gold_root(deployed.domain, requester, sheet, salt)
    return Secret(options, tasks, sheet, salt, root)
