"""Who takes part: an account, or a wallet contract that an account signs for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from scripts._accounts import account_of
from scripts._command import fail
from scripts._output import note, short
from scripts._sending import confirm, outbox, sender_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.labeler.vault import Vault
    from plumbline.protocol.master_key import MasterKey
    from plumbline.transactions.outbox import Outbox
    from scripts._node import Chain, Market

wallet_option = click.option(
    "--wallet",
    metavar="ADDRESS",
    help="The labeler is this wallet contract (EIP-1271), and the account signs for it.",
)


@dataclass(frozen=True)
class Labeler:
    """The account that signs and pays the fees, and the address whose stake is locked."""

    chain: Chain
    account: Any
    address: str

    @property
    def is_wallet(self) -> bool:
        """Whether the labeler is a wallet contract."""
        return self.address != str(self.account.address)

    @property
    def name(self) -> str:
        """What to call the labeler."""
        return f"wallet {short(self.address)}" if self.is_wallet else str(self.account.name)

    @property
    def options(self) -> str:
        """How commands name this labeler."""
        wallet = f" --wallet {self.address}" if self.is_wallet else ""
        return f"--account {self.account.name}{wallet}"

    @property
    def outbox(self) -> Outbox:
        """What the account sends."""
        return outbox(self.chain, self.account)

    def unlock(self, vault: Vault, may_store: bool) -> MasterKey:
        """The key for a new commitment; says so if it has to be stored."""
        from plumbline.labeler.unlocking import unlock

        account = self.account
        unlocked = unlock(vault, self.address, account.address, account.sign_message, may_store)
        if unlocked.warning:
            note(f"[yellow]Warning:[/] {unlocked.warning}")
        return unlocked.key

    def earlier_keys(self, vault: Vault) -> tuple[MasterKey, ...]:
        """The keys that earlier commitments may have been made with."""
        from plumbline.labeler.unlocking import candidates

        return candidates(vault, self.address, self.account.address, self.account.sign_message)

    def confirm(self, yes: bool, lines: Sequence[str], sends: bool = True) -> None:
        """Say what the account will sign, and ask."""
        confirm(yes, self.chain, self.account, lines, sends)


def labeler_of(here: Market, alias: str, wallet: str | None, sends: bool) -> Labeler:
    """The labeler of a command, after what an earlier run has left behind is finished."""
    from plumbline.chain.wallets import is_contract
    from plumbline.protocol.addresses import checksum

    chain = here.chain
    account = sender_of(alias, chain, needed=True) if sends else account_of(alias, chain, True)
    address = checksum(wallet) if wallet else str(account.address)
    if wallet and not is_contract(chain.w3, address):
        fail(f"{address} is no contract on chain {chain.chain_id}: leave out --wallet")
    return Labeler(chain, account, address)


UNLOCK_LINE = (
    "A message that unlocks your secret answers (no transaction). Sign it nowhere else: whoever "
    "has the signature can take your stake."
)
