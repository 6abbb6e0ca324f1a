"""DelegatedReveal answers are private, whole, for one deployment, and hash to what they name."""

import json
import os
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plumbline.files.private import StorageError
from plumbline.labeler.delegated_folder import Folder
from plumbline.labeler.delegated_reveals import (
    DelegatedReveal,
    DelegatedRevealError,
    file_in,
    read,
    write,
)
from plumbline.labeler.vault import Vault
from plumbline.protocol.commitment import Opening
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement.sheet import pack

DEPLOYED = Deployed(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
LABELER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
ANSWERS: list[int | None] = [0, 1, None, 1, 0, 1, 0, 0, 1, 1, 0, None]
GENESIS = b"\x07" * 32


@pytest.fixture
def delegated(tmp_path: Path) -> DelegatedReveal:
    return exported(tmp_path, 1)


def exported(tmp_path: Path, round_id: int) -> DelegatedReveal:
    vault = Vault(tmp_path / "vault", DEPLOYED, GENESIS)
    secret = vault.keep_answers(round_id, LABELER, ANSWERS, 2, b"\x05" * 32)
    return DelegatedReveal.of(secret, DEPLOYED, GENESIS, round_id, LABELER.lower())


def test_what_is_written_is_read_back_and_opens_the_seat(
    tmp_path: Path, delegated: DelegatedReveal
) -> None:
    path = tmp_path / "out" / "mine.json"
    write(path, delegated)
    again = read(path, DEPLOYED, GENESIS)
    assert again == delegated
    assert again.labeler == LABELER
    assert again.opening == Opening(LABELER, pack(ANSWERS, 2), delegated.salt)


def test_the_file_is_private_whatever_the_umask(tmp_path: Path, delegated: DelegatedReveal) -> None:
    before = os.umask(0)
    try:
        write(tmp_path / "out" / "mine.json", delegated)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out" / "mine.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


def test_the_same_again_is_no_error_and_anything_else_is_never_overwritten(
    tmp_path: Path, delegated: DelegatedReveal
) -> None:
    path = tmp_path / "mine.json"
    write(path, delegated)
    before = path.read_text()
    write(path, delegated)
    with pytest.raises(DelegatedRevealError, match="something else already"):
        write(path, exported(tmp_path, 2))
    assert path.read_text() == before
    other = tmp_path / "letter.txt"
    other.write_text("dear\n")
    with pytest.raises(DelegatedRevealError, match="something else already"):
        write(other, delegated)
    assert other.read_text() == "dear\n"


def test_what_does_not_hash_to_its_commitment_is_not_even_written(
    tmp_path: Path, delegated: DelegatedReveal
) -> None:
    with pytest.raises(DelegatedRevealError, match="does not hash"):
        write(tmp_path / "mine.json", replace(delegated, round_id=2))
    assert not (tmp_path / "mine.json").exists()


def test_files_of_another_deployment_are_refused(
    tmp_path: Path, delegated: DelegatedReveal
) -> None:
    path = tmp_path / "mine.json"
    write(path, delegated)
    with pytest.raises(DelegatedRevealError, match="for another chain"):
        read(path, Deployed(1, DEPLOYED.address), GENESIS)
    with pytest.raises(DelegatedRevealError, match="for another chain"):
        read(path, DEPLOYED, bytes(32))
    with pytest.raises(DelegatedRevealError, match="for the contract 0x5FbDB"):
        read(path, Deployed(31337, LABELER), GENESIS)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda values: values | {"salt": "0x" + "00" * 32}, "does not hash"),
        (lambda values: values | {"salt": "0x00"}, "is damaged"),
        (lambda values: values | {"salt": None}, "is damaged"),
        (lambda values: values | {"answers": [1, *values["answers"][1:]]}, "does not hash"),
        (lambda values: values | {"answers": [7, *values["answers"][1:]]}, "is damaged"),
        (lambda values: values | {"answers": [True, *values["answers"][1:]]}, "is damaged"),
        (lambda values: values | {"answers": [0] * 257}, "is damaged"),
        (lambda values: values | {"answers": 5}, "is damaged"),
        (lambda values: values | {"options": 10**9}, "is damaged"),
        (lambda values: values | {"options": 0}, "is damaged"),
        (lambda values: values | {"round": 2}, "does not hash"),
        (lambda values: values | {"round": -1}, "is damaged"),
        (lambda values: values | {"round": 2**256}, "is damaged"),
        (lambda values: values | {"round": 1.0}, "is damaged"),
        (lambda values: values | {"labeler": DEPLOYED.address}, "does not hash"),
        (lambda values: values | {"labeler": "me"}, "is damaged"),
        (lambda values: {key: values[key] for key in values if key != "salt"}, "is damaged"),
        (lambda values: values | {"version": 2}, "another version"),
        (lambda values: [values], "another version"),
    ],
)
def test_a_damaged_file_is_refused(
    tmp_path: Path, delegated: DelegatedReveal, damage: Callable[[Any], Any], message: str
) -> None:
    path = tmp_path / "mine.json"
    write(path, delegated)
    path.write_text(json.dumps(damage(json.loads(path.read_text()))))
    with pytest.raises(StorageError, match=message):
        read(path, DEPLOYED, GENESIS)


@pytest.mark.parametrize("text", ["", "{", "[" * 60_000, "1" * 60_000, "\x00", '{"version": NaN}'])
def test_whatever_a_stranger_puts_there_is_only_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.json"
    path.write_text(text)
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)  # the usual one, which other libraries here have raised
    try:
        with pytest.raises(StorageError):
            read(path, DEPLOYED, GENESIS)
    finally:
        sys.setrecursionlimit(before)


def test_what_is_no_file_or_too_large_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(DelegatedRevealError, match="not there"):
        read(tmp_path / "absent.json", DEPLOYED, GENESIS)
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(DelegatedRevealError, match="not a file"):
        read(tmp_path / "pipe.json", DEPLOYED, GENESIS)
    large = tmp_path / "large.json"
    large.write_text(" " * 100_000)
    with pytest.raises(DelegatedRevealError, match="larger"):
        read(large, DEPLOYED, GENESIS)


def test_a_folder_holds_many_rounds_and_one_bad_file_hides_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for round_id in (1, 2):
        delegated = exported(tmp_path, round_id)
        write(file_in(folder, delegated), delegated)
    (folder / "bad.json").write_text("{}")
    (folder / "note.txt").write_text("not for the keeper")
    contents = Folder(folder, DEPLOYED, GENESIS).contents()
    assert sorted(one.round_id for one in contents.delegated) == [1, 2]
    assert list(contents.refused) == [folder / "bad.json"]


def test_a_folder_notices_what_comes_changes_and_goes(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    watched = Folder(folder, DEPLOYED, GENESIS)
    assert watched.contents().delegated == ()
    delegated = exported(tmp_path, 1)
    path = file_in(folder, delegated)
    write(path, delegated)
    assert watched.contents().delegated == (delegated,)
    good = path.read_text()
    path.write_text("{}")
    assert watched.contents().refused.keys() == {path}
    path.write_text(good)
    assert watched.contents().delegated == (delegated,)
    path.unlink()
    assert watched.contents().delegated == ()


def test_a_file_that_did_not_change_is_read_once(
    tmp_path: Path, delegated: DelegatedReveal, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(file_in(tmp_path, delegated), delegated)
    watched = Folder(tmp_path, DEPLOYED, GENESIS)
    first = watched.contents()

    def fail(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("plumbline.labeler.delegated_reveals.read", fail)
    assert watched.contents() == first
