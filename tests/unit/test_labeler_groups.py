"""Who belongs to which group is said by address, once, or not at all."""

from pathlib import Path

import pytest

from plumbline.formats.labeler_groups import LabelerGroupsError, read_labeler_groups
from plumbline.formats.table import TableError
from tests.unit.builders import labeler

ANNA, BERT = labeler(0), labeler(1)


def written(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_labelers_belong_to_the_groups_of_the_table(tmp_path: Path) -> None:
    path = written(tmp_path, "name,Group,labeler", f"A,nurses,{ANNA}", f"B,'=us,{BERT.lower()}")
    assert read_labeler_groups(path) == {ANNA: "nurses", BERT: "=us"}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (f"{BERT},", "line 3: .* has no group"),
        (f"{ANNA.lower()},doctors", "line 3: .* stands there twice"),
        ("0x1234,doctors", "line 3: '0x1234' is not an address"),
        (f"{BERT[:-1]}{'0' if BERT[-1] != '0' else '1'},doctors", "line 3: .* wrong checksum"),
    ],
)
def test_a_row_that_says_nothing_sure_is_refused(tmp_path: Path, row: str, words: str) -> None:
    path = written(tmp_path, "labeler,group", f"{ANNA},nurses", row)
    with pytest.raises(LabelerGroupsError, match=words):
        read_labeler_groups(path)


def test_a_table_without_these_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no column group"):
        read_labeler_groups(written(tmp_path, "labeler,team", f"{ANNA},nurses"))
