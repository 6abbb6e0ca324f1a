"""Tables, pictures and the page of the league: nothing is lost between a figure and its place."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from plumbline.lab.league.pictures import draw
from plumbline.lab.league.sections import (
    ABUSES,
    SECTIONS,
    Records,
    all_figures,
    programme,
    simulate,
)
from plumbline.lab.page import FigureTable, PageError, fill, keys
from plumbline.progress import no_progress
from tests.build import ROOT

PAGE = ROOT / "docs" / "incentives.md"


@pytest.fixture(scope="module")
def records() -> Records:
    """The shortest run of everything."""
    return simulate(2, 1, no_progress)


@pytest.fixture(scope="module")
def drawn(records: Records, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The pictures of that run."""
    return draw(records, tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def shown(records: Records) -> list[FigureTable]:
    return all_figures(records)


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def block(page: str, key: str) -> list[list[str]]:
    """The rows of a table of the page, cell by cell."""
    table = page.partition(f"<!-- figures: {key} -->")[2].partition("<!-- end of figures -->")[0]
    return [line.strip("| ").split(" | ") for line in table.strip().splitlines()[2:]]


def test_every_row_has_a_cell_for_every_column(shown: list[FigureTable]) -> None:
    for panel in shown:
        assert {len(row) for row in panel.rows} == {len(panel.columns)}, panel.key


def test_every_table_has_a_name_of_its_own(shown: list[FigureTable]) -> None:
    assert len({panel.key for panel in shown}) == len(shown)
    assert all(panel.title == panel.key.capitalize() for panel in shown if panel.key != "goals")


def test_progress_ends_where_it_said_it_would() -> None:
    seen: list[tuple[int, int]] = []
    simulate(2, 1, lambda what, done, total: seen.append((done, total)), ("copies",))
    assert seen[-1][0] == seen[-1][1] == 2 * len(programme(2, ("copies",)))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@pytest.mark.parametrize("section", ["copies", "costs"])
def test_a_section_alone_has_the_same_figures_as_in_a_whole_run(
    section: str, shown: list[FigureTable]
) -> None:
    (alone,) = all_figures(simulate(2, 1, no_progress, (section,)), (section,))
    assert [panel for panel in shown if panel.key == alone.key] == [alone]


def test_another_seed_gives_other_figures(shown: list[FigureTable]) -> None:
    (other,) = all_figures(simulate(2, 2, no_progress, ("costs",)), ("costs",))
    assert other not in shown


def test_pictures_are_the_same_bytes_for_the_same_figures(
    records: Records, drawn: list[Path], tmp_path: Path
) -> None:
    again = draw(records, tmp_path)
    assert [path.name for path in drawn] == [path.name for path in again]
    for one, other in zip(drawn, again, strict=True):
        assert one.read_bytes() == other.read_bytes()
        ET.parse(one)


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


def test_the_page_has_a_place_for_every_figure(shown: list[FigureTable], page: str) -> None:
    marks = [panel.key for panel in shown]
    assert sorted(keys(page)) == sorted([*marks, "command", "on chain"])


def test_the_tables_of_the_page_have_the_rows_that_the_code_plays(
    shown: list[FigureTable], page: str
) -> None:
    for panel in shown:
        labels = sum(not column.startswith(">") for column in panel.columns)
        if panel.key != "goals":
            seen = [row[:labels] for row in block(page, panel.key)]
            assert seen == [list(row[:labels]) for row in panel.rows], panel.key


def test_the_page_shows_every_picture_and_no_other(drawn: list[Path], page: str) -> None:
    names = {path.name for path in drawn}
    shown = set(re.findall(r"\(incentives/([a-z-]+\.svg)\)", page))
    assert shown == names == {path.name for path in (ROOT / "docs/incentives").iterdir()}


def test_the_page_was_played_on_the_chain_without_a_difference(page: str) -> None:
    assert "--check-on-chain" in page
    assert "all agree to the wei" in page


def test_the_page_shows_bills_above_what_refund_bps_leaves(page: str) -> None:
    """As they were measured when the page was written."""
    rows = block(page, "bill for an honest sheet, secret gold")
    assert [row[0] for row in rows] == list(ABUSES)
    assert min(float(cell.split()[0]) for row in rows for cell in row[1::2]) >= 0.5


def test_the_page_says_of_every_goal_whether_it_is_met(page: str) -> None:
    rows = block(page, "goals")
    for _, goal, worst, _, met in rows:
        bound, is_most = float(goal.split()[-1]), "most" in goal
        slack = 0.0005  # of a figure with three digits
        assert met in ("yes", "**no**")
        if met == "yes":
            assert float(worst) <= bound + slack if is_most else float(worst) >= bound - slack
    assert len(SECTIONS) == 7
