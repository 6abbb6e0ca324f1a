"""A folder appears whole, and nothing of anybody else's is lost for it."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from plumbline.files.checked_folder import SUMS, FolderError, checked_folder, require_replaceable


def write(folder: Path, **files: str) -> None:
    with checked_folder(folder) as unfinished:
        (unfinished / "data").mkdir()
        for name, text in files.items():
            (unfinished / "data" / name).write_text(text)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_its_sums_are_checked_by_what_everybody_has(tmp_path: Path) -> None:
    write(tmp_path / "made", a="1", b="2")
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", SUMS],
        cwd=tmp_path / "made",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "data/a: OK\ndata/b: OK\n"


def test_a_folder_that_was_written_is_replaced_and_keeps_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    write(folder, a="1", b="2")
    write(folder, a="3")
    assert names(folder) == {"data/a", SUMS}
    assert (folder / "data" / "a").read_text() == "3"
    assert list(tmp_path.iterdir()) == [folder]


def link_to_the_same(path: Path) -> None:
    path.rename(path.parents[2] / "moved")
    path.symlink_to(path.parents[2] / "moved")


def pipe_in_place(path: Path) -> None:
    """Whoever opened it would wait for ever."""
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "notes.txt").write_text("mine"),
        lambda folder: (folder / "data" / "a").write_text("mine"),
        lambda folder: (folder / "data" / "link").symlink_to("/etc/passwd"),
        lambda folder: (folder / SUMS).unlink(),
        lambda folder: link_to_the_same(folder / "data" / "a"),
        lambda folder: pipe_in_place(folder / "data" / "a"),
        lambda folder: (folder / "elsewhere").symlink_to(folder.parent),
    ],
)
def test_what_is_not_its_own_is_not_replaced(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    folder = tmp_path / "made"
    write(folder, a="1")
    change(folder)
    before = names(folder)
    with pytest.raises(FolderError, match="was not written with it, or was changed"):
        write(folder, a="2")
    assert names(folder) == before


def test_a_file_or_a_link_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("file", "link"):
        with pytest.raises(FolderError, match="is no folder"):
            require_replaceable(tmp_path / name)


def test_what_fails_on_the_way_leaves_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    write(folder, a="1")
    with pytest.raises(ZeroDivisionError), checked_folder(folder) as unfinished:
        (unfinished / "half").write_text(str(1 / 0))
    assert (folder / "data" / "a").read_text() == "1"
    with pytest.raises(FolderError, match="cannot be written"), checked_folder(folder):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == [folder]


def test_stopped_between_the_old_and_the_new_the_old_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "made"
    write(folder, a="1")
    replace = Path.replace

    def stopped(path: Path, target: Path) -> Path:
        if target == folder and (path / "data" / "a").read_text() == "2":
            raise KeyboardInterrupt
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        write(folder, a="2")
    monkeypatch.undo()
    assert (folder / "data" / "a").read_text() == "1"
    assert list(tmp_path.iterdir()) == [folder]
    write(folder, a="2")
    assert (folder / "data" / "a").read_text() == "2"
