"""docs/threats.md names a test for each move, and every attack that is played."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8")


def test_every_attack_is_on_the_page() -> None:
    files = (ROOT / "tests/attacks").glob("test_*.py")
    played = {path.stem.removeprefix("test_") for path in files}
    assert played
    assert not played - set(re.findall(r"`(\w+)`", PAGE))


def test_every_test_on_the_page_is_there() -> None:
    rows = [row.split("|")[-2] for row in PAGE.splitlines() if row.startswith("|")]
    names = [name for cell in rows for name in re.findall(r"`([\w/.]+)`", cell)]
    assert len(names) > 40
    for name in names:
        path = name if "/" in name else f"tests/attacks/test_{name}.py"
        assert (ROOT / path).is_file(), name
