"""What commands print where there is no screen: nothing is cut off."""

import pytest

from plumbline.cli import output

HEADS = ("round", "requester", "kind", "tasks", "phase", "left", "seats", "revealed", "judged")


@pytest.fixture(autouse=True)
def piped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A console of this test's own: the one of commands is made once."""
    monkeypatch.setattr(output, "console", output.console.__wrapped__)


def printed(capsys: pytest.CaptureFixture[str], shown: object) -> list[str]:
    output.console().print(shown)
    return capsys.readouterr().out.splitlines()


def test_a_wide_table_keeps_its_headings_and_cells(capsys: pytest.CaptureFixture[str]) -> None:
    shown = output.table("Rounds", *(f"={head}" for head in HEADS), ">escrow")
    cells = [f"[red]cell {number} of {head}[/]" for number, head in enumerate(HEADS)]
    shown.add_row(*cells, "0.05 ETH")
    lines = printed(capsys, shown)
    assert lines[2].split() == [*HEADS, "escrow"]
    for number, head in enumerate(HEADS):
        assert f"cell {number} of {head}" in lines[4]
    assert "…" not in "".join(lines)


def test_text_that_may_wrap_does_where_the_columns_have_room(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = output.pairs("Round 1")
    shown.add_row("gold tasks", "words " * 40)
    lines = printed(capsys, shown)
    assert max(map(len, lines)) <= 100
    assert sum("words" in line for line in lines) == 3
