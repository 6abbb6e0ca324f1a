"""What `requester dataset` is told is checked before it asks a node for anything."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from plumbline.cli.main import cli
from tests.unit.builders import labeler

PEOPLE = f"labeler,group\n{labeler(0)},nurses\n{labeler(1)},doctors\n"


def refusal(folder: Path, *options: str) -> str:
    (folder / "people.csv").write_text(PEOPLE)
    (folder / "taken").mkdir()
    (folder / "taken" / "notes.txt").write_text("mine")
    given = [str(folder / word) if word in ("people.csv", "taken") else word for word in options]
    where = [] if "--to" in given else ["--to", str(folder / "made")]
    command = ["requester", "dataset", "no such file.yaml", "--network", "http://127.0.0.1:1"]
    result = CliRunner().invoke(cli, [*command, *where, *given])
    assert result.exit_code != 0
    assert not (folder / "made").exists()
    return result.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--to", "taken"), "notes.txt in it was not written with it"),
        (("--license", "CC BY"), "write it like cc-by-4.0"),
        (("--people", "people.csv", "--weight", "nurses"), "write GROUP=N"),
        (("--people", "people.csv", "--weight", "nurses=1.5"), "write GROUP=N"),
        (("--people", "people.csv", "--weight", "nurses=" + "9" * 5000), "write GROUP=N"),
        (("--people", "people.csv", "--weight", "nurses=1"), "'doctors' of labelers has no weight"),
        (
            ("--people", "people.csv", "--weight", "nurses=1", "--weight", "nurses=2"),
            "names group nurses twice",
        ),
        (("--method", "magic"), "is not one of"),
        (("--format", "xls"), "is not one of"),
        (("--test-share", "100"), "not in the range"),
        ((), "no such file.yaml is not there"),
    ],
)
def test_what_makes_no_dataset_is_refused_with_the_reason(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    assert words in " ".join(refusal(tmp_path, *options).split())


def test_weights_without_groups_are_refused(tmp_path: Path) -> None:
    """Those of a round, whose file can name none."""
    (tmp_path / "round.json").write_text('{"preset": "binary"}')
    command = ["requester", "dataset", str(tmp_path / "round.json"), "--weight", "nurses=1"]
    where = ["--to", str(tmp_path / "made"), "--network", "http://127.0.0.1:1"]
    result = CliRunner().invoke(cli, [*command, *where])
    assert result.exit_code == 1
    assert "--weight is for groups of labelers" in result.output
