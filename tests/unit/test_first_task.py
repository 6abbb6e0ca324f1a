"""Before there is any money in it, a requester sees the first task just as labelers will."""

from pathlib import Path
from typing import Any

import pytest

from plumbline.cli.requester.first_task import first_gold, first_task
from plumbline.formats.round_file import RoundFile, parse
from tests.unit.test_answering import Play

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


@pytest.mark.parametrize(
    ("preset", "options", "choices"),
    [
        ("labels", ["rude", "spam", "off topic"], ["[1] rude   [2] spam   [3] off topic"]),
        ("ranking", None, ["] Paris", "] city: Oslo"]),
    ],
)
def test_of_an_item_all_that_is_chosen_from_is_shown(
    preset: str, options: object, choices: list[str]
) -> None:
    things = {"items": ["Paris", {"city": "Oslo"}]} if preset == "ranking" else {}
    tasks = [{"id": f"q{n}", "text": f"text {n}", **things} for n in range(48)]
    values = {"preset": preset, "options": options, "price": "1 gwei", "stake": "1 gwei"}
    round_file = parse({**values, "no_gold": True, "tasks": tasks}, Path())
    shown = first_task(round_file.manifest, round_file.question, round_file.files)
    assert shown[0] == "Item 1 of 48 as labelers see it, q0:"
    assert "    text 0" in shown
    for choice in choices:
        assert choice in "\n".join(shown)


def test_a_gold_task_is_shown_by_the_number_and_text_that_labelers_see() -> None:
    gold = {number: ("no", "yes")[number % 2] for number in range(2, 14)}
    said = first_gold(wanted(FIRST[0], gold=gold, no_gold=False))
    assert said == "Gold task 2 (text 2): the answer is no"
