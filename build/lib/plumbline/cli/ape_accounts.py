"""Accounts that ape's plugins hold, as hardware wallets."""

from typing import Any

from ape import accounts, networks
from ape.logging import logger
from eth_account.datastructures import SignedTransaction
from eth_account.messages import SignableMessage
from eth_utils.crypto import keccak
from hexbytes import HexBytes

from plumbline.cli.accounts import require_terminal
from plumbline.cli.output import note
from plumbline.transactions.senders import Refused


class ApeAccount:
    """An account of a plugin, unlocked when it first signs."""

    def __init__(self, account: Any, name: str) -> None:
        self._account = account
        self.name = name
        self.address = str(account.address)

    def unlock(self) -> None:
        """Ask for the passphrase, if the plugin has one."""
        if not hasattr(self._account, "set_autosign") or not getattr(
            self._account, "locked", False
        ):
            return
        require_terminal(self.name)
        with logger.at_level(logger.DISABLE_LEVEL):
            # The transaction was shown and agreed to already.
            self._account.set_autosign(True)

    def sign_transaction(self, fields: dict[str, Any]) -> Any:
        """Sign what `senders` prepared."""
        known = dict(fields)
        sender = known.pop("from", self.address)
        transaction = networks.ethereum.create_transaction(**known)
        transaction.sender = sender
        self.unlock()
        try:
            signed = self._account.sign_transaction(transaction)
        except Exception as error:  # whatever a plugin raises, nothing is signed then
            raise Refused(f"the account did not sign ({error})") from error
        if signed is None or signed.signature is None:
            raise Refused("the account did not sign")
        raw = HexBytes(signed.serialize_transaction())
        v, r, s = signed.signature.v, signed.signature.r, signed.signature.s
        return SignedTransaction(
            raw, HexBytes(keccak(raw)), int.from_bytes(r, "big"), int.from_bytes(s, "big"), v
        )

    def sign_message(self, message: SignableMessage) -> bytes | None:
        """Sign typed data, 65 bytes; None if the account cannot."""
        self.unlock()
        try:
            signature = self._account.sign_message(message)
        except Exception as error:  # whatever a plugin raises, nothing is signed then
            note(f"{self.name} did not sign: {error}")
            return None
        return None if signature is None else bytes(signature.encode_rsv())


def load(alias: str) -> ApeAccount | None:
    """The account of that alias, None if no plugin has it."""
    return ApeAccount(accounts.load(alias), alias) if alias in accounts.aliases else None
