"""Tables, pictures and the page of the league: nothing is lost between a figure and its place."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from plumbline.lab.league import programme
from plumbline.lab.league.panels import panels
from plumbline.lab.league.pictures import draw
from plumbline.lab.league.programme import BEATEN, PROMISED, LeagueFigures, simulate
from plumbline.lab.page import FigureTable, PageError, fill, keys
from plumbline.progress import no_progress
from tests.build import ROOT

PAGE = ROOT / "docs" / "incentives.md"


@pytest.fixture(scope="module")
def results() -> LeagueFigures:
    """The shortest run of everything."""
    return simulate(2, 1, no_progress)


@pytest.fixture(scope="module")
def drawn(results: LeagueFigures, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The pictures of that run."""
    return draw(results, tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def shown(results: LeagueFigures) -> list[FigureTable]:
    return panels(results, 0.0)


def test_every_row_has_a_cell_for_every_column(shown: list[FigureTable]) -> None:
    for panel in shown:
        assert {len(row) for row in panel.rows} == {len(panel.columns)}, panel.key


def test_every_strategy_of_the_programme_is_in_the_table_that_has_it(
    shown: list[FigureTable],
) -> None:
    by_key = {panel.key: panel for panel in shown}
    names = set(programme.STRATEGIES)
    needs_gold = {"knows the golds, guesses the rest"}
    assert {row[0] for row in by_key["strategies, none"].rows} == names - needs_gold
    assert {row[0] for row in by_key["strategies, honest"].rows} == names
    assert set(BEATEN) <= names


def test_progress_ends_where_it_said_it_would() -> None:
    seen: list[tuple[int, int]] = []
    simulate(2, 1, lambda what, done, total: seen.append((done, total)), ("leaks", "copies"))
    assert seen[-1][0] == seen[-1][1] == 2 * (6 + 11)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_section_that_was_not_played_has_no_table() -> None:
    figures = simulate(2, 1, no_progress, ("leaks",))
    assert [panel.key for panel in panels(figures, 0.0)] == ["leaks"]


def test_the_same_seed_gives_the_same_json_and_another_does_not(results: LeagueFigures) -> None:
    sections = ("leaks", "requesters")
    first = json.dumps(simulate(2, 1, no_progress, sections).to_json(0.0))
    assert first == json.dumps(simulate(2, 1, no_progress, sections).to_json(0.0))
    assert first != json.dumps(simulate(2, 2, no_progress, sections).to_json(0.0))
    everything = results.to_json(0.0)
    for name in ("strategies", "honest", "small", "copies", "requesters", "blocs", "leaks"):
        assert everything[name], name
    assert len(everything["blocs"]) == 27


def test_pictures_are_the_same_bytes_for_the_same_figures(
    results: LeagueFigures, drawn: list[Path], tmp_path: Path
) -> None:
    again = draw(results, tmp_path)
    assert [path.name for path in drawn] == [path.name for path in again]
    for one, other in zip(drawn, again, strict=True):
        assert one.read_bytes() == other.read_bytes()
        ET.parse(one)
    assert "inverted sheet" in drawn[1].read_text()


def test_figures_go_where_their_mark_is_and_the_rest_stays(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Before.\n<!-- figures: a -->\nold\n<!-- end of figures -->\nBetween.\n"
        "<!-- figures: b -->\n<!-- end of figures -->\nAfter.\n"
    )
    fill(page, {"a": "| new |", "b": "| other |"})
    filled = page.read_text()
    assert keys(filled) == ["a", "b"]
    assert "Before.\n<!-- figures: a -->\n| new |\n<!-- end of figures -->\nBetween." in filled
    assert "old" not in filled
    fill(page, {"a": "| new |", "b": "| other |"})
    assert page.read_text() == filled


@pytest.mark.parametrize("marks", ["a", "ab", "bb", ""])
def test_a_page_with_other_marks_is_refused(marks: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("".join(f"<!-- figures: {k} -->\n<!-- end of figures -->\n" for k in marks))
    with pytest.raises(PageError, match=r"has marks for .*: it must have b$"):
        fill(page, {"b": ""})


def test_the_page_has_a_place_for_every_figure(shown: list[FigureTable]) -> None:
    marks = [panel.key for panel in shown]
    assert sorted(keys(PAGE.read_text(encoding="utf-8"))) == sorted([*marks, "command", "on chain"])


def test_the_page_shows_every_picture_and_no_other(drawn: list[Path]) -> None:
    names = {path.name for path in drawn}
    shown = set(re.findall(r"\(incentives/([a-z-]+\.svg)\)", PAGE.read_text(encoding="utf-8")))
    assert shown == names == {path.name for path in (ROOT / "docs/incentives").iterdir()}


def test_the_page_shows_honest_work_as_far_ahead_as_promised() -> None:
    """As it was measured when the page was written, with the interval."""
    text = PAGE.read_text(encoding="utf-8")
    seen = re.findall(r"^\| ([^|]+?) \|.*\| (-?\d+)% ±(\d+) \|$", text, re.MULTILINE)
    leads = [(name, int(lead) - int(half)) for name, lead, half in seen]
    for name in BEATEN:
        found = [least for one, least in leads if one == name]
        assert len(found) == 2, name
        assert min(found) >= 100 * PROMISED, name
