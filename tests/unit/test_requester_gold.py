"""Gold answers follow from wallet and file, so that nothing is lost with the vault."""

import json
from pathlib import Path
from typing import Any

import pytest

from plumbline.files.private import StorageError
from plumbline.formats.round_file import RoundFile, parse
from plumbline.history.rounds import RoundHistory
from plumbline.labeler.delegated_folder import Folder
from plumbline.labeler.vault import Secret, Vault
from plumbline.protocol.master_key import MasterKey
from plumbline.requester.delegating import DelegatingError, delegate
from plumbline.requester.gold import GoldStore, gold_of
from tests.unit.builders import (
    DEPLOYED,
    GENESIS,
    REQUESTER,
    SMALL,
    STRANGER,
    StagedRound,
    keyring_of,
)

KEY = MasterKey(b"\x07" * 32, epoch=0)
GOLD = {number: "yes" if number % 3 else "no" for number in range(1, 49, 4)}


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", DEPLOYED, GENESIS)


def round_file(**changes: Any) -> RoundFile:
    values = {
        "preset": "binary",
        "tasks": [f"message {number}" for number in range(48)],
        "price": "0.01 ether",
        "stake": "0.02 ether",
        "gold": GOLD,
    }
    return parse({**values, **changes}, Path())


def made(file: RoundFile, used: set[bytes] | None = None, owner: str = REQUESTER) -> Secret:
    return gold_of(KEY, DEPLOYED, owner, file, used or set())


def opened(file: RoundFile, gold: Secret) -> RoundHistory:
    """A round with that gold."""

    class Golden(StagedRound):
        @property
        def secret(self) -> Secret:
            return gold

    return Golden(file.rules, tasks_root=file.manifest.root, has_gold=True).history


def store(
    vault: Vault, *files: RoundFile, owner: str = REQUESTER, key: MasterKey = KEY
) -> GoldStore:
    return GoldStore(vault, owner, keyring_of(key), {file.manifest.root: file for file in files})


def test_no_two_rounds_share_a_salt() -> None:
    file = round_file()
    first = made(file)
    again = made(file, {first.digest})
    others = [
        made(round_file(gold={**GOLD, 1: "no"})),
        made(round_file(tasks=[f"text {number}" for number in range(48)])),
        gold_of(MasterKey(b"\x08" * 32, epoch=0), DEPLOYED, REQUESTER, file, set()),
    ]
    assert len({secret.salt for secret in (first, again, *others)}) == 5
    assert first == made(file)
    assert first.answers == again.answers
    assert made(file, owner=STRANGER).digest != first.digest


def test_an_empty_machine_has_the_gold_of_a_round_from_its_file(vault: Vault) -> None:
    file = round_file()
    first = made(file)
    again = made(file, {first.digest})
    for secret in (first, again):
        assert store(vault, file).of(opened(file, secret)) == secret
    assert store(vault).of(opened(file, first)) is None
    assert store(vault, file, key=MasterKey(bytes(32), epoch=0)).of(opened(file, first)) is None
    assert store(vault, file, owner=STRANGER).of(opened(file, first)) is None
    assert not vault.root.exists()


def test_gold_of_an_earlier_epoch_is_found_after_a_rotation(vault: Vault) -> None:
    file, keys = round_file(), [MasterKey(bytes([epoch]) * 32, epoch) for epoch in range(3)]
    secret = gold_of(keys[1], DEPLOYED, REQUESTER, file, set())
    files, history = {file.manifest.root: file}, opened(file, secret)
    assert GoldStore(vault, REQUESTER, keyring_of(*keys), files).of(history) == secret
    assert GoldStore(vault, REQUESTER, keyring_of(keys[0]), files).of(history) is None
    vault.keep_gold(REQUESTER, secret, file.manifest.root, keys[1])
    assert vault.gold_epochs(REQUESTER) == {1}
    assert GoldStore(vault, REQUESTER, keyring_of(*keys)).of(history) == secret


def test_what_the_vault_has_needs_no_file_and_survives_a_changed_one(vault: Vault) -> None:
    file = round_file()
    secret = made(file)
    vault.keep_gold(REQUESTER, secret, file.manifest.root, KEY)
    changed = round_file(gold={**GOLD, 1: "no"})
    assert store(vault).of(opened(file, secret)) == secret
    assert store(vault, changed).of(opened(file, secret)) == secret


def test_of_a_damaged_vault_only_a_file_helps(vault: Vault) -> None:
    file = round_file()
    secret = made(file)
    vault.keep_gold(REQUESTER, secret, file.manifest.root, KEY)
    (path,) = (vault.folder / "gold").iterdir()
    path.write_text("{")
    with pytest.raises(StorageError, match="damaged"):
        store(vault).of(opened(file, secret))
    assert store(vault, file).of(opened(file, secret)) == secret


# ------------------------------------------------------------------ delegated to a keeper


def test_delegated_gold_is_what_closes_the_round_and_is_private(
    vault: Vault, tmp_path: Path
) -> None:
    file = round_file()
    secret, folder = made(file), tmp_path / "keeper"
    history = opened(file, secret)
    written = delegate(store(vault, file), [history], folder)
    assert written == delegate(store(vault, file), [history], folder)
    assert list(written) == [history.round_id]
    assert written[history.round_id].stat().st_mode & 0o077 == 0
    contents = Folder(folder, DEPLOYED, GENESIS).contents()
    assert (contents.delegated, contents.refused) == ((), {})
    assert contents.gold == {(REQUESTER, history.opened.gold_root): secret}


def test_rounds_that_need_none_are_left_out_and_what_is_lost_is_said(
    vault: Vault, tmp_path: Path
) -> None:
    file = round_file()
    history = opened(file, made(file))
    plain = StagedRound(SMALL).history
    assert delegate(store(vault), [plain], tmp_path) == {}
    with pytest.raises(DelegatingError, match="gold answers of round 1 are not in"):
        delegate(store(vault), [history], tmp_path)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda values: values | {"answers": [0, *values["answers"][1:]]}, "does not hash"),
        (lambda values: values | {"salt": "0x" + "00" * 32}, "does not hash"),
        (lambda values: values | {"requester": STRANGER}, "does not hash"),
        (lambda values: values | {"answers": [99] * 48}, "damaged"),
        (lambda values: values | {"answers": [0] * 300}, "damaged"),
        (lambda values: values | {"options": 10**9}, "damaged"),
        (lambda values: values | {"chain_id": 1}, "another chain"),
        (lambda values: values | {"contract": STRANGER}, "is for the contract"),
        (lambda values: values | {"version": 2}, "another version"),
    ],
)
def test_delegated_gold_that_was_altered_is_refused(
    vault: Vault, tmp_path: Path, damage: Any, reason: str
) -> None:
    file = round_file()
    (path,) = delegate(store(vault, file), [opened(file, made(file))], tmp_path).values()
    path.write_text(json.dumps(damage(json.loads(path.read_text()))))
    contents = Folder(tmp_path, DEPLOYED, GENESIS).contents()
    assert contents.gold == {}
    assert reason in contents.refused[path]
