"""The accounts that sign, in the manner of eth_account: keyfiles, test accounts, ape's plugins.

Keyfiles are those of `ape accounts`, which any wallet can read; ape itself is needed only for
accounts that its plugins hold, as hardware wallets.
"""

import json
import os
import re
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol

import click
from eth_account import Account
from eth_account.messages import SignableMessage

from plumbline.chain.node import Node
from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import checksum
from plumbline.transactions.senders import NamedSigner, Refused

MNEMONIC: Final = "test test test test test test test test test test test junk"
"""The mnemonic of the accounts that every development chain knows."""

_TEST_PREFIX: Final = "TEST::"
_DEFAULT: Final = "TEST::0"
_NO_NAME: Final = re.compile(r"[^A-Za-z0-9_]")  # what no shell has in the name of a variable


class AccountError(PlumblineError):
    """An account that is not known, or is not for this chain."""


class UnlockableSigner(NamedSigner, Protocol):
    """An account that may have a passphrase."""

    def unlock(self) -> None:
        """Ask for the passphrase, if there is one, now. Raises Refused if it is not right."""


class LocalSigner:
    """A key in this process, opened when it first signs."""

    def __init__(self, name: str, address: str, key: Callable[[], bytes]) -> None:
        """`key` may ask for a passphrase. It raises Refused if the key cannot be had."""
        self.name = name
        self.address = address
        self._key = key

    def unlock(self) -> None:
        """Ask for the passphrase, once."""
        _ = self._account

    def sign_transaction(self, fields: dict[str, Any]) -> Any:
        """Sign what `senders` prepared."""
        return self._account.sign_transaction(fields)

    def sign_message(self, message: SignableMessage) -> bytes:
        """Sign typed data, 65 bytes."""
        return bytes(self._account.sign_message(message).signature)

    @cached_property
    def _account(self) -> Any:
        return Account.from_key(self._key())


def _passphrase_variable(alias: str) -> str:
    """The variable of the environment that a passphrase may be in, as for ape.

    No shell sets one with a hyphen in its name, so there is an underscore in its place.
    """
    return f"APE_ACCOUNTS_{_NO_NAME.sub('_', alias)}_PASSPHRASE"


def _passphrase_given(alias: str) -> str | None:
    """A passphrase out of the environment; the name that ape looks for works as well."""
    given = os.environ.get(f"APE_ACCOUNTS_{alias}_PASSPHRASE")
    return os.environ.get(_passphrase_variable(alias)) if given is None else given


def require_terminal(alias: str) -> None:
    """Raise Refused where nobody can be asked for a passphrase."""
    if not sys.stdin.isatty():
        raise Refused(f"without a terminal the passphrase goes into {_passphrase_variable(alias)}")


def account_of(alias: str | None, node: Node, required: bool = False) -> UnlockableSigner:
    """The account that signs; `required` if there is no default even on a local chain."""
    if alias is None:
        if required or not node.is_local:
            raise AccountError("say which account signs: --account ALIAS, see `ape accounts list`")
        alias = _DEFAULT
    if alias.startswith(_TEST_PREFIX):
        return _test_account(alias, node)
    path = _keyfiles() / f"{alias}.json"
    if path.parent == _keyfiles() and path.is_file():
        return _keyfile_account(path)
    return _through_ape(alias)


def test_keys(count: int, start: int = 0) -> list[str]:
    """Private keys of the test accounts, 0x hex."""
    Account.enable_unaudited_hdwallet_features()
    return [
        "0x" + bytes(Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{i}").key).hex()
        for i in range(start, start + count)
    ]


def _test_account(alias: str, node: Node) -> LocalSigner:
    number = alias.removeprefix(_TEST_PREFIX)
    if not node.is_local:
        raise AccountError(f"{alias} is a key that everybody knows: use it on a local chain only")
    if not (number.isascii() and number.isdigit() and len(number) <= 6):
        raise AccountError(f"{alias} is not a test account: those are TEST::0, TEST::1, ..")
    (key,) = test_keys(1, int(number))
    return LocalSigner(alias, Account.from_key(key).address, lambda: bytes.fromhex(key[2:]))


def _keyfile_account(path: Path) -> LocalSigner:
    """A keyfile; one that does not say its address (`cast wallet`) is opened at once for it."""
    try:
        keyfile = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(keyfile.get("crypto", keyfile.get("Crypto")), dict):
            raise ValueError
        named = keyfile.get("address")
        address = None if named is None else checksum("0x" + named.removeprefix("0x"))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, PlumblineError) as error:
        raise AccountError(
            f"{path} is not a keyfile ({type(error).__name__}): restore it from a copy"
        ) from None
    if address is None:
        key = _decrypted(path, keyfile)
        return LocalSigner(path.stem, Account.from_key(key).address, lambda: key)
    return LocalSigner(path.stem, address, lambda: _opened(path, keyfile, address))


def _opened(path: Path, keyfile: dict[str, Any], address: str) -> bytes:
    key = _decrypted(path, keyfile)
    if Account.from_key(key).address != address:
        raise Refused(f"{path} names {address}, which is not that of its key: restore the file")
    return key


def _decrypted(path: Path, keyfile: dict[str, Any]) -> bytes:
    alias = path.stem
    passphrase = _passphrase_given(alias)
    is_asked = passphrase is None
    if passphrase is None:
        require_terminal(alias)
        passphrase = click.prompt(f"Passphrase of {alias}", hide_input=True, err=True, default="")
    try:
        return bytes(Account.decrypt(keyfile, passphrase))
    except (ValueError, TypeError, LookupError, NotImplementedError) as error:
        if "mac" in str(error).lower():
            whose = "" if is_asked else f" (the one in {_passphrase_variable(alias)})"
            raise Refused(f"the passphrase of {alias} is wrong{whose}: try again") from None
        raise Refused(f"{path} does not open ({error}): restore it from a copy") from None


def _keyfiles() -> Path:
    return Path(os.environ.get("APE_DATA_FOLDER", "~/.ape")).expanduser() / "accounts"


def _through_ape(alias: str) -> UnlockableSigner:
    known = ", ".join(sorted(path.stem for path in _keyfiles().glob("*.json")))
    known = known or "none; import one with `ape accounts import`"
    try:
        from plumbline.cli import ape_accounts
    except ImportError:
        raise AccountError(f"there is no account {alias!r}: known are {known}") from None
    account = ape_accounts.load(alias)
    if account is None:
        raise AccountError(f"there is no account {alias!r}: known are {known}")
    return account
