"""What `audit forensics --measure` prints, and writes into the page of its figures."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from plumbline.cli.audit.forensics import PAGE, forensics
from plumbline.lab import forensics_rates
from plumbline.lab.forensics_rates import KEYS
from plumbline.lab.page import keys

PAGE_HERE = Path(__file__).parents[2] / PAGE


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a page and a toy crowd; crowds are small."""
    monkeypatch.setattr(forensics_rates, "SIZES", (10,))
    monkeypatch.setattr(forensics_rates, "TASKS", (64,) * 3)
    monkeypatch.setattr(forensics_rates, "_HONEST", 2)
    monkeypatch.chdir(tmp_path)
    crowd = tmp_path / "crowds" / "toy"
    crowd.mkdir(parents=True)
    rows = [
        f"w{w},t{t},{'ab'[(t * 7 + (w * t * t) % 5) % 2]}" for w in range(12) for t in range(20)
    ]
    (crowd / "answers.csv").write_text("worker,task,answer\n" + "\n".join(rows))
    (crowd / "meta.json").write_text('{"name": "toy", "kind": "binary", "options": ["a", "b"]}')
    (tmp_path / "docs").mkdir()
    return tmp_path


def test_figures_are_printed_and_written_into_the_page(folder: Path) -> None:
    marks = [f"<!-- figures: {key} -->\nold\n<!-- end of figures -->" for key in KEYS]
    (folder / PAGE).write_text("Words of people.\n" + "\n".join(marks))
    options = ["--measure", "--rounds", "1", "--data", "crowds", "--write"]
    made = CliRunner().invoke(forensics, options)
    assert made.exit_code == 0, made.output
    written = (folder / PAGE).read_text()
    for line in (
        "| 1 school, N=10 | 0.0% (0.0% to 65.8%) |",
        "| all of them |",
        "| T=64, N=10 |",
        "| one random sheet, T=64, 1 school | 100.0%",
        "| targeted lies, N=10, 2 to 4 schools |",
        "| toy, N=10, as it is |",
        "| schools of three or more |",
    ):
        assert line in made.output
        assert line in written
    assert "old" not in written
    assert written.startswith("Words of people.")
    assert "plumbline audit forensics --measure --rounds 1 --seed 1" in written


def test_a_page_without_its_marks_is_refused_before_anything_is_measured(folder: Path) -> None:
    (folder / PAGE).write_text("No marks.")
    options = ["--measure", "--rounds", "100000", "--data", "crowds", "--write"]
    assert CliRunner().invoke(forensics, options).exit_code != 0
    assert (folder / PAGE).read_text() == "No marks."


def test_the_page_has_a_mark_for_every_table() -> None:
    assert sorted(keys(PAGE_HERE.read_text())) == sorted(KEYS)
