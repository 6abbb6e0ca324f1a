"""Answering rankings, checklists and numbers: one item after the other, however many tasks each."""

import errno
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from plumbline.formats.asked import asked_in
from plumbline.labeler.drafts import SKIP
from plumbline.labeler.item_draft import Given, ItemDraft
from plumbline.protocol.manifest import Manifest
from plumbline.questions.checklist import Checklist
from plumbline.questions.lots import Lots
from plumbline.questions.question import Question, QuestionError
from plumbline.questions.ranking import Ranking
from plumbline.questions.scale import Range
from plumbline.settlement.terms import Kind
from tests.sampling import combined, sampled
from tests.unit.answering import Answers, Play, text_of

FLAGS = Checklist.of(("toxic", "insult", "threat"))
PLACES = Ranking.of(None)
PERCENT = Range.of({"from": 0, "to": 100, "step": 10, "unit": "%"})
EVIL = "[bold red]x[/] \x1b[2J \u202eabc"
SHOWN = "[bold red]x[/] <U+001B>[2J <U+202E>abc"


def manifest_of(asked: Question, items: Mapping[str, object], instructions: str = "") -> Manifest:
    """The tasks of items as they are published."""
    tasks = [
        part.task for name, item in items.items() for part in asked.parts(item, name, Lots(b"x"))
    ]
    return Manifest(asked.options, tuple(tasks), instructions, asked.to_json())


def things(count: int, items: int = 4) -> Manifest:
    """Items with so many things each to be ranked."""
    return manifest_of(
        PLACES,
        {
            f"q{n}": {"id": f"q{n}", "prompt": f"which {n}?", "items": list("abcdef"[:count])}
            for n in range(items)
        },
        "Best first.",
    )


ranking = things(3)
messages = manifest_of(FLAGS, {f"m{n}": {"id": f"m{n}", "text": f"hi {n}"} for n in range(4)})
numbers = manifest_of(PERCENT, {str(n): f"picture {n}" for n in range(12)})


class ItemPlay(Play):
    """A play whose draft is read item by item."""

    def drafted(self) -> ItemDraft:
        asked = asked_in(self.kind, self.manifest)
        return ItemDraft(asked.question, asked.items, self.opened())

    @property
    def given(self) -> tuple[Given, ...]:
        """What is on the disk."""
        return self.drafted().given


@pytest.fixture
def rank(tmp_path: Path) -> ItemPlay:
    return ItemPlay(tmp_path, ranking)


@pytest.fixture
def tick(tmp_path: Path) -> ItemPlay:
    return ItemPlay(tmp_path, messages)


@pytest.fixture
def number(tmp_path: Path) -> ItemPlay:
    return ItemPlay(tmp_path, numbers, Kind.ORDINAL)


# ---------------------------------------------------------------------------- rankings


def test_numbers_are_typed_best_first_and_enter_keeps_all_pairs(rank: ItemPlay) -> None:
    keys = [key for order in ("213", "32", "12", "31") for key in [*order, "enter"]]
    shown = rank.screen(*keys)
    assert rank.given == ((1, 0, 2), (2, 1, 0), (0, 1, 2), (2, 0, 1))
    assert "Review of 4" in shown and "hands in 4 answers and 0 skips (12 and 0 tasks)" in shown
    answers = rank.press("c")
    # As each pair was asked: whichever side stands for the thing that was put in front.
    for item, order in zip(rank.drafted().items, rank.given, strict=True):
        assert isinstance(order, tuple) and answers is not None
        for task, (left, right) in zip(item.tasks, item.about, strict=True):
            assert answers[task] == (order.index(left) > order.index(right))


@pytest.mark.parametrize("count", [4, 6])
def test_every_thing_has_a_place_once_all_but_one_are_typed(tmp_path: Path, count: int) -> None:
    play = ItemPlay(tmp_path, things(count))
    order = [str(number) for number in range(count, 1, -1)]
    play.press(*order[:-1], "enter")
    assert not play.path.exists()
    play.press(*order, "enter")
    assert play.given[0] == tuple(range(count))[::-1]


def test_with_two_things_one_key_is_an_answer(tmp_path: Path) -> None:
    play = ItemPlay(tmp_path, things(2))
    play.press("2", "1")
    assert play.given[:3] == ((1, 0), (0, 1), None)
    assert "Item 3 of 4" in play.screen("3")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["2", "2", "1", "enter"], (1, 0, 2)),
        (["2", "1", "3", "enter"], (1, 0, 2)),
        (["2", "backspace", "3", "1", "enter"], (2, 0, 1)),
        (["2", "1", "backspace", "3", "enter"], (1, 2, 0)),
        (["2", "1", "escape", "enter"], None),
        (["2", "enter"], None),
        (["4", "0", "a", "enter"], None),
    ],
)
def test_what_is_typed_can_be_taken_back_until_enter(
    rank: ItemPlay, keys: list[str], expected: Given
) -> None:
    rank.press(*keys)
    assert rank.given[0] == expected
    assert rank.app.at == (0 if expected is None else 1)


def test_the_order_is_seen_to_grow(rank: ItemPlay) -> None:
    items = rank.drafted().items
    second = items[0].choices[1]
    assert f"Best first:  2  {second} >  ·  >  ·" in rank.screen("2")
    shown = rank.screen("2", "3")
    assert re.search(r" 2  best ", shown) and re.search(r" 1  3rd ", shown)
    assert "Enter keeps this order" in shown
    assert "Still without a place: 1, 3" in rank.screen("2", "enter")
    assert "2 has its place: Bksp takes the last back" in rank.screen("2", "2")
    kept = rank.screen("2", "3", "enter", "backspace")
    assert "✓ Best first:  2 " in kept and re.search(r" 2  best ", kept)


def test_another_order_replaces_the_one_that_was_kept(rank: ItemPlay) -> None:
    rank.press("2", "3", "enter", "backspace", "enter")
    assert (rank.given[0], rank.app.at) == ((1, 2, 0), 1)
    rank.press("backspace", "1", "escape", "enter")
    assert (rank.given[0], rank.app.at) == ((1, 2, 0), 1)
    rank.press("backspace", "1", "3", "enter")
    assert (rank.given[0], rank.app.at) == ((0, 2, 1), 1)


def test_long_things_stand_side_by_side_where_there_is_room_and_scroll_else(tmp_path: Path) -> None:
    texts = ["\n".join(f"{name} {n}." for n in range(30)) for name in ("alpha", "beta")]
    tasks = manifest_of(PLACES, {f"q{n}": {"items": texts} for n in range(12)})
    wide = ItemPlay(tmp_path, tasks, size=(120, 40)).screen()
    assert re.search(r"(alpha|beta) 29\. +│ (alpha|beta) 29\.", wide)
    low = ItemPlay(tmp_path, tasks)
    first, last = low.drafted().items[0].choices
    assert str(first)[:7] in low.screen() and "more lines" in low.screen()
    assert str(last)[-7:] in low.screen("end")


# ---------------------------------------------------------------------------- checklists


def test_keys_tick_and_enter_keeps_what_is_ticked(tick: ItemPlay) -> None:
    shown = tick.screen("1", "3", "enter", "t")
    assert tick.given[:2] == ((0, 2), None)
    assert tick.marks[:6] == (1, 0, 1, None, None, None)
    assert "✓" not in shown  # `t` is the key of two labels and so of none
    tick.press("2", "3", "2", "enter")
    assert tick.given[1] == (2,)


def test_that_no_label_applies_is_said_outright(tick: ItemPlay) -> None:
    assert "Enter again says that none applies" in tick.screen("enter")
    assert not tick.path.exists()
    tick.press("enter", "1", "1", "enter")  # asked anew, as something else came in between
    assert not tick.path.exists()
    tick.press("enter", "enter", "minus")
    assert tick.given == ((), (), None, None)
    assert tick.marks[:6] == (0,) * 6
    assert "You said that none applies" in tick.screen("backspace")


def test_the_key_for_none_takes_ticks_off_before_it_answers(tick: ItemPlay) -> None:
    assert "All ticks are off" in tick.screen("1", "minus")
    assert not tick.path.exists()
    tick.press("1", "minus", "minus")
    assert tick.given[0] == ()


def test_ticks_that_were_kept_are_changed_and_left_as_they_are(tick: ItemPlay) -> None:
    tick.press("1", "2", "enter", "backspace", "enter")
    assert (tick.given[0], tick.app.at) == ((0, 1), 1)
    tick.press("backspace", "1", "3", "enter")
    assert tick.given[0] == (1, 2)
    tick.press("backspace", "2", "3", "enter")
    assert tick.given[0] == (1, 2)  # nothing ticked takes a second Enter
    tick.press("2", "3", "enter", "enter")
    assert tick.given[0] == ()


# ---------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["3", "0", "enter"], 3),
        (["3", "enter"], 3),
        (["0", "enter"], 0),
        (["1", "enter"], 1),
        (["1", "0", "0", "enter"], 10),
        (["1", "0", "0", "backspace", "enter"], 1),
        (["5", "5", "enter"], 5),
        (["5", "right", "enter"], 6),
        (["right", "enter"], 6),
        (["5", "backspace", "enter"], None),
        (["5", "escape", "enter"], None),
        (["5"], None),
        (["minus", "enter"], None),
    ],
)
def test_a_number_is_typed_and_enter_gives_it(
    number: ItemPlay, keys: list[str], expected: int | None
) -> None:
    number.press(*keys)
    assert number.marks[0] == expected
    assert number.app.at == (expected is not None)


def test_numbers_are_shown_with_their_unit(number: ItemPlay) -> None:
    assert "a number from 0 to 100 %" in number.screen()
    assert "30 %: Enter gives it" in number.screen("3")
    assert "Task 1: 30 %." in number.screen("3", "enter")
    assert "There is no 55: it is 0 to 100 in steps of 10" in number.screen("5", "5")


def test_two_equal_digits_are_one_number_however_fast_they_come(tmp_path: Path) -> None:
    asked = Range.of({"from": 0, "to": 15})
    play = ItemPlay(tmp_path, manifest_of(asked, {"1": "a", "2": "b"}), Kind.ORDINAL, held=60)
    play.press("1", "1", "enter")
    assert play.marks == (11, None)
    few = Range.of({"from": 1, "to": 5})
    play = ItemPlay(tmp_path / "x", manifest_of(few, {"1": "a", "2": "b"}), Kind.ORDINAL, held=60)
    play.press("1", "1")
    assert play.marks == (0, None)  # where one digit answers, it is a key that is held down


def test_one_key_is_enough_where_all_numbers_have_one_digit(tmp_path: Path) -> None:
    asked = Range.of({"from": 2, "to": 6, "step": 2})
    play = ItemPlay(tmp_path, manifest_of(asked, {"1": "a", "2": "b"}), Kind.ORDINAL)
    play.press("3", "6", "2")
    assert play.marks == (2, 0)


def test_numbers_below_zero_are_typed_with_their_sign(tmp_path: Path) -> None:
    asked = Range.of({"from": -20, "to": 20, "step": 10})
    play = ItemPlay(tmp_path, manifest_of(asked, {"1": "a", "2": "b"}), Kind.ORDINAL)
    play.press("minus", "2", "enter", "2", "enter")
    assert play.marks == (0, 4)


# ------------------------------------------------------------------ from item to item


@pytest.mark.parametrize("leave", ["space", "s", "right", "left", "r", "u", "g"])
def test_what_is_not_kept_is_not_left_by_mistake(tick: ItemPlay, leave: str) -> None:
    assert "not kept yet: Enter keeps them, Esc drops them" in tick.screen("2", leave)
    assert (tick.path.exists(), tick.app.at) == (False, 0)
    tick.press("2", leave, "enter")
    assert tick.given[0] == (1,)


def test_quitting_says_what_is_not_kept(rank: ItemPlay) -> None:
    assert "not kept yet" in rank.screen("2", "q")
    assert "0 of 4 items done" in rank.screen("q")
    assert rank.press("2", "q", "q") is None
    assert not rank.path.exists()


def test_a_skip_and_taking_it_back_are_of_all_tasks_of_an_item(rank: ItemPlay) -> None:
    rank.press("space", "2", "1", "enter")
    assert rank.marks[:3] == (SKIP,) * 3 and rank.given[:2] == (SKIP, (1, 0, 2))
    rank.press("backspace", "delete", "backspace", "delete")
    assert rank.marks == (None,) * 12
    assert "nothing to take back" in rank.screen("delete")


def test_one_goes_from_item_to_item(rank: ItemPlay) -> None:
    rank.press("g", "3", "enter", "2", "1", "enter")
    assert (rank.given[2], rank.app.at) == ((1, 0, 2), 3)
    assert "There is no item 5: 1 to 4" in rank.screen("g", "5", "enter")
    rank.press("g", "2", "enter", "s", "u")
    assert rank.app.at == 3
    rank.press("u")
    assert rank.app.at == 0
    assert "Item 1 of 4" in rank.screen() and "first item" in rank.screen("left")


def test_the_review_has_items_with_their_answers_in_words(rank: ItemPlay, tmp_path: Path) -> None:
    shown = rank.screen("2", "1", "enter", "s", "r", "a")
    assert re.search(r"1 2 > 1 > 3 +which 0\?", shown) and re.search(r"2 skipped +which 1", shown)
    assert re.search(r"answered +1 +25%", shown) and "2 of 4 items are open" in shown
    tick = ItemPlay(tmp_path / "second", messages)
    shown = tick.screen("1", "3", "enter", "minus", "r", "a")
    assert re.search(r"1 toxic; threat +hi 0", shown) and re.search(r"2 none +hi 1", shown)
    assert all(re.search(rf"{name} +1 +25%", shown) for name in ("toxic", "threat", "none"))
    tick.press("down", "enter", "2", "enter")  # the second of those that are open
    assert (tick.given[3], tick.app.at) == ((1,), 4)


@pytest.mark.parametrize("manifest", [ranking, messages], ids=["ranking", "labels"])
def test_a_kill_at_any_key_leaves_items_whole(tmp_path: Path, manifest: Manifest) -> None:
    play = ItemPlay(tmp_path, manifest)
    keys = ["2", "1", "enter", "s", "3", "1", "enter", "backspace", "2", "3", "enter", "u"]
    for number in sampled(range(len(keys) + 1), 3):
        play.path.unlink(missing_ok=True)
        play.press(*keys[:number])
        marks = play.marks
        for item in play.drafted().items:
            answered = {marks[task] is None for task in item.tasks}
            assert len(answered) == 1, (keys[:number], marks)
        at = play.app.at
        play.press()  # and going on is where it was
        assert play.app.at == at


def test_an_item_that_cannot_be_kept_is_not_passed_over(
    rank: ItemPlay, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def steps(pilot: Answers) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            await pilot.press("2", "1", "enter")
            await pilot.pause()
            assert "NOT SAVED" in text_of(pilot.app) and "Item 1 of 4" in text_of(pilot.app)
        assert rank.given[0] is None
        await pilot.press("enter")  # what was typed is still there
        await pilot.pause()

    rank.play(steps)
    assert rank.given[0] == (1, 0, 2)


def test_half_an_item_is_open(rank: ItemPlay) -> None:
    draft = rank.opened()
    for task in range(12):
        draft.set(task, SKIP)
    draft.set(1, 0, at=12)
    assert rank.given == (None, SKIP, SKIP, SKIP)
    assert rank.press("c") is None
    assert "1 of 4 items are open" in rank.screen()
    rank.press("u", "1", "2", "enter")
    assert rank.given[0] == (0, 1, 2)


def test_answers_in_a_circle_are_no_order(rank: ItemPlay) -> None:
    draft = rank.opened()
    (first, *_) = rank.drafted().items
    beats = {(0, 1), (1, 2), (2, 0)}
    for task, pair in zip(first.tasks, first.about, strict=True):
        draft.set(task, int(pair not in beats))
    assert rank.given[0] is None
    assert "✓" not in rank.screen()


def test_tasks_of_an_item_need_not_stand_together(tmp_path: Path) -> None:
    """As whoever mixes tasks may publish them."""
    mixed = replace(messages, tasks=(*messages.tasks[::2], *messages.tasks[1::2]))
    play = ItemPlay(tmp_path, mixed)
    assert "hi 0" in play.screen()
    play.press("1", "2", "enter", "3", "enter")
    items = {item.name: given for item, given in zip(play.drafted().items, play.given, strict=True)}
    assert (items["m0"], items["m1"]) == ((0, 1), (2,))
    assert "Item 3 of 4" in play.screen()


# ------------------------------------------------------------------------- strangers


def test_tasks_that_make_no_items_open_no_screen(tmp_path: Path) -> None:
    for wrong in (ranking.tasks[1:], ({"id": "x"}, *ranking.tasks[1:])):
        with pytest.raises(QuestionError, match=r"not all pairs|does not say to which item"):
            ItemPlay(tmp_path, replace(ranking, tasks=wrong))


def test_things_and_labels_of_strangers_have_no_power(tmp_path: Path) -> None:
    flags = Checklist.of((EVIL, "b"))
    things_of = {"q": {"id": EVIL, EVIL: EVIL, "items": [EVIL, {EVIL: [EVIL]}, EVIL + "\n" + EVIL]}}
    for asked, items in ((PLACES, things_of), (flags, {"m": {"id": EVIL, "text": EVIL}})):
        play = ItemPlay(tmp_path / asked.name, manifest_of(asked, items, EVIL), size=(200, 50))
        pages = [play.screen(), play.screen("1", "2"), play.screen("question_mark")]
        pages.append(play.screen("1", "2", "enter", "a"))
        assert pages[0].count(SHOWN) >= 3
        assert "\x1b" not in "".join(pages) and "\u202e" not in "".join(pages)


# ---------------------------------------------------------------------------- sizes


@pytest.mark.parametrize(
    ("size", "manifest"),
    combined([(80, 24), (40, 12), (30, 14), (160, 40)], [things(6, 2), messages]),
)
def test_items_are_answered_in_any_terminal(
    tmp_path: Path, size: tuple[int, int], manifest: Manifest
) -> None:
    play = ItemPlay(tmp_path, manifest, size=size)
    first = play.screen()
    assert "Item 1 of" in first and "Enter" in first
    whole = all(f" {keys[0]} " in first for keys in play.app.keys)
    assert whole or (manifest is not messages and "▼" in first)

    async def steps(pilot: Answers) -> None:
        for other in (size, (30, 10), (120, 40)):
            await pilot.resize_terminal(*other)
            await pilot.pause()
            await pilot.press("2")
        await pilot.press("1", "3", "4", "5", "6", "enter")
        await pilot.pause()

    play.play(steps)
    expected = (1, 0, 2, 3, 4, 5) if manifest is not messages else (0, 1, 2)
    assert play.given[0] == expected


def test_every_order_can_be_given(tmp_path: Path) -> None:
    orders = list(permutations("123"))
    play = ItemPlay(tmp_path, things(3, len(orders)))
    play.press(*(key for order in orders for key in [*order, "enter"]))
    assert play.given == tuple(tuple(int(key) - 1 for key in order) for order in orders)
