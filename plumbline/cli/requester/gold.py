"""The gold answers of a command's account, which its wallet unlocks."""

from collections.abc import Mapping
from typing import Final

import click

from plumbline.cli.market import vault_of
from plumbline.cli.output import warn
from plumbline.formats.round_file import RoundFile
from plumbline.history.market import Market
from plumbline.labeler.unlocking import epoch_now, keyring, unlock
from plumbline.protocol.master_key import MasterKey
from plumbline.requester.gold import GoldStore
from plumbline.transactions.senders import NamedSigner

UNLOCK_LINE: Final = (
    "A message that unlocks your gold answers (no transaction). Sign it only where you open rounds "
    "yourself: whoever has the signature can read them."
)

stored_key_option = click.option(
    "--stored-key",
    is_flag=True,
    help="For an account that never signs typed data: keep a random key on disk. Without it "
    "nobody can read the gold answers.",
)


def gold_store(market: Market, account: NamedSigner, files: Mapping[bytes, RoundFile]) -> GoldStore:
    """Where the gold answers of an account come from: the vault, or the files of its rounds, by
    the root of their tasks."""
    vault, owner = vault_of(market), account.address
    keys = keyring(market, vault, owner, owner, account.sign_message)
    return GoldStore(vault, owner, keys, files)


def new_gold_key(market: Market, account: NamedSigner, may_store: bool) -> MasterKey:
    """The key for gold answers of new rounds; says so if it had to be stored."""
    vault, owner = vault_of(market), account.address
    epoch = epoch_now(market, vault, owner)
    unlocked = unlock(vault, owner, owner, account.sign_message, epoch, may_store)
    if unlocked.warning:
        warn(unlocked.warning)
    return unlocked.key
