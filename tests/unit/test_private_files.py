"""A private file is whole on the disk, or as it was before, and nobody else can read it."""

import os
import stat
from pathlib import Path

import pytest

from plumbline.files.private import (
    StorageError,
    make_folder,
    read_record,
    set_aside,
    write_new,
    write_over,
)


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert write_new(path, "one")
    assert not write_new(path, "two")
    assert path.read_text() == "one"
    assert [child.name for child in tmp_path.iterdir()] == ["x"]


def test_writing_over_replaces_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "x"
    write_over(path, "a long first text")
    write_over(path, "two")
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [child.name for child in path.parent.iterdir()] == ["x"]


def test_a_crash_while_writing_over_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    write_over(path, "one")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"x cannot be written \(No space left on device\)"):
        write_over(path, "two")
    assert path.read_text() == "one"
    assert [child.name for child in tmp_path.iterdir()] == ["x"]


def test_a_file_set_aside_is_kept_under_another_name(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    assert set_aside(path, "discarded") is None
    write_new(path, "one")
    aside = set_aside(path, "discarded")
    assert aside is not None and aside.read_text() == "one"
    assert aside.name.startswith("x.discarded-")
    assert not path.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 2}', "{}"])
def test_a_record_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    assert read_record(path, 1) is None
    write_new(path, text)
    with pytest.raises(StorageError, match=r"damaged|another version"):
        read_record(path, 1)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        make_folder(tmp_path / "file" / "folder")
