"""A draft is on disk after every answer, is resumed as it was, and fits its own tasks only."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.files.private import StorageError
from plumbline.labeler import drafts
from plumbline.labeler.drafts import SKIP, Draft, DraftError, Mark
from plumbline.labeler.vault import Vault
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import Deployed

ROOT = bytes(range(32))
TASKS, OPTIONS = 12, 3
LABELER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
marks = st.none() | st.just(SKIP) | st.integers(0, OPTIONS - 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "round-1" / f"{LABELER}.draft.json"


def opened(path: Path) -> Draft:
    return Draft.open(path, ROOT, TASKS, OPTIONS)


def full(handle: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_new_draft_is_empty_and_writes_nothing(path: Path) -> None:
    draft = opened(path)
    assert draft.missing == list(range(TASKS))
    assert (draft.at, draft.answered, draft.skipped, draft.done) == (0, 0, [], False)
    assert not path.exists()


@given(st.lists(st.tuples(st.integers(0, TASKS - 1), marks, st.integers(0, TASKS)), max_size=6))
def test_every_change_is_on_disk_at_once(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, Mark, int]]
) -> None:
    path = tmp_path_factory.mktemp("draft") / "x.draft.json"
    draft = opened(path)
    expected: list[Mark] = [None] * TASKS
    for task, mark, at in changes:
        draft.set(task, mark, at)
        expected[task] = mark
        again = opened(path)
        assert (again.marks, again.at) == (tuple(expected), at)
        assert again.marks == draft.marks


def test_a_draft_counts_what_is_left(path: Path) -> None:
    draft = opened(path)
    draft.set(0, 2)
    assert not draft.done
    draft.set(3, SKIP)
    draft.set(5, 0)
    draft.clear(5)
    assert (draft.answered, draft.skipped) == (1, [3])
    assert draft.missing == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11]
    assert opened(path).marks == draft.marks


def test_answers_are_handed_out_only_when_no_task_is_open(path: Path) -> None:
    draft = opened(path)
    for task in range(TASKS - 1):
        draft.set(task, SKIP if task == 4 else task % OPTIONS)
    with pytest.raises(DraftError, match=r"1 of 12 tasks .* number 12: answer or skip it"):
        draft.answers()
    draft.set(TASKS - 1, 0)
    assert draft.done
    assert draft.answers() == [0, 1, 2, 0, None, 2, 0, 1, 2, 0, 1, 0]


def test_where_one_was_is_kept_without_an_answer(path: Path) -> None:
    opened(path).go(7)
    assert opened(path).at == 7
    opened(path).go(TASKS)
    assert opened(path).at == TASKS


def test_the_file_is_private_and_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        opened(path).set(0, 1)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_a_draft_is_no_secret_of_the_vault(tmp_path: Path) -> None:
    vault = Vault(tmp_path, Deployed(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3"), ROOT)
    kept = vault.answers_path(1, LABELER)
    draft = opened(kept.with_name(f"{checksum(LABELER)}.draft.json"))
    draft.set(0, 1)
    assert vault.answers(1, LABELER) is None
    assert vault.rounds_answered(LABELER) == []
    vault.keep_answers(1, LABELER, [0] * TASKS, OPTIONS, bytes(32))
    assert opened(draft.path).marks[0] == 1


def test_answers_to_other_tasks_are_refused_and_stay(path: Path) -> None:
    opened(path).set(0, 1)
    before = path.read_text()
    with pytest.raises(DraftError, match=r"other tasks \(root 0x00010203\.\., .*begin anew"):
        Draft.open(path, bytes(32), TASKS, OPTIONS)
    assert path.read_text() == before


def test_a_full_disk_changes_nothing_and_the_next_write_goes_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = opened(path)
    draft.set(0, 1, at=1)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match=r"No space left on device.*make room"):
            draft.set(1, 2, at=2)
    assert (draft.marks[1], draft.at) == (None, 1)
    assert opened(path).marks == draft.marks
    draft.set(1, 2, at=2)
    assert opened(path).marks[:2] == (1, 2)


def test_a_write_that_failed_after_all_was_written_is_no_stranger(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = opened(path)
    draft.set(0, 1)
    flush = os.fsync

    def folder_fails(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            full(handle)
        flush(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", folder_fails)
        with pytest.raises(StorageError):
            draft.set(1, 2)
    assert opened(path).marks[1] == 2  # the new file is in place, if perhaps not for long
    draft.set(1, 0)
    assert opened(path).marks[:2] == (1, 0)


def test_a_second_window_cannot_undo_what_the_first_answered(path: Path) -> None:
    first, second = opened(path), opened(path)
    first.set(0, 1)
    with pytest.raises(DraftError, match="another window"):
        second.set(0, 2)
    assert second.marks[0] is None
    first.set(1, 1)
    assert opened(path).marks[:2] == (1, 1)


def test_a_draft_removed_meanwhile_is_written_again_in_full(path: Path) -> None:
    draft = opened(path)
    draft.set(0, 1)
    path.unlink()
    draft.set(1, 2)
    assert opened(path).marks[:2] == (1, 2)


def test_discarding_removes_the_file_and_may_be_repeated(path: Path) -> None:
    draft = opened(path)
    draft.set(0, 1)
    draft.discard()
    draft.discard()
    assert list(path.parent.iterdir()) == []
    assert opened(path).answered == 0


def put(**values: object) -> Callable[[dict[str, object]], None]:
    return lambda record: record.update(values)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda record: record.pop("answers"),
        lambda record: record.pop("tasks_root"),
        put(tasks_root=7),
        put(tasks_root="0xzz"),
        put(options=2),
        put(at=-1),
        put(at=TASKS + 1),
        put(at=True),
        put(at="0"),
        put(answers=[None] * (TASKS - 1)),
        put(answers=[OPTIONS] + [None] * (TASKS - 1)),
        put(answers=[-1] + [None] * (TASKS - 1)),
        put(answers=[True] + [None] * (TASKS - 1)),
        put(answers=["0"] + [None] * (TASKS - 1)),
    ],
)
def test_a_damaged_draft_is_not_guessed_at(
    path: Path, spoil: Callable[[dict[str, object]], None]
) -> None:
    opened(path).set(0, 1)
    record = json.loads(path.read_text())
    spoil(record)
    path.write_text(json.dumps(record))
    with pytest.raises(StorageError, match=r"draft\.json is damaged"):
        opened(path)


def test_a_draft_laid_out_by_hand_is_no_stranger(path: Path) -> None:
    opened(path).set(0, 1)
    path.write_text(json.dumps(json.loads(path.read_text()), indent=2))
    draft = opened(path)
    draft.set(1, 2)
    assert opened(path).marks[:2] == (1, 2)


def test_a_draft_of_another_version_is_refused(path: Path) -> None:
    opened(path).set(0, 1)
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(StorageError, match="another version"):
        opened(path)


@pytest.mark.parametrize(("task", "mark", "at"), [(TASKS, 0, 0), (0, OPTIONS, 0), (0, 0, 13)])
def test_what_there_is_not_cannot_be_set(path: Path, task: int, mark: int, at: int) -> None:
    with pytest.raises(ValueError, match="there is no"):
        opened(path).set(task, mark, at)
    assert not path.exists()


def test_answers_to_several_tasks_are_written_at_once_or_not_at_all(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it is cut off in between: there is no between."""
    written: list[object] = []
    real = drafts.write_over

    def counted(place: Path, text: str) -> None:
        written.append(json.loads(text)["answers"])
        real(place, text)

    monkeypatch.setattr(drafts, "write_over", counted)
    draft = opened(path)
    draft.update({3: 1, 5: SKIP, 4: 2}, at=6)
    assert written == [[None, None, None, 1, 2, SKIP, *[None] * 6]]
    for wrong in ({0: 1, 1: OPTIONS}, {0: 1, TASKS: 1}):
        with pytest.raises(ValueError, match="there is no"):
            draft.update(wrong)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError):
        draft.update({0: 1, 1: 1})
    assert opened(path).marks == draft.marks == (None, None, None, 1, 2, SKIP, *[None] * 6)
