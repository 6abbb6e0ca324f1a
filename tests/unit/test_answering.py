"""Answering in the terminal: what each key does, and that no answer is ever lost or made up."""

import os
import re
import signal
import sys
import time
from itertools import product
from pathlib import Path

import pytest
from textual import events
from textual.widgets import OptionList

from plumbline.cli.answering import app
from plumbline.cli.answering.app import AnsweringError, ask
from plumbline.cli.answering.option_view import draw_options
from plumbline.cli.answering.review_page import ReviewPage
from plumbline.cli.answering.sections import in_blocks
from plumbline.cli.answering.task_page import TaskPage
from plumbline.formats.task_text import excerpt, readable, task_text
from plumbline.labeler.drafts import SKIP, Draft, Mark
from plumbline.protocol.manifest import Manifest
from plumbline.questions.keys import COMMANDS
from plumbline.questions.registry import question_of
from plumbline.settlement.terms import Kind
from tests.sampling import combined, sampled
from tests.terminal import Terminal
from tests.unit.answering import (
    DEADLINE,
    EARLY,
    TASKS,
    Answers,
    Play,
    binary,
    heading,
    preference,
    scale,
    text_of,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    return Play(tmp_path)


def options(count: int) -> tuple[str, ...]:
    """Names that begin alike."""
    return tuple(f"option {place}" for place in range(count))


# ---------------------------------------------------------------------------- keys


def test_every_option_has_a_key_and_no_two_share_one() -> None:
    for kind in Kind:
        for count in range(2, 17):
            for names in (options(count), tuple("abcdefghijklmnop"[:count])):
                flat = [key for keys in question_of(kind, names).hotkeys() for key in keys]
                assert len(flat) == len(set(flat))
                assert not COMMANDS.intersection(flat)
                assert all(question_of(kind, names).hotkeys())


@pytest.mark.parametrize(
    ("names", "kind", "expected"),
    [
        (("no", "yes"), Kind.NOMINAL, ["1n", "2y"]),
        (("Yes", "maybe", "YES!"), Kind.NOMINAL, ["1", "2m", "3"]),
        (("ham", "spam"), Kind.NOMINAL, ["1h", "2"]),
        (("A", "tie", "B"), Kind.ORDINAL, ["1a", "2t=", "3b"]),
        (("A", "tie", "B"), Kind.NOMINAL, ["1a", "2t", "3b"]),
        (("1", "2", "3", "4", "5"), Kind.ORDINAL, ["1", "2", "3", "4", "5"]),
        (("0", "1", "2"), Kind.ORDINAL, ["0", "1", "2"]),
        (tuple(map(str, range(1, 11))), Kind.ORDINAL, list("1234567890")),
        (tuple(map(str, range(11))), Kind.ORDINAL, [*"0123456789", "a"]),
        (("2", "2", "x"), Kind.NOMINAL, ["a", "b", "x"]),
        (("", " ", "\u00e9"), Kind.NOMINAL, ["1", "2", "3"]),
        (options(12), Kind.NOMINAL, [*"1234567890", "a", "b"]),
    ],
)
def test_keys_are_those_that_one_would_guess(
    names: tuple[str, ...], kind: Kind, expected: list[str]
) -> None:
    assert ["".join(keys) for keys in question_of(kind, names).hotkeys()] == expected


@pytest.mark.parametrize(
    ("manifest", "kind", "keys", "expected"),
    [
        (binary, Kind.NOMINAL, ["1", "2", "n", "y", "N", "Y"], [0, 1, 0, 1, 0, 1]),
        (binary, Kind.NOMINAL, ["s", "space", "S"], [SKIP, SKIP, SKIP]),
        (scale, Kind.ORDINAL, ["1", "2", "3", "4", "5", "f"], [0, 1, 2, 3, 4, 2]),
        (preference, Kind.ORDINAL, ["a", "t", "equals_sign", "b", "A"], [0, 1, 1, 2, 0]),
        (Manifest(options(16), binary.tasks), Kind.NOMINAL, ["9", "0", "a", "f"], [8, 9, 10, 14]),
    ],
)
def test_a_key_answers_and_goes_on(
    tmp_path: Path, manifest: Manifest, kind: Kind, keys: list[str], expected: list[Mark]
) -> None:
    play = Play(tmp_path, manifest, kind)
    play.press(*keys)
    assert play.marks == (*expected, *[None] * (TASKS - len(expected)))
    assert play.opened().at == len(expected)


def test_keys_of_nothing_change_nothing(play: Play) -> None:
    play.press("3", "x", "equals_sign", "c", "enter", "up", "escape", "tab", "f1", "ctrl+p", "left")
    assert not play.path.exists()
    assert play.app.at == 0


@pytest.mark.parametrize(
    ("names", "arrows", "expected"),
    [
        (2, ["l", "r", "rl"], [0, 1, 0]),
        (3, ["l", "r", "rl", "lr", "lll", "rrr"], [0, 2, 1, 1, 0, 2]),
        (4, ["l", "r", "ll", "rr", "lr"], [1, 2, 0, 3, 2]),
        (5, ["l", "r", "rl", "llll", "rrrr"], [1, 3, 2, 0, 4]),
    ],
)
def test_arrows_move_along_a_scale_from_its_middle_and_enter_gives(
    tmp_path: Path, names: int, arrows: list[str], expected: list[Mark]
) -> None:
    play = Play(tmp_path, Manifest(options(names), binary.tasks), Kind.ORDINAL)
    meant = {"l": "left", "r": "right"}
    play.press(*(key for moves in arrows for key in [*(meant[move] for move in moves), "enter"]))
    assert play.marks == (*expected, *[None] * (TASKS - len(expected)))


def test_arrows_start_at_the_answer_given_and_escape_leaves_it(tmp_path: Path) -> None:
    play = Play(tmp_path, scale, Kind.ORDINAL)
    play.press("5", "backspace", "left", "enter")
    assert play.marks[:2] == (3, None)
    play.press("backspace", "left", "escape", "enter")
    assert play.marks[:2] == (3, None)
    assert play.app.at == 1


def test_a_cursor_does_not_stay_for_the_next_task(tmp_path: Path) -> None:
    play = Play(tmp_path, scale, Kind.ORDINAL)
    play.press("right")
    assert not play.path.exists()
    play.press("right", "1", "enter")
    assert play.marks[:2] == (0, None)


def test_left_and_right_turn_pages_where_options_have_no_order(play: Play) -> None:
    play.press("right", "right", "left", "y")
    assert play.marks[:3] == (None, 1, None)


def test_back_and_enter_keep_an_answer_another_key_changes_it(play: Play) -> None:
    play.press("y", "y", "backspace", "backspace", "enter")
    assert (play.marks[:3], play.app.at) == ((1, 1, None), 1)
    play.press("n")
    assert (play.marks[:3], play.app.at) == ((1, 0, None), 2)


def test_an_answer_and_a_skip_can_be_taken_back(play: Play) -> None:
    play.press("y", "s", "backspace", "delete", "backspace", "delete")
    assert play.marks == (None,) * TASKS
    assert "nothing to take back" in play.screen("delete")


def test_u_goes_to_the_next_open_task_and_round_the_end(play: Play) -> None:
    play.press("y", "right", "y", "right", "y", "backspace", "backspace", "backspace", "u")
    assert play.app.at == 3
    play.press("g", "1", "2", "enter", "y", "backspace", "u")
    assert play.app.at == 1


def test_g_goes_to_a_number_and_to_no_other(play: Play) -> None:
    play.press("g", "7", "enter", "y")
    assert play.marks[6] == 1
    before = play.app.at
    assert "no task 13" in play.screen("g", "1", "3", "enter")
    assert "Type a number" in play.screen("g", "y", "enter")
    play.press("g", "0", "enter", "3", "escape")
    assert play.app.at == before


def test_a_key_held_down_answers_once(tmp_path: Path) -> None:
    play = Play(tmp_path, held=60)
    play.press("y", "y", "y", "n", "n")
    assert play.marks[:3] == (1, 0, None)


def test_help_lists_the_keys_of_the_round_and_swallows_those_pressed_in_it(play: Play) -> None:
    play.size = (80, 60)
    shown = play.screen("question_mark")
    assert re.search(r"1, n +no", shown) and re.search(r"2, y +yes", shown)
    assert "locks 0.02 ETH" in shown and "2026-03-04 18:00" in shown
    play.press("question_mark", "down", "y")
    assert not play.path.exists()


# -------------------------------------------------------------------- quit and resume


@pytest.mark.parametrize("keys", [["q", "q"], ["q", "enter"], ["ctrl+c", "ctrl+c"]])
def test_quitting_keeps_the_draft_and_says_so(play: Play, keys: list[str]) -> None:
    inside = re.findall("│(.*)│", play.screen("y", "s", "q"))
    flat = " ".join(" ".join(inside).split())
    assert "The draft stays, 2 of 12 tasks done" in flat and "x.draft.json" in flat.replace(" ", "")
    assert play.press(*keys) is None
    assert not play.app.is_running
    assert play.marks[:3] == (1, SKIP, None)


def test_quitting_can_be_thought_better_of(play: Play) -> None:
    play.press("q", "n", "y")
    assert play.marks[:2] == (1, None)


def test_answering_goes_on_exactly_where_it_stopped(play: Play) -> None:
    play.press("y", "s", "n", "backspace")
    shown = play.screen()
    assert "Task 3 of 12" in shown and "going on where you stopped" in shown
    assert "message 2" in shown and "✓" in shown
    play.press("g", "1", "1", "enter", "y", "n")
    assert "Review of 12" in play.screen()


def test_a_draft_of_other_tasks_is_never_applied(tmp_path: Path) -> None:
    play = Play(tmp_path)
    with pytest.raises(ValueError, match="another root"):
        ask(scale, heading(), play.opened(), lambda: EARLY)


def test_without_a_terminal_it_says_what_else_to_do(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(AnsweringError, match=r"needs a terminal.*to a file"):
        ask(binary, heading(), play.opened(), lambda: EARLY)


# ---------------------------------------------------------------------------- review


def test_after_the_last_task_c_hands_all_answers_in(play: Play) -> None:
    keys = ["y", "n", "s"] * 4
    shown = play.screen(*keys)
    assert re.search(r"no +4 +33%", shown) and re.search(r"yes +4 +33%", shown)
    assert re.search(r"skipped +4 +33%", shown) and "hands in 8 answers and 4 skips" in shown
    assert play.press("c") == [1, 0, None] * 4
    assert play.opened().done


def test_nothing_is_handed_in_while_a_task_is_open(play: Play) -> None:
    assert play.press(*["y"] * 11, "r", "c") is None
    shown = play.screen()
    assert "1 of 12 tasks are open" in shown and "0 skipped, 1 open" in shown
    assert play.press("u", "n", "c") == [1] * 11 + [0]


def test_review_jumps_to_any_task_and_comes_back(play: Play) -> None:
    play.press("y", "s", "y", "s", *["y"] * 8)
    play.press("down", "enter")
    assert play.app.at == 3
    play.press("backspace", "backspace")  # from there on as usual
    assert play.app.at == 1
    play.press("r", "down", "enter", "n")
    assert (play.marks[3], play.app.at) == (0, TASKS)
    play.press("a", "end", "enter", "n")
    assert (play.marks[11], play.app.at) == (0, TASKS)
    play.press("g", "6", "enter", "s")
    assert (play.marks[5], play.app.at) == (SKIP, TASKS)
    play.press("backspace")
    assert play.app.at == TASKS - 1


def test_review_lists_what_is_skipped_or_all(play: Play) -> None:
    async def look(pilot: Answers) -> None:
        await pilot.press("y", "s", *["y"] * 10)
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReviewPage)
        tasks = pilot.app.screen.query_one(OptionList)
        assert tasks.option_count == 1
        assert "▸ 2 skipped      message 1" in text_of(pilot.app)
        await pilot.press("a", "down")
        await pilot.pause()
        assert tasks.option_count == TASKS
        assert "▸ 2 skipped" in text_of(pilot.app) and "  1 yes" in text_of(pilot.app)

    play.play(look)


# ------------------------------------------------------------------------------ time


@pytest.mark.parametrize(
    ("left", "said", "banner"),
    [
        (3_600, "1h 0m left", ""),
        (3_599, "! 59m 59s left", "Less than an hour"),
        (600, "! 10m 0s left", "Less than an hour"),
        (599, "!! 9m 59s left", "Less than 10 minutes"),
        (1, "!! 1s left", "Less than 10 minutes"),
        (0, "!! commit phase over", "can no longer be handed in"),
    ],
)
def test_time_left_is_told_louder_as_it_runs_out(
    play: Play, left: int, said: str, banner: str
) -> None:
    play.now = DEADLINE - left
    shown = play.screen()
    assert said in shown
    assert banner in shown and ("phase ends" in shown) == (banner == "Less than an hour")


def test_the_clock_runs_without_a_key(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "_TICK", 0.01)

    async def wait(pilot: Answers) -> None:
        play.now = DEADLINE - 500
        await pilot.pause(0.2)
        shown = text_of(pilot.app)
        assert "!! 8m 20s left" in shown and "Less than 10 minutes" in shown

    play.play(wait)


def test_answers_are_handed_in_until_the_deadline_and_not_at_it(play: Play) -> None:
    play.press(*["y"] * TASKS)
    play.now = DEADLINE
    assert play.press("c") is None
    assert play.app.return_value is None
    assert "phase is over: nothing can be handed in" in play.screen()
    play.now = DEADLINE - 1
    assert play.press("c") == [1] * TASKS


# ------------------------------------------------------------------------- full disk


def test_an_answer_that_cannot_be_kept_is_not_passed_over(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.press("y")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    async def steps(pilot: Answers) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            await pilot.press("n")
            await pilot.pause()
            shown = text_of(pilot.app)
            assert "NOT SAVED" in shown and "No space left on device" in shown
            assert "Task 2 of 12" in shown and "1 answered" in shown
            await pilot.press("right")  # one can still look around
            await pilot.pause()
            assert "NOT SAVED" in text_of(pilot.app) and "Task 3 of 12" in text_of(pilot.app)
        assert play.marks[:3] == (1, None, None)
        await pilot.press("left", "n")
        await pilot.pause()
        assert "NOT SAVED" not in text_of(pilot.app)

    play.play(steps)
    assert play.marks[:3] == (1, 0, None)


def test_a_second_window_is_told_of(play: Play) -> None:
    async def steps(pilot: Answers) -> None:
        play.opened().set(5, 1)
        await pilot.press("n")
        await pilot.pause()
        assert "another window" in text_of(pilot.app)

    play.play(steps)
    assert play.marks[0] is None and play.marks[5] == 1


# ------------------------------------------------------------------- strangers' texts

EVIL = "[bold red]x[/] [@click=app.exit]y[/] \x1b[2J\x1b]0;title\x07 \u202eabc \x9b1m a\tb\r\nc\rd"
SHOWN = (
    "[bold red]x[/] [@click=app.exit]y[/] <U+001B>[2J<U+001B>]0;title<U+0007> <U+202E>abc "
    "<U+009B>1m a"
)


def test_what_cannot_be_printed_is_shown_as_its_code_point() -> None:
    shown = readable(EVIL)
    assert shown.startswith(SHOWN)
    assert shown.endswith("b\nc\nd")
    assert readable("a\u00a0b\u3000c\u202fd") == "a\u00a0b\u3000c\u202fd"
    assert readable({EVIL: 1}).startswith(SHOWN)
    assert "\n" not in readable({EVIL: 1})


def test_strangers_have_no_power_wherever_their_text_is_shown(tmp_path: Path) -> None:
    tasks = tuple({"id": f"{EVIL}{n}", EVIL: EVIL, "x": [{EVIL: EVIL}]} for n in range(TASKS))
    play = Play(tmp_path, Manifest((EVIL, "yes"), tasks, EVIL), size=(200, 50))
    shown = play.screen()
    assert shown.count("[bold red]x[/] [@click=app.exit]y[/]") >= 6
    assert play.screen("question_mark").count("[bold red]x[/]") >= 1
    assert play.screen("i").count(SHOWN[:60]) >= 1
    assert play.screen("1", "backspace").count("[bold red]x[/]") >= 6
    review = play.screen("1", *["s"] * 11)
    assert review.count("[bold red]x[/] [@cli") >= 2
    for text in (shown, review):
        assert "\x1b" not in text and "\u202e" not in text and "\x9b" not in text


def test_a_task_of_any_form_is_shown_in_full() -> None:
    task = {
        "prompt": "Why?",
        "turns": [{"role": "user", "content": "hi\nthere"}, {"role": "bot", "content": "yo"}],
        "n": 3,
        "ok": True,
        "none": None,
        "deep": {"a": [1, [2, "x"]], "b": {}},
        "image": "data:image/png;base64," + "A" * 500,
    }
    assert in_blocks(task_text(task).sections).plain == (
        "prompt\nWhy?\n\n"
        "turns\n- user:\n    hi\n    there\n- bot: yo\n\n"
        "n\n3\n\nok\ntrue\n\nnone\n(nothing)\n\n"
        "deep\na:\n  - 1\n  - - 2\n    - x\nb: \n\n"
        "image\ndata:image/png;base64," + "A" * 58 + ".. (522 characters, see the task file)"
    )
    assert readable(["a", 1]) == "- a\n- 1"
    assert excerpt({"a": "x\n y", "b": "z"}, 5) == "x y |"
    image = {"src": "cat.png", "sha256": "0" * 64, "type": "image/png"}
    assert excerpt(image, 24) == "(image/png, SHA-256 0000"
    assert in_blocks(task_text({"id": "q", "text": "just this"}).sections).plain == "just this"
    assert in_blocks(task_text({"id": "q"}).sections).plain == "id\nq"
    assert in_blocks(task_text("").sections).plain == "(empty)"


@pytest.mark.parametrize(
    ("names", "is_pair"),
    [
        (("a", "b"), True),
        (("A", "B"), True),
        (("reply_a", "reply_b"), True),
        (("response 1", "response 2"), True),
        (("left", "right"), True),
        (("b", "a"), False),
        (("reply_a", "answer_b"), False),
        (("idea", "ideb"), False),
        (("question", "answer"), False),
    ],
)
def test_two_sides_of_a_comparison_are_known_by_their_names(
    names: tuple[str, str], is_pair: bool
) -> None:
    text = task_text({"prompt": "p", names[0]: "x", names[1]: "y", "note": "n"})
    assert (text.pair is not None) == is_pair
    assert [section.body for section in text.sections] == ["p", "x", "y", "n"]


# ----------------------------------------------------------------------------- sizes


def test_a_pair_stands_side_by_side_where_there_is_room(tmp_path: Path) -> None:
    wide = Play(tmp_path, preference, Kind.ORDINAL, (120, 40)).screen()
    narrow = Play(tmp_path, preference, Kind.ORDINAL, (80, 24)).screen()
    assert re.search(r"x0 +│ +y", wide)
    assert re.search(r"a\n *x0\n\n *b\n *y", narrow)


def test_a_long_text_scrolls_and_says_that_there_is_more(tmp_path: Path) -> None:
    lines = "\n".join(f"line {n}." for n in range(100))
    play = Play(tmp_path, Manifest(("no", "yes"), (lines,) * TASKS))
    first, end = play.screen(), play.screen("end")
    assert "line 0." in first and "more lines" in first and "line 99." not in first
    assert "line 99." in end and "more lines" not in end and "line 0." not in end
    assert "line 1." in play.screen("down") and "line 0." not in play.screen("down")
    assert "line 0." in play.screen("end", "y")
    page = play.screen("backspace", "pagedown")
    assert "line 0." not in page and "line 99." not in page


@pytest.mark.parametrize("start", [(80, 24), (80, 60), (40, 24), (120, 30)])
def test_how_much_more_there_is_follows_the_size_of_the_terminal(
    tmp_path: Path, start: tuple[int, int]
) -> None:
    lines = "\n".join(f"line {n}." for n in range(20))
    play = Play(tmp_path, Manifest(("no", "yes"), (lines,) * TASKS), size=start)
    seen = []

    async def resize(pilot: Answers) -> None:
        for size in ((80, 24), (80, 60), (80, 24), (80, 22), (30, 30), (120, 60)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.pause()
            seen.append(text_of(pilot.app))

    play.play(resize)
    for page in seen:
        hidden = 20 - sum(f"line {n}." in page for n in range(20))
        told = re.search(r"(\d+) more lines?:", page)
        assert (int(told[1]) if told else 0) == hidden, page


def test_long_instructions_are_cut_and_i_shows_them_all(tmp_path: Path) -> None:
    said = " ".join(f"rule {n}," for n in range(100))
    play = Play(tmp_path, Manifest(("no", "yes"), binary.tasks, said))
    assert "i shows all" in play.screen() and "rule 60," not in play.screen()
    assert "rule 60," in play.screen("i") and "rule 60," not in play.screen("i", "i")


@pytest.mark.parametrize(
    ("size", "count"),
    combined([(40, 12), (80, 24), (120, 40), (30, 14)], [16, 5, 2]),
)
def test_it_works_in_any_terminal(tmp_path: Path, size: tuple[int, int], count: int) -> None:
    names = tuple(f"{place} is a rather long name" for place in "abcdefghijklmnop"[:count])
    play = Play(tmp_path, Manifest(names, binary.tasks, "What?"), size=size)
    shown = play.screen()
    assert "Task 1 of 12" in shown and "message 0" in shown and "Space" in shown
    assert all(f" {keys[0]} " in shown for keys in play.app.keys)

    async def hand_in(pilot: Answers) -> None:
        await pilot.press(*["1", "s"] * 6)
        await pilot.pause()
        assert "Review of 12" in text_of(pilot.app)
        await pilot.press("c")

    assert play.play(hand_in) == [0, None] * 6


def test_the_answer_given_and_the_cursor_are_told_apart_without_colour() -> None:
    names, keys = scale.options, question_of(Kind.ORDINAL, scale.options).hotkeys()
    for width, rows, cut in ((80, 8, False), (25, 3, False), (18, 3, True), (12, 5, False)):
        drawn, is_cut = draw_options(names, keys, width, rows, given={1}, cursor=3)
        plain = drawn.plain
        assert plain.count("✓") == 1 and plain.count("▸") == 1
        assert is_cut == cut
        assert len(plain.split("\n")) <= rows
        assert max(len(line) for line in plain.split("\n")) <= width
    framed = draw_options(names, keys, 80, 8, given={1}, cursor=3)[0].plain.split("\n")
    assert framed[0].index("┏") < framed[0].index("✓") < framed[0].index("╔")


def test_a_warning_pushes_no_option_off_a_low_terminal(tmp_path: Path) -> None:
    play = Play(tmp_path, Manifest(options(16), binary.tasks, "What?"), size=(40, 12))
    play.now = DEADLINE - 100
    shown = play.screen()
    assert "!! Less than 10 minutes" in shown and "Space" in shown
    assert all(f" {keys[0]} " in shown for keys in play.app.keys)


def test_a_page_survives_a_change_of_size(play: Play) -> None:
    async def steps(pilot: Answers) -> None:
        await pilot.press("y")
        await pilot.resize_terminal(30, 10)
        await pilot.pause()
        await pilot.press("n")
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert isinstance(pilot.app.screen, TaskPage)
        assert "Task 3 of 12" in text_of(pilot.app)

    play.play(steps)
    assert play.marks[:3] == (1, 0, None)


# -------------------------------------------------------------------- a real terminal

PROGRAM = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.unit.answering import binary, heading
from dataclasses import replace
from plumbline.labeler.drafts import Draft
from plumbline.cli.answering.app import ask
draft = Draft.open(Path(sys.argv[1]), binary.root, len(binary.tasks), len(binary.options))
told = replace(heading(), commit_deadline=int(time.time()) + 7200)
print("GIVEN", ask(binary, told, draft, lambda: int(time.time())), flush=True)
"""


def terminal(path: Path) -> Terminal:
    return Terminal([sys.executable, "-c", PROGRAM, str(path), str(ROOT)])


def test_a_kill_in_a_real_terminal_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "round-7" / "x.draft.json"

    def kept() -> tuple[Mark, ...]:
        return Draft.open(path, binary.root, TASKS, 2).marks

    with terminal(path) as first:
        first.wait_for("message 0")
        for keys, following in (("y", "message 1"), ("n", "message 2"), (" ", "message 3")):
            first.type(keys)
            first.wait_for(following)
    assert first.process.returncode == -signal.SIGKILL
    assert kept() == (1, 0, SKIP, *[None] * 9)

    with terminal(path) as second:
        second.wait_for("message 3")
        for task in range(3, TASKS):
            second.type("y")
            second.wait_for("Review" if task == TASKS - 1 else f"message {task + 1}")
            # The same key again at once would be taken for one that is held down.
            time.sleep(0.1)
        second.type("c")
        second.wait_for("GIVEN")
        second.wait_for(str([1, 0, None] + [1] * 9))
        assert second.process.wait(timeout=30) == 0
    assert kept() == (1, 0, SKIP, *[1] * 9)


def test_answering_ends_with_its_terminal_and_keeps_the_draft(tmp_path: Path) -> None:
    path = tmp_path / "round-7" / "x.draft.json"
    closed = terminal(path)
    try:
        closed.wait_for("message 0")
        closed.type("y")
        closed.wait_for("message 1")
        closed.close()
        closed.process.wait(timeout=30)
    finally:
        closed.kill()
    assert Draft.open(path, binary.root, TASKS, 2).marks == (1, *[None] * 11)


@pytest.mark.parametrize(
    ("count", "length", "size"),
    sampled(list(product([2, 5, 16], [8, 12, 30], [(80, 24), (79, 24), (100, 40)])), 4),
)
def test_counts_of_the_review_stand_in_whole_lines_and_none_is_missing(
    tmp_path: Path, count: int, length: int, size: tuple[int, int]
) -> None:
    names = tuple(f"{place:x}{'x' * 40}"[:length] for place in range(count))
    play = Play(tmp_path, Manifest(names, binary.tasks), size=size)
    keys = [keys[0] for keys in question_of(Kind.NOMINAL, names).hotkeys()]
    page = play.screen(*(keys[task % count] for task in range(5)), "r")
    counts = re.findall(r"(?:^ |  )(\S+) +(\d+) +(\d+)%", page, re.MULTILINE)
    assert len(counts) == count + 2, page  # and what is skipped, and what is open
    broken = [line for line in page.splitlines() if re.fullmatch(r" *\d*%? *[█▒]*", line)]
    assert [line for line in broken if line.strip()] == [], page


# ------------------------------------------------------------------------ fast hands


@pytest.mark.parametrize("keys", ["?xy", "ixy", "?xyz", "qxy", "qqqq", "g\x1b\x1b\x1b", "g3\r\r\r"])
@pytest.mark.parametrize("together", [True, False])
def test_keys_that_come_in_one_read_break_nothing(
    tmp_path: Path, keys: str, together: bool
) -> None:
    """A window closes once, whatever was typed behind the key that closes it."""
    play = Play(tmp_path)
    names = {"?": "question_mark", "\x1b": "escape", "\r": "enter"}

    async def type_fast(pilot: Answers) -> None:
        first, *rest = [events.Key(names.get(key, key), key) for key in keys]
        pilot.app.post_message(first)
        if not together:
            await pilot.pause()
        for event in rest:
            pilot.app.post_message(event)
        await pilot.pause()
        await pilot.pause()

    play.play(type_fast)
    assert play.app.return_code in (0, None)
    assert play.marks == (None,) * TASKS


def test_two_keys_after_help_in_one_read_of_a_terminal_go_on(tmp_path: Path) -> None:
    with terminal(tmp_path / "x.draft.json") as opened:
        opened.wait_for("message 0")
        for window in "?i":
            opened.type(window)
            opened.wait_for("Arrows scroll")
            opened.type("zz")
            opened.wait_for("message 0")
            # What is typed while a window closes is for the window.
            time.sleep(0.2)
        opened.type("y")
        opened.wait_for("message 1")
