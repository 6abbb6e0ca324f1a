"""The accounts that sign, in the manner of eth_account.

Ape imports every script for any `ape run`, so nothing heavy is imported up here.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from scripts._command import fail
from scripts._output import note

if TYPE_CHECKING:
    from eth_account.messages import SignableMessage

    from scripts._node import Chain

_TEST_PREFIX = "TEST::"


class ApeSigner:
    """An ape account in the manner of eth_account, unlocked when it first signs."""

    def __init__(self, account: Any, name: str) -> None:
        self._account = account
        self.name = name
        self.address = str(account.address)

    def sign_transaction(self, fields: dict[str, Any]) -> Any:
        """Sign what `senders` prepared."""
        from ape import networks
        from eth_account.datastructures import SignedTransaction
        from eth_utils.crypto import keccak
        from hexbytes import HexBytes

        from plumbline.transactions.senders import Refused

        known = dict(fields)
        sender = known.pop("from", self.address)
        txn = networks.provider.network.ecosystem.create_transaction(**known)
        txn.sender = sender
        self._unlock()
        try:
            signed = self._account.sign_transaction(txn)
        except Exception as error:  # whatever a plug-in raises, nothing is signed then
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
        self._unlock()
        try:
            signature = self._account.sign_message(message)
        except Exception as error:  # whatever a plug-in raises, nothing is signed then
            note(f"{self.name} did not sign: {error}")
            return None
        return None if signature is None else bytes(signature.encode_rsv())

    def _unlock(self) -> None:
        if not hasattr(self._account, "set_autosign") or not getattr(
            self._account, "locked", False
        ):
            return
        from ape.logging import logger

        from plumbline.transactions.senders import Refused

        variable = f"APE_ACCOUNTS_{self.name}_PASSPHRASE"
        if variable not in os.environ and not sys.stdin.isatty():
            raise Refused(f"without a terminal the passphrase goes into {variable}")
        with logger.at_level(logger.DISABLE_LEVEL):
            # The transaction was shown and agreed to already.
            self._account.set_autosign(True)


def account_of(alias: str | None, chain: Chain, needed: bool = False) -> Any:
    """The account that signs; `needed` if there is no default even on a local chain."""
    from ape import accounts
    from eth_account import Account

    if alias is None:
        if needed or not chain.is_local:
            fail("say which account signs: --account ALIAS, see `ape accounts list`")
        alias = f"{_TEST_PREFIX}0"
    if alias.startswith(_TEST_PREFIX):
        number = alias.removeprefix(_TEST_PREFIX)
        if not chain.is_local:
            fail(f"{alias} is a key that everybody knows: use it on a local chain only")
        if not number.isdigit():
            fail(f"{alias} is no test account: they are {_TEST_PREFIX}0, {_TEST_PREFIX}1, ..")
        key = test_keys(1, int(number))[0]
        account = Account.from_key(key)
        return _Named(account, alias)
    if alias not in accounts.aliases:
        known = ", ".join(accounts.aliases) or "none; import one with `ape accounts import`"
        fail(f"there is no account {alias!r}: known are {known}")
    return ApeSigner(accounts.load(alias), alias)


class _Named:
    """A local key with the alias it is known by."""

    def __init__(self, account: Any, name: str) -> None:
        self.name = name
        self.address = account.address
        self.sign_transaction = account.sign_transaction
        self._account = account

    def sign_message(self, message: SignableMessage) -> bytes:
        """Sign typed data, 65 bytes."""
        return bytes(self._account.sign_message(message).signature)


def test_keys(count: int, start: int = 0) -> list[str]:
    """Private keys of ape's test accounts, which everybody knows."""
    from ape import accounts
    from ape.utils.testing import generate_dev_accounts

    container = accounts.test_accounts
    made = generate_dev_accounts(
        container.mnemonic, count, hd_path=container.hd_path, start_index=start
    )
    return [account.private_key for account in made]
