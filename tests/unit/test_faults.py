"""docs/faults.md names a test for each fault, and every test of the faults."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
PAGE = (TESTS.parent / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = [row for row in PAGE.splitlines() if row.startswith("| ") and "---" not in row]
NAMED = re.findall(r"`(test_\w+)\.(test_\w+)`", PAGE)

# All tests in these are of a fault.
OF_FAULTS = ("test_damaged", "test_full_disk", "test_node_dies", "test_reorganised", "test_refused")


def names_in(name: str) -> set[str]:
    """The names of the tests in a file, or in both of that name."""
    texts = [path.read_text(encoding="utf-8") for path in TESTS.glob(f"*/{name}.py")]
    assert texts, name
    return set(re.findall(r"^def (test_\w+)\(", "".join(texts), re.MULTILINE))


def test_every_row_has_all_columns_and_a_test() -> None:
    rows = [row for row in ROWS if not row.startswith("| fault |")]
    assert len(rows) > 25
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert len(cells) == 6 and all(cells), row
        assert re.fullmatch(
            r"`test_\w+\.test_\w+`(, `test_\w+\.test_\w+`)*", cells[-1].rstrip(" |")
        ), row


def test_every_test_on_the_page_is_there() -> None:
    assert [(file, name) for file, name in NAMED if name not in names_in(file)] == []


def test_every_test_of_a_fault_is_on_the_page() -> None:
    there = {(file, name) for file in OF_FAULTS for name in names_in(file)}
    assert there - set(NAMED) == set()
