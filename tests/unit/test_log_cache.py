"""A cache gives back what was kept, or less; never anything else."""

import os
from pathlib import Path

import pytest

from plumbline.chain.log_cache import Checkpoint, LogCache, Stretch
from plumbline.chain.logs import Log
from plumbline.protocol.commitment import Deployed

DEPLOYED = Deployed(1, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
GENESIS = b"\x07" * 32


def stretch(block: int, *indices: int) -> Stretch:
    logs = [Log(block, index, b"\x01" * 32, (b"\x02" * 32,), b"\x03" * 40) for index in indices]
    return Stretch(Checkpoint(block, bytes([block % 256]) * 32, 1_000 + block), tuple(logs))


KEPT = [stretch(5), stretch(10, 0, 1), stretch(20, 3)]


def cache(folder: Path, deployed: Deployed = DEPLOYED) -> LogCache:
    return LogCache(folder, deployed)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A cache with three stretches; its file."""
    made = cache(tmp_path)
    assert made.load(GENESIS) == []
    for one in KEPT:
        made.keep(one)
    made.close()
    (found,) = tmp_path.rglob("*.logs")
    return found


def reload(folder: Path) -> tuple[list[Stretch], list[str]]:
    made = cache(folder)
    found = made.load(GENESIS)
    made.close()
    return found, made.remarks


def test_what_was_kept_comes_back(tmp_path: Path, path: Path) -> None:
    assert reload(tmp_path) == (KEPT, [])
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_any_flipped_byte_costs_what_follows_it_and_nothing_else(
    tmp_path: Path, path: Path
) -> None:
    """Also a byte of the digests, the line ends and the heading."""
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        found, remarks = reload(tmp_path)
        lines_before = whole[:place].count(b"\n")
        assert found == KEPT[: max(0, lines_before - 1)]
        assert len(remarks) == 1
        assert "is damaged" in remarks[0]


def test_a_torn_end_costs_one_stretch_and_more_can_be_kept(tmp_path: Path, path: Path) -> None:
    os.truncate(path, path.stat().st_size - 3)
    made = cache(tmp_path)
    assert made.load(GENESIS) == KEPT[:2]
    made.keep(KEPT[2])
    made.close()
    assert reload(tmp_path) == (KEPT, [])


def test_the_file_of_another_deployment_is_not_taken(tmp_path: Path, path: Path) -> None:
    other = Deployed(1, "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512")
    path.rename(path.with_name(f"{other.address}.logs"))
    made = cache(tmp_path, other)
    assert made.load(GENESIS) == []
    assert "or foreign" in made.remarks[0]


def test_another_chain_has_another_file(tmp_path: Path, path: Path) -> None:
    made = cache(tmp_path)
    assert made.load(b"\x08" * 32) == []
    assert made.remarks == []


@pytest.mark.parametrize("block", [4, 5, 12, 19, 20])
def test_what_was_taken_back_is_forgotten(tmp_path: Path, path: Path, block: int) -> None:
    made = cache(tmp_path)
    made.load(GENESIS)
    made.rewind(block)
    made.close()
    assert reload(tmp_path)[0] == [one for one in KEPT if one.checkpoint.block <= block]


def test_after_a_rewind_the_new_chain_is_kept(tmp_path: Path, path: Path) -> None:
    made = cache(tmp_path)
    made.load(GENESIS)
    made.rewind(10)
    made.keep(stretch(19, 7))
    made.close()
    assert reload(tmp_path) == ([*KEPT[:2], stretch(19, 7)], [])


def test_logs_out_of_order_are_cut_off(tmp_path: Path) -> None:
    """As a node that repeats itself leaves them: they are read anew, and named again."""
    made = cache(tmp_path)
    made.load(GENESIS)
    made.keep(stretch(5))
    made.keep(stretch(10, 1, 1))
    made.close()
    found, remarks = reload(tmp_path)
    assert found == [stretch(5)]
    assert "after block 5" in remarks[0]


def test_a_stretch_that_overlaps_is_cut_off(tmp_path: Path, path: Path) -> None:
    made = cache(tmp_path)
    made.load(GENESIS)
    made.keep(stretch(15, 0))
    made.close()
    assert reload(tmp_path)[0] == KEPT


def test_quiet_blocks_are_worth_a_line_only_now_and_then(tmp_path: Path, path: Path) -> None:
    size = path.stat().st_size
    made = cache(tmp_path)
    made.load(GENESIS)
    made.keep(stretch(1_019))
    assert path.stat().st_size == size
    made.keep(stretch(1_020))
    assert path.stat().st_size > size


def test_two_processes_do_not_write_one_file(tmp_path: Path, path: Path) -> None:
    one, other = cache(tmp_path), cache(tmp_path)
    one.load(GENESIS)
    assert other.load(GENESIS) == []
    assert "another process" in other.remarks[0]
    other.keep(stretch(30, 0))
    one.close()
    assert reload(tmp_path) == (KEPT, [])


def test_a_folder_that_cannot_be_made_only_costs_the_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    made = cache(tmp_path / "file")
    assert made.load(GENESIS) == []
    assert "--cache" in made.remarks[0]
    made.keep(stretch(5))
    made.rewind(0)
