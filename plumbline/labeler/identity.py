"""Who takes part: an account, or a wallet contract that an account signs for."""

from dataclasses import dataclass

from plumbline.chain.node import Node
from plumbline.chain.wallets import is_contract
from plumbline.errors import PlumblineError
from plumbline.history.market import Market
from plumbline.labeler.unlocking import Keyring, Unlocked, keyring, unlock
from plumbline.labeler.vault import Vault
from plumbline.protocol.addresses import checksum, short_address
from plumbline.transactions.senders import NamedSigner


class WalletError(PlumblineError):
    """An address that is not a wallet contract, or a wallet that rejects a signature."""


@dataclass(frozen=True)
class Labeler:
    """The account that signs and pays the fees, and the address whose stake is locked."""

    account: NamedSigner
    address: str

    @classmethod
    def of(cls, node: Node, account: NamedSigner, wallet: str | None) -> "Labeler":
        """The labeler of an account. Raises WalletError if `wallet` is not a contract."""
        address = checksum(wallet) if wallet else str(account.address)
        if wallet and not is_contract(node.w3, address):
            raise WalletError(
                f"{address} is not a contract on chain {node.chain_id}: leave out --wallet"
            )
        return cls(account, address)

    @property
    def is_wallet(self) -> bool:
        """Whether the labeler is a wallet contract."""
        return self.address != str(self.account.address)

    @property
    def name(self) -> str:
        """What to call the labeler."""
        if not self.is_wallet:
            return self.account.name
        return f"wallet {short_address(self.address)}"

    @property
    def options(self) -> str:
        """How commands name this labeler."""
        wallet = f" --wallet {self.address}" if self.is_wallet else ""
        return f"--account {self.account.name}{wallet}"

    def unlock(self, vault: Vault, epoch: int, may_store: bool) -> Unlocked:
        """The key for commitments of an epoch. Raises UnlockError if the account does not sign."""
        account = self.account
        return unlock(vault, self.address, account.address, account.sign_message, epoch, may_store)

    def keyring(self, market: Market, vault: Vault) -> Keyring:
        """The keys that earlier commitments may have been made with."""
        account = self.account
        return keyring(market, vault, self.address, account.address, account.sign_message)
