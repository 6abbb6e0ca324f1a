"""Accounts are opened as wallets keep them, and keys that everybody knows sign nothing of worth."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_utils.crypto import keccak

from plumbline.chain.node import Node
from plumbline.cli import ape_accounts
from plumbline.cli.accounts import (
    MNEMONIC,
    AccountError,
    account_of,
    test_keys,
)
from plumbline.transactions.senders import Refused

test_keys.__test__ = False  # type: ignore[attr-defined]  # which is no test

KEY = Account.from_key(keccak(text="alice"))
PASSPHRASE = "correct horse"
PASSPHRASE_VARIABLE = "APE_ACCOUNTS_alice_PASSPHRASE"
LOCAL, PUBLIC = (Node(None, 1, is_local) for is_local in (True, False))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def keyfiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of keyfiles, with one of alice; ape knows no others."""
    folder = tmp_path / "accounts"
    folder.mkdir()
    monkeypatch.setenv("APE_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv(PASSPHRASE_VARIABLE, PASSPHRASE)
    monkeypatch.setattr(ape_accounts, "load", lambda alias: None)
    write(folder)
    return folder


def write(folder: Path, **changes: Any) -> None:
    keyfile = Account.encrypt(KEY.key, PASSPHRASE, iterations=2)
    (folder / "alice.json").write_text(json.dumps({**keyfile, **changes}))


@pytest.mark.parametrize("prefix", ["", "0x"])
def test_a_keyfile_signs_whether_or_not_its_address_has_a_prefix(
    keyfiles: Path, prefix: str
) -> None:
    write(keyfiles, address=prefix + KEY.address[2:].lower())
    account = account_of("alice", PUBLIC)
    assert (account.name, account.address) == ("alice", KEY.address)
    message = encode_defunct(text="hello")
    assert account.sign_message(message) == bytes(KEY.sign_message(message).signature)


def test_a_wrong_passphrase_is_refused_before_anything_is_signed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "wrong")
    account = account_of("alice", PUBLIC)
    with pytest.raises(Refused, match=r"the passphrase of alice is wrong \(the one in APE_"):
        account.unlock()
    with pytest.raises(Refused, match="the passphrase of alice is wrong"):
        account.sign_message(encode_defunct(text="hello"))


def test_a_keyfile_that_does_not_say_its_address_is_opened_for_it(
    keyfiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `cast wallet` writes them."""
    keyfile = Account.encrypt(KEY.key, PASSPHRASE, iterations=2)
    del keyfile["address"]
    (keyfiles / "alice.json").write_text(json.dumps(keyfile))
    account = account_of("alice", PUBLIC)
    assert account.address == KEY.address
    message = encode_defunct(text="hello")
    assert account.sign_message(message) == bytes(KEY.sign_message(message).signature)
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "wrong")
    with pytest.raises(Refused, match="the passphrase of alice is wrong"):
        account_of("alice", PUBLIC)


def test_a_keyfile_that_names_another_account_signs_nothing(keyfiles: Path) -> None:
    write(keyfiles, address="11" * 20)
    with pytest.raises(Refused, match="not that of its key"):
        account_of("alice", PUBLIC).unlock()


def test_a_keyfile_that_cannot_be_opened_is_not_told_as_a_wrong_passphrase(keyfiles: Path) -> None:
    keyfile = Account.encrypt(KEY.key, PASSPHRASE, iterations=2)
    keyfile["crypto"]["kdf"] = "argon2"
    (keyfiles / "alice.json").write_text(json.dumps(keyfile))
    with pytest.raises(Refused, match=r"alice\.json does not open"):
        account_of("alice", PUBLIC).unlock()


@pytest.mark.parametrize("alias", ["my-key", "my.key", "my key"])
def test_a_passphrase_has_a_variable_that_a_shell_can_set(
    keyfiles: Path, monkeypatch: pytest.MonkeyPatch, alias: str
) -> None:
    (keyfiles / "alice.json").rename(keyfiles / f"{alias}.json")
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: PTH123, SIM115
    account = account_of(alias, PUBLIC)
    with pytest.raises(Refused, match="goes into APE_ACCOUNTS_my_key_PASSPHRASE"):
        account.unlock()
    monkeypatch.setenv("APE_ACCOUNTS_my_key_PASSPHRASE", PASSPHRASE)
    account.unlock()
    monkeypatch.setenv("APE_ACCOUNTS_my_key_PASSPHRASE", "wrong")
    monkeypatch.setenv(f"APE_ACCOUNTS_{alias}_PASSPHRASE", PASSPHRASE)
    account_of(alias, PUBLIC).unlock()


def test_without_a_terminal_nobody_is_asked_for_a_passphrase(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(PASSPHRASE_VARIABLE)
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: PTH123, SIM115
    with pytest.raises(Refused, match="APE_ACCOUNTS_alice_PASSPHRASE"):
        account_of("alice", PUBLIC).unlock()


def test_a_passphrase_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    questions: list[str] = []

    def prompt(question: str, **more: object) -> str:
        questions.append(question)
        return PASSPHRASE

    monkeypatch.delenv(PASSPHRASE_VARIABLE)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("plumbline.cli.accounts.require_terminal", lambda alias: None)
    monkeypatch.setattr(click, "prompt", prompt)
    account = account_of("alice", PUBLIC)
    assert questions == []
    account.unlock()
    account.sign_message(encode_defunct(text="hello"))
    assert questions == ["Passphrase of alice"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"address": 7}', '{"address": "0x12"}'])
def test_a_damaged_keyfile_is_an_error_that_names_it(keyfiles: Path, text: str) -> None:
    (keyfiles / "alice.json").write_text(text)
    with pytest.raises(AccountError, match=r"alice\.json is not a keyfile"):
        account_of("alice", PUBLIC)


@pytest.mark.parametrize("alias", ["nobody", "../accounts/alice", "../../etc/passwd"])
def test_an_account_that_is_not_known_is_an_error_with_those_that_are(alias: str) -> None:
    """A path out of the folder is no alias."""
    with pytest.raises(AccountError, match="known are alice"):
        account_of(alias, PUBLIC)


def test_what_ape_holds_is_asked_of_ape(monkeypatch: pytest.MonkeyPatch) -> None:
    held: Any = object()
    monkeypatch.setattr(ape_accounts, "load", lambda alias: held if alias == "ledger" else None)
    assert account_of("ledger", PUBLIC) is held


# -------------------------------------------------------------------- test accounts


def test_test_accounts_are_those_of_every_development_chain() -> None:
    assert MNEMONIC.split() == ["test"] * 11 + ["junk"]
    for alias in ("TEST::0", None):
        first = account_of(alias, LOCAL)
        assert first.address == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    assert account_of("TEST::1", LOCAL).address == "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
    assert test_keys(2, 1)[0] == test_keys(1, 1)[0]


@pytest.mark.parametrize("alias", ["TEST::0", "TEST::x", "TEST::"])
def test_a_test_account_signs_on_a_local_chain_only(alias: str) -> None:
    with pytest.raises(AccountError, match="a key that everybody knows"):
        account_of(alias, PUBLIC)


@pytest.mark.parametrize("alias", ["TEST::", "TEST::-1", "TEST::1_0", "TEST::٣", "TEST::1234567"])
def test_a_test_account_is_a_number(alias: str) -> None:
    with pytest.raises(AccountError, match="is not a test account"):
        account_of(alias, LOCAL)


def test_there_is_a_default_on_a_local_chain_only_and_not_where_one_is_needed() -> None:
    for node, needed in ((PUBLIC, False), (LOCAL, True)):
        with pytest.raises(AccountError, match="say which account signs"):
            account_of(None, node, needed)
