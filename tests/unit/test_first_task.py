"""Before there is any money in it, a requester sees the first task just as labelers will."""

from pathlib import Path
from typing import Any

import pytest

from plumbline.cli.requester.first_task import first_gold, first_task
from plumbline.formats.round_file import RoundFile, load, parse
from tests.unit.answering import Play

FIRST: list[Any] = [
    "a text\nin two lines",
    {"id": "m 1", "text": "a text"},
    {"id": 7, "question": "Why?", "reply_a": "\u202eno\x1b[31m", "reply_b": ""},
    {"messages": [{"role": "user", "content": "hello"}], "n": 3},
]


def shown_first(first: Any) -> list[str]:
    round_file = wanted(first)
    return first_task(round_file.manifest, round_file.question, round_file.files)


def wanted(first: Any, **changes: Any) -> RoundFile:
    def other(number: int) -> Any:
        has_id = isinstance(first, dict) and "id" in first
        return {"id": f"t{number}", "text": f"text {number}"} if has_id else f"text {number}"

    values = {"preset": "binary", "price": "1 gwei", "stake": "1 gwei", "no_gold": True}
    values |= {"instructions": "Is it so?", "tasks": [first, *map(other, range(2, 49))]}
    return parse({**values, **changes}, Path())


@pytest.mark.parametrize("first", FIRST)
def test_all_that_is_shown_is_on_the_answer_screen(tmp_path: Path, first: Any) -> None:
    round_file = wanted(first)
    play = Play(tmp_path, round_file.manifest, round_file.rules.kind, size=(80, 60))
    screen = play.screen()
    shown = first_task(round_file.manifest, round_file.question, round_file.files)
    assert "Task 1 of 48" in shown[0] and "Task 1 of 48" in screen
    texts = [line.strip() for line in shown[1:-1] if line.strip()]
    for line in texts[:-1]:
        assert line in screen, line
    assert texts[-1] == "[1] no   [2] yes"
    assert "\x1b" not in "".join(shown) and "\u202e" not in "".join(shown)


def test_of_a_long_text_the_beginning_is_shown_and_that_there_is_more() -> None:
    shown = shown_first("\n".join(f"line {number}" for number in range(1, 101)))
    assert "    line 40" in shown and "    line 41" not in shown
    assert "    .. and 60 more lines" in shown


def test_the_name_of_the_task_is_shown_if_it_has_one() -> None:
    assert shown_first(FIRST[1])[0].endswith("as labelers see it, m 1:")
    assert shown_first(FIRST[0])[0].endswith("as labelers see it:")


def test_a_gold_task_is_shown_by_the_number_and_text_that_labelers_see() -> None:
    gold = {number: ("no", "yes")[number % 2] for number in range(2, 14)}
    said = first_gold(wanted(FIRST[0], gold=gold, no_gold=False))
    assert said == "Gold task 2 (text 2): the answer is no"


EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


@pytest.mark.parametrize("name", ["ranking", "labels", "range"])
def test_an_item_is_shown_as_on_the_answer_screen_whatever_its_kind(
    tmp_path: Path, name: str
) -> None:
    round_file = load(EXAMPLES / f"{name}.yaml")
    screen = Play(tmp_path, round_file.manifest, round_file.rules.kind, size=(100, 60)).screen()
    shown = first_task(round_file.manifest, round_file.question, round_file.files)
    first = shown[0].split(" as labelers")[0]
    assert first in screen and ("Item 1 of" in first) == (name != "range")
    for line in shown[1:]:
        for part in line.split("   "):
            key, _, text = part.strip().rpartition("] ")
            assert text in screen and f" {key.removeprefix('[')} " in screen, line


def test_a_gold_item_is_shown_with_its_whole_answer() -> None:
    said = first_gold(load(EXAMPLES / "ranking.yaml"))
    assert said.startswith("Gold item egg (How long do I boil an egg?): the answer is Six minutes")
    assert said.endswith("> A while. > Eggs come from hens.")
    assert "the answer is none" in first_gold(load(EXAMPLES / "labels.yaml"))
