"""A secret is on disk, private and whole, before it is used, and is never replaced."""

import json
import os
import shutil
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from plumbline.files.private import StorageError
from plumbline.labeler.vault import Secret, Vault, VaultError
from plumbline.protocol.commitment import commitment, gold_root, new_salt
from plumbline.protocol.master_key import MasterKey
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement.sheet import pack

DEPLOYED = Deployed(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
LABELER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
SALT = b"\x05" * 32
KEY = MasterKey(b"\x07" * 32, epoch=0)
GOLD: list[int | None] = [1, None, None, None, None, 0, None, None, None, None, None, None]
ANSWERS: list[int | None] = [0, 1, None, 1, 0, 1, 0, 0, 1, 1, 0, None]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", DEPLOYED, bytes(32))


def keep(vault: Vault) -> Secret:
    """Gold answers, in the vault."""
    sheet = pack(GOLD, 2)
    secret = Secret(2, 12, sheet, SALT, gold_root(DEPLOYED.domain, LABELER, sheet, SALT))
    vault.keep_gold(LABELER, secret, b"\x06" * 32, KEY)
    return secret


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_kept_is_read_back_and_opens_the_commitment(vault: Vault) -> None:
    assert vault.answers(1, LABELER) is None
    secret = vault.keep_answers(1, LABELER, ANSWERS, 2, SALT)
    assert vault.answers(1, LABELER) == secret
    assert secret.answers == ANSWERS
    sheet = pack(ANSWERS, 2)
    assert secret.digest == commitment(DEPLOYED.domain, 1, LABELER, sheet, secret.salt)


def test_files_and_folders_are_private_whatever_the_umask(vault: Vault) -> None:
    before = os.umask(0)
    try:
        vault.keep_answers(1, LABELER, ANSWERS, 2, SALT)
        keep(vault)
    finally:
        os.umask(before)
    for path in vault.root.rglob("*"):
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path
    assert not list(vault.root.rglob(".*"))


def test_the_same_answers_again_are_the_same_secret(vault: Vault) -> None:
    first = vault.keep_answers(1, LABELER, ANSWERS, 2, SALT)
    assert vault.keep_answers(1, LABELER, ANSWERS, 2, SALT) == first
    assert vault.keep_answers(1, LABELER, ANSWERS, 2, new_salt()) == first


def test_other_answers_are_refused_until_the_first_are_discarded(vault: Vault) -> None:
    vault.keep_answers(1, LABELER, ANSWERS, 2, SALT)
    others = [1, *ANSWERS[1:]]
    with pytest.raises(VaultError, match="other answers for round 1 are kept"):
        vault.keep_answers(1, LABELER, others, 2, SALT)
    aside = vault.discard_answers(1, LABELER)
    assert aside is not None and aside.exists()
    assert vault.answers(1, LABELER) is None
    assert vault.keep_answers(1, LABELER, others, 2, SALT).answers == others
    assert vault.rounds_answered(LABELER) == [1]
    assert vault.discard_answers(9, LABELER) is None


def test_rounds_labelers_chains_and_contracts_are_kept_apart(vault: Vault) -> None:
    other_chain = Vault(vault.root, DEPLOYED, b"\x01" * 32)
    other_contract = Vault(vault.root, Deployed(31337, LABELER), bytes(32))
    vault.keep_answers(1, LABELER, ANSWERS, 2, SALT)
    assert vault.answers(2, LABELER) is None
    assert vault.answers(1, DEPLOYED.address) is None
    assert other_chain.answers(1, LABELER) is None
    assert other_contract.answers(1, LABELER) is None


def test_gold_answers_are_found_by_their_root_and_sealed_on_disk(vault: Vault) -> None:
    gold = keep(vault)
    kept = vault.gold(LABELER, gold.digest)
    assert kept is not None and kept.open(KEY, DEPLOYED) == gold
    assert vault.gold(DEPLOYED.address, gold.digest) is None
    assert (vault.gold_epochs(LABELER), vault.gold_epochs(DEPLOYED.address)) == ({0}, set())
    (path,) = (vault.folder / "gold").iterdir()
    written = path.read_text()
    assert "answers" not in written and gold.salt.hex() not in written
    with pytest.raises(VaultError, match="not sealed by this wallet"):
        kept.open(MasterKey(b"\x08" * 32, epoch=0), DEPLOYED)


def test_the_same_gold_answers_are_kept_once(vault: Vault) -> None:
    assert keep(vault) == keep(vault)
    assert len(list((vault.folder / "gold").iterdir())) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda values: values | {"sealed": values["sealed"][:-2] + "00"},
        lambda values: values | {"sealed": ""},
        lambda values: values | {"tasks_root": "0x" + "11" * 32},
        lambda values: values | {"tasks": 10**9},
        lambda values: values | {"options": 3},
        lambda values: values | {"requester": DEPLOYED.address},
        lambda values: {key: value for key, value in values.items() if key != "sealed"},
    ],
)
def test_damaged_gold_answers_are_never_used(vault: Vault, damage: Any) -> None:
    gold = keep(vault)
    (path,) = (vault.folder / "gold").iterdir()
    path.write_text(json.dumps(damage(json.loads(path.read_text()))))

    def read() -> None:
        kept = vault.gold(LABELER, gold.digest)
        assert kept is not None
        kept.open(KEY, DEPLOYED)

    with pytest.raises(StorageError):
        read()
    with pytest.raises(StorageError):
        keep(vault)


@pytest.mark.parametrize(
    "damage",
    [
        lambda values: values | {"salt": "0x" + "00" * 32},
        lambda values: values | {"salt": "0x00"},
        lambda values: values | {"answers": [1, *values["answers"][1:]]},
        lambda values: values | {"answers": [7, *values["answers"][1:]]},
        lambda values: {key: value for key, value in values.items() if key != "salt"},
        lambda values: values | {"version": 2},
        lambda values: [values],
    ],
)
def test_a_damaged_secret_is_never_used(vault: Vault, damage: object) -> None:
    vault.keep_answers(1, LABELER, ANSWERS, 2, SALT)
    path = vault.answers_path(1, LABELER)
    path.write_text(json.dumps(damage(json.loads(path.read_text()))))  # type: ignore[operator]
    with pytest.raises(StorageError):
        vault.answers(1, LABELER)
    with pytest.raises(StorageError):
        vault.keep_answers(1, LABELER, ANSWERS, 2, SALT)


def test_half_a_file_is_said_to_be_damaged(vault: Vault) -> None:
    vault.keep_answers(1, LABELER, ANSWERS, 2, SALT)
    path = vault.answers_path(1, LABELER)
    path.write_text(path.read_text()[:50])
    with pytest.raises(StorageError, match="damaged"):
        vault.answers(1, LABELER)


def test_a_crash_while_writing_leaves_nothing(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("plumbline.files.private.os.fsync", crash)
    (vault.folder / "round-1").mkdir(parents=True)
    with pytest.raises(VaultError, match="nothing was sent"):
        vault.keep_answers(1, LABELER, ANSWERS, 2, SALT)
    assert not [path for path in vault.root.rglob("*") if path.is_file()]


def test_the_file_is_flushed_before_it_has_its_name(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    flush = os.fsync

    def watched(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            seen.append(vault.answers_path(1, LABELER).exists())
        flush(handle)

    monkeypatch.setattr("plumbline.files.private.os.fsync", watched)
    vault.keep_answers(1, LABELER, ANSWERS, 2, SALT)
    assert seen == [False]


def test_of_two_at_once_one_wins_and_both_agree(vault: Vault) -> None:
    found: list[Secret] = []

    def keep() -> None:
        found.append(vault.keep_answers(1, LABELER, ANSWERS, 2, new_salt()))

    threads = [threading.Thread(target=keep) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({secret.salt for secret in found}) == 1


def test_copies_that_somebody_made_are_passed_over(vault: Vault) -> None:
    vault.keep_answers(1, LABELER, ANSWERS, 2, SALT)
    shutil.copytree(vault.folder / "round-1", vault.folder / "round-1.bak")
    assert vault.rounds_answered(LABELER) == [1]
