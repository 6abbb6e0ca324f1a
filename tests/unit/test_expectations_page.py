"""The page about what to expect says what the shipped table says, and the command makes both."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from plumbline.cli.lab.expectations import PAGE, PICTURES, TABLE, cli
from plumbline.lab.expectations import KEYS, draw, figures
from plumbline.lab.page import keys
from plumbline.planning.table import (
    CROWDS_PPM,
    SEATS,
    SETTINGS,
    Cell,
    ExpectationTable,
    Setting,
    Truth,
    shipped,
)
from plumbline.progress import Progress
from plumbline.settlement.terms import Kind
from tests.build import ROOT

TEXT = (ROOT / PAGE).read_text(encoding="utf-8")
FEW = 0.01


def block(text: str, key: str) -> str:
    return text.partition(f"<!-- figures: {key} -->\n")[2].partition("\n<!-- end")[0]


def seen(setting: Setting) -> Cell:
    return shipped().cells[setting]


# -------------------------------------------------------------------------- the page


def test_the_tables_of_the_page_are_those_of_the_shipped_table() -> None:
    assert sorted(keys(TEXT)) == sorted(KEYS)
    for panel in figures(shipped()):
        assert block(TEXT, panel.key) == panel.markdown()
        assert all(len(row) in (1, len(panel.columns)) for row in panel.rows)


def test_the_page_says_how_the_shipped_table_was_made() -> None:
    rounds = {cell.rounds for cell in shipped().cells.values()}
    (number,) = rounds
    options = f"--rounds {number} --seed {shipped().seed} --write"
    assert f"plumbline simulate expectations {options}\n" in block(TEXT, "command")


def test_the_picture_is_drawn_from_the_shipped_table(tmp_path: Path) -> None:
    drawn = draw(shipped(), tmp_path)
    assert [path.name for path in drawn] == re.findall(r"\(expectations/([a-z-]+\.svg)\)", TEXT)
    assert {path.name for path in (ROOT / PICTURES).iterdir()} == {path.name for path in drawn}
    for path in drawn:
        assert path.read_bytes() == (ROOT / PICTURES / path.name).read_bytes()


USUAL = [x for x in SETTINGS if x.truth is Truth.EVEN and x.tasks == 96 and x.gold_count]


def test_a_step_of_the_crowd_is_worth_more_than_twenty_labels() -> None:
    for worse, better in itertools.pairwise(CROWDS_PPM):
        for setting in USUAL:
            if setting.seats == 5 and setting.crowd_ppm == worse and setting.kind is Kind.NOMINAL:
                many = seen(replace(setting, seats=25)).accuracy_ppm
                assert seen(replace(setting, crowd_ppm=better)).accuracy_ppm > many, setting


def test_a_few_more_labels_help_and_very_many_hardly_do() -> None:
    for setting in USUAL:
        if setting.seats == 5:
            right = [seen(replace(setting, seats=seats)).accuracy_ppm for seats in SEATS]
            few, some, many, most = right[1], right[3], right[4], right[5]
            assert few < some
            assert most - many < 35_000, setting


def test_three_labels_are_too_few_where_options_have_an_order() -> None:
    for setting in USUAL:
        if setting.seats == 3 and setting.kind is Kind.ORDINAL:
            loss = seen(replace(setting, seats=5)).accuracy_ppm - seen(setting).accuracy_ppm
            assert loss > 50_000, setting


def test_rounds_of_the_page_are_hardly_ever_void_and_hardly_anybody_is_slashed() -> None:
    for setting in SETTINGS:
        if setting.seats == 9 and setting.crowd_ppm == 800_000 and setting.tasks >= 48:
            cell = seen(setting)
            assert cell.share(cell.void).interval[0] < FEW, setting
            assert cell.share(cell.slashed).interval[0] < FEW, setting


# ----------------------------------------------------------------------- the command


def counted(
    settings: Sequence[Setting], rounds: int, seed: int, processes: int, progress: Progress
) -> dict[Setting, Cell]:
    """As if so many rounds had been played, in which nothing of note happened."""
    assert (tuple(settings), seed, processes) == (SETTINGS, 7, 3)
    return dict.fromkeys(settings, Cell(rounds, 0, 0, 0, 1, 2, 3, 900_000, 5_000, 6))


def test_the_command_writes_table_page_and_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (TABLE, PAGE):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / PAGE).write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("plumbline.cli.lab.expectations.simulate", counted)
    options = ["--rounds", "400", "--seed", "7", "--processes", "3", "--write"]
    result = CliRunner().invoke(cli, options, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    table = ExpectationTable.from_text(TABLE.read_text(encoding="ascii"))
    assert (table.seed, {cell.rounds for cell in table.cells.values()}) == (7, {400})
    text = PAGE.read_text(encoding="utf-8")
    for panel in figures(table):
        assert block(text, panel.key) == panel.markdown()
        assert panel.title in result.output
    assert "below 1.0%" in text and "90.0% ±0.5%" in text
    assert "--rounds 400 --seed 7 --write" in block(text, "command")
    bare = [re.sub(r"(?s)<!-- figures.*?of figures -->", "", page) for page in (text, TEXT)]
    assert bare[0] == bare[1]
    assert (PICTURES / "labels.svg").stat().st_size > 5_000


def test_without_a_page_nothing_is_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["--write"])
    assert result.exit_code == 1
    assert "docs/expectations.md" in result.output
    assert list(tmp_path.iterdir()) == []
