"""Delegating gold answers to a keeper, which then closes rounds in the requester's place."""

from collections.abc import Iterable
from pathlib import Path

from plumbline.errors import PlumblineError
from plumbline.history.rounds import RoundHistory
from plumbline.labeler.delegated_gold import DelegatedGold, gold_file_in, write_gold
from plumbline.requester.gold import GoldStore


class DelegatingError(PlumblineError):
    """Gold answers that cannot be handed over."""


def delegate(store: GoldStore, histories: Iterable[RoundHistory], folder: Path) -> dict[int, Path]:
    """Write the gold answers of rounds into a folder, a private file each: the files by round.

    Rounds without gold, and those that are over, have none to write. Raises DelegatingError if
    those of a round cannot be had, StorageError if a file cannot be written.
    """
    written: dict[int, Path] = {}
    vault = store.vault
    for history in histories:
        if not history.has_gold or history.is_over:
            continue
        secret = store.of(history)
        if secret is None:
            raise DelegatingError(
                f"the gold answers of round {history.round_id} are not in {vault.folder}, or not "
                "this account's: name the file that it was opened from, and whose it is"
            )
        gold = DelegatedGold(vault.deployed, vault.genesis, store.requester, secret)
        path = gold_file_in(folder, gold)
        write_gold(path, gold)
        written[history.round_id] = path
    return written
